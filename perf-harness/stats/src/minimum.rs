//! Where a function of one number is least.

/// The golden section.
const GOLDEN: f64 = 0.618_033_988_749_894_9;

/// Where between `low` and `high` a function is least, and its value there: the best of a grid with steps of at most one,
/// eight at least, then the golden section between its neighbours.
pub(crate) fn least(
    (low, high): (f64, f64),
    precision: f64,
    value: impl Fn(f64) -> f64,
) -> (f64, f64) {
    let steps = (high - low).ceil().max(8.0);
    let step = (high - low) / steps;
    let mut found = (low, value(low));
    let mut taken = 0.0;
    while taken < steps {
        taken += 1.0;
        let at = low + step * taken;
        let there = value(at);
        if there < found.1 {
            found = (at, there);
        }
    }
    let between = golden_section(
        (found.0 - step).max(low),
        (found.0 + step).min(high),
        precision,
        value,
    );
    if between.1 < found.1 { between } else { found }
}

fn golden_section(
    mut low: f64,
    mut high: f64,
    precision: f64,
    value: impl Fn(f64) -> f64,
) -> (f64, f64) {
    let mut left = high - GOLDEN * (high - low);
    let mut right = low + GOLDEN * (high - low);
    let (mut at_left, mut at_right) = (value(left), value(right));
    while high - low > precision {
        if at_left < at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - GOLDEN * (high - low);
            at_left = value(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + GOLDEN * (high - low);
            at_right = value(right);
        }
    }
    if at_left < at_right {
        (left, at_left)
    } else {
        (right, at_right)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deeper_of_two_valleys_is_found() {
        let value = |x: f64| (x.powi(2) - 4.0).powi(2) + 0.5 * x;
        let (at, least) = least((-9.0, 9.0), 1e-9, value);
        assert!((at + 2.0155).abs() < 1e-3 && least < -0.9, "{at} {least}");
    }

    #[test]
    fn an_end_may_be_least() {
        let (at, _) = least((1.0, 2.0), 1e-9, |x| x);
        assert!((at - 1.0).abs() < 1e-12);
    }
}

//! Student's t and the normal distribution, asked by tail: tails keep their digits where `1 - p` loses them.

use statrs::distribution::{Continuous, ContinuousCDF, Normal, StudentsT};

/// From here on t is taken as normal; the quantile differs by less than one part in 10^4 even at a tail of 10^-12.
const NORMAL_FROM: f64 = 1e6;

/// Probability that t with `degrees_of_freedom` exceeds `t`.
pub(crate) fn upper_tail(t: f64, degrees_of_freedom: f64) -> f64 {
    if degrees_of_freedom >= NORMAL_FROM {
        return normal_lower_tail(-t);
    }
    match StudentsT::new(0.0, 1.0, degrees_of_freedom) {
        Ok(student) => student.sf(t),
        Err(_) => unreachable!("degrees of freedom are checked before: {degrees_of_freedom}"),
    }
}

/// The t above which `tail` of the distribution lies; `tail` at most one half.
pub(crate) fn quantile_of_tail(tail: f64, degrees_of_freedom: f64) -> f64 {
    if degrees_of_freedom >= NORMAL_FROM {
        return normal_quantile_of_tail(tail);
    }
    let Ok(student) = StudentsT::new(0.0, 1.0, degrees_of_freedom) else {
        unreachable!("degrees of freedom are checked before: {degrees_of_freedom}")
    };
    // Newton on the tail, which keeps its digits; statrs inverts by way of y in (1 - y) / y, which loses them when degrees
    // of freedom are many. The tail is convex and the normal quantile lies below, so the steps only go up: about 5 as a
    // rule, 30 for one degree and a tail of 10^-9.
    let mut t = normal_quantile_of_tail(tail).max(0.0);
    for _ in 0..100 {
        let step = (student.sf(t) - tail) / student.pdf(t);
        t += step;
        if step.abs() <= 1e-13 * t {
            break;
        }
    }
    t
}

/// Probability that a standard normal value is at most `z`.
pub(crate) fn normal_lower_tail(z: f64) -> f64 {
    Normal::standard().cdf(z)
}

/// The z above which `tail` of the standard normal distribution lies.
pub(crate) fn normal_quantile_of_tail(tail: f64) -> f64 {
    -Normal::standard().inverse_cdf(tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantile_and_tail_undo_each_other() {
        for degrees_of_freedom in [1.0, 2.4, 8.0, 38.0, 398.0, 1e5, f64::INFINITY] {
            for tail in [0.4, 0.025, 0.005, 1e-5, 1e-9] {
                let back = upper_tail(
                    quantile_of_tail(tail, degrees_of_freedom),
                    degrees_of_freedom,
                );
                assert!(
                    (back / tail - 1.0).abs() < 1e-6,
                    "{degrees_of_freedom} {tail} {back}"
                );
            }
        }
    }

    #[test]
    fn known_quantiles() {
        // Any printed table of t.
        assert!((quantile_of_tail(0.025, 10.0) - 2.228_138_85).abs() < 1e-8);
        assert!((quantile_of_tail(0.005, 4.0) - 4.604_094_87).abs() < 1e-8);
        assert!((quantile_of_tail(0.025, f64::INFINITY) - 1.959_963_98).abs() < 1e-8);
    }

    #[test]
    fn beyond_everything_there_is_nothing() {
        assert!(upper_tail(f64::INFINITY, f64::INFINITY) < 1e-300);
        assert!((upper_tail(0.0, 5.0) - 0.5).abs() < 1e-12);
    }
}

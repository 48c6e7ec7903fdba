//! How likely a value lies below a bound, read off an interval.

use crate::Confidence;
use crate::student::{normal_lower_tail, normal_quantile_of_tail};

/// The chance that a value lies below `bound`, when its estimate is `centre` and its interval at `confidence` ends at `end`.
///
/// The interval is read as one of a normal distribution on the scale of the arguments (for ratios: their logarithms), so
/// that half its width is so many standard errors. An interval without width leaves no doubt: one or zero, and one half
/// on the bound itself. All finite; otherwise zero, so that nothing is believed.
#[must_use]
pub fn chance_below(centre: f64, end: f64, confidence: Confidence, bound: f64) -> f64 {
    if ![centre, end, bound].iter().all(|value| value.is_finite()) {
        return 0.0;
    }
    let standard_error = (end - centre).abs() / normal_quantile_of_tail(confidence.tail());
    let distance = bound - centre;
    if standard_error > 0.0 {
        normal_lower_tail(distance / standard_error)
    } else if distance.abs() > 0.0 {
        f64::from(u8::from(distance > 0.0))
    } else {
        0.5
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_an_interval_are_what_they_say() {
        let level = Confidence::new(0.95).unwrap();
        assert!((chance_below(0.0, 1.0, level, 1.0) - 0.975).abs() < 1e-9);
        assert!((chance_below(0.0, 1.0, level, -1.0) - 0.025).abs() < 1e-9);
        assert!((chance_below(0.0, 1.0, level, 0.0) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn a_wider_interval_is_less_sure() {
        let level = Confidence::P99;
        let chance = |end| chance_below(0.0, end, level, 0.1);
        assert!(chance(0.01) > chance(0.1) && chance(0.1) > chance(1.0) && chance(1.0) > 0.5);
    }

    #[test]
    fn what_is_certain_or_no_number_is_so() {
        let of = |centre, end, bound| chance_below(centre, end, Confidence::P99, bound);
        assert!((of(0.0, 0.0, 1.0) - 1.0).abs() < 1e-12);
        assert!(of(0.0, 0.0, -1.0) < 1e-12);
        assert!((of(0.0, 0.0, 0.0) - 0.5).abs() < 1e-12);
        assert!(of(f64::NAN, 0.0, 0.0) < 1e-12 && of(0.0, f64::INFINITY, 0.0) < 1e-12);
    }
}

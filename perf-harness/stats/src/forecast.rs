//! What more pairs would give: how narrow an interval, how small a change.

use crate::confidence::Confidence;
use crate::student;
use crate::values::ValueError;

/// How much of a mean's precision the centre of [`crate::paired_ratio`] has when noise is normal: three over pi. It has more
/// where tails are heavier.
const EFFICIENCY: f64 = 3.0 / std::f64::consts::PI;

/// How often a change of the size asked about is to be found.
const POWER: f64 = 0.8;

/// Half the width, log scale, to expect of the interval that [`crate::paired_ratio`] makes of so many pairs.
///
/// `spread`: standard deviation of one log-ratio, finite, not negative, as in [`crate::ChosenSummary::spread`]. By the normal
/// approximation, so it is for deciding whether to go on, not for deciding: near the fewest pairs that can make an interval at
/// all, the true one is wider. Source: Hodges & Lehmann, Annals of Mathematical Statistics 27 (1956), for the efficiency.
///
/// # Errors
///
/// [`ValueError::NotFinite`] when the spread is not usable, [`ValueError::TooFew`] without pairs.
pub fn expected_half_width(
    spread: f64,
    pairs: f64,
    confidence: Confidence,
) -> Result<f64, ValueError> {
    check(spread)?;
    if !(pairs >= 1.0 && pairs.is_finite()) {
        return Err(ValueError::TooFew {
            needed: 1,
            found: 0,
        });
    }
    let z = student::normal_quantile_of_tail(confidence.tail());
    Ok(z * spread / (EFFICIENCY * pairs).sqrt())
}

/// About how many pairs it takes until an interval is clear of the floor, four times out of five, when the change lies `beyond`
/// the floor by so much, log scale, above zero.
///
/// # Errors
///
/// [`ValueError`] when the spread or the distance is not usable.
pub fn pairs_to_see(spread: f64, beyond: f64, confidence: Confidence) -> Result<f64, ValueError> {
    check(spread)?;
    if !(beyond > 0.0 && beyond.is_finite()) {
        return Err(ValueError::NotPositive {
            index: 0,
            value: beyond,
        });
    }
    let z = student::normal_quantile_of_tail(confidence.tail())
        + student::normal_quantile_of_tail(1.0 - POWER);
    let pairs = (z * spread / beyond).powi(2) / EFFICIENCY;
    let least = crate::rank::needed_in_one_sample(confidence) as f64;
    Ok(pairs.ceil().max(least))
}

fn check(spread: f64) -> Result<(), ValueError> {
    if (0.0..=1e150).contains(&spread) {
        Ok(())
    } else {
        Err(ValueError::NotFinite {
            index: 0,
            value: spread,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(level: f64) -> Confidence {
        Confidence::new(level).unwrap()
    }

    #[test]
    fn refuses_what_would_become_a_nan() {
        for bad in [f64::NAN, f64::INFINITY, -0.1] {
            assert!(expected_half_width(bad, 10.0, at(0.99)).is_err());
            assert!(pairs_to_see(bad, 0.01, at(0.99)).is_err());
            assert!(pairs_to_see(0.01, bad, at(0.99)).is_err());
        }
        assert!(expected_half_width(0.1, 0.0, at(0.99)).is_err());
        assert!(pairs_to_see(0.01, 0.0, at(0.99)).is_err());
    }

    #[test]
    fn no_fewer_pairs_than_an_interval_needs() {
        assert!((pairs_to_see(0.0, 0.01, at(0.99)).unwrap() - 8.0).abs() < 1e-12);
    }
}

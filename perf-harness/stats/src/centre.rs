//! The median of one sample with an interval that assumes nothing about the shape of the noise.

use statrs::distribution::{Binomial, DiscreteCDF};

use crate::confidence::Confidence;
use crate::estimate::Estimate;
use crate::quantile;
use crate::rank;
use crate::values::{self, ValueError};

/// The median, between two order statistics that enclose the true median with at least this confidence.
///
/// Values: independent, any order, finite; the answer is in their unit. No shape is assumed: skew, two states and ties are
/// all allowed. Order statistics come in steps, so the coverage is above the level, with eight values and 0.95 for instance
/// 0.992; it is not interpolated down to the level (Hettmansperger & Sheather 1986), since that holds only nearly.
/// Where noise is symmetric, [`crate::hodges_lehmann_centre`] is the sharper of the two.
/// Source: Thompson, Annals of Mathematical Statistics 7 (1936). Checked in `tests/reference.rs` and `tests/coverage.rs`.
///
/// # Errors
///
/// [`ValueError::TooFew`] with the number that would do, when there are too few for the confidence (6 for 0.95, 8 for 0.99);
/// [`ValueError::NotFinite`].
pub fn interval_of_median(values: &[f64], confidence: Confidence) -> Result<Estimate, ValueError> {
    values::finite(values, rank::needed_in_one_sample(confidence))?;
    let Some(rank) = interval_rank(values.len(), confidence) else {
        return Err(ValueError::TooFew {
            needed: rank::needed_in_one_sample(confidence),
            found: values.len(),
        });
    };
    let sorted = values::sorted(values.iter().copied());
    Ok(Estimate {
        value: quantile::of_sorted(&sorted, 0.5),
        low: sorted[rank - 1],
        high: sorted[sorted.len() - rank],
        confidence,
    })
}

/// The innermost pair of order statistics. The number of values below the true median is binomial with one half.
fn interval_rank(n: usize, confidence: Confidence) -> Option<usize> {
    let below = Binomial::new(0.5, n as u64).ok()?;
    // Tails rise with the rank, so the last rank allowed is found by halving.
    let (mut allowed, mut refused) = (0, n.div_ceil(2) + 1);
    while refused - allowed > 1 {
        let rank = usize::midpoint(allowed, refused);
        if confidence.allows(below.cdf(rank as u64 - 1)) {
            allowed = rank;
        } else {
            refused = rank;
        }
    }
    (allowed > 0).then_some(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(level: f64) -> Confidence {
        Confidence::new(level).unwrap()
    }

    #[test]
    fn ranks_are_those_of_the_tables() {
        // Conover, Practical Nonparametric Statistics, table of the sign test.
        for (n, level, rank) in [
            (6, 0.95, 1),
            (8, 0.99, 1),
            (10, 0.95, 2),
            (20, 0.95, 6),
            (50, 0.95, 18),
        ] {
            assert_eq!(interval_rank(n, at(level)), Some(rank), "{n}");
        }
        assert_eq!(interval_rank(5, at(0.95)), None);
    }

    #[test]
    fn ends_are_values_and_enclose_the_median() {
        let values: Vec<f64> = (1..=10).map(f64::from).rev().collect();
        let estimate = interval_of_median(&values, at(0.95)).unwrap();
        assert!((estimate.low - 2.0).abs() < 1e-12);
        assert!((estimate.value - 5.5).abs() < 1e-12);
        assert!((estimate.high - 9.0).abs() < 1e-12);
    }

    #[test]
    fn says_how_many_would_do() {
        assert_eq!(
            interval_of_median(&[1.0; 7], at(0.99)),
            Err(ValueError::TooFew {
                needed: 8,
                found: 7
            })
        );
    }
}

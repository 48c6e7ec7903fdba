//! What a slice must be before anything is computed from it. Every public function asks here first, so that no
//! formula has to think of NaN, infinity or overflow.

use thiserror::Error;

/// Magnitudes are kept below this, so that differences, products of two and ratios stay finite.
const LARGEST: f64 = 1e150;

/// Why a slice of values cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum ValueError {
    /// There are not enough of them for what was asked.
    #[error("needs at least {needed} values, found {found}")]
    TooFew {
        /// The smallest number that would do.
        needed: usize,
        /// How many there were.
        found: usize,
    },
    /// One is infinite, not a number, or above 1e150 in magnitude.
    #[error("value {index} is {value}, which is no finite number of usable size")]
    NotFinite {
        /// Its place in the slice, from 0.
        index: usize,
        /// The value.
        value: f64,
    },
    /// One is zero, negative or below 1e-150, where a ratio is asked for.
    #[error("value {index} is {value}, but ratios need values above zero")]
    NotPositive {
        /// Its place in the slice, from 0.
        index: usize,
        /// The value.
        value: f64,
    },
}

/// At least `needed` values, each finite.
pub(crate) fn finite(values: &[f64], needed: usize) -> Result<(), ValueError> {
    at_least(values.len(), needed)?;
    match values
        .iter()
        .position(|v| !(-LARGEST..=LARGEST).contains(v))
    {
        Some(index) => Err(ValueError::NotFinite {
            index,
            value: values[index],
        }),
        None => Ok(()),
    }
}

/// At least `needed` values, each finite and above zero.
#[cfg(feature = "inference")]
pub(crate) fn positive(values: &[f64], needed: usize) -> Result<(), ValueError> {
    finite(values, needed)?;
    match values.iter().position(|&v| v < LARGEST.recip()) {
        Some(index) => Err(ValueError::NotPositive {
            index,
            value: values[index],
        }),
        None => Ok(()),
    }
}

/// Errors with [`ValueError::TooFew`] when `found` is below `needed`.
pub(crate) fn at_least(found: usize, needed: usize) -> Result<(), ValueError> {
    if found < needed {
        Err(ValueError::TooFew { needed, found })
    } else {
        Ok(())
    }
}

/// The values in rising order. Minus zero becomes zero, so that the two count as tied.
pub(crate) fn sorted(values: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.into_iter().map(|v| v + 0.0).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

/// The natural logarithm of each value.
#[cfg(feature = "inference")]
pub(crate) fn logs(values: &[f64]) -> Vec<f64> {
    values.iter().map(|v| v.ln()).collect()
}

#[cfg(all(test, feature = "inference"))]
mod tests {
    use super::*;

    #[test]
    fn names_the_first_value_that_cannot_be_used() {
        assert_eq!(finite(&[1.0, -2.0, 0.0], 3), Ok(()));
        assert_eq!(
            finite(&[1.0], 2),
            Err(ValueError::TooFew {
                needed: 2,
                found: 1
            })
        );
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e200, -1e200] {
            assert!(matches!(
                finite(&[1.0, bad], 1),
                Err(ValueError::NotFinite { index: 1, .. })
            ));
        }
        for bad in [0.0, -0.0, -1.0, 1e-300] {
            assert!(matches!(
                positive(&[bad, 1.0], 1),
                Err(ValueError::NotPositive { index: 0, .. })
            ));
        }
    }

    #[test]
    fn minus_zero_is_zero() {
        assert!(sorted([0.0, -0.0]).iter().all(|v| v.is_sign_positive()));
    }
}

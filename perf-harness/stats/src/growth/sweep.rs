//! Sizes and what each of them took, checked.

use thiserror::Error;

use super::curve::Curve;
use crate::quantile;
use crate::values::{self, ValueError};

/// The fewest sizes from which a law is read: an overhead, a factor, a power and a logarithm leave one to judge by.
pub const MIN_SIZES: usize = 5;

/// Times over sizes, from which [`Sweep::growth`] and [`Sweep::worse_than`] read.
#[derive(Debug, Clone, PartialEq)]
pub struct Sweep {
    pub(super) curve: Curve,
}

/// Why sizes and times are no sweep.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum SweepError {
    /// There are not as many lists of times as sizes.
    #[error("{sizes} sizes, but times of {times}")]
    Unpaired {
        /// How many sizes.
        sizes: usize,
        /// How many lists of times.
        times: usize,
    },
    /// A law needs more sizes.
    #[error("a law of growth needs times of at least {needed} sizes, found {found}")]
    TooFewSizes {
        /// [`MIN_SIZES`].
        needed: usize,
        /// How many there were.
        found: usize,
    },
    /// A size is below 1, or not above the one before it, or no usable number.
    #[error("size {index} is {size}: sizes must be at least 1 and each above the one before")]
    Size {
        /// Its place, from 0.
        index: usize,
        /// The size.
        size: f64,
    },
    /// A time cannot be used.
    #[error("times of size {index}: {source}")]
    Times {
        /// The place of the size, from 0.
        index: usize,
        /// What is wrong with them.
        source: ValueError,
    },
}

impl Sweep {
    /// `sizes`: at least [`MIN_SIZES`], from 1 up, each above the one before. `times`: for each size at least one value, any unit
    /// (the same for all), finite, above zero, any order.
    ///
    /// Several times of one size are brought down to their median: what repeats of one size have in common, such as where
    /// memory came to lie or which cache it fits in, they do not show in their spread, so the spread about the law is what
    /// noise is judged by. All sizes weigh the same.
    ///
    /// # Errors
    ///
    /// [`SweepError`] with the first size or time that cannot be used.
    pub fn new(sizes: &[f64], times: &[Vec<f64>]) -> Result<Self, SweepError> {
        if sizes.len() != times.len() {
            return Err(SweepError::Unpaired {
                sizes: sizes.len(),
                times: times.len(),
            });
        }
        values::at_least(sizes.len(), MIN_SIZES).map_err(|_| SweepError::TooFewSizes {
            needed: MIN_SIZES,
            found: sizes.len(),
        })?;
        check_sizes(sizes)?;
        let mut log_times = Vec::with_capacity(times.len());
        for (index, of_size) in times.iter().enumerate() {
            values::positive(of_size, 1).map_err(|source| SweepError::Times { index, source })?;
            log_times.push(quantile::median_of(of_size.iter().copied()).ln());
        }
        Ok(Self {
            curve: Curve {
                sizes: sizes.to_vec(),
                log_times,
            },
        })
    }
}

fn check_sizes(sizes: &[f64]) -> Result<(), SweepError> {
    let mut before = 0.0;
    for (index, &size) in sizes.iter().enumerate() {
        let usable = values::finite(&[size], 1).is_ok() && size >= 1.0 && size > before;
        if !usable {
            return Err(SweepError::Size { index, size });
        }
        before = size;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ones(count: usize) -> Vec<Vec<f64>> {
        vec![vec![1.0]; count]
    }

    #[test]
    fn what_is_no_sweep_is_refused() {
        assert!(Sweep::new(&[1.0, 2.0, 3.0, 4.0, 5.0], &ones(5)).is_ok());
        assert_eq!(
            Sweep::new(&[1.0, 2.0], &ones(3)),
            Err(SweepError::Unpaired { sizes: 2, times: 3 })
        );
        assert_eq!(
            Sweep::new(&[1.0, 2.0, 3.0, 4.0], &ones(4)),
            Err(SweepError::TooFewSizes {
                needed: 5,
                found: 4
            })
        );
        for bad in [0.5, 2.0, 1.5, -3.0, f64::INFINITY, 1e200] {
            let sizes = [1.0, 2.0, bad, 400.0, 500.0];
            assert_eq!(
                Sweep::new(&sizes, &ones(5)),
                Err(SweepError::Size {
                    index: 2,
                    size: bad
                })
            );
        }
        for bad in [vec![], vec![0.0], vec![1.0, f64::NAN]] {
            let mut times = ones(5);
            times[3] = bad;
            assert!(matches!(
                Sweep::new(&[1.0, 2.0, 3.0, 4.0, 5.0], &times),
                Err(SweepError::Times { index: 3, .. })
            ));
        }
    }
}

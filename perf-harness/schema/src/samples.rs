//! Samples, launch by launch, small enough for git.
//!
//! A value is stored as an integer number of quanta above the smallest one. The quantum is a power of ten, at most
//! 1/10 000 of the median, so the rounding error is at most 0.005 % of it: below what any machine repeats.

use serde::{Deserialize, Serialize};

/// Values by launch, quantised. Every value is finite and not negative.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Samples {
    exponent: i16,
    base: u64,
    launches: Vec<Vec<u64>>,
}

/// The stored shape.
#[derive(Clone, Serialize, Deserialize)]
struct Wire {
    /// Power of ten of the quantum.
    exponent: i16,
    /// The smallest value, in quanta.
    base: u64,
    /// What each value has above `base`, in quanta, one list per launch.
    launches: Vec<Vec<u64>>,
}

/// Why values cannot be stored.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum QuantiseError {
    /// No launch holds a value.
    #[error("there is no sample")]
    Empty,
    /// A value is negative, infinite or not a number.
    #[error("{0} is not a measured value: it must be finite and not negative")]
    NotAValue(f64),
    /// The values differ by more than a 64-bit integer can span, or a stored exponent is absurd.
    #[error("the values span too wide a range to be stored")]
    Range,
}

/// Exponents outside this range do not come from measuring anything.
const EXPONENTS: std::ops::RangeInclusive<i16> = -30..=30;

impl Samples {
    /// Quantises `launches`. Launches without a sample are dropped.
    ///
    /// # Errors
    /// When there is no value at all, or one that is negative, infinite or not a number.
    pub fn quantise(launches: &[Vec<f64>]) -> Result<Self, QuantiseError> {
        let mut all: Vec<f64> = launches.iter().flatten().copied().collect();
        if let Some(&bad) = all.iter().find(|v| !v.is_finite() || **v < 0.0) {
            return Err(QuantiseError::NotAValue(bad));
        }
        all.sort_by(f64::total_cmp);
        let (&smallest, &middle) = all
            .first()
            .zip(all.get(all.len() / 2))
            .ok_or(QuantiseError::Empty)?;
        let exponent = exponent_for(if middle > 0.0 {
            middle
        } else {
            *all.last().unwrap_or(&0.0)
        })?;
        let base = in_quanta(smallest, exponent)?;
        let launches = launches
            .iter()
            .filter(|launch| !launch.is_empty())
            .map(|launch| {
                launch
                    .iter()
                    .map(|&v| Ok(in_quanta(v, exponent)? - base))
                    .collect()
            })
            .collect::<Result<_, QuantiseError>>()?;
        Ok(Self {
            exponent,
            base,
            launches,
        })
    }

    /// The values, one list per launch, in the order they were measured.
    #[must_use]
    pub fn launches(&self) -> Vec<Vec<f64>> {
        self.launches
            .iter()
            .map(|launch| launch.iter().map(|&delta| self.value(delta)).collect())
            .collect()
    }

    /// How many launches there are.
    #[must_use]
    pub fn launch_count(&self) -> usize {
        self.launches.len()
    }

    fn value(&self, delta: u64) -> f64 {
        // Dividing by an exact power of ten rounds once; multiplying by 10^-n would round twice.
        let quanta = (self.base + delta) as f64;
        let scale = 10f64.powi(i32::from(self.exponent.abs()));
        if self.exponent < 0 {
            quanta / scale
        } else {
            quanta * scale
        }
    }
}

/// The exponent that leaves five significant digits to a value of this size.
fn exponent_for(typical: f64) -> Result<i16, QuantiseError> {
    if typical <= 0.0 {
        return Ok(0);
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the logarithm of a finite number is within ±324"
    )]
    let exponent = typical.log10().floor() as i16 - 4;
    if EXPONENTS.contains(&exponent) {
        Ok(exponent)
    } else {
        Err(QuantiseError::Range)
    }
}

fn in_quanta(value: f64, exponent: i16) -> Result<u64, QuantiseError> {
    let scale = 10f64.powi(i32::from(exponent.abs()));
    let quanta = (if exponent < 0 {
        value * scale
    } else {
        value / scale
    })
    .round();
    if quanta > 9e15 {
        return Err(QuantiseError::Range);
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked: 0 <= quanta <= 9e15"
    )]
    Ok(quanta as u64)
}

impl TryFrom<Wire> for Samples {
    type Error = QuantiseError;

    fn try_from(
        Wire {
            exponent,
            base,
            launches,
        }: Wire,
    ) -> Result<Self, QuantiseError> {
        if launches.iter().all(Vec::is_empty) {
            return Err(QuantiseError::Empty);
        }
        let widest = launches.iter().flatten().max().copied().unwrap_or(0);
        if !EXPONENTS.contains(&exponent)
            || base
                .checked_add(widest)
                .is_none_or(|top| top > 9_000_000_000_000_000)
        {
            return Err(QuantiseError::Range);
        }
        let launches = launches
            .into_iter()
            .filter(|launch| !launch.is_empty())
            .collect();
        Ok(Self {
            exponent,
            base,
            launches,
        })
    }
}

impl From<Samples> for Wire {
    fn from(
        Samples {
            exponent,
            base,
            launches,
        }: Samples,
    ) -> Self {
        Self {
            exponent,
            base,
            launches,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_within_half_a_ten_thousandth_of_the_median() {
        for scale in [1e-3, 0.37, 1.0, 12.5, 1e6, 3e12] {
            let launches = vec![vec![scale, scale * 1.01], vec![scale * 1.6]];
            let back = Samples::quantise(&launches).unwrap().launches();
            for (was, is) in launches.iter().flatten().zip(back.iter().flatten()) {
                assert!(
                    (was - is).abs() <= scale * 1.01 * 0.5e-4,
                    "{was} came back as {is}"
                );
            }
        }
    }

    #[test]
    fn whole_numbers_of_five_digits_are_exact() {
        let launches = vec![vec![12_345.0, 12_346.0, 99_999.0]];
        assert_eq!(Samples::quantise(&launches).unwrap().launches(), launches);
    }

    #[test]
    fn a_true_zero_is_kept_as_zero() {
        assert_eq!(
            Samples::quantise(&[vec![0.0, 0.0]]).unwrap().launches(),
            [[0.0, 0.0]]
        );
        assert_eq!(
            Samples::quantise(&[vec![0.0, 0.0, 5.0]])
                .unwrap()
                .launches(),
            [[0.0, 0.0, 5.0]]
        );
    }

    #[test]
    fn what_was_not_measured_cannot_be_stored() {
        assert_eq!(Samples::quantise(&[]), Err(QuantiseError::Empty));
        assert_eq!(Samples::quantise(&[vec![]]), Err(QuantiseError::Empty));
        assert_eq!(
            Samples::quantise(&[vec![-1.0]]),
            Err(QuantiseError::NotAValue(-1.0))
        );
        assert!(Samples::quantise(&[vec![f64::NAN]]).is_err());
        assert!(Samples::quantise(&[vec![1.0, f64::INFINITY]]).is_err());
    }

    #[test]
    fn a_record_of_one_second_of_measuring_stays_small() {
        let launches: Vec<Vec<f64>> = (0..40)
            .map(|l| {
                (0..5)
                    .map(|s| 1000.0 + f64::from(l * 7 % 13) + f64::from(s))
                    .collect()
            })
            .collect();
        let text = serde_json::to_string(&Samples::quantise(&launches).unwrap()).unwrap();
        assert!(text.len() <= 1024, "{} bytes", text.len());
    }

    #[test]
    fn a_damaged_text_is_an_error_and_never_a_wrong_number() {
        for text in [
            r#"{"exponent":0,"base":1,"launches":[]}"#,
            r#"{"exponent":99,"base":1,"launches":[[0]]}"#,
            r#"{"exponent":0,"base":18446744073709551615,"launches":[[1]]}"#,
            r#"{"exponent":0,"base":-1,"launches":[[0]]}"#,
        ] {
            assert!(serde_json::from_str::<Samples>(text).is_err(), "{text}");
        }
    }
}

//! Samples, launch by launch, small enough for git.
//!
//! A value is stored as an integer number of quanta above the smallest one. The quantum is a power of ten: for what is
//! noisy at most 1/10 000 of the median, so that the rounding error is at most 0.005 % of it, below what any machine
//! repeats; for what is exact, one of which every value is a whole number.

mod compact;
mod deltas;

use serde::{Deserialize, Serialize};

use deltas::Deltas;

/// Values by launch, quantised. Every value is finite and not negative.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Samples {
    exponent: i16,
    base: u64,
    launches: Deltas,
}

/// The stored shape.
#[derive(Clone, Serialize, Deserialize)]
struct Wire {
    /// Power of ten of the quantum.
    exponent: i16,
    /// The smallest value, in quanta.
    base: u64,
    /// What each value has above `base`, in quanta, one list per launch.
    launches: Deltas,
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
    /// The values are or differ by more than the integers of a double can span, or a stored exponent is absurd.
    #[error("the values are too large, or span too wide a range, to be stored")]
    Range,
    /// Bytes that are not samples.
    #[error("the bytes are not samples")]
    Bytes,
}

/// Exponents outside this range do not come from measuring anything.
const EXPONENTS: std::ops::RangeInclusive<i16> = -30..=30;

/// Digits that every double keeps.
const DIGITS: i16 = 15;

impl Samples {
    /// Quantises `launches`. Launches without a sample are dropped.
    ///
    /// # Errors
    /// When there is no value at all, or one that is negative, infinite or not a number.
    pub fn quantise(launches: &[Vec<f64>]) -> Result<Self, QuantiseError> {
        let smallest = check(launches)?;
        let mut all: Vec<f64> = launches.iter().flatten().copied().collect();
        all.sort_by(f64::total_cmp);
        let middle = all.get(all.len() / 2).copied().unwrap_or(smallest);
        let exponent = exponent_for(if middle > 0.0 {
            middle
        } else {
            *all.last().unwrap_or(&0.0)
        })?;
        Self::in_quanta(launches, smallest, exponent)
    }

    /// Keeps `launches` as they are. Launches without a sample are dropped.
    ///
    /// Whole numbers come back exactly up to 9 × 10^15, others if they have up to fifteen digits. Of one with more (a third)
    /// fifteen digits are kept, the same ones each time.
    ///
    /// # Errors
    /// As for [`quantise`](Self::quantise), and when a value is larger than that.
    pub fn exactly(launches: &[Vec<f64>]) -> Result<Self, QuantiseError> {
        let smallest = check(launches)?;
        let mut closest = Self::in_quanta(launches, smallest, 0)?;
        for decimals in 1..=DIGITS {
            if closest.is(launches) {
                break;
            }
            match Self::in_quanta(launches, smallest, -decimals) {
                Ok(closer) => closest = closer,
                Err(_) => break,
            }
        }
        Ok(closest)
    }

    /// Whether the values that come back are `launches`.
    fn is(&self, launches: &[Vec<f64>]) -> bool {
        let kept = launches.iter().filter(|launch| !launch.is_empty());
        self.launches().iter().eq(kept)
    }

    fn in_quanta(
        launches: &[Vec<f64>],
        smallest: f64,
        exponent: i16,
    ) -> Result<Self, QuantiseError> {
        let base = in_quanta(smallest, exponent)?;
        let mut deltas = Deltas::default();
        for launch in launches {
            deltas.add(launch.iter().map(|&v| Ok(in_quanta(v, exponent)? - base)))?;
        }
        Ok(Self {
            exponent,
            base,
            launches: deltas,
        })
    }

    /// The values, one list per launch, in the order they were measured.
    #[must_use]
    pub fn launches(&self) -> Vec<Vec<f64>> {
        self.each_launch().map(Iterator::collect).collect()
    }

    /// The values of each launch, as [`launches`](Self::launches) has them, without a list for each: those of a million results
    /// would cost more than what is made of them.
    pub fn each_launch(&self) -> impl Iterator<Item = impl Iterator<Item = f64>> {
        let lists = self.launches.lists();
        lists.map(|launch| launch.iter().map(|&delta| self.value(delta)))
    }

    /// How many launches there are.
    #[must_use]
    pub fn launch_count(&self) -> usize {
        self.launches.lists().len()
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

/// The smallest of values that can be stored.
fn check(launches: &[Vec<f64>]) -> Result<f64, QuantiseError> {
    let all = || launches.iter().flatten().copied();
    if let Some(bad) = all().find(|v| !v.is_finite() || *v < 0.0) {
        return Err(QuantiseError::NotAValue(bad));
    }
    all().reduce(f64::min).ok_or(QuantiseError::Empty)
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
        let widest = launches.largest().ok_or(QuantiseError::Empty)?;
        if !EXPONENTS.contains(&exponent)
            || base
                .checked_add(widest)
                .is_none_or(|top| top > 9_000_000_000_000_000)
        {
            return Err(QuantiseError::Range);
        }
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
    fn what_is_exact_comes_back_exactly() {
        for launches in [
            vec![vec![3.0], vec![3.0]],
            vec![vec![1_234_567_890.0, 1_234_567_891.0]],
            vec![vec![0.0], vec![9e15]],
            // Means of whole numbers over up to sixteen iterations, and what a person would type.
            vec![vec![17.0 + 5.0 / 16.0], vec![2_000_000_000.5]],
            vec![vec![0.37, 12.001]],
        ] {
            let samples = Samples::exactly(&launches).unwrap();
            assert_eq!(samples.launches(), launches);
            let text = serde_json::to_string(&samples).unwrap();
            let read: Samples = serde_json::from_str(&text).unwrap();
            assert_eq!(read.launches(), launches, "{text}");
        }
    }

    #[test]
    fn what_has_no_end_is_kept_to_fifteen_digits_and_the_same_each_time() {
        for value in [1.0 / 3.0, 1e6 / 7.0, std::f64::consts::PI * 1e12] {
            let once = Samples::exactly(&[vec![value]]).unwrap();
            let often = Samples::exactly(&[vec![value], vec![value, value]]).unwrap();
            assert_eq!(once.launches()[0], often.launches()[0]);
            let error = (once.launches()[0][0] - value).abs() / value;
            assert!(error < 1e-14, "{value}: {error}");
        }
    }

    #[test]
    fn exact_values_that_are_not_values_or_too_large_are_refused() {
        assert_eq!(Samples::exactly(&[vec![]]), Err(QuantiseError::Empty));
        assert!(Samples::exactly(&[vec![1.0, f64::NAN]]).is_err());
        assert_eq!(Samples::exactly(&[vec![1e16]]), Err(QuantiseError::Range));
    }

    #[test]
    fn exact_values_take_little_room() {
        let samples = Samples::exactly(&vec![vec![1e9]; 5]).unwrap();
        let text = serde_json::to_string(&samples).unwrap();
        assert_eq!(
            text,
            r#"{"exponent":0,"base":1000000000,"launches":[[0],[0],[0],[0],[0]]}"#
        );
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

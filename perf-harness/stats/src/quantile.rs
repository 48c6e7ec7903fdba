//! Quantiles and the spread that is read from them. Order statistics only; no interval is made here.

use thiserror::Error;

use crate::values::{self, ValueError};

/// Makes a median absolute deviation estimate the standard deviation of normal noise: the reciprocal of the normal
/// distribution's 75 % quantile.
pub(crate) const MAD_TO_SD: f64 = 1.482_602_218_505_602;

/// Why no quantile can be given.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum QuantileError {
    /// The values cannot be used.
    #[error(transparent)]
    Values(#[from] ValueError),
    /// The fraction asked for is not between 0 and 1.
    #[error("a quantile's fraction must lie between 0 and 1, not {0}")]
    NotAFraction(f64),
}

/// The quantile below which the fraction `q` of the values lies, linear between order statistics.
///
/// Values: at least one, any order, finite; the answer is in their unit. `q`: 0 for the smallest, 1 for the largest.
/// Source: Hyndman & Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50 (1996), type 7.
/// Checked in `tests/reference.rs`.
///
/// # Errors
///
/// [`QuantileError`] when there is no value, one is not finite, or `q` is not a fraction.
pub fn quantile(values: &[f64], q: f64) -> Result<f64, QuantileError> {
    values::finite(values, 1)?;
    fraction(q)?;
    Ok(of_sorted(&values::sorted(values.iter().copied()), q))
}

/// [`quantile`] of values already in rising order, for those who ask for several.
///
/// # Errors
///
/// As for [`quantile`]. That the values are in order is not checked in a release build.
pub fn quantile_of_sorted(sorted: &[f64], q: f64) -> Result<f64, QuantileError> {
    values::finite(sorted, 1)?;
    fraction(q)?;
    debug_assert!(sorted.is_sorted(), "quantile_of_sorted wants sorted values");
    Ok(of_sorted(sorted, q))
}

/// The middle value, or the mean of the two middle ones.
///
/// Values: at least one, any order, finite; the answer is in their unit.
///
/// # Errors
///
/// [`ValueError`] when there is no value or one is not finite.
pub fn median(values: &[f64]) -> Result<f64, ValueError> {
    values::finite(values, 1)?;
    Ok(median_of(values.iter().copied()))
}

/// The same of values that need not stay in their order, without a copy of them.
///
/// # Errors
///
/// As for [`median`].
pub fn median_in_place(values: &mut [f64]) -> Result<f64, ValueError> {
    values::finite(values, 1)?;
    Ok(median_among(values))
}

/// The median distance of the values from their median, as it is.
///
/// Values: at least one, any order, finite; the answer is in their unit, and 0 when more than half of them are equal.
/// Source: Hampel, "The Influence Curve and its Role in Robust Estimation", JASA 69 (1974). Checked in
/// `tests/reference.rs`.
///
/// # Errors
///
/// [`ValueError`] when there is no value or one is not finite.
pub fn median_absolute_deviation(values: &[f64]) -> Result<f64, ValueError> {
    let centre = median(values)?;
    Ok(median_of(values.iter().map(|v| (v - centre).abs())))
}

/// [`median_absolute_deviation`] times 1.4826, which makes it comparable to the standard deviation of normal noise.
///
/// # Errors
///
/// As for [`median_absolute_deviation`].
pub fn scaled_median_absolute_deviation(values: &[f64]) -> Result<f64, ValueError> {
    Ok(MAD_TO_SD * median_absolute_deviation(values)?)
}

/// The median of checked values, of which there is at least one.
///
/// Selected, not sorted: of the distances of thirty launches there are 435, and a comparison asks for thousands of medians.
pub(crate) fn median_of(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    median_among(&mut values)
}

/// The median of checked values, of which there is at least one; they change places.
fn median_among(values: &mut [f64]) -> f64 {
    let is_odd = values.len() % 2 == 1;
    let middle = (values.len() - 1) / 2;
    let (_, &mut below, rest) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let above = rest.iter().copied().min_by(f64::total_cmp);
    match above {
        // As a quantile: never past the upper neighbour, whatever is rounded.
        Some(above) if !is_odd => (below + 0.5 * (above - below)).min(above),
        _ => below,
    }
}

/// The quantile of checked, sorted values, of which there is at least one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a position within the slice: not negative, and below its length"
)]
pub(crate) fn of_sorted(sorted: &[f64], q: f64) -> f64 {
    let last = sorted.len() - 1;
    let position = q * last as f64;
    let below = (position.floor() as usize).min(last);
    let above = (below + 1).min(last);
    let weight = position - position.floor();
    // Never past the upper neighbour, whatever is rounded.
    (sorted[below] + weight * (sorted[above] - sorted[below])).min(sorted[above])
}

fn fraction(q: f64) -> Result<(), QuantileError> {
    if (0.0..=1.0).contains(&q) {
        Ok(())
    } else {
        Err(QuantileError::NotAFraction(q))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&[3.0]), Ok(3.0));
        assert_eq!(median(&[4.0, 1.0]), Ok(2.5));
        assert_eq!(median(&[9.0, 1.0, 5.0]), Ok(5.0));
        assert_eq!(
            median(&[]),
            Err(ValueError::TooFew {
                needed: 1,
                found: 0
            })
        );
    }

    #[test]
    fn quantiles_reach_both_ends_and_go_straight_between() {
        let values = [40.0, 10.0, 30.0, 20.0, 50.0];
        for (q, want) in [
            (0.0, 10.0),
            (0.25, 20.0),
            (0.5, 30.0),
            (0.625, 35.0),
            (1.0, 50.0),
        ] {
            assert_eq!(quantile(&values, q), Ok(want));
        }
        assert_eq!(quantile_of_sorted(&[1.0, 2.0], 0.5), Ok(1.5));
    }

    #[test]
    fn a_fraction_is_asked_for() {
        for q in [-0.1, 1.1, f64::NAN] {
            assert!(matches!(
                quantile(&[1.0], q),
                Err(QuantileError::NotAFraction(_))
            ));
        }
    }

    #[test]
    fn deviation_ignores_one_outlier() {
        assert_eq!(
            median_absolute_deviation(&[1.0, 2.0, 3.0, 4.0, 1e9]),
            Ok(1.0)
        );
        assert_eq!(scaled_median_absolute_deviation(&[7.0, 7.0, 7.0]), Ok(0.0));
    }
}

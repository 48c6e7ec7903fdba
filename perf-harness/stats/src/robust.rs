//! How far values scatter, read so that a few wild ones, or a level that moves, do not decide it.

use crate::quantile::{self, MAD_TO_SD};
use crate::values::{self, ValueError};

/// The shortest series from which noise between runs is learned. With fewer than eight points the answer is wrong by a
/// factor of two too often to be of use.
pub const MIN_SERIES: usize = 8;

/// Degrees of freedom that one adjacent difference is worth. The robust estimate varies as much as a sample standard
/// deviation with this share of the degrees of freedom: 0.36 of each at 8 points, 0.33 at 16, 0.31 from 50 on (simulated, normal noise).
const DEGREES_PER_DIFFERENCE: f64 = 0.3;

/// Makes the median distance of two independent normal values estimate their standard deviation: 1.4826 over the square
/// root of two.
const DIFFERENCE_TO_SD: f64 = MAD_TO_SD * std::f64::consts::FRAC_1_SQRT_2;

/// A standard deviation and how well it is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The standard deviation.
    pub sd: f64,
    /// Degrees of freedom of `sd`; infinite when it is known exactly.
    pub degrees_of_freedom: f64,
}

impl Spread {
    /// No noise of this kind, as between sides that took turns in one session.
    pub const NONE: Self = Self::known(0.0);

    /// A standard deviation that is certain.
    #[must_use]
    pub const fn known(sd: f64) -> Self {
        Self {
            sd,
            degrees_of_freedom: f64::INFINITY,
        }
    }
}

/// The standard deviation of one point of a series about its neighbours, blind to steps and slow drift.
///
/// `series`: in order of time, finite; for noise between sessions the logarithm of each session's centre. The answer is
/// in their unit: the median distance of adjacent points times 1.0484 (1.4826 to make a median distance a normal standard
/// deviation, over √2 because two points differ). One step in the code spoils one difference, not the answer. The median has a
/// price: noise that strikes fewer than half of the differences, such as a machine that is rarely slow, does not
/// show, so let an alarm be confirmed side by side. 0 when more than half of the adjacent points are equal.
/// Source: differences of neighbours, von Neumann, Kent, Bellinson & Hart, Annals of Mathematical Statistics 12 (1941); their median as in
/// Hampel, JASA 69 (1974). Checked in `tests/reference.rs` and `tests/screen_coverage.rs`.
///
/// # Errors
///
/// [`ValueError::TooFew`] below [`MIN_SERIES`] points; [`ValueError::NotFinite`].
pub fn adjacent_difference_sd(series: &[f64]) -> Result<Spread, ValueError> {
    values::finite(series, MIN_SERIES)?;
    let distances = series.windows(2).map(|pair| (pair[1] - pair[0]).abs());
    Ok(Spread {
        sd: DIFFERENCE_TO_SD * quantile::median_of(distances),
        degrees_of_freedom: DEGREES_PER_DIFFERENCE * (series.len() - 1) as f64,
    })
}

/// The standard deviation of values in no order: the median distance of any two, times 1.0484.
///
/// Values: at least two, finite; the answer is in their unit. Up to 29 % of wild values do not break it, and it is 0 only when
/// about 70 % are equal, where the median absolute deviation is 0 from one half on: launches that mostly repeat to the
/// nanosecond still show their lucky and unlucky ones. For normal noise it is 86 % as efficient as the sample standard deviation.
/// Source: Shamos, "Geometry and Statistics" (1976); Bickel & Lehmann, "Descriptive Statistics for Nonparametric Models IV" (1979).
/// Checked in `tests/reference.rs`.
///
/// # Errors
///
/// [`ValueError::TooFew`] below two values; [`ValueError::NotFinite`].
pub fn pairwise_difference_sd(values: &[f64]) -> Result<f64, ValueError> {
    values::finite(values, 2)?;
    Ok(pairwise_sd(values))
}

/// [`pairwise_difference_sd`] of checked values.
pub(crate) fn pairwise_sd(values: &[f64]) -> f64 {
    let distances = values
        .iter()
        .enumerate()
        .flat_map(|(i, a)| values[i + 1..].iter().map(move |b| (a - b).abs()));
    DIFFERENCE_TO_SD * quantile::median_of(distances)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_not_noise() {
        let noise = [0.0, 1.0, 0.5, -0.5, 0.2, 0.9, -0.3, 0.4, 0.1, -0.6];
        let flat = adjacent_difference_sd(&noise).unwrap();
        let stepped: Vec<f64> = (0..10)
            .map(|i| noise[i] + if i < 5 { 0.0 } else { 100.0 })
            .collect();
        let stepped = adjacent_difference_sd(&stepped).unwrap();
        assert!(stepped.sd < 1.5 * flat.sd);
        assert!(flat.sd > 0.4 && flat.sd < 1.2);
        assert!((flat.degrees_of_freedom - 2.7).abs() < 1e-12);
    }

    #[test]
    fn a_short_series_teaches_nothing() {
        assert_eq!(
            adjacent_difference_sd(&[1.0; 7]),
            Err(ValueError::TooFew {
                needed: 8,
                found: 7
            })
        );
    }

    #[test]
    fn two_states_are_seen_where_the_deviation_from_the_median_sees_one() {
        let launches = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.3, 1.3, 1.3, 1.3];
        assert!(crate::median_absolute_deviation(&launches).unwrap() < 1e-12);
        assert!(pairwise_difference_sd(&launches).unwrap() > 0.1);
    }
}

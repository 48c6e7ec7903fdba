//! Slow drift: a slope that a few wild runs do not decide.

use thiserror::Error;

use crate::confidence::Confidence;
use crate::estimate::Estimate;
use crate::quantile;
use crate::robust::MIN_SERIES;
use crate::student;
use crate::values::{self, ValueError};

/// Longer series are condensed to at most so many groups of runs, so that slopes between any two stay within some 16 MB.
const MOST_RUNS: usize = 2000;

/// How a series drifts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drift {
    /// Units of the values per unit of the positions.
    pub slope: Estimate,
    /// Two-sided, against "no trend": Mann's and Kendall's test.
    pub p_value: f64,
    /// The share of the variance that a straight line by least squares takes away, from 0 to 1; 0 when the values do not vary.
    pub r_squared: f64,
}

/// Why no drift can be read.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum DriftError {
    /// There are not as many positions as values.
    #[error("{positions} positions, but {values} values")]
    Unpaired {
        /// How many positions.
        positions: usize,
        /// How many values.
        values: usize,
    },
    /// All runs have one position.
    #[error("all runs have the same position, so nothing can drift")]
    OnePosition,
    /// The positions cannot be used.
    #[error("position: {0}")]
    Positions(#[source] ValueError),
    /// The values cannot be used.
    #[error(transparent)]
    Values(#[from] ValueError),
}

/// The slope of a series: the median of all slopes between two runs.
///
/// `positions`: when each run was, for instance days or places in history, in order of time; equal ones allowed. `series`: of each run a finite
/// value, independent of the others; take logarithms for a relative drift. At least
/// [`MIN_SERIES`](crate::MIN_SERIES) runs. Interval and p-value rest on the normal approximation of Kendall's S, with ties in both;
/// the p-value is corrected for continuity. Up to 29 % of wild runs do not break the slope. Time and memory grow with the square
/// of the number of runs up to 2,000; of longer series runs that follow each other count together, by their median. A step is no drift: look for [`crate::change_points`] first, and at the runs since the last of them.
/// Source: Theil, Proceedings of the KNAW A 53 (1950); Sen, JASA 63 (1968); Mann, Econometrica 13 (1945); Kendall, Rank Correlation
/// Methods (1975). Checked in `tests/reference_laws.rs` and `tests/steps.rs`.
///
/// # Errors
///
/// [`DriftError`] when positions and values do not pair, are too few or not finite, or all positions are one.
pub fn drift(
    positions: &[f64],
    series: &[f64],
    confidence: Confidence,
) -> Result<Drift, DriftError> {
    if positions.len() != series.len() {
        return Err(DriftError::Unpaired {
            positions: positions.len(),
            values: series.len(),
        });
    }
    values::finite(series, MIN_SERIES)?;
    values::finite(positions, MIN_SERIES).map_err(DriftError::Positions)?;
    let (at, values) = (condensed(positions), condensed(series));
    let (mut slopes, concordance) = slopes(&at, &values);
    if slopes.is_empty() {
        return Err(DriftError::OnePosition);
    }
    let sd = concordance_sd(&at, &values);
    let half = student::normal_quantile_of_tail(confidence.tail()) * sd;
    Ok(Drift {
        slope: median_with_ends(&mut slopes, half, confidence),
        p_value: p_value(concordance, sd),
        r_squared: r_squared(positions, series),
    })
}

/// The values, or the medians of groups of neighbours when there are more than [`MOST_RUNS`].
fn condensed(values: &[f64]) -> Vec<f64> {
    let group = values.len().div_ceil(MOST_RUNS);
    values
        .chunks(group)
        .map(|group| quantile::median_of(group.iter().copied()))
        .collect()
}

/// The slopes between any two runs with different positions, and Kendall's S: how many more rise than fall.
fn slopes(positions: &[f64], series: &[f64]) -> (Vec<f64>, f64) {
    let mut slopes = Vec::with_capacity(series.len() * (series.len() - 1) / 2);
    let (mut rising, mut falling) = (0_u64, 0_u64);
    for later in 1..series.len() {
        for earlier in 0..later {
            let apart = positions[later] - positions[earlier];
            if apart.abs() > 0.0 {
                let slope = (series[later] - series[earlier]) / apart;
                rising += u64::from(slope > 0.0);
                falling += u64::from(slope < 0.0);
                slopes.push(slope);
            }
        }
    }
    (slopes, rising as f64 - falling as f64)
}

/// The standard deviation of Kendall's S without a trend.
fn concordance_sd(positions: &[f64], series: &[f64]) -> f64 {
    let term = |n: f64| n * (n - 1.0) * (2.0 * n + 5.0);
    let ties = |values: &[f64]| {
        let sorted = values::sorted(values.iter().copied());
        sorted
            .chunk_by(|a, b| a.total_cmp(b).is_eq())
            .map(|group| term(group.len() as f64))
            .sum::<f64>()
    };
    let all = term(series.len() as f64) - ties(positions) - ties(series);
    (all.max(0.0) / 18.0).sqrt()
}

fn p_value(concordance: f64, sd: f64) -> f64 {
    let beyond = (concordance.abs() - 1.0).max(0.0);
    if sd > 0.0 && beyond > 0.0 {
        (2.0 * student::normal_lower_tail(-beyond / sd)).min(1.0)
    } else {
        1.0
    }
}

/// The median, and the slopes as many places from it as S may stray by chance, half of it either way.
fn median_with_ends(slopes: &mut [f64], half: f64, confidence: Confidence) -> Estimate {
    let count = slopes.len() as f64;
    let last = slopes.len() - 1;
    let low = place(((count - half) / 2.0).round_ties_even() - 1.0, last);
    let high = place(((count + half) / 2.0).round_ties_even(), last);
    let middle = slopes.len() / 2;
    let at_middle = *slopes.select_nth_unstable_by(middle, f64::total_cmp).1;
    let (below, above) = slopes.split_at_mut(middle);
    let before_middle = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let value = if count % 2.0 > 0.0 {
        at_middle
    } else {
        f64::midpoint(before_middle, at_middle)
    };
    // The halves hold what lies below and above, so the ends are looked for in one of them only.
    let mut nth = |at: usize| {
        if at < middle {
            *below.select_nth_unstable_by(at, f64::total_cmp).1
        } else {
            *above.select_nth_unstable_by(at - middle, f64::total_cmp).1
        }
    };
    Estimate {
        value,
        low: nth(low).min(value),
        high: nth(high).max(value),
        confidence,
    }
}

fn place(at: f64, last: usize) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not below zero, whole, and cut to the number of slopes"
    )]
    let at = at.max(0.0) as usize;
    at.min(last)
}

fn r_squared(positions: &[f64], series: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().map(|v| v / values.len() as f64).sum::<f64>();
    let (mean_x, mean_y) = (mean(positions), mean(series));
    let pairs = || {
        positions
            .iter()
            .map(|x| x - mean_x)
            .zip(series.iter().map(|y| y - mean_y))
    };
    let of = |product: &dyn Fn(f64, f64) -> f64| pairs().map(|(x, y)| product(x, y)).sum::<f64>();
    let (xx, yy, xy) = (of(&|x, _| x * x), of(&|_, y| y * y), of(&|x, y| x * y));
    let share = (xy / xx.sqrt() / yy.sqrt()).powi(2);
    if share.is_finite() {
        share.min(1.0)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_a_wild_run_is_its_slope() {
        let positions: Vec<f64> = (0..20).map(f64::from).collect();
        let mut series: Vec<f64> = positions.iter().map(|x| 3.0 + 0.5 * x).collect();
        series[7] = 1e6;
        let found = drift(&positions, &series, Confidence::P95).unwrap();
        assert!((found.slope.value - 0.5).abs() < 1e-9, "{found:?}");
        assert!(found.slope.low > 0.0 && found.p_value < 1e-6);
        assert!(found.r_squared < 0.1);
    }

    #[test]
    fn a_long_series_is_condensed() {
        let positions: Vec<f64> = (0..7000).map(f64::from).collect();
        let series: Vec<f64> = positions
            .iter()
            .map(|x| 0.25 * x + (x * 7.0).sin())
            .collect();
        let found = drift(&positions, &series, Confidence::P95).unwrap();
        assert!((found.slope.value - 0.25).abs() < 1e-5, "{found:?}");
        assert_eq!(condensed(&positions).len(), 1750);
    }

    #[test]
    fn what_does_not_vary_does_not_drift() {
        let positions: Vec<f64> = (0..9).map(f64::from).collect();
        let found = drift(&positions, &[2.0; 9], Confidence::P95).unwrap();
        assert!(found.slope.value.abs() < 1e-12 && found.slope.high.abs() < 1e-12);
        assert!((found.p_value - 1.0).abs() < 1e-12 && found.r_squared.abs() < 1e-12);
    }

    #[test]
    fn what_has_no_slope_is_refused() {
        let eight = [1.0; 8];
        let of = |positions: &[f64], series: &[f64]| drift(positions, series, Confidence::P95);
        assert_eq!(of(&eight, &eight), Err(DriftError::OnePosition));
        assert_eq!(
            of(&eight, &eight[1..]),
            Err(DriftError::Unpaired {
                positions: 8,
                values: 7
            })
        );
        assert!(matches!(
            of(&eight[1..], &eight[1..]),
            Err(DriftError::Values(ValueError::TooFew {
                needed: 8,
                found: 7
            }))
        ));
        let mut bad = eight;
        bad[3] = f64::NAN;
        assert!(matches!(of(&bad, &eight), Err(DriftError::Positions(_))));
    }
}

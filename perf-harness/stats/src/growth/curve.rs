//! Curves `a + b·f(n)` through times, by least squares on logarithms.
//!
//! The factor in front drops out (it is the mean of the residuals), so what is searched is one number, the overhead as a
//! multiple of the rest at the largest size. A curve bends the wrong way nowhere, and a grid before the golden section keeps
//! out of side valleys; no start has to be guessed and nothing can diverge.

use super::law::Law;
use crate::minimum;

/// Overheads are looked at from this many e-folds below the smallest time that the law gives, to as many above the largest.
/// What lies beyond is near none, or nothing but overhead, which are looked at as well.
const MARGIN: f64 = 4.0;

/// An overhead of e^-60 of the largest time is none.
const SMALLEST_LOG_OVERHEAD: f64 = -60.0;

/// An exponential must grow by this factor over the sizes seen, as a logarithm; a slower one is a line.
const LEAST_EXPONENTIAL: f64 = std::f64::consts::LN_10;

/// And no exponential grows by more than this, as a logarithm: a nanosecond to a century.
const MOST_EXPONENTIAL: f64 = 42.0;

/// How closely overheads and powers are found. The value there is flat, so it is known far better.
pub(super) const PRECISION: f64 = 1e-4;

/// Sizes, rising, and the logarithm of the time of each.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve {
    pub(super) sizes: Vec<f64>,
    pub(super) log_times: Vec<f64>,
}

impl Curve {
    pub(super) fn len(&self) -> usize {
        self.sizes.len()
    }

    fn largest(&self) -> f64 {
        self.sizes[self.len() - 1]
    }

    /// Some of the sizes.
    pub(super) fn part(&self, kept: std::ops::Range<usize>) -> Self {
        Self {
            sizes: self.sizes[kept.clone()].to_vec(),
            log_times: self.log_times[kept].to_vec(),
        }
    }

    /// The same sizes with the times that a law alone would give.
    pub(super) fn of_law(&self, law: Law) -> Option<Self> {
        let log_times: Option<Vec<f64>> = self.sizes.iter().map(|&n| law.log_shape(n)).collect();
        let mut ideal = Self {
            sizes: self.sizes.clone(),
            log_times: log_times?,
        };
        // The law is zero at size 1 where it has a logarithm; nothing can be read from that size.
        let usable = |at: &usize| ideal.log_times[*at].is_finite();
        let kept: Vec<usize> = (0..self.len()).filter(usable).collect();
        ideal.sizes = kept.iter().map(|&at| self.sizes[at]).collect();
        ideal.log_times = kept.iter().map(|&at| ideal.log_times[at]).collect();
        Some(ideal)
    }

    /// The sum of squared residuals of a law, with the overhead that fits best among those that leave at least the share
    /// `least_share` of the time at the largest size to the law.
    pub(super) fn misfit_of_law(&self, law: Law, least_share: f64) -> f64 {
        let most_overhead = (least_share.recip() - 1.0).ln();
        match law {
            Law::Constant => squares_about_mean(self.log_times.iter().copied()),
            Law::Exponential => {
                let span = self.largest() - self.sizes[0];
                let misfit = |log_growth: f64| {
                    let rate = log_growth.exp() / span;
                    self.misfit(|n| (n - self.largest()) * rate, most_overhead)
                };
                let ends = (LEAST_EXPONENTIAL.ln(), MOST_EXPONENTIAL.ln());
                minimum::least(ends, PRECISION, misfit).1
            }
            _ => {
                let shape = |n: f64| law.log_shape(n).unwrap_or(0.0);
                let at_largest = shape(self.largest());
                self.misfit(|n| shape(n) - at_largest, most_overhead)
            }
        }
    }

    /// The same for `a + b·f(n)·n^power`, where `f` is a law that has no unknown.
    pub(super) fn misfit_of_power(&self, law: Law, power: f64) -> f64 {
        let shape = |n: f64| law.log_shape(n).unwrap_or(0.0) + power * n.ln();
        // What falls with size is largest at the smallest; what is zero there is not.
        let most = self
            .sizes
            .iter()
            .map(|&n| shape(n))
            .fold(f64::MIN, f64::max);
        self.misfit(|n| shape(n) - most, f64::INFINITY)
    }

    /// Slope and its sum of squared residuals of logarithms on logarithms: a power law without overhead.
    pub(super) fn straight_line(&self) -> Line {
        let logs: Vec<f64> = self.sizes.iter().map(|n| n.ln()).collect();
        let (mean_x, mean_y) = (mean(&logs), mean(&self.log_times));
        let spread: f64 = logs.iter().map(|x| (x - mean_x).powi(2)).sum();
        let slope = logs
            .iter()
            .zip(&self.log_times)
            .map(|(x, y)| (x - mean_x) * (y - mean_y))
            .sum::<f64>()
            / spread;
        let residuals = logs.iter().zip(&self.log_times).map(|(x, y)| y - slope * x);
        Line {
            slope,
            misfit: squares_about_mean(residuals),
            spread,
        }
    }

    /// The least sum of squared residuals over overheads up to e^`most_overhead` times the law's part at its largest.
    /// `log_shape` is at most 0, the logarithm of the law's part at a size over that at its largest.
    fn misfit(&self, log_shape: impl Fn(f64) -> f64, most_overhead: f64) -> f64 {
        let logs: Vec<f64> = self.sizes.iter().map(|&n| log_shape(n)).collect();
        let shares: Vec<f64> = logs.iter().map(|log| log.exp()).collect();
        let with_overhead = |log_overhead: f64| {
            let overhead = log_overhead.exp();
            squares_about_mean(
                self.log_times
                    .iter()
                    .zip(&shares)
                    .map(|(time, share)| time - (overhead + share).ln()),
            )
        };
        let smallest = logs.iter().copied().fold(0.0, f64::min);
        let low = (smallest - MARGIN).max(SMALLEST_LOG_OVERHEAD);
        let mut found =
            minimum::least((low, most_overhead.min(MARGIN)), PRECISION, with_overhead).1;
        if most_overhead > MARGIN {
            found = found.min(squares_about_mean(self.log_times.iter().copied()));
        }
        if smallest.is_finite() {
            let pure = self.log_times.iter().zip(&logs).map(|(t, log)| t - log);
            found = found.min(squares_about_mean(pure));
        }
        found
    }
}

/// A straight line through logarithms.
pub(super) struct Line {
    pub(super) slope: f64,
    pub(super) misfit: f64,
    /// Sum of squared distances of the logarithms of sizes from their mean.
    pub(super) spread: f64,
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn squares_about_mean(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let (count, sum) = values
        .clone()
        .fold((0.0, 0.0), |(count, sum), value| (count + 1.0, sum + value));
    let mean: f64 = sum / count;
    values.map(|value| (value - mean).powi(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(time: impl Fn(f64) -> f64) -> Curve {
        let sizes: Vec<f64> = (0..10).map(|i| 10.0 * 2.0_f64.powi(i)).collect();
        Curve {
            log_times: sizes.iter().map(|&n| time(n).ln()).collect(),
            sizes,
        }
    }

    #[test]
    fn a_law_with_any_overhead_is_found_again() {
        for overhead in [0.0, 1e-3, 30.0, 1e4, 1e8] {
            for law in &Law::ALL[1..6] {
                let log_shape = |n| law.log_shape(n).unwrap();
                let made = curve(|n| overhead + f64::exp(log_shape(n)));
                let misfit = made.misfit_of_law(*law, f64::MIN_POSITIVE);
                assert!(misfit < 1e-6, "{law} {overhead}: {misfit}");
            }
        }
        let made = curve(|n| 5.0 + 1.004_f64.powf(n));
        assert!(made.misfit_of_law(Law::Exponential, f64::MIN_POSITIVE) < 1e-6);
    }

    #[test]
    fn an_overhead_above_its_limit_is_not_taken() {
        let made = curve(|n| 3.0 + n / 5120.0);
        assert!(made.misfit_of_law(Law::Linear, 0.24) < 1e-6);
        assert!(made.misfit_of_law(Law::Linear, 0.5) > 0.1);
    }

    #[test]
    fn a_straight_line_has_its_slope() {
        let line = curve(|n| 7.0 * n.powf(1.5)).straight_line();
        assert!((line.slope - 1.5).abs() < 1e-12 && line.misfit < 1e-20);
    }
}

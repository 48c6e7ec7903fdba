//! The law's logarithm, and least squares through it with bounds.

use super::levels::Level;

/// Pairs that cost more than this are not looked for: with two workers the throughput would be a tenth of one's.
const LARGEST_COHERENCE: f64 = 10.0;

/// Damping beyond which no step makes anything better.
const MOST_DAMPING: f64 = 1e6;

/// A step that gains no more than this share of the squares is the last.
const ENOUGH: f64 = 1e-13;

const MOST_STEPS: u32 = 500;

/// Starts of the search: shares and costs of a pair from none to heavy.
const STARTS: [(f64, f64); 6] = [
    (0.0, 0.0),
    (0.02, 0.0),
    (0.02, 1e-3),
    (0.2, 1e-4),
    (0.2, 0.02),
    (0.7, 1e-3),
];

/// ln λ, σ, κ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Parameters(pub(super) [f64; 3]);

/// The place of each in [`Parameters`].
pub(super) const LOG_LAMBDA: usize = 0;
pub(super) const SIGMA: usize = 1;
pub(super) const KAPPA: usize = 2;

/// What each parameter may be.
pub(super) const BOUNDS: [(f64, f64); 3] = [
    (f64::NEG_INFINITY, f64::INFINITY),
    (0.0, 1.0),
    (0.0, LARGEST_COHERENCE),
];

impl Parameters {
    /// By how much `workers` fall short of as many times one.
    pub(super) fn slowdown(&self, workers: f64) -> f64 {
        let others = workers - 1.0;
        1.0 + self.0[SIGMA] * others + self.0[KAPPA] * workers * others
    }

    pub(super) fn log_throughput(&self, workers: f64) -> f64 {
        self.0[LOG_LAMBDA] + (workers / self.slowdown(workers)).ln()
    }

    /// How many of them lie between their bounds. The others were not chosen by the data.
    pub(super) fn free(&self) -> usize {
        let inside = |(value, (low, high)): (&f64, (f64, f64))| *value > low && *value < high;
        self.0
            .iter()
            .zip(BOUNDS)
            .filter(|&pair| inside(pair))
            .count()
    }

    /// The squared distances from the levels, each as often as it was repeated.
    pub(super) fn squares(&self, levels: &[Level]) -> f64 {
        levels
            .iter()
            .map(|level| level.repeats * (level.log - self.log_throughput(level.workers)).powi(2))
            .sum()
    }
}

/// The parameters with the least squares, from several starts.
pub(super) fn fit(levels: &[Level]) -> Parameters {
    let from = |(sigma, kappa): (f64, f64)| {
        let mut start = Parameters([0.0, sigma, kappa]);
        start.0[LOG_LAMBDA] = mean_distance(&start, levels);
        descend(start, None, levels)
    };
    STARTS
        .into_iter()
        .map(from)
        .min_by(|a, b| a.squares(levels).total_cmp(&b.squares(levels)))
        .unwrap_or(Parameters([0.0; 3]))
}

/// The parameters with the least squares, one of them held where it is; from what fits without that.
pub(super) fn fit_with(held: usize, at: f64, best: &Parameters, levels: &[Level]) -> Parameters {
    let from = |sigma_kappa: Option<(f64, f64)>| {
        let mut start = *best;
        if let Some((sigma, kappa)) = sigma_kappa {
            start = Parameters([start.0[LOG_LAMBDA], sigma, kappa]);
        }
        start.0[held] = at;
        if held != LOG_LAMBDA {
            start.0[LOG_LAMBDA] += mean_distance(&start, levels);
        }
        descend(start, Some(held), levels)
    };
    [None, Some((0.02, 0.0)), Some((0.2, 0.02))]
        .into_iter()
        .map(from)
        .min_by(|a, b| a.squares(levels).total_cmp(&b.squares(levels)))
        .unwrap_or(*best)
}

/// How far levels lie above the curve, on average.
pub(super) fn mean_distance(parameters: &Parameters, levels: &[Level]) -> f64 {
    let (sum, weight) = levels.iter().fold((0.0, 0.0), |(sum, weight), level| {
        let distance = level.log - parameters.log_throughput(level.workers);
        (sum + level.repeats * distance, weight + level.repeats)
    });
    sum / weight
}

/// Levenberg's and Marquardt's steps, kept within bounds. A parameter that lies on its bound and is pulled beyond it rests.
fn descend(start: Parameters, held: Option<usize>, levels: &[Level]) -> Parameters {
    let mut at = start;
    let mut squares = at.squares(levels);
    let mut damping = 1e-3;
    for _ in 0..MOST_STEPS {
        let (pull, curvature) = slopes(&at, levels);
        let rests = |i: usize| {
            let (low, high) = BOUNDS[i];
            held == Some(i)
                || (at.0[i] <= low && pull[i] < 0.0)
                || (at.0[i] >= high && pull[i] > 0.0)
        };
        let rests = [rests(0), rests(1), rests(2)];
        let step = solve(&curvature, &pull, rests, damping);
        let mut next = at;
        for i in 0..3 {
            let (low, high) = BOUNDS[i];
            next.0[i] = (at.0[i] + step[i]).clamp(low, high);
        }
        let reached = next.squares(levels);
        if reached < squares {
            let gained = squares - reached;
            (at, squares) = (next, reached);
            damping = (damping / 8.0).max(1e-9);
            if gained <= ENOUGH * squares {
                break;
            }
        } else {
            damping *= 10.0;
            if damping > MOST_DAMPING {
                break;
            }
        }
    }
    at
}

/// Half the downward slope of the squares in each parameter, and half their curvature (Gauss).
fn slopes(at: &Parameters, levels: &[Level]) -> ([f64; 3], [[f64; 3]; 3]) {
    let mut pull = [0.0; 3];
    let mut curvature = [[0.0; 3]; 3];
    for level in levels {
        let slowdown = at.slowdown(level.workers);
        let others = level.workers - 1.0;
        let slope = [1.0, -others / slowdown, -level.workers * others / slowdown];
        let distance = level.log - at.log_throughput(level.workers);
        for i in 0..3 {
            pull[i] += level.repeats * slope[i] * distance;
            for j in 0..3 {
                curvature[i][j] += level.repeats * slope[i] * slope[j];
            }
        }
    }
    (pull, curvature)
}

/// The step of the parameters that do not rest: Gaussian elimination of a positive matrix, its diagonal raised.
fn solve(curvature: &[[f64; 3]; 3], pull: &[f64; 3], rests: [bool; 3], damping: f64) -> [f64; 3] {
    let mut rows = [[0.0; 4]; 3];
    for i in 0..3 {
        for j in 0..3 {
            let counts = !rests[i] && !rests[j];
            rows[i][j] = if counts { curvature[i][j] } else { 0.0 };
        }
        rows[i][3] = if rests[i] { 0.0 } else { pull[i] };
        rows[i][i] = if rests[i] {
            1.0
        } else {
            curvature[i][i] * (1.0 + damping) + f64::MIN_POSITIVE
        };
    }
    for pivot in 0..3 {
        for below in pivot + 1..3 {
            let factor = rows[below][pivot] / rows[pivot][pivot];
            let above = rows[pivot];
            for (cell, over) in rows[below].iter_mut().zip(above).skip(pivot) {
                *cell -= factor * over;
            }
        }
    }
    let mut step = [0.0; 3];
    for i in (0..3).rev() {
        let known: f64 = (i + 1..3).map(|j| rows[i][j] * step[j]).sum();
        let value = (rows[i][3] - known) / rows[i][i];
        step[i] = if value.is_finite() { value } else { 0.0 };
    }
    step
}

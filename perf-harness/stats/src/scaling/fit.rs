//! The law's parameters with intervals, the best level and the knee.

use statrs::distribution::{ContinuousCDF, FisherSnedecor};

use super::levels::{Levels, ScalingError};
use super::model::{self, BOUNDS, KAPPA, LOG_LAMBDA, Parameters, SIGMA};
use crate::confidence::Confidence;
use crate::estimate::Estimate;
use crate::{minimum, student};

/// The fewest levels: three unknowns, and one to judge by.
pub const MIN_LEVELS: usize = 4;

/// From this share of the best throughput on, more workers are not worth it: the knee.
const KNEE: f64 = 0.9;

/// Below this probability repeats are taken to say that the law does not hold.
const MISFIT: f64 = 0.05;

/// Throughput is not known better than this, whatever a few levels that lie on a curve pretend.
const LEAST_SCATTER: f64 = 1e-4;

/// No best level is looked for beyond this many workers.
const MOST_WORKERS: f64 = 1e9;

/// What the Universal Scalability Law says of throughputs by level.
#[derive(Debug, Clone, PartialEq)]
pub struct Scaling {
    /// Throughput of one worker, λ, in the unit given.
    pub lambda: Estimate,
    /// Contention, σ: the share of the work that only one can do at a time. From 0 to 1.
    pub sigma: Estimate,
    /// Coherence, κ: what each pair of workers costs to agree, as a share of the work. From 0 up.
    pub kappa: Estimate,
    /// The level at which throughput is highest, `sqrt((1 - σ) / κ)`, as a real number from 1 up. None when the interval of κ holds 0: then the
    /// data do not show that throughput ever falls.
    pub best_level: Option<Estimate>,
    /// The smallest level with at least 90 % of the highest throughput that the law gives up to the largest level measured.
    pub knee: u32,
    /// How far throughputs scatter about the law, as a share (one standard deviation).
    pub scatter: f64,
    /// The probability that repeats scatter so little beside the distances of levels from the law, if it holds; None without
    /// repeats. Below 0.05 the law does not describe these data, and the intervals are those of the distances alone.
    pub p_of_fit: Option<f64>,
}

impl Scaling {
    /// Throughput that the law gives at a level.
    #[must_use]
    pub fn throughput(&self, level: u32) -> f64 {
        f64::from(level) * self.lambda.value * self.efficiency(level)
    }

    /// What a worker does at a level as a share of what it does alone; 1 for perfect scaling.
    #[must_use]
    pub fn efficiency(&self, level: u32) -> f64 {
        let law = Parameters([0.0, self.sigma.value, self.kappa.value]);
        law.slowdown(f64::from(level)).recip()
    }
}

/// The Universal Scalability Law, `X(N) = λN / (1 + σ(N - 1) + κN(N - 1))`, fitted to throughputs.
///
/// `levels`: how many worked at once, at least [`MIN_LEVELS`], each above the one before. `throughputs`: of each level at least one
/// value, any unit (the same for all), finite, above zero, any order; repeats of a level are independent. Least squares on
/// logarithms, since noise is relative, σ between 0 and 1, κ not below 0. Intervals are those of the profile likelihood, which
/// keep to the bounds and are as lopsided as the data. Where repeats scatter less than the levels about the law (F test at 5 %),
/// only the levels count as observations.
/// Source: Gunther, Guerrilla Capacity Planning (2007), ch. 4–6; Bates & Watts, Nonlinear Regression Analysis (1988), ch. 3 and 6.
/// Checked in `tests/reference_laws.rs` and `tests/scaling.rs`.
///
/// # Errors
///
/// [`ScalingError`] with the first level or throughput that cannot be used.
pub fn scaling(
    levels: &[u32],
    throughputs: &[Vec<f64>],
    confidence: Confidence,
) -> Result<Scaling, ScalingError> {
    let levels = Levels::new(levels, throughputs)?;
    let best = model::fit(&levels.levels);
    let noise = Noise::about(&best, &levels);
    let profile = Profile {
        levels: &levels,
        best,
        allowed: best.squares(&levels.levels) + noise.excess(confidence),
    };
    let kappa = profile.interval(KAPPA, confidence);
    let log_lambda = profile.interval(LOG_LAMBDA, confidence);
    Ok(Scaling {
        lambda: Estimate {
            value: log_lambda.value.exp(),
            low: log_lambda.low.exp(),
            high: log_lambda.high.exp(),
            confidence,
        },
        sigma: profile.interval(SIGMA, confidence),
        best_level: (kappa.low > 0.0).then(|| profile.best_level(confidence)),
        kappa,
        knee: knee(&best, levels.levels[levels.levels.len() - 1].workers),
        scatter: noise.variance.sqrt(),
        p_of_fit: noise.p_of_fit,
    })
}

/// The variance of a throughput's logarithm about the law.
struct Noise {
    variance: f64,
    freedom: f64,
    p_of_fit: Option<f64>,
}

impl Noise {
    fn about(best: &Parameters, levels: &Levels) -> Self {
        let between = best.squares(&levels.levels);
        let freedom_between = (levels.levels.len() - best.free()) as f64;
        let p_of_fit = (levels.freedom_within > 0.0).then(|| {
            let within = levels.within / levels.freedom_within;
            let ratio = between / freedom_between / within.max(LEAST_SCATTER.powi(2));
            FisherSnedecor::new(freedom_between, levels.freedom_within)
                .map_or(1.0, |null| null.sf(ratio))
        });
        let (squares, freedom) = match p_of_fit {
            Some(p) if p >= MISFIT => (
                between + levels.within,
                freedom_between + levels.freedom_within,
            ),
            _ => (between, freedom_between),
        };
        Self {
            variance: (squares / freedom).max(LEAST_SCATTER.powi(2)),
            freedom,
            p_of_fit,
        }
    }

    /// By how much squares may exceed the least ones with one parameter elsewhere.
    fn excess(&self, confidence: Confidence) -> f64 {
        student::quantile_of_tail(confidence.tail(), self.freedom).powi(2) * self.variance
    }
}

/// Where each parameter may be when the others do their best.
struct Profile<'a> {
    levels: &'a Levels,
    best: Parameters,
    allowed: f64,
}

impl Profile<'_> {
    fn interval(&self, of: usize, confidence: Confidence) -> Estimate {
        let excluded = |at: f64| {
            let held = model::fit_with(of, at, &self.best, &self.levels.levels);
            held.squares(&self.levels.levels) > self.allowed
        };
        let value = self.best.0[of];
        let (low, high) = BOUNDS[of];
        // A step that any data resolve; it doubles until it is too far.
        let step = 1e-6;
        Estimate {
            value,
            low: edge(value, low, step, excluded),
            high: edge(value, high, step, excluded),
            confidence,
        }
    }

    /// The interval of the best level: κ is what makes it so, whatever σ is.
    fn best_level(&self, confidence: Confidence) -> Estimate {
        let squares = |log_level: f64| {
            let at_sigma = |sigma: f64| {
                let kappa = (1.0 - sigma) * (-2.0 * log_level).exp();
                let mut law = Parameters([0.0, sigma, kappa]);
                law.0[LOG_LAMBDA] = model::mean_distance(&law, &self.levels.levels);
                law.squares(&self.levels.levels)
            };
            minimum::least((0.0, 1.0), 1e-7, at_sigma).1
        };
        let excluded = |log_level: f64| squares(log_level) > self.allowed;
        let value = best_level(&self.best).ln();
        let high = MOST_WORKERS.ln();
        Estimate {
            value: value.exp().max(1.0),
            low: edge(value, -high, 1e-6, excluded).exp().max(1.0),
            high: edge(value, high, 1e-6, excluded).exp().max(1.0),
            confidence,
        }
    }
}

/// Where throughput is highest; so far away that it does not matter when nothing makes it fall.
fn best_level(law: &Parameters) -> f64 {
    if law.0[KAPPA] <= 0.0 {
        return MOST_WORKERS;
    }
    let level = ((1.0 - law.0[SIGMA]) / law.0[KAPPA]).sqrt();
    level.clamp(MOST_WORKERS.recip(), MOST_WORKERS)
}

/// The smallest level with [`KNEE`] of the highest throughput up to `largest`. Throughput rises up to the best level, so halving finds it.
fn knee(law: &Parameters, largest: f64) -> u32 {
    let throughput = |level: u32| law.log_throughput(f64::from(level));
    let peak = best_level(law).clamp(1.0, largest);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 1 and a level that was given as u32"
    )]
    let (below, above) = (peak.floor() as u32, peak.ceil() as u32);
    let best = if throughput(above) > throughput(below) {
        above
    } else {
        below
    };
    let enough = throughput(best) + KNEE.ln();
    let (mut short, mut reaches) = (0, best);
    while reaches - short > 1 {
        let middle = u32::midpoint(short, reaches);
        if throughput(middle) >= enough {
            reaches = middle;
        } else {
            short = middle;
        }
    }
    reaches
}

/// The farthest point from `inside` towards `end` that is not excluded: steps double until one is, then halves are taken.
fn edge(inside: f64, end: f64, step: f64, excluded: impl Fn(f64) -> bool) -> f64 {
    let towards = if end < inside { -1.0 } else { 1.0 };
    let mut kept = inside;
    let mut reach = step;
    let mut lost = loop {
        let at = inside + towards * reach;
        let beyond = (end - at) * towards <= 0.0;
        let at = if beyond { end } else { at };
        if excluded(at) {
            break at;
        }
        if beyond || reach > MOST_WORKERS {
            return at;
        }
        kept = at;
        reach *= 2.0;
    };
    for _ in 0..30 {
        let middle = f64::midpoint(lost, kept);
        if excluded(middle) {
            lost = middle;
        } else {
            kept = middle;
        }
    }
    kept
}

//! What it would take to see a small change of a benchmark, from a run of pairs.

use std::time::Duration;

use perf_runner::{End, PairedRun};

use super::estimate::Estimate;
use super::metrics::wall;
use super::rule::PairedRule;

/// How well pairs of launches repeat, and what a decision about a change as large as the margin takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forecast {
    /// How far the log-ratios of pairs lie apart: a standard deviation.
    pub spread: f64,
    /// About how many pairs of launches it takes.
    pub pairs: f64,
    /// How long that many take, on each side.
    pub time: Duration,
}

/// The forecast for the wall time of a run; `None` where too little was measured.
#[must_use]
pub fn forecast(run: &PairedRun, rule: &PairedRule) -> Option<Forecast> {
    let estimate = Estimate::of(&wall(run), &rule.levels(End::Enough, 1), rule).ok()?;
    // No decision is made before the first look.
    let pairs = estimate
        .pairs_needed()?
        .max(f64::from(rule.settings(0).min_pairs));
    let each = run.spent.as_secs_f64() / run.launches.len().max(1) as f64;
    Some(Forecast {
        spread: estimate.spread,
        pairs,
        time: Duration::try_from_secs_f64(each * pairs).ok()?,
    })
}

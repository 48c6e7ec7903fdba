//! How a level slides, and when it would cross a budget.

use perf_schema::BudgetKind;
use perf_stats::{Confidence, Drift, drift, median};
use serde::Serialize;

use super::examine::Spot;

/// More runs than this are taken together with their neighbours, by their median: slopes between any two grow with the square.
const MOST: usize = 250;

const DAY: f64 = 86_400.0;

/// Forecasts beyond so many times what was seen are no forecasts.
const FURTHEST: f64 = 10.0;

/// A relative change per unit, with its interval (99 %): 0.001 is a tenth of a per cent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Track {
    /// The estimate.
    pub value: f64,
    /// Ends of the interval.
    pub interval: (f64, f64),
}

/// How the newest level slides.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Slope {
    /// Relative change with each commit.
    pub per_commit: Track,
    /// Relative change with each day; absent where times of commits do not rise.
    pub per_day: Option<Track>,
    /// The share of the variance that a straight line takes away.
    pub r_squared: f64,
    /// The chance of as much of a trend without any, two-sided, by itself.
    pub p_value: f64,
    /// Runs it rests on.
    pub runs: usize,
    /// What it comes to from the first of these runs to the last, as a ratio.
    pub over_all: f64,
    /// Whether it stands among all series, and goes beyond what is not spoken of.
    pub drifts: bool,
}

/// When a budget would be crossed if the slope goes on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Forecast {
    /// The budget, in the metric's unit.
    pub budget: f64,
    /// Commits from now.
    pub commits: f64,
    /// The soonest and, if there is one, the latest, by the slope's interval.
    pub between: (f64, Option<f64>),
    /// Days from now; absent where commits have no rising times.
    pub days: Option<f64>,
}

/// The slope of runs of one level. `None` below eight, or where a value is zero.
pub(super) fn slope(spots: &[Spot]) -> Option<Slope> {
    let logs: Vec<f64> = spots.iter().map(|spot| spot.value.ln()).collect();
    let places: Vec<f64> = spots.iter().map(|spot| spot.position as f64).collect();
    let found = of(&places, &logs)?;
    let first = spots.first()?.committed;
    let days: Option<Vec<f64>> = spots
        .iter()
        .map(|spot| Some((spot.committed? - first?) as f64 / DAY))
        .collect();
    let per_day = days
        .and_then(|days| of(&days, &logs))
        .map(|found| track(&found));
    let span = places.last()? - places.first()?;
    Some(Slope {
        per_commit: track(&found),
        per_day,
        r_squared: found.r_squared,
        p_value: found.p_value,
        runs: spots.len(),
        over_all: (found.slope.value * span).exp(),
        drifts: false,
    })
}

fn of(places: &[f64], logs: &[f64]) -> Option<Drift> {
    drift(&condensed(places), &condensed(logs), Confidence::P99).ok()
}

/// The medians of groups of neighbours.
fn condensed(values: &[f64]) -> Vec<f64> {
    let groups = values.chunks(values.len().div_ceil(MOST).max(1));
    groups.filter_map(|group| median(group).ok()).collect()
}

fn track(drift: &Drift) -> Track {
    Track {
        value: drift.slope.value.exp_m1(),
        interval: (drift.slope.low.exp_m1(), drift.slope.high.exp_m1()),
    }
}

/// When `level` crosses `budget`, the most or the least that is allowed. `None` where it never does: without a drift towards it, or not
/// within ten times the commits that the slope was seen over; and where it has already.
pub(super) fn forecast(
    level: f64,
    (kind, budget): (BudgetKind, f64),
    slope: &Slope,
    seen: usize,
) -> Option<Forecast> {
    let (low, high) = slope.per_commit.interval;
    // The way to the budget counts as forward; the end of the interval that goes there faster gets there sooner.
    let (forward, sooner, later) = match kind {
        BudgetKind::AtMost => (1.0, high, low),
        BudgetKind::AtLeast => (-1.0, low, high),
    };
    let left = forward * (budget / level).ln();
    let reach = |track: f64| {
        let per_unit = forward * track.ln_1p();
        (per_unit > 0.0).then(|| left / per_unit)
    };
    if !slope.drifts || !left.is_finite() || left <= 0.0 {
        return None;
    }
    let commits = reach(slope.per_commit.value).filter(|&n| n <= FURTHEST * seen as f64)?;
    Some(Forecast {
        budget,
        commits,
        between: (reach(sooner).unwrap_or(commits), reach(later)),
        days: slope.per_day.and_then(|track| reach(track.value)),
    })
}

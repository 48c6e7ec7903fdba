//! One series by itself: its newest stretch, and where its level changes.

use perf_schema::{Better, Meaning, Unit};
use perf_stats::{ChangeRule, change_points, median};
use serde::Serialize;

use super::TrendRule;
use crate::compare::{DecisionRule, Policy};
use crate::series::{Mark, Point, PointCommit, Series, SeriesKey};

/// The newest runs that may together be on a new level before they are a change point.
pub(super) const TAIL: usize = 8;

/// A point of the newest stretch that has a figure, without its names.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    /// The value, in the series' unit.
    pub value: f64,
    /// Half its interval, log scale; absent where there is none.
    pub error: Option<f64>,
    /// Its place on the line.
    pub position: usize,
    /// Committer time, seconds since 1970 UTC.
    pub committed: Option<i64>,
}

/// A lasting change of level, or what may become one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// New level over old; absent where the old one is zero.
    pub ratio: Option<f64>,
    /// Its interval (99 %), where there are runs enough for one.
    pub interval: Option<(f64, f64)>,
    /// The chance of a split as clear anywhere in an unchanged series, at most; absent for what is exact.
    pub p_value: Option<f64>,
    /// Whether too few runs have followed for it to be certain.
    pub provisional: bool,
    /// Why it was accepted, if somebody agreed to it.
    pub accepted: Option<String>,
    /// The last commit that is on the old level beyond doubt: what is to blame came after it.
    pub after: Option<PointCommit>,
    /// The first commit that is on the new level beyond doubt: what is to blame came with it or before.
    pub by: Option<PointCommit>,
    /// Commits that may be to blame: those after the one, up to the other.
    pub commits: usize,
    /// Place of the first run on the new level among the spots.
    #[serde(skip)]
    pub at: usize,
}

/// How the runs of a series went, all of its stretches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Runs {
    /// Runs of commits on the line.
    pub executions: usize,
    /// Points, all launches of which went well.
    pub passed: usize,
    /// Points at which a launch failed.
    pub failed: usize,
}

/// A series, looked at by itself.
#[derive(Clone, Debug)]
pub struct Examined {
    /// What it is of.
    pub key: SeriesKey,
    /// What it is counted in.
    pub unit: Unit,
    /// Which direction is good.
    pub better: Better,
    /// Whether the same code must give the same value each time.
    pub exact: bool,
    /// Points of the newest stretch that have a figure, oldest first.
    pub spots: Vec<Spot>,
    /// Its steps, as far as it is by itself.
    pub steps: Vec<Step>,
    /// The chance that an unchanged series shows as clear a step; for the correction over many series.
    pub p_value: Option<f64>,
    /// The relative change that is not spoken of.
    pub floor: f64,
    /// The newest point of all, with a figure or without.
    pub newest: Option<Point>,
    /// The newest point that has a figure.
    pub latest: Option<Point>,
    /// The commits of the newest spots, newest first: [`TAIL`] of them, and the one before.
    pub tail: Vec<Option<PointCommit>>,
    /// The marks at which the stretch begins, if others came before.
    pub begins_with: Vec<Mark>,
    /// How the runs went.
    pub runs: Runs,
}

/// Looks at a series; `None` for one that is shown as context only, and never judged.
#[must_use]
pub fn examine(series: &Series, rule: &TrendRule) -> Option<Examined> {
    let meaning = Meaning {
        unit: series.unit.clone(),
        better: series.better,
        exact: series.exact,
    };
    let floor = match DecisionRule::screen().policy(&series.key.metric, &meaning) {
        Policy::Context => return None,
        Policy::Exact => 0.0,
        Policy::Noisy { floor, .. } => floor.relative.max(rule.change.floor),
    };
    let stretch = series.newest_stretch();
    let measured: Vec<&Point> = stretch.iter().filter(|p| p.figure.is_some()).collect();
    let spots: Vec<Spot> = measured.iter().filter_map(|point| spot(point)).collect();
    let floor = floor.max(doubt(&spots));
    let (steps, p_value) = if series.exact {
        (exact_steps(&measured, &spots), None)
    } else {
        noisy_steps(&measured, &spots, rule, floor)
    };
    let tail = measured.iter().rev().take(TAIL + 1);
    let begins = stretch.first().map(|point| point.marks.clone());
    Some(Examined {
        key: series.key.clone(),
        unit: series.unit.clone(),
        better: series.better,
        exact: series.exact,
        steps,
        p_value,
        floor,
        newest: series.points.last().cloned(),
        latest: series.latest().map(|(point, _)| point.clone()),
        tail: tail.map(|point| point.commit.clone()).collect(),
        begins_with: begins.unwrap_or_default(),
        runs: runs(&series.points),
        spots,
    })
}

fn runs(points: &[Point]) -> Runs {
    let failed = points.iter().filter(|point| point.failed > 0).count();
    let ran = points
        .iter()
        .filter(|point| point.passed + point.failed > 0);
    Runs {
        executions: points.iter().map(|point| point.records.len()).sum(),
        passed: ran.count() - failed,
        failed,
    }
}

fn spot(point: &Point) -> Option<Spot> {
    let figure = point.figure?;
    let error = figure.interval.and_then(|(low, high)| {
        let width = (high / low).ln() / 2.0;
        (low > 0.0 && width.is_finite()).then_some(width)
    });
    Some(Spot {
        value: figure.value,
        error,
        position: point.position,
        committed: point.commit.as_ref().map(|commit| commit.committed),
    })
}

/// What launches leave in doubt of one run: a smaller change is not spoken of.
fn doubt(spots: &[Spot]) -> f64 {
    let errors: Vec<f64> = spots.iter().filter_map(|spot| spot.error).collect();
    median(&errors).map_or(0.0, f64::exp_m1)
}

/// Every change of what must not change.
fn exact_steps(points: &[&Point], spots: &[Spot]) -> Vec<Step> {
    let changed = |at: &usize| spots[*at].value.total_cmp(&spots[at - 1].value).is_ne();
    let step = |at: usize| {
        let (old, new) = (spots[at - 1].value, spots[at].value);
        Step {
            ratio: (old > 0.0).then(|| new / old),
            interval: None,
            p_value: None,
            provisional: false,
            accepted: None,
            after: points[at - 1].commit.clone(),
            by: points[at].commit.clone(),
            commits: spots[at].position - spots[at - 1].position,
            at,
        }
    };
    (1..spots.len()).filter(changed).map(step).collect()
}

fn noisy_steps(
    points: &[&Point],
    spots: &[Spot],
    rule: &TrendRule,
    floor: f64,
) -> (Vec<Step>, Option<f64>) {
    let values: Vec<f64> = spots.iter().map(|spot| spot.value).collect();
    let change = ChangeRule {
        floor,
        ..rule.change
    };
    // Too few runs, or a value of zero, which has no ratio to anything: then nothing is claimed.
    let Ok(found) = change_points(&values, &change) else {
        return (Vec::new(), None);
    };
    let step = |point: &perf_stats::ChangePoint| Step {
        ratio: Some(point.ratio),
        interval: point.interval.map(|interval| (interval.low, interval.high)),
        p_value: Some(point.p_value),
        provisional: point.provisional,
        accepted: None,
        after: points[point.last_before].commit.clone(),
        by: points[point.first_after].commit.clone(),
        commits: spots[point.first_after].position - spots[point.last_before].position,
        at: point.index,
    };
    (found.points.iter().map(step).collect(), Some(found.p_value))
}

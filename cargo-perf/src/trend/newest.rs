//! The newest runs of a series against the level they follow: a step before it can be a change point.

use perf_stats::{
    LogShift, ScreenRule, Screened, Spread, UNKNOWN_SESSION_SD, drift, learned_session_sd, median,
    pairwise_difference_sd, screen,
};

use super::examine::{Examined, Spot, Step, TAIL};
use super::settle::{LEVEL, NEAREST, levels, logs};

/// The quantile of the normal distribution at that level, on two sides.
const NORMAL: f64 = 2.576;

/// The relative change within which two levels count as the same.
const MARGIN: f64 = 0.1;

/// So few runs may be what single runs are now and then.
const FEW: usize = 2;

/// The part of the way from the level to such a run that has to lie beyond every earlier one.
const APART: f64 = 1.0 / 3.0;

/// Runs that do not differ at all count as differing by this: a difference of nothing has no distribution.
const LEAST_SEEN: f64 = 1e-9;

/// Degrees of freedom that each further run is worth to a spread of distances between any two.
const EFFICIENCY: f64 = 0.86;

/// The newest runs against the level they follow, and what runs of that level differ by.
pub(super) struct Newest {
    pub(super) found: Screened,
    /// How many they are.
    count: usize,
    /// Standard deviation of one run, log scale.
    pub(super) sd: f64,
    /// The chance of so much in either direction without a change.
    pub(super) p_value: f64,
}

/// The newest runs against the level they follow, with what sessions differ by on both sides. A step that only one run has seen, or
/// a few, is found so, also where there are far too few runs for a change point. Where the level slides, against where it would be
/// by now. `None` below three runs: what runs differ by, two of them have to tell.
///
/// It has to be clear by what runs of this series differ by, however few those are, and by what is assumed of any machine with what was
/// learned besides: the one is wrong where few runs happen to be alike, the other on machines that are noisier than assumed. How often
/// it errs is measured by `examples/newest_runs.rs`.
pub(super) fn newest(examined: &Examined) -> Option<Newest> {
    if examined.exact {
        return None;
    }
    let level = *levels(examined).last()?;
    let count = alike_at_the_end(level)?;
    let (before, new) = level.split_at(level.len() - count);
    let before = &before[before.len().saturating_sub(NEAREST)..];
    let expected = expected(before, new.first()?.position);
    let shift = median(&logs(new.iter())).ok()? - median(&expected).ok()?;
    let typical = |spots: &[Spot]| {
        let errors = spots.iter().filter_map(|spot| spot.error);
        median(&errors.collect::<Vec<f64>>()).unwrap_or(0.0)
    };
    let error = typical(new).hypot(typical(before)) / NORMAL;
    let against = ScreenRule {
        floor: examined.floor,
        margin: MARGIN,
        confidence: LEVEL,
    };
    let [seen, learned] = sessions(&expected)?;
    let by = |session: &Spread, error: f64| {
        let shift = LogShift::symmetric(shift, error, f64::INFINITY);
        Some((screen(&shift, session, &against).ok()?, session.sd))
    };
    // What runs are seen to differ by holds what their launches leave in doubt. Counted twice, the known doubt would lend its many
    // degrees of freedom to two runs that happen to be alike.
    let (one, other) = (by(&seen, 0.0)?, by(&learned, error)?);
    let p_value = p_value(&one.0).max(p_value(&other.0));
    let is_wider = one.0.smallest_detectable >= other.0.smallest_detectable;
    let (found, sd) = if is_wider { one } else { other };
    Some(Newest {
        p_value: if is_new(new, &expected) { p_value } else { 1.0 },
        found,
        count,
        sd,
    })
}

/// Whether this is not what the level has shown before. One or two runs beyond what is usual are no step where single runs go there
/// now and then: from each that went their way they have to lie a good part of their own way apart.
fn is_new(new: &[Spot], expected: &[f64]) -> bool {
    let Ok(level) = median(expected) else {
        return false;
    };
    let is_apart = |new: &f64| {
        let way = new - level;
        let mut ways = expected.iter().map(|old| old - level);
        ways.all(|old| (way - old) * way.signum() >= APART * way.abs())
    };
    new.len() > FEW || logs(new.iter()).iter().all(is_apart)
}

/// The chance of so much in either direction without a change.
fn p_value(found: &Screened) -> f64 {
    (2.0 * found.p_above_floor.min(found.p_below_floor)).min(1.0)
}

/// How many of the newest runs lie nearer to the newest than to those before them: so many may be on a new level. At least one, and
/// never more than there are before. `None` below two runs.
fn alike_at_the_end(level: &[Spot]) -> Option<usize> {
    let values: Vec<f64> = level.iter().map(|spot| spot.value).collect();
    let mut count = 1;
    while count < TAIL.min(level.len() / 2) {
        let (before, new) = values.split_at(values.len() - count);
        let (old, now) = (median(before).ok()?, median(new).ok()?);
        let next = before.last()?;
        if (next - now).abs() >= (next - old).abs() {
            break;
        }
        count += 1;
    }
    (level.len() > count).then_some(count)
}

/// What earlier runs say of a place on the line, each moved along the slope if there surely is one; log scale.
fn expected(before: &[Spot], position: usize) -> Vec<f64> {
    let logs = logs(before.iter());
    let places: Vec<f64> = before.iter().map(|spot| spot.position as f64).collect();
    let found = drift(&places, &logs, LEVEL).ok();
    let slope = found.filter(|found| found.p_value <= 1.0 - LEVEL.level());
    let slope = slope.map_or(0.0, |found| found.slope.value);
    let moved = logs.iter().zip(&places);
    moved
        .map(|(log, place)| log + slope * (position as f64 - place))
        .collect()
}

/// What runs of one level differ by: as they show by themselves, and as it is assumed of any machine with what they teach. `None` for
/// one run.
fn sessions(logs: &[f64]) -> Option<[Spread; 2]> {
    let seen = Spread {
        sd: pairwise_difference_sd(logs).ok()?.max(LEAST_SEEN),
        // The one distance of two runs is worth a whole one.
        degrees_of_freedom: (EFFICIENCY * (logs.len() - 1) as f64).max(1.0),
    };
    let assumed = Spread::known(UNKNOWN_SESSION_SD);
    Some([seen, learned_session_sd(&[seen]).unwrap_or(assumed)])
}

/// The step that they may be.
pub(super) fn provisional(examined: &Examined, newest: &Newest) -> Step {
    let at = examined.spots.len() - newest.count;
    let found = &newest.found;
    let commit = |back: usize| examined.tail.get(back).cloned().flatten();
    Step {
        ratio: Some(found.ratio),
        interval: Some((found.low, found.high)),
        p_value: Some(newest.p_value),
        provisional: true,
        accepted: None,
        after: commit(newest.count),
        by: commit(newest.count - 1),
        commits: examined.spots[at].position - examined.spots[at - 1].position,
        at,
    }
}

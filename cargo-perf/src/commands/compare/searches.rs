//! Limits of both codes, searched for now: one after the other, since a level may take all that the machine has.
//!
//! A machine that becomes slower meanwhile would do so to the code that is searched second. So a limit with a deadline is searched
//! for twice on each side, one side's two around the other's, which of them is drawn. The limit of a side is then somewhere in either
//! of its brackets: a change is called only where both searches of one side say so against both of the other.

use perf_runner::{Case, CaseRun, Settings, conduct};
use perf_schema::{BenchmarkRecord, RunRecord};

use super::super::growth;
use super::super::measuring::Ready;
use crate::compare::noise::Noise;
use crate::compare::{Comparison, DecisionRule, Pair, Side, compare};
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::run::{Candidate, Reporter};

/// What was found of the limits.
pub(super) struct Searched {
    pub(super) comparison: Comparison,
    /// What was found of this code's.
    pub(super) benchmarks: Vec<BenchmarkRecord>,
    /// Those whose time grows faster than the baseline's.
    pub(super) notes: Vec<String>,
}

/// Searches for the limits of `pairs`.
///
/// # Errors
/// When it was interrupted.
pub(super) fn search(
    cx: &Context,
    ready: &mut Ready,
    settings: &Settings,
    pairs: &[(Candidate, Candidate)],
) -> Result<Searched, Failure> {
    let (then, now): (Vec<Candidate>, Vec<Candidate>) = pairs.iter().cloned().unzip();
    let mut rng = fastrand::Rng::with_seed(settings.seed);
    let mut runs = (Vec::new(), Vec::new());
    let mut again = (Again::default(), Again::default());
    for (then, now) in pairs {
        let is_timed = [then, now].into_iter().any(is_timed);
        let mut found = (Vec::new(), Vec::new());
        for side in order(is_timed, &mut rng) {
            let luck = Settings {
                seed: rng.u64(..),
                ..settings.clone()
            };
            match side {
                Turn::Then => found.0.extend(one(cx, &luck, then)?),
                Turn::Now => found.1.extend(one(cx, &luck, now)?),
            }
        }
        runs.0.extend(again.0.take(then, found.0));
        runs.1.extend(again.1.take(now, found.1));
    }
    let again_then = again.0.record(cx, ready, settings);
    let again_now = again.1.record(cx, ready, settings);
    let baseline = ready.record(cx, settings, &then, &runs.0);
    let candidate = ready.record(cx, settings, &now, &runs.1);
    // Both are sorted by the same ids.
    let sides = baseline.benchmarks.iter().zip(&candidate.benchmarks);
    let notes = sides
        .clone()
        .filter_map(|(then, now)| growth::faster(&now.id, &then.limit, now.limit.as_ref()?))
        .collect();
    let pairs: Vec<Pair> = sides
        .map(|(then, now)| Pair {
            id: now.id.clone(),
            baseline: Ok(pooled(then, &again_then)),
            candidate: Some(pooled(now, &again_now)),
            caveat: None,
            noise: Noise::new(),
            drift: None,
        })
        .collect();
    Ok(Searched {
        comparison: compare(&pairs, &DecisionRule::screen()),
        benchmarks: candidate.benchmarks,
        notes,
    })
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// The baseline's.
    Then,
    /// This code's.
    Now,
}

/// Who is searched when. What ends at memory or a stack does not depend on how fast the machine is, and is searched for once.
fn order(is_timed: bool, rng: &mut fastrand::Rng) -> Vec<Turn> {
    let (outer, inner) = if rng.bool() {
        (Turn::Then, Turn::Now)
    } else {
        (Turn::Now, Turn::Then)
    };
    if is_timed {
        vec![outer, inner, inner, outer]
    } else {
        vec![outer, inner]
    }
}

fn is_timed(case: &Candidate) -> bool {
    let plan = case.description.limit.as_ref();
    plan.is_some_and(|plan| plan.caps.are_timed())
}

/// What was found the second time.
#[derive(Default)]
struct Again {
    cases: Vec<Candidate>,
    runs: Vec<CaseRun>,
}

impl Again {
    /// Takes all but the first, which is returned.
    fn take(&mut self, case: &Candidate, runs: Vec<CaseRun>) -> Option<CaseRun> {
        let mut runs = runs.into_iter();
        let first = runs.next();
        for run in runs {
            self.cases.push(case.clone());
            self.runs.push(run);
        }
        first
    }

    fn record(&self, cx: &Context, ready: &mut Ready, settings: &Settings) -> RunRecord {
        ready.record(cx, settings, &self.cases, &self.runs)
    }
}

/// What all searches of one side say together.
fn pooled(first: &BenchmarkRecord, again: &RunRecord) -> Side {
    let again = again.benchmarks.iter().filter(|other| other.id == first.id);
    Side::pooled(std::iter::once(first).chain(again), None)
}

fn one(cx: &Context, settings: &Settings, case: &Candidate) -> Result<Vec<CaseRun>, Failure> {
    let cases = [Case {
        program: case.program.clone(),
        description: case.description.clone(),
        batch: None,
    }];
    let mut reporter = Reporter::new(cx, std::slice::from_ref(case));
    let runs = conduct(&cases, settings, &cx.stop, &mut reporter);
    reporter.finish();
    runs.map_err(|error| Failure::new(Kind::Interrupted, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_side_may_be_the_outer_one_and_no_side_is_later_on_average() {
        let mut rng = fastrand::Rng::with_seed(1);
        let mut first = [0, 0];
        for _ in 0..100 {
            let turns = order(true, &mut rng);
            let sum = |side| -> usize {
                let places = (0..4).filter(|&place| turns[place] == side);
                places.sum()
            };
            assert_eq!((sum(Turn::Then), sum(Turn::Now)), (3, 3), "{turns:?}");
            first[usize::from(turns[0] == Turn::Now)] += 1;
            assert_eq!(order(false, &mut rng).len(), 2);
        }
        assert!(first.iter().all(|&count| count > 25), "{first:?}");
    }
}

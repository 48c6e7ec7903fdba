//! Limits of both codes, searched for now: one after the other, since a level may take all that the machine has.

use perf_runner::{Case, CaseRun, Settings, conduct};
use perf_schema::BenchmarkRecord;

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

/// Searches for the limits of `pairs`, the baseline's first.
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
    let mut runs = (Vec::new(), Vec::new());
    for (then, now) in pairs {
        runs.0.extend(one(cx, settings, then)?);
        runs.1.extend(one(cx, settings, now)?);
    }
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
            baseline: Ok(Side::pooled([then], None)),
            candidate: Some(Side::pooled([now], None)),
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

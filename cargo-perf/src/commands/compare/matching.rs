//! Which benchmarks of two builds belong together.

use perf_schema::BenchId;

use crate::compare::{Judged, Verdict};
use crate::run::Candidate;

/// The benchmarks of two builds, sorted out.
#[derive(Debug, Default)]
pub(super) struct Matched {
    /// The same benchmark on both sides, the baseline's first.
    pub(super) pairs: Vec<(Candidate, Candidate)>,
    /// What is decided without measuring.
    pub(super) settled: Vec<Judged>,
}

/// Sorts out the benchmarks `now` that were selected, and those of the baseline's, `then`, that were selected by the same
/// words. `known` are all that this code has.
pub(super) fn matched(then: &[Candidate], now: &[Candidate], known: &[BenchId]) -> Matched {
    let mut matched = Matched::default();
    for candidate in now {
        match then.iter().find(|baseline| baseline.id == candidate.id) {
            None => matched.settled.push(judged(
                candidate,
                Verdict::New,
                "the baseline does not have it, so it was not measured",
            )),
            Some(baseline) if baseline.definition != candidate.definition => {
                matched.settled.push(judged(
                    candidate,
                    Verdict::Incomparable,
                    "the benchmark is defined differently in the baseline; --harness-from head measures the baseline's code \
                     with this one",
                ));
            }
            Some(baseline) => matched.pairs.push((baseline.clone(), candidate.clone())),
        }
    }
    let gone = then.iter().filter(|baseline| !known.contains(&baseline.id));
    matched.settled.extend(gone.map(|baseline| {
        judged(
            baseline,
            Verdict::Missing,
            "the baseline has it, and this code has not: it was removed, renamed or left out of the build",
        )
    }));
    matched
}

/// A verdict without figures.
pub(super) fn judged(case: &Candidate, verdict: Verdict, reason: &str) -> Judged {
    Judged {
        id: case.id.clone(),
        metrics: Vec::new(),
        verdict,
        reason: reason.to_owned(),
    }
}

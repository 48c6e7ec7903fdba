//! The runs of this very code that are kept already.

use perf_schema::{LimitPlan, RecordHeader, RecordId, RunRecord};

use super::counting;
use super::measuring::Ready;
use super::pairing;
use crate::run::Candidate;
use crate::store::resolve::Resolution;
use crate::store::{History, StoredRecord};

/// The newest kept run of exactly these binaries, on this machine, of everything that is asked for now.
/// With its instructions, if those were asked for.
pub(super) fn newest(
    ready: &Ready,
    launches: u32,
    with_instructions: bool,
) -> Option<StoredRecord> {
    let fits = |header: &RecordHeader| {
        let (then, now) = (&header.environment, &ready.environment);
        is_of_this_code(ready, header)
            && header.machine.class == ready.machine.class
            && then.build == now.build
            && then.clock == now.clock
            // The source tree does not show everything: a dependency beside the repository, a file that git ignores.
            && then.binaries.is_some()
            && then.binaries == now.binaries
    };
    let is_whole = |stored: &StoredRecord| {
        // A quick look is no answer to a thorough question.
        stored.record.plan.launches >= launches
            && ready
                .discovered
                .cases
                .iter()
                .all(|case| gave_samples(&stored.record, case, with_instructions))
    };
    // A damaged file is told of by whoever resolves the baseline; here it only means measuring again.
    let (entries, _) = History::at(&ready.workspace.root).entries();
    let fitting = entries
        .iter()
        .filter(|entry| entry.header().is_ok_and(|header| fits(&header)));
    fitting.filter_map(|entry| entry.load().ok()).find(is_whole)
}

/// The ids of all kept runs of this code, complete or not.
pub(super) fn ids(ready: &Ready) -> Vec<RecordId> {
    let (entries, _) = History::at(&ready.workspace.root).entries();
    let headers = entries.iter().filter_map(|entry| entry.header().ok());
    headers
        .filter(|header| is_of_this_code(ready, header))
        .filter_map(|header| header.id)
        .collect()
}

fn is_of_this_code(ready: &Ready, header: &RecordHeader) -> bool {
    let state = ready.state.as_ref();
    header.source_tree.is_some()
        && header.source_tree.as_ref() == state.map(|state| &state.source_tree)
}

fn gave_samples(record: &RunRecord, case: &Candidate, with_instructions: bool) -> bool {
    let found = record
        .benchmarks
        .iter()
        .find(|b| b.id == case.id && b.definition == case.definition);
    found.is_some_and(|benchmark| {
        let declared = &case.description;
        benchmark.outcome.failed == 0
            && benchmark.outcome.passed > 0
            // A record of before there were budgets and gates does not have those of this very code.
            && benchmark.budgets == declared.budgets
            && benchmark.floors == declared.floors
            && benchmark.gate == declared.gate
            && benchmark.fit == declared.fit
            && promised(benchmark.limit.as_ref().map(|limit| &limit.plan))
                == promised(declared.limit.as_ref())
            && (!with_instructions || counting::has_counts(benchmark))
    })
}

/// The law of growth that a limit's author promises.
fn promised(plan: Option<&LimitPlan>) -> Option<&str> {
    plan?.fit.as_deref()
}

/// Whether a kept run can speak for the candidate against this baseline: not if it is the baseline, and not if it took its
/// samples in batches of another size, which is part of what is measured.
pub(super) fn can_speak(kept: &StoredRecord, ready: &Ready, resolution: &Resolution) -> bool {
    let is_baseline = resolution
        .choices
        .values()
        .flat_map(|choice| &choice.records)
        .any(|stored| stored.id == kept.id);
    let batch = |case: &Candidate| {
        kept.record
            .benchmarks
            .iter()
            .find(|b| b.id == case.id)
            .and_then(|b| b.batch)
    };
    let same_batches = || {
        ready.discovered.cases.iter().all(|case| {
            pairing::batch_of(resolution, case).is_none_or(|size| batch(case) == Some(size))
        })
    };
    !is_baseline && same_batches()
}

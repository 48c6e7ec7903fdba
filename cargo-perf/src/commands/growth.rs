//! Limits whose time grows faster than it did for the baseline: told, and never failing.

use perf_schema::{BenchId, BenchmarkRecord, LimitRecord};

use super::pairing::benchmark_in;
use crate::compare::growth;
use crate::report::growth_in_words;
use crate::store::resolve::Resolution;

/// A note for each of these that is a limit and grows faster than the baseline's records say.
pub(super) fn notes<'a>(
    resolution: &Resolution,
    benchmarks: impl IntoIterator<Item = &'a BenchmarkRecord>,
) -> Vec<String> {
    let note = |now: &BenchmarkRecord| {
        let choice = resolution.choices.get(&now.id)?;
        let stored = choice.records.iter();
        let then = stored.filter_map(|stored| benchmark_in(stored, &now.id)?.limit.as_ref());
        faster(&now.id, then, now.limit.as_ref()?)
    };
    benchmarks.into_iter().filter_map(note).collect()
}

/// A note, where a limit grows faster than all searches of before say together.
pub(super) fn faster<'a>(
    id: &BenchId,
    then: impl IntoIterator<Item = &'a LimitRecord>,
    now: &LimitRecord,
) -> Option<String> {
    let then: Vec<&LimitRecord> = then.into_iter().collect();
    let (then, now) = growth::faster(&then, now)?;
    Some(format!(
        "{}: time grows faster than it did: as {}, and as {} for the baseline",
        id.in_package(),
        growth_in_words(&now),
        growth_in_words(&then)
    ))
}

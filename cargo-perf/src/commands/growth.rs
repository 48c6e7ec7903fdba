//! What grows faster than it did for the baseline: told, and never failing.

use perf_schema::{BenchId, BenchmarkRecord, LimitRecord};
use perf_stats::Growth;

use super::pairing::benchmark_in;
use crate::compare::{Swept, growth};
use crate::report::growth_in_words;
use crate::store::resolve::Resolution;

/// A note for each of these that is a limit and grows faster than the baseline's records say.
pub(super) fn notes<'a>(
    resolution: &Resolution,
    benchmarks: impl IntoIterator<Item = &'a BenchmarkRecord>,
) -> Vec<String> {
    let note = |now: &BenchmarkRecord| {
        let then = stored(resolution, &now.id);
        let then = then.into_iter().filter_map(|then| then.limit.as_ref());
        faster(&now.id, then, now.limit.as_ref()?)
    };
    benchmarks.into_iter().filter_map(note).collect()
}

/// A note for each axis of these benchmarks over which time grows faster than the baseline's records say.
pub(super) fn notes_of_sweeps(
    resolution: &Resolution,
    benchmarks: &[BenchmarkRecord],
) -> Vec<String> {
    of_sweeps(benchmarks, |id| stored(resolution, id))
}

/// The same, where `then` knows what was seen of the baseline's.
pub(super) fn of_sweeps<'a>(
    benchmarks: &[BenchmarkRecord],
    then: impl Fn(&BenchId) -> Vec<&'a BenchmarkRecord>,
) -> Vec<String> {
    let faster = Swept::faster(benchmarks, then);
    let told = faster
        .iter()
        .map(|(id, axis, growths)| told(&format!("{} over {axis}", id.in_package()), growths));
    told.collect()
}

/// What the records of the baseline say of a benchmark.
fn stored<'a>(resolution: &'a Resolution, id: &BenchId) -> Vec<&'a BenchmarkRecord> {
    let choice = resolution.choices.get(id);
    let records = choice.into_iter().flat_map(|choice| &choice.records);
    records
        .filter_map(|stored| benchmark_in(stored, id))
        .collect()
}

/// A note, where a limit grows faster than all searches of before say together.
pub(super) fn faster<'a>(
    id: &BenchId,
    then: impl IntoIterator<Item = &'a LimitRecord>,
    now: &LimitRecord,
) -> Option<String> {
    let then: Vec<&LimitRecord> = then.into_iter().collect();
    let growths = growth::faster(&then, now)?;
    Some(told(&id.in_package(), &growths))
}

fn told(what: &str, (then, now): &(Growth, Growth)) -> String {
    format!(
        "{what}: time grows faster than it did: as {}, and as {} for the baseline",
        growth_in_words(now),
        growth_in_words(then)
    )
}

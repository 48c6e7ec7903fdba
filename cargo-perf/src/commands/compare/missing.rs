//! What the baseline has and this code has not.

use perf_schema::{BenchId, RecordId};

use super::super::measuring::Ready;
use super::super::pairing;
use super::resolve;
use crate::cli::CompareArgs;
use crate::failure::Failure;
use crate::store::StoredRecord;
use crate::store::resolve::Resolution;

/// How many records of a part of the suite are passed in search of one of the whole.
const PASSED: usize = 50;

/// Benchmarks that the baseline has and this code has not. A record of a part of the suite says nothing of the rest, so
/// the search goes on behind it until it comes to one of the whole.
pub(super) fn find(
    args: &CompareArgs,
    ready: &Ready,
    resolution: &Resolution,
) -> Result<Vec<BenchId>, Failure> {
    if !ready.is_whole() {
        return Ok(Vec::new());
    }
    let known = &ready.discovered.known;
    let mut gone = pairing::gone(resolution, known);
    let mut passed = Vec::new();
    let mut partial = partial_records(resolution, &passed);
    while !partial.is_empty() && passed.len() < PASSED {
        passed.append(&mut partial);
        let behind = resolve(ready, args.baseline(), &passed)?;
        gone.extend(pairing::gone(&behind, known));
        partial = partial_records(&behind, &passed);
    }
    gone.sort();
    gone.dedup();
    Ok(gone)
}

/// The nearest records, if none of them is of the whole suite. What was passed already is what was named, and all there is.
fn partial_records(resolution: &Resolution, passed: &[RecordId]) -> Vec<RecordId> {
    let nearest = resolution.nearest.iter();
    let records = nearest.flat_map(|nearest| &nearest.records);
    let is_whole = |stored: &StoredRecord| stored.record.plan.filters.is_empty();
    if records.clone().any(|stored| is_whole(stored)) {
        return Vec::new();
    }
    let ids = records.map(|stored| stored.id.clone());
    ids.filter(|id| !passed.contains(id)).collect()
}

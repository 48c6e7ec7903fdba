//! The few records that are read whole: what stands at the ends of a period, with its launches.

use perf_schema::{BenchId, RunRecord};

use crate::repository::Repository;
use crate::series::RunHeader;
use crate::store::{Fault, Listing, RecordFile, load_all};

/// The records of some runs, in their order, with the benchmarks that are asked for. `None` where the file is not there any more;
/// one that is no record any more is a fault besides.
pub(super) fn records(
    listing: &Listing,
    runs: &[&RunHeader],
    repository: Option<&Repository>,
    wanted: impl Fn(&BenchId) -> bool,
    faults: &mut Vec<Fault>,
) -> Vec<Option<RunRecord>> {
    let files = listing.files();
    let file_of = |run: &&RunHeader| files.iter().find(|file| file.is_of(run)).copied();
    let found: Vec<Option<RecordFile<'_>>> = runs.iter().map(file_of).collect();
    let there: Vec<RecordFile<'_>> = found.iter().copied().flatten().collect();
    let mut loaded = load_all(&there, repository).into_iter();
    let mut record = |(file, run): (Option<RecordFile<'_>>, &&RunHeader)| {
        file?;
        match loaded.next()? {
            Ok(stored) if stored.id == run.record => {
                let mut record = stored.into_record();
                record.benchmarks.retain(|benchmark| wanted(&benchmark.id));
                Some(record)
            }
            // Another record whose id begins alike.
            Ok(_) => None,
            Err(fault) => {
                faults.push(fault);
                None
            }
        }
    };
    found.into_iter().zip(runs).map(&mut record).collect()
}

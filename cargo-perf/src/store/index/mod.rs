//! `.perf/history.db`: every record that was met, in a form that answers at once what a benchmark came to over time.
//!
//! **The files are the truth, the database is an index of them.** A run is first written to `.perf/runs/`, whole or not at
//! all, and only then put in here; committed records lie in git. So nothing is lost with the database: it can be deleted,
//! and one that is damaged is set aside and built anew. For the same reason a failure to write it is a note and never
//! changes what a command answers; without it, the same questions are answered by one in memory.
//!
//! [`RunIndex`] is what commands know of it, so that another database may take the place of this one.

mod add;
mod ask;
mod detail;
mod error;
mod forget;
mod open;
mod sync;

use std::collections::HashSet;

use perf_schema::{BenchId, Failure, RecordId, Samples};

use super::StoredRecord;
use crate::series::{RunHeader, Seen};

pub use detail::Probe;
pub use error::IndexError;
pub use open::{Database, FILE, NEWEST};
pub use sync::{Synced, on_disk, with_index};

/// A record and the file it was read from.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The record.
    pub stored: StoredRecord,
    /// Path from the workspace root.
    pub file: String,
    /// When it was kept, as `YYYYMMDDTHHMMSSZ`, if it is of the local history.
    pub kept: Option<String>,
}

/// The number of a run in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunNumber(pub(crate) i64);

/// The number of a benchmark in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BenchNumber(pub(crate) i64);

/// What holds every run that is known.
pub trait RunIndex {
    /// The files that need not be read again.
    ///
    /// # Errors
    /// When the index cannot be read.
    fn files(&self) -> Result<HashSet<String>, IndexError>;

    /// Takes in records, all of them or none; one that is there already only gains a file. Says how many are new.
    ///
    /// # Errors
    /// When the index cannot be written.
    fn add(&mut self, records: &[Incoming]) -> Result<usize, IndexError>;

    /// Forgets files that are there no more, all of them or none, and the runs that no other file is of. Says how many runs
    /// those are.
    ///
    /// # Errors
    /// When the index cannot be written.
    fn forget(&mut self, files: &[String]) -> Result<usize, IndexError>;

    /// Every run, in the order in which they came.
    ///
    /// # Errors
    /// When the index cannot be read.
    fn runs(&self) -> Result<Vec<(RunNumber, RunHeader)>, IndexError>;

    /// Every benchmark, by name.
    ///
    /// # Errors
    /// When the index cannot be read.
    fn benchmarks(&self) -> Result<Vec<(BenchNumber, BenchId)>, IndexError>;

    /// What every run saw of a benchmark.
    ///
    /// # Errors
    /// When the index cannot be read.
    fn seen(&self, benchmark: BenchNumber) -> Result<Vec<(RunNumber, Seen)>, IndexError>;

    /// The samples of a metric in one record, if it measured it.
    ///
    /// # Errors
    /// When the index cannot be read.
    fn samples(
        &self,
        record: &RecordId,
        benchmark: &BenchId,
        metric: &str,
    ) -> Result<Option<Samples>, IndexError>;

    /// The samples of a metric of a benchmark, in every run that measured it.
    ///
    /// # Errors
    /// When the index cannot be read.
    fn samples_of(
        &self,
        benchmark: BenchNumber,
        metric: &str,
    ) -> Result<Vec<(RunNumber, Samples)>, IndexError>;

    /// How a benchmark failed, run by run, the first failure of each first.
    ///
    /// # Errors
    /// When the index cannot be read.
    fn failures_of(&self, benchmark: BenchNumber) -> Result<Vec<(RunNumber, Failure)>, IndexError>;

    /// What was probed of a limit, run by run, in the order it took place.
    ///
    /// # Errors
    /// When the index cannot be read.
    fn probes_of(&self, benchmark: BenchNumber) -> Result<Vec<(RunNumber, Probe)>, IndexError>;
}

#[cfg(test)]
mod tests;

//! Many record files at once. Reading one is mostly reading JSON and checking its hash, so all processors take part.

use std::num::NonZero;
use std::thread;

use perf_schema::RecordId;

use super::name::RECORD_DIGITS;
use super::{Fault, HistoryEntry, Reason, RecordEntry, RecordName, StoredRecord};
use crate::repository::Repository;
use crate::series::RunHeader;

/// A file that may hold a record.
#[derive(Clone, Copy, Debug)]
pub enum RecordFile<'a> {
    /// Of `baselines/`.
    Committed(&'a RecordEntry),
    /// Of the local history.
    Local(&'a HistoryEntry),
}

impl RecordFile<'_> {
    /// Path from the workspace root, with `/`.
    #[must_use]
    pub fn file(&self) -> String {
        match self {
            Self::Committed(entry) => entry.file.clone(),
            Self::Local(entry) => entry.file(),
        }
    }

    /// When the run was kept, as `YYYYMMDDTHHMMSSZ`; of a committed record nobody knows.
    #[must_use]
    pub fn kept(&self) -> Option<&str> {
        match self {
            Self::Committed(_) => None,
            Self::Local(entry) => Some(&entry.stamp),
        }
    }

    /// How large it is, in bytes; `None` where that cannot be seen.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        match self {
            Self::Committed(entry) => entry.size(None),
            Self::Local(entry) => entry.size(),
        }
    }

    /// The digits that its name has of the record's id.
    #[must_use]
    pub fn short_record(&self) -> &str {
        match self {
            Self::Committed(entry) => entry.name.record(),
            Self::Local(entry) => &entry.record,
        }
    }

    /// Those that the name of a file has of an id.
    #[must_use]
    pub fn short_of(record: &RecordId) -> &str {
        record.short(RECORD_DIGITS)
    }

    /// Whether the name is that of a run's record.
    #[must_use]
    pub fn is_of(&self, run: &RunHeader) -> bool {
        match self {
            Self::Committed(entry) => run
                .commit
                .as_ref()
                .is_some_and(|commit| RecordName::new(&commit.sha, &run.record) == entry.name),
            Self::Local(entry) => run.record.as_str().starts_with(&entry.record),
        }
    }

    fn bytes(&self, repository: Option<&Repository>) -> Result<Vec<u8>, Reason> {
        match self {
            Self::Committed(entry) => entry.bytes(repository),
            Self::Local(entry) => entry.bytes(),
        }
    }

    fn decoded(&self, bytes: &[u8]) -> Result<StoredRecord, Reason> {
        match self {
            Self::Committed(entry) => entry.decoded(bytes),
            Self::Local(entry) => entry.decoded(bytes),
        }
    }
}

/// How many files are read at once.
#[must_use]
pub fn readers() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Reads whole records and checks their ids; the answers stand in the order of the files.
pub fn load_all(
    files: &[RecordFile<'_>],
    repository: Option<&Repository>,
) -> Vec<Result<StoredRecord, Fault>> {
    let mut loaded = Vec::with_capacity(files.len());
    // No more at once, so that no more bytes are held than are being worked on.
    for some in files.chunks(readers()) {
        // Git is asked by one thread: its handle is not to be shared.
        let read: Vec<_> = some
            .iter()
            .map(|file| (file, file.bytes(repository)))
            .collect();
        let decode = |(file, bytes): (&RecordFile<'_>, Result<Vec<u8>, Reason>)| {
            let record = bytes.and_then(|bytes| file.decoded(&bytes));
            record.map_err(|reason| Fault {
                file: file.file(),
                reason,
            })
        };
        thread::scope(|scope| {
            let threads: Vec<_> = read
                .into_iter()
                .map(|one| scope.spawn(move || decode(one)))
                .collect();
            for thread in threads {
                match thread.join() {
                    Ok(record) => loaded.push(record),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        });
    }
    loaded
}

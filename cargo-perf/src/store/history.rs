//! The local history `.perf/`: every run of this workspace on this machine, committed or not.
//!
//! One file for each run. [`index`](super::index) answers what has to be answered quickly, and is made from these files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use perf_schema::{RecordError, RecordHeader, RecordId, RunRecord};

use super::atomic::{self, WriteError};
use super::date::{instant_of_stamp, stamp};
use super::entry::{header_of_file, read_regular};
use super::index::Incoming;
use super::local::local_folder;
use super::name::{RECORD_DIGITS, is_hex};
use super::record_file::{decode, encode};
use super::shelf::TEMPORARY;
use super::{Fault, Reason, StoredRecord};
use crate::repository::LOCAL;

const RUNS: &str = "runs";

/// The local history of a workspace.
#[derive(Clone, Debug)]
pub struct History {
    root: PathBuf,
}

/// A run in the history, found but not yet read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    /// When it was kept, as `YYYYMMDDTHHMMSSZ`.
    pub stamp: String,
    /// The first digits of the record's id.
    pub record: String,
    path: PathBuf,
}

/// Why a run cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The clock of this machine is far off.
    #[error(
        "the clock says {0} seconds since 1970, which is in no year from 1970 to 9999; set the clock"
    )]
    Clock(i64),
    /// It cannot be put into words.
    #[error("the record cannot be written down: {0}")]
    Record(#[from] RecordError),
    /// The system refused.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl History {
    /// The history of the workspace at `root`. Nothing is read or made.
    #[must_use]
    pub fn at(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    /// Keeps a run; `now` is in seconds since 1970 UTC.
    ///
    /// # Errors
    /// When the record cannot be written.
    pub fn save(&self, record: &RunRecord, now: i64) -> Result<RecordId, HistoryError> {
        Ok(self.keep(record, now)?.stored.id)
    }

    /// The same, with all that the index of runs wants to know.
    ///
    /// # Errors
    /// When the record cannot be written.
    pub fn keep(&self, record: &RunRecord, now: i64) -> Result<Incoming, HistoryError> {
        let stamp = stamp(now).ok_or(HistoryError::Clock(now))?;
        let encoded = encode(record)?;
        let runs = local_folder(&self.root, RUNS)?;
        let name = format!("{stamp}-{}.json", encoded.id.short(RECORD_DIGITS));
        atomic::write_new(&runs, &name, &encoded.bytes)?;
        Ok(Incoming {
            stored: StoredRecord {
                id: encoded.id,
                record: Arc::new(record.clone()),
            },
            file: format!("{LOCAL}/{RUNS}/{name}"),
            kept: Some(stamp),
        })
    }

    /// All runs, newest first, and the files that are none. Names only: each entry is read when it is asked.
    #[must_use]
    pub fn entries(&self) -> (Vec<HistoryEntry>, Vec<Fault>) {
        let mut faults = Vec::new();
        let mut entries = Vec::new();
        match self.names() {
            Ok(names) => {
                for name in names {
                    match self.entry(&name) {
                        Some(entry) => entries.push(entry),
                        None if name.starts_with(TEMPORARY) => {}
                        None => faults.push(Fault {
                            file: format!("{LOCAL}/{RUNS}/{name}"),
                            reason: Reason::Name,
                        }),
                    }
                }
            }
            Err(reason) => faults.push(Fault {
                file: format!("{LOCAL}/{RUNS}"),
                reason,
            }),
        }
        // Two runs may end within one second; then the file system knows which was first.
        entries.sort_by_cached_key(|entry| {
            let modified = entry.path.metadata().and_then(|data| data.modified()).ok();
            std::cmp::Reverse((entry.stamp.clone(), modified, entry.record.clone()))
        });
        (entries, faults)
    }

    /// The newest run whose header `fits`, and the damaged files that were passed over in search of it.
    pub fn latest(
        &self,
        fits: impl Fn(&RecordHeader) -> bool,
    ) -> (Option<StoredRecord>, Vec<Fault>) {
        let (entries, mut faults) = self.entries();
        for entry in entries {
            let read = entry
                .header()
                .and_then(|header| fits(&header).then(|| entry.load()).transpose());
            match read {
                Ok(Some(record)) => return (Some(record), faults),
                Ok(None) => {}
                Err(fault) => faults.push(fault),
            }
        }
        (None, faults)
    }

    fn names(&self) -> Result<Vec<String>, Reason> {
        let local = self.root.join(LOCAL);
        let runs = local.join(RUNS);
        for folder in [&local, &runs] {
            match folder.symlink_metadata() {
                Ok(metadata) if metadata.is_symlink() => return Err(Reason::Link),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    return Ok(Vec::new());
                }
                found => found?,
            };
        }
        std::fs::read_dir(runs)?
            .map(|item| Ok(item?.file_name().to_string_lossy().into_owned()))
            .collect()
    }

    fn entry(&self, name: &str) -> Option<HistoryEntry> {
        let (stamp, record) = name.strip_suffix(".json")?.split_once('-')?;
        (instant_of_stamp(stamp).is_some() && is_hex(record, RECORD_DIGITS)).then(|| HistoryEntry {
            stamp: stamp.to_owned(),
            record: record.to_owned(),
            path: self.root.join(LOCAL).join(RUNS).join(name),
        })
    }
}

impl HistoryEntry {
    /// What the path of every run begins with.
    pub(super) const FOLDER: &str = ".perf/runs/";

    /// Path from the workspace root, with `/`.
    #[must_use]
    pub fn file(&self) -> String {
        format!("{LOCAL}/{RUNS}/{}", self.name())
    }

    /// How large the file is, in bytes; `None` where that cannot be seen.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        let found = self.path.symlink_metadata().ok();
        found.map(|metadata| metadata.len())
    }

    /// Name of the file.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}-{}.json", self.stamp, self.record)
    }

    /// Reads what the run is about, passing over its benchmarks.
    ///
    /// # Errors
    /// When the file is not a record, or not the one that its name says.
    pub fn header(&self) -> Result<RecordHeader, Fault> {
        let read = || {
            let header = header_of_file(&self.path)?;
            self.check(header.id.as_ref().ok_or(Reason::Id)?)?;
            Ok(header)
        };
        read().map_err(|reason| self.fault(reason))
    }

    /// Reads the whole record and checks its id.
    ///
    /// # Errors
    /// When the file is not a record, was changed, or is not the one that its name says.
    pub fn load(&self) -> Result<StoredRecord, Fault> {
        let loaded = self.bytes().and_then(|bytes| self.decoded(&bytes));
        loaded.map_err(|reason| self.fault(reason))
    }

    /// The record of bytes that were read from this file.
    pub(super) fn decoded(&self, bytes: &[u8]) -> Result<StoredRecord, Reason> {
        let stored = decode(bytes)?;
        self.check(&stored.id)?;
        Ok(stored)
    }

    pub(super) fn bytes(&self) -> Result<Vec<u8>, Reason> {
        read_regular(&self.path)
    }

    pub(super) fn fault(&self, reason: Reason) -> Fault {
        Fault {
            file: self.file(),
            reason,
        }
    }

    fn check(&self, id: &RecordId) -> Result<(), Reason> {
        if id.short(RECORD_DIGITS) == self.record {
            Ok(())
        } else {
            Err(Reason::Misplaced { what: "name" })
        }
    }
}

#[cfg(test)]
mod tests;

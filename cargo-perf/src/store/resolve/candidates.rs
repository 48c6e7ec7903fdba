//! Records that may be the baseline, from all places they are taken from. Read late, and each at most once.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use perf_schema::{BenchId, RecordHeader, RecordId};

use super::rejection::Why;
use super::{Query, Rejected};
use crate::repository::Repository;
use crate::store::entry::{header_of_file, read_regular};
use crate::store::name::{RECORD_DIGITS, SHA_DIGITS};
use crate::store::record_file::{SUITE, decode, suite_in};
use crate::store::{Fault, HistoryEntry, Reason, RecordEntry, StoredRecord};

/// Runs of the local history that are looked at. Their names do not say of which commit they are.
pub(super) const RUNS: usize = 500;

/// Where a record was found.
#[derive(Clone, Debug)]
pub(super) enum Found {
    /// In the tree of a commit.
    Committed(RecordEntry),
    /// In the working tree only.
    Uncommitted(RecordEntry),
    /// In the local history.
    Run(HistoryEntry),
    /// In a file that was named, which may be called anything.
    File(PathBuf),
}

/// A record that may be the baseline.
pub(super) struct Candidate {
    pub(super) found: Found,
    /// First digits of the commit it is of; `None` for a run outside git.
    pub(super) sha: Option<String>,
    record: String,
    header: OnceCell<Option<RecordHeader>>,
    /// The benchmarks it lists, if that was found out on the way.
    benches: OnceCell<Option<Vec<BenchId>>>,
}

/// All of them, by number.
pub(super) struct Candidates<'a> {
    repository: Option<&'a Repository>,
    all: Vec<Candidate>,
    by_sha: HashMap<String, Vec<usize>>,
    unread: RefCell<Vec<(usize, Fault)>>,
}

impl Candidate {
    fn entry(found: fn(RecordEntry) -> Found, entry: RecordEntry) -> Self {
        Self {
            sha: Some(entry.name.sha().to_owned()),
            record: entry.name.record().to_owned(),
            found: found(entry),
            header: OnceCell::new(),
            benches: OnceCell::new(),
        }
    }

    /// A record in a commit.
    pub(super) fn committed(entry: RecordEntry) -> Self {
        Self::entry(Found::Committed, entry)
    }

    /// A record in the working tree.
    pub(super) fn uncommitted(entry: RecordEntry) -> Self {
        Self::entry(Found::Uncommitted, entry)
    }

    /// A run whose header was read.
    pub(super) fn run(entry: HistoryEntry, header: RecordHeader) -> Self {
        let commit = header.commit.as_ref();
        Self {
            sha: commit.map(|commit| commit.sha.short(SHA_DIGITS).to_owned()),
            record: entry.record.clone(),
            found: Found::Run(entry),
            header: OnceCell::from(Some(header)),
            benches: OnceCell::new(),
        }
    }

    /// A file that was named, whose header was read.
    pub(super) fn file_named(path: PathBuf, header: RecordHeader) -> Self {
        let (commit, id) = (header.commit.as_ref(), header.id.as_ref());
        Self {
            sha: commit.map(|commit| commit.sha.short(SHA_DIGITS).to_owned()),
            record: id.map_or_else(String::new, |id| id.short(RECORD_DIGITS).to_owned()),
            found: Found::File(path),
            header: OnceCell::from(Some(header)),
            benches: OnceCell::new(),
        }
    }

    /// The file, as a person types it.
    pub(super) fn file(&self) -> String {
        match &self.found {
            Found::Committed(entry) | Found::Uncommitted(entry) => entry.file.clone(),
            Found::Run(entry) => entry.file(),
            Found::File(path) => path.display().to_string(),
        }
    }

    /// Whether its header costs next to nothing, being read from the beginning of a file or read already.
    pub(super) fn is_cheap(&self) -> bool {
        !self.is_committed()
    }

    /// Whether its id may begin with these digits, as far as the name tells.
    pub(super) fn may_be(&self, prefix: &str) -> bool {
        let digits = prefix.len().min(RECORD_DIGITS);
        self.record.starts_with(&prefix[..digits])
    }

    pub(super) fn is_committed(&self) -> bool {
        matches!(self.found, Found::Committed(_))
    }

    pub(super) fn is_run(&self) -> bool {
        matches!(self.found, Found::Run(_))
    }

    fn is_one_of(&self, excluded: &[RecordId]) -> bool {
        excluded
            .iter()
            .any(|id| id.short(RECORD_DIGITS) == self.record)
    }
}

impl<'a> Candidates<'a> {
    /// Without the records of the measured side.
    pub(super) fn new(
        query: &Query<'_>,
        repository: Option<&'a Repository>,
        mut all: Vec<Candidate>,
    ) -> Self {
        all.retain(|candidate| !candidate.is_one_of(query.exclude));
        let mut by_sha: HashMap<String, Vec<usize>> = HashMap::new();
        for (number, candidate) in all.iter().enumerate() {
            if let Some(sha) = &candidate.sha {
                by_sha.entry(sha.clone()).or_default().push(number);
            }
        }
        Self {
            repository,
            all,
            by_sha,
            unread: RefCell::default(),
        }
    }

    pub(super) fn numbers(&self) -> std::ops::Range<usize> {
        0..self.all.len()
    }

    pub(super) fn get(&self, number: usize) -> &Candidate {
        &self.all[number]
    }

    /// Those whose commit begins with these digits.
    pub(super) fn of_commit(&self, digits: &str) -> &[usize] {
        self.by_sha.get(digits).map_or(&[], Vec::as_slice)
    }

    /// What the record is about; `None` for a damaged one, which is noted.
    pub(super) fn header(&self, number: usize) -> Option<&RecordHeader> {
        let candidate = &self.all[number];
        candidate
            .header
            .get_or_init(|| {
                let read = match &candidate.found {
                    Found::Committed(entry) | Found::Uncommitted(entry) => entry
                        .header_and_bytes(self.repository)
                        .map(|(header, bytes)| {
                            // Unpacking is what costs: it should not be done again to see the benchmarks.
                            if let Some(bytes) = bytes {
                                candidate.benches.get_or_init(|| listed(&bytes));
                            }
                            header
                        }),
                    Found::Run(entry) => entry.header(),
                    Found::File(path) => named_header(path),
                };
                read.map_err(|fault| self.note(number, fault)).ok()
            })
            .as_ref()
    }

    /// The whole record; `None` for a damaged one, which is noted.
    pub(super) fn load(&self, number: usize) -> Option<Arc<StoredRecord>> {
        let header = self.header(number)?;
        let loaded = match &self.all[number].found {
            Found::Committed(entry) | Found::Uncommitted(entry) => entry.load(self.repository),
            Found::Run(entry) => entry.load(),
            Found::File(path) => read_regular(path)
                .and_then(|bytes| decode(&bytes))
                .map_err(|reason| self.fault(number, reason)),
        };
        let agreed = loaded.and_then(|stored| {
            if agrees(header, &stored) {
                Ok(stored)
            } else {
                Err(self.fault(number, Reason::Id))
            }
        });
        agreed
            .map_err(|fault| self.note(number, fault))
            .ok()
            .map(Arc::new)
    }

    /// Whether the record may hold one of the benchmarks. Found without parsing it, if it is as it was written.
    pub(super) fn mentions(&self, number: usize, wanted: &dyn Fn(&BenchId) -> bool) -> bool {
        let candidate = &self.all[number];
        let benches = candidate.benches.get_or_init(|| {
            let bytes = match &candidate.found {
                Found::Committed(entry) | Found::Uncommitted(entry) => entry.bytes(self.repository),
                Found::Run(entry) => entry.bytes(),
                Found::File(path) => read_regular(path),
            };
            listed(&bytes.ok()?)
        });
        // When in doubt it is loaded, and then any fault is noted.
        benches
            .as_ref()
            .is_none_or(|benches| benches.iter().any(wanted))
    }

    /// A candidate that was not used.
    pub(super) fn rejected(&self, number: usize, distance: Option<usize>, why: Why) -> Rejected {
        let header = self.all[number].header.get().and_then(Option::as_ref);
        Rejected {
            file: self.all[number].file(),
            commit: header
                .and_then(|header| header.commit.as_ref())
                .map(|commit| commit.sha.clone()),
            distance,
            bench: None,
            why,
        }
    }

    /// What could not be read, as faults and as rejections.
    pub(super) fn into_unread(self) -> (Vec<Fault>, Vec<Rejected>) {
        let unread = self.unread.take();
        let rejected = unread
            .iter()
            .map(|(number, fault)| self.rejected(*number, None, Why::unreadable(&fault.reason)))
            .collect();
        (
            unread.into_iter().map(|(_, fault)| fault).collect(),
            rejected,
        )
    }

    fn note(&self, number: usize, fault: Fault) {
        self.unread.borrow_mut().push((number, fault));
    }

    fn fault(&self, number: usize, reason: Reason) -> Fault {
        Fault {
            file: self.all[number].file(),
            reason,
        }
    }
}

/// Reads the header of a file that is called anything.
pub(super) fn named_header(path: &Path) -> Result<RecordHeader, Fault> {
    header_of_file(path).map_err(|reason| Fault {
        file: path.display().to_string(),
        reason,
    })
}

/// Whether the header, which may come from the beginning of the file alone, is that of the whole.
fn agrees(header: &RecordHeader, stored: &StoredRecord) -> bool {
    let record = &stored.record;
    header.id.as_ref() == Some(&stored.id)
        && header.commit == record.commit
        && header.source_tree == record.source_tree
        && header.machine == record.machine
        && header.environment == record.environment
}

/// The benchmarks of a record as it is written, one on each line. `None` when it is not so written.
fn listed(bytes: &[u8]) -> Option<Vec<BenchId>> {
    let list = &bytes[suite_in(bytes)? + SUITE.len()..];
    let mut lines = list.strip_prefix(b"\n")?.split(|&b| b == b'\n');
    let mut ids = Vec::new();
    loop {
        match lines.next()? {
            b"]," | b"]" => return Some(ids),
            line => ids.push(id_on(line)?),
        }
    }
}

/// The id on the line of a benchmark. What stands before it is short: a count and a hash.
fn id_on(line: &[u8]) -> Option<BenchId> {
    const KEY: &[u8] = b",\"id\":\"";
    let start = line
        .get(..line.len().min(256))?
        .windows(KEY.len())
        .position(|window| window == KEY)?;
    let text = &line[start + KEY.len() - 1..];
    serde_json::Deserializer::from_slice(text)
        .into_iter::<BenchId>()
        .next()?
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::{Sample, bench};
    use crate::store::record_file::encode;

    #[test]
    fn benchmarks_are_listed_without_parsing_their_samples() {
        let names = ["a", "sort[n=1,text=\"x\\y\"]", "zeta::größe"];
        let encoded = encode(&Sample::new().benches(&names).record()).unwrap();
        assert_eq!(listed(&encoded.bytes).unwrap(), names.map(bench));
        let failed = encode(&Sample::new().benches(&names).failed().record()).unwrap();
        assert_eq!(listed(&failed.bytes).unwrap(), names.map(bench));
        assert_eq!(listed(b"{\"schema\":1,\"suite\":[]}"), None);
        assert_eq!(listed(b"{\n\"schema\":1,\n\"suite\":[\n{}\n]\n"), None);
        assert_eq!(listed(&encoded.bytes[..encoded.bytes.len() / 2]), None);
    }
}

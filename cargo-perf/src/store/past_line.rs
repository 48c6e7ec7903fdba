//! The records along a line of commits: which files there are, and which commits the line has.
//!
//! Taken from `baselines/` at the tip of the line, from the working tree and from the local history. Nothing is chosen and
//! nothing rejected for what it says: [`crate::series`] decides what belongs together.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use perf_schema::Sha;

use super::disguise::{self, Disguised};
use super::{Baselines, CommittedBaselines, Fault, History, HistoryEntry, RecordEntry, RecordFile};
use crate::repository::{Repository, RepositoryError};
use crate::series::{Line, LineCommit, Order, Run, RunHeader};

/// Commits of a line that are looked at.
const MOST_COMMITS: usize = 20_000;

/// Commits whose content, and whose added files, are looked at in search of the place of a record.
const SEARCHED: usize = 2_000;

/// How much older than every record a commit has to be for the walk to end: committer times need not rise.
const SLACK: i64 = 30 * 86_400;

/// The files that may hold records of a line; none is read yet.
#[derive(Debug, Default)]
pub struct Listing {
    /// Committed at the tip, or lying in the working tree.
    pub records: Vec<RecordEntry>,
    /// Of the local history, newest first.
    pub runs: Vec<HistoryEntry>,
    /// Files that are none.
    pub faults: Vec<Fault>,
    /// What a person should know of where was looked.
    pub notes: Vec<String>,
    /// Whether what lies in `.perf/` is this machine's own, and nothing that a commit brought.
    pub is_local: bool,
    /// Where was looked.
    root: Option<PathBuf>,
}

/// The runs along a line.
#[derive(Debug)]
pub struct Along {
    /// In which order they are.
    pub order: Order,
    /// Each record once.
    pub runs: Vec<Run>,
    /// Files that could not be read.
    pub faults: Vec<Fault>,
    /// What a person should know.
    pub notes: Vec<String>,
}

/// Reads every record along the line that ends at `tip`; without a repository those of the folders.
///
/// # Errors
/// When git cannot be read. A damaged record is a fault in the answer.
pub fn along(
    root: &Path,
    repository: Option<&Repository>,
    tip: Option<&Sha>,
) -> Result<Along, RepositoryError> {
    let Listing {
        records,
        runs: kept,
        mut faults,
        mut notes,
        ..
    } = Listing::at(root, repository, tip)?;
    let mut known = HashSet::new();
    let mut runs = Vec::new();
    for entry in &records {
        match entry.load(repository) {
            Ok(stored) if known.insert(stored.id.clone()) => {
                let mut run = Run::of(stored.id, &stored.record);
                run.header.file = Some(entry.file.clone());
                runs.push(run);
            }
            Ok(_) => {}
            Err(fault) => faults.push(fault),
        }
    }
    for entry in &kept {
        match entry.load() {
            Ok(stored) if known.insert(stored.id.clone()) => {
                let mut run = Run::of(stored.id, &stored.record);
                run.header.kept = Some(entry.stamp.clone());
                runs.push(run);
            }
            Ok(_) => {}
            Err(fault) => faults.push(fault),
        }
    }
    let headers: Vec<&RunHeader> = runs.iter().map(|run| &run.header).collect();
    let (order, said) = order(repository, tip, &headers)?;
    notes.extend(said);
    Ok(Along {
        order,
        runs,
        faults,
        notes,
    })
}

impl Listing {
    /// Lists the files, by name only.
    ///
    /// # Errors
    /// When git cannot be read.
    pub fn at(
        root: &Path,
        repository: Option<&Repository>,
        tip: Option<&Sha>,
    ) -> Result<Self, RepositoryError> {
        let mut listing = Self::default();
        let mut disguised = Disguised::default();
        if let (Some(repository), Some(tip)) = (repository, tip) {
            listing.take(CommittedBaselines::of(repository, tip)?.index());
            if let Ok(head) = repository.look_up("HEAD") {
                disguised = disguise::look(repository, &head.commit)?;
            }
        }
        if disguised.records {
            listing
                .notes
                .push(super::resolve::DISGUISED_RECORDS.to_owned());
        } else {
            listing.take(Baselines::at(root).read_working_tree());
        }
        listing.is_local = !disguised.runs;
        listing.root = Some(root.to_owned());
        if disguised.runs {
            listing
                .notes
                .push(super::resolve::COMMITTED_RUNS.to_owned());
        } else {
            let (runs, mut faults) = History::at(root).entries();
            listing.runs = runs;
            listing.faults.append(&mut faults);
        }
        Ok(listing)
    }

    /// The files, those of the local history first.
    #[must_use]
    pub fn files(&self) -> Vec<RecordFile<'_>> {
        let committed = self.records.iter().map(RecordFile::Committed);
        let local = self.runs.iter().map(RecordFile::Local);
        local.chain(committed).collect()
    }

    /// Those of `known` that were files of the local history and are gone. Files of `baselines/` are another thing: one that is not
    /// here may be on another branch.
    #[must_use]
    pub fn gone(&self, known: &HashSet<String>) -> Vec<String> {
        let Some(root) = self.root.as_ref().filter(|_| self.is_local) else {
            return Vec::new();
        };
        let listed: HashSet<String> = self.runs.iter().map(HistoryEntry::file).collect();
        let is_run = |file: &&String| file.starts_with(HistoryEntry::FOLDER);
        // Looked at once more: another process may have written one since the folder was listed.
        let is_gone = |file: &&String| {
            !listed.contains(*file)
                && matches!(root.join(file).symlink_metadata(), Err(error) if error.kind() == std::io::ErrorKind::NotFound)
        };
        let gone = known.iter().filter(is_run).filter(is_gone);
        gone.cloned().collect()
    }

    /// Adds what is not there yet; a file is what its path says, wherever it was seen.
    fn take(&mut self, index: super::Index) {
        let known: HashSet<String> = self.records.iter().map(|e| e.file.clone()).collect();
        let new = index.entries.into_iter();
        self.records
            .extend(new.filter(|entry| !known.contains(&entry.file)));
        self.faults.extend(index.faults);
    }
}

/// The order of runs, and what should be known of it. Outside git, and before the first commit, that of time.
///
/// # Errors
/// When git cannot be read.
pub fn order(
    repository: Option<&Repository>,
    tip: Option<&Sha>,
    runs: &[&RunHeader],
) -> Result<(Order, Vec<String>), RepositoryError> {
    let (Some(repository), Some(tip)) = (repository, tip) else {
        let note = "there is no commit, so runs stand in the order in which they were made";
        return Ok((Order::Time, vec![note.to_owned()]));
    };
    let mut line = walk(repository, tip, runs)?;
    let is_lost = |line: &Line| runs.iter().any(|run| line.place(run).is_err());
    if is_lost(&line) {
        look_at_content(repository, &mut line, runs)?;
    }
    let mut notes = Vec::new();
    if is_lost(&line) {
        look_at_files(repository, &mut line)?;
        if repository.is_shallow() && is_lost(&line) {
            notes.push(
                "this clone is shallow: runs of commits before its end are left out; `git fetch --unshallow` brings them"
                    .to_owned(),
            );
        }
    }
    Ok((Order::Ancestry(line), notes))
}

/// First parents from the tip, until every commit that a run is of was met, or none can come any more.
fn walk(repository: &Repository, tip: &Sha, runs: &[&RunHeader]) -> Result<Line, RepositoryError> {
    let commits = runs.iter().filter_map(|run| run.commit.as_ref());
    let oldest = commits.clone().map(|commit| commit.committed).min();
    let mut wanted: HashSet<&Sha> = commits.map(|commit| &commit.sha).collect();
    let mut found = Vec::new();
    for info in repository.first_parents(tip).take(MOST_COMMITS) {
        let info = info?;
        let is_old = oldest.is_none_or(|oldest| info.committed < oldest.saturating_sub(SLACK));
        wanted.remove(&info.sha);
        found.push(LineCommit {
            sha: info.sha,
            committed: info.committed,
            subject: info.subject,
        });
        if wanted.is_empty() || is_old {
            break;
        }
    }
    Ok(Line::new(found))
}

fn look_at_content(
    repository: &Repository,
    line: &mut Line,
    runs: &[&RunHeader],
) -> Result<(), RepositoryError> {
    let lost = runs.iter().filter(|run| line.place(run).is_err());
    if lost.filter_map(|run| run.source_tree.as_ref()).count() == 0 {
        return Ok(());
    }
    for sha in newest(line) {
        line.holds(&sha, repository.source_tree_of(&sha)?);
    }
    Ok(())
}

fn look_at_files(repository: &Repository, line: &mut Line) -> Result<(), RepositoryError> {
    for pair in newest(line).windows(2) {
        let [sha, parent] = pair else { continue };
        let before = CommittedBaselines::of(repository, parent)?;
        for file in CommittedBaselines::of(repository, sha)?.added_since(Some(&before))? {
            line.brings(sha, file);
        }
    }
    Ok(())
}

/// The newest commits of the line, newest first.
fn newest(line: &Line) -> Vec<Sha> {
    let newest = line.commits().iter().rev().take(SEARCHED);
    newest.map(|commit| commit.sha.clone()).collect()
}

#[cfg(test)]
mod tests;

//! All records that are looked at for a branch, tag or commit, and whose word counts.

use std::collections::HashSet;

use super::candidates::{Candidate, Candidates, RUNS};
use super::{Query, Resolution, Sources};
use crate::repository::{Repository, RepositoryError, State, Target};
use crate::store::disguise::{self, Disguised};
use crate::store::{CommittedBaselines, Fault, History, Index, RecordEntry};

/// How many rejected records are told of.
const TOLD: usize = 20;

/// Said when the local history is not trusted.
pub(in crate::store) const COMMITTED_RUNS: &str = "the local history .perf/ is committed, so it may not be of this machine; it was not used \
     (`git rm --cached -r .perf` makes it local again)";

/// Said when the working tree is not trusted.
pub(in crate::store) const DISGUISED_RECORDS: &str = "this commit has files whose names differ from those in baselines/ only in case or the like; \
     uncommitted records were not used";

/// All records that may be used, and those that may not.
pub(super) struct Gathered<'a> {
    pub(super) candidates: Candidates<'a>,
    /// Records of other machine classes, to tell of them when there are no others.
    pub(super) foreign: Vec<RecordEntry>,
    pub(super) at_tip: Index,
    pub(super) at_head: Index,
    faults: Vec<Fault>,
    notes: Vec<String>,
}

impl<'a> Gathered<'a> {
    pub(super) fn new(
        query: &Query<'_>,
        sources: &Sources<'_>,
        repository: &'a Repository,
        target: &Target,
        state: &State,
    ) -> Result<Self, RepositoryError> {
        let mut at_tip = CommittedBaselines::of(repository, &target.commit)?.index();
        let mut faults = std::mem::take(&mut at_tip.faults);
        let head = state.commit.as_ref().map(|commit| &commit.sha);
        let mut at_head = match head {
            Some(head) => CommittedBaselines::of(repository, head)?.index(),
            None => Index::default(),
        };
        faults.append(&mut at_head.faults);
        let mut working = sources.baselines.read_working_tree();
        faults.append(&mut working.faults);
        let disguised = match head {
            Some(head) => disguise::look(repository, head)?,
            None => Disguised::default(),
        };
        let mut known = HashSet::new();
        let mut all = Vec::new();
        let mut foreign = Vec::new();
        let mut take = |index: &Index, found: fn(RecordEntry) -> Candidate, use_it: bool| {
            for entry in &index.entries {
                if !known.insert(entry.file.clone()) || !use_it {
                    continue;
                }
                if entry.class == query.class {
                    all.push(found(entry.clone()));
                } else {
                    foreign.push(entry.clone());
                }
            }
        };
        take(&at_tip, Candidate::committed, true);
        // What a branch is compared with must not come from what is compared with it.
        take(&at_head, Candidate::committed, !target.is_branch());
        take(&working, Candidate::uncommitted, !disguised.records);
        let mut notes = target.notes.clone();
        if disguised.records {
            notes.push(DISGUISED_RECORDS.to_owned());
        }
        if disguised.runs {
            notes.push(COMMITTED_RUNS.to_owned());
        } else {
            all.extend(runs(sources.history, &mut faults));
        }
        Ok(Self {
            candidates: Candidates::new(query, Some(repository), all),
            foreign,
            at_tip,
            at_head,
            faults,
            notes,
        })
    }

    /// Adds what became known of the records on the way.
    pub(super) fn complete(self, mut resolution: Resolution) -> Resolution {
        let (mut faults, unread) = self.candidates.into_unread();
        resolution.rejected.extend(unread);
        resolution
            .rejected
            .sort_by_key(|rejected| rejected.distance.unwrap_or(usize::MAX));
        resolution.rejected.truncate(TOLD);
        resolution.faults = self.faults;
        resolution.faults.append(&mut faults);
        resolution.faults.sort_by(|a, b| a.file.cmp(&b.file));
        resolution.faults.dedup_by(|a, b| a.file == b.file);
        resolution.notes.splice(0..0, self.notes);
        resolution.note_what_was_found();
        resolution.conclude();
        resolution
    }
}

/// The newest runs of the local history.
pub(super) fn runs(history: &History, faults: &mut Vec<Fault>) -> Vec<Candidate> {
    let (entries, damaged) = history.entries();
    faults.extend(damaged);
    let mut runs = Vec::new();
    for entry in entries.into_iter().take(RUNS) {
        match entry.header() {
            Ok(header) => runs.push(Candidate::run(entry, header)),
            Err(fault) => faults.push(fault),
        }
    }
    runs
}

//! The line of commits on which points lie, and where on it a run belongs.

use std::collections::HashMap;

use perf_schema::{Commit, Sha, TreeId};

use super::run::RunHeader;

/// A commit of the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineCommit {
    /// Its id.
    pub sha: Sha,
    /// Committer time, seconds since 1970 UTC.
    pub committed: i64,
    /// First line of its message.
    pub subject: String,
}

/// First parents from some tip, and what is known of their content.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// Oldest first.
    commits: Vec<LineCommit>,
    by_sha: HashMap<Sha, usize>,
    by_tree: HashMap<TreeId, usize>,
    brought: HashMap<String, usize>,
}

/// In what order runs are.
#[derive(Clone, Debug)]
pub enum Order {
    /// As git has their commits.
    Ancestry(Line),
    /// As they were made: outside git there is no other.
    Time,
}

/// By what a run was found to belong to a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placing {
    /// It is of this commit.
    Commit,
    /// It measured the content that this commit has: after a squash, a rebase, an amend.
    Content,
    /// Its file came with this commit.
    Adopted,
    /// It was made then.
    Time,
}

/// Where a run belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its place on the line.
    pub position: usize,
    /// By what that is known.
    pub by: Placing,
}

/// Why a run belongs nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nowhere {
    /// It is of files that no commit of the line has.
    Dirty,
    /// It is of a commit that is not on the line.
    Elsewhere,
    /// It is of no commit.
    NoCommit,
}

impl Line {
    /// Of these commits, newest first as they are walked.
    #[must_use]
    pub fn new(newest_first: Vec<LineCommit>) -> Self {
        let mut commits = newest_first;
        commits.reverse();
        let by_sha = commits.iter().enumerate();
        let by_sha = by_sha.map(|(at, commit)| (commit.sha.clone(), at));
        Self {
            by_sha: by_sha.collect(),
            commits,
            ..Self::default()
        }
    }

    /// Notes what a commit holds. Of commits that hold the same the oldest counts: the others changed nothing that is measured.
    pub fn holds(&mut self, commit: &Sha, tree: TreeId) {
        if let Some(&position) = self.by_sha.get(commit) {
            let first = self.by_tree.entry(tree).or_insert(position);
            *first = position.min(*first);
        }
    }

    /// Notes that the file of a record came with a commit. The oldest counts here, too.
    pub fn brings(&mut self, commit: &Sha, file: String) {
        if let Some(&position) = self.by_sha.get(commit) {
            let first = self.brought.entry(file).or_insert(position);
            *first = position.min(*first);
        }
    }

    /// The commits, oldest first.
    #[must_use]
    pub fn commits(&self) -> &[LineCommit] {
        &self.commits
    }

    /// The place of a commit, if it is on the line.
    #[must_use]
    pub fn position(&self, commit: &Sha) -> Option<usize> {
        self.by_sha.get(commit).copied()
    }

    /// Where a run belongs. Its commit comes first: that is where it was measured, and a later commit of the same content adds
    /// nothing. Content comes second, which survives squash, rebase and amend; the commit that brought its file last.
    ///
    /// # Errors
    /// When it belongs nowhere on this line, with the reason.
    pub fn place(&self, run: &RunHeader) -> Result<Place, Nowhere> {
        let at = |position: Option<usize>, by| position.map(|position| Place { position, by });
        let commit = run.commit.as_ref();
        let clean = commit.filter(|commit| !commit.dirty);
        let of_commit = clean.and_then(|commit| self.position(&commit.sha));
        let of_content = || {
            let tree = run.source_tree.as_ref()?;
            self.by_tree.get(tree).copied()
        };
        let adopted = || self.brought.get(run.file.as_ref()?).copied();
        at(of_commit, Placing::Commit)
            .or_else(|| at(of_content(), Placing::Content))
            .or_else(|| clean.and_then(|_| at(adopted(), Placing::Adopted)))
            .ok_or(match commit {
                None => Nowhere::NoCommit,
                Some(Commit { dirty: true, .. }) => Nowhere::Dirty,
                Some(_) => Nowhere::Elsewhere,
            })
    }
}

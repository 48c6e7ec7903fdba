//! Which commit came before which.
//!
//! In a shallow clone libgit2 shows the oldest commits as if they had no parents. The commit object still names them,
//! and so do [`CommitInfo::parents`]: whoever walks finds out at the next step that the parent is not there.

use git2::{ErrorCode, Oid};
use perf_schema::Sha;

use super::state::sha;
use super::{Repository, RepositoryError};

/// The longest subject that is kept, in characters.
const SUBJECT: usize = 500;

/// What a commit object says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitInfo {
    /// Its id.
    pub sha: Sha,
    /// Its parents as written in it, whether or not this clone has them.
    pub parents: Vec<Sha>,
    /// Committer time, seconds since 1970 UTC.
    pub committed: i64,
    /// First line of the message.
    pub subject: String,
}

/// Commits along first parents, read one by one.
#[derive(Debug)]
pub struct FirstParents<'a> {
    repository: &'a Repository,
    next: Option<Sha>,
}

impl Iterator for FirstParents<'_> {
    type Item = Result<CommitInfo, RepositoryError>;

    fn next(&mut self) -> Option<Self::Item> {
        let read = self.repository.commit(&self.next.take()?);
        match &read {
            Ok(info) => self.next = info.parents.first().cloned(),
            Err(RepositoryError::Missing { .. }) if self.repository.is_shallow() => return None,
            Err(_) => {}
        }
        Some(read)
    }
}

impl Repository {
    /// Reads a commit.
    ///
    /// # Errors
    /// [`RepositoryError::Missing`] when it is not in this clone.
    pub fn commit(&self, commit: &Sha) -> Result<CommitInfo, RepositoryError> {
        let object = self.find(commit)?;
        let parents = String::from_utf8_lossy(object.raw_header_bytes())
            .lines()
            .map_while(|line| {
                line.strip_prefix("parent ")
                    .or_else(|| line.strip_prefix("tree ").map(|_| ""))
            })
            .filter(|parent| !parent.is_empty())
            .map(str::parse)
            .collect::<Result<Vec<Sha>, _>>()?;
        let subject = String::from_utf8_lossy(object.summary_bytes().unwrap_or_default());
        Ok(CommitInfo {
            sha: commit.clone(),
            parents,
            committed: object.time().seconds(),
            subject: subject.chars().take(SUBJECT).collect(),
        })
    }

    /// Whether the commit is in this clone.
    #[must_use]
    pub fn has(&self, commit: &Sha) -> bool {
        self.find(commit).is_ok()
    }

    /// Whether this is a shallow clone, whose history ends before its beginning.
    #[must_use]
    pub fn is_shallow(&self) -> bool {
        self.git.is_shallow()
    }

    /// The best common ancestors of two commits; none when their histories do not meet in this clone.
    ///
    /// # Errors
    /// When a commit is missing or cannot be read.
    pub fn merge_bases(&self, one: &Sha, other: &Sha) -> Result<Vec<Sha>, RepositoryError> {
        match self.git.merge_bases(self.oid(one)?, self.oid(other)?) {
            Ok(bases) => bases.iter().map(|&base| sha(base)).collect(),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(Vec::new()),
            Err(error) => Err(RepositoryError::reading("the history")(error)),
        }
    }

    /// Whether `ancestor` is `commit` or one of its ancestors, as far as this clone knows.
    ///
    /// # Errors
    /// When `commit` is missing or cannot be read.
    pub fn is_ancestor(&self, ancestor: &Sha, commit: &Sha) -> Result<bool, RepositoryError> {
        if ancestor == commit {
            return Ok(true);
        }
        if !self.has(ancestor) {
            return Ok(false);
        }
        self.git
            .graph_descendant_of(self.oid(commit)?, self.oid(ancestor)?)
            .map_err(RepositoryError::reading("the history"))
    }

    /// The commit and its first parents, newest first, ending early where a shallow clone does.
    #[must_use]
    pub fn first_parents(&self, commit: &Sha) -> FirstParents<'_> {
        FirstParents {
            repository: self,
            next: Some(commit.clone()),
        }
    }

    /// The tree a commit holds.
    pub(super) fn tree_of(&self, commit: Oid) -> Result<Oid, RepositoryError> {
        Ok(self.find(&sha(commit)?)?.tree_id())
    }

    pub(crate) fn oid(&self, commit: &Sha) -> Result<Oid, RepositoryError> {
        Oid::from_str(commit.as_str()).map_err(RepositoryError::reading(format!(
            "the id {}",
            commit.short(12)
        )))
    }

    fn find(&self, commit: &Sha) -> Result<git2::Commit<'_>, RepositoryError> {
        self.git
            .find_commit(self.oid(commit)?)
            .map_err(|error| match error.code() {
                ErrorCode::NotFound => RepositoryError::Missing {
                    commit: commit.clone(),
                },
                _ => RepositoryError::reading(format!("the commit {}", commit.short(12)))(error),
            })
    }
}

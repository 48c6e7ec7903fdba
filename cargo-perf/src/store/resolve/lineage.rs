//! The line of first parents from the anchor, in git and beyond the end of a shallow clone.
//!
//! Where a commit object is not in the clone, a record of that commit tells its parents, and the line goes on.

use perf_schema::{Sha, TreeId};

use super::Limits;
use super::candidates::Candidates;
use crate::repository::{Repository, RepositoryError};
use crate::store::name::SHA_DIGITS;

const DAY: i64 = 86_400;

/// A commit of the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) sha: Sha,
    pub(super) parents: Vec<Sha>,
    pub(super) committed: i64,
    /// Its content; `None` when neither git nor a record tells.
    pub(super) tree: Option<TreeId>,
}

/// Why the line goes no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The first commit was reached.
    Root,
    /// As many commits as are looked at.
    Commits,
    /// The next commit is too old.
    Days,
    /// The next commit is not in this clone.
    Shallow,
}

/// The line, newest first; it may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chain {
    pub(super) links: Vec<Link>,
    pub(super) end: End,
}

/// Commits, wherever they are known from.
#[derive(Clone, Copy)]
pub(super) struct Lineage<'a> {
    pub(super) repository: &'a Repository,
    pub(super) candidates: &'a Candidates<'a>,
}

impl Lineage<'_> {
    /// A commit; `None` when it is beyond the end of a shallow clone and no record is of it.
    pub(super) fn link(&self, sha: &Sha) -> Result<Option<Link>, RepositoryError> {
        match self.repository.commit(sha) {
            Ok(info) => Ok(Some(Link {
                sha: info.sha,
                parents: info.parents,
                committed: info.committed,
                tree: Some(self.repository.source_tree_of(sha)?),
            })),
            Err(RepositoryError::Missing { .. }) if self.repository.is_shallow() => {
                Ok(self.told(sha))
            }
            Err(error) => Err(error),
        }
    }

    /// What the records of a commit tell of it.
    fn told(&self, sha: &Sha) -> Option<Link> {
        let known: Vec<_> = self
            .candidates
            .of_commit(sha.short(SHA_DIGITS))
            .iter()
            .filter_map(|&number| self.candidates.header(number))
            .filter_map(|header| Some((header, header.commit.as_ref()?)))
            .filter(|(_, commit)| commit.sha == *sha)
            .collect();
        let (_, commit) = known.first()?;
        Some(Link {
            sha: sha.clone(),
            parents: commit.parents.clone(),
            committed: commit.committed,
            tree: known
                .iter()
                .find(|(_, commit)| !commit.dirty)
                .and_then(|(header, _)| header.source_tree.clone()),
        })
    }

    /// Walks first parents from the anchor as far as the limits allow.
    pub(super) fn chain(&self, anchor: &Sha, limits: &Limits) -> Result<Chain, RepositoryError> {
        let mut links: Vec<Link> = Vec::new();
        let mut next = anchor.clone();
        let end = loop {
            if links.len() > limits.commits {
                break End::Commits;
            }
            let Some(link) = self.link(&next)? else {
                break End::Shallow;
            };
            let youngest = links
                .first()
                .map_or(link.committed, |first| first.committed);
            if link.committed < youngest - i64::from(limits.days) * DAY {
                break End::Days;
            }
            let parent = link.parents.first().cloned();
            links.push(link);
            match parent {
                Some(parent) => next = parent,
                None => break End::Root,
            }
        };
        Ok(Chain { links, end })
    }
}

//! The commit from which the search for records begins.

use std::collections::HashSet;
use std::fmt;

use perf_schema::{Commit, Sha, TreeId};

use super::lineage::{Lineage, Link};
use crate::repository::{RepositoryError, State, Target};

/// How many commits are passed at most in search of other code, or of a common ancestor that git does not know.
const FAR: usize = 1_000;

/// How many commits of the target are searched for the nearest of several merge bases.
const FARTHER: usize = 10_000;

/// The commit from which the search begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// The commit.
    pub commit: Sha,
    /// How it was found.
    pub kind: AnchorKind,
}

/// How an anchor was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnchorKind {
    /// Where HEAD left the branch.
    MergeBase,
    /// HEAD is a test merge into the branch: its first parent.
    TestMerge,
    /// HEAD is on the branch: the nearest commit before it with other code.
    Before,
    /// HEAD is on the branch, and its files were changed: HEAD itself.
    Head,
    /// It was named.
    Named,
}

impl fmt::Display for AnchorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MergeBase => "merge base",
            Self::TestMerge => "first parent of the test merge",
            Self::Before => "the code before HEAD",
            Self::Head => "HEAD, below uncommitted changes",
            Self::Named => "as named",
        })
    }
}

/// Why there is no anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoAnchor {
    /// Nothing comes before HEAD that has other code.
    First,
    /// The histories do not meet.
    Unrelated,
    /// They may meet beyond the end of a shallow clone.
    Shallow,
}

type Found = Result<Result<Anchor, NoAnchor>, RepositoryError>;

/// Finds the anchor for what is measured at `head`.
pub(super) fn find(lineage: &Lineage<'_>, target: &Target, head: &Commit, state: &State) -> Found {
    let repository = lineage.repository;
    let tip = &target.commit;
    if !target.is_branch() {
        return at(tip, AnchorKind::Named);
    }
    if repository.is_ancestor(&head.sha, tip)? {
        return if head.dirty {
            at(&head.sha, AnchorKind::Head)
        } else {
            before(lineage, head, &state.source_tree)
        };
    }
    if let [first, _] = &head.parents[..]
        && repository.is_ancestor(first, tip)?
    {
        return at(first, AnchorKind::TestMerge);
    }
    let bases = repository.merge_bases(&head.sha, tip)?;
    match nearest(lineage, tip, bases)? {
        Some(base) => at(&base, AnchorKind::MergeBase),
        None if !repository.is_shallow() => Ok(Err(NoAnchor::Unrelated)),
        None => beyond(lineage, head, tip),
    }
}

fn at(commit: &Sha, kind: AnchorKind) -> Found {
    let commit = commit.clone();
    Ok(Ok(Anchor { commit, kind }))
}

/// The first parent of HEAD, or the nearest before it that is other code: a commit that only added a record is the same
/// code as its parent, and is no more a baseline for it than it is for itself.
fn before(lineage: &Lineage<'_>, head: &Commit, measured: &TreeId) -> Found {
    let mut next = head.parents.first().cloned();
    for _ in 0..FAR {
        let Some(sha) = next else { break };
        let Some(link) = lineage.link(&sha)? else {
            return Ok(Err(NoAnchor::Shallow));
        };
        if link.tree.as_ref() != Some(measured) {
            return at(&link.sha, AnchorKind::Before);
        }
        next = link.parents.first().cloned();
    }
    Ok(Err(NoAnchor::First))
}

/// Of several merge bases the one nearest to the tip along first parents; otherwise the one git holds best.
fn nearest(
    lineage: &Lineage<'_>,
    tip: &Sha,
    bases: Vec<Sha>,
) -> Result<Option<Sha>, RepositoryError> {
    if bases.len() > 1 {
        for commit in lineage.repository.first_parents(tip).take(FARTHER) {
            let sha = commit?.sha;
            if bases.contains(&sha) {
                return Ok(Some(sha));
            }
        }
    }
    Ok(bases.into_iter().next())
}

/// Looks for the common ancestor where git cannot: along first parents that commits and records name.
fn beyond(lineage: &Lineage<'_>, head: &Commit, tip: &Sha) -> Found {
    let theirs: HashSet<Sha> = named_line(lineage, tip)?.into_iter().collect();
    let ours = named_line(lineage, &head.sha)?;
    match ours.into_iter().find(|sha| theirs.contains(sha)) {
        Some(base) => at(&base, AnchorKind::MergeBase),
        None => Ok(Err(NoAnchor::Shallow)),
    }
}

/// Ids along first parents, the last of them of a commit of which nothing more is known.
fn named_line(lineage: &Lineage<'_>, from: &Sha) -> Result<Vec<Sha>, RepositoryError> {
    let mut line = vec![from.clone()];
    let mut link: Option<Link> = lineage.link(from)?;
    while let Some(parent) = link.and_then(|link| link.parents.into_iter().next()) {
        if line.len() >= FAR {
            break;
        }
        link = lineage.link(&parent)?;
        line.push(parent);
    }
    Ok(line)
}

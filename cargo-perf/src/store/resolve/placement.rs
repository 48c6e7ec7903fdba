//! Which commit of the line a record belongs to, and at which step of the walk it has to be looked at for that.
//!
//! Content comes first, then the commit it is of, then the commit that brought the file. To read no more than is needed,
//! the steps follow from names: a record of a commit on the line belongs to the first commit with that content, which
//! git tells; only of other records the header must be read.

use std::collections::{HashMap, HashSet};

use perf_schema::{RecordHeader, Sha, TreeId};

use super::Matched;
use super::candidates::Candidate;
use super::lineage::{Chain, Lineage};
use super::rejection::Why;
use crate::repository::RepositoryError;
use crate::store::CommittedBaselines;
use crate::store::name::SHA_DIGITS;

/// How many commits after the anchor are known by name.
const NEWER: usize = 2_000;

/// The line of commits, and what each of them brought.
pub(super) struct Ground<'a> {
    lineage: Lineage<'a>,
    chain: &'a Chain,
    by_tree: HashMap<&'a TreeId, usize>,
    by_sha: HashMap<&'a str, usize>,
    /// Commits of the target after the anchor.
    newer: HashMap<String, Sha>,
    /// The step whose commit brought the file.
    brought: HashMap<String, usize>,
    /// Files that the anchor has.
    at_anchor: HashSet<String>,
    /// Whether the oldest commit may have had its files before.
    is_cut: bool,
}

/// When a record has to be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// At this step.
    At(usize),
    /// At the first step, if nothing else is found there: it came after the anchor and is of an unknown commit.
    Late,
    /// It is not on the line.
    Never(Why),
}

impl<'a> Ground<'a> {
    pub(super) fn new(
        lineage: Lineage<'a>,
        chain: &'a Chain,
        tip: &Sha,
    ) -> Result<Self, RepositoryError> {
        let mut ground = Self {
            lineage,
            chain,
            by_tree: HashMap::new(),
            by_sha: HashMap::new(),
            newer: HashMap::new(),
            brought: HashMap::new(),
            at_anchor: HashSet::new(),
            is_cut: false,
        };
        for (step, link) in chain.links.iter().enumerate() {
            ground.by_sha.insert(link.sha.short(SHA_DIGITS), step);
            if let Some(tree) = &link.tree {
                ground.by_tree.entry(tree).or_insert(step);
            }
        }
        ground.look_after_the_anchor(tip)?;
        for step in 0..chain.links.len() {
            ground.look_at_files(step)?;
        }
        Ok(ground)
    }

    fn look_after_the_anchor(&mut self, tip: &Sha) -> Result<(), RepositoryError> {
        for info in self.lineage.repository.first_parents(tip).take(NEWER) {
            let info = info?;
            let digits = info.sha.short(SHA_DIGITS);
            if self.by_sha.contains_key(digits) {
                break;
            }
            self.newer.insert(digits.to_owned(), info.sha);
        }
        Ok(())
    }

    fn look_at_files(&mut self, step: usize) -> Result<(), RepositoryError> {
        let repository = self.lineage.repository;
        let link = &self.chain.links[step];
        if !repository.has(&link.sha) {
            self.is_cut = true;
            return Ok(());
        }
        let here = CommittedBaselines::of(repository, &link.sha)?;
        if step == 0 {
            self.at_anchor.extend(here.added_since(None)?);
        }
        let before = match link.parents.first() {
            None => None,
            Some(parent) if repository.has(parent) => {
                Some(CommittedBaselines::of(repository, parent)?)
            }
            Some(_) => {
                self.is_cut = true;
                return Ok(());
            }
        };
        for file in here.added_since(before.as_ref())? {
            self.brought.entry(file).or_insert(step);
        }
        Ok(())
    }

    /// Whether the commit is one of the target's after the anchor.
    pub(super) fn is_newer(&self, sha: &Sha) -> bool {
        self.newer.contains_key(sha.short(SHA_DIGITS))
    }

    /// The step of the commit that begins with these digits.
    pub(super) fn step_of(&self, digits: &str) -> Option<usize> {
        self.by_sha.get(digits).copied()
    }

    /// When to look at a record. `header` is what reads it, and is asked only where that is cheap.
    pub(super) fn due<'h>(
        &self,
        candidate: &Candidate,
        header: impl FnOnce() -> Option<&'h RecordHeader>,
    ) -> Result<Due, RepositoryError> {
        if candidate.is_cheap() {
            return Ok(match header().map(|header| self.place(candidate, header)) {
                Some(Ok((step, _))) => Due::At(step),
                Some(Err(why)) => Due::Never(why),
                None => Due::Never(Why::OffHistory),
            });
        }
        let digits = candidate.sha.as_deref().unwrap_or_default();
        if let Some(step) = self.step_of(digits) {
            return Ok(Due::At(self.due_on_the_line(candidate, step)));
        }
        if let Some(sha) = self.newer.get(digits) {
            let tree = self.lineage.repository.source_tree_of(sha)?;
            let step = self.by_tree.get(&tree);
            return Ok(step.map_or(Due::Never(Why::Later), |&step| Due::At(step)));
        }
        let file = candidate.file();
        Ok(match self.brought.get(&file) {
            Some(&step) => Due::At(step),
            None if !self.at_anchor.contains(&file) => Due::Late,
            None if self.is_cut => Due::At(self.chain.links.len().saturating_sub(1)),
            None => Due::Never(Why::TooFar { commits: None }),
        })
    }

    /// A record of a commit on the line belongs to the first commit of that content, unless it was made from a dirty
    /// tree: then to the one that committed it, which as a rule is the next, or brought the file together with the code.
    fn due_on_the_line(&self, candidate: &Candidate, step: usize) -> usize {
        let links = &self.chain.links;
        let of_content = links[step].tree.as_ref().and_then(|t| self.by_tree.get(t));
        let next = step.saturating_sub(1);
        let due = of_content.map_or(next, |&of_content| of_content.min(next));
        match self.brought.get(&candidate.file()) {
            Some(&with) if with < due && links[with].tree != links[with + 1].tree => with,
            _ => due,
        }
    }

    /// The step the record belongs to, and by what.
    pub(super) fn place(
        &self,
        candidate: &Candidate,
        header: &RecordHeader,
    ) -> Result<(usize, Matched), Why> {
        let commit = header.commit.as_ref();
        let dirty = commit.is_some_and(|commit| commit.dirty);
        let step = commit.and_then(|commit| self.step_of(commit.sha.short(SHA_DIGITS)));
        let of_commit = commit
            .zip(step)
            .filter(|(commit, step)| !dirty && self.chain.links[*step].sha == commit.sha)
            .map(|(_, step)| (step, Matched::Commit));
        let of_content = header
            .source_tree
            .as_ref()
            .and_then(|tree| self.by_tree.get(tree))
            .map(|&step| (step, Matched::Content));
        // The nearer of the two; at the same commit the commit says more.
        if let Some(place) = of_commit.into_iter().chain(of_content).min() {
            return Ok(place);
        }
        if dirty {
            return Err(Why::Dirty);
        }
        if commit.is_some_and(|commit| self.is_newer(&commit.sha)) {
            return Err(Why::Later);
        }
        match self.brought.get(&candidate.file()) {
            Some(&step) if candidate.is_committed() => Ok((step, Matched::Adopted)),
            _ => Err(Why::OffHistory),
        }
    }
}

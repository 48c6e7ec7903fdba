//! The answer: what to compare with, how it was found, and what was not used.

use std::collections::BTreeMap;
use std::sync::Arc;

use perf_schema::{BenchId, Sha};

use super::candidates::Candidates;
use super::explanation::{Explanation, Nothing, counted};
use super::selection::Selection;
use super::{Anchor, End, OnLine, Query, Rejected};
use crate::repository::Target;
use crate::store::{Fault, StoredRecord};

/// What a baseline name comes to.
#[derive(Debug, Default)]
pub struct Resolution {
    /// What was typed.
    pub typed: String,
    /// The machine class that records were looked for of.
    pub class: String,
    /// What git says the name means; `None` for what is taken as it is.
    pub target: Option<Target>,
    /// The commit the search began at.
    pub anchor: Option<Anchor>,
    /// How far the search went.
    pub walked: Option<Walked>,
    /// The records to compare with, for each wanted benchmark that has some.
    pub choices: BTreeMap<BenchId, Choice>,
    /// Wanted benchmarks with no record to compare with: new ones, or with the nearest record and why it does not do.
    pub unmatched: BTreeMap<BenchId, Option<Rejected>>,
    /// The nearest comparable records, whatever benchmarks they hold: what may be missing now is there.
    pub nearest: Option<Nearest>,
    /// Records that were passed over, nearest first.
    pub rejected: Vec<Rejected>,
    /// Records that the checked-out commit brings and the target does not have: they count after the merge.
    pub brought: Vec<String>,
    /// The target's own records on its line, nearest first: they tell what sessions differ by.
    pub line: Vec<OnLine>,
    /// Files that could not be read.
    pub faults: Vec<Fault>,
    /// What the user should know about how the name was understood and the records were found.
    pub notes: Vec<String>,
    /// Whether the search met the end of a shallow clone.
    pub shallow: bool,
    /// Whether the anchor is the measured code itself.
    pub same_code: bool,
    /// Why nothing was found, if nothing was.
    pub nothing: Option<Nothing>,
}

/// How far the search went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walked {
    /// Commits looked at, the anchor among them.
    pub commits: usize,
    /// Committer time of the oldest of them.
    pub back_to: i64,
    /// Why the search went no further. It may have ended earlier because all was found.
    pub end: End,
}

/// Comparable records of one commit.
#[derive(Clone, Debug)]
pub struct Nearest {
    /// The commit; `None` for a run outside git.
    pub commit: Option<Sha>,
    /// Commits from the anchor back to it; `None` when it was not found by walking.
    pub distance: Option<usize>,
    /// The records, pooled.
    pub records: Vec<Arc<StoredRecord>>,
}

/// The baseline of one benchmark.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The records that hold it, pooled: all of one commit.
    pub records: Vec<Arc<StoredRecord>>,
    /// The commit they are placed at; `None` for a run outside git.
    pub commit: Option<Sha>,
    /// Commits from the anchor back to it; `None` when it was not found by walking.
    pub distance: Option<usize>,
    /// By what they were placed there.
    pub matched: Matched,
    /// The compiler of the records, if it is not the one that measured.
    pub other_rustc: Option<String>,
    /// Whether the records are of the very code that is measured: an A/A check, from which no regression follows.
    pub same_code: bool,
    /// Whether a verdict against it may decide.
    pub standing: Standing,
}

/// By what a record was placed at a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matched {
    /// It is of that commit.
    Commit,
    /// It is of the same content: a squash, rebase, amend or cherry-pick of what was measured, or its neighbour that only
    /// changed records.
    Content,
    /// That commit brought the file, as a squash or merge does. Its code is near, not equal.
    Adopted,
    /// It is the newest that is not younger than HEAD, in a clone too shallow to know.
    Approximate,
    /// It was named, by `last`, `record:<id>` or a path.
    Named,
}

/// Whether a verdict against a baseline may decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It may.
    Firm,
    /// It may not: too many commits lie between.
    Far,
    /// It may not: another compiler built it.
    OtherToolchain,
    /// It may not: its place is a guess.
    Approximate,
}

impl Resolution {
    /// The answer for what is taken as it is, without a search along commits.
    pub(super) fn taken(
        query: &Query<'_>,
        mut selection: Selection<'_>,
        candidates: Candidates<'_>,
        mut faults: Vec<Fault>,
    ) -> Self {
        let (unread, unreadable) = candidates.into_unread();
        faults.extend(unread);
        let mut resolution = Self {
            typed: query.baseline.to_owned(),
            class: query.class.to_owned(),
            nearest: selection.nearest.take(),
            rejected: std::mem::take(&mut selection.rejected),
            faults,
            ..Self::default()
        };
        resolution.rejected.extend(unreadable);
        (resolution.choices, resolution.unmatched) = selection.finish();
        resolution.note_what_was_found();
        resolution.conclude();
        resolution
    }

    /// Says what is out of the ordinary about the choices.
    pub(super) fn note_what_was_found(&mut self) {
        let count = |is: &dyn Fn(&Choice) -> bool| {
            let count = self.choices.values().filter(|choice| is(choice)).count();
            (count > 0).then(|| counted(count, "benchmark"))
        };
        let told = [
            count(&|choice| choice.matched == Matched::Adopted).map(|n| {
                format!("{n}: the baseline was adopted, a squash or merge brought its record and the code is near, not equal")
            }),
            count(&|choice| choice.other_rustc.is_some())
                .map(|n| format!("{n}: the baseline was built by another compiler and does not decide")),
            count(&|choice| choice.standing == Standing::Far)
                .map(|n| format!("{n}: the baseline is too many commits back to decide")),
            count(&|choice| choice.standing == Standing::Approximate).map(|n| {
                format!(
                    "{n}: this clone is too shallow to find the baseline, so the newest record is shown and does not decide; \
                     type `git fetch --unshallow`"
                )
            }),
            count(&|choice| choice.same_code)
                .map(|n| format!("{n}: the baseline is of the measured code itself, this is an A/A check")),
            (!self.brought.is_empty()).then(|| {
                format!(
                    "this branch brings {}, used only after the merge",
                    counted(self.brought.len(), "record")
                )
            }),
        ];
        self.notes.extend(told.into_iter().flatten());
    }

    /// Why nothing was found, what was looked at, and what to type next. `None` when something was found.
    #[must_use]
    pub fn explanation(&self) -> Option<Explanation<'_>> {
        self.nothing
            .as_ref()
            .map(|nothing| Explanation::new(self, nothing))
    }

    /// Whether all that was found is of the measured code itself.
    #[must_use]
    pub fn is_self_check(&self) -> bool {
        !self.choices.is_empty() && self.choices.values().all(|choice| choice.same_code)
    }
}

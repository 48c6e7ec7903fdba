//! What was measured, in the words that every command uses.

use std::collections::BTreeMap;

use perf_schema::{Commit, RunRecord, Sha};

use crate::report::Row;
use crate::store::resolve::{Choice, Resolution};

/// What a record is of.
pub(super) fn title(record: &RunRecord) -> String {
    title_of(record.commit.as_ref(), &record.machine.class)
}

/// A commit on a machine.
pub(super) fn title_of(commit: Option<&Commit>, class: &str) -> String {
    let code = match commit {
        None => "uncommitted code".to_owned(),
        Some(commit) => {
            let branch = commit.branch.as_deref().unwrap_or("detached HEAD");
            let dirty = if commit.dirty {
                " with uncommitted changes"
            } else {
                ""
            };
            format!("{branch} {}{dirty}", commit.sha.short(7))
        }
    };
    format!("{code} on {class}")
}

/// What a candidate is compared with.
pub(super) fn baseline_title(resolution: &Resolution) -> String {
    if resolution.is_self_check() {
        let typed = &resolution.typed;
        return match (&resolution.target, &resolution.anchor) {
            (Some(target), Some(anchor)) if target.commit != anchor.commit => format!(
                "the merge base with {typed}, which has this very code ({typed} itself is at {}: name that commit to compare \
                 with it)",
                target.commit.short(7)
            ),
            _ => format!("{typed}, which has this very code"),
        };
    }
    let mut title = match (&resolution.target, &resolution.anchor) {
        (Some(target), Some(anchor)) if target.commit == anchor.commit => {
            format!(
                "{} at {} ({})",
                resolution.typed,
                anchor.commit.short(7),
                anchor.kind
            )
        }
        (Some(target), Some(anchor)) => format!(
            "{target}, from {} ({})",
            anchor.commit.short(7),
            anchor.kind
        ),
        (Some(target), None) => target.to_string(),
        (None, _) => resolution.typed.clone(),
    };
    let anchor = resolution
        .anchor
        .as_ref()
        .map(|anchor| anchor.commit.as_str());
    if let Some(choice) = common_choice(resolution).filter(|choice| commit_of(choice) != anchor) {
        title.push_str(&format!(", measured at {}", place(choice)));
    }
    title
}

/// The choice that most benchmarks have in common, by commit.
fn common_choice(resolution: &Resolution) -> Option<&Choice> {
    let mut count: BTreeMap<Option<&str>, usize> = BTreeMap::new();
    for choice in resolution.choices.values() {
        *count.entry(commit_of(choice)).or_default() += 1;
    }
    let (&most, _) = count.iter().max_by_key(|(_, n)| **n)?;
    resolution
        .choices
        .values()
        .find(|choice| commit_of(choice) == most)
}

fn commit_of(choice: &Choice) -> Option<&str> {
    choice.commit.as_ref().map(Sha::as_str)
}

fn place(choice: &Choice) -> String {
    let commit = choice
        .commit
        .as_ref()
        .map_or("no commit".to_owned(), |sha| sha.short(7).to_owned());
    match choice.distance {
        None | Some(0) => commit,
        Some(1) => format!("{commit}, 1 commit before"),
        Some(n) => format!("{commit}, {n} commits before"),
    }
}

/// Says where a benchmark's baseline comes from when it is not where most come from.
pub(super) fn name_origins(rows: &mut [Row], resolution: &Resolution) {
    let common = common_choice(resolution).map(commit_of);
    for row in rows {
        if let Some(choice) = resolution.choices.get(&row.id)
            && Some(commit_of(choice)) != common
        {
            row.origin = Some(format!("baseline measured at {}", place(choice)));
        }
    }
}

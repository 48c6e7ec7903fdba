//! What was measured, in the words that every command uses.

use perf_schema::{Commit, RunRecord};

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

//! Records that the checked-out commit brings along. They are trusted when they are merged, not before.

use std::collections::HashSet;

use perf_schema::Commit;

use crate::repository::{Repository, RepositoryError, Target};
use crate::store::{CommittedBaselines, Index};

/// Paths of records that HEAD has and neither the target nor the anchor has. None when HEAD is on the target.
pub(super) fn find(
    repository: &Repository,
    target: &Target,
    head: &Commit,
    at_tip: &Index,
    at_head: &Index,
    at_anchor: Option<&CommittedBaselines<'_>>,
) -> Result<Vec<String>, RepositoryError> {
    if !target.is_branch() || repository.is_ancestor(&head.sha, &target.commit)? {
        return Ok(Vec::new());
    }
    let index = at_anchor.map(CommittedBaselines::index).unwrap_or_default();
    let theirs: HashSet<&str> = at_tip
        .entries
        .iter()
        .chain(&index.entries)
        .map(|entry| entry.file.as_str())
        .collect();
    Ok(at_head
        .entries
        .iter()
        .filter(|entry| !theirs.contains(entry.file.as_str()))
        .map(|entry| entry.file.clone())
        .collect())
}

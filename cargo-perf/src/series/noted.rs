//! Notes on commits, at their places on the line.

use std::collections::HashMap;

use perf_schema::{Note, Sha, TreeId};
use serde::Serialize;

use super::line::Order;
use super::run::RunHeader;

/// A note at its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Noted {
    /// The commit of the line that it is on.
    pub sha: Sha,
    /// First line of that commit's message.
    pub subject: String,
    /// Committer time, seconds since 1970 UTC.
    pub committed: i64,
    /// The place on the line.
    pub position: usize,
    /// What it says.
    pub text: String,
    /// Who wrote it, if they said so.
    pub who: Option<String>,
}

/// The notes that are on the line, oldest commit first. A note whose commit is not on it is on the oldest commit that has the same
/// content, as far as runs tell what commits have; one that is on none is left out. Outside git there is no line.
#[must_use]
pub fn noted<'a>(
    order: &Order,
    runs: impl IntoIterator<Item = &'a RunHeader>,
    notes: impl IntoIterator<Item = &'a Note>,
) -> Vec<Noted> {
    let Order::Ancestry(line) = order else {
        return Vec::new();
    };
    let mut by_tree: HashMap<&TreeId, usize> = HashMap::new();
    for run in runs {
        if let (Some(tree), Ok(place)) = (&run.source_tree, line.place(run)) {
            let first = by_tree.entry(tree).or_insert(place.position);
            *first = place.position.min(*first);
        }
    }
    let at = |note: &Note| {
        let of_content = || by_tree.get(note.source_tree.as_ref()?).copied();
        let position = line.position(&note.commit).or_else(of_content)?;
        let commit = line.commits().get(position)?;
        Some(Noted {
            sha: commit.sha.clone(),
            subject: commit.subject.clone(),
            committed: commit.committed,
            position,
            text: note.text.clone(),
            who: note.who.clone(),
        })
    };
    let mut found: Vec<Noted> = notes.into_iter().filter_map(at).collect();
    found.sort_by(|a, b| (a.position, &a.text).cmp(&(b.position, &b.text)));
    found
}

#[cfg(test)]
mod tests {
    use perf_schema::NOTE_VERSION;

    use super::*;
    use crate::series::fixture::{line, record, sha, tree};

    fn note(commit: Sha, source_tree: Option<TreeId>, text: &str) -> Note {
        Note {
            schema: NOTE_VERSION,
            commit,
            source_tree,
            text: text.to_owned(),
            who: None,
        }
    }

    #[test]
    fn a_note_is_on_its_commit_or_where_its_content_went() {
        let id = "ab".repeat(32).parse().unwrap();
        let run = RunHeader::of(id, &record(3, &[("a", 1.0)]));
        let elsewhere: Sha = "f".repeat(40).parse().unwrap();
        let notes = [
            note(sha(4), None, "later"),
            note(elsewhere.clone(), Some(tree(3)), "squashed"),
            note(elsewhere, Some("e".repeat(40).parse().unwrap()), "gone"),
            note(sha(1), None, "first"),
        ];
        let found = noted(&line(5), [&run], &notes);
        let told: Vec<(usize, &str)> = found
            .iter()
            .map(|noted| (noted.position, noted.text.as_str()))
            .collect();
        assert_eq!(told, [(1, "first"), (3, "squashed"), (4, "later")]);
        assert_eq!(
            (&found[1].sha, found[1].subject.as_str()),
            (&sha(3), "change 3")
        );
        assert_eq!(noted(&Order::Time, [&run], &notes), []);
    }
}

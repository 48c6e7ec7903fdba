//! Names of folders and files: made here, and parsed here as strictly.
//!
//! What a user may choose, the name of a branch, never becomes a path as it is.

use std::fmt;

use crate::hash::short;
use perf_schema::{RecordId, Sha};

/// The longest part of a branch name that its folder keeps, in bytes.
const LONGEST: usize = 48;

/// The folder of records made with a detached HEAD.
const DETACHED: &str = "detached";

/// Folders in which something else lies than records.
const OWN: [&str; 2] = ["accepts", "notes"];

/// Names that Windows has for its devices, besides those with a number.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Digits of the commit in a file name.
pub(super) const SHA_DIGITS: usize = 12;

/// Digits of the record's id in a file name.
pub(super) const RECORD_DIGITS: usize = 8;

/// The folder of a branch: lower-case letters, digits and `-`.
///
/// `feature/fast-path` has the folder `feature-fast-path`. A name that loses more than its slashes, or could be taken
/// for another, ends in `-` and eight digits of a hash of the true name. `None` is a detached HEAD.
#[must_use]
pub fn branch_folder(branch: Option<&str>) -> String {
    let Some(branch) = branch else {
        return DETACHED.to_owned();
    };
    let plain = branch.replace('/', "-");
    if is_folder(&plain) && !is_ambiguous(&plain) {
        return plain;
    }
    let kept = kept(&plain);
    let hash = short(branch.as_bytes(), RECORD_DIGITS);
    let start = if kept.is_empty() { "branch" } else { &kept };
    format!("{start}-{hash}")
}

/// Whether a folder can have been named by [`branch_folder`].
pub(super) fn is_branch_folder(name: &str) -> bool {
    is_folder(name) && !is_windows_device(name) && !is_own(name)
}

/// Whether something else lies in a folder of that name.
pub(super) fn is_own(name: &str) -> bool {
    OWN.contains(&name)
}

/// Whether a machine class is fit to be a folder.
pub(super) fn is_class(name: &str) -> bool {
    is_folder(name) && !is_windows_device(name)
}

fn is_folder(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= LONGEST + 9
        && name
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        && !name.starts_with('-')
        && !name.ends_with('-')
}

fn is_windows_device(name: &str) -> bool {
    let numbered = |port| {
        name.strip_prefix(port)
            .is_some_and(|n| n.len() == 1 && n.bytes().all(|b| b.is_ascii_digit()))
    };
    DEVICES.contains(&name) || numbered("com") || numbered("lpt")
}

/// Whether a plain name must not stand as it is: reserved, too long, or of the form of a name with a hash.
fn is_ambiguous(name: &str) -> bool {
    let hashed = name
        .rsplit_once('-')
        .is_some_and(|(_, end)| is_hex(end, RECORD_DIGITS));
    let taken = is_own(name) || name == DETACHED || is_windows_device(name);
    name.len() > LONGEST || hashed || taken
}

/// What can be kept of a name: everything strange becomes one `-`.
fn kept(name: &str) -> String {
    let mut kept = String::new();
    for c in name.chars() {
        match c.to_ascii_lowercase() {
            c @ ('a'..='z' | '0'..='9') => kept.push(c),
            _ if kept.is_empty() || kept.ends_with('-') => {}
            _ => kept.push('-'),
        }
        if kept.len() >= LONGEST {
            break;
        }
    }
    kept.trim_end_matches('-').to_owned()
}

pub(super) fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// The name of a committed record: `<12 digits of the commit>-<8 digits of the record>.json`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordName {
    sha: String,
    record: String,
}

impl RecordName {
    /// The name of a record of a commit.
    #[must_use]
    pub fn new(commit: &Sha, record: &RecordId) -> Self {
        Self {
            sha: commit.short(SHA_DIGITS).to_owned(),
            record: record.short(RECORD_DIGITS).to_owned(),
        }
    }

    /// Reads a file name; `None` unless it is exactly of the form that [`RecordName`] writes.
    #[must_use]
    pub fn parse(file: &str) -> Option<Self> {
        let (sha, record) = file.strip_suffix(".json")?.split_once('-')?;
        (is_hex(sha, SHA_DIGITS) && is_hex(record, RECORD_DIGITS)).then(|| Self {
            sha: sha.to_owned(),
            record: record.to_owned(),
        })
    }

    /// The first digits of the commit.
    #[must_use]
    pub fn sha(&self) -> &str {
        &self.sha
    }

    /// The first digits of the record's id.
    #[must_use]
    pub fn record(&self) -> &str {
        &self.record
    }
}

impl fmt::Display for RecordName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}.json", self.sha, self.record)
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Component, Path};

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn plain_names_stay_readable() {
        for (branch, folder) in [
            ("main", "main"),
            ("feature/fast-path", "feature-fast-path"),
            ("release-1", "release-1"),
            ("a--b", "a--b"),
            ("42", "42"),
        ] {
            assert_eq!(branch_folder(Some(branch)), folder);
        }
        assert_eq!(branch_folder(None), "detached");
    }

    #[test]
    fn names_that_lose_something_end_in_a_hash() {
        for (branch, start) in [
            ("Main", "main-"),
            ("release/1.2", "release-1-2-"),
            ("a b", "a-b-"),
            ("-rf", "rf-"),
            ("../../x", "x-"),
            (".", "branch-"),
            ("..", "branch-"),
            ("", "branch-"),
            ("日本", "branch-"),
            ("größe", "gr-e-"),
            ("CON", "con-"),
            ("nul", "nul-"),
            ("com1", "com1-"),
            ("accepts", "accepts-"),
            ("notes", "notes-"),
            ("detached", "detached-"),
            ("a\0b", "a-b-"),
            ("x-0123abcd", "x-0123abcd-"),
            ("a/", "a-"),
        ] {
            let folder = branch_folder(Some(branch));
            let end = folder.strip_prefix(start).unwrap_or_else(|| {
                panic!("{branch:?} became {folder}, which does not begin with {start}")
            });
            assert!(is_hex(end, 8), "{branch:?} became {folder}");
        }
        let long = branch_folder(Some(&"x".repeat(300)));
        assert_eq!(long.len(), 48 + 9);
        assert_ne!(long, branch_folder(Some(&"x".repeat(301))));
        assert_ne!(branch_folder(Some("Main")), branch_folder(Some("MAIN")));
    }

    #[test]
    fn a_record_name_is_parsed_as_strictly_as_it_is_made() {
        let sha: Sha = "0123456789abcdef0123456789abcdef01234567".parse().unwrap();
        let id: RecordId = "fe".repeat(32).parse().unwrap();
        let name = RecordName::new(&sha, &id);
        assert_eq!(name.to_string(), "0123456789ab-fefefefe.json");
        assert_eq!(RecordName::parse(&name.to_string()), Some(name));
        for wrong in [
            "",
            ".json",
            "0123456789ab-fefefefe",
            "0123456789AB-fefefefe.json",
            "0123456789ab-fefefefe.json ",
            "0123456789ab-fefefefe.json.json",
            "0123456789ab--fefefefe.json",
            "../456789ab-fefefefe.json",
            "0123456789a-fefefefee.json",
        ] {
            assert_eq!(RecordName::parse(wrong), None, "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn no_branch_leaves_the_folder(branch in any::<String>()) {
            let folder = branch_folder(Some(&branch));
            prop_assert!(is_branch_folder(&folder), "{folder}");
            let parts: Vec<_> = Path::new(&folder).components().collect();
            prop_assert_eq!(parts, [Component::Normal(folder.as_ref())]);
            prop_assert!(!is_own(&folder));
            prop_assert_ne!(&folder, DETACHED);
        }

        #[test]
        fn hostile_parts_do_not_leave_the_folder(
            parts in prop::collection::vec(
                prop::sample::select(vec!["..", ".", "/", "\\", "-", "accepts", "con", "a", "\0", " ", "é", ":", "x"]),
                0..8,
            )
        ) {
            let folder = branch_folder(Some(&parts.concat()));
            prop_assert!(is_branch_folder(&folder), "{folder}");
        }

        #[test]
        fn two_branches_share_a_folder_only_when_they_differ_in_slashes(one in "[aA/.-]{0,6}", other in "[aA/.-]{0,6}") {
            if branch_folder(Some(&one)) == branch_folder(Some(&other)) {
                prop_assert_eq!(one.replace('/', "-"), other.replace('/', "-"));
            }
        }
    }
}

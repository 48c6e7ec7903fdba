//! Files of a commit that end up where only this machine's own files should be.
//!
//! What is in `baselines/` and not committed, and all of `.perf/`, is trusted: nobody else can have put it there. Unless
//! a commit did, under a name that this or another file system takes for the same: `Baselines`, `.PERF`, `baselines.`.

use perf_schema::Sha;

use super::{CommittedBaselines, Index};
use crate::repository::{BASELINES, LOCAL, Repository, RepositoryError};

/// What of the working tree must not be trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Disguised {
    /// Uncommitted records: some may be committed under another name.
    pub(super) records: bool,
    /// Runs of the local history: some may be committed.
    pub(super) runs: bool,
}

/// Looks through the folders of a commit for such names.
pub(super) fn look(repository: &Repository, commit: &Sha) -> Result<Disguised, RepositoryError> {
    let index = CommittedBaselines::of(repository, commit)?.index();
    Ok(Disguised {
        records: has_twin(repository, commit, BASELINES)? || holds_strange_names(&index),
        runs: has_twin(repository, commit, LOCAL)? || is_there(repository, commit, LOCAL)?,
    })
}

/// Whether the folder has something whose name would be another on some file system.
fn holds_strange_names(index: &Index) -> bool {
    index
        .faults
        .iter()
        .any(|fault| folded(&fault.file) != fault.file)
}

fn is_there(repository: &Repository, commit: &Sha, folder: &str) -> Result<bool, RepositoryError> {
    let path = repository.path_in_git(folder);
    let tree = tree_of(repository, commit)?;
    Ok(tree.get_path(path.as_ref()).is_ok())
}

/// Whether beside a part of the folder's path there is a name that folds to the same.
fn has_twin(repository: &Repository, commit: &Sha, folder: &str) -> Result<bool, RepositoryError> {
    let reading = RepositoryError::reading(format!("the tree of {}", commit.short(12)));
    let path = repository.path_in_git(folder);
    let mut tree = tree_of(repository, commit)?;
    for part in path.split('/') {
        let twin = tree.iter().any(|entry| {
            let name = String::from_utf8_lossy(entry.name_bytes()).into_owned();
            name != part && folded(&name) == folded(part)
        });
        if twin {
            return Ok(true);
        }
        let below = tree.get_name(part).map(|entry| (entry.kind(), entry.id()));
        match below {
            Some((Some(git2::ObjectType::Tree), id)) => {
                tree = repository.git().find_tree(id).map_err(&reading)?;
            }
            _ => break,
        }
    }
    Ok(false)
}

fn tree_of<'a>(
    repository: &'a Repository,
    commit: &Sha,
) -> Result<git2::Tree<'a>, RepositoryError> {
    let reading = RepositoryError::reading(format!("the tree of {}", commit.short(12)));
    let id = repository.oid(commit)?;
    let commit = repository.git().find_commit(id).map_err(&reading)?;
    commit.tree().map_err(reading)
}

/// A name as the most forgiving file system compares it: without case, without invisible characters, and without dots and
/// spaces at its end.
fn folded(name: &str) -> String {
    let folded: String = name
        .chars()
        .filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'))
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect();
    folded.trim_end_matches(['.', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::fixture::Project;

    fn disguised(file: &str) -> Disguised {
        let project = Project::new();
        project.write(file, "x");
        let commit = project.commit("x");
        look(&project.open(), &commit).unwrap()
    }

    #[test]
    fn names_that_some_file_system_takes_for_ours_are_found() {
        for file in [
            "Baselines/x",
            "ba\u{17f}elines/x",
            "baselines./x",
            "baseli\u{200b}nes/x",
            "baselines/Main/k3v9/x.json",
        ] {
            let found = disguised(file);
            assert_eq!((found.records, found.runs), (true, false), "{file:?}");
        }
        for file in [".perf/runs/x.json", ".PERF/runs/x.json", ".perf"] {
            let found = disguised(file);
            assert_eq!((found.records, found.runs), (false, true), "{file:?}");
        }
        for file in [
            "baselines/main/k3v9/x.json",
            "baseline/x",
            "perf/x",
            "a/.perf/x",
        ] {
            assert_eq!(disguised(file), Disguised::default(), "{file:?}");
        }
    }
}

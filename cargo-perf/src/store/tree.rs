//! `baselines/` as a commit has it, read from the objects of git. Nothing is checked out.

use git2::{ObjectType, Oid};
use perf_schema::Sha;

use super::accepts::Accepts;
use super::by_content::{self, ByContent, Found};
use super::entry::read_blob;
use super::notes::Notes;
use super::shelf::{Item, ItemKind, Shelf};
use super::{Fault, Index, Place, Reason};
use crate::repository::{BASELINES, Repository, RepositoryError};

/// Mode of a regular file in a tree. An executable record is none of ours.
const FILE: i32 = 0o100_644;

/// Mode of a symbolic link in a tree.
const LINK: i32 = 0o120_000;

/// The committed store of one commit.
#[derive(Clone, Copy, Debug)]
pub struct CommittedBaselines<'a> {
    repository: &'a Repository,
    folder: Option<AtPath>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AtPath {
    Folder(Oid),
    Link,
    Other,
}

impl<'a> CommittedBaselines<'a> {
    /// The store as `commit` has it; empty when the commit has no `baselines/`.
    ///
    /// # Errors
    /// When the commit or its trees cannot be read.
    pub fn of(repository: &'a Repository, commit: &Sha) -> Result<Self, RepositoryError> {
        let folder = find(repository, commit, BASELINES)?;
        Ok(Self { repository, folder })
    }

    /// Lists the records by name. No record is unpacked.
    #[must_use]
    pub fn index(&self) -> Index {
        let fault = |reason| Index {
            entries: Vec::new(),
            faults: vec![Fault {
                file: BASELINES.to_owned(),
                reason,
            }],
        };
        match self.folder {
            None => Index::default(),
            Some(AtPath::Folder(tree)) => Index::of(&Objects(self.repository.git()), &tree),
            Some(AtPath::Link) => fault(Reason::Link),
            Some(AtPath::Other) => fault(Reason::NotAFile),
        }
    }

    /// The accepted regressions.
    #[must_use]
    pub fn accepts(&self) -> Accepts {
        self.filed().into()
    }

    /// The notes on commits.
    #[must_use]
    pub fn notes(&self) -> Notes {
        self.filed().into()
    }

    fn filed<T: ByContent>(&self) -> Found<T> {
        let Some(AtPath::Folder(tree)) = self.folder else {
            return Found::none();
        };
        let objects = Objects(self.repository.git());
        Found::of(&objects, &tree, |place| match place {
            Place::Blob(id) => read_blob(self.repository, *id, by_content::LARGEST),
            Place::File(_) => Err(Reason::NotAFile),
        })
    }

    /// Paths of the files that are here and were not in `older`, or not with this content. Without `older`, all.
    ///
    /// Folders that did not change are not looked into, so this is cheap for neighbouring commits.
    ///
    /// # Errors
    /// When a tree cannot be read.
    pub fn added_since(
        &self,
        older: Option<&CommittedBaselines<'_>>,
    ) -> Result<Vec<String>, RepositoryError> {
        let reading = RepositoryError::reading(BASELINES);
        let git = self.repository.git();
        let tree = |found| match found {
            Some(AtPath::Folder(id)) => git.find_tree(id).map(Some),
            _ => Ok(None),
        };
        let new = tree(self.folder).map_err(&reading)?;
        let old = tree(older.and_then(|older| older.folder)).map_err(&reading)?;
        if self.folder == older.and_then(|older| older.folder) {
            return Ok(Vec::new());
        }
        let diff = git
            .diff_tree_to_tree(old.as_ref(), new.as_ref(), None)
            .map_err(&reading)?;
        Ok(diff
            .deltas()
            .filter(|delta| delta.status() != git2::Delta::Deleted)
            .filter_map(|delta| delta.new_file().path_bytes())
            .map(|path| format!("{BASELINES}/{}", String::from_utf8_lossy(path)))
            .collect())
    }

    /// Whether two commits have the same records, down to the last byte.
    #[must_use]
    pub fn is_same(&self, other: &CommittedBaselines<'_>) -> bool {
        self.folder == other.folder
    }
}

/// Finds a folder of the workspace in the tree of a commit, part by part.
fn find(
    repository: &Repository,
    commit: &Sha,
    in_workspace: &str,
) -> Result<Option<AtPath>, RepositoryError> {
    let reading = RepositoryError::reading(format!("the tree of {}", commit.short(12)));
    let git = repository.git();
    let path = repository.path_in_git(in_workspace);
    let mut tree = git
        .find_commit(repository.oid(commit)?)
        .and_then(|commit| commit.tree())
        .map_err(&reading)?;
    let mut parts = path.split('/').peekable();
    while let Some(part) = parts.next() {
        let Some(entry) = tree.get_name(part) else {
            return Ok(None);
        };
        let (mode, id) = (entry.filemode(), entry.id());
        drop(entry);
        match mode {
            0o040_000 if parts.peek().is_none() => return Ok(Some(AtPath::Folder(id))),
            0o040_000 => tree = git.find_tree(id).map_err(&reading)?,
            LINK => return Ok(Some(AtPath::Link)),
            _ => return Ok(Some(AtPath::Other)),
        }
    }
    Ok(None)
}

struct Objects<'a>(&'a git2::Repository);

impl Shelf for Objects<'_> {
    type Folder = Oid;

    fn items(&self, folder: &Oid) -> Result<Vec<Item<Oid>>, Reason> {
        let tree = self.0.find_tree(*folder)?;
        Ok(tree
            .iter()
            .map(|entry| Item {
                name: String::from_utf8_lossy(entry.name_bytes()).into_owned(),
                kind: match (entry.filemode_raw(), entry.kind()) {
                    (_, Some(ObjectType::Tree)) => ItemKind::Folder(entry.id()),
                    (FILE, _) => ItemKind::File(Place::Blob(entry.id())),
                    (LINK, _) => ItemKind::Link,
                    _ => ItemKind::Other,
                },
            })
            .collect())
    }
}

#[cfg(test)]
mod tests;

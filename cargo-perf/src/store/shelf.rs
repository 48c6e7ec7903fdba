//! What a folder of baselines holds, be it in the working tree or in a commit: listed by name, nothing read.

use super::name::{is_branch_folder, is_class, is_own};
use super::{Fault, Place, Reason, RecordEntry, RecordName};
use crate::repository::BASELINES;

/// How many records are listed at most. With one record for each of ten commits a day this lasts five years.
pub const MAX_ENTRIES: usize = 20_000;

/// How many faults are listed at most.
const MAX_FAULTS: usize = 1_000;

/// What temporary files begin with. They belong to a writer that is at work, or was killed.
pub(super) const TEMPORARY: &str = ".tmp-";

/// The records of one place, by path, and what else was found there.
#[derive(Debug, Default)]
pub struct Index {
    /// Files with the name of a record, sorted by path.
    pub entries: Vec<RecordEntry>,
    /// Files that are none.
    pub faults: Vec<Fault>,
}

/// Something in a folder, not followed if it is a link.
pub(super) struct Item<F> {
    /// The name; what is not UTF-8 is replaced, and then is no name of ours.
    pub(super) name: String,
    pub(super) kind: ItemKind<F>,
}

pub(super) enum ItemKind<F> {
    Folder(F),
    File(Place),
    Link,
    Other,
}

/// Something that has folders: a disk, or a tree of git.
pub(super) trait Shelf {
    type Folder;

    fn items(&self, folder: &Self::Folder) -> Result<Vec<Item<Self::Folder>>, Reason>;
}

impl Index {
    /// Lists what is in the folder `baselines`.
    pub(super) fn of<S: Shelf>(shelf: &S, baselines: &S::Folder) -> Self {
        let mut index = Self::default();
        index.branches(shelf, baselines);
        index.entries.sort_by(|a, b| a.file.cmp(&b.file));
        index
    }

    fn branches<S: Shelf>(&mut self, shelf: &S, folder: &S::Folder) {
        for item in self.items(shelf, folder, BASELINES) {
            let file = format!("{BASELINES}/{}", item.name);
            match item.kind {
                ItemKind::Folder(_) if is_own(&item.name) => {}
                ItemKind::Folder(below) if is_branch_folder(&item.name) => {
                    self.classes(shelf, &below, &item.name);
                }
                kind => self.strange(file, &kind),
            }
        }
    }

    fn classes<S: Shelf>(&mut self, shelf: &S, folder: &S::Folder, branch: &str) {
        let path = format!("{BASELINES}/{branch}");
        for item in self.items(shelf, folder, &path) {
            let file = format!("{path}/{}", item.name);
            match item.kind {
                ItemKind::Folder(below) if is_class(&item.name) => {
                    self.records(shelf, &below, branch, &item.name);
                }
                kind => self.strange(file, &kind),
            }
        }
    }

    fn records<S: Shelf>(&mut self, shelf: &S, folder: &S::Folder, branch: &str, class: &str) {
        let path = format!("{BASELINES}/{branch}/{class}");
        for item in self.items(shelf, folder, &path) {
            let file = format!("{path}/{}", item.name);
            let (name, place) = match (RecordName::parse(&item.name), item.kind) {
                (Some(name), ItemKind::File(place)) => (name, place),
                (_, kind) => {
                    self.strange(file, &kind);
                    continue;
                }
            };
            if self.entries.len() == MAX_ENTRIES {
                self.fault(path, Reason::TooMany);
                return;
            }
            self.entries.push(RecordEntry {
                file,
                branch_folder: branch.to_owned(),
                class: class.to_owned(),
                name,
                place,
            });
        }
    }

    /// Lists a folder without what has leave to be in any: read-mes, git's own files, and the files of writers.
    fn items<S: Shelf>(
        &mut self,
        shelf: &S,
        folder: &S::Folder,
        path: &str,
    ) -> Vec<Item<S::Folder>> {
        let full = self
            .faults
            .iter()
            .any(|f| matches!(f.reason, Reason::TooMany));
        if full {
            return Vec::new();
        }
        listed(shelf, folder).unwrap_or_else(|reason| {
            self.fault(path.to_owned(), reason);
            Vec::new()
        })
    }

    fn strange<F>(&mut self, file: String, kind: &ItemKind<F>) {
        let reason = match kind {
            ItemKind::Link => Reason::Link,
            ItemKind::Other => Reason::NotAFile,
            ItemKind::Folder(_) if RecordName::parse(last(&file)).is_some() => Reason::NotAFile,
            ItemKind::Folder(_) | ItemKind::File(_) => Reason::Name,
        };
        self.fault(file, reason);
    }

    fn fault(&mut self, file: String, reason: Reason) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(Fault { file, reason });
        }
    }
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// What lies in a folder, by name, without what has leave to be in any.
pub(super) fn listed<S: Shelf>(
    shelf: &S,
    folder: &S::Folder,
) -> Result<Vec<Item<S::Folder>>, Reason> {
    let mut items = shelf.items(folder)?;
    items.retain(|item| !matches!(item.kind, ItemKind::File(_)) || !is_welcome(&item.name));
    items.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(items)
}

fn is_welcome(name: &str) -> bool {
    name.starts_with("README")
        || name.starts_with(TEMPORARY)
        || matches!(name, ".gitattributes" | ".gitkeep")
}

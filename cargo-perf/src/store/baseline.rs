//! `baselines/` in the working tree: records for everyone who has the repository.

use std::fs;
use std::path::{Path, PathBuf};

use perf_schema::{Accept, Note, RecordError, RecordId, RunRecord};

use super::accepts::Accepts;
use super::atomic::{self, WriteError, Written};
use super::by_content::{self, ByContent, Found};
use super::entry::read_up_to;
use super::name::is_class;
use super::notes::Notes;
use super::record_file::encode;
use super::shelf::{Item, ItemKind, Shelf};
use super::{Fault, Index, Place, Reason, RecordName, branch_folder};
use crate::repository::BASELINES;

/// The committed store as it lies in the working tree.
#[derive(Clone, Debug)]
pub struct Baselines {
    root: PathBuf,
}

/// A record that is now in the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Its id.
    pub id: RecordId,
    /// Path from the workspace root, with `/`.
    pub file: String,
    /// Whether it was there before.
    pub already_there: bool,
}

/// Why a record cannot become a baseline.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// It is of no commit.
    #[error(
        "a baseline is a record of a commit, and this run has none; \
         make the first commit (`git init`, `git add --all`, `git commit`), then run again with --save"
    )]
    NoCommit,
    /// It is of a commit and something more.
    #[error(
        "the working tree differs from commit {sha}{}: what was measured is in no commit; \
         commit, stash or ignore (.gitignore) the changes, or say --allow-dirty to save it marked as dirty",
        if files.is_empty() { String::new() } else { format!(" ({})", files.join(", ")) }
    )]
    Dirty {
        /// The commit, shortened.
        sha: String,
        /// Some of the files that differ, if they are known.
        files: Vec<String>,
    },
    /// Its machine class is no name for a folder.
    #[error(
        "the machine class {class:?} cannot name a folder: it takes lower-case letters, digits and `-`; \
         choose another --machine"
    )]
    Class {
        /// The class, shortened.
        class: String,
    },
    /// It cannot be put into words.
    #[error("the record cannot be written down: {0}")]
    Record(#[from] RecordError),
    /// The system refused.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl Baselines {
    /// The store of the workspace at `root`. Nothing is read or made.
    #[must_use]
    pub fn at(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    /// Writes a record as a new file, whole or not at all. A record that is there already is fine.
    ///
    /// # Errors
    /// When the record has no commit, is dirty without `allow_dirty`, or cannot be written.
    pub fn save(&self, record: &RunRecord, allow_dirty: bool) -> Result<Saved, SaveError> {
        let commit = record.commit.as_ref().ok_or(SaveError::NoCommit)?;
        if commit.dirty && !allow_dirty {
            let sha = commit.sha.short(12).to_owned();
            let files = Vec::new();
            return Err(SaveError::Dirty { sha, files });
        }
        let class = &record.machine.class;
        if !is_class(class) {
            let class = class.chars().take(80).collect();
            return Err(SaveError::Class { class });
        }
        let encoded = encode(record)?;
        let branch = branch_folder(commit.branch.as_deref());
        let name = RecordName::new(&commit.sha, &encoded.id).to_string();
        let folder = atomic::folder(&self.root, &[BASELINES, &branch, class])?;
        let written = atomic::write_new(&folder, &name, &encoded.bytes)?;
        Ok(Saved {
            id: encoded.id,
            file: format!("{BASELINES}/{branch}/{class}/{name}"),
            already_there: written == Written::AlreadyThere,
        })
    }

    /// Writes an accepted regression as a new file, whole or not at all. One that is there already is fine.
    ///
    /// # Errors
    /// When it is not in order, or cannot be written.
    pub fn accept(&self, accept: &Accept) -> Result<Saved, SaveError> {
        self.file(accept)
    }

    /// The accepted regressions in the working tree, committed or not.
    #[must_use]
    pub fn accepts(&self) -> Accepts {
        self.filed().into()
    }

    /// Writes a note on a commit likewise.
    ///
    /// # Errors
    /// When it is not in order, or cannot be written.
    pub fn note(&self, note: &Note) -> Result<Saved, SaveError> {
        self.file(note)
    }

    /// The notes in the working tree, committed or not.
    #[must_use]
    pub fn notes(&self) -> Notes {
        self.filed().into()
    }

    fn file<T: ByContent>(&self, content: &T) -> Result<Saved, SaveError> {
        let (id, name, bytes) = by_content::encode(content)?;
        let folder = atomic::folder(&self.root, &[BASELINES, T::FOLDER])?;
        let written = atomic::write_new(&folder, &name, &bytes)?;
        Ok(Saved {
            id,
            file: format!("{BASELINES}/{}/{name}", T::FOLDER),
            already_there: written == Written::AlreadyThere,
        })
    }

    fn filed<T: ByContent>(&self) -> Found<T> {
        let folder = self.root.join(BASELINES);
        if !folder.symlink_metadata().is_ok_and(|found| found.is_dir()) {
            // Whatever else is there is named where records are listed.
            return Found::none();
        }
        Found::of(&Disk, &folder, |place| match place {
            Place::File(path) => read_up_to(path, by_content::LARGEST),
            Place::Blob(_) => Err(Reason::NotAFile),
        })
    }

    /// Lists the records in the working tree, committed or not. Names only: each entry is read when it is asked.
    #[must_use]
    pub fn read_working_tree(&self) -> Index {
        let folder = self.root.join(BASELINES);
        let fault = |reason| Index {
            entries: Vec::new(),
            faults: vec![Fault {
                file: BASELINES.to_owned(),
                reason,
            }],
        };
        match folder.symlink_metadata() {
            Ok(metadata) if metadata.is_dir() => Index::of(&Disk, &folder),
            Ok(metadata) if metadata.is_symlink() => fault(Reason::Link),
            Ok(_) => fault(Reason::NotAFile),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Index::default(),
            Err(error) => fault(error.into()),
        }
    }
}

struct Disk;

impl Shelf for Disk {
    type Folder = PathBuf;

    fn items(&self, folder: &PathBuf) -> Result<Vec<Item<PathBuf>>, Reason> {
        fs::read_dir(folder)?
            .map(|item| {
                let item = item?;
                let kind = item.file_type()?;
                Ok(Item {
                    name: item.file_name().to_string_lossy().into_owned(),
                    kind: if kind.is_symlink() {
                        ItemKind::Link
                    } else if kind.is_dir() {
                        ItemKind::Folder(item.path())
                    } else if kind.is_file() {
                        ItemKind::File(Place::File(item.path()))
                    } else {
                        ItemKind::Other
                    },
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;

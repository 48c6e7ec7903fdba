//! The files of a commit, written into a folder.
//!
//! This is no git worktree: nothing is registered in `.git`, so a process that is killed here leaves nothing that
//! `git worktree prune` would have to find, and git's own files are only read. What is written comes from somebody's
//! commit, so every name is looked at before anything is written.

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};

use git2::build::CheckoutBuilder;
use git2::{ErrorCode, ObjectType, Oid, Tree};
use perf_schema::Sha;

use super::source_tree::GITLINK;
use super::worktree::native;
use super::{Repository, RepositoryError};

/// A submodule in a submodule in … is followed this far.
const DEEPEST: usize = 8;

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// The manifests of cargo, as paths in the folder. Each is a regular file, and no link leads to it.
    pub manifests: Vec<PathBuf>,
    /// What was left empty, and why.
    pub left_empty: Vec<String>,
}

/// Why a commit cannot be written into a folder.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Git could not be read.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// A name that would leave the folder, or that git itself would not check out.
    #[error("{commit} holds the path {path:?}, which no checkout may write")]
    Name {
        /// The commit, shortened.
        commit: String,
        /// The path.
        path: String,
    },
    /// The commit of a submodule is not here.
    #[error("submodule {path} at {commit} is not in this clone; {help}")]
    Submodule {
        /// Its path.
        path: String,
        /// The commit that is asked for, shortened.
        commit: String,
        /// What to type.
        help: String,
    },
    /// Git could not write a file.
    #[error("{commit} cannot be written to {}: {source}", folder.display())]
    Write {
        /// The commit, shortened.
        commit: String,
        /// The folder.
        folder: PathBuf,
        /// What git said.
        source: git2::Error,
    },
    /// The system refused.
    #[error("cannot write {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl Repository {
    /// Writes the files of `commit` into `folder`, which is there and empty: with their modes, links and submodules, and
    /// through the filters that a checkout would use. The index and the working tree are not touched.
    ///
    /// # Errors
    /// When the commit or one of its submodules is not in this clone, holds a name that is none, or cannot be written.
    pub fn export(&self, commit: &Sha, folder: &Path) -> Result<Exported, ExportError> {
        let mut exported = Exported::default();
        let commit = self.oid(commit)?;
        Export {
            git: self.git(),
            commit,
            folder,
            prefix: PathBuf::new(),
            depth: 0,
        }
        .write(&mut exported)?;
        for unmeasured in self.unmeasured() {
            remove(folder, Path::new(&unmeasured))?;
        }
        Ok(exported)
    }

    /// The submodules of the checked-out commit that nobody has checked out: they are empty in an export too.
    #[must_use]
    pub fn empty_submodules(&self) -> Vec<String> {
        let Ok(index) = self.git().index() else {
            return Vec::new();
        };
        let submodules = index.iter().filter(|entry| entry.mode == GITLINK);
        submodules
            .map(|entry| native(&entry.path))
            .filter(|path| git2::Repository::open(self.workdir().join(path)).is_err())
            .map(|path| path.display().to_string())
            .collect()
    }

    /// Whether `commit` has a file of this name.
    #[must_use]
    pub fn holds(&self, commit: &Sha, path: &str) -> bool {
        let tree = self
            .oid(commit)
            .ok()
            .and_then(|commit| self.git().find_commit(commit).ok()?.tree().ok());
        tree.is_some_and(|tree| tree.get_path(Path::new(path)).is_ok())
    }
}

/// One repository on its way into a folder.
struct Export<'a> {
    git: &'a git2::Repository,
    commit: Oid,
    folder: &'a Path,
    /// Where in the whole export this repository lies.
    prefix: PathBuf,
    depth: usize,
}

/// What a look through the tree found.
#[derive(Default)]
struct Found {
    manifests: Vec<PathBuf>,
    submodules: Vec<(PathBuf, Oid)>,
}

impl Export<'_> {
    fn write(&self, exported: &mut Exported) -> Result<(), ExportError> {
        let tree = self.tree()?;
        let mut found = Found::default();
        self.look_through(&tree, Path::new(""), &mut found)?;
        let mut checkout = CheckoutBuilder::new();
        checkout
            .target_dir(self.folder)
            .force()
            .update_index(false)
            .refresh(false);
        self.git
            .checkout_tree(tree.as_object(), Some(&mut checkout))
            .map_err(|source| ExportError::Write {
                commit: short(self.commit),
                folder: self.folder.to_owned(),
                source,
            })?;
        let manifests = found.manifests.into_iter();
        exported
            .manifests
            .extend(manifests.map(|path| self.prefix.join(path)));
        for (path, commit) in found.submodules {
            self.submodule(&path, commit, exported)?;
        }
        Ok(())
    }

    fn tree(&self) -> Result<Tree<'_>, ExportError> {
        let found = self.git.find_commit(self.commit);
        let missing = |error: git2::Error| match error.code() {
            ErrorCode::NotFound => match super::state::sha(self.commit) {
                Ok(commit) => RepositoryError::Missing { commit },
                Err(error) => error,
            },
            _ => RepositoryError::reading(format!("the commit {}", short(self.commit)))(error),
        };
        let tree = found.and_then(|commit| commit.tree()).map_err(missing)?;
        Ok(tree)
    }

    /// Refuses names that would leave the folder or reach git's own files, and lists what needs a second look. A name
    /// given twice, as a link and as a folder, would be the way out of the folder.
    fn look_through(
        &self,
        tree: &Tree<'_>,
        at: &Path,
        found: &mut Found,
    ) -> Result<(), ExportError> {
        let mut names = HashSet::new();
        for entry in tree {
            let name = entry.name_bytes().to_vec();
            let path = at.join(native(&name));
            if !is_plain(&name) || !names.insert(name) {
                return Err(ExportError::Name {
                    commit: short(self.commit),
                    path: self.prefix.join(path).display().to_string(),
                });
            }
            match entry.kind() {
                Some(ObjectType::Tree) => {
                    let reading = RepositoryError::reading(path.display().to_string());
                    let below = self.git.find_tree(entry.id()).map_err(reading)?;
                    self.look_through(&below, &path, found)?;
                }
                _ if entry.filemode_raw().unsigned_abs() == GITLINK => {
                    found.submodules.push((path, entry.id()));
                }
                _ if is_file(entry.filemode_raw()) && path.ends_with("Cargo.toml") => {
                    found.manifests.push(path);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn submodule(
        &self,
        path: &Path,
        commit: Oid,
        exported: &mut Exported,
    ) -> Result<(), ExportError> {
        let folder = self.folder.join(path);
        std::fs::create_dir_all(&folder).map_err(|source| ExportError::Io {
            path: folder.clone(),
            source,
        })?;
        let shown = self.prefix.join(path).display().to_string();
        let module = self
            .modules(path)
            .into_iter()
            .find(|module| module.find_commit(commit).is_ok());
        let Some(module) = module.filter(|_| self.depth < DEEPEST) else {
            if self.is_left_empty_now(path) {
                exported.left_empty.push(format!(
                    "submodule {shown} is not checked out, so it is empty on both sides"
                ));
                return Ok(());
            }
            return Err(self.without_submodule(shown, path, commit));
        };
        Export {
            git: &module,
            commit,
            folder: &folder,
            prefix: self.prefix.join(path),
            depth: self.depth + 1,
        }
        .write(exported)
    }

    /// Where the commits of a submodule may be: in its checkout, and in the folder where git keeps it by name, also while it
    /// is not checked out.
    fn modules(&self, path: &Path) -> Vec<git2::Repository> {
        let checkout = self.git.workdir().map(|workdir| workdir.join(path));
        let kept = self.name_of_submodule(path).map(|name| {
            let modules = self.git.commondir().join("modules");
            modules.join(name)
        });
        let opened = checkout.and_then(|folder| git2::Repository::open(folder).ok());
        // Bare, since its configuration names a working folder that may be gone.
        let kept = kept.and_then(|folder| git2::Repository::open_bare(folder).ok());
        opened.into_iter().chain(kept).collect()
    }

    /// The name that the commit's own `.gitmodules` has for the submodule at `path`.
    fn name_of_submodule(&self, path: &Path) -> Option<String> {
        let file = self.folder.join(".gitmodules");
        if !file.symlink_metadata().ok()?.is_file() {
            return None;
        }
        let config = git2::Config::open(&file).ok()?;
        let mut name = None;
        let mut entries = config.entries(Some(r"^submodule\..*\.path$")).ok()?;
        while let Some(Ok(entry)) = entries.next() {
            if entry.value().ok().map(Path::new) == Some(path) {
                let inner = entry.name().ok()?.strip_prefix("submodule.");
                name = inner
                    .and_then(|inner| inner.strip_suffix(".path"))
                    .map(str::to_owned);
            }
        }
        // Somebody else chose it, and it becomes a path.
        name.filter(|name| {
            let mut parts = Path::new(name).components();
            !name.is_empty() && parts.all(|part| matches!(part, Component::Normal(_)))
        })
    }

    /// Whether the checked-out commit has the submodule too, and nobody has checked it out.
    fn is_left_empty_now(&self, path: &Path) -> bool {
        let Ok(index) = self.git.index() else {
            return false;
        };
        let is_known = index
            .get_path(path, 0)
            .is_some_and(|entry| entry.mode == GITLINK);
        let checkout = self.git.workdir().map(|workdir| workdir.join(path));
        is_known && checkout.is_none_or(|folder| git2::Repository::open(folder).is_err())
    }

    fn without_submodule(&self, shown: String, path: &Path, commit: Oid) -> ExportError {
        let is_checked_out = self
            .git
            .workdir()
            .is_some_and(|workdir| git2::Repository::open(workdir.join(path)).is_ok());
        let help = if is_checked_out {
            format!("type `git -C {shown} fetch origin {commit}`")
        } else {
            format!(
                "check out {} once and type `git submodule update --init {shown}`",
                short(self.commit)
            )
        };
        ExportError::Submodule {
            path: shown,
            commit: short(commit),
            help,
        }
    }
}

/// Removes a folder of the export, unless a link leads there.
fn remove(root: &Path, folder: &Path) -> Result<(), ExportError> {
    let mut path = root.to_owned();
    for part in folder {
        path.push(part);
        let is_folder = path.symlink_metadata().is_ok_and(|found| found.is_dir());
        if !is_folder {
            return Ok(());
        }
    }
    std::fs::remove_dir_all(&path).map_err(|source| ExportError::Io { path, source })
}

fn is_plain(name: &[u8]) -> bool {
    !matches!(name, b"" | b"." | b"..")
        && !name.eq_ignore_ascii_case(b".git")
        && !name.iter().any(|byte| matches!(byte, b'/' | 0))
}

/// Whether a mode is that of a file, executable or not, and not of a link.
const fn is_file(mode: i32) -> bool {
    mode & 0o170_000 == 0o100_000
}

fn short(id: Oid) -> String {
    id.to_string()[..12].to_owned()
}

#[cfg(test)]
mod tests;

//! What git knows of the code that is measured: which commit, which content, what came before, what a name means.
//!
//! Everything is read through libgit2, in this process: no `git` is started, and nothing is written, neither to the index
//! nor to the object database nor to the working tree. The files of a commit are written into a folder of their own when
//! they are asked for. What a user typed is only ever looked up.

mod called;
mod checkout;
mod content;
mod error;
mod export;
#[cfg(test)]
pub(crate) mod fixture;
mod history;
mod published;
mod reference;
mod source_tree;
mod state;
mod worktree;

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use perf_schema::TreeId;

pub use error::RepositoryError;
pub use export::{ExportError, Exported};
pub use history::{CommitInfo, FirstParents};
pub use reference::{LookupError, Target, TargetKind};
pub use state::State;

/// The folder of committed records, under the workspace root. It is no part of what is measured.
pub const BASELINES: &str = "baselines";

/// The folder of the local history, under the workspace root. It is no part of what is measured either.
pub const LOCAL: &str = ".perf";

/// A git repository with a working tree, and the place of a cargo workspace in it.
pub struct Repository {
    git: git2::Repository,
    workdir: PathBuf,
    /// Folders from the top of the repository down to the workspace.
    prefix: Vec<String>,
    source_trees: RefCell<HashMap<git2::Oid, TreeId>>,
}

impl std::fmt::Debug for Repository {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Repository")
            .field("workdir", &self.workdir)
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

impl Repository {
    /// Finds the repository that holds `workspace_root`. `None` when there is no git, or when the only repository above
    /// ignores the whole workspace (a home folder under git): its trees would never change with the code.
    ///
    /// # Errors
    /// When there is a repository that cannot be used: damaged, bare, or owned by someone else.
    pub fn discover(workspace_root: &Path) -> Result<Option<Self>, RepositoryError> {
        let root = workspace_root
            .canonicalize()
            .map_err(|source| RepositoryError::Workspace {
                path: workspace_root.to_owned(),
                source,
            })?;
        let Some(git) = open(&root)? else {
            return Ok(None);
        };
        let workdir = working_folder(&git)?;
        let prefix = prefix_of(&root, &workdir)?;
        let repository = Self {
            git,
            workdir,
            prefix,
            source_trees: RefCell::default(),
        };
        Ok((!repository.ignores_workspace()?).then_some(repository))
    }

    /// The path of a file or folder of the workspace inside the repository, as git writes it: with `/`.
    #[must_use]
    pub fn path_in_git(&self, in_workspace: &str) -> String {
        let mut path = self.prefix.join("/");
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(in_workspace);
        path
    }

    /// The top folder of the working tree.
    #[must_use]
    pub fn workdir(&self) -> &Path {
        &self.workdir
    }

    pub(crate) fn git(&self) -> &git2::Repository {
        &self.git
    }

    fn ignores_workspace(&self) -> Result<bool, RepositoryError> {
        if self.prefix.is_empty() {
            return Ok(false);
        }
        let folder = self.path_in_git("");
        let reading = RepositoryError::reading("the index");
        let index = self.git.index().map_err(&reading)?;
        // The index is sorted by path, so what is tracked inside the folder stands together.
        let tracked = index.find_prefix(folder.as_str()).is_ok();
        Ok(!tracked && self.git.is_path_ignored(&folder).map_err(reading)?)
    }
}

/// Opens the nearest repository at or above `root`.
fn open(root: &Path) -> Result<Option<git2::Repository>, RepositoryError> {
    let nearest = root.ancestors().find(|folder| holds_git(folder));
    let opened = match nearest {
        // Not searched further up: a damaged repository must not be passed over for one that happens to lie above.
        Some(folder) => git2::Repository::open(folder),
        None => git2::Repository::discover(root),
    };
    match opened {
        Ok(git) => Ok(Some(git)),
        Err(error) if nearest.is_none() && error.code() == git2::ErrorCode::NotFound => Ok(None),
        Err(error) => Err(RepositoryError::opening(nearest.unwrap_or(root), error)),
    }
}

/// Whether the folder has a `.git` with something in it. An empty folder of that name is what a container leaves behind
/// for a mount; git passes over it too.
fn holds_git(folder: &Path) -> bool {
    let dot_git = folder.join(".git");
    match dot_git.symlink_metadata() {
        Ok(metadata) if metadata.is_dir() => {
            std::fs::read_dir(dot_git).map_or(true, |mut entries| entries.next().is_some())
        }
        Ok(_) => true,
        Err(_) => false,
    }
}

fn working_folder(git: &git2::Repository) -> Result<PathBuf, RepositoryError> {
    let workdir = git.workdir().ok_or_else(|| RepositoryError::Bare {
        path: git.path().to_owned(),
    })?;
    workdir
        .canonicalize()
        .map_err(|source| RepositoryError::Workspace {
            path: workdir.to_owned(),
            source,
        })
}

fn prefix_of(root: &Path, workdir: &Path) -> Result<Vec<String>, RepositoryError> {
    let outside = || RepositoryError::Outside {
        path: root.to_owned(),
        workdir: workdir.to_owned(),
    };
    root.strip_prefix(workdir)
        .map_err(|_| outside())?
        .iter()
        .map(|part| part.to_str().map(str::to_owned).ok_or_else(outside))
        .collect()
}

#[cfg(test)]
mod tests;

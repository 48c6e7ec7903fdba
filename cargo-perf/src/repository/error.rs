//! Why git cannot be asked.

use std::path::{Path, PathBuf};

/// A repository that cannot be used, or not read.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// The workspace folder itself cannot be reached.
    #[error("cannot read the folder {}: {source}", path.display())]
    Workspace {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// There is a `.git`, but git cannot open it.
    #[error(
        "the git repository at {} cannot be opened: {source}; `git -C {} fsck` tells whether it is damaged \
         (SHA-256 and reftable repositories are not supported)",
        path.display(), path.display()
    )]
    Broken {
        /// Folder that holds the repository.
        path: PathBuf,
        /// What git said.
        source: git2::Error,
    },
    /// There is no working tree, so there is nothing that could have been measured.
    #[error(
        "the git repository at {} is bare, it has no working tree to measure; \
         make one with `git worktree add <folder>` and run there",
        path.display()
    )]
    Bare {
        /// Folder that holds the repository.
        path: PathBuf,
    },
    /// Git refuses a repository that belongs to another user, since its configuration could run their commands.
    #[error(
        "the git repository at {} belongs to another user; if you trust it, type \
         `git config --global --add safe.directory {}`",
        path.display(), path.display()
    )]
    Owner {
        /// Folder that holds the repository.
        path: PathBuf,
    },
    /// The configuration moved the working tree elsewhere, or the path is not UTF-8.
    #[error(
        "the workspace {} has no place in the working tree {} of its git repository; \
         look at `git config core.worktree`",
        path.display(), workdir.display()
    )]
    Outside {
        /// The workspace.
        path: PathBuf,
        /// The working tree of the repository that was found.
        workdir: PathBuf,
    },
    /// The commit is not among the objects, as happens in a shallow clone.
    #[error(
        "the commit {commit} is not in this clone; `git fetch --unshallow` brings the whole history"
    )]
    Missing {
        /// Its id.
        commit: perf_schema::Sha,
    },
    /// Git failed to read something that should be there.
    #[error("cannot read {what} from git: {source}; `git fsck` tells whether objects are damaged")]
    Read {
        /// What was to be read.
        what: String,
        /// What git said.
        source: git2::Error,
    },
    /// A file of the working tree could not be read.
    #[error("cannot read {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Git gave an id of an unknown form.
    #[error("git gave an id that is none: {0}")]
    Id(#[from] perf_schema::InvalidId),
}

impl RepositoryError {
    pub(super) fn opening(path: &Path, source: git2::Error) -> Self {
        let path = path.to_owned();
        match source.code() {
            git2::ErrorCode::Owner => Self::Owner { path },
            git2::ErrorCode::BareRepo => Self::Bare { path },
            _ => Self::Broken { path, source },
        }
    }

    /// For `map_err`: what was being read when git failed.
    pub(crate) fn reading(what: impl Into<String>) -> impl Fn(git2::Error) -> Self {
        let what = what.into();
        move |source| Self::Read {
            what: what.clone(),
            source,
        }
    }
}

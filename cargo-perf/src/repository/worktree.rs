//! The content of the working tree as git would commit it: tracked files as they are now, and new files that are not
//! ignored.

use std::path::Path;

use git2::{Index, Oid, Status, StatusOptions};

use super::content::Hasher;
use super::source_tree::{Change, Changes, GITLINK};
use super::{Repository, RepositoryError};

/// Modes of a tree: a file, an executable one, and a symbolic link.
const FILE: u32 = 0o100_644;
const EXECUTABLE: u32 = 0o100_755;
const LINK: u32 = 0o120_000;

/// A repository inside a repository inside … is followed this far.
const DEEPEST: usize = 8;

/// What the working tree changes in the tree of HEAD, apart from what `is_ours` names.
pub(super) fn changes(
    repository: &git2::Repository,
    workdir: &Path,
    is_ours: &dyn Fn(&[u8]) -> bool,
    depth: usize,
) -> Result<Changes, RepositoryError> {
    let reading = RepositoryError::reading("the state of the working tree");
    let statuses = repository
        .statuses(Some(&mut options()))
        .map_err(&reading)?;
    let mut worktree = Worktree {
        repository,
        workdir,
        index: repository.index().map_err(&reading)?,
        keeps: Keeps::of(repository),
        hasher: None,
        depth,
    };
    let mut changes = Changes::default();
    for entry in statuses.iter() {
        let path = entry.path_bytes();
        if is_ours(path) {
            continue;
        }
        // A repository inside this one that is no submodule is listed as a folder.
        let path = path.strip_suffix(b"/").unwrap_or(path);
        if let Some(change) = worktree.change(path, entry.status())? {
            changes.note(path, change);
        }
    }
    Ok(changes)
}

/// Everything that differs from HEAD, each file by itself. Renames stay what they are: one file gone, one new.
fn options() -> StatusOptions {
    let mut options = StatusOptions::new();
    options
        .include_untracked(true)
        .recurse_untracked_dirs(true)
        .include_ignored(false)
        .include_unmodified(false)
        .update_index(false);
    options
}

/// What the file system keeps of a file, as `git init` found out.
#[derive(Clone, Copy)]
struct Keeps {
    bits: bool,
    links: bool,
}

impl Keeps {
    fn of(repository: &git2::Repository) -> Self {
        let is_set = |name| {
            let config = repository.config().ok();
            config.is_none_or(|config| config.get_bool(name).unwrap_or(true))
        };
        Self {
            bits: is_set("core.filemode"),
            links: is_set("core.symlinks"),
        }
    }
}

struct Worktree<'a> {
    repository: &'a git2::Repository,
    workdir: &'a Path,
    index: Index,
    keeps: Keeps,
    hasher: Option<Hasher>,
    depth: usize,
}

impl Worktree<'_> {
    fn change(&mut self, path: &[u8], status: Status) -> Result<Option<Change>, RepositoryError> {
        let touched = Status::WT_NEW
            | Status::WT_MODIFIED
            | Status::WT_TYPECHANGE
            | Status::WT_RENAMED
            | Status::CONFLICTED;
        if status.intersects(touched) {
            return self.found(path);
        }
        let is_sparse = status.contains(Status::WT_DELETED) && self.is_left_out(path);
        if status.intersects(Status::WT_DELETED | Status::INDEX_DELETED) && !is_sparse {
            return Ok(Some(Change::Remove));
        }
        // The file is as the index has it.
        Ok(self
            .indexed(path)
            .map(|(mode, id)| Change::Put { mode, id }))
    }

    /// Whether a sparse checkout leaves the file out. Git counts it as it is in the index.
    fn is_left_out(&self, path: &[u8]) -> bool {
        let skip = git2::IndexEntryExtendedFlag::SKIP_WORKTREE.bits();
        self.index
            .get_path(&native(path), 0)
            .is_some_and(|entry| entry.flags_extended & skip != 0)
    }

    fn indexed(&self, path: &[u8]) -> Option<(u32, Oid)> {
        let entry = self.index.get_path(&native(path), 0)?;
        Some((entry.mode, entry.id))
    }

    /// What lies at `path` now.
    fn found(&mut self, path: &[u8]) -> Result<Option<Change>, RepositoryError> {
        let absolute = self.workdir.join(native(path));
        let metadata = match absolute.symlink_metadata() {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Some(Change::Remove));
            }
            Err(source) => {
                return Err(RepositoryError::File {
                    path: absolute,
                    source,
                });
            }
        };
        if metadata.is_dir() {
            return Ok(self
                .nested(&absolute)?
                .map(|id| Change::Put { mode: GITLINK, id }));
        }
        if !metadata.is_file() && !metadata.is_symlink() {
            // Git does not store sockets, pipes and devices.
            return Ok(None);
        }
        let hasher = match self.hasher.take() {
            Some(hasher) => hasher,
            None => Hasher::of(self.repository)?,
        };
        let id = hasher.blob(&absolute, &metadata)?;
        self.hasher = Some(hasher);
        let indexed = self.indexed(path).map(|(mode, _)| mode);
        let mode = mode(self.keeps, indexed, &metadata);
        Ok(Some(Change::Put { mode, id }))
    }

    /// The id that stands for a repository inside this one: its HEAD, or, when its files differ from that, the tree of
    /// its files. No commit has a tree's id, so changed code in a submodule is never taken for the committed code.
    fn nested(&self, folder: &Path) -> Result<Option<Oid>, RepositoryError> {
        let Ok(inner) = git2::Repository::open(folder) else {
            return Ok(None);
        };
        let Ok(head) = inner.head().and_then(|head| head.peel_to_commit()) else {
            return Ok(None);
        };
        if self.depth >= DEEPEST {
            return Ok(Some(head.id()));
        }
        let reading = RepositoryError::reading(folder.display().to_string());
        let changes = changes(&inner, folder, &|_| false, self.depth + 1)?;
        let tree = changes
            .applied_to(&inner, Some(head.tree_id()))
            .map_err(reading)?;
        Ok(Some(if tree == head.tree_id() {
            head.id()
        } else {
            tree
        }))
    }
}

/// The mode git would give the file. Where the file system keeps no executable bits or links, the index does.
fn mode(keeps: Keeps, indexed: Option<u32>, metadata: &std::fs::Metadata) -> u32 {
    let found = if metadata.is_symlink() {
        LINK
    } else if is_executable(metadata) {
        EXECUTABLE
    } else {
        FILE
    };
    match (found, indexed) {
        (LINK, _) => LINK,
        (_, Some(LINK)) if !keeps.links => LINK,
        (_, Some(EXECUTABLE)) if !keeps.bits => EXECUTABLE,
        _ if !keeps.bits => FILE,
        _ => found,
    }
}

#[cfg(unix)]
fn is_executable(metadata: &std::fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &std::fs::Metadata) -> bool {
    false
}

#[cfg(unix)]
pub(super) fn native(path: &[u8]) -> std::path::PathBuf {
    use std::os::unix::ffi::OsStrExt;
    Path::new(std::ffi::OsStr::from_bytes(path)).to_owned()
}

#[cfg(not(unix))]
pub(super) fn native(path: &[u8]) -> std::path::PathBuf {
    String::from_utf8_lossy(path).into_owned().into()
}

impl Repository {
    /// The tree of the working files, without what is not measured.
    pub(super) fn worktree_tree(&self, head_tree: Option<Oid>) -> Result<Oid, RepositoryError> {
        let ours = self.unmeasured();
        let is_ours = |path: &[u8]| {
            ours.iter().any(|folder| {
                path.strip_prefix(folder.as_bytes())
                    .is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
            })
        };
        let mut changes = changes(&self.git, &self.workdir, &is_ours, 0)?;
        for folder in &ours {
            changes.note(folder.as_bytes(), Change::Remove);
        }
        changes
            .applied_to(&self.git, head_tree)
            .map_err(RepositoryError::reading("the tree of HEAD"))
    }
}

//! What is checked out now.

use git2::{ErrorCode, Oid};
use perf_schema::{Commit, Sha, TreeId};

use super::source_tree::{Change, Changes};
use super::{BASELINES, LOCAL, Repository, RepositoryError};

/// What would be measured if measuring began now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// HEAD; `None` before the first commit.
    pub commit: Option<Commit>,
    /// The files as they are, without `baselines/` and `.perf/`.
    pub source_tree: TreeId,
}

impl Repository {
    /// Reads HEAD and looks through the working tree.
    ///
    /// The tree is dirty when its content, without `baselines/` and `.perf/`, is not that of HEAD: what `git add --all`
    /// would commit counts. A file whose filter is a program (git LFS) is hashed as it lies there, so after it was
    /// touched its tree may count as dirty though git says otherwise: never the other way round.
    ///
    /// # Errors
    /// When git or a file cannot be read.
    pub fn state(&self) -> Result<State, RepositoryError> {
        let Some(head) = self.head()? else {
            return Ok(State {
                commit: None,
                source_tree: tree_id(self.worktree_tree(None)?)?,
            });
        };
        let info = self.commit(&sha(head)?)?;
        let source_tree = tree_id(self.worktree_tree(Some(self.tree_of(head)?))?)?;
        let dirty = source_tree != self.source_tree_of(&info.sha)?;
        let commit = Commit {
            sha: info.sha,
            parents: info.parents,
            branch: self.branch()?,
            committed: info.committed,
            subject: info.subject,
            dirty,
        };
        Ok(State {
            commit: Some(commit),
            source_tree,
        })
    }

    /// The first files that make the working tree dirty, at most `most` of them, for a person to see.
    ///
    /// # Errors
    /// When git cannot be asked.
    pub fn changed_files(&self, most: usize) -> Result<Vec<String>, RepositoryError> {
        let mut options = git2::StatusOptions::new();
        options.include_untracked(true).recurse_untracked_dirs(true);
        let statuses = self
            .git()
            .statuses(Some(&mut options))
            .map_err(RepositoryError::reading("the state of the files"))?;
        let own = [BASELINES, LOCAL].map(|folder| self.path_in_git(folder) + "/");
        let changed = statuses.iter().filter_map(|entry| {
            let path = String::from_utf8_lossy(entry.path_bytes()).into_owned();
            (!own.iter().any(|folder| path.starts_with(folder))).then_some(path)
        });
        Ok(changed.take(most).collect())
    }

    /// The files that differ between `commit` and the working tree, new ones among them, without `baselines/` and `.perf/`.
    ///
    /// # Errors
    /// When git cannot be asked, or the commit is not here.
    pub fn changed_since(&self, commit: &Sha) -> Result<Vec<String>, RepositoryError> {
        let tree = self.tree_of(self.oid(commit)?)?;
        let mut options = git2::DiffOptions::new();
        options
            .include_untracked(true)
            .recurse_untracked_dirs(true)
            .ignore_submodules(false);
        let reading = RepositoryError::reading("what differs from the baseline");
        let diff = self
            .git
            .find_tree(tree)
            .and_then(|tree| {
                self.git
                    .diff_tree_to_workdir_with_index(Some(&tree), Some(&mut options))
            })
            .map_err(reading)?;
        let own = self.unmeasured().map(|folder| folder + "/");
        let paths = diff.deltas().filter_map(|delta| {
            let path = delta
                .new_file()
                .path_bytes()
                .or(delta.old_file().path_bytes())?;
            Some(String::from_utf8_lossy(path).into_owned())
        });
        Ok(paths
            .filter(|path| !own.iter().any(|folder| path.starts_with(folder)))
            .collect())
    }

    /// The id of what `commit` holds, without `baselines/` and `.perf/`. Kept in memory after the first time.
    ///
    /// # Errors
    /// When the commit is not in this clone or cannot be read.
    pub fn source_tree_of(&self, commit: &Sha) -> Result<TreeId, RepositoryError> {
        let tree = self.tree_of(self.oid(commit)?)?;
        if let Some(known) = self.source_trees.borrow().get(&tree) {
            return Ok(known.clone());
        }
        let mut changes = Changes::default();
        for folder in self.unmeasured() {
            changes.note(folder.as_bytes(), Change::Remove);
        }
        let source =
            changes
                .applied_to(&self.git, Some(tree))
                .map_err(RepositoryError::reading(format!(
                    "the tree of {}",
                    commit.short(12)
                )))?;
        let source = tree_id(source)?;
        self.source_trees.borrow_mut().insert(tree, source.clone());
        Ok(source)
    }

    /// The folders, as paths in git, that are no part of what is measured.
    pub(super) fn unmeasured(&self) -> [String; 2] {
        [BASELINES, LOCAL].map(|folder| self.path_in_git(folder))
    }

    fn head(&self) -> Result<Option<Oid>, RepositoryError> {
        match self.git.head().and_then(|head| head.peel_to_commit()) {
            Ok(commit) => Ok(Some(commit.id())),
            Err(error) if error.code() == ErrorCode::UnbornBranch => Ok(None),
            Err(error) => Err(RepositoryError::reading("HEAD")(error)),
        }
    }

    fn branch(&self) -> Result<Option<String>, RepositoryError> {
        let reading = RepositoryError::reading("HEAD");
        let head = self.git.head().map_err(reading)?;
        Ok(head
            .name_bytes()
            .strip_prefix(b"refs/heads/")
            .map(|name| String::from_utf8_lossy(name).into_owned()))
    }
}

pub(super) fn sha(id: Oid) -> Result<Sha, RepositoryError> {
    Ok(id.to_string().try_into()?)
}

fn tree_id(id: Oid) -> Result<TreeId, RepositoryError> {
    Ok(id.to_string().try_into()?)
}

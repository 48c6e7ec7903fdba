//! Repositories for tests: in a temporary folder, with fixed author and dates, and deaf to the user's configuration.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Once;

use git2::{Oid, Signature, Time};
use perf_schema::Sha;

use super::{Repository, State};

/// Committer time of the first commit; each further commit is an hour later.
pub(crate) const EPOCH: i64 = 1_700_000_000;

/// A repository in a folder that vanishes with it.
pub(crate) struct Project {
    folder: tempfile::TempDir,
    git: git2::Repository,
    hours: Cell<i64>,
}

/// Makes libgit2 look for user and system configuration where there is none.
pub(crate) fn deaf() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for level in [
            git2::ConfigLevel::Global,
            git2::ConfigLevel::XDG,
            git2::ConfigLevel::System,
            git2::ConfigLevel::ProgramData,
        ] {
            #[expect(
                unsafe_code,
                reason = "the only way to keep the machine's own settings out"
            )]
            // SAFETY: the call is guarded by `Once`, and every test comes through here before it uses libgit2.
            unsafe { git2::opts::set_search_path(level, "/nonexistent/perf-tests") }.unwrap();
        }
    });
}

impl Project {
    /// A repository on the branch `main`, with nothing committed.
    pub(crate) fn unborn() -> Self {
        deaf();
        let folder = tempfile::tempdir().unwrap();
        let mut options = git2::RepositoryInitOptions::new();
        options.initial_head("main").external_template(false);
        let git = git2::Repository::init_opts(folder.path(), &options).unwrap();
        Self {
            folder,
            git,
            hours: Cell::default(),
        }
    }

    /// A repository with one commit, whose `code.rs` says `0`.
    pub(crate) fn new() -> Self {
        let project = Self::unborn();
        project.write("code.rs", "0");
        project.commit("first");
        project
    }

    /// Opens git anew, since it reads its configuration once.
    pub(crate) fn reopened(self) -> Self {
        let git = git2::Repository::open(self.root()).unwrap();
        Self { git, ..self }
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn git(&self) -> &git2::Repository {
        &self.git
    }

    pub(crate) fn open(&self) -> Repository {
        Repository::discover(self.root()).unwrap().unwrap()
    }

    pub(crate) fn state(&self) -> State {
        self.open().state().unwrap()
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn remove(&self, path: &str) {
        std::fs::remove_file(self.path(path)).unwrap();
    }

    /// Lets days pass before the next commit.
    pub(crate) fn wait_days(&self, days: i64) {
        self.hours.set(self.hours.get() + days * 24);
    }

    /// Like `git add --all && git commit`.
    pub(crate) fn commit(&self, message: &str) -> Sha {
        let parents: Vec<Oid> = self
            .git
            .head()
            .ok()
            .and_then(|h| h.target())
            .into_iter()
            .collect();
        self.commit_with(message, &parents)
    }

    /// Like `git add --all && git commit --amend`.
    pub(crate) fn amend(&self, message: &str) -> Sha {
        let parents: Vec<Oid> = self.head_commit().parent_ids().collect();
        self.commit_with(message, &parents)
    }

    fn commit_with(&self, message: &str, parents: &[Oid]) -> Sha {
        let mut index = self.git.index().unwrap();
        index
            .add_all(["*"], git2::IndexAddOption::DEFAULT, None)
            .unwrap();
        index.write().unwrap();
        let tree = index.write_tree().unwrap();
        let id = self.object(message, tree, parents);
        self.point_head(id);
        sha(id)
    }

    fn point_head(&self, id: Oid) {
        if self.git.head_detached().unwrap() {
            self.git.set_head_detached(id).unwrap();
            return;
        }
        let name = self.git.find_reference("HEAD").unwrap();
        let name = name.symbolic_target().unwrap().unwrap().to_owned();
        self.git.reference(&name, id, true, "test").unwrap();
    }

    fn object(&self, message: &str, tree: Oid, parents: &[Oid]) -> Oid {
        let time = Time::new(EPOCH + self.hours.get() * 3600, 0);
        self.hours.set(self.hours.get() + 1);
        let who = Signature::new("A", "a@example.org", &time).unwrap();
        let tree = self.git.find_tree(tree).unwrap();
        let parents: Vec<_> = parents
            .iter()
            .map(|&p| self.git.find_commit(p).unwrap())
            .collect();
        let parents: Vec<_> = parents.iter().collect();
        self.git
            .commit(None, &who, &who, message, &tree, &parents)
            .unwrap()
    }

    fn head_commit(&self) -> git2::Commit<'_> {
        self.git.head().unwrap().peel_to_commit().unwrap()
    }

    pub(crate) fn head(&self) -> Sha {
        sha(self.head_commit().id())
    }

    /// Like `git switch --create`.
    pub(crate) fn branch(&self, name: &str) {
        self.git.branch(name, &self.head_commit(), true).unwrap();
        self.git.set_head(&format!("refs/heads/{name}")).unwrap();
    }

    /// Like `git switch`, `git switch --detach` for an id.
    pub(crate) fn switch(&self, name: &str) {
        match self.git.find_branch(name, git2::BranchType::Local) {
            Ok(_) => self.git.set_head(&format!("refs/heads/{name}")).unwrap(),
            Err(_) => self
                .git
                .set_head_detached(Oid::from_str(name).unwrap())
                .unwrap(),
        }
        let mut checkout = git2::build::CheckoutBuilder::new();
        self.git
            .checkout_head(Some(checkout.force().remove_untracked(true)))
            .unwrap();
    }

    /// Like `git merge --no-ff`: takes the files of `other` on top of the present ones.
    pub(crate) fn merge(&self, other: &str) -> Sha {
        let (tree, theirs) = self.merged(other);
        let ours = self.head_commit().id();
        let id = self.object(&format!("merge {other}"), tree, &[ours, theirs]);
        self.finish(id)
    }

    /// Like `git merge --squash && git commit`.
    pub(crate) fn squash(&self, other: &str) -> Sha {
        let (tree, _) = self.merged(other);
        let ours = self.head_commit().id();
        let id = self.object(&format!("squash {other}"), tree, &[ours]);
        self.finish(id)
    }

    /// Like `git cherry-pick`.
    pub(crate) fn cherry_pick(&self, commit: &Sha) -> Sha {
        let picked = self.git.find_commit(oid(commit)).unwrap();
        let ours = self.head_commit();
        let mut index = self.git.cherrypick_commit(&picked, &ours, 0, None).unwrap();
        assert!(!index.has_conflicts());
        let tree = index.write_tree_to(&self.git).unwrap();
        let (ours, message) = (ours.id(), picked.message().unwrap().to_owned());
        drop(picked);
        let id = self.object(&message, tree, &[ours]);
        self.finish(id)
    }

    fn finish(&self, id: Oid) -> Sha {
        self.point_head(id);
        let mut checkout = git2::build::CheckoutBuilder::new();
        self.git
            .checkout_head(Some(checkout.force().remove_untracked(true)))
            .unwrap();
        sha(id)
    }

    fn merged(&self, other: &str) -> (Oid, Oid) {
        let theirs = self
            .git
            .revparse_single(other)
            .unwrap()
            .peel_to_commit()
            .unwrap();
        let mut index = self
            .git
            .merge_commits(&self.head_commit(), &theirs, None)
            .unwrap();
        assert!(
            !index.has_conflicts(),
            "a merge in a test must not conflict"
        );
        (index.write_tree_to(&self.git).unwrap(), theirs.id())
    }

    /// A commit on no branch: the test merge that a CI service makes of `other` into `base`.
    pub(crate) fn test_merge(&self, base: &str, other: &str) -> Sha {
        self.switch(&sha(self.git.revparse_single(base).unwrap().id()).to_string());
        self.merge(other)
    }

    /// Sets a reference, whatever it was.
    pub(crate) fn point(&self, reference: &str, at: &Sha) {
        self.git
            .reference(reference, oid(at), true, "test")
            .unwrap();
    }

    /// A clone with the newest `depth` commits of every branch, and HEAD at that of `branch`.
    pub(crate) fn shallow_clone(&self, depth: u32, branch: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let into = folder.path().join("clone");
        let status = std::process::Command::new("git")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .args([
                "-c",
                "init.defaultBranch=main",
                "clone",
                "--quiet",
                "--no-single-branch",
                "--depth",
            ])
            .arg(depth.to_string())
            .args(["--branch", branch])
            .arg(format!("file://{}", self.root().display()))
            .arg(&into)
            .status()
            .unwrap();
        assert!(status.success());
        (folder, into)
    }
}

pub(crate) fn sha(id: Oid) -> Sha {
    id.to_string().parse().unwrap()
}

pub(crate) fn oid(sha: &Sha) -> Oid {
    Oid::from_str(sha.as_str()).unwrap()
}

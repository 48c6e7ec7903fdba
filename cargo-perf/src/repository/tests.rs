//! What git knows, asked of real repositories.

use git2::Oid;
use perf_schema::Sha;

use super::fixture::{EPOCH, Project, deaf, oid, sha};
use super::{LookupError, Repository, RepositoryError, TargetKind};

fn tree_of(project: &Project) -> String {
    project.state().source_tree.to_string()
}

fn dirty(project: &Project) -> bool {
    project.state().commit.unwrap().dirty
}

mod discovery {
    use super::*;

    #[test]
    fn no_git_is_no_fault() {
        deaf();
        let folder = tempfile::tempdir().unwrap();
        assert!(Repository::discover(folder.path()).unwrap().is_none());
        std::fs::create_dir(folder.path().join(".git")).unwrap();
        assert!(Repository::discover(folder.path()).unwrap().is_none());
    }

    #[test]
    fn a_missing_workspace_is_named() {
        let error = Repository::discover("/no/such/folder".as_ref()).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("cannot read the folder /no/such/folder"),
            "{error}"
        );
    }

    #[test]
    fn a_bare_repository_has_nothing_to_measure() {
        deaf();
        let folder = tempfile::tempdir().unwrap();
        git2::Repository::init_bare(folder.path()).unwrap();
        let error = Repository::discover(folder.path()).unwrap_err();
        assert!(matches!(error, RepositoryError::Bare { .. }), "{error}");
        assert!(error.to_string().contains("git worktree add"));
    }

    #[test]
    fn a_damaged_repository_is_not_passed_over_for_the_one_above() {
        let project = Project::new();
        project.write("inner/.git", "gitdir: /nowhere");
        let error = Repository::discover(&project.path("inner")).unwrap_err();
        assert!(matches!(error, RepositoryError::Broken { .. }), "{error}");
        assert!(error.to_string().contains("inner"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn the_repository_of_another_user_is_refused_with_the_command_that_allows_it() {
        let project = Project::new();
        // Only root may give files away; for anyone else there is nothing to test here.
        if std::os::unix::fs::chown(project.root(), Some(12_345), None).is_err() {
            return;
        }
        let _ = std::os::unix::fs::chown(project.path(".git"), Some(12_345), None);
        let error = Repository::discover(project.root()).unwrap_err();
        assert!(matches!(error, RepositoryError::Owner { .. }), "{error}");
        assert!(
            error
                .to_string()
                .contains("git config --global --add safe.directory"),
            "{error}"
        );
    }

    #[test]
    fn a_workspace_in_a_subfolder_has_its_path_in_git() {
        let project = Project::new();
        project.write("sub/dir/lib.rs", "");
        let repository = Repository::discover(&project.path("sub/dir"))
            .unwrap()
            .unwrap();
        assert_eq!(repository.path_in_git("baselines"), "sub/dir/baselines");
        assert_eq!(project.open().path_in_git("baselines"), "baselines");
    }

    #[test]
    fn a_repository_that_ignores_the_workspace_is_none() {
        let project = Project::new();
        project.write(".gitignore", "*\n");
        project.write("work/demo/lib.rs", "");
        assert!(
            Repository::discover(&project.path("work/demo"))
                .unwrap()
                .is_none()
        );
        assert!(Repository::discover(project.root()).unwrap().is_some());
    }

    #[test]
    fn a_linked_worktree_is_a_repository_of_its_own_head() {
        let project = Project::new();
        let main = tree_of(&project);
        let beside = tempfile::tempdir().unwrap();
        let path = beside.path().join("linked");
        project.git().worktree("linked", &path, None).unwrap();
        let linked = Repository::discover(&path).unwrap().unwrap();
        let state = linked.state().unwrap();
        assert_eq!(state.source_tree.as_str(), main);
        assert_eq!(
            state.commit.clone().unwrap().branch.as_deref(),
            Some("linked")
        );
        std::fs::write(path.join("code.rs"), "1").unwrap();
        assert!(linked.state().unwrap().commit.unwrap().dirty);
        assert!(!dirty(&project));
    }
}

mod state {
    use super::*;

    #[test]
    fn a_commit_is_described_as_git_has_it() {
        let project = Project::new();
        let first = project.head();
        project.write("code.rs", "1");
        let second = project.commit("second\n\nbody");
        let commit = project.state().commit.unwrap();
        assert_eq!(commit.sha, second);
        assert_eq!(commit.parents, [first]);
        assert_eq!(commit.branch.as_deref(), Some("main"));
        assert_eq!(commit.committed, EPOCH + 3600);
        assert_eq!(commit.subject, "second");
        assert!(!commit.dirty);
    }

    #[test]
    fn a_detached_head_has_no_branch() {
        let project = Project::new();
        project.switch(&project.head().to_string());
        assert_eq!(project.state().commit.unwrap().branch, None);
    }

    #[test]
    fn before_the_first_commit_there_is_content_and_no_commit() {
        let project = Project::unborn();
        project.write("code.rs", "0");
        let state = project.state();
        assert_eq!(state.commit, None);
        project.commit("first");
        assert_eq!(project.state().source_tree, state.source_tree);
    }

    #[test]
    fn without_baselines_the_tree_is_that_of_the_commit() {
        let project = Project::new();
        let tree = oid(&project.head());
        let tree = project.git().find_commit(tree).unwrap().tree_id();
        assert_eq!(tree_of(&project), tree.to_string());
    }

    #[test]
    fn a_commit_that_only_adds_baselines_has_the_tree_of_its_parent() {
        let project = Project::new();
        let before = tree_of(&project);
        project.write("baselines/main/class/x.json", "{}");
        assert!(
            !dirty(&project),
            "a record is no change of what is measured"
        );
        project.commit("record");
        assert_eq!(tree_of(&project), before);
        project.write(".perf/runs/x.json", "{}");
        assert!(!dirty(&project));
        assert_eq!(tree_of(&project), before);
    }

    #[test]
    fn a_workspace_in_a_subfolder_leaves_out_its_own_baselines_only() {
        let project = Project::new();
        project.write("sub/lib.rs", "");
        project.commit("sub");
        let open = || {
            Repository::discover(&project.path("sub"))
                .unwrap()
                .unwrap()
                .state()
                .unwrap()
        };
        let before = open();
        project.write("sub/baselines/main/class/x.json", "{}");
        project.commit("record");
        assert_eq!(open().source_tree, before.source_tree);
        project.write("baselines/x.json", "{}");
        project.commit("somebody else's");
        assert_ne!(open().source_tree, before.source_tree);
    }

    #[test]
    fn a_folder_that_held_nothing_but_baselines_disappears() {
        let project = Project::new();
        let before = tree_of(&project);
        project.write("sub/baselines/main/class/x.json", "{}");
        project.commit("record");
        let sub = Repository::discover(&project.path("sub")).unwrap().unwrap();
        assert_eq!(sub.state().unwrap().source_tree.as_str(), before);
    }

    /// Changes the working tree, and checks that committing it afterwards gives the tree that was measured.
    fn measured_then_committed(project: &Project, change: impl FnOnce(&Project)) {
        let clean = tree_of(project);
        change(project);
        let index = std::fs::read(project.path(".git/index")).unwrap();
        let objects = count_objects(project);
        let state = project.state();
        assert!(state.commit.unwrap().dirty);
        assert_ne!(state.source_tree.as_str(), clean);
        assert_eq!(
            std::fs::read(project.path(".git/index")).unwrap(),
            index,
            "index untouched"
        );
        assert_eq!(
            count_objects(project),
            objects,
            "no garbage in the object database"
        );
        project.commit("afterwards");
        assert_eq!(tree_of(project), state.source_tree.to_string());
        assert!(!dirty(project));
    }

    fn count_objects(project: &Project) -> usize {
        let mut count = 0;
        project
            .git()
            .odb()
            .unwrap()
            .foreach(|_| {
                count += 1;
                true
            })
            .unwrap();
        count
    }

    #[test]
    fn changed_new_and_deleted_files_are_what_committing_them_gives() {
        let project = Project::new();
        project.write("a/deep/file.rs", "x");
        project.write("gone/only.rs", "x");
        project.commit("more");
        measured_then_committed(&project, |p| {
            p.write("a/deep/file.rs", "changed");
            p.write("a-b/new.rs", "sorts beside the folder a");
            p.write("a.rs", "so does this");
            p.write("baselines/main/c/x.json", "not measured");
            p.remove("gone/only.rs");
        });
    }

    #[test]
    fn a_file_that_becomes_a_folder_and_back() {
        let project = Project::new();
        project.write("thing", "file");
        project.write("folder/x", "x");
        project.commit("more");
        measured_then_committed(&project, |p| {
            p.remove("thing");
            p.write("thing/inside", "now a folder");
            p.remove("folder/x");
            std::fs::remove_dir(p.path("folder")).unwrap();
            p.write("folder", "now a file");
        });
    }

    #[test]
    fn ignored_files_are_not_measured() {
        let project = Project::new();
        project.write(".gitignore", "*.log\n/out\n");
        project.commit("ignore");
        let before = tree_of(&project);
        project.write("x.log", "");
        project.write("out/y", "");
        assert_eq!(tree_of(&project), before);
        assert!(!dirty(&project));
    }

    #[test]
    fn staged_changes_count_as_they_lie_in_the_working_tree() {
        let project = Project::new();
        let stage = |text: &str| {
            project.write("code.rs", text);
            let mut index = project.git().index().unwrap();
            index.add_path("code.rs".as_ref()).unwrap();
            index.write().unwrap();
        };
        let before = tree_of(&project);
        stage("staged");
        assert_ne!(tree_of(&project), before);
        project.write("code.rs", "0");
        assert_eq!(
            tree_of(&project),
            before,
            "staged, but the files are those of HEAD"
        );
        assert!(!dirty(&project));
        let mut index = project.git().index().unwrap();
        index.read(true).unwrap();
        index.remove_path("code.rs".as_ref()).unwrap();
        index.write().unwrap();
        assert_eq!(
            tree_of(&project),
            before,
            "untracked now, yet it is still there"
        );
    }

    #[cfg(unix)]
    #[test]
    fn executable_bits_and_links_are_part_of_the_content() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let project = Project::new();
        symlink("code.rs", project.path("tracked-link")).unwrap();
        project.commit("link");
        measured_then_committed(&project, |p| {
            p.write("run.sh", "#!");
            let mode = std::fs::Permissions::from_mode(0o755);
            std::fs::set_permissions(p.path("run.sh"), mode.clone()).unwrap();
            std::fs::set_permissions(p.path("code.rs"), mode).unwrap();
            symlink("/nowhere/at/all", p.path("link")).unwrap();
            symlink("..", p.path("up")).unwrap();
            p.remove("tracked-link");
            symlink("run.sh", p.path("tracked-link")).unwrap();
        });
    }

    #[cfg(unix)]
    #[test]
    fn where_the_file_system_keeps_no_bits_the_index_does() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let project = Project::new();
        project.write("run.sh", "#!");
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(project.path("run.sh"), mode.clone()).unwrap();
        project.commit("executable");
        let mut config = project.git().config().unwrap();
        config.set_bool("core.filemode", false).unwrap();
        drop(config);
        let project = project.reopened();
        std::fs::set_permissions(project.path("code.rs"), mode).unwrap();
        assert!(!dirty(&project));
        measured_then_committed(&project, |p| {
            let mode = std::fs::Permissions::from_mode(0o644);
            std::fs::set_permissions(p.path("run.sh"), mode).unwrap();
            p.write("run.sh", "#! changed");
            // A link in the place of a file has a mode that git2 itself stumbles over.
            p.remove("code.rs");
            symlink("run.sh", p.path("code.rs")).unwrap();
        });
    }

    #[test]
    fn a_sparse_checkout_is_not_dirty() {
        let project = Project::new();
        project.write("left/out.rs", "x");
        project.commit("more");
        let before = tree_of(&project);
        let mut index = project.git().index().unwrap();
        let mut entry = index.get_path("left/out.rs".as_ref(), 0).unwrap();
        entry.flags_extended |= git2::IndexEntryExtendedFlag::SKIP_WORKTREE.bits();
        index.add(&entry).unwrap();
        index.write().unwrap();
        project.remove("left/out.rs");
        assert_eq!(tree_of(&project), before);
        assert!(!dirty(&project));
    }

    #[test]
    fn line_ends_are_filtered_as_git_does() {
        let project = Project::new();
        project
            .git()
            .config()
            .unwrap()
            .set_str("core.autocrlf", "true")
            .unwrap();
        project.write("text.rs", "a\r\nb\r\n");
        project.commit("text");
        let before = tree_of(&project);
        project.write("text.rs", "a\nb\n");
        assert_eq!(tree_of(&project), before);
        project.write("text.rs", "a\r\nc\r\n");
        measured_then_committed(&project, |p| p.write("more.rs", "x\r\n"));
    }

    #[test]
    fn a_submodule_counts_with_its_commit_and_with_its_changes() {
        let project = Project::new();
        let library = Project::new();
        let url = format!("file://{}", library.root().display());
        let mut submodule = project
            .git()
            .submodule(&url, "vendor/library".as_ref(), true)
            .unwrap();
        let inner = submodule.clone(None).unwrap();
        submodule.add_finalize().unwrap();
        project.commit("submodule");
        let clean = tree_of(&project);
        assert!(!dirty(&project));
        project.write("vendor/library/code.rs", "changed inside");
        assert_ne!(tree_of(&project), clean);
        assert!(dirty(&project));
        project.write("vendor/library/code.rs", "0");
        assert_eq!(tree_of(&project), clean);
        drop(inner);
        // Not initialised in this clone: an empty folder.
        std::fs::remove_dir_all(project.path("vendor/library")).unwrap();
        std::fs::create_dir(project.path("vendor/library")).unwrap();
        assert_eq!(tree_of(&project), clean);
    }

    #[test]
    fn a_repository_inside_that_is_no_submodule_does_no_harm() {
        let project = Project::new();
        let inner = git2::Repository::init(project.path("inner")).unwrap();
        project.write("inner/x.rs", "x");
        let before = tree_of(&project);
        drop(inner);
        assert_eq!(tree_of(&project), before);
    }
}

mod checkout {
    use super::*;

    #[test]
    fn a_file_stands_for_its_object_only_as_git_left_it() {
        let project = Project::new();
        let blob = |text: &[u8]| Oid::hash_object(git2::ObjectType::Blob, text).unwrap();
        let repository = project.open();
        let path = Some(repository.workdir().join("code.rs"));
        assert_eq!(repository.checked_out("code.rs", blob(b"0")), path);
        assert_eq!(repository.checked_out("code.rs", blob(b"1")), None);
        assert_eq!(repository.checked_out("none.rs", blob(b"0")), None);
        let file = std::fs::File::options()
            .write(true)
            .open(project.path("code.rs"))
            .unwrap();
        // The same size, another time.
        file.set_modified(std::time::UNIX_EPOCH).unwrap();
        assert_eq!(repository.checked_out("code.rs", blob(b"0")), None);
        project.remove("code.rs");
        assert_eq!(repository.checked_out("code.rs", blob(b"0")), None);
    }
}

mod history {
    use super::*;

    fn chain(project: &Project, from: &Sha) -> Vec<Sha> {
        let repository = project.open();
        repository
            .first_parents(from)
            .map(|commit| commit.unwrap().sha)
            .collect()
    }

    #[test]
    fn first_parents_leave_merged_branches_aside() {
        let project = Project::new();
        let first = project.head();
        project.branch("topic");
        project.write("topic.rs", "");
        let side = project.commit("side");
        project.switch("main");
        let merge = project.merge("topic");
        assert_eq!(chain(&project, &merge), [merge.clone(), first.clone()]);
        let repository = project.open();
        assert!(repository.is_ancestor(&side, &merge).unwrap());
        assert!(!repository.is_ancestor(&merge, &side).unwrap());
        assert!(repository.is_ancestor(&merge, &merge).unwrap());
        assert_eq!(
            repository.merge_bases(&side, &merge).unwrap(),
            std::slice::from_ref(&side)
        );
    }

    #[test]
    fn histories_that_do_not_meet_have_no_merge_base() {
        let project = Project::new();
        let main = project.head();
        project.git().set_head("refs/heads/other").unwrap();
        let other = project.commit("other root");
        assert_eq!(
            project.open().merge_bases(&main, &other).unwrap(),
            Vec::<Sha>::new()
        );
    }

    #[test]
    fn a_commit_that_is_not_here_is_missing() {
        let project = Project::new();
        let nowhere = sha(Oid::from_str(&"ab".repeat(20)).unwrap());
        let repository = project.open();
        assert!(!repository.has(&nowhere));
        assert!(matches!(
            repository.commit(&nowhere),
            Err(RepositoryError::Missing { .. })
        ));
        assert!(!repository.is_ancestor(&nowhere, &project.head()).unwrap());
    }

    #[test]
    fn a_shallow_clone_names_parents_it_does_not_have() {
        let project = Project::new();
        let first = project.head();
        project.write("code.rs", "1");
        let second = project.commit("second");
        let (_folder, clone) = project.shallow_clone(1, "main");
        let clone = Repository::discover(&clone).unwrap().unwrap();
        assert!(clone.is_shallow() && !project.open().is_shallow());
        let parents = std::slice::from_ref(&first);
        assert_eq!(clone.commit(&second).unwrap().parents, parents);
        assert_eq!(clone.state().unwrap().commit.unwrap().parents, parents);
        assert!(!clone.has(&first));
        assert_eq!(clone.first_parents(&second).count(), 1);
    }
}

mod names {
    use super::*;

    fn branch(reference: &str) -> TargetKind {
        TargetKind::Branch {
            reference: reference.to_owned(),
        }
    }

    /// `main` with two commits, `origin/main` at the first of them.
    fn behind() -> (Project, Sha, Sha) {
        let project = Project::new();
        let first = project.head();
        project.point("refs/remotes/origin/main", &first);
        project.write("code.rs", "1");
        let second = project.commit("second");
        (project, first, second)
    }

    #[test]
    fn a_branch_means_the_remote_one_and_says_so() {
        let (project, first, second) = behind();
        let target = project.open().look_up("main").unwrap();
        assert_eq!(target.kind, branch("refs/remotes/origin/main"));
        assert_eq!(target.commit, first);
        assert_eq!(
            target.notes,
            [
                "main means the remote-tracking branch origin/main".to_owned(),
                format!(
                    "the local branch main is at {}, origin/main at {}; type refs/heads/main to mean the local one",
                    second.short(12),
                    first.short(12)
                ),
            ]
        );
        assert_eq!(
            target.to_string(),
            format!("main (origin/main at {})", first.short(12))
        );
    }

    #[test]
    fn full_and_remote_names_are_taken_as_they_are() {
        let (project, first, second) = behind();
        let repository = project.open();
        for (typed, reference, commit) in [
            ("origin/main", "refs/remotes/origin/main", &first),
            (
                "refs/remotes/origin/main",
                "refs/remotes/origin/main",
                &first,
            ),
            ("refs/heads/main", "refs/heads/main", &second),
            ("heads/main", "refs/heads/main", &second),
        ] {
            let target = repository.look_up(typed).unwrap();
            assert_eq!(
                (target.kind, &target.commit),
                (branch(reference), commit),
                "{typed}"
            );
            assert_eq!(target.notes, Vec::<String>::new(), "{typed}");
        }
    }

    #[test]
    fn an_upstream_of_the_same_name_wins_over_origin() {
        let (project, first, second) = behind();
        project.point("refs/remotes/upstream/main", &second);
        let mut config = project.git().config().unwrap();
        for remote in ["origin", "upstream"] {
            config
                .set_str(&format!("remote.{remote}.url"), "/nowhere")
                .unwrap();
            let fetch = format!("+refs/heads/*:refs/remotes/{remote}/*");
            config
                .set_str(&format!("remote.{remote}.fetch"), &fetch)
                .unwrap();
        }
        config.set_str("branch.main.remote", "upstream").unwrap();
        config
            .set_str("branch.main.merge", "refs/heads/main")
            .unwrap();
        let target = project.open().look_up("main").unwrap();
        assert_eq!(target.kind, branch("refs/remotes/upstream/main"));
        // A topic that follows origin/main is not main.
        project.branch("topic");
        config.set_str("branch.topic.remote", "origin").unwrap();
        config
            .set_str("branch.topic.merge", "refs/heads/main")
            .unwrap();
        let target = project.open().look_up("topic").unwrap();
        assert_eq!(target.kind, branch("refs/heads/topic"));
        assert_ne!(target.commit, first);
    }

    #[test]
    fn a_tag_never_shadows_a_branch() {
        let (project, first, second) = behind();
        project.point("refs/tags/main", &second);
        project.point("refs/tags/v1", &second);
        let repository = project.open();
        let target = repository.look_up("main").unwrap();
        assert_eq!(target.commit, first);
        assert!(
            target
                .notes
                .iter()
                .any(|n| n
                    == "there is a tag main too; main means the branch, refs/tags/main the tag")
        );
        assert_eq!(repository.look_up("main~0").unwrap().commit, first);
        let tag = repository.look_up("refs/tags/main").unwrap();
        assert_eq!((tag.kind, tag.commit), (TargetKind::Commit, second.clone()));
        let tag = repository.look_up("v1").unwrap();
        assert_eq!((tag.kind, tag.commit), (TargetKind::Commit, second));
    }

    #[test]
    fn expressions_and_ids_name_one_commit() {
        let (project, first, second) = behind();
        let object = project.git().find_object(oid(&first), None).unwrap();
        let who = git2::Signature::new("A", "a@example.org", &git2::Time::new(EPOCH, 0)).unwrap();
        project
            .git()
            .tag("annotated", &object, &who, "x", false)
            .unwrap();
        let repository = project.open();
        for (typed, commit) in [
            ("HEAD", &second),
            ("@", &second),
            ("HEAD~1", &first),
            ("HEAD^", &first),
            (second.short(9), &second),
            (second.as_str(), &second),
            ("annotated", &first),
            ("refs/heads/main~1", &first),
        ] {
            let target = repository.look_up(typed).unwrap();
            assert_eq!(
                (target.kind, &target.commit),
                (TargetKind::Commit, commit),
                "{typed}"
            );
        }
    }

    #[test]
    fn an_unknown_name_lists_those_like_it() {
        let (project, first, _) = behind();
        project.point("refs/tags/v1.20", &first);
        project
            .git()
            .remote("origin", "https://example.org/x")
            .unwrap();
        let repository = project.open();
        let LookupError::Unknown { near, fetch, .. } = repository.look_up("mian").unwrap_err()
        else {
            panic!("mian is unknown")
        };
        assert_eq!(near, ["main", "origin/main"]);
        assert_eq!(fetch.as_deref(), Some("git fetch origin mian"));
        let error = repository.look_up("maim").unwrap_err().to_string();
        assert_eq!(
            error,
            "there is no branch, tag or commit \"maim\" in this clone; did you mean main or origin/main?; if the \
             remote has it, type `git fetch origin maim`"
        );
        let LookupError::Unknown { near, .. } = repository.look_up("v1.21").unwrap_err() else {
            panic!("v1.21 is unknown")
        };
        assert_eq!(near, ["v1.20"]);
    }

    #[test]
    fn hostile_names_are_looked_up_and_nothing_else() {
        let (project, ..) = behind();
        let repository = project.open();
        let long = "x".repeat(100_000);
        for typed in [
            "",
            "-rf",
            "--upload-pack=touch /tmp/x",
            "../../etc/passwd",
            "a b",
            "a\0b",
            ":/first",
            "HEAD^{/first}",
            "HEAD:code.rs",
            "*",
            "main..HEAD",
            "refs/heads/*",
            "..",
            ".",
            "\u{1b}[31m",
            "@{99}",
            "$(id)",
            &long,
        ] {
            let error = repository.look_up(typed).unwrap_err();
            let LookupError::Unknown { typed, fetch, .. } = error else {
                panic!("{typed:?}: {error}")
            };
            assert!(typed.len() <= 80 && fetch.is_none());
        }
        let error = repository.look_up("HEAD^{tree}").unwrap_err();
        assert!(matches!(error, LookupError::NotACommit { .. }), "{error}");
    }
}

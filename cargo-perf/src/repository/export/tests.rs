use std::os::unix::fs::{PermissionsExt, symlink};

use super::super::fixture::{Project, deaf, oid, sha};
use super::*;

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|item| item.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_commit_is_written_as_a_checkout_would_write_it() {
    let project = Project::new();
    project.write("Cargo.toml", "one");
    project.write("sub/Cargo.toml", "two");
    project.write("sub/run.sh", "#!/bin/sh");
    std::fs::set_permissions(
        project.path("sub/run.sh"),
        std::fs::Permissions::from_mode(0o755),
    )
    .unwrap();
    symlink("../code.rs", project.path("sub/link.rs")).unwrap();
    symlink("../Cargo.toml", project.path("code.toml")).unwrap();
    project.write("baselines/main/x.json", "{}");
    let then = project.commit("files");
    project.write("code.rs", "changed");
    project.remove("sub/Cargo.toml");
    let now = project.commit("later");
    let folder = tempfile::tempdir().unwrap();
    let before = std::fs::read(project.path(".git/index")).unwrap();
    let exported = project.open().export(&then, folder.path()).unwrap();
    assert_eq!(
        exported.manifests,
        [Path::new("Cargo.toml"), Path::new("sub/Cargo.toml")]
    );
    assert_eq!(
        names(folder.path()),
        ["Cargo.toml", "code.rs", "code.toml", "sub"]
    );
    assert_eq!(std::fs::read(folder.path().join("code.rs")).unwrap(), b"0");
    let mode = folder
        .path()
        .join("sub/run.sh")
        .metadata()
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o111, 0o111);
    let link = std::fs::read_link(folder.path().join("sub/link.rs")).unwrap();
    assert_eq!(link, Path::new("../code.rs"));
    assert_eq!(
        std::fs::read(project.path(".git/index")).unwrap(),
        before,
        "the index is not touched"
    );
    assert_eq!(std::fs::read(project.path("code.rs")).unwrap(), b"changed");
    assert_eq!(project.head(), now);
}

/// A commit whose tree has these entries, which git itself would not write.
fn hostile(project: &Project, entries: &[(&str, &[u8], Oid)]) -> Sha {
    let mut bytes = Vec::new();
    for (mode, name, id) in entries {
        bytes.extend_from_slice(mode.as_bytes());
        bytes.push(b' ');
        bytes.extend_from_slice(name);
        bytes.push(0);
        bytes.extend_from_slice(id.as_bytes());
    }
    let odb = project.git().odb().unwrap();
    let tree = odb.write(ObjectType::Tree, &bytes).unwrap();
    let text = format!("tree {tree}\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\n\nhostile\n");
    sha(odb.write(ObjectType::Commit, text.as_bytes()).unwrap())
}

#[test]
fn no_name_leaves_the_folder_or_reaches_gits_own_files() {
    let project = Project::new();
    let blob = project.git().blob(b"../outside").unwrap();
    let inner = {
        let mut builder = project.git().treebuilder(None).unwrap();
        builder.insert("file", blob, 0o100_644).unwrap();
        builder.write().unwrap()
    };
    let cases: &[&[(&str, &[u8], Oid)]] = &[
        &[("100644", b"..", blob)],
        &[("40000", b"..", inner)],
        &[("100644", b"../x", blob)],
        &[("40000", b".git", inner)],
        &[("40000", b".GIT", inner)],
        &[("100644", b"", blob)],
        // A link, and then a folder of its name, whose files would be written to where the link leads.
        &[("120000", b"a", blob), ("40000", b"a", inner)],
    ];
    for entries in cases {
        let commit = hostile(&project, entries);
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("folder");
        std::fs::create_dir(&folder).unwrap();
        let refused = project.open().export(&commit, &folder);
        assert!(refused.is_err(), "{entries:?}");
        assert_eq!(names(outer.path()), ["folder"], "{entries:?}");
        assert_eq!(names(&folder), Vec::<String>::new(), "{entries:?}");
    }
}

#[test]
fn no_link_leads_the_removal_of_baselines_elsewhere() {
    let project = Project::new();
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::write(elsewhere.path().join("kept"), "").unwrap();
    symlink(elsewhere.path(), project.path("baselines")).unwrap();
    let commit = project.commit("a link");
    let folder = tempfile::tempdir().unwrap();
    project.open().export(&commit, folder.path()).unwrap();
    assert_eq!(names(elsewhere.path()), ["kept"]);
}

#[test]
fn a_commit_that_is_not_here_is_said_to_be_missing() {
    let project = Project::new();
    let folder = tempfile::tempdir().unwrap();
    let absent: Sha = "0123456789012345678901234567890123456789".parse().unwrap();
    let error = project.open().export(&absent, folder.path()).unwrap_err();
    assert!(
        error.to_string().contains("git fetch --unshallow"),
        "{error}"
    );
}

/// A project with the repository `inner` as a submodule at `lib`, as `git submodule add` would leave it.
fn with_submodule(inner: &Project) -> Project {
    deaf();
    let project = Project::new();
    let module = project.path(".git/modules/inner");
    git2::build::RepoBuilder::new()
        .bare(true)
        .clone(inner.root().to_str().unwrap(), &module)
        .unwrap();
    project.write(
        ".gitmodules",
        "[submodule \"inner\"]\n\tpath = lib\n\turl = ../inner\n",
    );
    let blob = project
        .git()
        .blob_path(&project.path(".gitmodules"))
        .unwrap();
    let code = project.git().blob(b"0").unwrap();
    let commit = hostile(
        &project,
        &[
            ("100644", b".gitmodules", blob),
            ("100644", b"code.rs", code),
            ("160000", b"lib", oid(&inner.head())),
        ],
    );
    project.point("refs/heads/main", &commit);
    project
}

#[test]
fn a_submodule_is_taken_at_its_recorded_commit_from_where_git_keeps_it() {
    let inner = Project::new();
    inner.write("Cargo.toml", "inner");
    inner.commit("a manifest");
    let project = with_submodule(&inner);
    let folder = tempfile::tempdir().unwrap();
    let exported = project
        .open()
        .export(&project.head(), folder.path())
        .unwrap();
    assert_eq!(exported.manifests, [Path::new("lib/Cargo.toml")]);
    assert_eq!(names(&folder.path().join("lib")), ["Cargo.toml", "code.rs"]);
}

#[test]
fn a_submodule_that_is_not_here_is_named_with_what_brings_it() {
    let inner = Project::new();
    let project = with_submodule(&inner);
    std::fs::remove_dir_all(project.path(".git/modules")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let error = project
        .open()
        .export(&project.head(), folder.path())
        .unwrap_err();
    let text = error.to_string();
    assert!(text.contains("submodule lib"), "{text}");
    assert!(text.contains("git submodule update --init lib"), "{text}");
}

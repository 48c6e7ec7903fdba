//! Reading from commits.

use super::*;
use crate::repository::fixture::{Project, oid};
use crate::store::Baselines;
use crate::store::fixture::{CLASS, Sample};

fn save(project: &Project) -> String {
    let record = Sample::of(&project.state()).record();
    Baselines::at(project.root())
        .save(&record, true)
        .unwrap()
        .file
}

#[test]
fn a_commit_is_read_without_being_checked_out() {
    let project = Project::new();
    let first = project.head();
    let record = Sample::of(&project.state()).record();
    let file = save(&project);
    let second = project.commit("record");
    project.switch(first.as_str());
    assert!(!project.path(&file).exists());
    let repository = project.open();
    let before = CommittedBaselines::of(&repository, &first).unwrap();
    let after = CommittedBaselines::of(&repository, &second).unwrap();
    assert_eq!(before.index().entries, []);
    assert!(!before.is_same(&after));
    let index = after.index();
    assert_eq!(index.entries[0].file, file);
    assert_eq!(
        *index.entries[0].load(Some(&repository)).unwrap().record,
        record
    );
    let header = index.entries[0].header(Some(&repository)).unwrap();
    assert_eq!(header.commit, record.commit);
    let added = [file];
    assert_eq!(after.added_since(Some(&before)).unwrap(), added);
    assert_eq!(after.added_since(None).unwrap(), added);
    assert_eq!(
        before.added_since(Some(&after)).unwrap(),
        Vec::<String>::new()
    );
}

#[test]
fn a_workspace_in_a_subfolder_reads_its_own_folder() {
    let project = Project::new();
    project.write("sub/dir/lib.rs", "");
    project.commit("sub");
    let root = project.path("sub/dir");
    let repository = Repository::discover(&root).unwrap().unwrap();
    let record = Sample::of(&repository.state().unwrap()).record();
    let saved = Baselines::at(&root).save(&record, false).unwrap();
    assert!(project.path(&format!("sub/dir/{}", saved.file)).exists());
    let commit = project.commit("record");
    let baselines = CommittedBaselines::of(&repository, &commit).unwrap();
    assert_eq!(baselines.index().entries[0].file, saved.file);
    assert_eq!(baselines.added_since(None).unwrap(), [saved.file]);
}

#[cfg(unix)]
#[test]
fn links_executables_and_submodules_are_named() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let project = Project::new();
    let file = save(&project);
    let class = format!("baselines/main/{CLASS}");
    let link = format!("{class}/aaaaaaaaaaaa-00000000.json");
    symlink("/etc/passwd", project.path(&link)).unwrap();
    let executable = format!("{class}/bbbbbbbbbbbb-00000000.json");
    project.write(&executable, "");
    std::fs::set_permissions(
        project.path(&executable),
        std::fs::Permissions::from_mode(0o755),
    )
    .unwrap();
    project.commit("strange");
    let gitlink = format!("{class}/cccccccccccc-00000000.json");
    let head = project.head();
    let mut index = project.git().index().unwrap();
    index
        .add(&git2::IndexEntry {
            ctime: git2::IndexTime::new(0, 0),
            mtime: git2::IndexTime::new(0, 0),
            dev: 0,
            ino: 0,
            mode: 0o160_000,
            uid: 0,
            gid: 0,
            file_size: 0,
            id: oid(&head),
            flags: 0,
            flags_extended: 0,
            path: gitlink.clone().into_bytes(),
        })
        .unwrap();
    let tree = index.write_tree().unwrap();
    let tree = project.git().find_tree(tree).unwrap();
    let who = git2::Signature::new("A", "a@example.org", &git2::Time::new(0, 0)).unwrap();
    let commit = project
        .git()
        .commit(None, &who, &who, "gitlink", &tree, &[])
        .unwrap();
    let repository = project.open();
    let index = CommittedBaselines::of(&repository, &crate::repository::fixture::sha(commit))
        .unwrap()
        .index();
    assert_eq!(index.entries.len(), 1);
    assert_eq!(index.entries[0].file, file);
    let faults: Vec<_> = index
        .faults
        .iter()
        .map(|fault| (fault.file.as_str(), fault.reason.to_string()))
        .collect();
    let regular = "it is not a regular file".to_owned();
    let linked = "it is a symbolic link, and records are read from regular files only".to_owned();
    assert_eq!(
        faults,
        [
            (link.as_str(), linked.clone()),
            (executable.as_str(), regular.clone()),
            (gitlink.as_str(), regular)
        ]
    );
    std::fs::remove_dir_all(project.path("baselines")).unwrap();
    symlink("/etc", project.path("baselines")).unwrap();
    let commit = project.commit("a link for a folder");
    let index = CommittedBaselines::of(&repository, &commit)
        .unwrap()
        .index();
    assert_eq!(index.entries, []);
    assert_eq!(index.faults[0].reason.to_string(), linked);
}

#[test]
fn a_folder_of_millions_is_cut_short_with_a_fault() {
    let project = Project::new();
    let git = project.git();
    let blob = git.blob(b"{}").unwrap();
    let mut folder = git.treebuilder(None).unwrap();
    for number in 0..=crate::store::MAX_ENTRIES {
        folder
            .insert(format!("{number:012x}-00000000.json"), blob, FILE)
            .unwrap();
    }
    let mut tree = folder.write().unwrap();
    for name in [CLASS, "main", BASELINES] {
        let mut above = git.treebuilder(None).unwrap();
        above.insert(name, tree, 0o040_000).unwrap();
        tree = above.write().unwrap();
    }
    let index = Index::of(
        &Objects(git),
        &git.find_tree(tree).unwrap().get(0).unwrap().id(),
    );
    assert_eq!(index.entries.len(), crate::store::MAX_ENTRIES);
    assert_eq!(index.faults.len(), 1);
    assert!(
        index.faults[0]
            .to_string()
            .contains("more than 20000 records")
    );
}

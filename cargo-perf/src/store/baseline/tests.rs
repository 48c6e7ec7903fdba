//! Saving and listing in a working tree.

use std::fs;

use super::*;
use crate::repository::fixture::Project;
use crate::store::fixture::{CLASS, Sample};

fn faults(index: &Index) -> Vec<(&str, String)> {
    index
        .faults
        .iter()
        .map(|fault| (fault.file.as_str(), fault.reason.to_string()))
        .collect()
}

/// A project with one saved record of `main`.
fn saved() -> (Project, RunRecord, Saved) {
    let project = Project::new();
    let record = Sample::of(&project.state()).record();
    let saved = Baselines::at(project.root()).save(&record, false).unwrap();
    (project, record, saved)
}

#[test]
fn a_record_is_saved_under_branch_class_commit_and_id() {
    let (project, record, saved) = saved();
    let sha = project.head();
    let expected = format!(
        "baselines/main/{CLASS}/{}-{}.json",
        sha.short(12),
        saved.id.short(8)
    );
    assert_eq!(saved.file, expected);
    assert!(!saved.already_there);
    let index = Baselines::at(project.root()).read_working_tree();
    assert_eq!(faults(&index), []);
    let [entry] = &index.entries[..] else {
        panic!("one record is there")
    };
    assert_eq!(entry.file, expected);
    assert_eq!(
        (entry.branch_folder.as_str(), entry.class.as_str()),
        ("main", CLASS)
    );
    assert_eq!(entry.header(None).unwrap().commit, record.commit);
    assert_eq!(
        entry.load(None).unwrap(),
        super::super::StoredRecord {
            id: saved.id,
            record: record.into()
        }
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(project.path(&expected))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o700, 0o600, "readable, not executable");
    }
}

#[test]
fn saving_the_same_again_is_fine() {
    let (project, record, first) = saved();
    let again = Baselines::at(project.root()).save(&record, false).unwrap();
    assert_eq!((again.id, again.already_there), (first.id, true));
}

#[test]
fn a_dirty_tree_is_refused_unless_allowed() {
    let project = Project::new();
    project.write("code.rs", "changed");
    let record = Sample::of(&project.state()).record();
    let baselines = Baselines::at(project.root());
    let error = baselines.save(&record, false).unwrap_err();
    assert!(error.to_string().contains("--allow-dirty"), "{error}");
    assert_eq!(baselines.read_working_tree().entries.len(), 0);
    let saved = baselines.save(&record, true).unwrap();
    let index = baselines.read_working_tree();
    assert_eq!(index.entries[0].file, saved.file);
    assert!(index.entries[0].header(None).unwrap().commit.unwrap().dirty);
}

#[test]
fn a_record_of_no_commit_is_no_baseline() {
    let project = Project::unborn();
    let record = Sample::of(&project.state()).record();
    let error = Baselines::at(project.root())
        .save(&record, true)
        .unwrap_err();
    assert!(matches!(error, SaveError::NoCommit), "{error}");
    assert!(!project.path("baselines").exists());
}

#[test]
fn no_class_leaves_the_folder() {
    let project = Project::new();
    for class in ["", "..", "a/b", "A", "x y", "con", "-a", &"x".repeat(100)] {
        let record = Sample::of(&project.state()).class(class).record();
        let error = Baselines::at(project.root())
            .save(&record, false)
            .unwrap_err();
        assert!(
            matches!(error, SaveError::Class { .. }),
            "{class:?}: {error}"
        );
    }
    assert!(!project.path("baselines").exists());
}

#[test]
fn no_branch_leaves_the_folder() {
    for branch in [
        "../../x",
        "a b",
        "-rf",
        "accepts",
        "CON",
        ".",
        "..",
        "x\0y",
        "größe",
        "/etc/passwd",
    ] {
        let project = Project::new();
        let mut record = Sample::of(&project.state()).record();
        record.commit.as_mut().unwrap().branch = Some(branch.to_owned());
        let saved = Baselines::at(project.root()).save(&record, false).unwrap();
        let path = project.path(&saved.file).canonicalize().unwrap();
        let baselines = project.path("baselines").canonicalize().unwrap();
        assert_eq!(
            path.strip_prefix(&baselines).unwrap().components().count(),
            3
        );
        assert!(!path.starts_with(baselines.join("accepts")));
        let index = Baselines::at(project.root()).read_working_tree();
        assert_eq!(
            (index.entries.len(), index.faults.len()),
            (1, 0),
            "{branch:?}"
        );
    }
}

#[test]
fn a_detached_head_has_a_folder_of_its_own() {
    let project = Project::new();
    project.switch(&project.head().to_string());
    let record = Sample::of(&project.state()).record();
    let saved = Baselines::at(project.root()).save(&record, false).unwrap();
    assert!(
        saved.file.starts_with("baselines/detached/"),
        "{}",
        saved.file
    );
}

#[test]
fn a_folder_that_cannot_be_made_leaves_nothing() {
    let (project, record, saved) = saved();
    fs::remove_dir_all(project.path("baselines")).unwrap();
    project.write("baselines/main", "a file where the folder should be");
    let error = Baselines::at(project.root())
        .save(&record, false)
        .unwrap_err();
    assert!(
        error.to_string().contains("main is not a folder"),
        "{error}"
    );
    assert!(!project.path(&saved.file).exists());
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link() {
    let (project, record, _) = saved();
    let elsewhere = tempfile::tempdir().unwrap();
    for link in ["baselines", "baselines/main", "baselines/main/k3v9"] {
        fs::remove_dir_all(project.path("baselines")).unwrap();
        if let Some((above, _)) = link.rsplit_once('/') {
            fs::create_dir_all(project.path(above)).unwrap();
        }
        std::os::unix::fs::symlink(elsewhere.path(), project.path(link)).unwrap();
        let error = Baselines::at(project.root())
            .save(&record, false)
            .unwrap_err();
        assert!(error.to_string().contains("is a symbolic link"), "{error}");
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
        let _ = fs::remove_file(project.path(link));
        fs::create_dir_all(project.path("baselines")).unwrap();
    }
}

#[test]
fn what_is_no_record_is_named_and_the_rest_is_read() {
    let (project, _, saved) = saved();
    let class = format!("baselines/main/{CLASS}");
    for welcome in [
        "baselines/README.md",
        "baselines/.gitattributes",
        "baselines/accepts/anything",
        "baselines/main/README",
        &format!("{class}/.gitkeep"),
        &format!("{class}/.tmp-abc"),
    ] {
        project.write(welcome, "");
    }
    project.write("baselines/notes.txt", "");
    project.write("baselines/Main/k/x.json", "");
    project.write("baselines/main/UPPER/x.json", "");
    project.write(&format!("{class}/notes.txt"), "");
    project.write(&format!("{class}/ABCDEF012345-01234567.json"), "");
    fs::create_dir(project.path(&format!("{class}/0123456789ab-01234567.json"))).unwrap();
    let index = Baselines::at(project.root()).read_working_tree();
    assert_eq!(index.entries.len(), 1);
    assert_eq!(index.entries[0].file, saved.file);
    let files: Vec<_> = index
        .faults
        .iter()
        .map(|fault| fault.file.as_str())
        .collect();
    assert_eq!(
        files,
        [
            "baselines/Main",
            "baselines/main/UPPER",
            &format!("{class}/0123456789ab-01234567.json"),
            &format!("{class}/ABCDEF012345-01234567.json"),
            &format!("{class}/notes.txt"),
            "baselines/notes.txt",
        ]
    );
}

#[cfg(unix)]
#[test]
fn links_are_named_and_not_followed() {
    let (project, _, saved) = saved();
    let record = project.path(&saved.file);
    let class = format!("baselines/main/{CLASS}");
    let twin = format!("{class}/0123456789ab-01234567.json");
    std::os::unix::fs::symlink(&record, project.path(&twin)).unwrap();
    std::os::unix::fs::symlink("main", project.path("baselines/other")).unwrap();
    let index = Baselines::at(project.root()).read_working_tree();
    assert_eq!(index.entries.len(), 1);
    let link = "it is a symbolic link, and records are read from regular files only".to_owned();
    assert_eq!(
        faults(&index),
        [
            (twin.as_str(), link.clone()),
            ("baselines/other", link.clone())
        ]
    );
    fs::remove_dir_all(project.path("baselines")).unwrap();
    std::os::unix::fs::symlink("/etc", project.path("baselines")).unwrap();
    let index = Baselines::at(project.root()).read_working_tree();
    assert_eq!(
        (index.entries.len(), faults(&index)),
        (0, vec![("baselines", link)])
    );
}

#[test]
fn a_damaged_or_misplaced_record_is_named_when_it_is_read() {
    let (project, _, saved) = saved();
    let bytes = fs::read(project.path(&saved.file)).unwrap();
    let entry = || {
        Baselines::at(project.root())
            .read_working_tree()
            .entries
            .remove(0)
    };
    let text = String::from_utf8(bytes.clone()).unwrap();
    fs::write(
        project.path(&saved.file),
        text.replace("\"batch\":10", "\"batch\":11"),
    )
    .unwrap();
    let fault = entry().load(None).unwrap_err();
    assert!(matches!(fault.reason, Reason::Id), "{fault}");
    assert!(fault.to_string().starts_with(&saved.file), "{fault}");
    fs::write(project.path(&saved.file), &bytes[..bytes.len() / 2]).unwrap();
    assert!(matches!(
        entry().load(None).unwrap_err().reason,
        Reason::Record(_)
    ));
    fs::write(project.path(&saved.file), b"{\"schema\":99}").unwrap();
    assert!(entry().load(None).unwrap_err().reason.is_too_new());
    assert!(entry().header(None).unwrap_err().reason.is_too_new());
    fs::remove_file(project.path(&saved.file)).unwrap();
    let elsewhere = format!(
        "baselines/main/{CLASS}/0123456789ab-{}.json",
        saved.id.short(8)
    );
    fs::write(project.path(&elsewhere), &bytes).unwrap();
    let fault = entry().header(None).unwrap_err();
    assert!(
        matches!(fault.reason, Reason::Misplaced { what: "name" }),
        "{fault}"
    );
    fs::remove_file(project.path(&elsewhere)).unwrap();
    project.write(&saved.file.replace(CLASS, "other"), &bytes);
    let fault = entry().load(None).unwrap_err();
    assert!(matches!(fault.reason, Reason::Misplaced { .. }), "{fault}");
}

#[test]
fn a_file_of_absurd_size_is_not_read() {
    let (project, _, saved) = saved();
    let file = fs::File::options()
        .write(true)
        .open(project.path(&saved.file))
        .unwrap();
    file.set_len(1 << 40).unwrap();
    let index = Baselines::at(project.root()).read_working_tree();
    assert!(matches!(
        index.entries[0].load(None).unwrap_err().reason,
        Reason::TooLarge
    ));
    assert!(matches!(
        index.entries[0].header(None).unwrap_err().reason,
        Reason::TooLarge
    ));
}

#[test]
fn two_branches_save_and_merge_without_conflict() {
    let project = Project::new();
    let save = |text: &str| {
        project.write("code.rs", text);
        project.commit(text);
        let record = Sample::of(&project.state()).record();
        Baselines::at(project.root()).save(&record, false).unwrap();
        project.commit("record");
    };
    project.branch("topic");
    project.write("topic.rs", "");
    save("0");
    project.switch("main");
    project.write("main.rs", "");
    save("0");
    // The fixture asserts that there are no conflicts.
    project.merge("topic");
    let index = Baselines::at(project.root()).read_working_tree();
    assert_eq!((index.entries.len(), index.faults.len()), (2, 0));
}

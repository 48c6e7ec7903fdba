//! By what a record is known to belong to a commit.

use super::scene::{Asker, ask};
use crate::repository::fixture::Project;
use crate::store::resolve::{Matched, Nothing};

/// `topic` with a saved record of its code, committed; HEAD is on it.
fn measured_topic() -> Project {
    let project = Project::new();
    project.branch("topic");
    project.change("fast");
    project.save_and_commit(|s| s.seed(7));
    project
}

/// Leaves for a new branch with changed code and asks for `main`.
fn asked_from_later(project: &Project) -> crate::store::resolve::Resolution {
    project.branch("later");
    project.change("later work");
    ask(project, "main")
}

#[test]
fn the_walk_of_the_contract() {
    // On main: measure C1, commit the record as C2, branch off, change the code, committed or not.
    let project = Project::new();
    project.save_and_commit(|s| s.seed(1));
    let c2 = project.head();
    project.branch("topic");
    project.write("code.rs", "dirty");
    for _ in 0..2 {
        let found = ask(&project, "main");
        let choice = found.of("a");
        assert_eq!((choice.seeds(), choice.distance), (vec![1], Some(0)));
        assert_eq!(choice.commit.as_ref(), Some(&c2));
        assert_eq!(choice.matched, Matched::Content);
        assert!(!choice.same_code);
        project.commit("committed");
    }
}

#[test]
fn a_record_of_the_commit_itself() {
    let project = Project::new();
    let first = project.head();
    project.save(|s| s.seed(3));
    // Not committed: the working tree has it.
    project.branch("topic");
    project.write("code.rs", "dirty");
    let found = ask(&project, "main");
    let choice = found.of("a");
    assert_eq!(choice.commit, Some(first));
    assert_eq!(
        (choice.seeds(), choice.distance, choice.matched),
        (vec![3], Some(0), Matched::Commit)
    );
}

#[test]
fn a_run_of_the_local_history() {
    let project = Project::new();
    project.run(1, |s| s.seed(1));
    project.run(2, |s| s.seed(2));
    project.branch("topic");
    project.change("new");
    project.run(3, |s| s.seed(3));
    let found = ask(&project, "main");
    let choice = found.of("a");
    assert_eq!(choice.seeds(), [1, 2], "all of the commit, pooled");
    assert_eq!(
        (choice.distance, choice.matched),
        (Some(0), Matched::Commit)
    );
    assert_eq!(found.rejected, []);
}

#[test]
fn a_merge_of_the_same_content() {
    let project = measured_topic();
    project.switch("main");
    let merge = project.merge("topic");
    let found = asked_from_later(&project);
    let choice = found.of("a");
    assert_eq!(choice.commit, Some(merge));
    assert_eq!(
        (choice.seeds(), choice.distance, choice.matched),
        (vec![7], Some(0), Matched::Content)
    );
}

#[test]
fn a_squash_of_the_same_content() {
    let project = measured_topic();
    project.switch("main");
    let squash = project.squash("topic");
    let found = asked_from_later(&project);
    let choice = found.of("a");
    assert_eq!(choice.commit, Some(squash));
    assert_eq!(
        (choice.seeds(), choice.distance, choice.matched),
        (vec![7], Some(0), Matched::Content)
    );
}

#[test]
fn a_squash_onto_other_work_is_adopted_and_says_so() {
    let project = measured_topic();
    project.switch("main");
    project.write("other.rs", "main went on");
    project.commit("main goes on");
    let squash = project.squash("topic");
    project.write("more.rs", "");
    project.commit("more");
    let found = asked_from_later(&project);
    let choice = found.of("a");
    assert_eq!(choice.commit, Some(squash));
    assert_eq!(
        (choice.seeds(), choice.distance, choice.matched),
        (vec![7], Some(1), Matched::Adopted)
    );
    assert_eq!(
        found.notes,
        [
            "1 benchmark: the baseline was adopted, a squash or merge brought its record and the code is near, not equal"
        ]
    );
}

#[test]
fn a_squash_seen_from_before_it_is_not_there_yet() {
    let project = measured_topic();
    project.switch("main");
    project.branch("early");
    project.change("early work");
    project.switch("main");
    project.write("other.rs", "main went on");
    project.commit("main goes on");
    project.squash("topic");
    project.switch("early");
    let found = ask(&project, "main");
    assert_eq!(found.choices.len(), 0);
    assert_eq!(found.nothing, Some(Nothing::Unfit));
    assert!(
        found.text().contains("not in this line of history"),
        "{}",
        found.text()
    );
}

#[test]
fn a_rebase_and_a_cherry_pick_of_the_same_content() {
    let project = measured_topic();
    let record = project.head();
    let code = project.open().commit(&record).unwrap().parents.remove(0);
    project.switch("main");
    // Another commit first, so that the ids change; undone, so that the content does not.
    project.write("x", "");
    project.commit("x");
    project.remove("x");
    project.commit("no x");
    let picked = project.cherry_pick(&code);
    assert_ne!(picked, code);
    let tip = project.cherry_pick(&record);
    let found = asked_from_later(&project);
    let choice = found.of("a");
    assert_eq!(choice.commit, Some(tip));
    assert_eq!(
        (choice.seeds(), choice.distance, choice.matched),
        (vec![7], Some(0), Matched::Content)
    );
}

#[test]
fn an_amended_message_and_a_record_amended_into_its_commit() {
    let project = Project::new();
    project.change("code");
    project.save(|s| s.seed(7));
    let amended = project.amend("with its own record");
    let found = asked_from_later(&project);
    let choice = found.of("a");
    assert_eq!(choice.commit, Some(amended));
    assert_eq!(
        (choice.seeds(), choice.distance, choice.matched),
        (vec![7], Some(0), Matched::Content)
    );
}

#[test]
fn what_was_measured_dirty_and_committed_afterwards() {
    let project = Project::new();
    project.write("code.rs", "measured before it was committed");
    project.save(|s| s.seed(7));
    let commit = project.commit("code and record at once");
    let found = asked_from_later(&project);
    let choice = found.of("a");
    assert_eq!(choice.commit, Some(commit));
    assert_eq!(
        (choice.seeds(), choice.distance, choice.matched),
        (vec![7], Some(0), Matched::Content)
    );
}

#[test]
fn what_was_measured_dirty_and_never_committed_is_no_baseline() {
    let project = Project::new();
    project.write("code.rs", "an experiment");
    project.save(|s| s.seed(7));
    project.write("code.rs", "0");
    project.commit("record only");
    let found = asked_from_later(&project);
    assert_eq!(found.choices.len(), 0);
    assert!(
        found
            .text()
            .contains("made from a dirty tree that no commit has"),
        "{}",
        found.text()
    );
}

#[test]
fn a_record_of_later_code_is_passed_over() {
    let project = Project::new();
    project.branch("topic");
    project.change("topic");
    project.switch("main");
    project.change("main goes on");
    project.save_and_commit(|s| s);
    project.switch("topic");
    let found = ask(&project, "main");
    assert_eq!(found.nothing, Some(Nothing::Unfit));
    assert!(
        found.text().contains("of a commit after the anchor"),
        "{}",
        found.text()
    );
}

#[test]
fn a_record_committed_long_after_its_code() {
    let project = Project::new();
    project.branch("topic");
    project.change("topic");
    project.switch("main");
    let code = project.head();
    project.change("main goes on");
    project.change("and on");
    let tip = project.head();
    project.switch(code.as_str());
    let record = project.save(|s| s.seed(7));
    let bytes = crate::store::record_file::encode(&record).unwrap();
    project.switch(tip.as_str());
    project.git().set_head("refs/heads/main").unwrap();
    let name = crate::store::RecordName::new(&code, &bytes.id);
    project.write(&format!("baselines/main/k3v9/{name}"), bytes.bytes);
    project.commit("late record");
    project.switch("topic");
    let found = ask(&project, "main");
    let choice = found.of("a");
    assert_eq!(choice.commit, Some(code));
    assert_eq!(
        (choice.seeds(), choice.distance, choice.matched),
        (vec![7], Some(0), Matched::Commit)
    );
}

#[test]
fn a_workspace_in_a_subfolder() {
    let project = Project::new();
    project.write("sub/dir/code.rs", "0");
    project.commit("sub");
    let root = project.path("sub/dir");
    let state = crate::repository::Repository::discover(&root)
        .unwrap()
        .unwrap()
        .state()
        .unwrap();
    let record = crate::store::fixture::Sample::of(&state).seed(7).record();
    crate::store::Baselines::at(&root)
        .save(&record, false)
        .unwrap();
    let tip = project.commit("record");
    project.branch("topic");
    project.write("sub/dir/code.rs", "1");
    let found = Asker::at(&root).ask("main");
    let choice = found.of("a");
    assert_eq!(choice.commit, Some(tip));
    assert_eq!(
        (choice.seeds(), choice.distance, choice.matched),
        (vec![7], Some(0), Matched::Content)
    );
}

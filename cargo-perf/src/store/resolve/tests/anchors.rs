//! From which commit the search begins.

use super::scene::{Asker, ask};
use crate::repository::fixture::Project;
use crate::store::fixture::bench;
use crate::store::resolve::{Anchor, AnchorKind, Matched, Nothing, Standing};

fn anchor(commit: &perf_schema::Sha, kind: AnchorKind) -> Option<Anchor> {
    let commit = commit.clone();
    Some(Anchor { commit, kind })
}

/// `main` with a record of its only code, committed on top; then the branch `topic`.
fn topic() -> (Project, perf_schema::Sha) {
    let project = Project::new();
    project.save_and_commit(|s| s);
    let tip = project.head();
    project.branch("topic");
    (project, tip)
}

#[test]
fn a_branch_is_compared_with_where_it_left() {
    let (project, tip) = topic();
    project.change("topic 1");
    project.change("topic 2");
    project.switch("main");
    project.change("main goes on");
    project.switch("topic");
    let found = ask(&project, "main");
    assert_eq!(found.anchor, anchor(&tip, AnchorKind::MergeBase));
    let choice = found.of("a");
    // The record is of the commit below, whose code the commit of the record has too.
    assert_eq!(
        (choice.distance, choice.matched),
        (Some(0), Matched::Content)
    );
    assert_eq!(choice.commit, Some(tip));
    assert_eq!(choice.standing, Standing::Firm);
    assert!(!choice.same_code && !found.same_code && found.nothing.is_none());
    assert_eq!(found.notes, Vec::<String>::new());
}

#[test]
fn a_dirty_branch_at_the_tip_is_compared_with_the_tip() {
    let (project, tip) = topic();
    project.write("code.rs", "not committed");
    let found = ask(&project, "main");
    assert_eq!(found.anchor, anchor(&tip, AnchorKind::Head));
    assert_eq!(found.of("a").distance, Some(0));
}

#[test]
fn main_itself_is_compared_with_the_code_before() {
    let project = Project::new();
    project.save_and_commit(|s| s.seed(1));
    let before = project.head();
    project.change("new");
    let found = ask(&project, "main");
    assert_eq!(found.anchor, anchor(&before, AnchorKind::Before));
    assert_eq!(found.of("a").seeds(), [1]);
    // Committing the record of the new code changes nothing about that.
    project.save_and_commit(|s| s.seed(2));
    let found = ask(&project, "main");
    assert_eq!(found.anchor, anchor(&before, AnchorKind::Before));
    assert_eq!(found.of("a").seeds(), [1]);
    assert!(!found.same_code);
    project.write("code.rs", "dirty");
    let found = ask(&project, "main");
    assert_eq!(found.anchor, anchor(&project.head(), AnchorKind::Head));
    assert_eq!(found.of("a").seeds(), [2]);
}

#[test]
fn a_detached_head_on_the_branch_is_on_the_branch() {
    let project = Project::new();
    let first = project.head();
    project.save_and_commit(|s| s);
    let second = project.change("second");
    project.change("third");
    project.switch(second.as_str());
    let found = ask(&project, "main");
    assert_eq!(found.anchor.unwrap().kind, AnchorKind::Before);
    assert_eq!(found.choices[&bench("a")].distance, Some(0));
    project.switch(first.as_str());
    assert_eq!(ask(&project, "main").nothing, Some(Nothing::First));
}

#[test]
fn a_test_merge_is_compared_with_what_it_was_merged_into() {
    let (project, _) = topic();
    project.write("topic.rs", "");
    project.commit("topic");
    project.switch("main");
    project.change("main goes on");
    project.save_and_commit(|s| s.seed(7));
    let base = project.head();
    project.test_merge("main", "topic");
    let found = ask(&project, "main");
    assert_eq!(found.anchor, anchor(&base, AnchorKind::TestMerge));
    assert_eq!(found.of("a").seeds(), [7]);
    // The branch may have moved on since.
    let test_merge = project.head();
    project.switch("main");
    project.change("and on");
    project.switch(test_merge.as_str());
    assert_eq!(
        ask(&project, "main").anchor,
        anchor(&base, AnchorKind::TestMerge)
    );
}

#[test]
fn main_merged_into_a_branch_moves_the_anchor() {
    let (project, _) = topic();
    project.write("topic.rs", "");
    project.commit("topic");
    project.switch("main");
    project.change("main goes on");
    project.save_and_commit(|s| s.seed(7));
    let base = project.head();
    project.switch("topic");
    project.merge("main");
    let found = ask(&project, "main");
    assert_eq!(found.anchor, anchor(&base, AnchorKind::MergeBase));
    assert_eq!(found.of("a").seeds(), [7]);
}

#[test]
fn of_several_merge_bases_the_nearest_on_the_target_is_taken() {
    let (project, _) = topic();
    project.write("t1", "");
    let side = project.commit("t1");
    project.switch("main");
    project.write("m1", "");
    let line = project.commit("m1");
    // Each takes in the other: both m1 and t1 are merge bases.
    project.merge("topic");
    project.switch("topic");
    project.merge(line.as_str());
    project.write("t2", "");
    project.commit("t2");
    project.switch("main");
    project.write("m2", "");
    project.commit("m2");
    project.switch("topic");
    let repository = project.open();
    let main = repository.look_up("main").unwrap().commit;
    let mut bases = repository.merge_bases(&project.head(), &main).unwrap();
    bases.sort();
    let mut both = vec![side, line.clone()];
    both.sort();
    assert_eq!(bases, both);
    assert_eq!(
        ask(&project, "main").anchor,
        anchor(&line, AnchorKind::MergeBase)
    );
}

#[test]
fn commits_and_tags_are_anchors_themselves() {
    let project = Project::new();
    project.save_and_commit(|s| s.seed(1));
    let old = project.head();
    project.change("second");
    project.save_and_commit(|s| s.seed(2));
    project.point("refs/tags/v1", &old);
    project.change("third");
    for name in ["v1", old.as_str(), old.short(10), "HEAD~3"] {
        let found = ask(&project, name);
        assert_eq!(found.anchor, anchor(&old, AnchorKind::Named), "{name}");
        assert_eq!(found.of("a").seeds(), [1], "{name}");
    }
    let found = ask(&project, "HEAD~2");
    // The record of a commit comes after it: it is read from HEAD.
    assert_eq!(found.of("a").seeds(), [2]);
    assert_eq!(found.of("a").matched, Matched::Commit);
}

#[test]
fn comparing_code_with_itself_is_said_to_be_that() {
    let (project, _) = topic();
    project.write("README", "");
    project.commit("words");
    project.remove("README");
    project.commit("no words");
    let found = ask(&project, "main");
    assert!(found.same_code && found.is_self_check());
    assert!(found.of("a").same_code);
    assert_eq!(
        found.notes,
        ["1 benchmark: the baseline is of the measured code itself, this is an A/A check"]
    );
    let mut asker = Asker::at(project.root());
    asker.exclude = vec![found.of("a").records[0].id.clone()];
    assert_eq!(asker.ask("main").choices.len(), 0, "never its own baseline");
}

#[test]
fn a_linked_worktree_has_its_own_head() {
    let (project, tip) = topic();
    let beside = tempfile::tempdir().unwrap();
    let path = beside.path().join("linked");
    project.git().worktree("linked", &path, None).unwrap();
    std::fs::write(path.join("code.rs"), "changed").unwrap();
    let found = Asker::at(&path).ask("main");
    assert_eq!(found.anchor, anchor(&tip, AnchorKind::Head));
    assert_eq!(found.of("a").distance, Some(0));
}

#[test]
fn histories_that_do_not_meet_have_no_anchor() {
    let project = Project::new();
    project.save_and_commit(|s| s);
    project.git().set_head("refs/heads/other").unwrap();
    project.change("another root");
    let found = ask(&project, "main");
    assert_eq!(found.nothing, Some(Nothing::Unrelated));
    assert!(
        found.text().contains("have no commit in common"),
        "{}",
        found.text()
    );
}

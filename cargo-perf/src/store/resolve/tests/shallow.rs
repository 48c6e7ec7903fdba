//! Clones whose history ends early.

use std::path::Path;

use super::scene::Asker;
use crate::repository::fixture::Project;
use crate::store::resolve::{AnchorKind, End, Matched, Nothing, Standing};

/// Makes `topic` of `main` and a clone of depth 1 with `topic` checked out.
fn clone_of(project: &Project) -> (tempfile::TempDir, std::path::PathBuf) {
    project.branch("topic");
    project.change("topic 1");
    project.change("topic 2");
    project.shallow_clone(1, "topic")
}

fn dirty(clone: &Path) {
    std::fs::write(clone.join("code.rs"), "dirty").unwrap();
}

#[test]
fn nothing_is_found_where_nothing_is() {
    let project = Project::new();
    let (_folder, clone) = clone_of(&project);
    let found = Asker::at(clone).ask("main");
    assert_eq!(
        (found.nothing, found.shallow),
        (Some(Nothing::Shallow), true)
    );
    let text = found.text();
    assert!(text.contains("this is a shallow clone"), "{text}");
    assert!(text.ends_with("type `git fetch --unshallow`, or `git fetch --deepen=50` (in GitHub Actions `fetch-depth: 0`)"), "{text}");
}

#[test]
fn without_an_anchor_the_newest_record_is_shown_and_does_not_decide() {
    let project = Project::new();
    project.save_and_commit(|s| s.seed(1));
    project.change("second");
    project.save_and_commit(|s| s.seed(2));
    let (_folder, clone) = clone_of(&project);
    let found = Asker::at(clone).ask("main");
    let choice = found.of("a");
    assert_eq!((choice.seeds(), choice.distance), (vec![2], None));
    assert_eq!(
        (choice.matched, choice.standing),
        (Matched::Approximate, Standing::Approximate)
    );
    assert!(found.shallow && found.anchor.is_none());
    assert!(
        found.notes[1].contains("too shallow to find the baseline"),
        "{:?}",
        found.notes
    );
}

#[test]
fn the_newest_record_is_never_younger_than_head() {
    let project = Project::new();
    project.save_and_commit(|s| s.seed(1));
    project.branch("topic");
    project.change("topic 1");
    project.change("topic 2");
    project.switch("main");
    project.change("main went on");
    project.save_and_commit(|s| s.seed(2));
    let (_folder, clone) = project.shallow_clone(1, "topic");
    assert_eq!(Asker::at(clone).ask("main").of("a").seeds(), [1]);
}

#[test]
fn the_tip_itself_is_an_anchor() {
    let project = Project::new();
    project.save_and_commit(|s| s.seed(1));
    let tip = project.head();
    project.branch("topic");
    // HEAD names the tip of main as its parent: nothing more has to be known.
    project.change("topic");
    let (_folder, clone) = project.shallow_clone(1, "topic");
    let found = Asker::at(&clone).ask("main");
    let choice = found.of("a");
    assert_eq!(found.anchor.as_ref().unwrap().commit, tip);
    assert_eq!(
        (choice.distance, choice.matched, choice.standing),
        (Some(0), Matched::Content, Standing::Firm)
    );
}

#[test]
fn a_test_merge_into_the_tip_is_recognised_by_its_parent() {
    let project = Project::new();
    project.save_and_commit(|s| s.seed(1));
    project.branch("topic");
    project.write("topic.rs", "");
    project.commit("topic");
    project.switch("main");
    let base = project.change("main goes on");
    project.save(|s| s.seed(2));
    let tip = project.commit("record");
    let merge = project.test_merge("main", "topic");
    project.point("refs/heads/pull", &merge);
    let (_folder, clone) = project.shallow_clone(1, "pull");
    let found = Asker::at(&clone).ask("main");
    let anchor = found.anchor.as_ref().unwrap();
    assert_eq!((&anchor.commit, anchor.kind), (&tip, AnchorKind::TestMerge));
    assert_eq!(found.of("a").seeds(), [2]);
    assert_eq!(found.of("a").commit.as_ref(), Some(&tip));
    assert_ne!(base, tip);
}

#[test]
fn records_lead_on_where_commits_are_missing() {
    let project = Project::new();
    let first = project.head();
    project.save(|s| s.seed(1));
    let second = project.change("second, with the record of the first");
    project.save(|s| s.seed(2));
    project.change("third, with the record of the second");
    project.branch("topic");
    let (_folder, clone) = project.shallow_clone(1, "topic");
    dirty(&clone);
    let mut asker = Asker::at(&clone);
    let found = asker.ask("main");
    let choice = found.of("a");
    assert_eq!(choice.commit.as_ref(), Some(&second));
    assert_eq!(
        (choice.seeds(), choice.distance, choice.matched),
        (vec![2], Some(1), Matched::Commit)
    );
    assert_eq!(choice.standing, Standing::Firm);
    asker.exclude = vec![choice.records[0].id.clone()];
    let found = asker.ask("main");
    // Without the record of the second nothing names the first any more.
    assert_eq!(found.of("a").matched, Matched::Approximate);
    assert_eq!(found.of("a").commit, Some(first));
    assert_eq!(found.walked.unwrap().end, End::Shallow);
}

#[test]
fn head_on_main_is_compared_with_the_record_of_its_parent() {
    let project = Project::new();
    let first = project.head();
    project.save(|s| s.seed(1));
    project.change("second, with the record of the first");
    let (_folder, clone) = project.shallow_clone(1, "main");
    let found = Asker::at(&clone).ask("main");
    let anchor = found.anchor.as_ref().unwrap();
    assert_eq!((&anchor.commit, anchor.kind), (&first, AnchorKind::Before));
    assert_eq!(
        (found.of("a").seeds(), found.of("a").matched),
        (vec![1], Matched::Commit)
    );
}

#[test]
fn enough_depth_is_enough() {
    let project = Project::new();
    project.save_and_commit(|s| s.seed(1));
    project.branch("topic");
    project.change("topic 1");
    project.change("topic 2");
    let (_folder, clone) = project.shallow_clone(3, "topic");
    let found = Asker::at(clone).ask("main");
    assert_eq!(found.of("a").standing, Standing::Firm);
    assert!(!found.shallow);
}

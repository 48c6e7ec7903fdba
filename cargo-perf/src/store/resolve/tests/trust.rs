//! Whose records count.

use super::scene::{Asker, ask};
use crate::repository::fixture::Project;
use crate::store::resolve::{Matched, Nothing};

#[test]
fn what_a_branch_brings_is_listed_and_not_used() {
    let project = Project::new();
    let main = project.head();
    project.branch("topic");
    // A record of the code of main, made up by the branch.
    project.save_and_commit(|s| s.seed(666));
    project.change("topic");
    let found = ask(&project, "main");
    assert_eq!(found.choices.len(), 0);
    assert_eq!(found.nothing, Some(Nothing::NoRecord));
    assert_eq!(found.brought.len(), 1);
    assert!(
        found.brought[0].contains(main.short(12)),
        "{:?}",
        found.brought
    );
    assert!(
        found
            .text()
            .contains("this branch brings 1 record of its own"),
        "{}",
        found.text()
    );
    // Named as a commit, it is the user's own choice.
    let found = ask(&project, main.as_str());
    assert_eq!((found.of("a").seeds(), found.brought.len()), (vec![666], 0));
    // After the merge it counts.
    project.switch("main");
    project.merge("topic");
    project.branch("later");
    project.change("later");
    let found = ask(&project, "main");
    assert_eq!((found.of("a").seeds(), found.brought.len()), (vec![666], 0));
}

#[test]
fn a_test_merge_brings_the_records_of_its_branch() {
    let project = Project::new();
    project.save_and_commit(|s| s.seed(1));
    project.branch("topic");
    project.save_and_commit(|s| s.seed(666));
    project.change("topic");
    project.switch("main");
    project.write("main.rs", "");
    project.commit("main goes on");
    project.test_merge("main", "topic");
    let found = ask(&project, "main");
    assert_eq!(found.of("a").seeds(), [1]);
    assert_eq!(found.brought.len(), 1);
}

#[test]
fn records_that_the_target_pruned_are_not_brought() {
    let project = Project::new();
    let record = project.save_and_commit(|s| s.seed(1));
    project.branch("topic");
    project.change("topic");
    project.switch("main");
    let id = crate::store::record_file::encode(&record).unwrap().id;
    let name = crate::store::RecordName::new(&record.commit.unwrap().sha, &id);
    project.remove(&format!("baselines/main/k3v9/{name}"));
    project.commit("prune");
    project.switch("topic");
    let found = ask(&project, "main");
    assert_eq!((found.choices.len(), found.brought.len()), (0, 0));
}

#[test]
fn what_a_branch_brought_may_still_be_known_from_the_own_history() {
    let project = Project::new();
    project.run(1, |s| s.seed(1));
    project.branch("topic");
    project.save_and_commit(|s| s.seed(1));
    project.change("topic");
    let found = ask(&project, "main");
    assert_eq!((found.of("a").seeds(), found.brought.len()), (vec![1], 1));
}

#[test]
fn a_history_that_came_with_a_commit_is_not_trusted() {
    let project = Project::new();
    project.branch("topic");
    project.run(1, |s| s.seed(666));
    project.remove(".perf/.gitignore");
    project.change("topic, with a made-up history");
    let found = ask(&project, "main");
    assert_eq!(found.nothing, Some(Nothing::NoRecord));
    assert!(
        found.notes[0].contains(".perf/ is committed"),
        "{:?}",
        found.notes
    );
    let last = ask(&project, "last");
    assert_eq!((last.choices.len(), last.notes), (0, found.notes));
}

#[test]
fn a_record_committed_in_disguise_is_not_taken_for_an_uncommitted_one() {
    let project = Project::new();
    project.save(|s| s.seed(666));
    project.branch("topic");
    project.write("Baselines/README", "");
    let tree = project.change("topic");
    // As on a file system without case: the record is on the disk, and HEAD has it under another name only.
    let found = ask(&project, "main");
    assert_eq!(found.choices.len(), 0, "{tree}");
    project.remove("Baselines/README");
    project.amend("topic");
    assert_eq!(ask(&project, "main").choices.len(), 0, "committed: brought");
}

#[test]
fn the_remote_branch_counts_and_the_local_one_does_not() {
    let project = Project::new();
    let remote = project.head();
    project.point("refs/remotes/origin/main", &remote);
    project.save_and_commit(|s| s.seed(2));
    let local = project.head();
    project.branch("topic");
    project.change("topic");
    let found = ask(&project, "main");
    assert_eq!(found.nothing, Some(Nothing::NoRecord));
    assert_eq!(found.anchor.as_ref().unwrap().commit, remote);
    assert_eq!(
        found.brought.len(),
        1,
        "what is not pushed is not the team's yet"
    );
    assert_eq!(
        found.notes[..2],
        [
            "main means the remote-tracking branch origin/main".to_owned(),
            format!(
                "the local branch main is at {}, origin/main at {}; type refs/heads/main to mean the local one",
                local.short(12),
                remote.short(12)
            )
        ]
    );
    assert_eq!(ask(&project, "refs/heads/main").of("a").seeds(), [2]);
    project.point("refs/remotes/origin/main", &local);
    assert_eq!(ask(&project, "main").of("a").seeds(), [2]);
}

#[test]
fn a_tag_does_not_stand_in_for_a_branch() {
    let project = Project::new();
    project.save_and_commit(|s| s.seed(1));
    let good = project.head();
    project.change("slow");
    project.point("refs/tags/main", &project.head());
    project
        .git()
        .reference(
            "refs/heads/main",
            crate::repository::fixture::oid(&good),
            true,
            "x",
        )
        .unwrap();
    project.branch("topic");
    project.change("topic");
    let found = ask(&project, "main");
    assert_eq!(found.target.as_ref().unwrap().commit, good);
    assert!(
        found.notes[0].starts_with("there is a tag main too"),
        "{:?}",
        found.notes
    );
}

#[cfg(unix)]
#[test]
fn a_link_among_the_records_of_the_target_is_a_fault() {
    let project = Project::new();
    let record = project.save_and_commit(|s| s.seed(1));
    let second = project.change("second");
    let id = crate::store::record_file::encode(&record).unwrap().id;
    let link = format!(
        "baselines/main/k3v9/{}-{}.json",
        second.short(12),
        id.short(8)
    );
    std::os::unix::fs::symlink("/etc/passwd", project.path(&link)).unwrap();
    project.commit("link");
    project.branch("topic");
    project.change("topic");
    let found = ask(&project, "main");
    assert_eq!(
        (found.of("a").seeds(), found.of("a").matched),
        (vec![1], Matched::Content)
    );
    assert_eq!(found.faults[0].file, link);
}

#[test]
fn uncommitted_records_count_whatever_branch_they_are_of() {
    let project = Project::new();
    project.save(|s| s.seed(1));
    project.branch("topic");
    project.write("code.rs", "dirty");
    let asker = Asker::at(project.root());
    assert_eq!(asker.ask("main").of("a").seeds(), [1]);
    // Committed on the branch, it has become the branch's own.
    project.commit("all of it");
    assert_eq!(asker.ask("main").choices.len(), 0);
}

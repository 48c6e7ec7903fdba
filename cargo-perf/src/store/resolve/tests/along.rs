//! How far the search goes, and what it takes from each commit.

use super::scene::{Asker, ask};
use crate::repository::fixture::Project;
use crate::store::fixture::{bench, definition};
use crate::store::resolve::{End, Matched, Nothing, Standing, Why};

const OLD_RUSTC: &str = "rustc 1.90.0";

#[test]
fn a_partial_run_hides_nothing() {
    let project = Project::new();
    project.save_and_commit(|s| s.seed(1).benches(&["a", "b", "c"]));
    project.change("second");
    project.save_and_commit(|s| s.seed(2).benches(&["a"]));
    project.save_and_commit(|s| s.seed(3).benches(&["a", "b"]).failed());
    project.save_and_commit(|s| s.seed(4).benches(&["c"]).version(2));
    project.branch("topic");
    project.change("topic");
    let found = Asker::at(project.root())
        .wanting(&["a", "b", "c", "new"])
        .ask("main");
    assert_eq!(
        (found.of("a").seeds(), found.of("a").distance),
        (vec![2], Some(0))
    );
    assert_eq!(
        found.of("b").seeds(),
        [1],
        "a failed benchmark is no baseline"
    );
    assert_eq!(found.of("c").seeds(), [1], "nor is another definition");
    // Three commits of records, the code they are of, and then the record of the first code.
    assert_eq!(
        (found.of("b").distance, found.of("b").matched),
        (Some(4), Matched::Content)
    );
    assert_eq!(found.unmatched.len(), 1);
    assert_eq!(found.unmatched[&bench("new")], None);
    let nearest = found.nearest.unwrap();
    assert_eq!((nearest.records.len(), nearest.distance), (3, Some(0)));
    assert_eq!(found.walked.unwrap().end, End::Root);
}

#[test]
fn all_records_of_a_commit_are_pooled() {
    let project = Project::new();
    project.save(|s| s.seed(1).benches(&["a", "b"]));
    project.save(|s| s.seed(2).benches(&["b"]));
    project.run(1, |s| s.seed(2).benches(&["b"]));
    project.run(2, |s| s.seed(3).benches(&["a"]));
    project.commit("records");
    project.branch("topic");
    project.change("topic");
    let found = Asker::at(project.root()).wanting(&["a", "b"]).ask("main");
    assert_eq!(found.of("a").seeds(), [1, 3]);
    assert_eq!(
        found.of("b").seeds(),
        [1, 2],
        "the same record in two places counts once"
    );
}

#[test]
fn why_a_benchmark_has_no_baseline_is_said() {
    let project = Project::new();
    project.save_and_commit(|s| s.benches(&["a"]).version(2));
    project.branch("topic");
    project.change("topic");
    let found = ask(&project, "main");
    assert_eq!(found.nothing, Some(Nothing::OtherBenchmarks));
    let obstacle = found.unmatched[&bench("a")].as_ref().unwrap();
    assert_eq!(
        (&obstacle.why, obstacle.distance),
        (&Why::OtherDefinition, Some(0))
    );
    let mut asker = Asker::at(project.root());
    asker.wanted = vec![(bench("a"), definition(2))];
    assert_eq!(asker.ask("main").of("a").distance, Some(0));
}

#[test]
fn without_wishes_the_nearest_records_are_found() {
    let project = Project::new();
    project.save_and_commit(|s| s.seed(1));
    project.branch("topic");
    project.change("topic");
    let found = Asker::at(project.root()).wanting(&[]).ask("main");
    assert_eq!(found.nothing, None);
    assert_eq!(found.nearest.unwrap().records[0].record.plan.seed, 1);
}

#[test]
fn the_walk_ends_after_so_many_commits() {
    let project = Project::new();
    project.save_and_commit(|s| s.seed(1));
    let measured = project.head();
    for n in 0..12 {
        project.change(&format!("main {n}"));
    }
    project.branch("topic");
    project.change("topic");
    let mut asker = Asker::at(project.root());
    let found = asker.ask("main");
    let choice = found.of("a");
    assert_eq!(choice.commit.as_ref(), Some(&measured));
    assert_eq!(
        (choice.distance, choice.standing),
        (Some(12), Standing::Far)
    );
    assert_eq!(
        found.notes,
        ["1 benchmark: the baseline is too many commits back to decide"]
    );
    asker.limits.commits = 12;
    assert_eq!(asker.ask("main").of("a").distance, Some(12));
    asker.limits.commits = 11;
    let found = asker.ask("main");
    assert_eq!(found.choices.len(), 0);
    let walked = found.walked.as_ref().unwrap();
    assert_eq!((walked.commits, walked.end), (12, End::Commits));
    // The record is named after the code below the commit that holds it.
    assert!(
        found
            .rejected
            .iter()
            .any(|r| r.why == Why::TooFar { commits: Some(13) }),
        "{:?}",
        found.rejected
    );
    assert!(
        found.text().contains("too far: 13 commits back"),
        "{}",
        found.text()
    );
}

#[test]
fn the_walk_ends_after_so_many_days() {
    let project = Project::new();
    project.save_and_commit(|s| s.seed(1));
    project.wait_days(80);
    project.change("80 days later");
    project.branch("topic");
    project.change("topic");
    assert_eq!(ask(&project, "main").of("a").distance, Some(1));
    let mut asker = Asker::at(project.root());
    asker.limits.days = 70;
    let found = asker.ask("main");
    assert_eq!(found.walked.as_ref().unwrap().end, End::Days);
    assert!(
        found.text().contains("too far: 2 commits back"),
        "{}",
        found.text()
    );
}

#[test]
fn another_compiler_is_marked_and_does_not_decide() {
    let project = Project::new();
    project.save_and_commit(|s| s.seed(1).rustc(OLD_RUSTC));
    project.branch("topic");
    project.change("topic");
    let found = ask(&project, "main");
    let choice = found.of("a");
    assert_eq!(choice.other_rustc.as_deref(), Some(OLD_RUSTC));
    assert_eq!(choice.standing, Standing::OtherToolchain);
    assert_eq!(
        found.notes,
        ["1 benchmark: the baseline was built by another compiler and does not decide"]
    );
}

#[test]
fn the_same_compiler_a_little_further_back_outranks_another() {
    let project = Project::new();
    project.save_and_commit(|s| s.seed(1));
    project.change("second");
    project.save_and_commit(|s| s.seed(2).rustc(OLD_RUSTC));
    project.branch("topic");
    project.change("topic");
    let mut asker = Asker::at(project.root());
    let found = asker.ask("main");
    assert_eq!(
        (found.of("a").seeds(), found.of("a").distance),
        (vec![1], Some(2))
    );
    assert_eq!(found.of("a").other_rustc, None);
    asker.limits.gating = 1;
    assert_eq!(asker.ask("main").of("a").seeds(), [2]);
}

#[test]
fn damaged_and_newer_records_are_named_and_the_rest_is_read() {
    let project = Project::new();
    project.save_and_commit(|s| s.seed(1));
    project.change("second");
    let sha = project.head();
    let damaged = format!("baselines/main/k3v9/{}-00000000.json", sha.short(12));
    let newer = format!("baselines/main/k3v9/{}-11111111.json", sha.short(12));
    project.write(&damaged, "{");
    project.write(&newer, "{\"schema\":99}");
    project.write("baselines/main/k3v9/notes.txt", "");
    project.commit("damaged");
    project.branch("topic");
    project.change("topic");
    let found = ask(&project, "main");
    assert_eq!(found.of("a").seeds(), [1]);
    let files: Vec<_> = found
        .faults
        .iter()
        .map(|fault| fault.file.as_str())
        .collect();
    let mut expected = [
        damaged.as_str(),
        newer.as_str(),
        "baselines/main/k3v9/notes.txt",
    ];
    expected.sort_unstable();
    assert_eq!(files, expected);
    assert!(
        found
            .rejected
            .iter()
            .any(|r| matches!(r.why, Why::Unreadable { too_new: true, .. }))
    );
}

#[test]
fn a_record_of_another_commit_under_a_false_name_is_not_used() {
    let project = Project::new();
    let record = project.save_and_commit(|s| s.seed(1));
    let stored = crate::store::record_file::encode(&record).unwrap();
    let second = project.change("second");
    // As if the slow second commit had been measured to be as fast as the first.
    let forged = format!(
        "baselines/main/k3v9/{}-{}.json",
        second.short(12),
        stored.id.short(8)
    );
    project.write(&forged, stored.bytes);
    project.commit("forged");
    project.branch("topic");
    project.change("topic");
    let found = ask(&project, "main");
    assert_eq!(found.of("a").distance, Some(2), "the true one");
    assert_eq!(found.faults[0].file, forged);
}

//! Many runs of many benchmarks, made up, along a line of commits.

use std::path::Path;

use cargo_perf::commands::survey::{Question, survey};
use cargo_perf::compare::rules::Rules;
use cargo_perf::repository::Repository;
use cargo_perf::store::index::{Database, RunIndex};
use cargo_perf::store::{StoredRecord, order};
use cargo_perf::trend::{Trend, TrendRule};
use perf_schema::{Commit, Sha};

#[path = "../store/records.rs"]
mod records;

/// The commits of a new repository at `root`, oldest first, an hour apart; all hold the same.
pub fn commits(root: &Path, count: usize) -> Vec<Sha> {
    let mut options = git2::RepositoryInitOptions::new();
    options.initial_head("main");
    let git = git2::Repository::init_opts(root, &options).expect("a new repository");
    let tree = git
        .treebuilder(None)
        .expect("a tree")
        .write()
        .expect("it is written");
    let tree = git.find_tree(tree).expect("the tree");
    let mut parent: Option<git2::Oid> = None;
    let commit = |number: usize| {
        let who = git2::Signature::new("A", "a@example.com", &git2::Time::new(time(number), 0));
        let who = who.expect("a signature");
        let before = parent.map(|parent| git.find_commit(parent).expect("the commit before"));
        let parents: Vec<&git2::Commit<'_>> = before.iter().collect();
        let subject = format!("change {number}");
        let made = git.commit(Some("HEAD"), &who, &who, &subject, &tree, &parents);
        parent = Some(made.expect("a commit"));
        let id = parent.expect("it was made").to_string();
        id.parse().expect("an id of git")
    };
    (0..count).map(commit).collect()
}

fn time(number: usize) -> i64 {
    1_760_000_000 + 3600 * i64::try_from(number).expect("a small number")
}

/// A run of one of the commits, and its file: of each benchmark the wall time, thirty launches of four samples.
pub fn run(number: usize, commit: &Sha, benchmarks: usize) -> (StoredRecord, String) {
    let commit = Commit {
        sha: commit.clone(),
        parents: Vec::new(),
        branch: Some("main".to_owned()),
        committed: time(number),
        subject: format!("change {number}"),
        dirty: false,
    };
    let tree = format!("{number:040x}").parse().expect("forty digits");
    let mut record = records::record(commit, tree, benchmarks, number);
    for benchmark in &mut record.benchmarks {
        benchmark.metrics.retain(|name, _| name == "wall");
    }
    let stored = StoredRecord {
        id: format!("{number:064x}").parse().expect("sixty-four digits"),
        record: record.into(),
    };
    (stored, format!("baselines/main/made-up/{number}.json"))
}

/// The trends of all benchmarks whose name ends so, as `cargo perf trend` finds them.
pub fn trends(root: &Path, index: &Database, end: &str) -> Vec<Trend> {
    let repository = Repository::discover(root)
        .expect("a repository")
        .expect("there is one");
    let tip = repository.look_up("main").expect("main is there").commit;
    let runs = index.runs().expect("runs");
    let headers: Vec<_> = runs.iter().map(|(_, header)| header).collect();
    let (order, _) = order(Some(&repository), Some(&tip), &headers).expect("an order");
    let question = Question {
        takes: &|id| id.name().ends_with(end),
        machine: None,
        rule: &TrendRule::default(),
        rules: &Rules::default(),
    };
    let (trends, left_out) = survey(index, &order, runs, &question).expect("trends");
    assert_eq!(left_out.all(), 0, "every run is on the line");
    trends
}

//! The index of all runs, and what becomes of runs when it cannot be used.

use std::fs;

use crate::support::{Output, Project};

const INDEX: &str = ".perf/history.db";

/// How many runs the index knows of `parse`, as `trend` counts them.
fn executions(project: &Project) -> u64 {
    let output = project.perf(&["trend", "--format", "json", "--exact", &parse(project)]);
    output.code(0);
    let json = output.json();
    json["trends"][0]["runs"]["executions"]
        .as_u64()
        .expect("a number")
}

/// The whole name of `parse`, as records have it.
fn parse(project: &Project) -> String {
    let manifest = project.read("Cargo.toml");
    let name = manifest.split('"').nth(1).expect("a package has a name");
    format!("{name}/cpu::parse")
}

fn run(project: &Project) -> Output {
    let output = project.perf(&["run", "--quick", "parse"]);
    output.code(0);
    output
}

#[test]
fn whatever_happens_to_the_index_no_run_is_lost_and_the_next_one_works() {
    let project = Project::new();
    run(&project);
    let whole = fs::read(project.path(INDEX)).expect("every run goes into the index");
    assert_eq!(executions(&project), 1);
    let mut expected = 1;
    let cut = whole[..whole.len() / 2].to_vec();
    for damaged in [b"this is no database, and never was".to_vec(), cut] {
        fs::write(project.path(INDEX), &damaged).expect("a file");
        // Its verdict, its table and its code are what they would have been.
        run(&project)
            .says("was damaged")
            .says(".perf/history-damaged-");
        expected += 1;
        assert_eq!(executions(&project), expected);
        run(&project).does_not_say("damaged");
        expected += 1;
    }
    let aside = project
        .files(".perf")
        .into_iter()
        .filter(|file| file.contains("history-damaged-"));
    assert_eq!(aside.count(), 2, "nothing is deleted");
    // Something else has its name: without it, all the same.
    fs::remove_file(project.path(INDEX)).expect("it is there");
    fs::create_dir(project.path(INDEX)).expect("a folder");
    run(&project).says("not in the index of all runs");
    expected += 1;
    assert_eq!(executions(&project), expected);
    project
        .perf(&["trend"])
        .code(0)
        .says("was not used")
        .says("the files were read anew");
    project.perf(&["history", "sync"]).code(13);
    fs::remove_dir(project.path(INDEX)).expect("it is there");
    project
        .perf(&["history", "sync"])
        .code(0)
        .says(&format!("new runs: {expected}"));
    project
        .perf(&["history", "sync"])
        .code(0)
        .says("new runs: 0");
    assert_eq!(project.git(&["status", "--porcelain"]), "");
}

#[test]
fn two_runs_at_once_are_both_kept() {
    let project = Project::new();
    run(&project);
    let start = || {
        let mut command = project.perf_command();
        command.args(["run", "--quick", "parse"]);
        command
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        command.spawn().expect("cargo-perf starts")
    };
    let both = [start(), start()];
    for child in both {
        let output = Output::of(child.wait_with_output().expect("it ends"));
        output
            .code(0)
            .does_not_say("not kept")
            .does_not_say("index");
    }
    assert_eq!(executions(&project), 3);
}

#[test]
fn the_baselines_of_any_branch_are_brought_in_once() {
    let project = Project::with_baseline();
    project.branch("other");
    project.times(1500, 2000);
    project.commit("slower");
    project.save_baseline();
    project.switch("main");
    project.forget_runs();
    project
        .perf(&["history", "sync"])
        .code(0)
        .says("new runs: 1");
    project
        .perf(&["history", "sync", "main", "other"])
        .code(0)
        .says("new runs: 1");
    project
        .perf(&["history", "sync", "main", "other"])
        .code(0)
        .says("new runs: 0");
    assert_eq!(executions(&project), 1, "on this line");
    project.perf(&["history", "sync", "no-such-branch"]).code(2);
    // What is committed counts, whatever became of the file since.
    let record = project
        .files("baselines")
        .into_iter()
        .find(|file| file.ends_with(".json"));
    project.write(&record.expect("a baseline"), "no record");
    project.forget_runs();
    project
        .perf(&["history", "sync"])
        .code(0)
        .says("new runs: 1");
}

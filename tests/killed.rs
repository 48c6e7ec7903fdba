//! Killed or interrupted while cargo builds: nothing of the build goes on, and the next command finds nothing in its way.

use std::fs;
use std::process::{Command, Stdio};

use crate::support::{Project, SORT_IS_SLOWER, process};

/// A build that goes on until it is ended, by more than it is asked to end with, where a variable says so.
const BUILD_SCRIPT: &str = r#"
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=HOLD_THE_BUILD");
    let Ok(file) = std::env::var("HOLD_THE_BUILD") else { return };
    // Not for ever: a test that fails leaves nobody to end it.
    let stubborn = "trap '' TERM; echo $$ > \"$HOLD_THE_BUILD\"; for i in $(seq 100); do sleep 1; done";
    Command::new("sh").args(["-c", stubborn]).env("HOLD_THE_BUILD", file).status().unwrap();
}
"#;

/// Where such a build writes the id of the process that will not be asked.
const HELD: &str = "held.pid";

const RUN: [&str; 2] = ["run", "--quick"];

const COMPARE: [&str; 8] = [
    "compare",
    "--paired",
    "--quick",
    "--no-relink",
    "--format",
    "json",
    "--baseline",
    "main",
];

/// A project whose build can be held, and was built once: what it depends on takes a while.
fn project() -> Project {
    let project = Project::without_git();
    project.write("build.rs", BUILD_SCRIPT);
    project.write(".gitignore", "/target\n*.pid\n");
    project.put_under_git();
    project.perf(&RUN).code(0);
    project
}

/// The command with its build held, and nobody to hear it.
fn held(project: &Project, arguments: &[&str]) -> Command {
    let mut command = project.perf_command();
    command
        .args(arguments)
        .env("HOLD_THE_BUILD", project.path(HELD))
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// Sends the signal once the build is held, and waits until nothing of it is left. The command's exit code.
fn end_while_building(project: &Project, command: &mut Command, signal: &str) -> Option<i32> {
    let mut child = command.spawn().expect("it starts");
    process::pid_in(&project.path(HELD));
    process::signal(&child, signal);
    let status = child.wait().expect("it ends");
    if signal != "KILL" {
        assert_eq!(
            process::at_work_in(&project.path("")),
            [""; 0],
            "it waits for what it ends"
        );
    }
    process::wait_until("nothing of the build is left", || {
        process::at_work_in(&project.path("")).is_empty()
    });
    fs::remove_file(project.path(HELD)).expect("it was there");
    status.code()
}

#[test]
fn a_build_ends_with_the_command_that_wanted_it() {
    let project = project();
    let code = end_while_building(&project, &mut held(&project, &RUN), "KILL");
    assert_eq!(code, None, "it was killed");
    let code = end_while_building(&project, &mut held(&project, &RUN), "INT");
    assert_eq!(code, Some(130));
    project.perf(&RUN).code(0).says("3 unchanged");
}

#[test]
fn a_baselines_build_ends_with_the_comparison_that_wanted_it() {
    let project = project();
    project.branch("slow");
    project.write("build.rs", "fn main() {}\n");
    project.times(1000, 2400);
    project.commit("slow sort");
    let code = end_while_building(&project, &mut held(&project, &COMPARE), "KILL");
    assert_eq!(code, None, "it was killed");
    assert!(!project.path(".git/index.lock").exists());
    assert!(!project.path(".git/worktrees").exists());
    assert_eq!(project.git(&["status", "--porcelain"]), "");
    let output = project.perf(&COMPARE);
    output.code(1).gives(&SORT_IS_SLOWER);
    assert!(
        !output.stderr.contains("waiting for another"),
        "{}",
        output.stderr
    );
}

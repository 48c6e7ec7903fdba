//! What goes wrong is told in one clear message with the right exit code, and costs nothing that was there.

mod programs;
mod records;
mod store;

use std::fs;
use std::process::Command;

use crate::support::{Output, Project};

/// Everything that was kept so far.
fn kept(project: &Project) -> Vec<(String, String)> {
    let files = [project.files("baselines"), project.files(".perf/runs")].concat();
    files
        .into_iter()
        .map(|file| (project.read(&file), file))
        .map(|(text, file)| (file, text))
        .collect()
}

/// One error, with one line of help at most, and nothing on standard output.
#[track_caller]
fn is_one_message(output: &Output, code: i32) -> &Output {
    output.code(code);
    assert_eq!(output.stdout, "");
    assert_eq!(
        output
            .stderr
            .lines()
            .filter(|line| line.starts_with("error: "))
            .count(),
        1,
        "{}",
        output.stderr
    );
    for noise in ["panicked", "RUST_BACKTRACE", "Os {", "Error {"] {
        assert!(!output.stderr.contains(noise), "{}", output.stderr);
    }
    output
}

#[test]
fn a_folder_without_a_workspace_is_told_what_it_lacks() {
    let folder = tempfile::tempdir().expect("a folder");
    let perf = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-perf"));
        command
            .arg("perf")
            .args(arguments)
            .current_dir(folder.path());
        Output::of(command.output().expect("cargo-perf starts"))
    };
    for arguments in [
        &["run"][..],
        &["compare", "--baseline", "main"],
        &["baseline", "list"],
        &["baseline", "save"],
    ] {
        is_one_message(&perf(arguments), 10)
            .complains("cargo finds no workspace")
            .complains("--manifest-path");
    }
    fs::write(folder.path().join("Cargo.toml"), "[package\n").expect("a file");
    is_one_message(&perf(&["run"]), 10).complains("Cargo.toml");
    is_one_message(&perf(&["run", "--manifest-path", "no/Cargo.toml"]), 10)
        .complains("no/Cargo.toml");
    fs::write(
        folder.path().join("Cargo.toml"),
        "[package]\nname = \"empty\"\n",
    )
    .expect("a file");
    fs::create_dir(folder.path().join("src")).expect("a folder");
    fs::write(folder.path().join("src/lib.rs"), "").expect("a file");
    is_one_message(&perf(&["run"]), 4)
        .complains("depends on perf-harness")
        .complains("[dev-dependencies]");
}

#[test]
fn what_was_asked_for_and_is_not_there_is_named_beside_what_is() {
    let project = Project::with_baseline();
    let before = kept(&project);
    let run = |arguments: &[&str]| project.perf(&[&["run", "--quick"], arguments].concat());
    let nothing = run(&["quicksort"]);
    nothing
        .code(4)
        .complains("no benchmark matches `quicksort`")
        .complains("cpu::parse, cpu::sort[n=10], cpu::sort[n=20]");
    run(&["--exact", "sort"])
        .code(4)
        .complains("no benchmark matches `sort`");
    project
        .perf(&["compare", "--baseline", "main", "quicksort"])
        .code(4)
        .complains("no benchmark matches");
    is_one_message(&run(&["--package", "nobody"]), 2)
        .complains("there is no package `nobody` here")
        .complains("there is: ");
    is_one_message(&run(&["--bench", "gpu"]), 2)
        .complains("there is no bench target `gpu` here")
        .complains("there is: cpu");
    run(&["--features", "warp"]).code(11).complains("warp");
    run(&["--profile", "warp"]).code(11).complains("warp");
    for usage in [
        &["--timeout", "5"][..],
        &["--format", "xml"],
        &["--unheard-of"],
        &["--seed", "x"],
    ] {
        run(usage).code(2).complains("error: ");
    }
    project.perf(&["compare"]).code(2).complains("--baseline");
    project.perf(&[]).code(2);
    project.perf(&["--help"]).code(0).says("Exit codes:");

    project.write("src/lib.rs", "pub fn parse() -> u64 { \"five\" }\n");
    let broken = run(&["--save", "--allow-dirty"]);
    broken
        .code(11)
        .complains("mismatched types")
        .complains("src/lib.rs:1")
        .complains("error: the benchmarks do not build");
    assert_eq!(broken.stdout, "");
    assert_eq!(kept(&project), before, "nothing of it is lost or new");
}

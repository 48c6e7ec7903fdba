//! The crate for users to copy, copied.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Output, Project};

/// The example at another place, with the path of the harness set right: what a user does.
fn copy() -> Project {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/wordy");
    let project = Project::without_git();
    // Nothing of the usual project is left but its lock file.
    for folder in ["benches", "src"] {
        fs::remove_dir_all(project.path(folder)).expect("a project has it");
    }
    for file in ["Cargo.toml", "src/lib.rs"] {
        project.write(
            file,
            &fs::read_to_string(example.join(file)).expect("a file of the example"),
        );
    }
    for file in benches(&example) {
        let name = file.file_name().expect("a file has a name");
        let text = fs::read_to_string(&file).expect("a bench target");
        project.write(&format!("benches/{}", name.to_string_lossy()), &text);
    }
    let harness = example.join("../../perf-harness");
    let harness = harness.canonicalize().expect("the harness is there");
    project.edit(
        "Cargo.toml",
        "path = \"../../perf-harness\"",
        &format!("path = {harness:?}"),
    );
    project
}

fn benches(example: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(example.join("benches")).expect("the example has benchmarks");
    let mut files: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    files.sort();
    files
}

/// The benchmarks that passed, with their targets, as `cargo test` names both.
fn passed(output: &Output) -> Vec<String> {
    // Cargo names targets on standard error, in the order in which they answer on standard output.
    let mut targets = output
        .stderr
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Running benches/"))
        .filter_map(|line| line.split_once(".rs"))
        .map(|(target, _)| target);
    let mut passed = Vec::new();
    let mut target = "";
    for line in output.stdout.lines() {
        if line.starts_with("running ") {
            target = targets.next().expect("a target for each answer");
        } else if let Some(name) = line.strip_suffix(" ... ok") {
            let name = name.strip_prefix("test ").expect("a line of a test");
            passed.push(format!("{target}: {}", name.trim_end()));
        }
    }
    passed.sort();
    passed
}

#[test]
fn every_benchmark_of_a_copy_works() {
    let project = copy();
    let output = project.cargo(&["test", "--benches", "--offline"]);
    output.code(0);
    assert!(!output.stderr.contains("warning"), "{}", output.stderr);
    assert_eq!(
        passed(&output),
        [
            "axes: count[words=100]",
            "axes: sort[words=100,order=Alphabet]",
            "budgets: count",
            "budgets: distinct",
            "budgets: longest",
            "builder: axes::count[words=10]",
            "builder: plain::count",
            "builder: sort::Alphabet",
            "builder: sort::Length",
            "check: count",
            "check: sort",
            "check: tally[threads=1]",
            "command: copy",
            "command: sort[words=100]",
            "generic: collect[T=Vec<&str>,words=10]",
            "generic: longest[S=BTreeSet<String>,N=1]",
            "generic: zero[N=16]",
            "input: count",
            "input: join",
            "input: sort",
            "plain: count",
            "plain: long::count",
            "plain: longest",
            "threads: add[threads=1]",
            "threads: read_beside_a_writer[threads=2]",
        ]
    );
    // What people copy is formatted.
    project.cargo(&["fmt", "--check"]).code(0);
}

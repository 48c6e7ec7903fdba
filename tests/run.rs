//! `cargo perf run`: measuring, keeping, showing.

use crate::support::Project;

#[test]
fn a_run_measures_every_benchmark_and_shows_the_table() {
    let project = Project::new();
    let output = project.perf(&["run"]);
    output
        .code(0)
        .says("cpu::parse")
        .says("cpu::sort[n=10]")
        .says("cpu::sort[n=20]")
        .says("3 benchmarks measured");
    assert_eq!(project.files(".perf/runs").len(), 1);
    assert_eq!(
        project.git(&["status", "--porcelain"]),
        "",
        "the local history ignores itself"
    );
}

#[test]
fn the_second_run_says_what_changed_since_the_first() {
    let project = Project::new();
    project.perf(&["run"]).code(0);
    project.times(1000, 3000);
    let output = project.perf(&["run", "--format", "json"]);
    output.code(0);
    assert_eq!(
        output.verdicts(),
        [
            ("cpu::parse".to_owned(), "unchanged".to_owned()),
            ("cpu::sort[n=10]".to_owned(), "regressed".to_owned()),
            ("cpu::sort[n=20]".to_owned(), "regressed".to_owned()),
        ]
    );
}

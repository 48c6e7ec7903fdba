//! `#[perf::limit]`: [`search`] finds the truth where that is known, [`probes`] do to their process what they like, and [`growth`] is read
//! from the levels.

mod growth;
mod probes;
mod search;

use serde_json::Value;

use crate::support::{Output, Project};

/// A project whose benchmarks are `benches`, committed.
fn project(benches: &str) -> Project {
    let project = Project::new();
    project.write(
        "benches/cpu.rs",
        &format!("use perf_harness as perf;\nuse perf_harness::scripted::spend;\n{benches}\nperf::main!();\n"),
    );
    project.commit("limits");
    project
}

/// The limits of a record, run with time that is real.
fn run(project: &Project) -> (Output, Value) {
    let mut command = project.perf_command();
    command
        .env_remove("PERF_HARNESS_CLOCK")
        .args(["run", "--format", "json"]);
    let output = Output::of(command.output().expect("cargo-perf starts"));
    let report = output.json();
    (output, report)
}

#[track_caller]
fn assert_near(limit: &Value, truth: f64) {
    let end = |name: &str| {
        limit[name]
            .as_f64()
            .unwrap_or_else(|| panic!("no {name}: {limit:#}"))
    };
    let (pass, fail) = (end("largest_pass"), end("smallest_fail"));
    assert!(pass < fail && fail <= pass * 1.05 + 1.0, "{pass} to {fail}");
    // The truth lies inside, or within five per cent of it.
    assert!(
        pass <= truth * 1.05 && fail >= truth * 0.95,
        "{pass} to {fail} around {truth}"
    );
}

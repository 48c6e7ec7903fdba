//! A repository of made-up records, many of them and quickly: what measures is not asked.

use std::path::Path;
use std::process::Command;

use perf_schema::{Metric, Samples};

#[path = "../../benches/store/data.rs"]
#[expect(dead_code, reason = "what benches need besides")]
mod data;

/// Makes it; `function_7` takes half as much again from the middle on.
pub fn repository(root: &Path, benchmarks: usize, commits: usize) {
    data::ensure_changed(root, benchmarks, commits, |record, number| {
        let benchmark = record
            .benchmarks
            .iter_mut()
            .find(|benchmark| benchmark.id.name() == "function_7");
        let metric = benchmark.and_then(|benchmark| benchmark.metrics.get_mut("wall"));
        if let Some(Metric::Measured { samples, .. }) = metric
            && number >= commits / 2
        {
            let slower = |launch: Vec<f64>| launch.into_iter().map(|value| value * 1.5).collect();
            let launches: Vec<Vec<f64>> = samples.launches().into_iter().map(slower).collect();
            *samples = Samples::quantise(&launches).expect("values that can be stored");
        }
    });
}

/// The binary in that repository, with nothing of this one around it.
pub fn perf(root: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-perf"));
    command.arg("perf").current_dir(root);
    for variable in [
        "GITHUB_ACTIONS",
        "GITHUB_STEP_SUMMARY",
        "GITHUB_OUTPUT",
        "CARGO_PERF_FORMAT",
    ] {
        command.env_remove(variable);
    }
    command
}

//! How long it takes to take runs in, and to say how benchmarks developed.

use cargo_perf::store::StoredRecord;
use cargo_perf::store::index::{Database, RunIndex, take_in};
use perf_harness as perf;

#[path = "history/data.rs"]
mod data;

perf::main!();

const RUNS: usize = 50;

const BENCHMARKS: usize = 20;

/// A repository, and the runs of each of its commits.
fn made() -> (tempfile::TempDir, Vec<(StoredRecord, String)>) {
    let folder = tempfile::tempdir().expect("a folder");
    let commits = data::commits(folder.path(), RUNS);
    let numbered = commits.iter().enumerate();
    let runs = numbered.map(|(number, commit)| data::run(number, commit, BENCHMARKS));
    let runs = runs.collect();
    (folder, runs)
}

fn filled(runs: &[(StoredRecord, String)]) -> Database {
    let mut index = Database::in_memory().expect("a database");
    take_in(&mut index, runs.iter().cloned()).expect("taken in");
    index
}

#[perf::bench]
fn take_in_50_runs_of_20_benchmarks(b: perf::Bench) {
    let (_folder, runs) = b.once(made);
    b.items(RUNS * BENCHMARKS)
        .run(|| filled(&runs))
        .check(|index| index.runs().is_ok_and(|runs| runs.len() == RUNS));
}

#[perf::bench]
fn trend_of_one_benchmark_over_50_runs(b: perf::Bench) {
    trend(b, "_7", 1);
}

#[perf::bench]
fn trends_of_20_benchmarks_over_50_runs(b: perf::Bench) {
    trend(b, "", BENCHMARKS);
}

fn trend(b: perf::Bench, end: &str, count: usize) {
    let (folder, index) = b.once(|| {
        let (folder, runs) = made();
        (folder, filled(&runs))
    });
    b.items(count * RUNS)
        .run(|| data::trends(folder.path(), &index, end))
        .check(|trends| trends.len() == count && trends.iter().all(|t| t.values.len() == RUNS));
}

//! 200 records of 1000 benchmarks each, two megabytes a record, on one line of commits.
//!
//! `cargo test --release -p cargo-perf --lib speed -- --ignored --nocapture --test-threads 1`; what it makes is kept in
//! the folder for temporary files under `perf-store-speed`.

#![expect(
    clippy::disallowed_methods,
    reason = "what is asked for here is how long it takes"
)]

use std::path::PathBuf;
use std::time::Instant;

use super::scene::Asker;
use crate::repository::Repository;
use crate::repository::fixture::{Project, deaf};
use crate::store::fixture::{Sample, heavy, wanted};
use crate::store::resolve::{Matched, Resolution};
use crate::store::{Baselines, History};

const RECORDS: u64 = 200;

fn names() -> Vec<String> {
    (0..1000).map(|n| format!("module::bench_{n:04}")).collect()
}

fn project() -> PathBuf {
    deaf();
    let folder = std::env::temp_dir().join("perf-store-speed");
    if folder.join("done").exists() {
        return folder;
    }
    let _ = std::fs::remove_dir_all(&folder);
    let project = Project::new();
    for number in 0..RECORDS {
        project.change(&number.to_string());
        let mut sample = Sample::of(&project.state());
        sample.record.benchmarks = names()
            .iter()
            .enumerate()
            .map(|(n, name)| heavy(name, number * 1000 + n as u64))
            .collect();
        let record = sample.record();
        Baselines::at(project.root()).save(&record, false).unwrap();
        project.commit("record");
    }
    project.branch("topic");
    project.change("topic");
    std::fs::rename(project.root(), &folder).unwrap();
    std::fs::write(folder.join("done"), "").unwrap();
    folder
}

fn timed(what: &str, ask: impl Fn() -> Resolution) -> Resolution {
    let mut best = f64::MAX;
    let mut found = None;
    for _ in 0..3 {
        let start = Instant::now();
        found = Some(ask());
        best = best.min(start.elapsed().as_secs_f64() * 1e3);
    }
    println!("{what}: {best:.1} ms, peak {}", peak());
    found.unwrap()
}

fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    line.unwrap_or("VmHWM unknown").replace(['\t', ' '], "")
}

#[test]
#[ignore = "makes 400 MB of data and is for measuring"]
fn choosing_among_200_records_of_1000_benchmarks() {
    let root = project();
    let repository = Repository::discover(&root).unwrap().unwrap();
    println!("peak before {}", peak());
    let start = Instant::now();
    let state = repository.state().unwrap();
    println!("state: {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    let names = names();
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    let asker = Asker {
        wanted: wanted(&all),
        ..Asker::at(&root)
    };
    let found = timed("state and nearest", || asker.ask("main"));
    assert_eq!(found.choices.len(), 1000);
    assert_eq!(found.of(all[7]).matched, Matched::Content);
    let mut with_new = all.clone();
    with_new.push("module::new");
    let asker_new = Asker {
        wanted: wanted(&with_new),
        ..Asker::at(&root)
    };
    let found = timed("with a new benchmark", || asker_new.ask("main"));
    assert_eq!((found.choices.len(), found.unmatched.len()), (1000, 1));
    let mut other = Asker::at(&root);
    other.build.profile = "release".to_owned();
    let found = timed("nothing comparable", || other.ask("main"));
    assert_eq!(found.choices.len(), 0);
    drop(state);
    let start = Instant::now();
    let index = Baselines::at(&root).read_working_tree();
    let headers = index
        .entries
        .iter()
        .filter(|e| e.header(None).is_ok())
        .count();
    println!(
        "{headers} headers of files: {:.1} ms",
        start.elapsed().as_secs_f64() * 1e3
    );
    let start = Instant::now();
    let record = index.entries[0].load(None).unwrap().record;
    println!(
        "one record loaded: {:.1} ms",
        start.elapsed().as_secs_f64() * 1e3
    );
    let start = Instant::now();
    let elsewhere = tempfile::tempdir().unwrap();
    History::at(elsewhere.path()).save(&record, 1).unwrap();
    println!(
        "one record saved: {:.1} ms",
        start.elapsed().as_secs_f64() * 1e3
    );
}

//! Makes a history of many runs of many benchmarks, asks for trends, and says what that took.
//!
//! ```text
//! cargo run --release --example large_history -- FOLDER 1000 1000
//! ```

#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use std::path::{Path, PathBuf};
use std::time::Instant;

use cargo_perf::store::index::{Database, FILE, take_in};

#[path = "../benches/history/data.rs"]
mod data;

/// Runs that are made up before they are taken in.
const AT_ONCE: usize = 64;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, benchmarks, runs] = arguments.as_slice() else {
        println!("usage: large_history FOLDER BENCHMARKS RUNS");
        return;
    };
    let number = |text: &String| text.parse().expect("a number");
    let (root, benchmarks, runs): (PathBuf, usize, usize) =
        (PathBuf::from(folder), number(benchmarks), number(runs));
    if root.join(".perf").join(FILE).exists() {
        ask(&root, benchmarks, runs);
    } else {
        make(&root, benchmarks, runs);
    }
}

#[expect(clippy::disallowed_methods, reason = "an example measures for itself")]
fn now() -> Instant {
    Instant::now()
}

fn make(root: &Path, benchmarks: usize, runs: usize) {
    std::fs::create_dir_all(root).expect("a folder");
    let commits: Vec<_> = data::commits(root, runs).into_iter().enumerate().collect();
    let mut index = Database::open(root).expect("a database");
    let mut seconds = 0.0;
    for some in commits.chunks(AT_ONCE) {
        let of =
            |(number, commit): &(usize, perf_schema::Sha)| data::run(*number, commit, benchmarks);
        let records: Vec<_> = some.iter().map(of).collect();
        // Making them up does not count.
        let start = now();
        take_in(&mut index, records.iter().cloned()).expect("taken in");
        seconds += start.elapsed().as_secs_f64();
    }
    let start = now();
    drop(index);
    seconds += start.elapsed().as_secs_f64();
    let results = runs * benchmarks;
    let bytes = std::fs::metadata(root.join(".perf").join(FILE)).map_or(0, |file| file.len());
    println!(
        "{results} results taken in in {seconds:.2} s: {:.0} a second; {:.0} MiB, {:.0} bytes each",
        results as f64 / seconds,
        bytes as f64 / f64::from(1 << 20),
        bytes as f64 / results as f64
    );
    // The peak of making it would hide the peak of asking: the next call does that, in a process of its own.
    println!("made; call it again to ask");
}

fn ask(root: &Path, benchmarks: usize, runs: usize) {
    for (end, count) in [("_7", 0), ("", benchmarks)] {
        let start = now();
        let index = Database::open(root).expect("a database");
        let trends = data::trends(root, &index, end);
        let seconds = start.elapsed().as_secs_f64();
        assert!(trends.len() >= count && trends.iter().all(|trend| trend.values.len() == runs));
        println!(
            "trends of {} benchmarks over {runs} runs in {seconds:.3} s",
            trends.len()
        );
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM"));
    println!("{}", peak.unwrap_or("VmHWM: unknown"));
}

//! Makes a repository with many records, compares with it once, and says what that took.
//!
//! ```text
//! cargo run --release --example large_store -- FOLDER 1000 200
//! ```

#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use std::path::PathBuf;
use std::time::Instant;

#[path = "../benches/store/data.rs"]
mod data;
#[path = "../benches/store/question.rs"]
mod question;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, benchmarks, commits] = arguments.as_slice() else {
        println!("usage: large_store FOLDER BENCHMARKS COMMITS");
        return;
    };
    let number = |text: &String| text.parse().expect("a number");
    let (root, benchmarks, commits) = (PathBuf::from(folder), number(benchmarks), number(commits));
    data::ensure(&root, benchmarks, commits);
    if std::env::args().len() == 4 && !root.join("made").exists() {
        // The peak of making it would hide the peak of comparing: the next call does that, in a process of its own.
        std::fs::write(root.join("made"), "").expect("a file");
        println!("made; call it again to compare");
        return;
    }
    let candidate = question::candidate(&root, benchmarks);
    #[expect(clippy::disallowed_methods, reason = "an example measures for itself")]
    let start = Instant::now();
    let comparison = question::answer(&root, &candidate);
    let seconds = start.elapsed().as_secs_f64();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap_or("VmHWM: unknown");
    println!(
        "{} benchmarks judged in {seconds:.3} s; {peak}",
        comparison.benchmarks.len()
    );
}

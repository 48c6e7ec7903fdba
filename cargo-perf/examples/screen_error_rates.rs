//! How often the screen errs on this machine, from the runs in the local history.
//!
//! ```text
//! for i in $(seq 20); do cargo perf run; done
//! cargo run --release -p cargo-perf --example screen_error_rates
//! ```
//!
//! Every pair of runs of the same code is compared as `cargo perf compare` would compare them: an alarm among those is a
//! false one. Then the later run of each pair is made slower by a known factor, sample by sample: an alarm among those is
//! a find. The factor is all that is made up; the noise is the machine's own.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "printing is what it is for"
)]

use std::collections::BTreeMap;
use std::path::Path;

use cargo_perf::compare::{DecisionRule, Pair, Session, Side, Verdict, compare};
use cargo_perf::store::{History, StoredRecord};
use perf_schema::metric::names;
use perf_schema::{Metric, RunRecord, Samples};

fn main() {
    let (entries, faults) = History::at(Path::new(".")).entries();
    for fault in faults {
        eprintln!("left out: {fault}");
    }
    let mut runs: Vec<RunRecord> = entries
        .iter()
        .rev()
        .filter_map(|entry| entry.load().ok())
        .map(StoredRecord::into_record)
        .collect();
    runs.retain(|run| run.environment.clock == "monotonic");
    println!(
        "{} runs, {} pairs of the same code",
        runs.len(),
        pairs(&runs).count()
    );
    println!("slowed by  benchmarks called  of    suites with a call  of    improved  cannot tell");
    for factor in [1.0, 1.02, 1.05, 1.1, 1.2] {
        let mut counts: BTreeMap<Verdict, usize> = BTreeMap::new();
        let (mut called, mut suites) = (0, 0);
        for (old, new) in pairs(&runs) {
            let verdicts = verdicts(old, &slowed(new, factor));
            called += usize::from(verdicts.contains(&Verdict::Regressed));
            suites += 1;
            for verdict in verdicts {
                *counts.entry(verdict).or_default() += 1;
            }
        }
        let count = |verdict| counts.get(&verdict).copied().unwrap_or(0);
        println!(
            "{:>8.0} %  {:>17}  {:>4}  {called:>18}  {suites:>4}  {:>8}  {:>11}",
            (factor - 1.0) * 100.0,
            count(Verdict::Regressed),
            counts.values().sum::<usize>(),
            count(Verdict::Improved),
            count(Verdict::CannotTell),
        );
    }
}

/// Each run with each later run of the same code.
fn pairs(runs: &[RunRecord]) -> impl Iterator<Item = (&RunRecord, &RunRecord)> {
    runs.iter().enumerate().flat_map(move |(i, old)| {
        runs[i + 1..]
            .iter()
            .filter(move |new| new.source_tree == old.source_tree)
            .map(move |new| (old, new))
    })
}

fn verdicts(old: &RunRecord, new: &RunRecord) -> Vec<Verdict> {
    let sessions = (Session::of(old), Session::of(new));
    let pairs: Vec<Pair> = new
        .benchmarks
        .iter()
        .filter_map(|candidate| {
            let baseline = old.benchmarks.iter().find(|b| b.id == candidate.id)?;
            Some(Pair {
                id: candidate.id.clone(),
                baseline: Ok(Side::pooled([baseline], sessions.0)),
                candidate: Some(Side::pooled([candidate], sessions.1)),
                caveat: None,
                noise: cargo_perf::compare::noise::Noise::new(),
                drift: None,
            })
        })
        .collect();
    compare(&pairs, &DecisionRule::screen())
        .benchmarks
        .iter()
        .map(|judged| judged.verdict)
        .collect()
}

/// The run as it would have been had its code taken `factor` times as long. The gauge and what measuring costs are not code,
/// and stay, as does what is no time.
fn slowed(run: &RunRecord, factor: f64) -> RunRecord {
    let mut run = run.clone();
    for benchmark in &mut run.benchmarks {
        for (name, metric) in &mut benchmark.metrics {
            if let Metric::Measured { samples, .. } = metric
                && [names::WALL, names::CPU].contains(&name.as_str())
            {
                let launches: Vec<Vec<f64>> = samples
                    .launches()
                    .into_iter()
                    .map(|l| l.into_iter().map(|v| v * factor).collect())
                    .collect();
                *samples = Samples::quantise(&launches)
                    .expect("a factor keeps values finite and positive");
            }
        }
    }
    run
}

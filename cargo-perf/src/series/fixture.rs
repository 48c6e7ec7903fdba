//! Runs along a line of commits, for tests: what each benchmark took at each commit, and nothing on disk.

use perf_schema::{BenchmarkRecord, Better, Commit, Metric, RunRecord, Samples, Sha, TreeId, Unit};

use super::line::{Line, LineCommit, Order};
use super::model::Series;
use super::run::Run;
use super::{Assembled, of_runs};
use crate::store::fixture::{Sample, benchmark};

/// Committer time of the first commit; each further one is a day later.
pub(crate) const EPOCH: i64 = 1_700_000_000;

const DAY: i64 = 86_400;

/// The id of the commit at a place on the line.
pub(crate) fn sha(at: usize) -> Sha {
    format!("{:040x}", at + 1).parse().unwrap()
}

/// What that commit holds.
pub(crate) fn tree(at: usize) -> TreeId {
    format!("{:040x}", 0xf000 + at).parse().unwrap()
}

/// A line of so many commits, a day apart, each with content of its own.
pub(crate) fn line(commits: usize) -> Order {
    let commit = |at: usize| LineCommit {
        sha: sha(at),
        committed: EPOCH + DAY * i64::try_from(at).unwrap(),
        subject: format!("change {at}"),
    };
    let mut line = Line::new((0..commits).rev().map(commit).collect());
    for at in 0..commits {
        line.holds(&sha(at), tree(at));
    }
    Order::Ancestry(line)
}

/// A record of the commit at a place on the line, of benchmarks that took these times.
pub(crate) fn record(at: usize, times: &[(&str, f64)]) -> RunRecord {
    let mut record = Sample::new().record();
    record.commit = Some(Commit {
        sha: sha(at),
        parents: Vec::new(),
        branch: Some("main".to_owned()),
        committed: EPOCH + DAY * i64::try_from(at).unwrap(),
        subject: format!("change {at}"),
        dirty: false,
    });
    record.source_tree = Some(tree(at));
    record.benchmarks = times.iter().map(|&(name, ns)| timed(name, ns)).collect();
    record.benchmarks.sort_by(|a, b| a.id.cmp(&b.id));
    record
}

/// A benchmark of ten launches, about `ns` each.
pub(crate) fn timed(name: &str, ns: f64) -> BenchmarkRecord {
    let launch = |i: u32| vec![ns * (1.0 + (f64::from(i) - 4.5) * 1e-4)];
    let launches: Vec<Vec<f64>> = (0..10).map(launch).collect();
    let mut benchmark = benchmark(name);
    measure(&mut benchmark, "wall", &Unit::NANOSECONDS, false, &launches);
    benchmark.outcome.passed = 10;
    benchmark
}

/// Gives a benchmark a metric of which less is better.
pub(crate) fn measure(
    benchmark: &mut BenchmarkRecord,
    metric: &str,
    unit: &Unit,
    exact: bool,
    launches: &[Vec<f64>],
) {
    let metric_seen = Metric::Measured {
        unit: unit.clone(),
        better: Better::Lower,
        exact,
        samples: Samples::exactly(launches).unwrap(),
    };
    benchmark.metrics.insert(metric.to_owned(), metric_seen);
}

/// The runs of records; the ids follow from the place in the list.
pub(crate) fn runs(records: &[RunRecord]) -> Vec<Run> {
    let run =
        |(at, record): (usize, &RunRecord)| Run::of(format!("{at:064x}").parse().unwrap(), record);
    records.iter().enumerate().map(run).collect()
}

/// The series of records on a line of so many commits.
pub(crate) fn assembled(commits: usize, records: &[RunRecord]) -> Assembled {
    of_runs(&line(commits), runs(records))
}

/// The one series of a benchmark `a` that took these times at commit after commit.
pub(crate) fn series(times: &[f64]) -> Series {
    let records: Vec<RunRecord> = times
        .iter()
        .enumerate()
        .map(|(at, &ns)| record(at, &[("a", ns)]))
        .collect();
    let mut found = assembled(times.len(), &records).series;
    assert_eq!(found.len(), 1);
    found.remove(0)
}

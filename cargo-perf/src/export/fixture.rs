//! Entries for tests, made from records as the index would.

use std::collections::BTreeMap;

use perf_schema::{BenchId, Failure, RunRecord};

use super::{Entry, Spread};
use crate::series::{RunHeader, Seen};

/// What an entry borrows.
pub(super) struct Owned {
    pub(super) id: BenchId,
    pub(super) run: RunHeader,
    pub(super) seen: Vec<Seen>,
    spread: Option<Spread>,
    failures: Vec<Failure>,
    pub(super) samples: BTreeMap<String, perf_schema::Samples>,
}

impl Owned {
    pub(super) fn entry(&self) -> Entry<'_> {
        Entry {
            benchmark: &self.id,
            run: &self.run,
            on_line: true,
            seen: self.seen.clone(),
            spread: self.spread,
            failures: self.failures.clone(),
            probes: Vec::new(),
            samples: self.samples.clone(),
        }
    }
}

/// Every benchmark of a record, kept on the day of the first commit.
pub(super) fn of(record: &RunRecord) -> Vec<Owned> {
    let id = "ab".repeat(32).parse().unwrap();
    let mut run = RunHeader::of(id, record);
    run.kept = Some("20231114T221320Z".to_owned());
    let benchmarks = record.benchmarks.iter();
    benchmarks
        .map(|benchmark| {
            let seen = Seen::of(benchmark);
            let samples: BTreeMap<_, _> = benchmark
                .metrics
                .iter()
                .filter_map(|(name, metric)| match metric {
                    perf_schema::Metric::Measured { samples, .. } => {
                        Some((name.clone(), samples.clone()))
                    }
                    perf_schema::Metric::Absent { .. } => None,
                })
                .collect();
            let wall = seen.iter().find(|seen| seen.metric == "wall");
            let spread = wall
                .and_then(|seen| seen.figure)
                .zip(samples.get("wall"))
                .and_then(|(figure, samples)| Spread::of(samples, figure.value));
            Owned {
                id: benchmark.id.clone(),
                run: run.clone(),
                seen,
                spread,
                failures: benchmark.outcome.failures.clone(),
                samples,
            }
        })
        .collect()
}

//! A record on its way into the index: brought down to what the index answers, which any thread can do, and needs no database.

use perf_schema::{
    BenchId, BenchmarkRecord, Definition, Environment, Failure, LimitRecord, Meaning, Metric,
    MetricName, RecordId, RunRecord,
};

use crate::series::{RunHeader, Seen};
use crate::store::StoredRecord;

/// A record and the file it was read from. The record itself need not be kept for it.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// Path from the workspace root.
    pub file: String,
    /// Who the run is; `kept` is when it was, if it is of the local history.
    pub(super) header: RunHeader,
    /// Under what circumstances.
    pub(super) circumstances: Circumstances,
    /// Its benchmarks, in the order of the record.
    pub(super) cases: Vec<Case>,
}

/// What is known of a run besides who it is.
#[derive(Clone, Debug)]
pub(super) struct Circumstances {
    pub(super) cargo_perf: String,
    pub(super) memory_mib: Option<u64>,
    pub(super) load_before_percent: Option<u32>,
    pub(super) load_after_percent: Option<u32>,
}

/// A benchmark of a run.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) id: BenchId,
    pub(super) definition: Definition,
    pub(super) kind: &'static str,
    pub(super) passed: u32,
    pub(super) failed: u32,
    pub(super) failures: Vec<Failure>,
    pub(super) seen: Vec<Seen>,
    pub(super) samples: Vec<Sampled>,
    pub(super) limit: Option<LimitRecord>,
}

/// The samples of a metric, as bytes.
#[derive(Clone, Debug)]
pub(super) struct Sampled {
    pub(super) metric: MetricName,
    pub(super) meaning: Meaning,
    pub(super) bytes: Vec<u8>,
}

impl Incoming {
    /// Of a record that was read from `file`; `kept` says when it was kept, as `YYYYMMDDTHHMMSSZ`, if it is of the local history.
    #[must_use]
    pub fn new(stored: &StoredRecord, file: String, kept: Option<String>) -> Self {
        let record: &RunRecord = &stored.record;
        let header = RunHeader {
            kept,
            ..RunHeader::of(stored.id.clone(), record)
        };
        Self {
            file,
            header,
            circumstances: Circumstances::of(&record.environment),
            cases: record.benchmarks.iter().map(Case::of).collect(),
        }
    }

    /// The id of the record.
    #[must_use]
    pub const fn id(&self) -> &RecordId {
        &self.header.record
    }

    /// How many rows it comes to, but for few: that is what it takes of memory.
    pub(super) fn rows(&self) -> usize {
        let rows = |case: &Case| case.seen.len() + case.samples.len();
        self.cases.iter().map(rows).sum()
    }
}

impl Circumstances {
    fn of(environment: &Environment) -> Self {
        Self {
            cargo_perf: environment.cargo_perf.clone(),
            memory_mib: environment.memory_mib,
            load_before_percent: environment.load_before_percent,
            load_after_percent: environment.load_after_percent,
        }
    }
}

impl Case {
    fn of(benchmark: &BenchmarkRecord) -> Self {
        let metrics = benchmark.metrics.iter();
        Self {
            id: benchmark.id.clone(),
            definition: benchmark.definition.clone(),
            kind: benchmark.kind.word(),
            passed: benchmark.outcome.passed,
            failed: benchmark.outcome.failed,
            failures: benchmark.outcome.failures.clone(),
            seen: Seen::of(benchmark),
            samples: metrics.filter_map(Sampled::of).collect(),
            limit: benchmark.limit.clone(),
        }
    }
}

impl Sampled {
    fn of((name, metric): (&MetricName, &Metric)) -> Option<Self> {
        let Metric::Measured {
            unit,
            better,
            exact,
            samples,
        } = metric
        else {
            return None;
        };
        Some(Self {
            metric: name.clone(),
            meaning: Meaning {
                unit: unit.clone(),
                better: *better,
                exact: *exact,
            },
            bytes: samples.to_bytes(),
        })
    }
}

//! The record: one run of one commit on one machine. What was seen; what is thought of it is derived anew each time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    BenchId, Better, Budgets, Definition, Environment, Failure, Fit, Gate, Kind, LimitRecord,
    Machine, MetricName, RecordId, Samples, Sha, Throughput, TreeId, Unit,
};

/// The newest version of the stored shape that this crate writes and reads. Version 2 has limits, version 3 those of
/// concurrency and load.
pub const SCHEMA_VERSION: u32 = 3;

/// One run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Version of this shape.
    pub schema: u32,
    /// The commit that was checked out; absent outside git and before the first commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Commit>,
    /// What was measured, by content; absent outside git.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_tree: Option<TreeId>,
    /// Where it was measured.
    pub machine: Machine,
    /// Under what circumstances.
    pub environment: Environment,
    /// What was asked for.
    pub plan: Plan,
    /// What was seen, sorted by id. Stored as `suite`, which sorts last: a file begins with what it is about, and whoever
    /// wants to know only that need not read the rest.
    #[serde(rename = "suite")]
    pub benchmarks: Vec<BenchmarkRecord>,
}

/// A commit as the record remembers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// Full id.
    pub sha: Sha,
    /// Full ids of its parents, first parent first.
    pub parents: Vec<Sha>,
    /// Branch that was checked out; absent with a detached HEAD.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// Committer time, seconds since 1970 UTC.
    pub committed: i64,
    /// First line of the message.
    pub subject: String,
    /// Whether files differed from the commit. The source tree is then that of the files as they were.
    pub dirty: bool,
}

/// How the run was laid out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Seed of every random choice of the run.
    pub seed: u64,
    /// Launches of each benchmark that were aimed at.
    pub launches: u32,
    /// Samples of each launch that were aimed at.
    pub samples: u32,
    /// Length that a sample was aimed at, in nanoseconds.
    pub sample_ns: u64,
    /// Filters the benchmarks were selected by; empty means all.
    pub filters: Vec<String>,
}

/// One benchmark case of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BenchmarkRecord {
    /// Which benchmark.
    pub id: BenchId,
    /// Hash of its definition.
    pub definition: Definition,
    /// Its kind.
    pub kind: Kind,
    /// Value of each axis.
    pub parameters: BTreeMap<String, String>,
    /// What it may take at most, as its author said then.
    #[serde(default, skip_serializing_if = "Budgets::is_empty")]
    pub budgets: Budgets,
    /// What it has to give at least, as its author said then.
    #[serde(default, skip_serializing_if = "Budgets::is_empty")]
    pub floors: Budgets,
    /// How much worse it may become without anyone being stopped, as its author said then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<Gate>,
    /// How its time grows over one of its axes at most, as its author said then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fit: Option<Fit>,
    /// Iterations in each sample; absent when the benchmark failed before that was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<u64>,
    /// What one iteration works through.
    #[serde(default, skip_serializing_if = "Throughput::is_none")]
    pub throughput: Throughput,
    /// Of a limit, what the search found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<LimitRecord>,
    /// What was measured, by name of the metric.
    pub metrics: BTreeMap<MetricName, Metric>,
    /// How the launches went.
    pub outcome: Outcome,
}

/// A metric: either measured, or absent for a reason. There is no third.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "MetricWire", into = "MetricWire")]
pub enum Metric {
    /// It was measured.
    Measured {
        /// What it is counted in.
        unit: Unit,
        /// Which direction is good.
        better: Better,
        /// Whether the same code must give the same value each time.
        exact: bool,
        /// The values, by launch.
        samples: Samples,
    },
    /// It could not be had.
    Absent {
        /// Why not.
        reason: String,
    },
}

/// The stored shape. One flat struct: serde's untagged enums buffer every sample before they look at it.
#[derive(Serialize, Deserialize)]
struct MetricWire {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    absent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unit: Option<Unit>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    better: Option<Better>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    exact: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    samples: Option<Samples>,
}

impl TryFrom<MetricWire> for Metric {
    type Error = &'static str;

    fn try_from(wire: MetricWire) -> Result<Self, Self::Error> {
        match wire {
            MetricWire {
                absent: None,
                unit: Some(unit),
                better: Some(better),
                exact: Some(exact),
                samples: Some(samples),
            } => Ok(Self::Measured {
                unit,
                better,
                exact,
                samples,
            }),
            MetricWire {
                absent: Some(reason),
                samples: None,
                ..
            } => Ok(Self::Absent { reason }),
            _ => Err(
                "a metric has either unit, better, exact and samples, or a reason why it is absent",
            ),
        }
    }
}

impl From<Metric> for MetricWire {
    fn from(metric: Metric) -> Self {
        let empty = Self {
            absent: None,
            unit: None,
            better: None,
            exact: None,
            samples: None,
        };
        match metric {
            Metric::Measured {
                unit,
                better,
                exact,
                samples,
            } => Self {
                unit: Some(unit),
                better: Some(better),
                exact: Some(exact),
                samples: Some(samples),
                ..empty
            },
            Metric::Absent { reason } => Self {
                absent: Some(reason),
                ..empty
            },
        }
    }
}

/// How the launches of a benchmark went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Launches that gave samples.
    pub passed: u32,
    /// Launches that failed.
    pub failed: u32,
    /// The failures, first ones first; there may be fewer here than `failed` counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<Failure>,
}

/// Why bytes are not a record.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// Not JSON, or not of the shape of a record.
    #[error("it is not a record of cargo perf: {0}")]
    Shape(#[from] serde_json::Error),
    /// Written by a newer version.
    #[error(
        "it has schema version {found}, newer than the {SCHEMA_VERSION} that this cargo perf reads; \
         update cargo perf to read it"
    )]
    TooNew {
        /// The version it has.
        found: u32,
    },
    /// A version that never was.
    #[error("it has schema version {found}, which no cargo perf ever wrote")]
    Unknown {
        /// The version it has.
        found: u32,
    },
    /// Its benchmarks are not sorted by id, or one stands twice.
    #[error("its benchmarks are not in order: {0} stands twice or in the wrong place")]
    Order(BenchId),
}

/// The members that tell what a record is about, without its benchmarks.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct RecordHeader {
    /// Id that the record claims; whoever reads the whole record checks it.
    #[serde(default)]
    pub id: Option<RecordId>,
    /// See [`RunRecord::commit`].
    #[serde(default)]
    pub commit: Option<Commit>,
    /// See [`RunRecord::source_tree`].
    #[serde(default)]
    pub source_tree: Option<TreeId>,
    /// See [`RunRecord::machine`].
    pub machine: Machine,
    /// See [`RunRecord::environment`].
    pub environment: Environment,
}

#[derive(Deserialize)]
struct Version {
    schema: u32,
}

fn check_version(schema: u32) -> Result<(), RecordError> {
    match schema {
        0 => Err(RecordError::Unknown { found: 0 }),
        1..=SCHEMA_VERSION => Ok(()),
        found => Err(RecordError::TooNew { found }),
    }
}

/// Why bytes could not be read as a record. A newer one need not have what this version looks for, so that its version goes
/// before what was missed.
fn not_read(bytes: &[u8], error: serde_json::Error) -> RecordError {
    let version = serde_json::from_slice::<Version>(bytes).map_err(RecordError::Shape);
    let checked = version.and_then(|version| check_version(version.schema));
    checked.err().unwrap_or(RecordError::Shape(error))
}

impl RecordHeader {
    /// Reads the header of a record's bytes, passing over its benchmarks.
    ///
    /// # Errors
    /// When the bytes are not a record that this version reads.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, RecordError> {
        check_version(serde_json::from_slice::<Version>(bytes)?.schema)?;
        Ok(serde_json::from_slice(bytes)?)
    }
}

impl RunRecord {
    /// The version that a record of these benchmarks has: the oldest that holds them, so that whoever has no use for what is
    /// new need not update to read it.
    #[must_use]
    pub fn version_for(benchmarks: &[BenchmarkRecord]) -> u32 {
        let needed = |benchmark: &BenchmarkRecord| match &benchmark.limit {
            Some(limit) if limit.plan.traffic.is_some() => 3,
            _ if benchmark.kind == Kind::Limit => 2,
            _ => 1,
        };
        benchmarks.iter().map(needed).max().unwrap_or(1)
    }

    /// Takes in more benchmarks of the same run.
    pub fn add(&mut self, benchmarks: Vec<BenchmarkRecord>) {
        self.benchmarks.extend(benchmarks);
        self.benchmarks.sort_by(|a, b| a.id.cmp(&b.id));
        self.schema = self.schema.max(Self::version_for(&self.benchmarks));
    }

    /// Reads a record. Whether its id matches its content is for the caller to check, who has a hash function.
    ///
    /// # Errors
    /// When the bytes are not a record that this version reads.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, RecordError> {
        let record: Self = serde_json::from_slice(bytes).map_err(|error| not_read(bytes, error))?;
        check_version(record.schema)?;
        match record
            .benchmarks
            .windows(2)
            .find(|pair| pair[0].id >= pair[1].id)
        {
            Some(pair) => Err(RecordError::Order(pair[1].id.clone())),
            None => Ok(record),
        }
    }

    /// The record as a JSON value, from which its texts are made.
    ///
    /// # Errors
    /// Never for a record that was made by this crate's types; the signature is `serde_json`'s.
    pub fn to_value(&self) -> Result<serde_json::Value, serde_json::Error> {
        serde_json::to_value(self)
    }
}

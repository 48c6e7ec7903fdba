//! The nouns that cross a process or a file: what `perf-harness` and `cargo perf` say to each other and to the disk.
//!
//! Ids, units, the record of a run, the messages between a conductor and its workers, and the exit codes. Everything
//! here is a value with a text form. Nothing here opens a file, starts a process, reads a clock or judges a number.

mod canonical;
mod environment;
mod exit_code;
mod id;
pub mod metric;
mod record;
mod samples;
mod unit;
pub mod wire;

pub use canonical::{CanonicalError, canonical_text, file_text};
pub use environment::{Build, Environment, Machine};
pub use exit_code::ExitCode;
pub use id::{BenchId, Definition, InvalidId, RecordId, Sha, TreeId, check_name};
pub use metric::{Meaning, MetricName, Observed};
pub use record::{
    BenchmarkRecord, Commit, Failure, FailureKind, Kind, Metric, Outcome, Plan, RecordError,
    RecordHeader, RunRecord, SCHEMA_VERSION, Throughput,
};
pub use samples::{QuantiseError, Samples};
pub use unit::{Better, Ratio, Unit};

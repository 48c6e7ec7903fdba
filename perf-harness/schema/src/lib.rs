//! The nouns that cross a process or a file: what `perf-harness` and `cargo perf` say to each other and to the disk.
//!
//! Ids, units, the record of a run, the messages between a conductor and its workers, and the exit codes. Everything
//! here is a value with a text form. Nothing here opens a file, starts a process, reads a clock or judges a number.
//!
//! The feature `record`, on by default, is the stored shape of a run. A bench target speaks over the wire and stores
//! nothing; it is built without, since the code that reads and writes records is most of what there is to compile.

#[cfg(feature = "record")]
mod accept;
mod budget;
#[cfg(feature = "record")]
mod canonical;
mod chaos;
#[cfg(feature = "record")]
mod environment;
mod exit_code;
mod failure;
mod gate;
mod id;
mod kind;
mod law;
mod limit;
pub mod metric;
#[cfg(feature = "record")]
mod note;
mod overhead;
#[cfg(feature = "record")]
mod record;
#[cfg(feature = "record")]
mod samples;
mod throughput;
mod traffic;
mod unit;
pub mod wire;

#[cfg(feature = "record")]
pub use accept::{ACCEPT_VERSION, Accept};
pub use budget::{Amount, BudgetKind, Budgets, Unmeasured, budget_meaning, unmeasured};
#[cfg(feature = "record")]
pub use canonical::{CanonicalError, canonical_text, file_text};
pub use chaos::{ChaosPlan, Stress};
#[cfg(feature = "record")]
pub use environment::{Build, Environment, Machine};
pub use exit_code::ExitCode;
pub use failure::{Failure, FailureKind};
pub use gate::Gate;
pub use id::{BenchId, Definition, InvalidId, RecordId, Sha, TreeId, check_name};
pub use kind::Kind;
pub use law::{Fit, LAWS, law_named, size_of};
pub use limit::{Backstop, Cap, Caps, Level, LimitKind, LimitPlan, LimitRecord, SearchEnd};
pub use metric::{Meaning, MetricName, Observed};
#[cfg(feature = "record")]
pub use note::{NOTE_VERSION, Note};
pub use overhead::{Corrected, Hint, Overhead};
#[cfg(feature = "record")]
pub use record::{
    BenchmarkRecord, Commit, Metric, Outcome, Plan, RecordError, RecordHeader, RunRecord,
    SCHEMA_VERSION,
};
#[cfg(feature = "record")]
pub use samples::{QuantiseError, Samples};
pub use throughput::Throughput;
pub use traffic::{
    Bound, Generator, Latency, Pace, Processor, ServiceLevel, Traffic, TrafficPlan, WHOLE_PPM,
};
pub use unit::{Better, Ratio, Unit};

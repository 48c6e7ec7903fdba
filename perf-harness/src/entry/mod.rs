//! The suite: which benchmarks there are, and the cases their axes make of them.

mod axis;
mod benchmark;
mod budget;
mod case;
mod fit;
mod range;
mod search;
mod service;
mod stress;
mod suite;

pub use benchmark::Benchmark;
pub use budget::Limit;
pub use case::Case;
pub use range::log_range;
pub use search::LimitSearch;
pub(crate) use suite::Runnable;
pub use suite::Suite;

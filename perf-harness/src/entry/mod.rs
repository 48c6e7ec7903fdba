//! The suite: which benchmarks there are, and the cases their axes make of them.

mod axis;
mod benchmark;
mod case;
mod suite;

pub use benchmark::Benchmark;
pub use case::Case;
pub(crate) use suite::Runnable;
pub use suite::Suite;

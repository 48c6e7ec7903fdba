//! `cargo perf`: plan which benchmarks to take, run them, record what was seen, compare records, report the comparison.

pub mod repository;
pub mod store;

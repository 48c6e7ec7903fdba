//! The attribute macros of perf-harness.

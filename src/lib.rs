//! The benchmarks of this repository live in `benches/`; see the README.

pub mod known;

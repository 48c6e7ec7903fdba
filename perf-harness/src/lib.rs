//! Benchmarks that are as easy to write as tests, and that tell the truth about what they measured.
//!
//! ```no_run
//! use perf_harness as perf;
//!
//! #[perf::bench]
//! fn parse() -> Vec<u64> {
//!     perf::input("3 14 15").split(' ').map(|n| n.parse().unwrap()).collect()
//! }
//!
//! #[perf::bench(n = [100, 10_000])]
//! fn sort(b: perf::Bench, n: usize) {
//!     let base: Vec<usize> = b.once(|| (0..n).rev().collect());
//!     b.items(n)
//!         .input(|| base.clone())
//!         .run_mut(|v| v.sort())
//!         .check(|v| v.is_sorted());
//! }
//!
//! perf::main!();
//! ```
//!
//! In `Cargo.toml` the target turns the ordinary test harness off:
//!
//! ```toml
//! [[bench]]
//! name = "my_benches"
//! harness = false
//! ```
//!
//! The binary speaks libtest's language, so `cargo bench`, `cargo test --benches`, `cargo nextest run` and
//! `cargo nextest bench` all work: under `test` each benchmark runs once, quickly, on its smallest case; under `bench` it
//! is measured. `cargo perf` measures it too, keeps what it saw, and compares.
//!
//! # What is measured
//!
//! A *sample* is the time of a whole batch of iterations between two clock reads; inputs are made before it, outputs are
//! kept and dropped after it. A *launch* is a process of its own that warms up and takes a few samples. Each benchmark
//! gets many short launches, in turn with all others, because the luck of a process (where its code and its memory came
//! to lie) is shared by all samples it takes.
//!
//! # Limits of this version
//!
//! Unix only, since a worker is given its orders over a socket pair and ended through its process group.

mod body;
mod command;
mod entry;
mod front;
mod measure;
mod observe;
#[doc(hidden)]
pub mod private;
#[doc(hidden)]
pub mod scripted;
mod worker;

pub use body::{
    Bench, DropTimed, Inputs, InputsOnRuntime, Load, OnRuntime, Probe, Ran, RanOnRuntime, Served,
    Tasks, Thread, Users,
};
pub use command::Command;
pub use entry::{Benchmark, Case, Limit, LimitSearch, Suite, log_range};
pub use measure::Runtime;
pub use observe::Counting;
pub use perf_harness_macros::{bench, command, limit};
pub use perf_schema::{Better, LimitKind, Stress};
pub use std::hint::black_box as input;

/// The `main` function of a bench target: all benchmarks that `#[perf::bench]` marks in this crate.
///
/// ```no_run
/// # use perf_harness as perf;
/// perf::main!();
/// ```
///
/// With `perf::main!(alloc = counting)` the target's allocator counts, and benchmarks have the metrics `allocs`,
/// `alloc-bytes` and `peak`; see [`Counting`].
#[macro_export]
macro_rules! main {
    (alloc = counting) => {
        $crate::main!(alloc = counting(::std::alloc::System));
    };
    (alloc = counting($allocator:path)) => {
        #[global_allocator]
        static PERF_ALLOCATOR: $crate::Counting<$allocator> = $crate::Counting::new($allocator);

        $crate::main!();
    };
    () => {
        fn main() -> ::std::process::ExitCode {
            $crate::private::registered().main()
        }
    };
}

//! How much fits into a cap on memory. `cargo perf limits` lists what was found.

use perf_harness as perf;

perf::main!();

/// Build something of your own inside `measure`. The largest `n` that stays within 64 MiB is searched for.
#[perf::limit(n in 1_000..=1_000_000_000, rss = "64MiB", budget = "5s")]
fn numbers(p: perf::Probe, n: u64) {
    let numbers = p.measure(|| (0..n).collect::<Vec<_>>());
    p.check(numbers.len() as u64 == n);
}

//! How much is done before a deadline, and that the deadline ends it. `cargo perf limits` lists what was found.

use perf_harness as perf;

perf::main!();

/// Put work of your own inside `measure`. The largest `n` that is done within a tenth of a second is searched for; each level runs
/// in a process of its own, which is killed at the deadline.
#[perf::limit(n in 1_000..=1_000_000_000_000, wall = "100ms", kind = timeout, budget = "5s", fit = "n")]
fn sum(p: perf::Probe, n: u64) {
    let sum = p.measure(|| (0..n).fold(0_u64, |sum, i| sum ^ perf::input(i)));
    p.check(sum < n.next_power_of_two());
}

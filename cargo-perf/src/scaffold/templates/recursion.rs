//! How deep a recursion goes before its stack ends. `cargo perf limits` lists what was found.

use perf_harness as perf;

perf::main!();

/// Put a recursion of your own in the place of `descend`. The largest `depth` that a stack of 1 MiB holds is searched for.
#[perf::limit(depth in 10..=100_000_000, stack = "1MiB", budget = "5s")]
fn deepest(p: perf::Probe, depth: u64) {
    let reached = p.measure(|| descend(depth));
    p.check(reached == depth);
}

fn descend(depth: u64) -> u64 {
    match perf::input(depth) {
        0 => 0,
        // Adding after the call keeps it a call, and not a loop.
        depth => perf::input(descend(depth - 1)) + 1,
    }
}

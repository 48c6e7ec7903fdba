//! How fast. `cargo perf run` measures it, and `cargo test --benches` tries each benchmark once.

use perf_harness as perf;

perf::main!();

/// Put a function of your own in the place of `total`. Each value of `n` is a benchmark; `fit` promises how time grows.
#[perf::bench(n = perf::log_range(100..=100_000, 5), fit = "n")]
fn sum(b: perf::Bench, n: u64) {
    // Made once, and not part of the time.
    let numbers = b.once(|| (0..n).collect::<Vec<_>>());
    b.items(n)
        // `input` hides from the optimiser what the function works on.
        .run(|| total(perf::input(&numbers)))
        .check(|&sum| sum == n * (n - 1) / 2);
}

fn total(numbers: &[u64]) -> u64 {
    numbers.iter().sum()
}

//! How much fits: the largest vector, map and nested vector inside a cap on memory.

use std::collections::HashMap;
use std::hint::black_box;

use perf_harness as perf;

perf::main!();

/// Numbers in a vector that grows one by one, as vectors do.
#[perf::limit(n in 1_000..=1_000_000_000, rss = "64MiB", budget = "4s")]
fn vec(p: perf::Probe, n: u64) {
    let sum = p.measure(|| {
        let mut numbers = Vec::new();
        for i in 0..n {
            numbers.push(i);
        }
        black_box(numbers).iter().sum::<u64>()
    });
    p.check(sum == n * (n - 1) / 2);
}

/// Numbers in a map, each with its own text.
#[perf::limit(n in 1_000..=1_000_000_000, rss = "64MiB", budget = "4s")]
fn map(p: perf::Probe, n: u64) {
    let map = p.measure(|| {
        (0..n)
            .map(|i| (i, format!("value {i}")))
            .collect::<HashMap<u64, String>>()
    });
    p.check(map.len() as u64 == n);
}

/// A square of numbers, a vector for each row.
#[perf::limit(n in 10..=100_000, rss = "64MiB", budget = "4s")]
fn nested(p: perf::Probe, n: u64) {
    let rows = p.measure(|| {
        (0..n)
            .map(|row| (0..n).map(|column| row * column).collect())
            .collect::<Vec<Vec<u64>>>()
    });
    p.check(rows.iter().flatten().count() as u64 == n * n);
}

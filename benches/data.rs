//! Data processing: mean, sorting and filtering of numbers over growing sizes, with the law that each of them is known to grow by; and
//! the structures that data are kept in.

use std::collections::HashMap;

use fastrand::Rng;
use perf_harness as perf;

perf::main!(alloc = counting);

/// Sizes of a small table to those of a large one; eight of them, since fewer hardly tell a law from the next.
fn sizes() -> Vec<usize> {
    perf::log_range(1_000..=500_000, 8)
}

/// Measurements between zero and one, in no order, and others each time: a processor learns by heart how the branches of a short table
/// that it has seen before go.
fn measurements(n: usize, rng: &mut Rng) -> Vec<f64> {
    (0..n).map(|_| rng.f64()).collect()
}

#[perf::bench(n = sizes(), fit = "n")]
fn mean(b: perf::Bench, n: usize) {
    let values = b.once(|| measurements(n, &mut Rng::with_seed(7)));
    b.items(n)
        .run(|| average(perf::input(&values)))
        .check(|mean| (0.45..0.55).contains(mean));
}

fn average(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[perf::bench(n = sizes(), fit = "n log n")]
fn sort(b: perf::Bench, n: usize) {
    let mut rng = Rng::with_seed(7);
    b.items(n)
        .input(|| measurements(n, &mut rng))
        .run_mut(|values| values.sort_unstable_by(f64::total_cmp))
        .check(|values| values.is_sorted());
}

#[perf::bench(n = sizes(), fit = "n")]
fn filter(b: perf::Bench, n: usize) {
    let mut rng = Rng::with_seed(7);
    b.items(n)
        .input(|| measurements(n, &mut rng))
        .run_mut(|values| values.retain(|&value| value > 0.5))
        .check(|values| values.iter().all(|&value| value > 0.5));
}

/// All of it one after the other, by the largest table that is done before a deadline.
#[perf::limit(n in 1_000..=1_000_000_000, wall = "50ms", budget = "3s", fit = "n log n")]
fn pipeline(p: perf::Probe, n: u64) {
    let n = usize::try_from(n).unwrap_or(usize::MAX);
    let mut values = p.untimed(|| measurements(n, &mut Rng::with_seed(p.seed())));
    let mean = p.measure(|| {
        let mean = average(&values);
        values.retain(|&value| value > mean);
        values.sort_unstable_by(f64::total_cmp);
        mean
    });
    p.check(values.first().is_none_or(|&least| least > mean) && values.is_sorted());
}

/// A map whose values are texts.
#[perf::bench]
fn dict(b: perf::Bench) {
    const ENTRIES: u32 = 50_000;
    b.items(ENTRIES)
        .run(|| {
            (0..perf::input(ENTRIES))
                .map(|i| (i, format!("value {i}")))
                .collect::<HashMap<u32, String>>()
        })
        .check(|dict| dict.len() == ENTRIES as usize);
}

/// A square of numbers, a vector for each row.
#[perf::bench]
fn nested(b: perf::Bench) {
    const SIDE: u64 = 1_000;
    b.items(SIDE * SIDE)
        .run(|| {
            let side = perf::input(SIDE);
            (0..side)
                .map(|row| (0..side).map(|column| row * column).collect())
                .collect::<Vec<Vec<u64>>>()
        })
        .check(|rows| rows.iter().map(Vec::len).sum::<usize>() as u64 == SIDE * SIDE);
}

//! How far the processor gets before a deadline: primes, matrices and sorting, by the largest size that is done in time.

use perf_harness as perf;

perf::main!();

/// Primes below `limit`, by trial division with odd numbers.
#[perf::limit(limit in 1_000..=1_000_000_000, wall = "100ms", budget = "4s", fit = "n^2")]
fn primes(p: perf::Probe, limit: u64) {
    let count = p.measure(|| {
        let odd = (3..limit).step_by(2).filter(|&n| is_odd_prime(n));
        1 + odd.count()
    });
    // Below 10^9 there are never more than 1.26 n / ln n.
    let most = 1.26 * limit as f64 / (limit as f64).ln();
    p.check(count > 1 && count as f64 <= most);
}

fn is_odd_prime(n: u64) -> bool {
    (3..)
        .step_by(2)
        .take_while(|d| d * d <= n)
        .all(|d| !n.is_multiple_of(d))
}

/// Product of two square matrices by the textbook's three loops.
#[perf::limit(n in 8..=100_000, wall = "100ms", budget = "4s", fit = "n^3")]
fn matrix_product(p: perf::Probe, n: u64) {
    let n = size(n);
    let [left, right] = p.untimed(|| {
        let numbered = || (0..n * n).map(|i| (i % 7) as f64).collect::<Vec<_>>();
        [numbered(), numbered()]
    });
    let product = p.measure(|| {
        let cell = |i: usize| {
            (0..n)
                .map(|k| left[i / n * n + k] * right[k * n + i % n])
                .sum::<f64>()
        };
        (0..n * n).map(cell).collect::<Vec<_>>()
    });
    p.check(product.len() == n * n && product.iter().all(|&cell| cell >= 0.0));
}

/// A vector of numbers in no order, sorted.
#[perf::limit(n in 1_000..=1_000_000_000, wall = "100ms", budget = "4s", fit = "n log n")]
fn sort(p: perf::Probe, n: u64) {
    let mut numbers = p.untimed(|| {
        let mut rng = fastrand::Rng::with_seed(p.seed());
        (0..n).map(|_| rng.u64(..)).collect::<Vec<_>>()
    });
    p.measure(|| numbers.sort_unstable());
    p.check(numbers.is_sorted());
}

fn size(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

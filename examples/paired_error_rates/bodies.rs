//! The bodies: from some hundred nanoseconds to some milliseconds, arithmetic, memory, allocation. Each does its work in a
//! hundred like pieces, and as many more as [`MORE_VARIABLE`] says.

use std::collections::HashMap;
use std::hint::black_box;

use perf_harness::Suite;

/// How many pieces more, and so how many per cent.
pub(crate) const MORE_VARIABLE: &str = "PAIRED_MORE";

/// All bodies.
pub(crate) fn suite() -> Suite {
    let mut suite = Suite::new();
    let pieces = pieces();
    add(&mut suite, "chain", || (), move |()| chain(pieces));
    add(
        &mut suite,
        "fib",
        || 11,
        move |n| each(pieces, n, |&n| fib(n)),
    );
    add(&mut suite, "matmul", Matrices::new, move |matrices| {
        each(pieces, matrices, Matrices::multiply_row)
    });
    add(
        &mut suite,
        "parse",
        || numbers(5),
        move |texts| each(pieces, texts, |texts| parse(texts)),
    );
    add(
        &mut suite,
        "scan",
        || text(4096),
        move |text| each(pieces, text, |text| scan(text)),
    );
    add(
        &mut suite,
        "sieve",
        || 20_000,
        move |limit| each(pieces, limit, |&limit| sieve(limit)),
    );
    add(
        &mut suite,
        "sort 100",
        || noise(100),
        move |values| each(pieces, values, |v| sort(v)),
    );
    add(
        &mut suite,
        "sort 2k",
        || noise(2_000),
        move |values| each(pieces, values, |v| sort(v)),
    );
    add(
        &mut suite,
        "hash map",
        || noise(500),
        move |keys| each(pieces, keys, |keys| map(keys)),
    );
    add(
        &mut suite,
        "strings",
        || 50,
        move |n| each(pieces, n, |&n| strings(n)),
    );
    add(
        &mut suite,
        "small vectors",
        || 20,
        move |n| kept(pieces, n, |&n| vectors(n)),
    );
    add(&mut suite, "chase", ring, move |next| {
        chase(next, 100 * pieces)
    });
    suite
}

fn add<T: Send + Sync + 'static>(
    suite: &mut Suite,
    name: &str,
    data: fn() -> T,
    body: impl Fn(&T) -> usize + Send + Sync + 'static,
) {
    suite.bench(name).run(move |b, _| {
        let data = b.once(data);
        b.run(|| body(black_box(&data)));
    });
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge of a worker of ours"
)]
fn pieces() -> usize {
    let more = std::env::var(MORE_VARIABLE).ok();
    100 + more.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Does so many pieces, none of which the compiler may take for the one before.
fn each<T>(pieces: usize, input: &T, piece: impl Fn(&T) -> usize) -> usize {
    (0..pieces).fold(0, |sum, _| {
        sum.wrapping_add(black_box(piece(black_box(input))))
    })
}

/// As [`each`], with what the pieces made alive until the last is done.
fn kept<T, M>(pieces: usize, input: &T, piece: impl Fn(&T) -> M) -> usize {
    let all: Vec<M> = (0..pieces).map(|_| piece(black_box(input))).collect();
    black_box(&all).len()
}

fn chain(n: usize) -> usize {
    (0..n).fold(1, |x: usize, i| {
        (x ^ (x >> 7)).wrapping_mul(0x9E37_79B9) ^ i
    })
}

fn fib(n: usize) -> usize {
    if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
}

const SIDE: usize = 64;

struct Matrices {
    row: Vec<f64>,
    right: Vec<f64>,
}

impl Matrices {
    fn new() -> Self {
        let cells = |count| (0..count).map(|i| (i % 7) as f64).collect();
        Self {
            row: cells(SIDE),
            right: cells(SIDE * SIDE),
        }
    }

    /// One row of a product.
    fn multiply_row(&self) -> usize {
        let cells = |j: usize| {
            let row = self.row.iter().enumerate();
            row.map(|(k, cell)| cell * self.right[k * SIDE + j])
                .sum::<f64>()
        };
        let product: [f64; SIDE] = std::array::from_fn(cells);
        black_box(&product).len()
    }
}

fn numbers(count: usize) -> Vec<String> {
    (0..count)
        .map(|i| (100_000 + i * 790_919 % 900_000).to_string())
        .collect()
}

fn parse(texts: &[String]) -> usize {
    texts
        .iter()
        .filter_map(|text| text.parse::<usize>().ok())
        .sum()
}

fn text(length: usize) -> Vec<u8> {
    (0..length)
        .map(|i| u8::try_from(i * 31 % 251).unwrap_or(0))
        .collect()
}

/// Bytes that follow a smaller one.
fn scan(text: &[u8]) -> usize {
    text.windows(2).filter(|pair| pair[0] < pair[1]).count()
}

fn sieve(limit: usize) -> usize {
    let mut composite = vec![false; limit];
    for i in 2..limit {
        if !composite[i] {
            (i * i..limit)
                .step_by(i)
                .for_each(|multiple| composite[multiple] = true);
        }
    }
    composite
        .iter()
        .filter(|&&is_composite| !is_composite)
        .count()
}

fn noise(count: usize) -> Vec<u64> {
    let mut rng = fastrand::Rng::with_seed(7);
    (0..count).map(|_| rng.u64(..)).collect()
}

fn sort(values: &[u64]) -> usize {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    black_box(sorted).len()
}

fn map(keys: &[u64]) -> usize {
    let mut counts = HashMap::new();
    for key in keys {
        *counts.entry(key).or_insert(0) += 1;
    }
    counts.len()
}

fn strings(count: usize) -> usize {
    let lines: Vec<String> = (0..count)
        .map(|i| format!("line {i} of {count:>5}"))
        .collect();
    lines.concat().len()
}

fn vectors(count: usize) -> Vec<Vec<usize>> {
    (0..count).map(|i| vec![i; 1 + i % 13]).collect()
}

/// Eight megabytes of places, each naming the next: all in one ring, neighbours far apart.
fn ring() -> Vec<usize> {
    const PLACES: usize = 1 << 20;
    // A linear congruence of full period: the factor is one more than a multiple of four, the increment odd.
    (0..PLACES)
        .map(|at| (at * 662_605 + 374_761) % PLACES)
        .collect()
}

fn chase(next: &[usize], steps: usize) -> usize {
    (0..steps).fold(0, |at, _| next[at])
}

//! The bodies: from some hundred nanoseconds to some milliseconds, arithmetic, memory, allocation. Each does its work in a
//! hundred like pieces, or in more. It knows no harness: `benches/peers/peers.py` has the same ones measured by others.

use std::collections::HashMap;
use std::hint::black_box;

/// What is to be timed.
pub type Body = Box<dyn Fn() -> usize + Send + Sync>;

/// Makes a body of so many pieces, with its data.
pub type Make = fn(pieces: usize) -> Body;

/// All bodies, by name.
pub const ALL: [(&str, Make); 12] = [
    ("chain", |pieces| {
        Box::new(move || chain(black_box(10 * pieces)))
    }),
    ("fib", |pieces| of(pieces, 11, |&n| fib(n))),
    ("matmul", |pieces| {
        of(pieces, Matrices::new(), Matrices::multiply_row)
    }),
    ("parse", |pieces| {
        of(pieces, numbers(5), |texts| parse(texts))
    }),
    ("scan", |pieces| of(pieces, text(4096), |text| scan(text))),
    ("sieve", |pieces| of(pieces, 20_000, |&limit| sieve(limit))),
    ("sort 100", |pieces| of(pieces, noise(100), |v| sort(v))),
    ("sort 2k", |pieces| of(pieces, noise(2_000), |v| sort(v))),
    ("hash map", |pieces| {
        of(pieces, noise(500), |keys| map(keys))
    }),
    ("strings", |pieces| of(pieces, 50, |&n| strings(n))),
    ("small vectors", |pieces| {
        Box::new(move || kept(pieces, black_box(&20), |&n| vectors(n)))
    }),
    ("chase", |pieces| {
        let next = ring();
        Box::new(move || chase(black_box(&next), 100 * pieces))
    }),
];

fn of<T: Send + Sync + 'static>(
    pieces: usize,
    data: T,
    piece: impl Fn(&T) -> usize + Send + Sync + 'static,
) -> Body {
    Box::new(move || each(pieces, black_box(&data), &piece))
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

/// The same disorder each time: a linear congruence, of whose bits the upper ones are good.
fn noise(count: usize) -> Vec<u64> {
    let next = |state: &u64| {
        Some(
            state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1),
        )
    };
    let states = std::iter::successors(Some(7_u64), next).skip(1);
    states
        .map(|state| state.rotate_left(32))
        .take(count)
        .collect()
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

//! How fast: the processor-bound part of the suite. Sizes are such that each case takes microseconds to milliseconds.

use std::collections::HashMap;
use std::fmt::Write;

use perf_harness as perf;

perf::main!(alloc = counting);

/// Primes below `limit`, by trial division with odd numbers.
#[perf::bench(limit = [1_000, 10_000])]
fn primes(b: perf::Bench, limit: u32) {
    let expected = if limit == 1_000 { 168 } else { 1_229 };
    b.items(limit)
        .run(|| count_primes(perf::input(limit)))
        .check(|&count| count == expected);
}

fn count_primes(limit: u32) -> u32 {
    let odd = (3..limit).step_by(2).filter(|&n| is_odd_prime(n)).count();
    u32::from(limit > 2) + u32::try_from(odd).unwrap_or(u32::MAX)
}

fn is_odd_prime(n: u32) -> bool {
    (3..)
        .step_by(2)
        .take_while(|d| d * d <= n)
        .all(|d| !n.is_multiple_of(d))
}

/// Product of two square matrices by the textbook's three loops.
#[perf::bench(n = [16, 64])]
fn matrix_product(b: perf::Bench, n: usize) {
    let (left, right) = b.once(|| (Matrix::numbered(n), Matrix::numbered(n)));
    b.items(n * n * n)
        .run(|| perf::input(&left).times(perf::input(&right)));
}

struct Matrix {
    n: usize,
    cells: Vec<f64>,
}

impl Matrix {
    fn numbered(n: usize) -> Self {
        Self {
            n,
            cells: (0..n * n).map(|i| (i % 7) as f64).collect(),
        }
    }

    fn times(&self, other: &Self) -> Self {
        let n = self.n;
        let cell = |i: usize| {
            (0..n)
                .map(|k| self.cells[i / n * n + k] * other.cells[k * n + i % n])
                .sum()
        };
        Self {
            n,
            cells: (0..n * n).map(cell).collect(),
        }
    }
}

/// The doubly recursive definition: calls, and nothing but calls.
#[perf::bench(n = [10, 20, 30])]
fn fibonacci(n: u32) -> u64 {
    fib(n)
}

fn fib(n: u32) -> u64 {
    if n < 2 {
        u64::from(n)
    } else {
        fib(n - 1) + fib(n - 2)
    }
}

/// Moves of the tower of Hanoi, made and counted.
#[perf::bench(disks = [8, 14, 20])]
fn hanoi(b: perf::Bench, disks: u32) {
    let moves = (1_u64 << disks) - 1;
    b.items(moves)
        .run(|| move_tower(perf::input(disks), [0, 1, 2]))
        .check(|&made| made == moves);
}

fn move_tower(disks: u32, pegs: [u8; 3]) -> u64 {
    if disks == 0 {
        return 0;
    }
    let [from, spare, to] = perf::input(pegs);
    move_tower(disks - 1, [from, to, spare]) + 1 + move_tower(disks - 1, [spare, from, to])
}

/// Factorials to the last digit, in limbs of 32 bits.
#[perf::bench(n = [100, 1_000])]
fn factorial(b: perf::Bench, n: u32) {
    b.run(|| product_up_to(perf::input(n))).check(|limbs| {
        // How often two divides a factorial, by Legendre's formula.
        let whole = limbs.iter().take_while(|&&limb| limb == 0).count();
        let zeros = 32 * whole as u64 + u64::from(limbs[whole].trailing_zeros());
        zeros == u64::from(n - n.count_ones())
    });
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the lower and the upper half of a product of two limbs"
)]
fn product_up_to(n: u32) -> Vec<u32> {
    let mut limbs = vec![1_u32];
    for factor in 2..=n {
        let mut carry = 0_u64;
        for limb in &mut limbs {
            carry += u64::from(*limb) * u64::from(factor);
            // The lower half stays, the upper half is carried on.
            *limb = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            limbs.push(carry as u32);
        }
    }
    limbs
}

/// The standard library's two sorts on numbers without order.
#[perf::bench(n = [100, 10_000], algorithm = [Algorithm::Stable, Algorithm::Unstable])]
fn sort(b: perf::Bench, n: u64, algorithm: Algorithm) {
    let base = b.once(|| scattered(n));
    b.items(n)
        .input(|| base.clone())
        .run_mut(|v| algorithm.sort(v))
        .check(|v| v.is_sorted());
}

#[derive(Clone, Copy, Debug)]
enum Algorithm {
    Stable,
    Unstable,
}

impl Algorithm {
    fn sort(self, values: &mut [u64]) {
        match self {
            Self::Stable => values.sort(),
            Self::Unstable => values.sort_unstable(),
        }
    }
}

/// The same numbers in every run.
fn scattered(n: u64) -> Vec<u64> {
    (0..n)
        .map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31))
        .collect()
}

/// Building one string out of many, three ways.
mod strings {
    use super::*;

    #[perf::bench(pieces = [100, 10_000])]
    fn push(b: perf::Bench, pieces: usize) {
        let words = b.once(|| vec!["word"; pieces]);
        b.items(pieces)
            .run(|| {
                let mut text = String::new();
                for word in perf::input(&words) {
                    text.push_str(word);
                    text.push(' ');
                }
                text
            })
            .check(|text| text.len() == 5 * pieces);
    }

    #[perf::bench(pieces = [100, 10_000])]
    fn join(b: perf::Bench, pieces: usize) {
        let words = b.once(|| vec!["word"; pieces]);
        b.items(pieces)
            .run(|| perf::input(&words).join(" "))
            .check(|text| text.len() == 5 * pieces - 1);
    }

    #[perf::bench(pieces = [100, 10_000])]
    fn format(b: perf::Bench, pieces: usize) {
        let words = b.once(|| vec!["word"; pieces]);
        b.items(pieces)
            .run(|| {
                perf::input(&words)
                    .iter()
                    .fold(String::new(), |mut text, word| {
                        // Writing to a string cannot fail.
                        let _ = write!(text, "{word} ");
                        text
                    })
            })
            .check(|text| text.len() == 5 * pieces);
    }
}

/// Filling a hash map.
#[perf::bench(n = [100, 10_000])]
fn map_insert(b: perf::Bench, n: u64) {
    let keys = b.once(|| scattered(n));
    b.items(n)
        .run(|| {
            perf::input(&keys)
                .iter()
                .map(|&k| (k, k))
                .collect::<HashMap<u64, u64>>()
        })
        .check(|map| map.len() as u64 == n);
}

/// Scanning text shaped like JSON: strings, escapes, brackets and numbers, nothing kept.
#[perf::bench(records = [10, 1_000])]
fn json_scan(b: perf::Bench, records: usize) {
    let text = b.once(|| json(records));
    b.bytes(text.len())
        .run(|| scan(perf::input(&text)))
        .check(|found| {
            *found
                == Found {
                    strings: 4 * records,
                    numbers: 2 * records,
                    depth: 2,
                }
        });
}

fn json(records: usize) -> String {
    let record = r#"{"id":12345,"name":"a \"quoted\" name","score":-1.5e3}"#;
    format!("[{}]", vec![record; records].join(","))
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Found {
    strings: usize,
    numbers: usize,
    depth: usize,
}

fn scan(text: &str) -> Found {
    let mut found = Found::default();
    let mut depth = 0_usize;
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' | b'[' => {
                depth += 1;
                found.depth = found.depth.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                found.strings += 1;
                while let Some(inside) = bytes.next() {
                    match inside {
                        b'\\' => drop(bytes.next()),
                        b'"' => break,
                        _ => {}
                    }
                }
            }
            b'-' | b'0'..=b'9' => {
                found.numbers += 1;
                while bytes
                    .next_if(|b| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'))
                    .is_some()
                {}
            }
            _ => {}
        }
    }
    found
}

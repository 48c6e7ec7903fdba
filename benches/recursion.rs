//! How deep: recursion until the stack ends, and recursion whose work outgrows any deadline first.

use std::hint::black_box;

use perf_harness as perf;

perf::main!();

/// Calls of a function that keeps so many bytes for itself.
#[perf::limit(depth in 100..=100_000_000, stack = "8MiB", consts = [64, 1024, 16_384])]
fn depth<const FRAME: usize>(p: perf::Probe, depth: u64) {
    let reached = p.measure(|| descend::<FRAME>(black_box(depth)));
    p.check(reached == depth);
}

fn descend<const FRAME: usize>(depth: u64) -> u64 {
    let mut frame = [0_u8; FRAME];
    black_box(&mut frame);
    match depth {
        0 => 0,
        // Adding after the call keeps it a call, and not a loop.
        _ => descend::<FRAME>(depth - 1) + 1 + u64::from(frame[FRAME - 1]),
    }
}

/// Factorials modulo 2^64, each from the one below.
#[perf::limit(n in 100..=100_000_000, stack = "8MiB")]
fn factorial(p: perf::Probe, n: u64) {
    fn factorial(n: u64) -> u64 {
        match n {
            0 => 1,
            _ => black_box(n).wrapping_mul(factorial(black_box(n - 1))),
        }
    }
    let product = p.measure(|| factorial(black_box(n)));
    // Two to the 64th divides all that are larger than 65.
    p.check(product == 0);
}

/// Fibonacci numbers by the definition, which takes more than one and a half times as long for each.
#[perf::limit(n in 10..=90, wall = "100ms", budget = "3s")]
fn fibonacci(p: perf::Probe, n: u64) {
    fn fibonacci(n: u64) -> u64 {
        match n {
            0 | 1 => n,
            _ => fibonacci(n - 1) + fibonacci(n - 2),
        }
    }
    let number = p.measure(|| fibonacci(black_box(n)));
    let next = (0..n).fold((0_u64, 1_u64), |(a, b), _| (b, a + b));
    p.check(number == next.0);
}

/// The towers of Hanoi: twice as many moves for each disk.
#[perf::limit(disks in 4..=60, wall = "100ms", budget = "3s")]
fn hanoi(p: perf::Probe, disks: u64) {
    fn moves(disks: u64, from: u8, to: u8) -> u64 {
        if disks == 0 {
            return 0;
        }
        let other = 6 - from - to;
        moves(disks - 1, from, other) + black_box(1) + moves(disks - 1, other, to)
    }
    let count = p.measure(|| moves(black_box(disks), 1, 3));
    p.check(count == (1 << disks) - 1);
}

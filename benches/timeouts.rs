//! How long a level may last under a deadline, and that the deadline ends it whatever it does.

use std::hint::black_box;
use std::process::{Command, Stdio};
use std::time::Duration;

use perf_harness as perf;

perf::main!();

/// The longest sleep that a deadline of a fifth of a second permits.
#[perf::limit(ms in 1..=120_000, wall = "200ms", kind = timeout, budget = "4s")]
fn sleep(p: perf::Probe, ms: u64) {
    p.measure(|| std::thread::sleep(Duration::from_millis(ms)));
}

/// The longest sum: work that never asks what time it is.
#[perf::limit(n in 1_000_000..=1_000_000_000_000, wall = "100ms", kind = timeout, budget = "4s")]
fn sum(p: perf::Probe, n: u64) {
    let sum = p.measure(|| (0..n).fold(0_u64, |sum, i| sum.wrapping_add(black_box(i))));
    // Modulo 2^64: of two numbers that follow each other one is even.
    let (even, odd) = if n.is_multiple_of(2) {
        (n, n - 1)
    } else {
        (n - 1, n)
    };
    p.check(sum == (even / 2).wrapping_mul(odd));
}

/// From the second level on it never ends, and ends are refused: a program of its own that ignores what can be ignored.
#[perf::limit(level in 1..=2, wall = "100ms", kind = timeout, repeats = 1)]
fn stubborn(p: perf::Probe, level: u64) {
    const SCRIPT: &str = "trap '' TERM INT HUP; while :; do :; done";
    p.measure(|| {
        if level > 1 {
            let mut command = Command::new("sh");
            command.args(["-c", SCRIPT]).stdin(Stdio::null());
            assert!(!command.status().expect("a shell").success(), "it ended");
        }
    });
}

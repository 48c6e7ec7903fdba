//! How long a level may last under a deadline, and that the deadline ends it whatever it does.

use std::process::{Command, Stdio};
use std::time::Duration;

use perf_harness as perf;

perf::main!();

/// The longest sleep that a deadline of a fifth of a second permits.
#[perf::limit(ms in 1..=120_000, wall = "200ms", kind = timeout, budget = "4s")]
fn sleep(p: perf::Probe, ms: u64) {
    p.measure(|| std::thread::sleep(Duration::from_millis(ms)));
}

/// The longest stretch of a generator of pseudo-random numbers: work that never asks what time it is. It is a chain, of which compilers
/// take a few steps at once, so that how fast it goes is the processor's affair and not that of where the loop comes to lie.
#[perf::limit(n in 1_000_000..=1_000_000_000_000, wall = "100ms", kind = timeout, budget = "4s")]
fn generator(p: perf::Probe, n: u64) {
    let last = p.measure(|| {
        (0..n).fold(perf::input(1_u64), |x, _| {
            x.wrapping_mul(FACTOR).wrapping_add(TERM)
        })
    });
    p.check(last == after(n));
}

/// Knuth's, of 64 bits.
const FACTOR: u64 = 6_364_136_223_846_793_005;
const TERM: u64 = 1_442_695_040_888_963_407;

/// The number that comes `n` after 1, by doubling steps.
fn after(mut n: u64) -> u64 {
    let (mut factor, mut term, mut x) = (FACTOR, TERM, 1_u64);
    while n > 0 {
        if n % 2 == 1 {
            x = x.wrapping_mul(factor).wrapping_add(term);
        }
        term = term.wrapping_mul(factor.wrapping_add(1));
        factor = factor.wrapping_mul(factor);
        n /= 2;
    }
    x
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

//! What is measured: chains of instructions each of which needs the one before, so that nothing can overlap and the cost
//! is the number of steps times the cost of one.

use std::hint::black_box;

/// Steps that take about as long as the name says, at four cycles each on a processor of 3.7 GHz. What they really take
/// is measured; the names only tell the bodies apart.
pub const NS_1: usize = 1;
pub const NS_10: usize = 9;
pub const NS_100: usize = 92;
pub const US_1: usize = 923;
pub const MS_1: usize = 923_000;

/// Steps of making an input or dropping an output: two hundred times what the body takes.
const COSTLY: usize = 18_500;

/// Two shifts and two exclusive ors, each of which waits for the one before. Never zero unless it begins so.
#[inline(always)]
pub const fn step(mut x: u64) -> u64 {
    x ^= x << 13;
    x ^= x >> 7;
    x
}

/// A body of `STEPS` steps, which goes on where it stopped: the next iteration cannot begin before this one has ended.
#[inline(always)]
pub fn chain<const STEPS: usize>(x: &mut u64) -> u64 {
    for _ in 0..STEPS {
        *x = step(*x);
    }
    *x
}

/// An input that takes long to make and little memory.
pub fn costly_input() -> Vec<u64> {
    let mut x = black_box(1);
    vec![chain::<COSTLY>(&mut x)]
}

/// An output that takes long to drop.
pub struct Costly(pub u64);

impl Drop for Costly {
    fn drop(&mut self) {
        black_box(chain::<COSTLY>(&mut self.0));
    }
}

/// A line of the table: the name of the body under all three harnesses, and its steps.
pub const LINES: [(&str, usize); 7] = [
    ("empty", 0),
    ("about_1_ns", NS_1),
    ("about_10_ns", NS_10),
    ("about_1_us", US_1),
    ("about_1_ms", MS_1),
    ("with_costly_input", NS_100),
    ("with_costly_drop", NS_100),
];

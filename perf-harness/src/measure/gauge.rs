//! A fixed piece of arithmetic, timed beside each sample: it tells how quiet the machine was, not how fast the code is.

use std::hint::black_box;

use super::Clock;

/// Steps of one gauge. About ten microseconds: long against the clock, short against a sample.
const STEPS: u32 = 4096;

/// What one gauge took. On the scripted clock, which knows no neighbours, always one nanosecond.
pub(crate) fn gauge_ns(clock: Clock) -> u64 {
    let start = clock.mark();
    black_box(arithmetic(black_box(0x9e37_79b9_7f4a_7c15)));
    clock.since(start).max(1)
}

/// A chain in which each step needs the one before, so that it takes the same number of cycles everywhere in a program.
#[inline(never)]
fn arithmetic(mut x: u64) -> u64 {
    for _ in 0..STEPS {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
    }
    x
}

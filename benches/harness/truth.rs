//! What a step really takes: one long chain between two reads of the clock, which none of the harnesses has a hand in.

use std::hint::black_box;
use std::time::Instant;

use crate::bodies::step;

/// Steps between two reads of the clock: some hundred microseconds, against which a clock's tens of nanoseconds vanish.
const STEPS: u32 = 200_000;

/// How often. The shortest counts: whatever the machine does besides makes it longer.
const TRIES: usize = 200;

/// Nanoseconds that a step takes.
#[expect(
    clippy::disallowed_methods,
    reason = "the truth must not come from the clock that is judged by it"
)]
pub fn step_ns() -> f64 {
    let took = |_| {
        let mut x = black_box(1);
        let start = Instant::now();
        for _ in 0..STEPS {
            x = step(x);
        }
        let took = start.elapsed();
        black_box(x);
        took.as_secs_f64() * 1e9 / f64::from(STEPS)
    };
    (0..TRIES).map(took).fold(f64::INFINITY, f64::min)
}

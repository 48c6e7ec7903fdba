//! Figures of one's own, what a benchmark may take at most, and how much worse it may become.

use std::time::Duration;

use perf::Better;
use perf_harness as perf;

const WORDS: usize = 1_000;

// A figure that the same code gives each time, computed from the result. Its budget is held by `cargo test`, too.
#[perf::bench(share <= 0.5)]
fn distinct(b: perf::Bench) {
    let text = b.once(|| wordy::sample(WORDS));
    b.run(|| text.split(' ').collect::<std::collections::HashSet<_>>())
        .record_exact(
            "share",
            |set| set.len() as f64 / WORDS as f64,
            "1",
            Better::Lower,
        );
}

// Budgets need no baseline. A time is over its budget only where that is sure.
#[perf::bench(wall <= "50ms", cpu <= Duration::from_millis(50))]
fn count(b: perf::Bench) {
    let text = b.once(|| wordy::sample(WORDS));
    b.run(|| wordy::count(perf::input(&text)));
}

// A comparison lets pass what is not surely more than a tenth slower than the baseline.
#[perf::bench(gate = "10%")]
fn longest() -> usize {
    wordy::longest(perf::input("a few words of different lengths")).map_or(0, str::len)
}

perf::main!();

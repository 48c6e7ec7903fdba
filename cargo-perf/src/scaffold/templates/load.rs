//! How many requests per second are served well. `cargo perf limits` lists what was found, with each level.

use std::sync::{Mutex, PoisonError};

use perf_harness as perf;

perf::main!();

/// Put a request of your own in the place of the sum. The highest rate at which 99 in 100 are done within 5 ms of when they were due is
/// searched for.
#[perf::limit(rate in 1_000..=1_000_000, p99 <= "5ms", errors <= "0.1%", clients = 8, budget = "5s")]
fn request(load: perf::Load) {
    let sum = load.once(|| Mutex::new(0_u64));
    // A request that fails returns an `Err`, with its cause.
    load.run(|_client| {
        let part: u64 = (0..4_000).map(|n| perf::input(n) ^ 7).sum();
        let mut sum = sum.lock().unwrap_or_else(PoisonError::into_inner);
        *sum = sum.wrapping_add(part);
    });
}

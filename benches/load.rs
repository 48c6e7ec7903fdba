//! How much per second: a bucket of tokens, whose limit is known, and a pool of workers that is asked at a rate and by users
//! who think.

use std::sync::{Mutex, PoisonError};

use perf_harness as perf;
use perf_suite::known::Bucket;

perf::main!();

/// As many operations per second as there are tokens.
#[perf::limit(rate in 250..=64_000, p99 <= "10ms", tokens = [1_300, 2_700], budget = "8s")]
fn token_bucket(load: perf::Load, tokens: u32) {
    let bucket = load.once(|| Bucket::of(tokens));
    load.run(|_| bucket.take());
}

/// What one lock lets through: chains of some microseconds, one at a time.
#[perf::limit(rate in 1_000..=1_000_000, p99 <= "5ms", errors <= "0.1%", clients = 16, budget = "6s")]
fn one_at_a_time(load: perf::Load) {
    let sum = load.once(|| Mutex::new(0_u64));
    load.run(|client| {
        let mut sum = sum.lock().unwrap_or_else(PoisonError::into_inner);
        // A chain: each step waits for the one before, wherever the loop comes to lie.
        *sum = (0..4_000_u64).fold(*sum, |sum, n| sum.rotate_left(5).wrapping_mul(31) ^ n);
        *sum ^= client.index() as u64;
    });
}

/// Users of a shop: most look through all that there is, some buy, all think.
#[perf::limit(users in 8..=2048, p99 <= "10ms", kind = load, think = "2ms", ramp = "10us", window = "150ms", budget = "5s")]
fn shop(load: perf::Load, users: u64) {
    const ITEMS: usize = 4096;
    let stock = load.once(|| Mutex::new(vec![u64::MAX; ITEMS]));
    load.user(|user| user.rng().usize(0..ITEMS))
        .task(9, |item, _| {
            let stock = stock.lock().unwrap_or_else(PoisonError::into_inner);
            let least = stock.iter().min().copied();
            least.ok_or_else(|| format!("nothing is left, not even {item}"))
        })
        .task(1, |item, _| {
            let mut stock = stock.lock().unwrap_or_else(PoisonError::into_inner);
            let left = stock.get_mut(*item).ok_or("no such item")?;
            *left = left.checked_sub(users).ok_or("sold out")?;
            Ok::<_, &str>(*left)
        })
        .run();
}

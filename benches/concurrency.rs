//! How many at once: users of a semaphore, whose limit is known, and of counters behind one lock and behind many.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use perf_harness as perf;
use perf_suite::known::Semaphore;

perf::main!();

/// As many as there are permits hold one at a time, each for two milliseconds: from then on another user only waits.
#[perf::limit(users in 1..=64, efficiency >= "95%", permits = [4, 8], budget = "6s")]
fn semaphore(load: perf::Load, permits: usize) {
    let semaphore = load.once(|| Semaphore::new(permits));
    load.run(|_| semaphore.hold(Duration::from_millis(2)));
}

/// Counters behind so many locks, each held for as long as the next count takes: some microseconds. Behind one of them only one user
/// counts at a time, behind many as many as there are cores.
#[perf::limit(users in 1..=64, efficiency >= "70%", locks = [1, 64], window = "150ms", budget = "5s")]
fn counters(load: perf::Load, locks: usize) {
    let counters = load.once(|| Counters::behind(locks));
    load.run(|user| counters.count(user.rng().u64(..)));
}

/// The same of threads that do nothing else: how much of it only one can do at a time is what is fitted.
#[perf::bench(threads = [1, 2, 3, 4], locks = [1, 64])]
fn shared_counters(b: perf::Bench, locks: usize) {
    let counters = b.once(|| Counters::behind(locks));
    b.run_shared(&counters, |counters, thread| {
        counters.count(thread.rng().u64(..));
    });
}

struct Counters(Vec<Mutex<u64>>);

impl Counters {
    fn behind(locks: usize) -> Self {
        Self((0..locks).map(|_| Mutex::default()).collect())
    }

    /// Adds to the counter of a key, with the lock in hand all the time.
    fn count(&self, key: u64) {
        const STEPS: u64 = 8_000;
        let shards = self.0.len() as u64;
        let shard = usize::try_from(key % shards).unwrap_or(0);
        let mut counter = self.0[shard].lock().unwrap_or_else(PoisonError::into_inner);
        *counter = (0..STEPS).fold(*counter, |sum, step| sum ^ perf::input(step));
    }
}

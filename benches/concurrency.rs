//! How many at once: users of a semaphore, whose limit is known, and of a map behind one lock and behind many.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use perf_harness as perf;

perf::main!();

/// As many as there are permits hold one at a time, each for two milliseconds: from then on another user only waits.
#[perf::limit(users in 1..=64, efficiency >= "95%", permits = [4, 8], budget = "6s")]
fn semaphore(load: perf::Load, permits: usize) {
    let semaphore = load.once(|| Semaphore::new(permits));
    load.run(|_| semaphore.hold(Duration::from_millis(2)));
}

struct Semaphore {
    free: Mutex<usize>,
    returned: Condvar,
}

impl Semaphore {
    const fn new(permits: usize) -> Self {
        Self {
            free: Mutex::new(permits),
            returned: Condvar::new(),
        }
    }

    fn hold(&self, time: Duration) {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = self
            .returned
            .wait_while(free, |free| *free == 0)
            .unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        drop(free);
        std::thread::sleep(time);
        *self.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.returned.notify_one();
    }
}

/// A map that is written and read by all, behind so many locks.
#[perf::limit(users in 1..=16, p99 <= "5ms", locks = [1, 64], window = "150ms", budget = "4s")]
fn shared_map(load: perf::Load, users: u64, locks: usize) {
    /// Keys in use: few enough that users meet.
    const KEYS: u64 = 1024;
    let shards: Vec<Mutex<HashMap<u64, u64>>> =
        load.once(|| (0..locks).map(|_| Mutex::default()).collect());
    load.run(|user| {
        let key = user.rng().u64(0..KEYS);
        let shard = usize::try_from(key).unwrap_or(0) % shards.len();
        let mut map = shards[shard].lock().unwrap_or_else(PoisonError::into_inner);
        *map.entry(key).or_default() += users;
    });
}

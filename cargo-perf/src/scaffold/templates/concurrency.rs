//! How many users at once are served well. `cargo perf limits` lists what was found, with each level and how it scales.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use perf_harness as perf;

perf::main!();

/// Put what your users share in the place of the map. The most users of whom 99 in 100 wait no longer than 5 ms are searched for.
#[perf::limit(users in 1..=16, p99 <= "5ms", window = "150ms", budget = "4s")]
fn shared_map(load: perf::Load) {
    const KEYS: u64 = 1024;
    let map = load.once(Mutex::<HashMap<u64, u64>>::default);
    // What one user does once; it is done again and again by all of them.
    load.run(|user| {
        let key = user.rng().u64(0..KEYS);
        let mut map = map.lock().unwrap_or_else(PoisonError::into_inner);
        *map.entry(key).or_default() += 1;
    });
}

//! Programs that let through as much as they were told to, so that a search for their limit can be right or wrong.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// So many hold it at once, and whoever comes then waits.
#[derive(Debug)]
pub struct Semaphore {
    free: Mutex<usize>,
    returned: Condvar,
}

impl Semaphore {
    /// With so many permits.
    #[must_use]
    pub const fn new(permits: usize) -> Self {
        Self {
            free: Mutex::new(permits),
            returned: Condvar::new(),
        }
    }

    /// Takes a permit when there is one, and gives it back after this time.
    pub fn hold(&self, time: Duration) {
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

/// Hands out so many tokens per second, and lets whoever comes too early wait for the next.
#[derive(Debug)]
pub struct Bucket {
    interval: Duration,
    next: Mutex<Option<Instant>>,
}

impl Bucket {
    /// With so many tokens per second, at least one.
    #[must_use]
    pub fn of(per_second: u32) -> Self {
        Self {
            interval: Duration::from_secs(1) / per_second.max(1),
            next: Mutex::new(None),
        }
    }

    /// Waits for the next token.
    #[expect(
        clippy::disallowed_methods,
        reason = "a bucket of tokens is a clock; nothing is measured by it"
    )]
    pub fn take(&self) {
        /// Tokens that nobody wanted are kept for so long: what the generator is late by is no fault of the bucket's.
        const KEPT: Duration = Duration::from_millis(2);
        let now = Instant::now();
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let due = next.map_or(now, |next| next.max(now.checked_sub(KEPT).unwrap_or(now)));
        *next = Some(due + self.interval);
        drop(next);
        std::thread::sleep(due.saturating_duration_since(now));
    }
}

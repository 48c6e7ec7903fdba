//! A clock that tests can set, so that no test depends on how fast a machine is. Not part of the interface.
//!
//! With `PERF_HARNESS_CLOCK=scripted` time stands still unless a benchmark calls [`spend`]. Every launch stretches it by
//! its own small random factor, as real launches do. Records made this way say so and are compared only with their like.

use std::sync::atomic::{AtomicU64, Ordering};

static PICOSECONDS: AtomicU64 = AtomicU64::new(0);
static STRETCH_PPM: AtomicU64 = AtomicU64::new(1_000_000);

/// Lets `nanoseconds` pass on the scripted clock. Without it, does nothing that can be noticed.
pub fn spend(nanoseconds: u64) {
    #[cfg(test)]
    turn::assert_taken();
    let stretched = nanoseconds * STRETCH_PPM.load(Ordering::Relaxed) / 1000;
    PICOSECONDS.fetch_add(stretched, Ordering::Relaxed);
}

/// What the clock says. A body that is a queue looks at it.
#[must_use]
pub fn now_ns() -> u64 {
    PICOSECONDS.load(Ordering::Relaxed) / 1000
}

/// Sets the clock.
pub(crate) fn move_to(ns: u64) {
    #[cfg(test)]
    turn::assert_taken();
    PICOSECONDS.store(ns.saturating_mul(1000), Ordering::Relaxed);
}

/// Gives this launch its luck: within half a per cent of the truth.
pub(crate) fn draw_luck(seed: u64) {
    let luck = fastrand::Rng::with_seed(seed).u64(0..=10_000);
    STRETCH_PPM.store(995_000 + luck, Ordering::Relaxed);
}

#[cfg(test)]
pub(crate) use turn::alone;

#[cfg(test)]
mod turn {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Mutex, MutexGuard, PoisonError};

    static TURN: Mutex<()> = Mutex::new(());
    static TAKEN: AtomicBool = AtomicBool::new(false);

    /// The turn of one test.
    pub(crate) struct Turn(#[expect(dead_code, reason = "held, not read")] MutexGuard<'static, ()>);

    impl Drop for Turn {
        fn drop(&mut self) {
            TAKEN.store(false, Ordering::Relaxed);
        }
    }

    /// The scripted clock is one for the whole process, and so is what is remembered of panics: tests that let time pass, look
    /// at the clock or panic take turns.
    pub(crate) fn alone() -> Turn {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        TAKEN.store(true, Ordering::Relaxed);
        Turn(turn)
    }

    /// A test that moves the clock out of turn fails, at the latest when it runs by itself, instead of one beside it now and then.
    pub(super) fn assert_taken() {
        assert!(
            TAKEN.load(Ordering::Relaxed),
            "this test moves the scripted clock and does not take its turn: `alone()`"
        );
    }
}

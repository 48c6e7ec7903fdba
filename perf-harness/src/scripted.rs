//! A clock that tests can set, so that no test depends on how fast a machine is. Not part of the interface.
//!
//! With `PERF_HARNESS_CLOCK=scripted` time stands still unless a benchmark calls [`spend`]. Every launch stretches it by
//! its own small random factor, as real launches do. Records made this way say so and are compared only with their like.

use std::sync::atomic::{AtomicU64, Ordering};

static PICOSECONDS: AtomicU64 = AtomicU64::new(0);
static STRETCH_PPM: AtomicU64 = AtomicU64::new(1_000_000);

/// Lets `nanoseconds` pass on the scripted clock. Without it, does nothing that can be noticed.
pub fn spend(nanoseconds: u64) {
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
    PICOSECONDS.store(ns.saturating_mul(1000), Ordering::Relaxed);
}

/// Gives this launch its luck: within half a per cent of the truth.
pub(crate) fn draw_luck(seed: u64) {
    let luck = fastrand::Rng::with_seed(seed).u64(0..=10_000);
    STRETCH_PPM.store(995_000 + luck, Ordering::Relaxed);
}

/// The scripted clock is one for the whole process, and so is what is remembered of panics: tests that let time pass, look
/// at the clock or panic take turns.
#[cfg(test)]
pub(crate) fn alone() -> std::sync::MutexGuard<'static, ()> {
    static TURN: std::sync::Mutex<()> = std::sync::Mutex::new(());
    TURN.lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

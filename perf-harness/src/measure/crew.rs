//! Several threads that begin at the same moment.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::Builder;

/// The system refused another thread.
struct TooFewThreads {
    started: usize,
    cause: io::Error,
}

/// What `work` gives on each of `count` threads: on the caller's own if there is only one.
///
/// # Panics
/// When the system refuses a thread, or `work` panics.
pub(super) fn on_all<S: Send>(
    count: usize,
    work: impl Fn(usize, &Gate) -> Option<S> + Sync,
) -> Vec<S> {
    if count == 1 {
        return Vec::from_iter(work(0, &Gate::new(1)));
    }
    match together(count, usize::MAX, work) {
        Ok(shares) => shares,
        Err(TooFewThreads { started, cause }) => {
            panic!("only {started} of the benchmark's {count} threads could be started: {cause}")
        }
    }
}

/// Starts all threads, each with `work` of its own, and waits for them. No more than `limit` can be started: that is for
/// tests, since a system that is out of threads cannot be had on order.
fn together<S: Send>(
    count: usize,
    limit: usize,
    work: impl Fn(usize, &Gate) -> Option<S> + Sync,
) -> Result<Vec<S>, TooFewThreads> {
    let (gate, work) = (&Gate::new(count), &work);
    std::thread::scope(|scope| {
        let mut handles = Vec::with_capacity(count);
        let mut refused = None;
        for index in 0..count {
            let started = if index < limit {
                Builder::new().spawn_scoped(scope, move || work(index, gate))
            } else {
                Err(io::ErrorKind::WouldBlock.into())
            };
            match started {
                Ok(handle) => handles.push(handle),
                Err(cause) => {
                    gate.abort();
                    refused = Some(TooFewThreads {
                        started: index,
                        cause,
                    });
                    break;
                }
            }
        }
        let shares = handles
            .into_iter()
            .filter_map(|handle| handle.join().unwrap_or_else(|panic| resume_unwind(panic)))
            .collect();
        refused.map_or(Ok(shares), Err)
    })
}

/// Lets all threads start at once: they sleep until everyone is there, then spin for the last few microseconds, since
/// the operating system wakes sleepers one after the other. A `Barrier` would do, could it be called off when one of the
/// threads will never come.
pub(super) struct Gate {
    waiting: Mutex<Waiting>,
    decided: Condvar,
    awake: AtomicUsize,
    count: usize,
}

struct Waiting {
    missing: usize,
    aborted: bool,
}

impl Gate {
    pub(super) const fn new(count: usize) -> Self {
        Self {
            waiting: Mutex::new(Waiting {
                missing: count,
                aborted: false,
            }),
            decided: Condvar::new(),
            awake: AtomicUsize::new(0),
            count,
        }
    }

    /// Returns when everyone is there; `None` when someone will not come.
    pub(super) fn pass(&self) -> Option<()> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.missing -= 1;
        if waiting.missing == 0 {
            self.decided.notify_all();
        }
        let waiting = self
            .decided
            .wait_while(waiting, |now| now.missing > 0 && !now.aborted)
            .unwrap_or_else(PoisonError::into_inner);
        let aborted = waiting.aborted;
        drop(waiting);
        if aborted {
            return None;
        }
        self.awake.fetch_add(1, Ordering::AcqRel);
        while self.awake.load(Ordering::Acquire) < self.count {
            // With more threads than cores the others need this core to arrive.
            std::thread::yield_now();
        }
        Some(())
    }

    /// What `prepare` gives, before this thread comes to the gate. Should it panic the others are sent away.
    pub(super) fn before<T>(&self, prepare: impl FnOnce() -> T) -> T {
        catch_unwind(AssertUnwindSafe(prepare)).unwrap_or_else(|panic| {
            self.abort();
            resume_unwind(panic)
        })
    }

    /// Sends everyone away, those that are still on their way too. Only as long as one is missing: nobody waits at an
    /// open gate.
    pub(super) fn abort(&self) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.aborted = true;
        drop(waiting);
        self.decided.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU64;

    #[test]
    fn a_thread_that_cannot_be_started_sends_the_others_away() {
        let passed = AtomicU64::new(0);
        let work = |_, gate: &Gate| {
            gate.pass()?;
            Some(passed.fetch_add(1, Ordering::Relaxed))
        };
        for limit in 0..5 {
            let refused = together(5, limit, work).err().unwrap();
            assert_eq!(refused.started, limit);
        }
        assert_eq!(passed.load(Ordering::Relaxed), 0, "nobody passed the gate");
        assert!(together(5, 5, work).is_ok_and(|shares| shares.len() == 5));
    }

    #[test]
    fn a_thread_that_panics_before_the_gate_sends_the_others_away() {
        let passed = AtomicU64::new(0);
        let work = |index, gate: &Gate| {
            gate.before(|| assert!(index != 2, "the third has no state"));
            gate.pass()?;
            Some(passed.fetch_add(1, Ordering::Relaxed))
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| on_all(4, work)));
        assert!(outcome.is_err());
        assert_eq!(passed.load(Ordering::Relaxed), 0);
    }
}

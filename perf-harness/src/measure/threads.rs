//! A batch that several threads run at the same time on something they share.

#[cfg(feature = "latency")]
use std::hint::black_box;
use std::io;
use std::mem::needs_drop;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::Builder;

use rustix::time::ClockId;

#[cfg(feature = "latency")]
use super::Tally;
use super::batch::{count, kept_size, most_of};
use super::clock::nanoseconds_between;
use super::lap::{Lap, lap, lap_of_nothing};
use super::{Batch, Meter, Reading};
use crate::body::Thread;

/// `f(&shared, &mut thread)` on each of `count` threads; a batch of n is n iterations on every one of them.
pub(crate) struct Threads<'a, T, F> {
    shared: &'a T,
    f: F,
    count: usize,
    seed: u64,
}

/// The CPU time of the thread that reads it.
const CPU: ClockId = ClockId::ThreadCPUTime;

/// The system refused another thread.
struct TooFewThreads {
    started: usize,
    cause: io::Error,
}

impl<'a, T: Sync, O, F: Fn(&T, &mut Thread) -> O + Sync> Threads<'a, T, F> {
    pub(crate) const fn new(shared: &'a T, f: F, count: usize, seed: u64) -> Self {
        Self {
            shared,
            f,
            count,
            seed,
        }
    }

    /// Starts all threads, each with `work` of its own, and waits for them. No more than `limit` can be started: that is
    /// for tests, since a system that is out of threads cannot be had on order.
    fn together<S: Send>(
        &self,
        limit: usize,
        work: impl Fn(usize, &Gate) -> Option<S> + Sync,
    ) -> Result<Vec<S>, TooFewThreads> {
        let (gate, work) = (&Gate::new(self.count), &work);
        std::thread::scope(|scope| {
            let mut handles = Vec::with_capacity(self.count);
            let mut refused = None;
            for index in 0..self.count {
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
                .filter_map(|handle| {
                    handle
                        .join()
                        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                })
                .collect();
            refused.map_or(Ok(shares), Err)
        })
    }

    /// What `work` gives on each thread: on the caller's own if there is only one.
    ///
    /// # Panics
    /// When the system refuses a thread.
    fn on_all<S: Send>(&self, work: impl Fn(usize, &Gate) -> Option<S> + Sync) -> Vec<S> {
        if self.count == 1 {
            return Vec::from_iter(work(0, &Gate::new(1)));
        }
        match self.together(usize::MAX, work) {
            Ok(shares) => shares,
            Err(TooFewThreads { started, cause }) => panic!(
                "only {started} of the benchmark's {} threads could be started: {cause}",
                self.count
            ),
        }
    }

    /// `None` when the batch was called off.
    fn share_of(&self, index: usize, iterations: u64, meter: Meter, gate: &Gate) -> Option<Lap> {
        let mut thread = Thread::new(index, self.count, self.seed);
        let mut kept = Vec::with_capacity(if needs_drop::<O>() {
            count(iterations)
        } else {
            1
        });
        gate.pass()?;
        let once = |_| (self.f)(self.shared, &mut thread);
        Some(lap(0..count(iterations), &mut kept, meter, CPU, once))
    }

    /// Single calls of one thread. What they return is dropped after the clock has stopped.
    #[cfg(feature = "latency")]
    fn calls_of(&self, index: usize, meter: Meter, whole: &Tally, gate: &Gate) -> Option<Tally> {
        let mut thread = Thread::new(index, self.count, self.seed);
        gate.pass()?;
        let mut tally = whole.share(self.count);
        while tally.wants_more() {
            let running = meter.start(CPU);
            let output = black_box((self.f)(self.shared, &mut thread));
            let (reading, _) = running.stop();
            drop(output);
            tally.add(reading.wall_ns);
        }
        Some(tally)
    }
}

impl<T: Sync, O, F: Fn(&T, &mut Thread) -> O + Sync> Batch for Threads<'_, T, F> {
    /// Wall time is from the first thread's start to the last one's end; CPU time is the sum.
    fn run(&mut self, iterations: u64, meter: Meter) -> Reading {
        let shares = self.on_all(|index, gate| self.share_of(index, iterations, meter, gate));
        let start = shares.iter().map(|(_, (start, _))| *start).min();
        let end = shares.iter().map(|(_, (_, end))| *end).max();
        Reading {
            wall_ns: start
                .zip(end)
                .map_or(0, |(start, end)| nanoseconds_between(start, end)),
            cpu_ns: shares.iter().map(|(reading, _)| reading.cpu_ns).sum(),
        }
    }

    #[cfg(feature = "latency")]
    fn each(&mut self, meter: Meter, tally: &mut Tally) {
        let whole = &*tally;
        let shares = self.on_all(|index, gate| self.calls_of(index, meter, whole, gate));
        for share in &shares {
            tally.merge(share);
        }
    }

    /// What one thread costs of wall time, since all run their loops at the same time, and of CPU time what all do.
    fn run_empty(&mut self, iterations: u64, meter: Meter) -> Option<Reading> {
        let (reading, _) = lap_of_nothing::<usize, O>(0..count(iterations), meter, CPU);
        Some(Reading {
            cpu_ns: reading.cpu_ns * self.count as u64,
            ..reading
        })
    }

    fn most(&self) -> u64 {
        most_of(kept_size::<O>())
    }

    fn is_threaded(&self) -> bool {
        true
    }
}

/// Lets all threads start at once: they sleep until everyone is there, then spin for the last few microseconds, since
/// the operating system wakes sleepers one after the other. A `Barrier` would do, could it be called off when one of the
/// threads will never come.
struct Gate {
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
    const fn new(count: usize) -> Self {
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
    fn pass(&self) -> Option<()> {
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

    /// Sends everyone away, those that are still on their way too. Only as long as one is missing: nobody waits at an
    /// open gate.
    fn abort(&self) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.aborted = true;
        drop(waiting);
        self.decided.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Clock;
    use std::sync::atomic::AtomicU64;

    #[test]
    fn every_thread_runs_every_iteration() {
        for count in [1, 2, 5] {
            let calls = AtomicU64::new(0);
            let mut body = Threads::new(
                &calls,
                |calls: &AtomicU64, _: &mut Thread| calls.fetch_add(1, Ordering::Relaxed),
                count,
                1,
            );
            body.run(10, Meter::of(Clock::Monotonic));
            assert_eq!(calls.load(Ordering::Relaxed), 10 * count as u64);
        }
    }

    #[test]
    fn a_thread_that_cannot_be_started_sends_the_others_away() {
        let calls = AtomicU64::new(0);
        let count = |calls: &AtomicU64, _: &mut Thread| calls.fetch_add(1, Ordering::Relaxed);
        let body = Threads::new(&calls, count, 5, 1);
        let work = |index, gate: &Gate| body.share_of(index, 10, Meter::of(Clock::Monotonic), gate);
        for limit in 0..5 {
            let refused = body.together(limit, work).err().unwrap();
            assert_eq!(refused.started, limit);
        }
        assert_eq!(calls.load(Ordering::Relaxed), 0, "nobody ran the body");
        assert!(body.together(5, work).is_ok());
        assert_eq!(calls.load(Ordering::Relaxed), 50);
    }

    #[test]
    fn threads_know_their_place_and_draw_their_own_numbers() {
        let seen = std::sync::Mutex::new(Vec::new());
        let note = |seen: &std::sync::Mutex<Vec<_>>, t: &mut Thread| {
            seen.lock()
                .unwrap()
                .push((t.index(), t.count(), t.rng().u64(..)));
        };
        Threads::new(&seen, note, 3, 7).run(1, Meter::of(Clock::Monotonic));
        let mut seen = seen.into_inner().unwrap();
        seen.sort_unstable();
        assert_eq!(
            seen.iter().map(|s| (s.0, s.1)).collect::<Vec<_>>(),
            [(0, 3), (1, 3), (2, 3)]
        );
        assert!(seen[0].2 != seen[1].2 && seen[1].2 != seen[2].2);
    }
}

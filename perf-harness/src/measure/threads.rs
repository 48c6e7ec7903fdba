//! A batch that several threads run at the same time on something they share.

use std::hint::black_box;
use std::mem::needs_drop;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::time::ClockId;

use super::batch::{kept_size, most_of};
use super::clock::{Mark, nanoseconds_between};
use super::{Batch, Clock, Reading};
use crate::body::Thread;

/// `f(&shared, &mut thread)` on each of `count` threads; a batch of n is n iterations on every one of them.
pub(crate) struct Threads<'a, T, F> {
    shared: &'a T,
    f: F,
    count: usize,
    seed: u64,
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

    fn share_of(
        &self,
        index: usize,
        iterations: u64,
        clock: Clock,
        gate: &Gate,
    ) -> (Reading, (Mark, Mark)) {
        let mut thread = Thread::new(index, self.count, self.seed);
        let mut once = || black_box((self.f)(self.shared, &mut thread));
        if needs_drop::<O>() {
            let mut kept = Vec::with_capacity(usize::try_from(iterations).unwrap_or(usize::MAX));
            gate.pass();
            let running = clock.start(ClockId::ThreadCPUTime);
            kept.extend((0..iterations).map(|_| once()));
            running.stop_with_marks()
        } else {
            gate.pass();
            let running = clock.start(ClockId::ThreadCPUTime);
            for _ in 0..iterations {
                once();
            }
            running.stop_with_marks()
        }
    }
}

impl<T: Sync, O, F: Fn(&T, &mut Thread) -> O + Sync> Batch for Threads<'_, T, F> {
    /// Wall time is from the first thread's start to the last one's end; CPU time is the sum.
    fn run(&mut self, iterations: u64, clock: Clock) -> Reading {
        let gate = Gate::new(self.count);
        let shares: Vec<_> = if self.count == 1 {
            vec![self.share_of(0, iterations, clock, &gate)]
        } else {
            std::thread::scope(|scope| {
                let this = &*self;
                let gate = &gate;
                let handles: Vec<_> = (0..this.count)
                    .map(|index| scope.spawn(move || this.share_of(index, iterations, clock, gate)))
                    .collect();
                handles
                    .into_iter()
                    .map(|handle| {
                        handle
                            .join()
                            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                    })
                    .collect()
            })
        };
        let start = shares.iter().map(|(_, (start, _))| *start).min();
        let end = shares.iter().map(|(_, (_, end))| *end).max();
        Reading {
            wall_ns: start
                .zip(end)
                .map_or(0, |(start, end)| nanoseconds_between(start, end)),
            cpu_ns: shares.iter().map(|(reading, _)| reading.cpu_ns).sum(),
        }
    }

    fn most(&self) -> u64 {
        most_of(kept_size::<O>())
    }

    fn is_threaded(&self) -> bool {
        true
    }
}

/// Lets all threads start at once: they sleep until everyone is there, then spin for the last few microseconds, since
/// the operating system wakes sleepers one after the other.
struct Gate {
    awake: Barrier,
    arrived: AtomicUsize,
    count: usize,
}

impl Gate {
    fn new(count: usize) -> Self {
        Self {
            awake: Barrier::new(count),
            arrived: AtomicUsize::new(0),
            count,
        }
    }

    fn pass(&self) {
        self.awake.wait();
        self.arrived.fetch_add(1, Ordering::AcqRel);
        while self.arrived.load(Ordering::Acquire) < self.count {
            // With more threads than cores the others need this core to arrive.
            std::thread::yield_now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
            body.run(10, Clock::Monotonic);
            assert_eq!(calls.load(Ordering::Relaxed), 10 * count as u64);
        }
    }

    #[test]
    fn threads_know_their_place_and_draw_their_own_numbers() {
        let seen = std::sync::Mutex::new(Vec::new());
        let note = |seen: &std::sync::Mutex<Vec<_>>, t: &mut Thread| {
            seen.lock()
                .unwrap()
                .push((t.index(), t.count(), t.rng().u64(..)));
        };
        Threads::new(&seen, note, 3, 7).run(1, Clock::Monotonic);
        let mut seen = seen.into_inner().unwrap();
        seen.sort_unstable();
        assert_eq!(
            seen.iter().map(|s| (s.0, s.1)).collect::<Vec<_>>(),
            [(0, 3), (1, 3), (2, 3)]
        );
        assert!(seen[0].2 != seen[1].2 && seen[1].2 != seen[2].2);
    }
}

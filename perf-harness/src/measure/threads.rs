//! A batch that several threads run at the same time on something they share.

#[cfg(feature = "latency")]
use std::hint::black_box;
use std::mem::needs_drop;

use rustix::time::ClockId;

#[cfg(feature = "latency")]
use super::Tally;
use super::batch::{count, kept_size, most_of};
use super::clock::nanoseconds_between;
use super::crew::{Gate, on_all};
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

impl<'a, T: Sync, O, F: Fn(&T, &mut Thread) -> O + Sync> Threads<'a, T, F> {
    pub(crate) const fn new(shared: &'a T, f: F, count: usize, seed: u64) -> Self {
        Self {
            shared,
            f,
            count,
            seed,
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
        let shares = on_all(self.count, |index, gate| {
            self.share_of(index, iterations, meter, gate)
        });
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
        let shares = on_all(self.count, |index, gate| {
            self.calls_of(index, meter, whole, gate)
        });
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Clock;
    use std::sync::atomic::{AtomicU64, Ordering};

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

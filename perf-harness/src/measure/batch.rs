//! Batches: a number of iterations between two clock reads, with nothing of ours in between.
//!
//! Inputs are made before the clock starts, and outputs that need dropping are kept until it has stopped.

use std::hint::black_box;
use std::mem::{needs_drop, size_of};

use rustix::time::ClockId;

use super::Meter;
#[cfg(feature = "latency")]
use super::Tally;

/// What one batch took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    /// Wall time.
    pub(crate) wall_ns: u64,
    /// CPU time of all threads that took part.
    pub(crate) cpu_ns: u64,
}

/// A body that can be run in batches.
pub(crate) trait Batch {
    /// Runs `iterations` of the body, at least one.
    fn run(&mut self, iterations: u64, meter: Meter) -> Reading;

    /// The most iterations that one batch should have: what is kept for them must stay in the nearer caches.
    fn most(&self) -> u64;

    /// Runs single calls for as long as the tally wants more, and tells it what each of them took.
    #[cfg(feature = "latency")]
    fn each(&mut self, meter: Meter, tally: &mut Tally) {
        while tally.wants_more() {
            tally.add(self.run(1, meter).wall_ns);
        }
    }

    /// What was run so far was warming up, and counts for nothing.
    fn forget(&mut self) {}

    /// Whether the work is done by other processes, so that there is nothing to watch in this one.
    fn is_elsewhere(&self) -> bool {
        false
    }

    /// Whether a batch can be run by several threads.
    fn is_threaded(&self) -> bool {
        false
    }
}

/// Bytes that inputs and outputs of one batch may take up, not counting what they own elsewhere. Half of a small second
/// level cache, so that keeping results does not become what is measured.
const KEPT_BYTES: usize = 256 * 1024;

pub(super) fn most_of(bytes_each: usize) -> u64 {
    KEPT_BYTES
        .checked_div(bytes_each)
        .map_or(u64::MAX, |n| u64::try_from(n.max(1)).unwrap_or(u64::MAX))
}

pub(super) const fn kept_size<O>() -> usize {
    if needs_drop::<O>() { size_of::<O>() } else { 0 }
}

pub(super) fn capacity(iterations: u64) -> usize {
    usize::try_from(iterations).unwrap_or(usize::MAX)
}

/// `f()`, again and again.
pub(crate) struct Plain<F, O> {
    f: F,
    kept: Vec<O>,
}

impl<O, F: FnMut() -> O> Plain<F, O> {
    pub(crate) const fn new(f: F) -> Self {
        Self {
            f,
            kept: Vec::new(),
        }
    }

    /// The output of the last iteration that ran.
    pub(crate) fn into_last(mut self) -> Option<O> {
        self.kept.pop()
    }
}

impl<O, F: FnMut() -> O> Batch for Plain<F, O> {
    fn run(&mut self, iterations: u64, meter: Meter) -> Reading {
        self.kept.clear();
        let f = &mut self.f;
        if needs_drop::<O>() {
            self.kept.reserve(capacity(iterations));
            let running = meter.start(ClockId::ProcessCPUTime);
            self.kept.extend((0..iterations).map(|_| black_box(f())));
            let reading = running.stop();
            self.kept.truncate(1);
            reading
        } else {
            let (reading, last) = each(iterations, meter, f);
            self.kept.push(last);
            reading
        }
    }

    fn most(&self) -> u64 {
        most_of(kept_size::<O>())
    }
}

/// Times `iterations` calls of `f` and returns the last output. The loop has one call site, so `f` is compiled once, and
/// an output is moved only when the loop ends.
#[inline(always)]
fn each<O>(iterations: u64, meter: Meter, f: &mut impl FnMut() -> O) -> (Reading, O) {
    let mut left = iterations.max(1);
    let running = meter.start(ClockId::ProcessCPUTime);
    let last = loop {
        let output = f();
        black_box(&output);
        left -= 1;
        if left == 0 {
            break output;
        }
    };
    (running.stop(), last)
}

/// `f(input)`: every iteration consumes an input of its own.
pub(crate) struct ByValue<G, F, O> {
    make: G,
    f: F,
    kept: Vec<O>,
}

impl<I, O, G: FnMut() -> I, F: FnMut(I) -> O> ByValue<G, F, O> {
    pub(crate) const fn new(make: G, f: F) -> Self {
        Self {
            make,
            f,
            kept: Vec::new(),
        }
    }

    pub(crate) fn into_last(mut self) -> Option<O> {
        self.kept.pop()
    }
}

impl<I, O, G: FnMut() -> I, F: FnMut(I) -> O> Batch for ByValue<G, F, O> {
    fn run(&mut self, iterations: u64, meter: Meter) -> Reading {
        self.kept.clear();
        self.kept.reserve(capacity(iterations));
        let mut inputs: Vec<I> = (0..iterations).map(|_| (self.make)()).collect();
        black_box(&mut inputs);
        let f = &mut self.f;
        let running = meter.start(ClockId::ProcessCPUTime);
        self.kept
            .extend(inputs.drain(..).map(|input| black_box(f(input))));
        let reading = running.stop();
        self.kept.truncate(1);
        reading
    }

    fn most(&self) -> u64 {
        most_of(size_of::<I>() + size_of::<O>())
    }
}

/// `f(&mut input)`: every iteration changes an input of its own, which is dropped after the clock has stopped.
pub(crate) struct ByMut<I, G, F> {
    make: G,
    f: F,
    kept: Vec<I>,
}

impl<I, O, G: FnMut() -> I, F: FnMut(&mut I) -> O> ByMut<I, G, F> {
    pub(crate) const fn new(make: G, f: F) -> Self {
        Self {
            make,
            f,
            kept: Vec::new(),
        }
    }

    /// An input as an iteration left it.
    pub(crate) fn into_last(mut self) -> Option<I> {
        self.kept.pop()
    }
}

impl<I, O, G: FnMut() -> I, F: FnMut(&mut I) -> O> Batch for ByMut<I, G, F> {
    fn run(&mut self, iterations: u64, meter: Meter) -> Reading {
        self.kept.clear();
        self.kept.extend((0..iterations).map(|_| (self.make)()));
        black_box(&mut self.kept);
        let f = &mut self.f;
        let reading = over(&mut self.kept, meter, f);
        black_box(&mut self.kept);
        self.kept.truncate(1);
        reading
    }

    fn most(&self) -> u64 {
        most_of(size_of::<I>() + kept_size::<O>())
    }
}

fn over<I, O>(inputs: &mut [I], meter: Meter, f: &mut impl FnMut(&mut I) -> O) -> Reading {
    if needs_drop::<O>() {
        let mut outputs = Vec::with_capacity(inputs.len());
        let running = meter.start(ClockId::ProcessCPUTime);
        outputs.extend(inputs.iter_mut().map(|input| black_box(f(input))));
        let reading = running.stop();
        drop(outputs);
        reading
    } else {
        let running = meter.start(ClockId::ProcessCPUTime);
        for input in inputs {
            black_box(f(input));
        }
        running.stop()
    }
}

/// `f(&input)`: every iteration looks at an input of its own.
pub(crate) struct ByRef<G, F, O> {
    make: G,
    f: F,
    kept: Vec<O>,
}

impl<I, O, G: FnMut() -> I, F: FnMut(&I) -> O> ByRef<G, F, O> {
    pub(crate) const fn new(make: G, f: F) -> Self {
        Self {
            make,
            f,
            kept: Vec::new(),
        }
    }

    pub(crate) fn into_last(mut self) -> Option<O> {
        self.kept.pop()
    }
}

impl<I, O, G: FnMut() -> I, F: FnMut(&I) -> O> Batch for ByRef<G, F, O> {
    fn run(&mut self, iterations: u64, meter: Meter) -> Reading {
        self.kept.clear();
        self.kept.reserve(capacity(iterations));
        let mut inputs: Vec<I> = (0..iterations).map(|_| (self.make)()).collect();
        black_box(&mut inputs);
        let f = &mut self.f;
        let running = meter.start(ClockId::ProcessCPUTime);
        self.kept
            .extend(inputs.iter().map(|input| black_box(f(input))));
        let reading = running.stop();
        self.kept.truncate(1);
        reading
    }

    fn most(&self) -> u64 {
        most_of(size_of::<I>() + size_of::<O>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Clock;
    use crate::scripted::{alone, spend};
    use std::cell::Cell;

    /// Takes its time when it is dropped.
    struct SlowToDrop;

    impl Drop for SlowToDrop {
        fn drop(&mut self) {
            spend(1_000_000);
        }
    }

    #[test]
    fn only_the_body_is_timed() {
        let _turn = alone();
        let slow_input = || {
            spend(500_000);
            SlowToDrop
        };
        let readings = [
            Plain::new(|| spend(10)).run(7, Meter::of(Clock::Scripted)),
            Plain::new(|| {
                spend(10);
                SlowToDrop
            })
            .run(7, Meter::of(Clock::Scripted)),
            ByValue::new(slow_input, |input| {
                spend(10);
                input
            })
            .run(7, Meter::of(Clock::Scripted)),
            ByMut::new(slow_input, |_: &mut SlowToDrop| {
                spend(10);
                SlowToDrop
            })
            .run(7, Meter::of(Clock::Scripted)),
            ByRef::new(slow_input, |_: &SlowToDrop| spend(10)).run(7, Meter::of(Clock::Scripted)),
        ];
        for reading in readings {
            assert_eq!(reading.wall_ns, 70);
            assert_eq!(reading.cpu_ns, 70);
        }
    }

    #[test]
    fn a_body_that_consumes_its_input_pays_for_dropping_it() {
        let _turn = alone();
        let reading = ByValue::new(|| SlowToDrop, drop).run(2, Meter::of(Clock::Scripted));
        assert_eq!(reading.wall_ns, 2_000_000);
    }

    #[test]
    fn a_batch_runs_the_body_exactly_as_often_as_asked() {
        let _turn = alone();
        for iterations in [1, 2, 1000] {
            let calls = Cell::new(0);
            let count = || calls.set(calls.get() + 1);
            Plain::new(count).run(iterations, Meter::of(Clock::Scripted));
            ByValue::new(|| (), |()| count()).run(iterations, Meter::of(Clock::Scripted));
            ByMut::new(|| (), |()| count()).run(iterations, Meter::of(Clock::Scripted));
            ByRef::new(|| (), |()| count()).run(iterations, Meter::of(Clock::Scripted));
            Plain::new(|| {
                count();
                Box::new(1)
            })
            .run(iterations, Meter::of(Clock::Scripted));
            assert_eq!(calls.get(), 5 * iterations);
        }
    }

    #[test]
    fn a_result_is_kept_for_its_check() {
        let _turn = alone();
        let mut body = Plain::new(|| vec![1, 2]);
        body.run(5, Meter::of(Clock::Scripted));
        assert_eq!(body.into_last(), Some(vec![1, 2]));
        let mut body = ByMut::new(|| vec![2, 1], |v: &mut Vec<i32>| v.sort_unstable());
        body.run(5, Meter::of(Clock::Scripted));
        assert_eq!(body.into_last(), Some(vec![1, 2]));
    }

    #[test]
    fn what_is_kept_bounds_the_batch() {
        assert_eq!(Plain::new(|| 1_u64).most(), u64::MAX);
        assert_eq!(Plain::new(String::new).most(), 256 * 1024 / 24);
        assert_eq!(
            ByMut::new(|| [0_u8; 1 << 20], |_: &mut [u8; 1 << 20]| ()).most(),
            1
        );
    }
}

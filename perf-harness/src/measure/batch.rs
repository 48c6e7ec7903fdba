//! Batches: a number of iterations between two clock reads, with nothing of ours in between.
//!
//! Inputs are made before the clock starts, and outputs that need dropping are kept until it has stopped.

use std::hint::black_box;
use std::mem::{MaybeUninit, needs_drop, size_of};

use rustix::time::ClockId;

use super::Meter;
#[cfg(feature = "latency")]
use super::Tally;
use super::lap::{lap, lap_of_nothing};

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

    /// Runs the loop around nothing; with no iterations what is left is the cost of reading the clocks.
    ///
    /// `None` where the loop is not ours, so that nobody knows what it costs.
    fn run_empty(&mut self, iterations: u64, meter: Meter) -> Option<Reading>;

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

/// The CPU time of a body that one thread runs, and of whatever threads it starts.
const CPU: ClockId = ClockId::ProcessCPUTime;

pub(super) fn most_of(bytes_each: usize) -> u64 {
    KEPT_BYTES
        .checked_div(bytes_each)
        .map_or(u64::MAX, |n| u64::try_from(n.max(1)).unwrap_or(u64::MAX))
}

pub(super) const fn kept_size<O>() -> usize {
    if needs_drop::<O>() { size_of::<O>() } else { 0 }
}

/// As many as there are iterations, for a loop over memory.
pub(super) fn count(iterations: u64) -> usize {
    usize::try_from(iterations).unwrap_or(usize::MAX)
}

/// A body that is moved to where the loop is, and back. What it captures can then stay in registers while it runs, as it
/// would in the program that it is taken from.
struct Lent<F>(Option<F>);

impl<F> Lent<F> {
    const fn new(f: F) -> Self {
        Self(Some(f))
    }

    #[inline(always)]
    fn to<R>(&mut self, borrower: impl FnOnce(&mut F) -> R) -> R {
        let Some(mut f) = self.0.take() else {
            unreachable!("a body that has panicked is not run again");
        };
        let result = borrower(&mut f);
        self.0 = Some(f);
        result
    }
}

/// `f()`, again and again.
pub(crate) struct Plain<F, O> {
    f: Lent<F>,
    kept: Vec<O>,
}

impl<O, F: FnMut() -> O> Plain<F, O> {
    pub(crate) const fn new(f: F) -> Self {
        Self {
            f: Lent::new(f),
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
        let inputs = 0..count(iterations.max(1));
        let (reading, _) = self
            .f
            .to(|f| lap(inputs, &mut self.kept, meter, CPU, |_| f()));
        self.kept.truncate(1);
        reading
    }

    fn run_empty(&mut self, iterations: u64, meter: Meter) -> Option<Reading> {
        Some(lap_of_nothing::<usize, O>(0..count(iterations), meter, CPU).0)
    }

    fn most(&self) -> u64 {
        most_of(kept_size::<O>())
    }
}

/// `f(input)`: every iteration consumes an input of its own.
pub(crate) struct ByValue<G, F, O> {
    make: G,
    f: Lent<F>,
    kept: Vec<O>,
}

impl<I, O, G: FnMut() -> I, F: FnMut(I) -> O> ByValue<G, F, O> {
    pub(crate) const fn new(make: G, f: F) -> Self {
        Self {
            make,
            f: Lent::new(f),
            kept: Vec::new(),
        }
    }

    pub(crate) fn into_last(mut self) -> Option<O> {
        self.kept.pop()
    }
}

impl<I, O, G: FnMut() -> I, F: FnMut(I) -> O> Batch for ByValue<G, F, O> {
    #[expect(
        unsafe_code,
        reason = "an input is moved out of the batch without marking that it is gone"
    )]
    fn run(&mut self, iterations: u64, meter: Meter) -> Reading {
        self.kept.clear();
        let inputs: Vec<MaybeUninit<I>> =
            made(iterations.max(1), || MaybeUninit::new((self.make)()));
        // SAFETY: it was made just now, is read this once, and dropping a `MaybeUninit` does not drop what it holds.
        let inputs = inputs
            .iter()
            .map(|input| unsafe { input.assume_init_read() });
        let (reading, _) = self.f.to(|f| lap(inputs, &mut self.kept, meter, CPU, f));
        self.kept.truncate(1);
        reading
    }

    fn run_empty(&mut self, iterations: u64, meter: Meter) -> Option<Reading> {
        let inputs: Vec<MaybeUninit<I>> = made(iterations, MaybeUninit::uninit);
        Some(lap_of_nothing::<_, O>(inputs.iter(), meter, CPU).0)
    }

    fn most(&self) -> u64 {
        most_of(size_of::<I>() + kept_size::<O>())
    }
}

/// The inputs of a batch, of which the optimiser knows nothing.
fn made<I>(iterations: u64, make: impl FnMut() -> I) -> Vec<I> {
    let mut inputs = Vec::new();
    inputs.resize_with(count(iterations), make);
    black_box(inputs)
}

/// `f(&mut input)`: every iteration changes an input of its own, which is dropped after the clock has stopped.
pub(crate) struct ByMut<I, G, F> {
    make: G,
    f: Lent<F>,
    kept: Vec<I>,
}

impl<I, O, G: FnMut() -> I, F: FnMut(&mut I) -> O> ByMut<I, G, F> {
    pub(crate) const fn new(make: G, f: F) -> Self {
        Self {
            make,
            f: Lent::new(f),
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
        self.kept
            .resize_with(count(iterations.max(1)), &mut self.make);
        let inputs = black_box(&mut self.kept).iter_mut();
        let mut outputs = Vec::new();
        let (reading, _) = self.f.to(|f| lap(inputs, &mut outputs, meter, CPU, f));
        drop(outputs);
        self.kept.truncate(1);
        reading
    }

    fn run_empty(&mut self, iterations: u64, meter: Meter) -> Option<Reading> {
        let mut inputs: Vec<MaybeUninit<I>> = made(iterations, MaybeUninit::uninit);
        Some(lap_of_nothing::<_, O>(inputs.iter_mut(), meter, CPU).0)
    }

    fn most(&self) -> u64 {
        most_of(size_of::<I>() + kept_size::<O>())
    }
}

/// `f(&input)`: every iteration looks at an input of its own.
pub(crate) struct ByRef<G, F, O> {
    make: G,
    f: Lent<F>,
    kept: Vec<O>,
}

impl<I, O, G: FnMut() -> I, F: FnMut(&I) -> O> ByRef<G, F, O> {
    pub(crate) const fn new(make: G, f: F) -> Self {
        Self {
            make,
            f: Lent::new(f),
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
        let inputs = made(iterations.max(1), &mut self.make);
        let (reading, _) = self
            .f
            .to(|f| lap(inputs.iter(), &mut self.kept, meter, CPU, f));
        self.kept.truncate(1);
        reading
    }

    fn run_empty(&mut self, iterations: u64, meter: Meter) -> Option<Reading> {
        let inputs: Vec<MaybeUninit<I>> = made(iterations, MaybeUninit::uninit);
        Some(lap_of_nothing::<_, O>(inputs.iter(), meter, CPU).0)
    }

    fn most(&self) -> u64 {
        most_of(size_of::<I>() + kept_size::<O>())
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

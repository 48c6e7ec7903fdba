//! What the body of a benchmark is handed, and how it says what to measure.

mod awaited;
mod drop_timed;
mod faults;
mod load;
mod probe;
mod recorded;
mod session;
mod stack;
mod thread;

use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

use perf_schema::{Better, FailureKind, Throughput};

use crate::command::{Command, Runs};
use crate::measure::{Batch, ByMut, ByRef, ByValue, Plain, Threads};
pub use awaited::{InputsOnRuntime, OnRuntime, RanOnRuntime};
pub use drop_timed::DropTimed;
pub use load::{Load, Served, Tasks, Users};
pub use probe::Probe;
use recorded::Statement;
pub(crate) use session::{Conclusion, Session, Visit};
pub(crate) use stack::on_stack;
pub use thread::Thread;

/// The benchmark that is running. Prepare what is needed, then call one of the `run` methods, once.
///
/// ```no_run
/// # use perf_harness as perf;
/// #[perf::bench]
/// fn join(b: perf::Bench) {
///     let words = b.once(|| vec!["a"; 1000]);
///     b.items(words.len()).run(|| words.join(" ")).check(|text| text.len() == 1999);
/// }
/// ```
#[derive(Debug)]
#[must_use = "nothing is measured until one of the `run` methods is called"]
pub struct Bench {
    session: Rc<Session>,
    throughput: Throughput,
    threads: usize,
    seed: u64,
}

impl Bench {
    pub(crate) fn new(session: Rc<Session>, threads: usize, seed: u64) -> Self {
        Self {
            session,
            throughput: Throughput::default(),
            threads,
            seed,
        }
    }

    /// Makes something that all iterations share. It is made once in each process that measures this case, and its time
    /// is not counted.
    pub fn once<T>(&self, make: impl FnOnce() -> T) -> T {
        make()
    }

    /// A number that differs from launch to launch and is the same again when a run is repeated with the same seed.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// Each iteration works through this many items; rates are shown in items per second.
    ///
    /// # Panics
    /// When the count does not fit 64 bits.
    #[track_caller]
    pub fn items(mut self, count: impl TryInto<u64>) -> Self {
        self.throughput.items = Some(whole(count, "items"));
        self
    }

    /// Each iteration works through this many bytes; rates are shown in bytes per second.
    ///
    /// # Panics
    /// When the count does not fit 64 bits.
    #[track_caller]
    pub fn bytes(mut self, count: impl TryInto<u64>) -> Self {
        self.throughput.bytes = Some(whole(count, "bytes"));
        self
    }

    /// Records a figure that only this benchmark knows: one value for each launch, kept, shown and compared like what the
    /// harness itself measures. It is noisy: values that differ a little from launch to launch are the same.
    ///
    /// `name` is made of ASCII letters, digits, `-` and `.`, and is none of the harness's own; `unit` is shown behind the
    /// number, `1` for a plain count.
    ///
    /// What can be told from the result is recorded by [`Ran::record`].
    ///
    /// ```no_run
    /// # use perf_harness as perf;
    /// # fn build_index() -> Vec<u64> { vec![1] }
    /// #[perf::bench]
    /// fn look_up(b: perf::Bench) {
    ///     let index = b.once(build_index);
    ///     b.record("index", 8.0 * index.len() as f64, "B", perf::Better::Lower)
    ///         .run(|| index.binary_search(&7));
    /// }
    /// ```
    ///
    /// # Panics
    /// When the value is negative or not finite, or the name or unit cannot be one: the benchmark has failed.
    #[track_caller]
    pub fn record(self, name: &str, value: f64, unit: &str, better: Better) -> Self {
        let exact = false;
        self.session.record(Statement {
            name,
            value,
            unit,
            better,
            exact,
        });
        self
    }

    /// The same, of a figure that must be equal each time that the same code runs: any change of it is a change of the
    /// code.
    ///
    /// # Panics
    /// As [`record`](Self::record) does.
    #[track_caller]
    pub fn record_exact(self, name: &str, value: f64, unit: &str, better: Better) -> Self {
        let exact = true;
        self.session.record(Statement {
            name,
            value,
            unit,
            better,
            exact,
        });
        self
    }

    /// Looks at single calls as well, in a pass of its own in each launch: how long half of them take at most, 90 %, 99 %,
    /// 99.9 %, and the longest. Needs the cargo feature `latency`.
    ///
    /// ```no_run
    /// # use perf_harness as perf;
    /// #[perf::bench]
    /// fn lookup(b: perf::Bench) {
    ///     let map: std::collections::HashMap<u64, u64> = b.once(|| (0..1000).map(|n| (n, n)).collect());
    ///     b.latency().run(|| map.get(&perf::input(7)).copied());
    /// }
    /// ```
    ///
    /// Each call lies between two clock reads of its own, which is part of its time; what that adds is the metric
    /// `latency-clock`. The pass ends after 50 ms or 100,000 calls. A percentile that this is too few calls for is absent.
    #[cfg(feature = "latency")]
    pub fn latency(self) -> Self {
        self.session.want_latency();
        self
    }

    /// The fault of a benchmark that runs `under = [fault]`: `fault` is called between samples, and those after it are compared with
    /// those before. What it shares with the body is the author's affair: an `Rc` or an `Arc` does.
    ///
    /// ```no_run
    /// # use perf_harness as perf;
    /// use std::{cell::Cell, rc::Rc};
    ///
    /// #[perf::bench(under = [fault])]
    /// fn lookup_without_cache(b: perf::Bench) {
    ///     let cached = Rc::new(Cell::new(true));
    ///     let (off, on) = (Rc::clone(&cached), Rc::clone(&cached));
    ///     b.inject(move || off.set(false))
    ///         .recover(move || on.set(true))
    ///         .run(|| if cached.get() { 7 } else { (0..perf::input(1000_u64)).sum() });
    /// }
    /// ```
    ///
    /// # Panics
    /// When the benchmark does not run under `fault`: then it would never be called.
    #[track_caller]
    pub fn inject(self, fault: impl FnMut() + 'static) -> Self {
        self.session.fault(|faults| faults.inject(fault));
        self
    }

    /// Takes the fault of [`inject`](Self::inject) away again. It is called after an interruption, too, as long as the process lives.
    ///
    /// # Panics
    /// As [`inject`](Self::inject).
    #[track_caller]
    pub fn recover(self, recovery: impl FnMut() + 'static) -> Self {
        self.session.fault(|faults| faults.recover(recovery));
        self
    }

    /// Gives every iteration an input of its own, made before the clock starts.
    ///
    /// ```no_run
    /// # use perf_harness as perf;
    /// #[perf::bench]
    /// fn reverse(b: perf::Bench) {
    ///     let base = b.once(|| vec![1, 2, 3]);
    ///     b.input(|| base.clone()).run_mut(|v| v.reverse()).check(|v| v[0] == 3);
    /// }
    /// ```
    pub fn input<I, G: FnMut() -> I>(self, make: G) -> Inputs<I, G> {
        Inputs {
            bench: self,
            make,
            input: PhantomData,
        }
    }

    /// Measures `f`. What it returns is kept, and dropped after the clock has stopped.
    #[track_caller]
    pub fn run<O>(self, f: impl FnMut() -> O) -> Ran<O> {
        let mut body = Plain::new(f);
        self.drive(&mut body);
        self.ran(body.into_last())
    }

    /// Measures `f` on as many threads as the benchmark's `threads` axis says (one, without that axis), all working on
    /// `shared` at the same time. They start together; an iteration's time is the batch's, from the first start to the
    /// last end, divided by the iterations of one thread.
    ///
    /// ```no_run
    /// # use perf_harness as perf;
    /// use std::sync::atomic::{AtomicU64, Ordering};
    ///
    /// #[perf::bench(threads = [1, 2])]
    /// fn count(b: perf::Bench) {
    ///     let counter = b.once(AtomicU64::default);
    ///     b.run_shared(&counter, |counter, _| counter.fetch_add(1, Ordering::Relaxed));
    /// }
    /// ```
    #[track_caller]
    pub fn run_shared<T: Sync, O>(
        self,
        shared: &T,
        f: impl Fn(&T, &mut Thread) -> O + Sync,
    ) -> Ran<&T> {
        let mut body = Threads::new(shared, f, self.threads, self.seed);
        self.drive(&mut body);
        self.ran(Some(shared))
    }

    /// Measures runs of a program. Its clean-up is always called.
    pub(crate) fn command(mut self, mut command: Command) {
        self.throughput = command.throughput();
        // Nothing of a step that panicked is looked at again, except by the clean-up, whose affair that is.
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            command.take_set_up();
            let mut runs = Runs::new(&mut command, &self.session);
            self.drive(&mut runs);
            runs.metrics()
        }));
        let cleaned = catch_unwind(AssertUnwindSafe(|| command.take_cleanup()));
        match outcome.and_then(|metrics| cleaned.map(|()| metrics)) {
            Ok(metrics) => self.session.tell_at_the_end(metrics),
            Err(panic) => resume_unwind(panic),
        }
    }

    #[track_caller]
    fn drive(&self, body: &mut dyn Batch) {
        assert!(
            self.threads == 1 || body.is_threaded(),
            "a benchmark with a `threads` axis is measured with `run_shared`, which all threads can take part in"
        );
        self.session.drive(body, self.throughput);
    }

    fn ran<T>(self, value: Option<T>) -> Ran<T> {
        Ran {
            session: self.session,
            value,
        }
    }
}

#[track_caller]
fn whole(count: impl TryInto<u64>, what: &str) -> u64 {
    match count.try_into() {
        Ok(count) => count,
        Err(_) => panic!("the number of {what} of an iteration must be between 0 and 2^64"),
    }
}

/// A benchmark whose iterations each get an input of their own; see [`Bench::input`].
#[derive(Debug)]
#[must_use = "nothing is measured until one of the `run` methods is called"]
pub struct Inputs<I, G> {
    bench: Bench,
    make: G,
    input: PhantomData<fn() -> I>,
}

impl<I, G: FnMut() -> I> Inputs<I, G> {
    /// Measures `f`, which consumes its input. If `f` drops it, that is part of the time.
    #[track_caller]
    pub fn run<O>(self, f: impl FnMut(I) -> O) -> Ran<O> {
        let mut body = ByValue::new(self.make, f);
        self.bench.drive(&mut body);
        self.bench.ran(body.into_last())
    }

    /// Measures `f`, which changes its input. The input is what a `check` looks at, and is dropped after the clock has
    /// stopped.
    #[track_caller]
    pub fn run_mut<O>(self, f: impl FnMut(&mut I) -> O) -> Ran<I> {
        let mut body = ByMut::new(self.make, f);
        self.bench.drive(&mut body);
        self.bench.ran(body.into_last())
    }

    /// Measures `f`, which looks at its input. Inputs and outputs are dropped after the clock has stopped.
    #[track_caller]
    pub fn run_ref<O>(self, f: impl FnMut(&I) -> O) -> Ran<O> {
        let mut body = ByRef::new(self.make, f);
        self.bench.drive(&mut body);
        self.bench.ran(body.into_last())
    }
}

/// A benchmark that has run; its result can be checked.
#[derive(Debug)]
pub struct Ran<T> {
    session: Rc<Session>,
    value: Option<T>,
}

impl<T> Ran<T> {
    /// Records a figure of the result, as [`Bench::record`] does. Computed once for each launch, after its samples were
    /// taken, from the value that a [`check`](Self::check) sees.
    ///
    /// ```no_run
    /// # use perf_harness as perf;
    /// # fn compress(text: &[u8]) -> Vec<u8> { text.to_vec() }
    /// #[perf::bench]
    /// fn compression(b: perf::Bench) {
    ///     let text = b.once(|| vec![b'a'; 10_000]);
    ///     b.bytes(text.len())
    ///         .run(|| compress(&text))
    ///         .record_exact("ratio", |out| text.len() as f64 / out.len() as f64, "1", perf::Better::Higher)
    ///         .check(|out| out.len() <= text.len());
    /// }
    /// ```
    ///
    /// # Panics
    /// As [`Bench::record`] does.
    #[track_caller]
    pub fn record(
        self,
        name: &str,
        value: impl FnOnce(&T) -> f64,
        unit: &str,
        better: Better,
    ) -> Self {
        self.state(name, value, unit, better, false)
    }

    /// The same, of a figure that must be equal each time that the same code runs: any change of it is a change of the
    /// code.
    ///
    /// # Panics
    /// As [`Bench::record`] does.
    #[track_caller]
    pub fn record_exact(
        self,
        name: &str,
        value: impl FnOnce(&T) -> f64,
        unit: &str,
        better: Better,
    ) -> Self {
        self.state(name, value, unit, better, true)
    }

    #[track_caller]
    fn state(
        self,
        name: &str,
        value: impl FnOnce(&T) -> f64,
        unit: &str,
        better: Better,
        exact: bool,
    ) -> Self {
        // Without a single iteration there is no result, and nothing to record of it.
        if let Some(result) = &self.value {
            let value = value(result);
            self.session.record(Statement {
                name,
                value,
                unit,
                better,
                exact,
            });
        }
        self
    }

    /// Fails the benchmark unless `holds` says that the result is right. A fast wrong answer is not a benchmark. Runs
    /// once for each launch, after its samples were taken, and under `cargo test`.
    ///
    /// # Panics
    /// When the result is wrong: that is how it is reported.
    #[track_caller]
    pub fn check(self, holds: impl FnOnce(&T) -> bool) {
        if let Some(value) = &self.value {
            refuse_wrong_answer(&self.session, holds(value));
        }
    }
}

#[track_caller]
fn refuse_wrong_answer(session: &Session, right: bool) {
    if !right {
        session.blame(FailureKind::Check);
    }
    assert!(right, "the check of the benchmark's result does not hold");
}

//! Saying what a benchmark is.

use std::fmt::Debug;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use perf_schema::{Kind, Stress};

use super::axis::Axis;
use super::budget::Limit;
use super::case::{Case, THREADS};
use super::search::{LimitSearch, Limited};
use super::suite::{Declared, Suite};
use crate::body::Bench;
use crate::command::Command;

/// A benchmark that is being declared; [`Benchmark::run`] completes it. Made by [`Suite::bench`].
#[derive(Debug)]
#[must_use = "a benchmark is part of the suite only after `run`"]
pub struct Benchmark<'a> {
    suite: &'a mut Suite,
    declared: Declared,
}

impl<'a> Benchmark<'a> {
    pub(super) const fn new(suite: &'a mut Suite, declared: Declared) -> Self {
        Self { suite, declared }
    }

    /// Adds an axis: the benchmark is measured for each of the values, and for each combination with those of the other
    /// axes. A value is named by its `Debug` text. Under `cargo test` only the first value that the filters select is
    /// used, so put the smallest first.
    pub fn axis<T: Debug + Send + Sync + 'static>(
        mut self,
        name: &str,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        self.declared.axes.push(Axis::new(name, values));
        self
    }

    /// Adds an axis whose values say their names themselves: for what has no `Debug` text, or none that would do. A function
    /// is such a value, and with it a benchmark of several types:
    ///
    /// ```no_run
    /// # use std::collections::VecDeque;
    /// # use perf_harness::{Bench, Suite};
    /// fn fill<T: Default + Extend<u8>>(b: Bench) {
    ///     b.run(|| {
    ///         let mut all = T::default();
    ///         all.extend(0..100);
    ///         all
    ///     });
    /// }
    ///
    /// # let mut suite = Suite::new();
    /// let instances: [(&str, fn(Bench)); 2] = [
    ///     ("Vec<u8>", fill::<Vec<u8>>),
    ///     ("VecDeque<u8>", fill::<VecDeque<u8>>),
    /// ];
    /// suite
    ///     .bench("fill")
    ///     .axis_labelled("T", instances)
    ///     .run(|b, case| case.get::<fn(Bench)>("T")(b));
    /// ```
    pub fn axis_labelled<L: Into<String>, T: Send + Sync + 'static>(
        mut self,
        name: &str,
        values: impl IntoIterator<Item = (L, T)>,
    ) -> Self {
        self.declared.axes.push(Axis::labelled(name, values));
        self
    }

    /// Adds the axis `threads`: how many threads run the body of [`Bench::run_shared`] at the same time.
    pub fn threads(self, counts: impl IntoIterator<Item = usize>) -> Self {
        self.axis(THREADS, counts)
    }

    /// How long a launch may take for each of its answers before it is killed; a minute if nothing is said. A launch
    /// gives a few: it has prepared, it has calibrated, it has warmed up and taken its samples, it has finished.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.declared.timeout = Some(timeout);
        self
    }

    /// Raise this number when the benchmark comes to measure something else under the same name: results of different
    /// versions are not compared.
    pub const fn version(mut self, version: u32) -> Self {
        self.declared.version = version;
        self
    }

    /// A budget: an iteration takes at most this much of a metric, whatever it took before. One that takes more is a failure
    /// with no baseline at all. `metric` is `wall`, `cpu`, `allocs`, `alloc-bytes`, `peak`, `peak-rss`, or a name that the
    /// benchmark itself [records](Bench::record).
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # let mut suite = perf_harness::Suite::new();
    /// suite
    ///     .bench("render")
    ///     .at_most("allocs", 3)
    ///     .at_most("peak", 64 * 1024)
    ///     .at_most("wall", Duration::from_micros(10))
    ///     .run(|b, _| drop(b.run(|| "page".repeat(3))));
    /// ```
    ///
    /// What is the same each time (allocations, what was recorded as exact) is held to it under `cargo test`, too. What is
    /// noisy is over budget only where that is sure; it is not called a failure where it is not.
    pub fn at_most(mut self, metric: &str, limit: impl Into<Limit>) -> Self {
        self.declared
            .budgets
            .push((metric.to_owned(), limit.into()));
        self
    }

    /// A budget the other way, of what is the better the more there is of it: at least this much, whatever there was before.
    /// `metric` is `items` or `bytes`, which an iteration [works through](Bench::items), counted in a second, or a name that
    /// the benchmark itself [records](Bench::record) with [`Better::Higher`](crate::Better).
    ///
    /// ```no_run
    /// # let mut suite = perf_harness::Suite::new();
    /// suite
    ///     .bench("parse")
    ///     .at_least("bytes", 100 * 1024 * 1024)
    ///     .at_least("compression", 2.5)
    ///     .run(|b, _| {
    ///         b.bytes(4096_u64)
    ///             .run(|| "page".repeat(1024))
    ///             .record("compression", |_| 3.0, "×", perf_harness::Better::Higher);
    ///     });
    /// ```
    ///
    /// Of a metric of which less is better that is a mistake, and said before anything is measured; of one of the benchmark's
    /// own, once it is recorded.
    pub fn at_least(mut self, metric: &str, limit: impl Into<Limit>) -> Self {
        self.declared.floors.push((metric.to_owned(), limit.into()));
        self
    }

    /// How much worse than its baseline the benchmark may become without failing a comparison: `"5%"` for noisy changes of
    /// up to five per cent, `"never"` for one that is only looked at. What must be the same each time is under no
    /// percentage.
    pub fn gate(mut self, gate: &str) -> Self {
        self.declared.gate = Some(gate.to_owned());
        self
    }

    /// A promise of how time grows over an axis of numbers: `1`, `log n`, `n`, `n log n`, `n^2`, `n^3` or `c^n`. Of several
    /// such axes the promise names one: `"n log n over words"`.
    ///
    /// ```no_run
    /// # let mut suite = perf_harness::Suite::new();
    /// suite
    ///     .bench("sort")
    ///     .axis("n", perf_harness::log_range(100..=100_000, 7))
    ///     .fit("n log n")
    ///     .run(|b, case| {
    ///         let n: u64 = case.get("n");
    ///         b.input(|| (0..n).rev().collect::<Vec<_>>()).run_mut(|v| v.sort());
    ///     });
    /// ```
    ///
    /// It takes times of five values at least. Where time certainly grows faster, `cargo perf run` and `cargo perf compare`
    /// fail; `cargo bench` carries the promise and does not judge it.
    pub fn fit(mut self, promise: &str) -> Self {
        self.declared.fit = Some(promise.to_owned());
        self
    }

    /// Leaves the benchmark out unless it is asked for with `--ignored` or `--include-ignored`.
    pub const fn ignore(mut self) -> Self {
        self.declared.ignored = true;
        self
    }

    /// The same, and says why, for whoever wonders where it is.
    pub fn ignore_because(mut self, reason: impl Into<String>) -> Self {
        self.declared.ignored_because = Some(reason.into());
        self.ignore()
    }

    /// Has it measured beside what disturbs it, all of this at the same time: how much slower it is then, and how long it takes to be
    /// as fast as before. Only for whoever asks: `cargo perf chaos`, or `cargo bench -- --chaos`.
    ///
    /// ```no_run
    /// use perf_harness::Stress;
    /// # let mut suite = perf_harness::Suite::new();
    /// suite
    ///     .bench("sum_in_a_crowd")
    ///     .under([Stress::Cpu(2), Stress::MemoryPercent(50), Stress::Io])
    ///     .run(|b, _| drop(b.run(|| (0..1000_u64).sum::<u64>())));
    /// ```
    pub fn under(mut self, stress: impl IntoIterator<Item = Stress>) -> Self {
        let under = &mut self.declared.stressed.under;
        under.get_or_insert_default().extend(stress);
        self
    }

    /// How long to wait, after the stress, for it to be as fast as before; five seconds if nothing is said.
    pub const fn recovery(mut self, longest: Duration) -> Self {
        self.declared.stressed.recovery = Some(longest);
        self
    }

    /// Makes it a limit: the question is then not how long it takes, but up to which level it stays within its caps. `axis`
    /// names what is raised from level to level, beginning with the start of `range`.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # let mut suite = perf_harness::Suite::new();
    /// suite
    ///     .bench("longest_sum")
    ///     .limit("n", 1_000..=1_000_000_000_000)
    ///     .wall(Duration::from_millis(200))
    ///     .run(|p, n, _| {
    ///         let sum = p.measure(|| (0..n).fold(0_u64, |sum, i| sum ^ perf_harness::input(i)));
    ///         p.check(sum < n.next_power_of_two());
    ///     });
    /// ```
    pub fn limit(self, axis: &str, range: RangeInclusive<u64>) -> LimitSearch<'a> {
        LimitSearch::new(self, axis, range)
    }

    pub(super) fn limited(mut self, limit: Limited) -> Self {
        self.declared.kind = Kind::Limit;
        self.declared.limit = Some(limit);
        self
    }

    /// Completes the benchmark with its body. The body must call one of the `run` methods of its [`Bench`], once.
    pub fn run(mut self, body: impl Fn(Bench, &Case) + Send + Sync + 'static) {
        self.declared.body = Some(Arc::new(body));
        self.suite.add(self.declared);
    }

    /// Completes it as a benchmark of a whole program: what is measured is a run of the command that `command` returns, from
    /// its start to its end. `command` is called once in each launch.
    ///
    /// ```no_run
    /// let mut suite = perf_harness::Suite::new();
    /// suite
    ///     .bench("compress")
    ///     .axis("level", [1, 9])
    ///     .command(|case| {
    ///         let level: i32 = case.get("level");
    ///         perf_harness::Command::new("gzip").arg(format!("-{level}")).stdin_file("Cargo.toml")
    ///     });
    /// ```
    pub fn command(mut self, command: impl Fn(&Case) -> Command + Send + Sync + 'static) {
        self.declared.kind = Kind::Command;
        self.run(move |bench, case| bench.command(command(case)));
    }
}

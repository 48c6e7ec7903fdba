//! How time grows with size, and whether it grows faster than its author promises.
//!
//! A search for a limit leaves a sweep behind: levels over several decades, each with its time. The cases of a benchmark that
//! differ by the value of one axis are another. What is read from them is `perf_stats::Sweep`'s; this module says which times count
//! and what a promise comes to.
//!
//! Levels of a search are seen once or twice, and other programs take the processor from long ones and not from short ones: on a busy
//! machine wall time alone grows faster than the code does. So what is said against the code is said of its CPU time, too. Only of a
//! limit of kind timeout waiting is the matter itself.

mod swept;
#[cfg(test)]
mod tests;
mod times;

use perf_schema::{BenchmarkRecord, LimitRecord};
use perf_stats::{Confidence, Growth, Law, Sweep, Worse};

use super::budget::Standing;
use times::Times;

pub use swept::{Swept, is_swept};

/// The level of every answer.
const CONFIDENCE: Confidence = Confidence::P99;

/// How time grows.
#[derive(Clone, Debug, PartialEq)]
pub struct Grown {
    /// What the levels say, or why they say nothing.
    pub growth: Result<Growth, String>,
    /// What its author promises.
    pub promise: Option<Promise>,
}

/// A promised law, and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Promise {
    /// Its name.
    pub law: String,
    /// Whether it was kept.
    pub standing: Standing,
    /// Why that cannot be told, where it cannot.
    pub reason: Option<String>,
}

impl Grown {
    /// The growth of a benchmark, if it is a limit. What failed is told as failed, and keeps or breaks no promise.
    #[must_use]
    pub fn of(benchmark: &BenchmarkRecord) -> Option<Self> {
        let limit = benchmark.limit.as_ref()?;
        let mut grown = Self::of_limit(limit);
        if benchmark.outcome.failed > 0 {
            grown.promise = None;
        }
        Some(grown)
    }

    /// The growth that a search has seen.
    #[must_use]
    pub fn of_limit(limit: &LimitRecord) -> Self {
        Self::of_times(&Times::of_limits(&[limit]), limit.plan.fit.as_deref())
    }

    fn of_times(times: &Times, promised: Option<&str>) -> Self {
        let sweep = times.by_wall();
        Self {
            promise: promised.map(|law| hold(law, times, sweep.as_ref())),
            growth: sweep.map(|sweep| sweep.growth(CONFIDENCE)),
        }
    }

    /// Whether it certainly grows faster than was promised.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        let promise = self.promise.as_ref();
        promise.is_some_and(|promise| promise.standing == Standing::Broken)
    }
}

/// The growth then and now, where the time of a limit certainly grows faster than all searches of then say together: the intervals
/// of the exponents lie apart.
#[must_use]
pub fn faster(then: &[&LimitRecord], now: &LimitRecord) -> Option<(Growth, Growth)> {
    faster_times(&Times::of_limits(then), &Times::of_limits(&[now]))
}

fn faster_times(then: &Times, now: &Times) -> Option<(Growth, Growth)> {
    let growth = |sweep: Result<Sweep, String>| Some(sweep.ok()?.growth(CONFIDENCE));
    let apart = |(then, now): &(Growth, Growth)| now.exponent.low > then.exponent.high;
    let agrees = match (then.by_cpu(), now.by_cpu()) {
        (Some(then), Some(now)) => growth(then).zip(growth(now)).as_ref().is_some_and(apart),
        _ => true,
    };
    let by_wall = growth(then.by_wall()).zip(growth(now.by_wall()));
    by_wall.filter(apart).filter(|_| agrees)
}

fn hold(name: &str, times: &Times, sweep: Result<&Sweep, &String>) -> Promise {
    let open = |reason: String| (Standing::Open, Some(reason));
    let (standing, reason) = match (name.parse::<Law>(), sweep) {
        (Err(error), _) => open(error.to_string()),
        (_, Err(reason)) => open(reason.clone()),
        (Ok(law), Ok(sweep)) => match sweep.worse_than(law, CONFIDENCE) {
            Worse::Yes if cpu_agrees(times, law) => (Standing::Broken, None),
            Worse::Yes => open(WAITED.to_owned()),
            Worse::No => (Standing::Kept, None),
            Worse::CannotTell => open(UNSETTLED.to_owned()),
        },
    };
    Promise {
        law: name.to_owned(),
        standing,
        reason,
    }
}

/// Whether CPU time grows faster than a law, too, where it has a say.
fn cpu_agrees(times: &Times, law: Law) -> bool {
    let worse = |sweep: Sweep| sweep.worse_than(law, CONFIDENCE);
    times
        .by_cpu()
        .is_none_or(|sweep| sweep.map(worse) == Ok(Worse::Yes))
}

/// Why wall time alone breaks no promise.
const WAITED: &str =
    "its CPU time does not certainly grow faster; it waits, or other programs took the processor";

/// Why a promise stays open although there are levels enough.
const UNSETTLED: &str = "the levels allow this growth and a faster one";

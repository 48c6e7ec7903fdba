//! How the time of a limit grows with its levels, and whether it grows faster than its author promises.
//!
//! A search leaves a sweep behind: levels over several decades, each with its time. What is read from it is
//! `perf_stats::Sweep`'s; this module says which levels count and what a promise comes to.
//!
//! Levels are seen once or twice, and other programs take the processor from long ones and not from short ones: on a busy machine
//! wall time alone grows faster than the code does. So what is said against the code is said of its CPU time, too. Only of a limit
//! of kind timeout waiting is the matter itself.

use std::collections::BTreeMap;

use perf_schema::{BenchmarkRecord, Level, LimitKind, LimitRecord};
use perf_stats::{Confidence, Growth, Law, Sweep, SweepError, Worse};

use super::budget::Standing;

/// The level of every answer.
const CONFIDENCE: Confidence = Confidence::P99;

/// Shorter times than this, in nanoseconds, are those of entering a process's first call and of reading its clock.
const SHORTEST_NS: f64 = 1_000.0;

/// How the time of a limit grows.
#[derive(Clone, Debug, PartialEq)]
pub struct Grown {
    /// What its levels say, or why they say nothing.
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
        let sweep = sweep([limit], wall);
        let promise = limit.plan.fit.as_deref();
        Self {
            promise: promise.map(|law| hold(law, limit, sweep.as_ref())),
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

/// The growth then and now, where time certainly grows faster than all searches of then say together: the intervals of the
/// exponents lie apart.
#[must_use]
pub fn faster(then: &[&LimitRecord], now: &LimitRecord) -> Option<(Growth, Growth)> {
    let growths = |time: Time| {
        let growth = |limits: &[&LimitRecord]| {
            let sweep = sweep(limits.iter().copied(), time).ok()?;
            Some(sweep.growth(CONFIDENCE))
        };
        growth(then).zip(growth(&[now]))
    };
    let apart = |(then, now): &(Growth, Growth)| now.exponent.low > then.exponent.high;
    let by_cpu = then.iter().all(|limit| is_by_cpu(limit)) && is_by_cpu(now);
    let agrees = !by_cpu || growths(cpu).as_ref().is_some_and(apart);
    growths(wall).filter(apart).filter(|_| agrees)
}

fn hold(name: &str, limit: &LimitRecord, sweep: Result<&Sweep, &String>) -> Promise {
    let open = |reason: String| (Standing::Open, Some(reason));
    let (standing, reason) = match (name.parse::<Law>(), sweep) {
        (Err(error), _) => open(error.to_string()),
        (_, Err(reason)) => open(reason.clone()),
        (Ok(law), Ok(sweep)) => match sweep.worse_than(law, CONFIDENCE) {
            Worse::Yes if cpu_agrees(limit, law) => (Standing::Broken, None),
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
fn cpu_agrees(limit: &LimitRecord, law: Law) -> bool {
    let by_cpu = sweep([limit], cpu).map(|sweep| sweep.worse_than(law, CONFIDENCE));
    !is_by_cpu(limit) || by_cpu == Ok(Worse::Yes)
}

/// Whether CPU time has a say: it is known, and waiting is not what the limit is of.
fn is_by_cpu(limit: &LimitRecord) -> bool {
    let mut passed = limit.levels.iter().filter(|level| level.passed());
    limit.plan.kind != LimitKind::Timeout && passed.all(|level| level.cpu_ns.is_some())
}

/// Why wall time alone breaks no promise.
const WAITED: &str =
    "its CPU time does not certainly grow faster; it waits, or other programs took the processor";

/// Why there is no growth of users or of a rate.
const TOLD: &str = "its levels run for as long as they are told to";

/// Why a promise stays open although there are levels enough.
const UNSETTLED: &str = "the levels allow this growth and a faster one";

/// A time of a level.
type Time = fn(&Level) -> Option<u64>;

fn wall(level: &Level) -> Option<u64> {
    level.wall_ns
}

fn cpu(level: &Level) -> Option<u64> {
    level.cpu_ns
}

/// The levels that count, if they are enough.
///
/// # Errors
/// With the reason, where they are not.
fn sweep<'a>(
    limits: impl IntoIterator<Item = &'a LimitRecord>,
    time: Time,
) -> Result<Sweep, String> {
    let mut probes: BTreeMap<u64, Vec<&Level>> = BTreeMap::new();
    for level in limits.into_iter().flat_map(|limit| &limit.levels) {
        if level.traffic.is_some() {
            return Err(TOLD.to_owned());
        }
        probes.entry(level.n).or_default().push(level);
    }
    let sized = probes
        .iter()
        .filter(|(n, _)| **n > 0)
        .filter_map(|(&n, probes)| Some((n as f64, times(probes, time)?)));
    let (sizes, times): (Vec<f64>, Vec<Vec<f64>>) = sized.unzip();
    Sweep::new(&sizes, &times).map_err(|error| match error {
        SweepError::TooFewSizes { needed, found } => {
            format!("too few levels with a time ({found} of {needed})")
        }
        error => error.to_string(),
    })
}

/// The times of a level. Where a probe broke a cap there are none: those that passed were the fast ones.
fn times(probes: &[&Level], time: Time) -> Option<Vec<f64>> {
    let of_one = |level: &&Level| time(level).filter(|_| level.passed());
    let times: Option<Vec<u64>> = probes.iter().map(of_one).collect();
    let times: Vec<f64> = times?.into_iter().map(|ns| ns as f64).collect();
    let typical = perf_stats::median(&times).ok()?;
    let is_usable = typical >= SHORTEST_NS && times.iter().all(|&ns| ns > 0.0);
    is_usable.then_some(times)
}

#[cfg(test)]
mod tests {
    use perf_schema::{Cap, Caps, LAWS, LimitPlan, SearchEnd};

    use super::*;

    fn level(n: u64, wall_ns: u64) -> Level {
        Level {
            wall_ns: Some(wall_ns),
            ..Level::untried(n)
        }
    }

    /// Ten levels by the double, from 16 up, whose times follow `time`.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "times of some seconds at most"
    )]
    fn levels(time: impl Fn(f64) -> f64) -> Vec<Level> {
        let sizes = (4..14).map(|power| 1_u64 << power);
        sizes
            .map(|n| level(n, (time(n as f64) * 1000.0) as u64))
            .collect()
    }

    fn limit(fit: Option<&str>, levels: Vec<Level>) -> LimitRecord {
        LimitRecord {
            plan: LimitPlan {
                kind: LimitKind::Cpu,
                axis: "n".to_owned(),
                first: 1,
                last: 1 << 20,
                caps: Caps {
                    wall_ns: Some(1_000_000_000),
                    ..Caps::default()
                },
                precision_ppm: 50_000,
                repeats: 3,
                budget_ms: 10_000,
                fit: fit.map(str::to_owned),
                traffic: None,
            },
            end: SearchEnd::Found,
            largest_pass: None,
            smallest_fail: None,
            backstop: None,
            levels,
        }
    }

    fn standing(fit: &str, levels: Vec<Level>) -> Standing {
        let grown = Grown::of_limit(&limit(Some(fit), levels));
        grown.promise.expect("one was made").standing
    }

    #[test]
    fn schema_and_statistics_know_the_same_laws() {
        assert_eq!(LAWS, Law::ALL.map(Law::name));
        for text in ["N  log N", "n^2", "n^3", "2^n", "1", "n^4", ""] {
            let name = text.parse().ok().map(Law::name);
            assert_eq!(perf_schema::law_named(text), name, "{text}");
        }
    }

    #[test]
    fn the_law_is_read_from_the_levels() {
        let law = |time: fn(f64) -> f64| {
            let grown = Grown::of_limit(&limit(None, levels(time)));
            assert_eq!(grown.promise, None);
            grown.growth.unwrap().law()
        };
        assert_eq!(law(|n| n), Some(Law::Linear));
        assert_eq!(law(|n| n * n.ln()), Some(Law::Linearithmic));
        assert_eq!(law(|n| n * n), Some(Law::Quadratic));
    }

    #[test]
    fn a_promise_is_broken_by_faster_growth_only() {
        let n_log_n = |n: f64| n * n.ln();
        assert_eq!(standing("n log n", levels(|n| n)), Standing::Kept);
        assert_eq!(standing("n log n", levels(n_log_n)), Standing::Kept);
        assert_eq!(standing("n log n", levels(|n| n * n)), Standing::Broken);
        assert_eq!(standing("n", levels(n_log_n)), Standing::Broken);
        assert_eq!(standing("n²", levels(|n| n * n)), Standing::Kept);
    }

    #[test]
    fn what_cannot_be_told_stays_open_and_says_why() {
        let few = levels(|n| n * n)[..4].to_vec();
        let grown = Grown::of_limit(&limit(Some("n"), few));
        assert!(grown.growth.is_err());
        let promise = grown.promise.clone().unwrap();
        assert_eq!(promise.standing, Standing::Open);
        assert!(promise.reason.unwrap().contains("(4 of 5)"));
        assert!(!grown.is_broken());
        // A record of a later version may promise what this one does not know.
        let unknown = Grown::of_limit(&limit(Some("n!"), levels(|n| n)));
        let reason = unknown.promise.unwrap().reason.unwrap();
        assert!(reason.contains("\"n!\" is no law"), "{reason}");
    }

    #[test]
    fn levels_that_broke_or_took_no_time_do_not_count() {
        let mut all = levels(|n| n);
        // Only the fast probes of the last two levels passed.
        for n in [1 << 12, 1 << 13] {
            all.push(level(n, n * 1000));
            all.last_mut().unwrap().wall_ns = Some(n);
            all.push(Level {
                broke: Some(Cap::Wall),
                ..level(n, 1)
            });
        }
        all.extend([level(1, 40), level(2, 0), level(0, 5_000_000)]);
        let found = Grown::of_limit(&limit(None, all.clone())).growth.unwrap();
        assert_eq!(found.law(), Some(Law::Linear));
        // Twelve levels without them would leave eight, and these are four of those.
        all.retain(|level| level.n < 128 || level.n > 2048);
        let reason = Grown::of_limit(&limit(None, all)).growth.unwrap_err();
        assert!(reason.contains("(3 of 5)"), "{reason}");
    }

    #[test]
    fn wall_time_alone_breaks_no_promise() {
        let square = levels(|n| n * n);
        let with_cpu = |time: fn(f64) -> f64| -> Vec<Level> {
            let seen = square.iter().zip(levels(time));
            seen.map(|(wall, cpu)| Level {
                cpu_ns: cpu.wall_ns,
                ..wall.clone()
            })
            .collect()
        };
        assert_eq!(standing("n", with_cpu(|n| n * n)), Standing::Broken);
        assert_eq!(standing("n", with_cpu(|n| n)), Standing::Open);
        // To wait is what a timeout is about.
        let mut timeout = limit(Some("n"), with_cpu(|n| n));
        timeout.plan.kind = LimitKind::Timeout;
        assert!(Grown::of_limit(&timeout).is_broken());
        let line = limit(None, levels(|n| n));
        assert!(faster(&[&line], &limit(None, with_cpu(|n| n * n))).is_some());
        let mut line = line;
        for level in &mut line.levels {
            level.cpu_ns = level.wall_ns;
        }
        assert!(faster(&[&line], &limit(None, with_cpu(|n| n * n))).is_some());
        assert!(faster(&[&line], &limit(None, with_cpu(|n| n))).is_none());
    }

    #[test]
    fn growth_is_faster_where_the_exponents_lie_apart() {
        let (line, square) = (limit(None, levels(|n| n)), limit(None, levels(|n| n * n)));
        let (then, now) = faster(&[&line], &square).unwrap();
        assert_eq!(
            then.law().zip(now.law()),
            Some((Law::Linear, Law::Quadratic))
        );
        assert_eq!(faster(&[&square], &line), None);
        assert_eq!(faster(&[&line], &line), None);
        // Two short searches know together what neither knows.
        let part = |range: std::ops::Range<usize>| limit(None, levels(|n| n)[range].to_vec());
        let (one, two) = (part(0..4), part(4..8));
        assert_eq!(faster(&[&one], &square), None);
        assert!(faster(&[&one, &two], &square).is_some());
    }
}

//! Saying what a limit is.

use std::ops::RangeInclusive;
use std::time::Duration;

use perf_schema::{Caps, LimitKind, LimitPlan, Pace, TrafficPlan};

use super::benchmark::Benchmark;
use super::case::Case;
use super::fit;
use super::service::Service;
use crate::body::Probe;

/// A limit that is being declared; [`LimitSearch::run`] completes it. Made by [`Benchmark::limit`].
///
/// At least one cap has to be set: [`wall`](Self::wall), [`rss`](Self::rss) or [`stack`](Self::stack). The answer is the
/// largest level that breaks none of them. Where the level is how many `users` there are at once, or a `rate` per second, the
/// caps are how well they have to be served, [`p99`](Self::p99) say, and [`load`](Self::load) completes it.
#[derive(Debug)]
#[must_use = "a limit is part of the suite only after `run`"]
pub struct LimitSearch<'a> {
    pub(super) benchmark: Benchmark<'a>,
    pub(super) limit: Limited,
}

/// A limit as it was declared.
#[derive(Clone, Debug)]
pub(crate) struct Limited {
    axis: String,
    range: RangeInclusive<u64>,
    kind: Option<LimitKind>,
    wall: Option<Duration>,
    rss: Option<u64>,
    stack: Option<u64>,
    precision: f64,
    repeats: u32,
    budget: Duration,
    fit: Option<String>,
    pub(super) service: Service,
}

impl<'a> LimitSearch<'a> {
    pub(super) fn new(benchmark: Benchmark<'a>, axis: &str, range: RangeInclusive<u64>) -> Self {
        let limit = Limited {
            axis: axis.to_owned(),
            range,
            kind: None,
            wall: None,
            rss: None,
            stack: None,
            precision: 0.05,
            repeats: 3,
            budget: Duration::from_secs(10),
            fit: None,
            service: Service::default(),
        };
        Self { benchmark, limit }
    }

    /// A deadline for what [`Probe::measure`] runs. The process is killed, and with it whatever it has started, a moment
    /// after it.
    pub const fn wall(mut self, deadline: Duration) -> Self {
        self.limit.wall = Some(deadline);
        self
    }

    /// The most memory, in bytes, that the process may have resident beyond what it had before the body was entered: what
    /// [`Probe::untimed`] makes is part of it.
    pub const fn rss(mut self, bytes: u64) -> Self {
        self.limit.rss = Some(bytes);
        self
    }

    /// Runs the body on a stack of so many bytes, whose end is an answer and no failure.
    pub const fn stack(mut self, bytes: u64) -> Self {
        self.limit.stack = Some(bytes);
        self
    }

    /// How far apart the largest level that passes and the smallest that fails may be: 0.05, if nothing is said, for five
    /// per cent.
    pub const fn precision(mut self, precision: f64) -> Self {
        self.limit.precision = precision;
        self
    }

    /// How often each end of the bracket is probed at most; three times, if nothing is said. The majority decides, and where
    /// it is clear the rest is spared.
    pub const fn repeats(mut self, repeats: u32) -> Self {
        self.limit.repeats = repeats;
        self
    }

    /// How long the search may take; ten seconds, if nothing is said. A search that runs out of it tells the bracket that it
    /// has by then.
    pub const fn budget(mut self, budget: Duration) -> Self {
        self.limit.budget = budget;
        self
    }

    /// A promise of how the time of the levels grows: `1`, `log n`, `n`, `n log n`, `n^2`, `n^3` or `c^n`. Where it certainly
    /// grows faster, `cargo perf run` and `cargo perf compare` fail. `cargo bench` carries the promise and does not judge it.
    pub fn fit(mut self, law: &str) -> Self {
        self.limit.fit = Some(law.to_owned());
        self
    }

    /// What kind of limit it is, for reports. If nothing is said: recursion where there is a stack, memory where there is a
    /// memory cap and no deadline, otherwise cpu. A recursion without a stack gets one of 8 MiB.
    pub const fn kind(mut self, kind: LimitKind) -> Self {
        self.limit.kind = Some(kind);
        self
    }

    /// Completes the limit with its body, which is given the level, and must call [`Probe::measure`], once. Under
    /// `cargo test` it runs once, at the first level.
    pub fn run(self, body: impl Fn(Probe, u64, &Case) + Send + Sync + 'static) {
        let Self { benchmark, limit } = self;
        benchmark.limited(limit).run(move |bench, case| {
            let (probe, level) = Probe::of(bench);
            body(probe, level, case);
        });
    }
}

impl Limited {
    /// Name of what is raised from level to level.
    pub(super) fn axis(&self) -> &str {
        &self.axis
    }

    /// What is looked for, if it is in order.
    ///
    /// # Errors
    /// With what is wrong with it, for the author.
    pub(super) fn plan(&self) -> Result<LimitPlan, String> {
        let (first, last) = (*self.range.start(), *self.range.end());
        let name = &self.axis;
        if first < 1 {
            return Err(format!(
                "the levels of `{name}` must begin at 1 or above: they are raised by multiplying"
            ));
        }
        if last < first {
            return Err(format!("the range of `{name}` ends before it begins"));
        }
        if !(0.001..=1.0).contains(&self.precision) {
            return Err("a precision is between 0.001 and 1: 0.05 is five per cent".to_owned());
        }
        if !(1..=99).contains(&self.repeats) {
            return Err("a level is probed from 1 to 99 times".to_owned());
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between a thousand and a million"
        )]
        let precision_ppm = (self.precision * 1e6).round() as u32;
        let (kind, caps, traffic) = self.what()?;
        Ok(LimitPlan {
            kind,
            axis: self.axis.clone(),
            first,
            last,
            caps,
            precision_ppm,
            repeats: self.repeats,
            budget_ms: u64::try_from(self.budget.as_millis()).unwrap_or(u64::MAX),
            fit: self.fit.as_deref().map(fit::law).transpose()?,
            traffic,
        })
    }

    /// The kind, the caps, and how a level is run where it is users or a rate.
    fn what(&self) -> Result<(LimitKind, Caps, Option<TrafficPlan>), String> {
        if self.service.is_served() {
            let (kind, caps, traffic) = self.served()?;
            return Ok((kind, caps, Some(traffic)));
        }
        let kind = self.kind_or_default();
        if self.service.is_declared() || is_served(kind) {
            return Err(
                "how well users are served is for limits whose body is completed with `load`"
                    .to_owned(),
            );
        }
        Ok((kind, self.caps(kind)?, None))
    }

    fn served(&self) -> Result<(LimitKind, Caps, TrafficPlan), String> {
        let not_for_it = [
            ("wall", self.wall.is_some()),
            ("stack", self.stack.is_some()),
            ("fit", self.fit.is_some()),
        ];
        if let Some((name, _)) = not_for_it.iter().find(|(_, is_said)| *is_said) {
            return Err(format!("`{name}` is not for a limit of users or of a rate"));
        }
        let traffic = self.service.traffic(&self.axis)?;
        let kind = self.kind.unwrap_or_else(|| self.service.kind(&self.axis));
        if !is_served(kind) {
            return Err("a limit of users or of a rate is of kind concurrency or load".to_owned());
        }
        if kind == LimitKind::Concurrency && traffic.pace == Pace::Rate {
            return Err("a limit of kind concurrency has the level `users`".to_owned());
        }
        let caps = Caps {
            memory_bytes: self.memory()?,
            service: Some(self.service.level(traffic.pace, *self.range.end())?),
            ..Caps::default()
        };
        Ok((kind, caps, traffic))
    }

    /// The memory cap, if it is in order.
    fn memory(&self) -> Result<Option<u64>, String> {
        match self.rss {
            // Below this the pages that the system counts late would decide.
            Some(rss) if rss < 1 << 20 => Err("a memory cap must be at least 1 MiB".to_owned()),
            rss => Ok(rss),
        }
    }

    fn kind_or_default(&self) -> LimitKind {
        let default = match (self.wall, self.rss, self.stack) {
            (_, _, Some(_)) => LimitKind::Recursion,
            (None, Some(_), None) => LimitKind::Memory,
            _ => LimitKind::Cpu,
        };
        self.kind.unwrap_or(default)
    }

    fn caps(&self, kind: LimitKind) -> Result<Caps, String> {
        const STACK: u64 = 8 << 20;
        let stack = match kind {
            LimitKind::Recursion => self.stack.or(Some(STACK)),
            _ => self.stack,
        };
        let (needed, name) = match kind {
            LimitKind::Cpu | LimitKind::Timeout => (self.wall.is_some(), "wall"),
            LimitKind::Memory => (self.rss.is_some(), "rss"),
            LimitKind::Recursion => (true, "stack"),
            LimitKind::Concurrency | LimitKind::Load => (false, "load"),
        };
        if self.wall.is_none() && self.rss.is_none() && stack.is_none() {
            return Err("a limit needs a cap: `wall`, `rss` or `stack`".to_owned());
        }
        if !needed {
            return Err(format!("a limit of kind {} needs `{name}`", kind.word()));
        }
        let too_small = |what: &str, least: &str| format!("{what} must be at least {least}");
        match (self.wall, stack) {
            (Some(wall), _) if wall < Duration::from_millis(1) => {
                Err(too_small("a deadline", "a millisecond"))
            }
            (_, Some(stack)) if stack < 64 << 10 => Err(too_small("a stack", "64 KiB")),
            _ => Ok(Caps {
                wall_ns: self
                    .wall
                    .map(|wall| u64::try_from(wall.as_nanos()).unwrap_or(u64::MAX)),
                memory_bytes: self.memory()?,
                stack_bytes: stack,
                service: None,
            }),
        }
    }
}

/// Whether it is of how well many are served at once.
const fn is_served(kind: LimitKind) -> bool {
    matches!(kind, LimitKind::Concurrency | LimitKind::Load)
}

#[cfg(test)]
mod tests {
    use super::super::suite::Suite;
    use super::*;

    fn declared(
        say: impl for<'a> Fn(LimitSearch<'a>) -> LimitSearch<'a>,
    ) -> Result<LimitPlan, String> {
        let mut suite = Suite::new();
        say(suite.bench("f").limit("n", 1..=1000)).run(|p, _, _| p.measure(|| ()));
        let mut cases = suite.cases().map_err(|error| error.to_string())?;
        Ok(cases.remove(0).description.limit.expect("it is a limit"))
    }

    #[test]
    fn the_kind_follows_from_the_caps() {
        let second = Duration::from_secs(1);
        let kind = |plan: Result<LimitPlan, String>| plan.map(|plan| plan.kind);
        assert_eq!(kind(declared(|l| l.wall(second))), Ok(LimitKind::Cpu));
        let both = declared(|l| l.wall(second).rss(1 << 30));
        assert_eq!(kind(both), Ok(LimitKind::Cpu));
        assert_eq!(kind(declared(|l| l.rss(1 << 30))), Ok(LimitKind::Memory));
        let deep = declared(|l| l.stack(1 << 20).wall(second));
        assert_eq!(kind(deep), Ok(LimitKind::Recursion));
        let deep = declared(|l| l.kind(LimitKind::Recursion)).unwrap();
        assert_eq!(deep.caps.stack_bytes, Some(8 << 20));
        assert_eq!(deep.precision_ppm, 50_000);
    }

    #[test]
    fn what_cannot_be_searched_for_is_refused() {
        let second = Duration::from_secs(1);
        let refused = |plan: Result<LimitPlan, String>, part: &str| {
            let message = plan.expect_err("it is refused");
            assert!(message.contains(part), "{message}");
        };
        refused(declared(|l| l), "needs a cap");
        refused(
            declared(|l| l.kind(LimitKind::Memory).wall(second)),
            "`rss`",
        );
        refused(
            declared(|l| l.kind(LimitKind::Timeout).rss(1 << 30)),
            "`wall`",
        );
        refused(declared(|l| l.wall(Duration::ZERO)), "a millisecond");
        refused(declared(|l| l.rss(1)), "1 MiB");
        refused(declared(|l| l.stack(1)), "64 KiB");
        refused(declared(|l| l.wall(second).precision(0.0)), "precision");
        refused(declared(|l| l.wall(second).repeats(0)), "1 to 99");
        refused(
            declared(|l| l.wall(second).fit("n^4")),
            "there are 1, log n",
        );
    }

    #[test]
    fn a_promise_is_carried_by_its_name() {
        let second = Duration::from_secs(1);
        let plan = declared(|l| l.wall(second).fit("N log  n")).unwrap();
        assert_eq!(plan.fit.as_deref(), Some("n log n"));
        assert_eq!(declared(|l| l.wall(second)).unwrap().fit, None);
    }

    #[test]
    #[expect(clippy::reversed_empty_ranges, reason = "that is what is refused")]
    fn levels_are_positive_and_rise() {
        for (range, part) in [(0..=5, "at 1 or above"), (5..=4, "ends before")] {
            let mut suite = Suite::new();
            let limit = suite.bench("f").limit("n", range);
            limit
                .wall(Duration::from_secs(1))
                .run(|p, _, _| p.measure(|| ()));
            let error = suite.cases().err().expect("it is refused").to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn what_does_not_apply_to_a_limit_is_refused() {
        let mut suite = Suite::new();
        let limit = suite.bench("f").threads([1]).limit("n", 1..=5);
        limit.stack(1 << 20).run(|p, _, _| p.measure(|| ()));
        let error = suite.cases().err().expect("it is refused").to_string();
        assert!(error.contains("`threads`"), "{error}");
        let mut suite = Suite::new();
        let limit = suite.bench("f").axis("n", [1]).limit("n", 1..=5);
        limit.stack(1 << 20).run(|p, _, _| p.measure(|| ()));
        let error = suite.cases().err().expect("it is refused").to_string();
        assert!(error.contains("`n` stands twice"), "{error}");
        let mut suite = Suite::new();
        let limit = suite.bench("f").at_most("allocs", 1).limit("n", 1..=5);
        limit.stack(1 << 20).run(|p, _, _| p.measure(|| ()));
        let error = suite.cases().err().expect("it is refused").to_string();
        assert!(error.contains("budget"), "{error}");
    }
}

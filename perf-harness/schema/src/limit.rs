//! Limits: how far a benchmark goes before one of its caps breaks.

use serde::{Deserialize, Serialize};

use crate::{Bound, Failure, ServiceLevel, Traffic, TrafficPlan};

/// What kind of limit is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LimitKind {
    /// The largest work inside a deadline.
    Cpu,
    /// The largest work inside so much memory.
    Memory,
    /// The longest work that a deadline permits, and that the deadline is kept.
    Timeout,
    /// The deepest recursion inside a stack.
    Recursion,
    /// The most users at once that are still served as well as was promised.
    Concurrency,
    /// The most users, or operations per second, that are still served as well as was promised.
    Load,
}

impl LimitKind {
    /// The word that stands in records.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Timeout => "timeout",
            Self::Recursion => "recursion",
            Self::Concurrency => "concurrency",
            Self::Load => "load",
        }
    }
}

/// What stops a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cap {
    /// The deadline.
    Wall,
    /// The most memory.
    Memory,
    /// The size of the stack.
    Stack,
    /// The latency of half of the operations.
    P50,
    /// Of nine in ten.
    P90,
    /// Of 99 in a hundred.
    P99,
    /// Of all.
    Max,
    /// The share of operations that fail.
    Errors,
    /// What each of many users gets done, beside one alone.
    Efficiency,
    /// The share of a rate that is achieved.
    Rate,
}

impl Cap {
    /// Every cap.
    pub const ALL: [Self; 10] = [
        Self::Wall,
        Self::Memory,
        Self::Stack,
        Self::P50,
        Self::P90,
        Self::P99,
        Self::Max,
        Self::Errors,
        Self::Efficiency,
        Self::Rate,
    ];

    /// Whether it breaks sooner on a machine that is slower.
    #[must_use]
    pub const fn is_timed(self) -> bool {
        !matches!(self, Self::Memory | Self::Stack)
    }

    /// Whether it is what users, or whoever asks at a rate, are promised.
    #[must_use]
    pub const fn is_of_service(self) -> bool {
        !matches!(self, Self::Wall | Self::Memory | Self::Stack)
    }

    /// The word that stands in records.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Wall => "wall",
            Self::Memory => "memory",
            Self::Stack => "stack",
            Self::P50 => "p50",
            Self::P90 => "p90",
            Self::P99 => "p99",
            Self::Max => "max",
            Self::Errors => "errors",
            Self::Efficiency => "efficiency",
            Self::Rate => "rate",
        }
    }
}

/// The caps of a limit. There is at least one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caps {
    /// Most wall time of what is measured, in nanoseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wall_ns: Option<u64>,
    /// Most resident memory of the process beyond what it had before the body was entered, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// The stack on which the body runs, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack_bytes: Option<u64>,
    /// How well users, or operations at a rate, have to be served.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceLevel>,
}

impl Caps {
    /// Whether this cap is one of them.
    #[must_use]
    pub fn has(&self, cap: Cap) -> bool {
        self.bound(cap).is_some()
    }

    /// What this cap comes to, if it is one of them.
    #[must_use]
    pub fn bound(&self, cap: Cap) -> Option<Bound> {
        match cap {
            Cap::Wall => self.wall_ns.map(Bound::Nanoseconds),
            Cap::Memory => self.memory_bytes.map(Bound::Bytes),
            Cap::Stack => self.stack_bytes.map(Bound::Bytes),
            _ => self.service?.bound(cap),
        }
    }

    /// Whether one of them breaks sooner on a machine that is slower.
    #[must_use]
    pub fn are_timed(&self) -> bool {
        Cap::ALL
            .into_iter()
            .any(|cap| cap.is_timed() && self.has(cap))
    }
}

/// What is looked for, as the benchmark's author says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitPlan {
    /// Its kind.
    pub kind: LimitKind,
    /// Name of what is raised from level to level.
    pub axis: String,
    /// The smallest level; at least 1.
    pub first: u64,
    /// The largest level.
    pub last: u64,
    /// What a level must not exceed.
    pub caps: Caps,
    /// How far apart the two ends of the bracket may be, in millionths of the lower one.
    pub precision_ppm: u32,
    /// How often each end of the bracket is probed at most; the majority decides.
    pub repeats: u32,
    /// How long the search may take, in milliseconds. The last probe may outlast it.
    pub budget_ms: u64,
    /// The law of growth that the author promises: one of [`LAWS`](crate::LAWS).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fit: Option<String>,
    /// How a level is run, where levels are users or a rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traffic: Option<TrafficPlan>,
}

impl LimitPlan {
    /// The precision as a ratio: 0.05 for five per cent.
    #[must_use]
    pub fn precision(&self) -> f64 {
        f64::from(self.precision_ppm) / 1e6
    }
}

/// How a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SearchEnd {
    /// The bracket is as narrow as was asked for.
    Found,
    /// Every level passed, the last one too.
    NotReached,
    /// The first level failed.
    BelowRange,
    /// The time was over; the bracket is what was known by then.
    Budget,
    /// A level failed in a way that is no answer.
    Failed,
}

/// One probe of one level: a process of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// The level.
    pub n: u64,
    /// The cap that broke. Where there is none, and no failure either, the level passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broke: Option<Cap>,
    /// What else went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// Wall time of what was measured; absent where it did not come to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wall_ns: Option<u64>,
    /// CPU time of the process meanwhile; of one that was killed, until then, as the system counts it from outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_ns: Option<u64>,
    /// The most memory seen, beyond what the process had before the body was entered; absent where the system does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// How long after the deadline the process was gone; only where it had to be killed for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_ns: Option<u64>,
    /// Whether a deadline or a promise to users broke for want of the processor, which other programs had: that says little of the
    /// level.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disturbed: bool,
    /// What was seen of users, or of operations at a rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traffic: Option<Traffic>,
}

impl Level {
    /// A level of which nothing is known yet.
    #[must_use]
    pub const fn untried(n: u64) -> Self {
        Self {
            n,
            broke: None,
            failure: None,
            wall_ns: None,
            cpu_ns: None,
            memory_bytes: None,
            late_ns: None,
            disturbed: false,
            traffic: None,
        }
    }

    /// The probes of level `n` among these that say most of it: those that nobody disturbed, or all where there is none such.
    pub fn telling(levels: &[Self], n: u64) -> impl Iterator<Item = &Self> {
        let at = move || levels.iter().filter(move |level| level.n == n);
        let is_any_calm = at().any(|level| !level.disturbed);
        at().filter(move |level| !(is_any_calm && level.disturbed))
    }

    /// Whether it stayed within its caps.
    #[must_use]
    pub const fn passed(&self) -> bool {
        self.broke.is_none() && self.failure.is_none()
    }
}

/// What stands behind a cap on memory: a level is watched, and what gets away from that is stopped by this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum Backstop {
    /// A control group of its own, child processes included.
    ControlGroup,
    /// A limit on what the process itself may ask for.
    DataLimit {
        /// Why there was no control group.
        reason: String,
    },
}

/// What a search found, and the probes it was found by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitRecord {
    /// What was looked for.
    pub plan: LimitPlan,
    /// How the search ended.
    pub end: SearchEnd,
    /// The largest level known to pass below the smallest that is known to fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub largest_pass: Option<u64>,
    /// The smallest level known to fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smallest_fail: Option<u64>,
    /// What stood behind the cap on memory, where there is one: what could be had for all of its probes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backstop: Option<Backstop>,
    /// Every probe, in the order they took place.
    pub levels: Vec<Level>,
}

impl LimitRecord {
    /// The cap that broke at the smallest failing level: the one that broke most often there.
    #[must_use]
    pub fn cap(&self) -> Option<Cap> {
        let n = self.smallest_fail?;
        let broke = |cap: Cap| {
            let at = self.levels.iter().filter(|level| level.n == n);
            at.filter(|level| level.broke == Some(cap)).count()
        };
        let caps = Cap::ALL.map(|cap| (broke(cap), cap));
        let most = caps.into_iter().max_by_key(|(count, _)| *count)?;
        (most.0 > 0).then_some(most.1)
    }

    /// The largest level that passed although a smaller one fails: more is not harder there.
    #[must_use]
    pub fn passed_above(&self) -> Option<u64> {
        let fail = self.smallest_fail?;
        let above: std::collections::BTreeSet<u64> = self
            .levels
            .iter()
            .filter(|level| level.n > fail)
            .map(|level| level.n)
            .collect();
        above.into_iter().rev().find(|&n| self.passes(n))
    }

    /// Whether the smallest failing level was never seen to fail but for want of the processor: the limit may be higher.
    #[must_use]
    pub fn is_disturbed(&self) -> bool {
        let n = self.smallest_fail;
        let mut failed = self
            .levels
            .iter()
            .filter(|level| Some(level.n) == n && !level.passed())
            .peekable();
        failed.peek().is_some() && failed.all(|level| level.disturbed)
    }

    /// Whether the first level, by which the efficiency of the others is measured, was never seen but disturbed: one user may do
    /// more than was seen, so what passed may fail, and the limit may be lower.
    #[must_use]
    pub fn has_disturbed_base(&self) -> bool {
        let first = self.plan.first;
        let service = self.plan.caps.service.as_ref();
        let is_asked = service.is_some_and(|service| service.efficiency_ppm.is_some());
        let mut base = self.levels.iter().filter(|level| level.n == first);
        let is_used = self.levels.iter().any(|level| level.n > first);
        is_asked && is_used && base.all(|level| level.disturbed)
    }

    /// Whether a level passed more often than not, where nothing disturbed it.
    fn passes(&self, n: u64) -> bool {
        let at = self
            .levels
            .iter()
            .filter(|level| level.n == n && !level.disturbed);
        let (passed, broke): (Vec<&Level>, Vec<&Level>) = at.partition(|level| level.passed());
        passed.len() > broke.len()
    }

    /// The probes at the largest passing level that passed.
    pub fn at_largest_pass(&self) -> impl Iterator<Item = &Level> {
        let n = self.largest_pass;
        let at = move |level: &&Level| Some(level.n) == n && level.passed();
        self.levels.iter().filter(at)
    }

    /// How late the slowest kill was, of those that a deadline made necessary.
    #[must_use]
    pub fn latest_kill_ns(&self) -> Option<u64> {
        self.levels.iter().filter_map(|level| level.late_ns).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(n: u64, broke: Option<Cap>) -> Level {
        Level {
            broke,
            wall_ns: Some(n),
            ..Level::untried(n)
        }
    }

    fn record(levels: Vec<Level>) -> LimitRecord {
        LimitRecord {
            plan: LimitPlan {
                kind: LimitKind::Cpu,
                axis: "n".to_owned(),
                first: 1,
                last: 100,
                caps: Caps {
                    wall_ns: Some(10),
                    ..Caps::default()
                },
                precision_ppm: 50_000,
                repeats: 3,
                budget_ms: 10_000,
                fit: None,
                traffic: None,
            },
            end: SearchEnd::Found,
            largest_pass: Some(10),
            smallest_fail: Some(11),
            backstop: None,
            levels,
        }
    }

    #[test]
    fn the_cap_is_the_one_that_broke_most_often_at_the_frontier() {
        let limit = record(vec![
            level(20, Some(Cap::Stack)),
            level(11, Some(Cap::Memory)),
            level(11, Some(Cap::Wall)),
            level(11, Some(Cap::Wall)),
        ]);
        assert_eq!(limit.cap(), Some(Cap::Wall));
        assert_eq!(record(vec![level(11, None)]).cap(), None);
    }

    #[test]
    fn a_pass_above_a_fail_is_told() {
        let broke = Some(Cap::Wall);
        let limit = record(vec![level(10, None), level(11, broke), level(22, None)]);
        assert_eq!(limit.passed_above(), Some(22));
        let once = vec![level(22, None), level(22, broke), level(40, broke)];
        assert_eq!(record(once).passed_above(), None);
    }

    #[test]
    fn a_failure_that_others_caused_is_no_answer_about_the_level() {
        let wall = Some(Cap::Wall);
        let disturbed = |n| Level {
            disturbed: true,
            ..level(n, wall)
        };
        assert!(record(vec![level(10, None), disturbed(11), disturbed(11)]).is_disturbed());
        assert!(!record(vec![disturbed(11), level(11, wall)]).is_disturbed());
        assert!(!record(vec![disturbed(20), level(11, wall)]).is_disturbed());
        assert!(!record(vec![level(10, None)]).is_disturbed());
        let above = record(vec![
            level(11, wall),
            disturbed(22),
            disturbed(22),
            level(22, None),
        ]);
        assert_eq!(above.passed_above(), Some(22));
    }

    #[test]
    fn what_others_are_measured_by_has_to_be_seen_undisturbed() {
        let starved = |n| Level {
            disturbed: true,
            ..level(n, None)
        };
        let mut limit = record(vec![starved(1), starved(1), level(2, None)]);
        assert!(!limit.has_disturbed_base(), "nothing is measured by it");
        limit.plan.caps.service = Some(ServiceLevel {
            efficiency_ppm: Some(500_000),
            ..ServiceLevel::default()
        });
        assert!(limit.has_disturbed_base());
        limit.levels.push(level(1, None));
        assert!(!limit.has_disturbed_base(), "seen once");
        assert!(
            !LimitRecord {
                levels: vec![starved(1)],
                ..limit
            }
            .has_disturbed_base(),
            "there are no others"
        );
    }

    #[test]
    fn what_nobody_disturbed_tells_most_of_a_level() {
        let disturbed = |n| Level {
            disturbed: true,
            ..level(n, None)
        };
        let levels = [disturbed(1), level(1, None), disturbed(2), disturbed(2)];
        let told = |n| Level::telling(&levels, n).cloned().collect::<Vec<_>>();
        assert_eq!(told(1), levels[1..2]);
        assert_eq!(told(2), levels[2..]);
        assert_eq!(told(3), []);
    }

    #[test]
    fn what_does_not_apply_is_not_written() {
        let text = serde_json::to_string(&level(7, None)).unwrap();
        assert_eq!(text, r#"{"n":7,"wall_ns":7}"#);
        assert_eq!(
            serde_json::from_str::<Level>(&text).unwrap(),
            level(7, None)
        );
    }
}

//! Limits: how far a benchmark goes before one of its caps breaks.

mod cap;
mod level;

use serde::{Deserialize, Serialize};

pub use cap::{Cap, Caps};
pub use level::Level;

use crate::TrafficPlan;

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
    use crate::ServiceLevel;

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
}

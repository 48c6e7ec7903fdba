//! When a difference between two sides counts, and how long to go on looking for one.

use std::time::Duration;

use perf_runner::{End, Look, PairSettings, PairedRun};
use perf_stats::{Confidence, Looks, Spending, pairs_needed};

use super::estimate::{Estimate, Finding};
use super::metrics::wall;

/// What it takes to call a difference between two sides one.
#[derive(Clone, Debug, PartialEq)]
pub struct PairedRule {
    /// The chance that a benchmark of unchanged code is called changed.
    pub error: f64,
    /// The chance that any of the suite is.
    pub suite_error: f64,
    /// Relative change that is not spoken of.
    pub floor: f64,
    /// Change of a time, in nanoseconds an iteration, that is not spoken of.
    pub floor_ns: f64,
    /// Relative change within which two sides count as unchanged.
    pub margin: f64,
    /// Relative change within which nothing more is looked for, however cheap.
    pub near: f64,
    /// Time on each side after which only an open question is pursued.
    pub budget: Duration,
    /// Time on each side after which none is.
    pub limit: Duration,
    /// At how many pairs to look.
    looks: Looks,
}

/// How sure to be at one look.
#[derive(Clone, Copy, Debug)]
pub(super) struct Levels {
    /// That it has changed.
    pub(super) changed: Confidence,
    /// That it has not.
    pub(super) same: Confidence,
    /// By how much a chance at this look has to be multiplied to be one of the whole suite's.
    pub(super) correction: f64,
}

/// How sure to be that nothing has changed beyond the margin.
const SAME: f64 = 0.99;

/// So many metrics besides wall time can be decided at the first look, too. It costs three pairs.
const SHARING: usize = 8;

/// The most pairs of launches of a case.
const MOST: u32 = 1000;

impl PairedRule {
    /// The rule for a suite of so many benchmarks: false alarms in 0.1 % of comparisons and 1 % of suites at most.
    #[must_use]
    pub fn standard(questions: usize) -> Self {
        let suite_error = 0.01;
        let mut rule = Self {
            error: f64::min(0.001, suite_error / questions.max(1) as f64),
            suite_error,
            floor: 0.005,
            floor_ns: 0.1,
            margin: 0.02,
            near: 0.01,
            budget: Duration::from_secs(1),
            limit: Duration::from_secs(4),
            looks: Looks::default(),
        };
        let most = usize::try_from(MOST).unwrap_or(usize::MAX);
        rule.looks = Looks::growing(rule.share(SHARING), most).unwrap_or_default();
        rule
    }

    /// How to measure for this rule. Fewer pairs than it asks for could decide nothing.
    #[must_use]
    pub fn settings(&self, seed: u64) -> PairSettings {
        let least = pairs_needed(self.spend(self.share(SHARING)).last);
        PairSettings {
            min_pairs: u32::try_from(least).unwrap_or(MOST),
            max_pairs: MOST,
            usual: self.budget,
            budget: self.limit,
            ..PairSettings::standard(seed)
        }
    }

    /// Whether more pairs are wanted.
    ///
    /// Wall time decides. Until the budget is spent, only what is settled ends it: a change, or none beyond half the margin. Then
    /// no change beyond the margin is enough. In both cases not while there seems to be one beyond the floor; and whatever is
    /// open goes on as long as it can be expected to be settled within the limit.
    #[must_use]
    pub fn look(&self, run: &PairedRun) -> Look {
        if !self.looks.is_due(run.launches.len()) {
            return Look::GoOn;
        }
        let is_spent = run.spent >= self.budget;
        let Ok(estimate) = Estimate::of(&wall(run), &self.levels(End::Enough, 1), self) else {
            return if is_spent { Look::Enough } else { Look::GoOn };
        };
        let settled = match estimate.finding() {
            Finding::Above | Finding::Below => true,
            Finding::Same if is_spent || estimate.is_within(self.near) => !estimate.seems_changed(),
            Finding::Same | Finding::Open => false,
        };
        let hopeless = || is_spent && !estimate.would_settle(self.growth_left(run));
        if settled || hopeless() {
            Look::Enough
        } else {
            Look::GoOn
        }
    }

    /// The levels at the end of a run, for one of so many metrics that share one half of a benchmark's error.
    pub(super) fn levels(&self, end: End, sharing: usize) -> Levels {
        let overall = self.share(sharing);
        let pick = |spending: Spending| match end {
            End::Enough => spending.planned,
            End::Budget | End::Failed => spending.last,
        };
        let changed = pick(self.spend(overall));
        Levels {
            changed,
            same: pick(self.spend(confidence(1.0 - SAME))),
            correction: self.suite_error / (1.0 - changed.level()),
        }
    }

    /// The chance that is allowed for an error of one time over link orders, of those that share one half of a benchmark's: wall
    /// time has one for itself.
    pub(super) fn error_over_orders(&self, sharing: usize) -> f64 {
        self.error / 2.0 / sharing.max(1) as f64
    }

    /// The confidence of one of so many metrics that share one half of a benchmark's error.
    fn share(&self, sharing: usize) -> Confidence {
        confidence(self.error / 2.0 / sharing.max(1) as f64)
    }

    fn spend(&self, overall: Confidence) -> Spending {
        self.looks.spend(overall).unwrap_or(Spending {
            planned: Confidence::HIGHEST,
            last: Confidence::HIGHEST,
        })
    }

    /// How many times as many pairs there may be in the end.
    fn growth_left(&self, run: &PairedRun) -> f64 {
        let by_time = self.limit.as_secs_f64() / run.spent.as_secs_f64().max(1e-9);
        let by_count = f64::from(MOST) / run.launches.len().max(1) as f64;
        by_time.min(by_count).max(1.0)
    }
}

fn confidence(error: f64) -> Confidence {
    Confidence::new(1.0 - error).unwrap_or(Confidence::HIGHEST)
}

//! Alerts: what somebody has to look at, raised from results, from what a project wants watched, and from how a benchmark did
//! over its runs. Pure: rows, rules and profiles in, alerts out; how they look is the business of `report`.
//!
//! No alert makes a regression of what is none: verdicts come from `compare`, and thresholds only say what matters.

mod filter;
mod raise;
mod rule;

use clap::ValueEnum;
use perf_schema::{BenchId, ExitCode, MetricName, Unit};
use serde::Serialize;

pub use filter::AlertFilter;
pub use raise::{Grounds, of_past, of_results};
pub use rule::{AlertRule, AlertTerms, Condition};

use crate::compare::{Grown, Severity};
use crate::trend::{OpenAlerts, Status};

/// What an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlertKind {
    /// A benchmark failed
    Failure,
    /// Something became worse
    Regression,
    /// More was taken than may be
    Budget,
    /// Time grows faster with size than was promised
    Growth,
    /// A rule of the project came true
    Rule,
    /// A claim of the author is not met
    Claim,
    /// A benchmark is gone
    Coverage,
    /// Too many of its runs failed
    Reliability,
    /// It is in a poor state over its runs
    Health,
    /// A decision was required, and there is none
    Undecided,
}

impl AlertKind {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Failure => "failure",
            Self::Regression => "regression",
            Self::Budget => "budget",
            Self::Growth => "growth",
            Self::Rule => "rule",
            Self::Claim => "claim",
            Self::Coverage => "coverage",
            Self::Reliability => "reliability",
            Self::Health => "health",
            Self::Undecided => "undecided",
        }
    }

    /// How a check ends that fails by one of these.
    #[must_use]
    pub const fn exit_code(self) -> ExitCode {
        match self {
            Self::Failure => ExitCode::Benchmark,
            Self::Coverage => ExitCode::Coverage,
            Self::Undecided => ExitCode::Undecided,
            Self::Regression
            | Self::Budget
            | Self::Growth
            | Self::Rule
            | Self::Claim
            | Self::Reliability
            | Self::Health => ExitCode::Regression,
        }
    }
}

/// Something to look at.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// What it is about.
    pub kind: AlertKind,
    /// How grave it is; never [`Severity::None`].
    pub severity: Severity,
    /// How sure it is, from 0 to 1; absent where nothing says.
    pub confidence: Option<f64>,
    /// Which benchmark; where it is about an axis, the one whose cases differ by that.
    pub benchmark: BenchId,
    /// The metric it is about, where it is about one.
    pub metric: Option<MetricName>,
    /// What it rests on.
    pub cause: Cause,
    /// Whether a check fails by it.
    pub fails: bool,
}

/// What an alert rests on.
#[derive(Clone, Debug, PartialEq)]
pub enum Cause {
    /// A metric is worse by this part of the baseline, which is beyond the threshold or not.
    Worse {
        /// The relative change for the worse; from nothing to something it is infinite.
        by: f64,
        /// Whether that is beyond the alert threshold.
        beyond: bool,
    },
    /// The comparison says why.
    Compared,
    /// Time grows faster than was promised.
    Growth {
        /// Over which axis of a benchmark; absent for the levels of a limit.
        axis: Option<String>,
        /// The cases that differ by it, by rising size; none for a limit.
        cases: Vec<BenchId>,
        /// How it grows, and what was promised.
        grown: Grown,
    },
    /// A rule came true.
    Rule {
        /// What it asks.
        condition: Condition,
        /// What is counted.
        unit: Unit,
        /// The values that it came true for, oldest first.
        values: Vec<f64>,
        /// What its author wants said.
        message: Option<String>,
    },
    /// So many runs went well, and so many failed.
    Runs {
        /// Went well.
        passed: usize,
        /// Failed.
        failed: usize,
    },
    /// How it is over its runs.
    State {
        /// 0 to 100.
        health: f64,
        /// What that comes to.
        status: Status,
    },
}

impl Alert {
    /// Whether it is about this benchmark, or about an axis of which this is a case.
    #[must_use]
    pub fn is_of(&self, id: &BenchId) -> bool {
        match &self.cause {
            Cause::Growth { cases, .. } if !cases.is_empty() => cases.contains(id),
            _ => self.benchmark == *id,
        }
    }
}

/// The gravest first, then the surest; what nobody is sure of comes last.
pub fn sort(alerts: &mut [Alert]) {
    alerts.sort_by(|a, b| {
        let sure = |alert: &Alert| alert.confidence.unwrap_or(-1.0);
        (b.severity.cmp(&a.severity))
            .then_with(|| sure(b).total_cmp(&sure(a)))
            .then_with(|| (a.kind, &a.benchmark, &a.metric).cmp(&(b.kind, &b.benchmark, &b.metric)))
    });
}

/// The alerts that are open for a benchmark.
#[must_use]
pub fn open(alerts: &[Alert], id: &BenchId) -> OpenAlerts {
    let of_it = alerts.iter().filter(|alert| alert.is_of(id));
    of_it.fold(OpenAlerts::default(), |open, alert| OpenAlerts {
        count: open.count + 1,
        gravest: open.gravest.max(alert.severity),
    })
}

/// How a check ends whose comparison came to `compared`. A benchmark that failed weighs most, since what it hides is unknown.
#[must_use]
pub fn exit_code(alerts: &[Alert], compared: ExitCode) -> ExitCode {
    const GRAVEST_FIRST: [ExitCode; 4] = [
        ExitCode::Benchmark,
        ExitCode::Regression,
        ExitCode::Coverage,
        ExitCode::Undecided,
    ];
    let failing = alerts.iter().filter(|alert| alert.fails);
    let codes: Vec<ExitCode> = failing
        .map(|alert| alert.kind.exit_code())
        .chain([compared])
        .collect();
    let mut gravest = GRAVEST_FIRST.into_iter();
    gravest
        .find(|code| codes.contains(code))
        .unwrap_or(compared)
}

#[cfg(test)]
mod tests;

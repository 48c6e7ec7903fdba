//! A benchmark in a run, as it is exported.

use std::collections::BTreeMap;

use perf_schema::metric::names;
use perf_schema::{BenchId, Failure, MetricName, Samples};
use serde::Serialize;

use super::spread::Spread;
use crate::series::{RunHeader, Seen};
use crate::store::index::Probe;
use crate::store::{instant, instant_of_stamp};

/// A benchmark in a run.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// Which benchmark.
    pub benchmark: &'a BenchId,
    /// Which run.
    pub run: &'a RunHeader,
    /// Whether the run is on the line of commits.
    pub on_line: bool,
    /// What was seen of each metric; at least of one.
    pub seen: Vec<Seen>,
    /// Of wall time, how launches spread.
    pub spread: Option<Spread>,
    /// What went wrong.
    pub failures: Vec<Failure>,
    /// Of a limit, what was probed.
    pub probes: Vec<Probe>,
    /// What was measured, launch by launch, where that was asked for.
    pub samples: BTreeMap<MetricName, Samples>,
}

/// What came of a benchmark or a metric in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It has a value, and no launch failed.
    Measured,
    /// It has a value, and launches failed; those are not in it.
    PartlyFailed,
    /// It has no value, since launches failed.
    Failed,
    /// It has no value, for another reason.
    Absent,
}

impl Status {
    /// Every one there is.
    pub const ALL: [Self; 4] = [
        Self::Measured,
        Self::PartlyFailed,
        Self::Failed,
        Self::Absent,
    ];

    /// Of what was seen of a metric.
    #[must_use]
    pub const fn of(seen: &Seen) -> Self {
        match (seen.figure, seen.passed, seen.failed) {
            (Some(_), _, 0) => Self::Measured,
            (Some(_), _, _) => Self::PartlyFailed,
            // Where some launches went well, a metric may be missing for a reason of its own.
            (None, 1.., _) if seen.absent.is_some() => Self::Absent,
            (None, _, 1..) => Self::Failed,
            (None, _, 0) => Self::Absent,
        }
    }

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::PartlyFailed => "partly-failed",
            Self::Failed => "failed",
            Self::Absent => "absent",
        }
    }
}

impl Entry<'_> {
    /// The metric that the benchmark is about, if it was seen.
    #[must_use]
    pub fn headline(&self) -> Option<&Seen> {
        let is_headline = |seen: &&Seen| matches!(seen.metric.as_str(), names::WALL | names::LIMIT);
        self.seen.iter().find(is_headline).or(self.seen.first())
    }

    /// A metric of it.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<&Seen> {
        self.seen.iter().find(|seen| seen.metric == name)
    }

    /// Launches that went well, and that failed.
    #[must_use]
    pub fn launches(&self) -> (u32, u32) {
        self.headline()
            .map_or((0, 0), |seen| (seen.passed, seen.failed))
    }

    /// The share that went well; none of nothing.
    #[must_use]
    pub fn success_rate(&self) -> Option<f64> {
        let (passed, failed) = self.launches();
        let all = u64::from(passed) + u64::from(failed);
        (all > 0).then(|| f64::from(passed) / all as f64)
    }

    /// What came of it.
    #[must_use]
    pub fn status(&self) -> Status {
        self.headline().map_or(Status::Absent, Status::of)
    }
}

/// When a run was made: `2026-01-31T12:00:00Z`. A committed record does not tell.
pub(super) fn measured(run: &RunHeader) -> Option<String> {
    instant_of_stamp(run.kept.as_deref()?)
}

/// When its commit was made.
pub(super) fn committed(run: &RunHeader) -> Option<String> {
    instant(run.commit.as_ref()?.committed)
}

/// When it was made as far as is known, else its commit.
pub(super) fn moment(run: &RunHeader) -> Option<String> {
    measured(run).or_else(|| committed(run))
}

//! The nouns: a series, its points, and what parts it.

use std::ops::Range;

use perf_schema::{
    BenchId, Better, Build, Definition, FailureKind, MetricName, RecordId, SearchEnd, Sha, Unit,
};
use serde::Serialize;

use super::text::Text;

/// What a series is of. Results that differ in any of this are never in one series.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct SeriesKey {
    /// Which benchmark.
    #[serde(rename = "benchmark")]
    pub id: BenchId,
    /// Which metric of it.
    pub metric: MetricName,
    /// The machine class.
    pub class: String,
    /// Digest of the build and the source of time: see [`build_digest`](super::build_digest).
    pub build: String,
}

/// One metric of one benchmark, on one machine class and build, along a line of commits.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Series {
    /// What it is of.
    #[serde(flatten)]
    pub key: SeriesKey,
    /// What it is counted in.
    pub unit: Unit,
    /// Which direction is good.
    pub better: Better,
    /// Whether the same code must give the same value each time.
    pub exact: bool,
    /// The processor, as its newest record names it.
    pub cpu: String,
    /// How it was built.
    #[serde(rename = "built")]
    pub build: Build,
    /// Source of time: `monotonic`, or `scripted` under a test.
    pub clock: String,
    /// Oldest first; several only where commits differ, or a mark lies between two of one commit.
    pub points: Vec<Point>,
}

/// What the runs of one commit saw, all that were made alike taken together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Point {
    /// Which commit; absent where runs are in order of time, outside git.
    pub commit: Option<PointCommit>,
    /// Its place on the line: later commits have greater ones, and commits without a record leave gaps.
    pub position: usize,
    /// The records it rests on.
    pub records: Vec<RecordId>,
    /// What was measured; absent when all failed or the metric could not be had, for the reason that stands beside it.
    pub figure: Option<Figure>,
    /// How it failed, if a launch did. What others of its launches saw then still stands in `figure`.
    pub failure: Option<Failed>,
    /// Why there is no figure, where nothing failed.
    pub absent: Option<String>,
    /// Of a limit, between what it lies.
    pub bracket: Option<Bracket>,
    /// What its author let it take at most.
    pub budget: Option<f64>,
    /// Launches that went well.
    pub passed: u32,
    /// Launches that failed.
    pub failed: u32,
    /// Hash of the benchmark's definition.
    pub definition: Definition,
    /// The compiler.
    pub rustc: Text,
    /// What is not as it was at the point before.
    pub marks: Vec<Mark>,
}

/// A commit, as the line knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PointCommit {
    /// Its id.
    pub sha: Sha,
    /// First line of its message.
    pub subject: Text,
    /// Committer time, seconds since 1970 UTC.
    pub committed: i64,
    /// The branch that was checked out when it was measured, if one was.
    pub branch: Option<Text>,
}

/// A value with its interval, in the series' unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// The median over launches of each launch's median, without what measuring costs; of several runs the median of theirs.
    pub value: f64,
    /// Ends of the interval (99 %) of that median by launches alone; of several runs the hull of theirs. Absent below eight launches.
    pub interval: Option<(f64, f64)>,
    /// Launches it rests on.
    pub launches: usize,
}

/// A failure, as its first one tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failed {
    /// What happened.
    pub kind: FailureKind,
    /// What it said.
    pub message: String,
}

/// Between what a limit lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Bracket {
    /// The largest level that passed.
    pub largest_pass: Option<u64>,
    /// The smallest that failed.
    pub smallest_fail: Option<u64>,
    /// How the search ended.
    pub end: SearchEnd,
}

/// Something other than the code that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// What it is.
    pub kind: MarkKind,
    /// As it was; empty where it was not known.
    pub from: String,
    /// As it is now.
    pub to: String,
}

/// What may change besides the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MarkKind {
    /// What the benchmark is declared to be.
    Definition,
    /// The compiler.
    Toolchain,
    /// `Cargo.lock`: other code, which no commit of this repository need show.
    Dependencies,
    /// The frequency governor.
    Governor,
    /// The kind of virtual machine or container.
    Virtualisation,
}

impl MarkKind {
    /// Whether values before and after are not to be set beside each other.
    #[must_use]
    pub const fn parts(self) -> bool {
        matches!(self, Self::Definition | Self::Toolchain)
    }

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Definition => "definition",
            Self::Toolchain => "toolchain",
            Self::Dependencies => "dependencies",
            Self::Governor => "governor",
            Self::Virtualisation => "virtualisation",
        }
    }
}

/// Runs that are in no series, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Of files that no commit of the line has.
    pub dirty: usize,
    /// Of commits that are not on the line: of other branches, or further back than is looked.
    pub elsewhere: usize,
    /// Of no commit at all.
    pub no_commit: usize,
}

impl LeftOut {
    /// How many there are.
    #[must_use]
    pub const fn all(&self) -> usize {
        self.dirty + self.elsewhere + self.no_commit
    }
}

impl Series {
    /// The stretches within which values may be set beside each other, oldest first: between marks that part. All points lie
    /// in one of them, those without a figure too.
    #[must_use]
    pub fn stretches(&self) -> Vec<Range<usize>> {
        let parts = |point: &Point| point.marks.iter().any(|mark| mark.kind.parts());
        let mut stretches = Vec::new();
        let mut from = 0;
        for at in 1..self.points.len() {
            if parts(&self.points[at]) {
                stretches.push(from..at);
                from = at;
            }
        }
        if !self.points.is_empty() {
            stretches.push(from..self.points.len());
        }
        stretches
    }

    /// The newest of [`stretches`](Self::stretches); empty without points.
    #[must_use]
    pub fn newest_stretch(&self) -> &[Point] {
        let newest = self.stretches().pop().unwrap_or(0..0);
        &self.points[newest]
    }

    /// The newest point that has a figure.
    #[must_use]
    pub fn latest(&self) -> Option<(&Point, Figure)> {
        let mut newest_first = self.points.iter().rev();
        newest_first.find_map(|point| Some((point, point.figure?)))
    }
}

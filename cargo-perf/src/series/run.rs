//! What a run contributes: who it is, and what it saw of each metric of each benchmark, brought down to a figure.

use perf_schema::metric::{meaning_of, names};
use perf_schema::{
    BenchId, BenchmarkRecord, Better, BudgetKind, Build, Commit, Definition, Kind, LimitRecord,
    Meaning, Metric, RecordId, RunRecord, Samples, TreeId, Unit,
};
use perf_stats::{Confidence, interval_of_median, median, median_in_place};

use super::model::{Bracket, Failed, Figure};
use super::text::Text;
use crate::compare::overhead_in;
use crate::hash::short;

/// Level of a figure's interval.
pub const LEVEL: Confidence = Confidence::P99;

/// Digits of a build's digest.
const DIGITS: usize = 12;

/// Who a run is.
#[derive(Clone, Debug, PartialEq)]
pub struct RunHeader {
    /// Id of its record.
    pub record: RecordId,
    /// The commit it is of.
    pub commit: Option<Commit>,
    /// What it measured, by content.
    pub source_tree: Option<TreeId>,
    /// The machine class.
    pub class: String,
    /// The processor.
    pub cpu: String,
    /// How it was built.
    pub build: Build,
    /// Source of time.
    pub clock: String,
    /// The compiler.
    pub rustc: String,
    /// Hash of `Cargo.lock`.
    pub dependencies: Option<String>,
    /// Frequency governor.
    pub governor: Option<String>,
    /// Kind of virtual machine or container.
    pub virtualisation: Option<String>,
    /// When it was kept, as `YYYYMMDDTHHMMSSZ`; a committed record does not tell.
    pub kept: Option<String>,
    /// Path of its file in git, as `baselines/…`; absent for what is only in the local history.
    pub file: Option<String>,
}

/// What a run saw of one metric of one benchmark.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// Which benchmark.
    pub id: BenchId,
    /// Which metric.
    pub metric: Text,
    /// What that means.
    pub meaning: Meaning,
    /// Hash of the benchmark's definition.
    pub definition: Definition,
    /// What was measured.
    pub figure: Option<Figure>,
    /// Why nothing was, if nothing failed.
    pub absent: Option<String>,
    /// How it failed, if a launch did.
    pub failure: Option<Failed>,
    /// Of a limit, what was found.
    pub bracket: Option<Bracket>,
    /// What its author lets it take at most.
    pub budget: Option<f64>,
    /// Launches that went well.
    pub passed: u32,
    /// Launches that failed.
    pub failed: u32,
}

/// A run: who it is, and what it saw.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Who it is.
    pub header: RunHeader,
    /// What it saw.
    pub seen: Vec<Seen>,
}

/// What makes two builds one for a series: profile, target, features, flags, and the source of time.
#[must_use]
pub fn build_digest(build: &Build, clock: &str) -> String {
    // A line each: no member holds a line's end that could be taken for another's begin, since each is escaped.
    let Build {
        profile,
        target,
        features,
        flags,
    } = build;
    let text = format!("{profile:?}\n{target:?}\n{features:?}\n{flags:?}\n{clock:?}");
    short(text, DIGITS)
}

impl RunHeader {
    /// Who a record is.
    #[must_use]
    pub fn of(record: RecordId, run: &RunRecord) -> Self {
        let environment = &run.environment;
        Self {
            record,
            commit: run.commit.clone(),
            source_tree: run.source_tree.clone(),
            class: run.machine.class.clone(),
            cpu: run.machine.cpu.clone(),
            build: environment.build.clone(),
            clock: environment.clock.clone(),
            rustc: environment.rustc.clone(),
            dependencies: environment.dependencies.clone(),
            governor: environment.governor.clone(),
            virtualisation: environment.virtualisation.clone(),
            kept: None,
            file: None,
        }
    }
}

impl Run {
    /// Brings a record down to figures.
    #[must_use]
    pub fn of(record: RecordId, run: &RunRecord) -> Self {
        Self {
            header: RunHeader::of(record, run),
            seen: run.benchmarks.iter().flat_map(Seen::of).collect(),
        }
    }
}

impl Seen {
    /// What is seen of each metric of a benchmark, context left out. A benchmark that failed before anything was measured is
    /// seen once, as the metric it is about.
    #[must_use]
    pub fn of(benchmark: &BenchmarkRecord) -> Vec<Self> {
        let metrics = benchmark.metrics.iter();
        let seen: Vec<Self> = metrics
            .filter_map(|(name, metric)| Self::of_metric(benchmark, name, metric))
            .collect();
        if seen.is_empty() && benchmark.outcome.failed > 0 {
            let (metric, meaning) = headline(benchmark.kind);
            return vec![Self::without_figure(benchmark, metric, meaning)];
        }
        seen
    }

    fn of_metric(benchmark: &BenchmarkRecord, name: &str, metric: &Metric) -> Option<Self> {
        match metric {
            Metric::Measured {
                better: Better::Neither,
                ..
            } => None,
            Metric::Measured {
                unit,
                better,
                exact,
                samples,
            } => {
                let meaning = Meaning {
                    unit: unit.clone(),
                    better: *better,
                    exact: *exact,
                };
                let mut seen = Self::without_figure(benchmark, name, meaning);
                match figure(benchmark, name, samples) {
                    Ok(figure) => seen.figure = Some(figure),
                    Err(reason) => seen.absent = Some(reason),
                }
                Some(seen)
            }
            // Of a metric of the user's own nothing is known but its name: whoever has it says what it means.
            Metric::Absent { reason } => {
                let mut seen = Self::without_figure(benchmark, name, meaning_of(name)?);
                seen.absent = Some(reason.clone());
                Some(seen)
            }
        }
    }

    fn without_figure(benchmark: &BenchmarkRecord, metric: &str, meaning: Meaning) -> Self {
        let failure = benchmark.outcome.failures.first();
        let bounds = match BudgetKind::of(meaning.better) {
            Some(BudgetKind::AtLeast) => &benchmark.floors,
            _ => &benchmark.budgets,
        };
        let budget = bounds.get(metric).map(|amount| amount.get());
        let bracket = benchmark.limit.as_ref().map(|limit| Bracket {
            largest_pass: limit.largest_pass,
            smallest_fail: limit.smallest_fail,
            end: limit.end,
        });
        Self {
            id: benchmark.id.clone(),
            metric: metric.into(),
            meaning,
            definition: benchmark.definition.clone(),
            figure: None,
            absent: None,
            failure: failure.map(|failure| Failed {
                kind: failure.kind,
                message: failure.message.clone(),
            }),
            bracket: bracket.filter(|_| metric == names::LIMIT),
            budget,
            passed: benchmark.outcome.passed,
            failed: benchmark.outcome.failed,
        }
    }
}

/// The metric that a benchmark is about, for one of which nothing was measured.
fn headline(kind: Kind) -> (&'static str, Meaning) {
    let (metric, unit, better) = match kind {
        Kind::Limit => (names::LIMIT, Unit::COUNT, Better::Higher),
        Kind::Time | Kind::Command => (names::WALL, Unit::NANOSECONDS, Better::Lower),
    };
    let exact = false;
    let meaning = Meaning {
        unit,
        better,
        exact,
    };
    (metric, meaning)
}

/// The value that `run` shows, and the interval of it.
fn figure(benchmark: &BenchmarkRecord, metric: &str, samples: &Samples) -> Result<Figure, String> {
    let limit = benchmark.limit.as_ref().filter(|_| metric == names::LIMIT);
    if let Some(why) = limit.and_then(others_doing) {
        return Err(why.to_owned());
    }
    let mut of_launch = Vec::new();
    let mut medians = Vec::with_capacity(samples.launch_count());
    for launch in samples.each_launch() {
        of_launch.clear();
        of_launch.extend(launch);
        medians.extend(median_in_place(&mut of_launch).ok());
    }
    let typical = median(&medians).map_err(|error| error.to_string())?;
    let overhead = overhead_in(benchmark, metric);
    if let Some(below) = overhead.and_then(|overhead| overhead.amount(typical).below()) {
        return Err(format!(
            "it cannot be told from what measuring costs: it is below {below:.3} {}",
            Unit::NANOSECONDS.as_str()
        ));
    }
    let corrected = |value: f64| overhead.map_or(value, |overhead| overhead.corrected(value));
    let interval = interval_of_median(&medians, LEVEL).ok();
    Ok(Figure {
        value: corrected(typical),
        interval: interval.map(|found| (corrected(found.low), corrected(found.high))),
        launches: medians.len(),
    })
}

/// Why what a search found is no figure of the code, where other programs decided it: a series would take it for a step.
fn others_doing(limit: &LimitRecord) -> Option<&'static str> {
    if limit.is_disturbed() {
        Some("other programs had the processor where it failed first")
    } else if limit.has_disturbed_base() {
        Some("other programs had the processor at the level that the others are measured by")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use perf_schema::{Cap, Samples};

    use super::*;
    use crate::compare::scaling::tests::limit;

    #[test]
    fn a_limit_that_others_decided_is_no_figure() {
        let mut benchmark = crate::store::fixture::benchmark("users");
        benchmark.kind = Kind::Limit;
        let largest = Metric::Measured {
            unit: Unit::COUNT,
            better: Better::Higher,
            exact: false,
            samples: Samples::quantise(&[vec![4.0]]).unwrap(),
        };
        benchmark.metrics = [(names::LIMIT.to_owned(), largest)].into();
        let mut found = limit(&[(1, 10.0), (4, 40.0), (5, 41.0)]);
        (found.largest_pass, found.smallest_fail) = (Some(4), Some(5));
        found.levels[2].broke = Some(Cap::Efficiency);
        let mut seen = |found: &LimitRecord| {
            benchmark.limit = Some(found.clone());
            let mut all = Seen::of(&benchmark);
            assert_eq!(all.len(), 1);
            let Seen { figure, absent, .. } = all.remove(0);
            (figure.map(|figure| figure.value), absent)
        };
        assert_eq!(seen(&found), (Some(4.0), None));
        found.levels[2].disturbed = true;
        let (figure, absent) = seen(&found);
        assert_eq!(figure, None);
        assert!(absent.is_some_and(|why| why.contains("where it failed")));
    }
}

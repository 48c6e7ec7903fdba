//! Budgets: what a benchmark took, held against what its author lets it take. It needs no baseline.

use perf_schema::metric::{absent_with, meaning_of};
use perf_schema::{
    BenchmarkRecord, Budgets, ExitCode, Metric, MetricName, RunRecord, Unit, Unmeasured,
};
use perf_stats::{Ceiling, exact_ceiling, noisy_ceiling};

use super::growth::{Grown, Swept};
use super::overhead::overhead_in;
use super::side::{Session, gauges_of};

/// How a benchmark stands to one of its budgets.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// Name of the metric.
    pub metric: MetricName,
    /// What it is counted in, where it was measured.
    pub unit: Option<Unit>,
    /// The most it may take.
    pub most: f64,
    /// What was held against that, where it was measured.
    pub value: Option<f64>,
    /// Whether it was kept.
    pub standing: Standing,
    /// Why, where it was not simply kept.
    pub reason: String,
}

/// Whether a budget was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It was not, or it is exact and could not be measured: nobody may take that for kept.
    Broken,
    /// It cannot be told.
    Open,
    /// It was.
    Kept,
}

impl Standing {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Broken => "over budget",
            Self::Open => "cannot tell",
            Self::Kept => "kept",
        }
    }
}

/// How a benchmark of a record stands to what it is warned of. What is over its budget needs no warning.
#[must_use]
pub fn warned(
    benchmark: &BenchmarkRecord,
    warnings: &Budgets,
    session: Option<Session>,
) -> Vec<Held> {
    let broken: Vec<MetricName> = held(benchmark, session)
        .into_iter()
        .filter(|held| held.standing == Standing::Broken)
        .map(|held| held.metric)
        .collect();
    let mut warned = held_to(benchmark, warnings, session);
    warned.retain(|held| !broken.contains(&held.metric));
    warned
}

/// How a benchmark of a record stands to its budgets. One that failed has no figures, and is told as failed.
#[must_use]
pub fn held(benchmark: &BenchmarkRecord, session: Option<Session>) -> Vec<Held> {
    held_to(benchmark, &benchmark.budgets, session)
}

fn held_to(benchmark: &BenchmarkRecord, budgets: &Budgets, session: Option<Session>) -> Vec<Held> {
    if benchmark.outcome.failed > 0 {
        return Vec::new();
    }
    let quietest = session.map_or(f64::INFINITY, |session| session.floor_ns);
    let all = budgets.iter();
    all.map(|(metric, most)| hold(benchmark, metric, most.get(), quietest))
        .collect()
}

/// The exit code that the budgets of a record amount to, where it would be `otherwise` without them. A benchmark that failed
/// weighs more, since what it hides is unknown.
#[must_use]
pub fn exit_code(record: &RunRecord, otherwise: ExitCode) -> ExitCode {
    let session = Session::of(record);
    let mut all = record
        .benchmarks
        .iter()
        .flat_map(|benchmark| held(benchmark, session));
    let broken = all.any(|held| held.standing == Standing::Broken);
    // A promise of growth is a budget, too.
    let mut grown = record.benchmarks.iter().filter_map(Grown::of);
    let broken = broken || grown.any(|grown| grown.is_broken());
    let sweeps = Swept::all(&record.benchmarks);
    let broken = broken || sweeps.iter().any(|swept| swept.grown.is_broken());
    if broken && otherwise != ExitCode::Benchmark {
        ExitCode::Regression
    } else {
        otherwise
    }
}

/// Why a budget of a few instructions stays open.
const NOT_TOLD: &str = "it cannot be told from what measuring costs";

fn hold(benchmark: &BenchmarkRecord, metric: &str, most: f64, quietest: f64) -> Held {
    let seen = benchmark.metrics.get(metric);
    let Some(Metric::Measured {
        unit,
        exact,
        samples,
        ..
    }) = seen
    else {
        return unmeasured(benchmark, metric, most);
    };
    let launches = samples.launches();
    let (ceiling, told) = if *exact {
        let values: Vec<f64> = launches.concat();
        (exact_ceiling(&values, most), true)
    } else {
        let medians = launches.iter().map(|launch| perf_stats::median(launch));
        let values: Vec<f64> = medians.filter_map(Result::ok).collect();
        let (values, told) = match (overhead_in(benchmark, metric), perf_stats::median(&values)) {
            (Some(overhead), Ok(typical)) => overhead.held(values, typical),
            _ => (values, true),
        };
        let gauges = gauges_of(benchmark);
        (noisy_ceiling(&values, &gauges, quietest, most), told)
    };
    let (value, standing, reason) = match ceiling {
        Some(Ceiling::Kept { value }) => (value, Standing::Kept, String::new()),
        Some(Ceiling::Broken { value } | Ceiling::Open { value, .. }) if !told => {
            (value, Standing::Open, NOT_TOLD.to_owned())
        }
        Some(Ceiling::Broken { value }) => (value, Standing::Broken, String::new()),
        Some(Ceiling::Open { value, doubt }) => (value, Standing::Open, doubt.to_string()),
        None => return unmeasured(benchmark, metric, most),
    };
    Held {
        metric: metric.to_owned(),
        unit: Some(unit.clone()),
        most,
        value: Some(value),
        standing,
        reason,
    }
}

fn unmeasured(benchmark: &BenchmarkRecord, metric: &str, most: f64) -> Held {
    let told = |name: &str| match benchmark.metrics.get(name) {
        Some(Metric::Absent { reason }) => Some(reason.clone()),
        _ => None,
    };
    let reason = told(metric).or_else(|| told(absent_with(metric)));
    let Unmeasured { is_open, why } = perf_schema::unmeasured(metric, reason.as_deref());
    let meaning = meaning_of(metric);
    Held {
        metric: metric.to_owned(),
        unit: meaning.map(|meaning| meaning.unit),
        most,
        value: None,
        standing: if is_open {
            Standing::Open
        } else {
            Standing::Broken
        },
        reason: format!("it was not measured: {why}"),
    }
}

#[cfg(test)]
mod tests {
    use perf_schema::{Amount, Better, Samples};

    use super::*;
    use crate::store::fixture::benchmark;

    fn measured(unit: Unit, exact: bool, launches: &[f64]) -> Metric {
        let launches: Vec<Vec<f64>> = launches.iter().map(|&value| vec![value]).collect();
        Metric::Measured {
            unit,
            better: Better::Lower,
            exact,
            samples: Samples::quantise(&launches).unwrap(),
        }
    }

    fn standing(metric: &str, most: f64, seen: &[(&str, Metric)]) -> Held {
        let mut benchmark = benchmark("f");
        benchmark.metrics = seen
            .iter()
            .map(|(name, metric)| ((*name).to_owned(), metric.clone()))
            .collect();
        let most = Amount::new(most).unwrap();
        benchmark.budgets = [(metric.to_owned(), most)].into();
        let session = Session {
            floor_ns: 100.0,
            typical_ns: 100.0,
        };
        let mut all = held(&benchmark, Some(session));
        assert_eq!(all.len(), 1);
        all.remove(0)
    }

    #[test]
    fn an_exact_budget_is_broken_by_one_value_above_it() {
        let allocs = |last: f64| {
            let metric = measured(Unit::COUNT, true, &[3.0, 3.0, last]);
            standing("allocs", 3.0, &[("allocs", metric)])
        };
        assert_eq!(allocs(3.0).standing, Standing::Kept);
        let broken = allocs(4.0);
        assert_eq!(
            (broken.standing, broken.value),
            (Standing::Broken, Some(4.0))
        );
    }

    #[test]
    fn a_noisy_budget_is_broken_by_quiet_launches_only() {
        let wall = |gauge: f64, value: f64| {
            let metrics = [
                ("wall", measured(Unit::NANOSECONDS, false, &[value; 9])),
                ("gauge", measured(Unit::NANOSECONDS, false, &[gauge; 9])),
            ];
            standing("wall", 1000.0, &metrics).standing
        };
        assert_eq!(wall(100.0, 900.0), Standing::Kept);
        assert_eq!(wall(100.0, 1020.0), Standing::Open);
        assert_eq!(wall(100.0, 1200.0), Standing::Broken);
        assert_eq!(wall(130.0, 1200.0), Standing::Open);
        assert_eq!(wall(130.0, 900.0), Standing::Kept);
    }

    #[test]
    fn what_measuring_costs_is_no_part_of_a_time() {
        let wall = |most: f64, value: f64| {
            let of = |value| measured(Unit::NANOSECONDS, false, &[value; 9]);
            let metrics = [
                ("wall", of(value)),
                ("gauge", of(100.0)),
                ("clock", of(0.0)),
                ("loop", of(2.0)),
            ];
            standing("wall", most, &metrics)
        };
        // Three nanoseconds were read, of which the loop is a part that cannot be told from a body so short.
        assert_eq!(wall(2.5, 3.0).standing, Standing::Kept);
        assert_eq!(wall(2.5, 3.0).value, Some(2.0));
        let hidden = wall(1.0, 2.1);
        assert_eq!(hidden.standing, Standing::Open);
        assert!(
            hidden.reason.contains("what measuring costs"),
            "{}",
            hidden.reason
        );
        assert_eq!(
            wall(2.5, 2.1).standing,
            Standing::Kept,
            "it took no longer than was read"
        );
    }

    #[test]
    fn what_was_not_measured_is_never_kept() {
        let reason = "write perf::main!(alloc = counting)".to_owned();
        let absent = Metric::Absent { reason };
        let peak = standing("peak", 3.0, &[("allocs", absent.clone())]);
        assert_eq!((peak.standing, peak.value), (Standing::Broken, None));
        assert!(peak.reason.contains("alloc = counting"), "{}", peak.reason);
        let typo = standing("alocs", 3.0, &[]);
        assert_eq!(typo.standing, Standing::Broken);
        let rss = standing("peak-rss", 3.0, &[("peak-rss", absent)]);
        assert_eq!(rss.standing, Standing::Open);
    }

    #[test]
    fn a_warning_is_given_below_the_budget_and_not_above_it() {
        let mut benchmark = benchmark("f");
        let of = |most: f64| [("words".to_owned(), Amount::new(most).unwrap())].into();
        let mut standing = |value: f64| {
            let words = measured(Unit::COUNT, true, &[value; 3]);
            benchmark.metrics = [("words".to_owned(), words)].into();
            benchmark.budgets = of(10.0);
            let warned = warned(&benchmark, &of(8.0), None);
            warned.first().map(|held| held.standing)
        };
        assert_eq!(standing(8.0), Some(Standing::Kept));
        assert_eq!(standing(9.0), Some(Standing::Broken), "above the warning");
        assert_eq!(standing(11.0), None, "that it is over budget is said");
    }

    #[test]
    fn what_failed_is_told_as_failed() {
        let mut failed = benchmark("f");
        failed.budgets = [("allocs".to_owned(), Amount::new(0.0).unwrap())].into();
        failed.outcome.failed = 1;
        assert_eq!(held(&failed, None), []);
    }
}

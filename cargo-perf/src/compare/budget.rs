//! Budgets: what a benchmark took and gave, held against what its author lets it take and wants of it. It needs no baseline.

use perf_schema::metric::{absent_with, names};
use perf_schema::{
    BenchmarkRecord, BudgetKind, ExitCode, Metric, MetricName, RunRecord, Throughput, Unit,
    Unmeasured, budget_meaning,
};
use perf_stats::{Bound, Kept, holds, holds_exactly};

use super::growth::{Grown, Swept};
use super::overhead::overhead_in;
use super::rules::Bounds;
use super::side::{Session, gauges_of};

/// How a benchmark stands to one of its budgets.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// Name of the metric.
    pub metric: MetricName,
    /// What it is counted in, where it was measured.
    pub unit: Option<Unit>,
    /// Which way the budget holds.
    pub kind: BudgetKind,
    /// The most that it may take, or the least that it has to give.
    pub limit: f64,
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

impl Held {
    /// The word for how it stands.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match (self.standing, self.kind) {
            (Standing::Broken, BudgetKind::AtMost) => "over budget",
            (Standing::Broken, BudgetKind::AtLeast) => "under budget",
            (Standing::Open, _) => "cannot tell",
            (Standing::Kept, _) => "kept",
        }
    }
}

/// How a benchmark of a record stands to what it is warned of. What breaks its budget needs no warning.
#[must_use]
pub fn warned(
    benchmark: &BenchmarkRecord,
    warnings: &Bounds,
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
    held_to(benchmark, &Bounds::recorded(benchmark), session)
}

fn held_to(benchmark: &BenchmarkRecord, bounds: &Bounds, session: Option<Session>) -> Vec<Held> {
    if benchmark.outcome.failed > 0 {
        return Vec::new();
    }
    let quietest = session.map_or(f64::INFINITY, |session| session.floor_ns);
    let all = bounds.iter();
    all.map(|(kind, metric, amount)| {
        let budget = Budget {
            kind,
            metric,
            limit: amount.get(),
        };
        budget.hold(benchmark, quietest)
    })
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

/// So much of a metric, one way or the other.
#[derive(Clone, Copy)]
struct Budget<'a> {
    kind: BudgetKind,
    metric: &'a str,
    limit: f64,
}

impl Budget<'_> {
    fn hold(self, benchmark: &BenchmarkRecord, quietest: f64) -> Held {
        // What is worked through in a second is not recorded: it follows from the time.
        let count = benchmark.throughput.of(self.metric);
        let source = count.map_or(self.metric, |_| names::WALL);
        let Some(Metric::Measured {
            unit,
            better,
            exact,
            samples,
        }) = benchmark.metrics.get(source)
        else {
            return self.unmeasured(benchmark);
        };
        let rate = budget_meaning(self.metric).filter(|_| count.is_some());
        let (unit, better) = rate.map_or((unit.clone(), *better), |rate| (rate.unit, rate.better));
        if let Err(mistake) = self.kind.check(self.metric, better) {
            return self.without_value(Some(unit), Standing::Broken, mistake);
        }
        let bound = match self.kind {
            BudgetKind::AtMost => Bound::AtMost(self.limit),
            BudgetKind::AtLeast => Bound::AtLeast(self.limit),
        };
        let launches = samples.launches();
        let (kept, told) = if *exact {
            let values: Vec<f64> = launches.concat();
            (holds_exactly(&values, bound), true)
        } else {
            let medians = launches.iter().map(|launch| perf_stats::median(launch));
            let values: Vec<f64> = medians.filter_map(Result::ok).collect();
            let (mut values, told) =
                match (overhead_in(benchmark, source), perf_stats::median(&values)) {
                    (Some(overhead), Ok(typical)) => overhead.held(values, typical),
                    _ => (values, true),
                };
            if let Some(count) = count {
                for value in &mut values {
                    *value = Throughput::per_second(count, *value);
                }
            }
            let gauges = gauges_of(benchmark);
            (holds(&values, &gauges, quietest, bound), told)
        };
        let (value, standing, reason) = match kept {
            Some(Kept::Surely { value }) => (value, Standing::Kept, String::new()),
            Some(Kept::Broken { value } | Kept::Open { value, .. }) if !told => {
                (value, Standing::Open, NOT_TOLD.to_owned())
            }
            Some(Kept::Broken { value }) => (value, Standing::Broken, String::new()),
            Some(Kept::Open { value, doubt }) => (value, Standing::Open, doubt.to_string()),
            None => return self.unmeasured(benchmark),
        };
        Held {
            value: Some(value),
            ..self.without_value(Some(unit), standing, reason)
        }
    }

    fn unmeasured(self, benchmark: &BenchmarkRecord) -> Held {
        let metric = self.metric;
        let told = |name: &str| match benchmark.metrics.get(name) {
            Some(Metric::Absent { reason }) => Some(reason.clone()),
            _ => None,
        };
        let reason = told(metric).or_else(|| told(absent_with(metric)));
        let Unmeasured { is_open, why } = perf_schema::unmeasured(metric, reason.as_deref());
        let standing = if is_open {
            Standing::Open
        } else {
            Standing::Broken
        };
        let unit = budget_meaning(metric).map(|meaning| meaning.unit);
        self.without_value(unit, standing, format!("it was not measured: {why}"))
    }

    fn without_value(self, unit: Option<Unit>, standing: Standing, reason: String) -> Held {
        Held {
            metric: self.metric.to_owned(),
            unit,
            kind: self.kind,
            limit: self.limit,
            value: None,
            standing,
            reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use perf_schema::{Amount, Better, Budgets, Samples};

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
        let of =
            |most: f64| -> Budgets { [("words".to_owned(), Amount::new(most).unwrap())].into() };
        let mut above_eight = Bounds::default();
        above_eight.add(BudgetKind::AtMost, "words", Amount::new(8.0).unwrap());
        let mut standing = |value: f64| {
            let words = measured(Unit::COUNT, true, &[value; 3]);
            benchmark.metrics = [("words".to_owned(), words)].into();
            benchmark.budgets = of(10.0);
            let warned = warned(&benchmark, &above_eight, None);
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

    /// A benchmark that recorded this of `ratio` in nine launches, beside 1000 ns of wall time.
    fn with_ratio(better: Better, exact: bool, value: f64) -> BenchmarkRecord {
        let mut benchmark = benchmark("f");
        let of = |unit, better, exact, value: f64| Metric::Measured {
            unit,
            better,
            exact,
            samples: Samples::quantise(&vec![vec![value]; 9]).unwrap(),
        };
        let metrics = [
            ("ratio", of(Unit::COUNT, better, exact, value)),
            ("wall", of(Unit::NANOSECONDS, Better::Lower, false, 1000.0)),
            (
                "gauge",
                of(Unit::NANOSECONDS, Better::Neither, false, 100.0),
            ),
        ];
        benchmark.metrics = metrics
            .map(|(name, metric)| (name.to_owned(), metric))
            .into();
        benchmark
    }

    const QUIET: Option<Session> = Some(Session {
        floor_ns: 100.0,
        typical_ns: 100.0,
    });

    #[test]
    fn a_floor_is_broken_from_below() {
        for (exact, value, expected) in [
            (true, 3.0, Standing::Kept),
            (true, 2.9, Standing::Broken),
            (false, 3.3, Standing::Kept),
            (false, 3.0, Standing::Open),
            (false, 2.7, Standing::Broken),
        ] {
            let mut benchmark = with_ratio(Better::Higher, exact, value);
            benchmark.floors = [("ratio".to_owned(), Amount::new(3.0).unwrap())].into();
            let all = held(&benchmark, QUIET);
            assert_eq!((all.len(), all[0].standing), (1, expected), "{value}");
            let is_under = all[0].word() == "under budget";
            assert_eq!(is_under, expected == Standing::Broken, "{value}");
        }
    }

    #[test]
    fn a_budget_the_wrong_way_is_a_mistake_and_never_kept() {
        for better in [Better::Lower, Better::Higher] {
            let mut benchmark = with_ratio(better, true, 3.0);
            let harmless = |amount| [("ratio".to_owned(), Amount::new(amount).unwrap())].into();
            match better {
                Better::Higher => benchmark.budgets = harmless(100.0),
                _ => benchmark.floors = harmless(0.0),
            }
            let all = held(&benchmark, QUIET);
            assert_eq!((all[0].standing, all[0].value), (Standing::Broken, None));
            assert!(
                all[0].reason.contains("`ratio` is better"),
                "{}",
                all[0].reason
            );
        }
        // What has no good direction may have both.
        let mut range = with_ratio(Better::Neither, true, 3.0);
        range.budgets = [("ratio".to_owned(), Amount::new(4.0).unwrap())].into();
        range.floors = [("ratio".to_owned(), Amount::new(3.5).unwrap())].into();
        let standings: Vec<Standing> = held(&range, QUIET).iter().map(|h| h.standing).collect();
        assert_eq!(standings, [Standing::Kept, Standing::Broken]);
    }

    #[test]
    fn a_rate_is_held_by_the_time() {
        let mut benchmark = with_ratio(Better::Higher, true, 3.0);
        benchmark.throughput.items = Some(50);
        let mut standing = |least: f64| {
            benchmark.floors = [("items".to_owned(), Amount::new(least).unwrap())].into();
            let found = held(&benchmark, QUIET).remove(0);
            (found.standing, found.value, found.unit)
        };
        // Fifty in a microsecond.
        let of = |standing| (standing, Some(5e7), Some(Unit::ITEMS_PER_SECOND));
        assert_eq!(standing(4e7), of(Standing::Kept));
        assert_eq!(standing(5e7), of(Standing::Open));
        assert_eq!(standing(6e7), of(Standing::Broken));
        benchmark.throughput.items = None;
        let unsaid = held(&benchmark, QUIET).remove(0);
        assert_eq!((unsaid.standing, unsaid.value), (Standing::Broken, None));
        assert!(unsaid.reason.contains("nobody said"), "{}", unsaid.reason);
    }

    #[test]
    fn a_warning_of_too_little_is_given_above_the_floor() {
        let mut benchmark = with_ratio(Better::Higher, true, 5.0);
        benchmark.floors = [("ratio".to_owned(), Amount::new(3.0).unwrap())].into();
        let mut warnings = Bounds::default();
        warnings.add(BudgetKind::AtLeast, "ratio", Amount::new(4.0).unwrap());
        let mut standing = |value: f64| {
            benchmark.metrics = with_ratio(Better::Higher, true, value).metrics;
            let warned = warned(&benchmark, &warnings, QUIET);
            warned.first().map(|held| held.standing)
        };
        assert_eq!(standing(4.0), Some(Standing::Kept));
        assert_eq!(standing(3.5), Some(Standing::Broken), "below the warning");
        assert_eq!(standing(2.0), None, "that it is under budget is said");
    }
}

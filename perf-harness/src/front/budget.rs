//! What a benchmark may take at most, and has to give at least, held against what it did: under `cargo bench` and, where nothing is noisy, under
//! `cargo test`.

use std::collections::BTreeMap;

use perf_runner::{CaseRun, Launch};
use perf_schema::metric::{absent_with, names};
use perf_schema::wire::CaseDescription;
use perf_schema::{
    Better, BudgetKind, MetricName, Observed, Throughput, Unit, Unmeasured, budget_meaning,
};
use perf_stats::{Bound, Kept, holds, holds_exactly};

use super::report::{amount, overhead};

/// The metrics that a quick run in this process looks at.
const IN_PROCESS: [&str; 3] = [names::ALLOCS, names::ALLOC_BYTES, names::PEAK];

/// What there is to say of a budget that was not simply kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// It was not kept, or nobody could look.
    Broken(String),
    /// It cannot be told.
    Open(String),
}

/// So much of a metric, one way or the other.
struct Budget<'a> {
    kind: BudgetKind,
    metric: &'a str,
    amount: f64,
}

fn budgets(case: &CaseDescription) -> impl Iterator<Item = Budget<'_>> {
    let both = [
        (BudgetKind::AtMost, &case.budgets),
        (BudgetKind::AtLeast, &case.floors),
    ];
    both.into_iter().flat_map(|(kind, all)| {
        all.iter().map(move |(metric, amount)| Budget {
            kind,
            metric,
            amount: amount.get(),
        })
    })
}

/// Whether a quick run can hold any of a case's budgets.
pub(super) fn looked_at(case: &CaseDescription) -> bool {
    budgets(case).any(|budget| IN_PROCESS.contains(&budget.metric))
}

/// What one quick run breaks. Noisy metrics are passed over: one unoptimised iteration tells nothing of them.
pub(super) fn broken_by_one(
    case: &CaseDescription,
    seen: &BTreeMap<MetricName, Observed>,
) -> Vec<String> {
    let mut broken = Vec::new();
    for budget in budgets(case) {
        let metric = budget.metric;
        let own = budget_meaning(metric).is_none();
        if !own && !IN_PROCESS.contains(&metric) {
            continue;
        }
        if let Some(Observed::Value { meaning, .. }) = seen.get(metric)
            && !meaning.exact
            && budget.kind.check(metric, meaning.better).is_ok()
        {
            continue;
        }
        let launch = Launch {
            observed: seen.clone(),
            ..Launch::default()
        };
        let seen = Seen::of(metric, &[launch], 1);
        if let Some(Finding::Broken(what)) = finding(&budget, &seen, 0.0) {
            broken.push(what);
        }
    }
    broken
}

/// What the launches of a case break, and what they leave open. `quietest` is the least gauge of the session.
pub(super) fn findings(case: &CaseDescription, run: &CaseRun, quietest: f64) -> Vec<Finding> {
    let batch = run.batch.unwrap_or(1).max(1);
    let seen = |metric| Seen::of(metric, &run.launches, batch).without_overhead(metric, run);
    budgets(case)
        .filter_map(|budget| {
            let metric = budget.metric;
            let seen = match (run.throughput.of(metric), budget_meaning(metric)) {
                (Some(count), Some(meaning)) => {
                    seen(names::WALL).worked_through(count, meaning.unit)
                }
                _ => seen(metric),
            };
            finding(&budget, &seen, quietest)
        })
        .collect()
}

/// The least gauge of a session.
pub(super) fn quietest(runs: &[CaseRun]) -> f64 {
    let launches = runs.iter().flat_map(|run| &run.launches);
    launches.map(gauge).fold(f64::INFINITY, f64::min)
}

fn gauge(launch: &Launch) -> f64 {
    let least = launch.gauge_ns.iter().min();
    least.map_or(f64::INFINITY, |&ns| ns as f64)
}

/// What the launches saw of a metric.
enum Seen {
    Values {
        unit: Unit,
        better: Better,
        exact: bool,
        values: Vec<f64>,
        gauges: Vec<f64>,
        /// Whether they can be told from what measuring costs.
        told: bool,
    },
    Nothing {
        reason: Option<String>,
    },
}

impl Seen {
    fn of(metric: &str, launches: &[Launch], batch: u64) -> Self {
        let time = |pick: fn(&Launch) -> &[u64]| {
            let each = launches.iter().filter_map(|launch| {
                let samples: Vec<f64> = pick(launch).iter().map(|&ns| ns as f64).collect();
                let value = perf_stats::median(&samples).ok()?;
                Some((value / batch as f64, gauge(launch)))
            });
            let (values, gauges) = each.unzip();
            Self::Values {
                unit: Unit::NANOSECONDS,
                better: Better::Lower,
                exact: false,
                values,
                gauges,
                told: true,
            }
        };
        match metric {
            names::WALL => time(|launch| &launch.wall_ns),
            names::CPU => time(|launch| &launch.cpu_ns),
            _ => Self::observed(metric, launches),
        }
    }

    /// Times without what measuring costs; anything else as it is.
    fn without_overhead(self, metric: &str, run: &CaseRun) -> Self {
        let clock = match metric {
            names::WALL => names::CLOCK,
            names::CPU => names::CPU_CLOCK,
            _ => return self,
        };
        match (self, overhead(run, clock)) {
            (
                Self::Values {
                    unit,
                    better,
                    exact,
                    values,
                    gauges,
                    ..
                },
                Some(overhead),
            ) => {
                let typical = perf_stats::median(&values).unwrap_or(0.0);
                let (values, told) = overhead.held(values, typical);
                Self::Values {
                    unit,
                    better,
                    exact,
                    values,
                    gauges,
                    told,
                }
            }
            (seen, _) => seen,
        }
    }

    /// Times of an iteration as what is worked through in a second, where it is so much in each.
    fn worked_through(self, count: u64, unit: Unit) -> Self {
        match self {
            Self::Values {
                values,
                gauges,
                told,
                ..
            } => Self::Values {
                unit,
                better: Better::Higher,
                exact: false,
                values: (values.iter())
                    .map(|&ns| Throughput::per_second(count, ns))
                    .collect(),
                gauges,
                told,
            },
            nothing @ Self::Nothing { .. } => nothing,
        }
    }

    fn observed(metric: &str, launches: &[Launch]) -> Self {
        let (mut all, mut gauges) = (Vec::new(), Vec::new());
        let (mut meant, mut reason) = (None, None);
        for launch in launches {
            if let Some(Observed::Value { meaning, values }) = launch.observed.get(metric) {
                meant.get_or_insert_with(|| meaning.clone());
                // Of what is noisy a launch is one observation; of what is exact every value has to hold.
                let values = match perf_stats::median(values) {
                    Ok(median) if !meaning.exact => vec![median],
                    _ => values.clone(),
                };
                gauges.extend(values.iter().map(|_| gauge(launch)));
                all.extend(values);
            } else if let Some(Observed::Absent { reason: why }) =
                launch.observed.get(absent_with(metric))
            {
                reason.get_or_insert_with(|| why.clone());
            }
        }
        match meant {
            Some(meaning) => Self::Values {
                unit: meaning.unit,
                better: meaning.better,
                exact: meaning.exact,
                values: all,
                gauges,
                told: true,
            },
            None => Self::Nothing { reason },
        }
    }
}

fn finding(budget: &Budget<'_>, seen: &Seen, quietest: f64) -> Option<Finding> {
    let &Budget {
        kind,
        metric,
        amount: limit,
    } = budget;
    let (bound, beyond) = match kind {
        BudgetKind::AtMost => (Bound::AtMost(limit), "over"),
        BudgetKind::AtLeast => (Bound::AtLeast(limit), "under"),
    };
    let (unit, better, kept, told) = match seen {
        Seen::Nothing { reason } => return Some(unmeasured(metric, reason.as_deref())),
        Seen::Values {
            unit,
            better,
            exact: true,
            values,
            ..
        } => (unit, *better, holds_exactly(values, bound), true),
        Seen::Values {
            unit,
            better,
            values,
            gauges,
            told,
            ..
        } => {
            let kept = holds(values, gauges, quietest, bound);
            (unit, *better, kept, *told)
        }
    };
    if let Err(mistake) = kind.check(metric, better) {
        return Some(Finding::Broken(mistake));
    }
    let against = |value: f64| {
        format!(
            "{metric} is {}, and its budget {}",
            amount(value, unit),
            amount(limit, unit)
        )
    };
    match kept {
        Some(Kept::Surely { .. }) => None,
        // What hides behind the loop took no longer than was read, and need not have taken as long.
        Some(Kept::Broken { value } | Kept::Open { value, .. }) if !told => {
            Some(Finding::Open(format!(
                "{}: it cannot be told from what measuring costs",
                against(value)
            )))
        }
        Some(Kept::Broken { value }) => Some(Finding::Broken(format!(
            "{beyond} budget: {}",
            against(value)
        ))),
        Some(Kept::Open { value, doubt }) => {
            Some(Finding::Open(format!("{}: {doubt}", against(value))))
        }
        None => Some(unmeasured(metric, None)),
    }
}

/// A budget that nobody could hold is not kept. Only where no better can be asked for, with what is noisy, is it left open.
fn unmeasured(metric: &str, reason: Option<&str>) -> Finding {
    let Unmeasured { is_open, why } = perf_schema::unmeasured(metric, reason);
    if is_open {
        Finding::Open(format!("{metric} has a budget and was not measured: {why}"))
    } else {
        Finding::Broken(format!(
            "over budget or not, nobody knows: {metric} was not measured: {why}"
        ))
    }
}

#[cfg(test)]
mod tests {
    use perf_schema::{Amount, Budgets, Kind, Meaning};

    use super::*;

    fn case(most: &[(&str, f64)], least: &[(&str, f64)]) -> CaseDescription {
        let amount = |most| Amount::new(most).unwrap();
        let of = |all: &[(&str, f64)]| -> Budgets {
            let each = all.iter();
            each.map(|&(metric, most)| (metric.to_owned(), amount(most)))
                .collect()
        };
        CaseDescription {
            budgets: of(most),
            floors: of(least),
            name: "f".to_owned(),
            kind: Kind::Time,
            parameters: BTreeMap::new(),
            version: 1,
            threads: 1,
            ignored: false,
            ignored_because: None,
            timeout_ms: None,
            gate: None,
            fit: None,
            limit: None,
            chaos: None,
            file: "benches/a.rs".to_owned(),
            line: 1,
        }
    }

    fn observed(all: &[(&str, Observed)]) -> BTreeMap<MetricName, Observed> {
        all.iter()
            .map(|(metric, seen)| ((*metric).to_owned(), seen.clone()))
            .collect()
    }

    fn run(wall_ns: u64, observed: &BTreeMap<MetricName, Observed>) -> CaseRun {
        let launch = Launch {
            wall_ns: vec![wall_ns; 3],
            cpu_ns: vec![wall_ns; 3],
            gauge_ns: vec![100; 3],
            observed: observed.clone(),
        };
        CaseRun {
            batch: Some(10),
            launches: vec![launch; 8],
            ..CaseRun::default()
        }
    }

    fn told(budget: (&str, f64), wall_ns: u64, seen: &[(&str, Observed)]) -> Vec<Finding> {
        let run = run(wall_ns, &observed(seen));
        findings(&case(&[budget], &[]), &run, 100.0)
    }

    #[test]
    fn times_are_held_by_iteration() {
        assert_eq!(told(("wall", 100.0), 900, &[]), []);
        let over = told(("wall", 100.0), 2_000, &[]);
        let text = "over budget: wall is 200.0 ns, and its budget 100.0 ns".to_owned();
        assert_eq!(over, [Finding::Broken(text)]);
        let near = told(("cpu", 100.0), 1_010, &[]);
        assert!(
            matches!(near.as_slice(), [Finding::Open(why)] if why.contains("too near")),
            "{near:?}"
        );
    }

    #[test]
    fn exact_metrics_are_held_to_the_last_one() {
        let three = |most| {
            told(
                ("allocs", most),
                1,
                &[("allocs", Observed::exact(Unit::COUNT, 3.0))],
            )
        };
        assert_eq!(three(3.0), []);
        let text = "over budget: allocs is 3, and its budget 2".to_owned();
        assert_eq!(three(2.0), [Finding::Broken(text)]);
    }

    #[test]
    fn what_was_not_measured_is_never_passed() {
        let absent = Observed::Absent {
            reason: "nobody counts".to_owned(),
        };
        let allocs = told(("allocs", 3.0), 1, &[("allocs", absent.clone())]);
        assert!(
            matches!(allocs.as_slice(), [Finding::Broken(why)] if why.contains("nobody counts")),
            "{allocs:?}"
        );
        let rss = told(("peak-rss", 3.0), 1, &[("peak-rss", absent)]);
        assert!(
            matches!(rss.as_slice(), [Finding::Open(why)] if why.contains("nobody counts")),
            "{rss:?}"
        );
        let unheard_of = told(("alocs", 3.0), 1, &[]);
        assert!(
            matches!(unheard_of.as_slice(), [Finding::Broken(why)] if why.contains("alocs")),
            "{unheard_of:?}"
        );
    }

    #[test]
    fn a_quick_run_holds_what_is_exact_and_passes_over_the_rest() {
        let own = |exact, value| {
            let meaning = Meaning {
                unit: Unit::COUNT,
                better: Better::Lower,
                exact,
            };
            Observed::once(meaning, value)
        };
        let seen = observed(&[
            ("allocs", Observed::exact(Unit::COUNT, 5.0)),
            ("exact", own(true, 5.0)),
            ("noisy", own(false, 5.0)),
        ]);
        let all = case(
            &[
                ("allocs", 4.0),
                ("exact", 4.0),
                ("noisy", 4.0),
                ("wall", 4.0),
                ("peak-rss", 4.0),
                ("peak", 4.0),
            ],
            &[],
        );
        let broken = broken_by_one(&all, &seen);
        let about = |metric: &str| broken.iter().any(|what| what.contains(metric));
        assert_eq!(broken.len(), 3, "{broken:?}");
        assert!(about("allocs is 5") && about("exact is 5") && about("peak was not measured"));
        assert!(looked_at(&all) && !looked_at(&case(&[("wall", 1.0)], &[])));
    }

    #[test]
    fn floors_are_held_the_other_way() {
        let own = |better, exact, value| {
            let meaning = Meaning {
                unit: Unit::COUNT,
                better,
                exact,
            };
            observed(&[("ratio", Observed::once(meaning, value))])
        };
        let floor = case(&[], &[("ratio", 3.0)]);
        let under = "under budget: ratio is 2, and its budget 3".to_owned();
        for exact in [true, false] {
            let told = |value| {
                let seen = own(Better::Higher, exact, value);
                findings(&floor, &run(1, &seen), 100.0)
            };
            assert_eq!(told(4.0), []);
            assert_eq!(told(2.0), [Finding::Broken(under.clone())]);
        }
        assert_eq!(
            broken_by_one(&floor, &own(Better::Higher, true, 2.0)),
            [under]
        );
        assert!(broken_by_one(&floor, &own(Better::Higher, false, 2.0)).is_empty());
        // That it goes the wrong way is known from one value, however noisy.
        for exact in [true, false] {
            let wrong = broken_by_one(&floor, &own(Better::Lower, exact, 4.0));
            assert!(wrong[0].contains("less of `ratio` is better"), "{wrong:?}");
        }
    }

    #[test]
    fn a_rate_follows_from_the_time() {
        let held = |least: f64, items: Option<u64>| {
            let mut run = run(1_000, &BTreeMap::new());
            run.throughput.items = items;
            findings(&case(&[], &[("items", least)]), &run, 100.0)
        };
        // Ten iterations in 1000 ns, each of which works through five.
        assert_eq!(held(45e6, Some(5)), []);
        let under = "under budget: items is 50000000 items/s, and its budget 60000000 items/s";
        assert_eq!(held(60e6, Some(5)), [Finding::Broken(under.to_owned())]);
        let near = held(51e6, Some(5));
        assert!(matches!(near.as_slice(), [Finding::Open(_)]), "{near:?}");
        let unsaid = held(1.0, None);
        assert!(
            matches!(unsaid.as_slice(), [Finding::Broken(why)] if why.contains("nobody said")),
            "{unsaid:?}"
        );
    }
}

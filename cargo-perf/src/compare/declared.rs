//! What the code of a benchmark declares of it: the most that it may take, and how its time may grow.
//!
//! A change does not rid itself of either: what the baseline declared is held until the change is part of it.

use std::collections::{BTreeMap, BTreeSet};

use perf_schema::wire::CaseDescription;
use perf_schema::{Amount, BenchId, BenchmarkRecord, Budgets, Fit, LimitPlan, RunRecord};
use perf_stats::Law;

/// What one benchmark declares.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Declared {
    /// The most of each metric.
    pub budgets: Budgets,
    /// How its time grows at most: of a sweep over one of its axes, of a limit with its level.
    pub fit: Option<Fit>,
}

/// What the baseline's benchmarks declare, by its own words.
pub type DeclaredThen = BTreeMap<BenchId, Declared>;

impl Declared {
    /// As a record has it.
    #[must_use]
    pub fn of(benchmark: &BenchmarkRecord) -> Self {
        let plan = benchmark.limit.as_ref().map(|limit| &limit.plan);
        Self::new(&benchmark.budgets, plan, benchmark.fit.as_ref())
    }

    /// As the code itself says it.
    #[must_use]
    pub fn by(case: &CaseDescription) -> Self {
        Self::new(&case.budgets, case.limit.as_ref(), case.fit.as_ref())
    }

    fn new(budgets: &Budgets, plan: Option<&LimitPlan>, fit: Option<&Fit>) -> Self {
        let of_levels = plan.and_then(|plan| {
            Some(Fit {
                axis: plan.axis.clone(),
                law: plan.fit.clone()?,
            })
        });
        Self {
            budgets: budgets.clone(),
            fit: of_levels.or_else(|| fit.cloned()),
        }
    }

    /// Whether there is nothing to hold.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.budgets.is_empty() && self.fit.is_none()
    }

    /// Holds a benchmark to this as well as to what it declares itself. It can promise one growth, which is this one where it weakens it.
    pub fn hold(&self, benchmark: &mut BenchmarkRecord) {
        for (metric, max) in &self.budgets {
            lower(&mut benchmark.budgets, metric, *max);
        }
        let Some(fit) = self.broken_faith(benchmark) else {
            return;
        };
        match &mut benchmark.limit {
            Some(limit) => limit.plan.fit = Some(fit.law.clone()),
            None => benchmark.fit = Some(fit.clone()),
        }
    }

    /// Whether a benchmark raises or removes one of these budgets.
    fn is_raised(&self, benchmark: &BenchmarkRecord) -> bool {
        self.budgets.iter().any(|(metric, max)| {
            let now = benchmark.budgets.get(metric);
            now.is_none_or(|now| now > max)
        })
    }

    /// The growth promised here, where a benchmark promises less of it, or something else.
    fn broken_faith(&self, benchmark: &BenchmarkRecord) -> Option<&Fit> {
        let then = self.fit.as_ref()?;
        let now = Self::of(benchmark).fit;
        let is_kept =
            now.is_some_and(|now| now.axis == then.axis && is_within(&now.law, &then.law));
        (!is_kept).then_some(then)
    }
}

/// Whether who promises one law promises the other, too.
fn is_within(law: &str, other: &str) -> bool {
    match (law.parse::<Law>(), other.parse::<Law>()) {
        (Ok(law), Ok(other)) => law <= other,
        // Of a law that a newer harness knows only its name can be compared.
        _ => law == other,
    }
}

/// Lowers a budget, or adds it.
pub(super) fn lower(budgets: &mut Budgets, metric: &str, max: Amount) {
    let most = budgets.entry(metric.to_owned()).or_insert(max);
    if max < *most {
        *most = max;
    }
}

/// The benchmarks of which this code raises or removes a budget that the baseline has.
#[must_use]
pub fn raised(record: &RunRecord, then: &DeclaredThen) -> Vec<BenchId> {
    of_then(record, then)
        .filter(|(benchmark, then)| then.is_raised(benchmark))
        .map(|(benchmark, _)| benchmark.id.clone())
        .collect()
}

/// What this code promises less of how time grows, or no more, as `cpu::sort over n`; once for all cases of a benchmark.
#[must_use]
pub fn weakened(record: &RunRecord, then: &DeclaredThen) -> BTreeSet<String> {
    let told = |(benchmark, then): (&BenchmarkRecord, &Declared)| {
        let fit = then.broken_faith(benchmark)?;
        let name = benchmark.id.in_package();
        let function = name
            .split_once('[')
            .map_or(name.as_str(), |(function, _)| function);
        Some(format!("{function} over {}", fit.axis))
    };
    of_then(record, then).filter_map(told).collect()
}

fn of_then<'a>(
    record: &'a RunRecord,
    then: &'a DeclaredThen,
) -> impl Iterator<Item = (&'a BenchmarkRecord, &'a Declared)> {
    let benchmarks = record.benchmarks.iter();
    benchmarks.filter_map(|benchmark| Some((benchmark, then.get(&benchmark.id)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::scaling::tests::limit;
    use crate::store::fixture::{Sample, benchmark};

    fn promising(law: Option<&str>) -> BenchmarkRecord {
        let mut swept = benchmark("f[n=10]");
        swept.fit = law.map(|law| Fit {
            axis: "n".to_owned(),
            law: law.to_owned(),
        });
        swept
    }

    /// What is held where the baseline promised one thing and this code says another.
    fn held(then: Option<&str>, now: Option<&str>) -> Option<String> {
        let mut benchmark = promising(now);
        Declared::of(&promising(then)).hold(&mut benchmark);
        benchmark.fit.map(|fit| fit.law)
    }

    #[test]
    fn the_stricter_of_two_promises_of_growth_is_held() {
        for (then, now, expected) in [
            (Some("n log n"), Some("n²"), Some("n log n")),
            (Some("n log n"), None, Some("n log n")),
            (Some("n log n"), Some("n"), Some("n")),
            (Some("n log n"), Some("N Log N"), Some("N Log N")),
            (None, Some("n"), Some("n")),
            (None, None, None),
            (Some("n!"), Some("n!"), Some("n!")),
            (Some("n!"), Some("n"), Some("n!")),
        ] {
            assert_eq!(held(then, now).as_deref(), expected, "{then:?} {now:?}");
        }
        let mut other_axis = promising(Some("1"));
        other_axis.fit.as_mut().unwrap().axis = "m".to_owned();
        Declared::of(&promising(Some("n"))).hold(&mut other_axis);
        assert_eq!(other_axis.fit, promising(Some("n")).fit);
    }

    #[test]
    fn a_limit_promises_growth_with_its_level() {
        let of = |law: Option<&str>| {
            let mut record = benchmark("g");
            let mut limit = limit(&[(1, 10.0)]);
            limit.plan.fit = law.map(str::to_owned);
            record.limit = Some(limit);
            record
        };
        let then = Declared::of(&of(Some("n")));
        assert_eq!(
            then.fit.as_ref().map(|fit| fit.axis.as_str()),
            Some("users")
        );
        let mut now = of(None);
        then.hold(&mut now);
        assert_eq!(now.limit.unwrap().plan.fit.as_deref(), Some("n"));
        assert_eq!(now.fit, None);
    }

    #[test]
    fn what_a_change_weakens_is_told_once_for_all_cases() {
        let mut record = Sample::new().record;
        record.benchmarks = ["f[n=10]", "f[n=20]", "g"]
            .map(|name| BenchmarkRecord {
                id: crate::store::fixture::bench(name),
                ..promising(Some("n²"))
            })
            .into();
        let then: DeclaredThen = record
            .benchmarks
            .iter()
            .map(|case| (case.id.clone(), Declared::of(&promising(Some("n")))))
            .collect();
        let told: Vec<String> = weakened(&record, &then).into_iter().collect();
        assert_eq!(told, ["cpu::f over n", "cpu::g over n"]);
        assert_eq!(raised(&record, &then), []);
        assert!(weakened(&record, &DeclaredThen::new()).is_empty());
    }
}

//! What the code of a benchmark declares of it: the most that it may take, and how its time may grow.
//!
//! A change does not rid itself of either: what the baseline declared is held until the change is part of it.

use std::collections::{BTreeMap, BTreeSet};

use perf_schema::wire::CaseDescription;
use perf_schema::{BenchId, BenchmarkRecord, Fit, LimitPlan, RunRecord};
use perf_stats::Law;

use super::rules::Bounds;

/// What one benchmark declares.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Declared {
    /// So much at most of some metrics, and so much at least of others.
    pub bounds: Bounds,
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
        Self {
            bounds: Bounds::recorded(benchmark),
            fit: of_levels(plan).or_else(|| benchmark.fit.clone()),
        }
    }

    /// As the code itself says it.
    #[must_use]
    pub fn by(case: &CaseDescription) -> Self {
        Self {
            bounds: Bounds::declared(case),
            fit: of_levels(case.limit.as_ref()).or_else(|| case.fit.clone()),
        }
    }

    /// Whether there is nothing to hold.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bounds.is_empty() && self.fit.is_none()
    }

    /// Asks for all that the baseline asked for, too. One growth can be promised, which is the baseline's where that is not kept.
    pub fn join(&mut self, then: &Self) {
        self.bounds.join(&then.bounds);
        if let Some(fit) = self.broken_faith(then) {
            self.fit = Some(fit.clone());
        }
    }

    /// Has a benchmark declare this instead of what it does.
    pub fn put_into(self, benchmark: &mut BenchmarkRecord) {
        self.bounds.put_into(benchmark);
        match &mut benchmark.limit {
            Some(limit) => limit.plan.fit = self.fit.map(|fit| fit.law),
            None => benchmark.fit = self.fit,
        }
    }

    /// The growth that the baseline promised, where this promises less of it, or something else.
    fn broken_faith<'a>(&self, then: &'a Self) -> Option<&'a Fit> {
        let then = then.fit.as_ref()?;
        let now = self.fit.as_ref();
        let is_kept =
            now.is_some_and(|now| now.axis == then.axis && is_within(&now.law, &then.law));
        (!is_kept).then_some(then)
    }
}

/// The growth that a limit promises with its level.
fn of_levels(plan: Option<&LimitPlan>) -> Option<Fit> {
    let plan = plan?;
    Some(Fit {
        axis: plan.axis.clone(),
        law: plan.fit.clone()?,
    })
}

/// Whether who promises one law promises the other, too.
fn is_within(law: &str, other: &str) -> bool {
    match (law.parse::<Law>(), other.parse::<Law>()) {
        (Ok(law), Ok(other)) => law <= other,
        // Of a law that a newer harness knows only its name can be compared.
        _ => law == other,
    }
}

/// The benchmarks of which this code raises or removes a budget that the baseline has.
#[must_use]
pub fn raised(record: &RunRecord, then: &DeclaredThen) -> Vec<BenchId> {
    of_then(record, then)
        .filter(|(benchmark, then)| Bounds::recorded(benchmark).is_looser_than(&then.bounds))
        .map(|(benchmark, _)| benchmark.id.clone())
        .collect()
}

/// What this code promises less of how time grows, or no more, as `cpu::sort over n`; once for all cases of a benchmark.
#[must_use]
pub fn weakened(record: &RunRecord, then: &DeclaredThen) -> BTreeSet<String> {
    let told = |(benchmark, then): (&BenchmarkRecord, &Declared)| {
        let own = Declared::of(benchmark);
        let fit = own.broken_faith(then)?;
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
        let mut own = Declared::of(&benchmark);
        own.join(&Declared::of(&promising(then)));
        own.put_into(&mut benchmark);
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
        let mut own = Declared::of(&other_axis);
        own.join(&Declared::of(&promising(Some("n"))));
        assert_eq!(own.fit, promising(Some("n")).fit);
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
        let mut own = Declared::of(&now);
        own.join(&then);
        own.put_into(&mut now);
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

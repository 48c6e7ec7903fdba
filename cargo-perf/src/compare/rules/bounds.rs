//! What a benchmark has to keep whatever it did before: what its author says, the project's file and the baseline, put together.

use perf_schema::wire::CaseDescription;
use perf_schema::{Amount, BenchmarkRecord, BudgetKind, Budgets, MetricName};

/// So much at most of some metrics, and so much at least of others. Of two for one metric the stricter holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bounds {
    most: Budgets,
    least: Budgets,
}

impl Bounds {
    /// What a benchmark's author said when it was recorded.
    #[must_use]
    pub fn recorded(benchmark: &BenchmarkRecord) -> Self {
        Self {
            most: benchmark.budgets.clone(),
            least: benchmark.floors.clone(),
        }
    }

    /// What the author of a case says.
    #[must_use]
    pub fn declared(case: &CaseDescription) -> Self {
        Self {
            most: case.budgets.clone(),
            least: case.floors.clone(),
        }
    }

    /// Gives a benchmark these budgets instead of its own.
    pub fn put_into(self, benchmark: &mut BenchmarkRecord) {
        benchmark.budgets = self.most;
        benchmark.floors = self.least;
    }

    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.most.is_empty() && self.least.is_empty()
    }

    /// What is asked for one way.
    #[must_use]
    pub const fn of(&self, kind: BudgetKind) -> &Budgets {
        match kind {
            BudgetKind::AtMost => &self.most,
            BudgetKind::AtLeast => &self.least,
        }
    }

    /// All that is asked for, ceilings first, each kind by the metric's name.
    pub fn iter(&self) -> impl Iterator<Item = (BudgetKind, &MetricName, Amount)> {
        [BudgetKind::AtMost, BudgetKind::AtLeast]
            .into_iter()
            .flat_map(|kind| {
                let all = self.of(kind).iter();
                all.map(move |(metric, amount)| (kind, metric, *amount))
            })
    }

    /// Asks for this, too.
    pub fn add(&mut self, kind: BudgetKind, metric: &str, amount: Amount) {
        let all = match kind {
            BudgetKind::AtMost => &mut self.most,
            BudgetKind::AtLeast => &mut self.least,
        };
        let known = all.entry(metric.to_owned()).or_insert(amount);
        if kind.is_stricter(amount, *known) {
            *known = amount;
        }
    }

    /// Asks for all that `other` asks for, too.
    pub fn join(&mut self, other: &Self) {
        for (kind, metric, amount) in other.iter() {
            self.add(kind, metric, amount);
        }
    }

    /// Whether `other` asks for anything that this does not.
    #[must_use]
    pub fn is_looser_than(&self, other: &Self) -> bool {
        other.iter().any(|(kind, metric, amount)| {
            let ours = self.of(kind).get(metric);
            ours.is_none_or(|ours| kind.is_stricter(amount, *ours))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(all: &[(BudgetKind, &str, f64)]) -> Bounds {
        let mut bounds = Bounds::default();
        for &(kind, metric, amount) in all {
            bounds.add(kind, metric, Amount::new(amount).unwrap());
        }
        bounds
    }

    #[test]
    fn the_stricter_of_two_holds() {
        use BudgetKind::{AtLeast, AtMost};
        let both = [
            (AtMost, "wall", 5.0),
            (AtMost, "wall", 3.0),
            (AtMost, "wall", 4.0),
            (AtLeast, "items", 5.0),
            (AtLeast, "items", 7.0),
            (AtLeast, "items", 6.0),
        ];
        let strictest = bounds(&[(AtMost, "wall", 3.0), (AtLeast, "items", 7.0)]);
        assert_eq!(bounds(&both), strictest);
        let mut joined = bounds(&both[..1]);
        joined.join(&bounds(&both[1..]));
        assert_eq!(joined, strictest);
    }

    #[test]
    fn what_is_raised_removed_or_turned_round_is_looser() {
        use BudgetKind::{AtLeast, AtMost};
        let then = bounds(&[(AtMost, "wall", 3.0), (AtLeast, "items", 7.0)]);
        for (now, is_looser) in [
            (&[(AtMost, "wall", 3.0), (AtLeast, "items", 7.0)][..], false),
            (&[(AtMost, "wall", 2.0), (AtLeast, "items", 8.0)], false),
            (&[(AtMost, "wall", 3.1), (AtLeast, "items", 7.0)], true),
            (&[(AtMost, "wall", 3.0), (AtLeast, "items", 6.9)], true),
            (&[(AtMost, "wall", 3.0)], true),
            (&[(AtMost, "wall", 3.0), (AtMost, "items", 7.0)], true),
        ] {
            assert_eq!(bounds(now).is_looser_than(&then), is_looser, "{now:?}");
        }
    }
}

//! The rules that changes are judged by, as a project sets them: what matters how much, what fails, what is let pass.
//!
//! They say nothing of whether there is a change. Where they come from is the business of `config`.

mod amount;
mod bounds;
mod kind;
mod preset;
mod selector;

use std::collections::{BTreeMap, BTreeSet};

use perf_schema::{
    Amount, BenchId, BenchmarkRecord, Better, BudgetKind, Metric, MetricName, RunRecord, Unit,
    budget_meaning,
};

pub use amount::{amount, percent, plain_number};
pub use bounds::Bounds;
pub use kind::MetricKind;
pub use preset::Preset;
pub use selector::Selector;

use super::severity::{Severity, Thresholds};
use super::verdict::MetricVerdict;

/// All rules of a project.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    /// What the rest is added to.
    pub preset: Preset,
    /// Thresholds for kinds of metrics.
    pub thresholds: BTreeMap<MetricKind, Given>,
    /// The least severity that fails, for what no rule speaks of.
    pub fail_on: Option<Severity>,
    /// The same as the caller wants it, whatever the rules say.
    pub asked: Option<Severity>,
    /// Rules for some benchmarks. Of two that say something of the same, the later wins.
    pub rules: Vec<Rule>,
    /// The most that some benchmarks may take, and the least that they have to give.
    pub budgets: Vec<BudgetRule>,
}

/// The budgets that the baseline's benchmarks have, by its own words.
pub type BudgetsThen = BTreeMap<BenchId, Bounds>;

/// Thresholds of which one may be left out.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Given {
    /// Where a change begins to matter.
    pub warning: Option<f64>,
    /// Where it matters most.
    pub critical: Option<f64>,
}

/// What is to hold for some benchmarks, or for a metric of theirs.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// For which benchmarks.
    pub select: Selector,
    /// For which metrics; all, if none is named.
    pub metric: Option<Selector>,
    /// The thresholds.
    pub given: Given,
    /// The relative change that is let pass, unless it is surely larger.
    pub floor: Option<f64>,
    /// The least severity that fails.
    pub fail_on: Option<Severity>,
    /// Whether changes are let pass altogether, and why.
    pub ignore: Option<Ignore>,
}

/// Whether changes are let pass altogether.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ignore {
    /// They are, for this reason.
    Because(String),
    /// They are not, whatever an earlier rule says.
    No,
}

/// The most that some benchmarks may take of a metric, or the least that they have to give, in the metric's own unit.
#[derive(Clone, Debug, PartialEq)]
pub struct BudgetRule {
    /// Which.
    pub select: Selector,
    /// Of what.
    pub metric: MetricName,
    /// Above this is too much.
    pub max: Option<Amount>,
    /// Below this is too little.
    pub min: Option<Amount>,
    /// Beyond this, towards the other one, is worth a warning, and no failure.
    pub warn: Option<Amount>,
}

impl BudgetRule {
    /// The way that `warn` goes: that of the budget beside it, otherwise that of the metric, as far as it is known.
    fn warns(&self, of: &BenchmarkRecord) -> BudgetKind {
        let seen = match of.metrics.get(&self.metric) {
            Some(Metric::Measured { better, .. }) => Some(*better),
            _ => budget_meaning(&self.metric).map(|meaning| meaning.better),
        };
        match (self.max, self.min) {
            (Some(_), _) => BudgetKind::AtMost,
            (None, Some(_)) => BudgetKind::AtLeast,
            (None, None) => (seen.and_then(BudgetKind::of)).unwrap_or(BudgetKind::AtMost),
        }
    }
}

/// What holds for one metric of one benchmark, all rules taken together.
#[derive(Clone, Debug, PartialEq)]
pub struct Standard {
    /// Where a change matters.
    pub thresholds: Thresholds,
    /// The least severity that fails.
    pub fail_on: Severity,
    /// The relative change that is let pass, and the rule that says so.
    pub floor: Option<(f64, String)>,
    /// Why changes are let pass altogether, and the rule that says so.
    pub ignored: Option<(String, String)>,
}

impl Rules {
    /// What holds for a metric. `exact`: it is the same each time; then only a floor that names it applies, as nobody who
    /// allows for noise means to allow for one allocation more.
    #[must_use]
    pub fn standard(
        &self,
        id: &BenchId,
        metric: &str,
        unit: &Unit,
        better: Better,
        exact: bool,
    ) -> Standard {
        let kind = MetricKind::of(metric, unit, better);
        let preset = self.preset.thresholds(kind);
        let own = self.thresholds.get(&kind).copied().unwrap_or_default();
        let mut given = Layers::over(preset);
        given.add(own);
        let mut fail_on = self.fail_on.unwrap_or(self.preset.fail_on());
        let (mut floor, mut ignored) = (None, None);
        for rule in self.rules.iter().filter(|rule| rule.is_for(id, metric)) {
            given.add(rule.given);
            fail_on = rule.fail_on.unwrap_or(fail_on);
            if let Some(most) = rule.floor
                && (!exact || rule.metric.is_some())
            {
                floor = Some((most, rule.name()));
            }
            match &rule.ignore {
                Some(Ignore::Because(why)) => ignored = Some((why.clone(), rule.name())),
                Some(Ignore::No) => ignored = None,
                None => {}
            }
        }
        Standard {
            thresholds: given.thresholds().unwrap_or(preset),
            fail_on: self.asked.unwrap_or(fail_on),
            floor,
            ignored,
        }
    }

    /// The same for a metric that was judged.
    pub(super) fn standard_of(&self, id: &BenchId, metric: &MetricVerdict) -> Standard {
        let (name, unit) = (&metric.metric, &metric.unit);
        self.standard(id, name, unit, metric.better, metric.exact)
    }

    /// Whether a benchmark as a whole is let pass: by a rule that names no metric, of which no later one takes anything back.
    #[must_use]
    pub fn ignores(&self, id: &BenchId) -> bool {
        let of_it = self.rules.iter().filter(|rule| rule.select.takes(id));
        of_it.fold(false, |ignored, rule| match &rule.ignore {
            Some(Ignore::Because(_)) => ignored || rule.metric.is_none(),
            Some(Ignore::No) => false,
            None => ignored,
        })
    }

    /// What a benchmark has to keep, with what its author says.
    #[must_use]
    pub fn budgets_of(&self, id: &BenchId, declared: Bounds) -> Bounds {
        let mut bounds = declared;
        for budget in self.budgets.iter().filter(|budget| budget.select.takes(id)) {
            for (kind, amount) in [
                (BudgetKind::AtMost, budget.max),
                (BudgetKind::AtLeast, budget.min),
            ] {
                if let Some(amount) = amount {
                    bounds.add(kind, &budget.metric, amount);
                }
            }
        }
        bounds
    }

    /// Beyond what a benchmark is warned of.
    #[must_use]
    pub fn warnings_of(&self, benchmark: &BenchmarkRecord) -> Bounds {
        let mut warnings = Bounds::default();
        let budgets = self.budgets.iter();
        for budget in budgets.filter(|budget| budget.select.takes(&benchmark.id)) {
            if let Some(warn) = budget.warn {
                warnings.add(budget.warns(benchmark), &budget.metric, warn);
            }
        }
        warnings
    }

    /// A record whose benchmarks have these budgets, too, and those that the baseline's have, of which a change does not
    /// rid itself; what is stored stays as its code says it.
    #[must_use]
    pub fn with_budgets(&self, record: &RunRecord, then: &BudgetsThen) -> RunRecord {
        let mut record = record.clone();
        for benchmark in &mut record.benchmarks {
            let mut declared = Bounds::recorded(benchmark);
            if let Some(then) = then.get(&benchmark.id) {
                declared.join(then);
            }
            self.budgets_of(&benchmark.id, declared).put_into(benchmark);
        }
        record
    }

    /// The selectors that take none of these benchmarks, as they stand in the file.
    #[must_use]
    pub fn unmatched<'a>(&'a self, ids: &[BenchId]) -> Vec<&'a Selector> {
        let rules = self.rules.iter().map(|rule| &rule.select);
        let mut unmatched: Vec<&Selector> = rules
            .chain(self.budgets.iter().map(|budget| &budget.select))
            .filter(|select| !ids.iter().any(|id| select.takes(id)))
            .collect();
        let mut seen = BTreeSet::new();
        unmatched.retain(|select| seen.insert(select.as_str()));
        unmatched
    }

    /// The rules for metrics that none of their benchmarks has, though all of those among `ids` were measured: `record` has
    /// them.
    #[must_use]
    pub fn of_no_metric(&self, ids: &[BenchId], record: &RunRecord) -> Vec<String> {
        let found = |id: &BenchId| record.benchmarks.iter().find(|found| found.id == *id);
        let is_of_none = |rule: &&Rule| {
            let Some(metric) = &rule.metric else {
                return false;
            };
            let taken = ids.iter().filter(|id| rule.select.takes(id));
            let taken: Vec<_> = taken.map(found).collect();
            // What failed has no metrics, and is told as failed.
            let lacks = |found: &Option<&BenchmarkRecord>| {
                found.is_some_and(|found| {
                    let mut names = found.metrics.keys();
                    found.outcome.failed == 0 && !names.any(|name| metric.takes_metric(name))
                })
            };
            !taken.is_empty() && taken.iter().all(lacks)
        };
        self.rules
            .iter()
            .filter(is_of_none)
            .map(Rule::name)
            .collect()
    }
}

/// Thresholds that were given one after the other.
struct Layers {
    warning: f64,
    critical: f64,
    /// Whether the warning was said later than the critical one.
    warning_last: bool,
}

impl Layers {
    const fn over(preset: Thresholds) -> Self {
        Self {
            warning: preset.warning(),
            critical: preset.critical(),
            warning_last: false,
        }
    }

    fn add(&mut self, given: Given) {
        self.warning_last = match (given.warning, given.critical) {
            (Some(_), None) => true,
            (_, Some(_)) => false,
            (None, None) => self.warning_last,
        };
        self.warning = given.warning.unwrap_or(self.warning);
        self.critical = given.critical.unwrap_or(self.critical);
    }

    /// A warning that lies above what is critical was said for other circumstances than the one that was said later, which
    /// holds for both.
    fn thresholds(&self) -> Option<Thresholds> {
        if self.warning_last {
            Thresholds::new(self.warning, self.critical)
        } else {
            Thresholds::new(self.warning.min(self.critical), self.critical)
        }
    }
}

impl Rule {
    fn is_for(&self, id: &BenchId, metric: &str) -> bool {
        let of_metric = |select: &Selector| select.takes_metric(metric);
        self.select.takes(id) && self.metric.as_ref().is_none_or(of_metric)
    }

    /// What a person recognises it by.
    fn name(&self) -> String {
        match &self.metric {
            Some(metric) => format!("the rule for `{metric}` of `{}`", self.select),
            None => format!("the rule for `{}`", self.select),
        }
    }
}

#[cfg(test)]
mod tests;

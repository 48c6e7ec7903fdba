//! The rules that changes are judged by, as a project sets them: what matters how much, what fails, what is let pass.
//!
//! They say nothing of whether there is a change. Where they come from is the business of `config`.

mod amount;
mod kind;
mod preset;
mod selector;

use std::collections::BTreeMap;

use perf_schema::{Amount, BenchId, Better, Budgets, MetricName, RunRecord, Unit};

pub use amount::{amount, percent};
pub use kind::MetricKind;
pub use preset::Preset;
pub use selector::Selector;

use super::severity::{Severity, Thresholds};

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
    /// The most that some benchmarks may take.
    pub budgets: Vec<BudgetRule>,
}

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

/// The most that some benchmarks may take of a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct BudgetRule {
    /// Which.
    pub select: Selector,
    /// Of what.
    pub metric: MetricName,
    /// How much, in the metric's own unit.
    pub max: Amount,
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
        let mut warning = own.warning.unwrap_or(preset.warning());
        let mut critical = own.critical.unwrap_or(preset.critical());
        let mut fail_on = self.fail_on.unwrap_or(self.preset.fail_on());
        let (mut floor, mut ignored) = (None, None);
        for rule in self.rules.iter().filter(|rule| rule.is_for(id, metric)) {
            warning = rule.given.warning.unwrap_or(warning);
            critical = rule.given.critical.unwrap_or(critical);
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
            thresholds: Thresholds::new(warning, critical).unwrap_or(preset),
            fail_on: self.asked.unwrap_or(fail_on),
            floor,
            ignored,
        }
    }

    /// Whether a benchmark as a whole is let pass: by a rule that names no metric.
    #[must_use]
    pub fn ignores(&self, id: &BenchId) -> bool {
        let speaking =
            self.rules.iter().rev().filter(|rule| {
                rule.metric.is_none() && rule.ignore.is_some() && rule.select.takes(id)
            });
        matches!(
            speaking.map(|rule| &rule.ignore).next(),
            Some(Some(Ignore::Because(_)))
        )
    }

    /// What a benchmark may take, with what its author says. Of two budgets for a metric the smaller holds.
    #[must_use]
    pub fn budgets_of(&self, id: &BenchId, declared: &Budgets) -> Budgets {
        let mut budgets = declared.clone();
        for budget in self.budgets.iter().filter(|budget| budget.select.takes(id)) {
            let most = budgets.entry(budget.metric.clone()).or_insert(budget.max);
            if budget.max < *most {
                *most = budget.max;
            }
        }
        budgets
    }

    /// A record whose benchmarks have these budgets, too; what is stored stays as its code says it.
    #[must_use]
    pub fn with_budgets(&self, record: &RunRecord) -> RunRecord {
        let mut record = record.clone();
        for benchmark in &mut record.benchmarks {
            benchmark.budgets = self.budgets_of(&benchmark.id, &benchmark.budgets);
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
        unmatched.dedup();
        unmatched
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
mod tests {
    use super::*;

    fn rule(select: &str) -> Rule {
        Rule {
            select: Selector::new(select).unwrap(),
            metric: None,
            given: Given::default(),
            floor: None,
            fail_on: None,
            ignore: None,
        }
    }

    fn id(name: &str) -> BenchId {
        BenchId::new("demo", "cpu", name).unwrap()
    }

    fn wall(rules: &Rules, name: &str) -> Standard {
        rules.standard(&id(name), "wall", &Unit::NANOSECONDS, Better::Lower, false)
    }

    #[test]
    fn later_rules_win_member_by_member() {
        let mut rules = Rules {
            thresholds: [(
                MetricKind::Time,
                Given {
                    warning: Some(0.2),
                    critical: None,
                },
            )]
            .into(),
            ..Rules::default()
        };
        let standard = wall(&rules, "sort");
        // A critical threshold below the warning is lifted to it.
        assert_eq!(Some(standard.thresholds), Thresholds::new(0.2, 0.2));
        assert_eq!(standard.fail_on, Severity::Low);
        rules.rules = vec![
            Rule {
                given: Given {
                    warning: Some(0.01),
                    critical: Some(0.5),
                },
                fail_on: Some(Severity::High),
                floor: Some(0.03),
                ..rule("cpu::*")
            },
            Rule {
                given: Given {
                    warning: Some(0.02),
                    critical: None,
                },
                ..rule("sort")
            },
            Rule {
                fail_on: Some(Severity::None),
                ..rule("nothing of this name")
            },
        ];
        let standard = wall(&rules, "sort");
        assert_eq!(Some(standard.thresholds), Thresholds::new(0.02, 0.5));
        assert_eq!(standard.fail_on, Severity::High);
        assert_eq!(
            standard.floor,
            Some((0.03, "the rule for `cpu::*`".to_owned()))
        );
        assert_eq!(
            Some(wall(&rules, "parse").thresholds),
            Thresholds::new(0.01, 0.5)
        );
        rules.asked = Some(Severity::Critical);
        assert_eq!(wall(&rules, "sort").fail_on, Severity::Critical);
    }

    #[test]
    fn a_later_rule_takes_back_what_was_ignored() {
        let mut rules = Rules {
            rules: vec![
                Rule {
                    ignore: Some(Ignore::Because("it waits for the disk".to_owned())),
                    ..rule("cpu::*")
                },
                Rule {
                    ignore: Some(Ignore::No),
                    ..rule("cpu::sort")
                },
            ],
            ..Rules::default()
        };
        assert_eq!(wall(&rules, "sort").ignored, None);
        let (why, by) = wall(&rules, "parse").ignored.unwrap();
        assert_eq!(
            (why.as_str(), by.as_str()),
            ("it waits for the disk", "the rule for `cpu::*`")
        );
        assert!(rules.ignores(&id("parse")) && !rules.ignores(&id("sort")));
        rules.rules[0].metric = Some(Selector::new("wall").unwrap());
        assert!(!rules.ignores(&id("parse")), "only one of its metrics is");
    }

    #[test]
    fn a_floor_for_everything_is_none_for_what_is_exact() {
        let exact = |rules: &Rules| {
            let count = rules.standard(&id("sort"), "allocs", &Unit::COUNT, Better::Lower, true);
            count.floor.is_some()
        };
        let mut rules = Rules {
            rules: vec![Rule {
                floor: Some(0.05),
                ..rule("*")
            }],
            ..Rules::default()
        };
        assert!(!exact(&rules));
        rules.rules[0].metric = Some(Selector::new("alloc*").unwrap());
        assert!(exact(&rules));
    }

    #[test]
    fn of_two_budgets_the_smaller_holds() {
        let amount = |most| Amount::new(most).unwrap();
        let budget = |select: &str, metric: &str, most| BudgetRule {
            select: Selector::new(select).unwrap(),
            metric: metric.to_owned(),
            max: amount(most),
        };
        let rules = Rules {
            budgets: vec![
                budget("cpu::*", "wall", 100.0),
                budget("sort", "wall", 50.0),
                budget("sort", "allocs", 9.0),
                budget("io::*", "wall", 1.0),
            ],
            ..Rules::default()
        };
        let declared: Budgets = [("allocs".to_owned(), amount(3.0))].into();
        let found = rules.budgets_of(&id("sort"), &declared);
        let expected: Budgets = [
            ("allocs".to_owned(), amount(3.0)),
            ("wall".to_owned(), amount(50.0)),
        ]
        .into();
        assert_eq!(found, expected);
        let unmatched = rules.unmatched(&[id("sort")]);
        assert_eq!(
            unmatched
                .iter()
                .map(|select| select.as_str())
                .collect::<Vec<_>>(),
            ["io::*"]
        );
    }
}

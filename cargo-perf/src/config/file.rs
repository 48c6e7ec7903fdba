//! The file's text, and what it says. Unknown members are errors: one that is passed over is a rule that nobody keeps.

use std::collections::BTreeMap;
use std::ops::Range;

use perf_schema::{Amount, BudgetKind, budget_meaning};
use serde::Deserialize;
use toml::Spanned;

use super::value::{Percent, Select, Time, When, Written};
use super::{Config, ConfigError};
use crate::alert::{AlertRule, AlertTerms};
use crate::compare::Severity;
use crate::compare::rules::{
    BudgetRule, Given, Ignore, MetricKind, Preset, Rule, Rules, Selector, amount,
};
use crate::publish::{Channel, Notify};
use crate::report::Format;

/// The largest file that is read, in bytes.
pub(super) const LARGEST: usize = 256 << 10;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct File {
    machine: Option<String>,
    baseline: Option<String>,
    format: Option<Format>,
    timeout: Option<Time>,
    preset: Preset,
    fail_on: Option<Severity>,
    require_baseline: bool,
    allow_missing: bool,
    notify: NotifyTable,
    thresholds: BTreeMap<MetricKind, Spanned<ThresholdsOfKind>>,
    rules: Vec<Spanned<RuleTable>>,
    budgets: Vec<Spanned<BudgetTable>>,
    alert_threshold: Option<Percent>,
    alert_fail_on: Option<Severity>,
    alerts: Vec<Spanned<AlertTable>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct NotifyTable {
    desktop: bool,
    webhook: Option<Spanned<String>>,
    always: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ThresholdsOfKind {
    warning: Option<Percent>,
    critical: Option<Percent>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RuleTable {
    select: Select,
    metric: Option<Select>,
    warning: Option<Percent>,
    critical: Option<Percent>,
    floor: Option<Percent>,
    fail_on: Option<Severity>,
    ignore: Option<bool>,
    reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BudgetTable {
    select: Select,
    metric: String,
    max: Option<Spanned<Written>>,
    min: Option<Spanned<Written>>,
    warn: Option<Spanned<Written>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AlertTable {
    when: When,
    select: Option<Select>,
    #[serde(rename = "for")]
    runs: Option<u16>,
    severity: Option<Severity>,
    message: Option<String>,
}

/// Reads the text of the file that a person calls `name`.
pub(super) fn read(name: &str, bytes: &[u8]) -> Result<Config, ConfigError> {
    if bytes.len() > LARGEST {
        let kib = LARGEST >> 10;
        return Err(ConfigError::whole(
            name,
            format!("it is larger than {kib} KiB"),
        ));
    }
    let text =
        std::str::from_utf8(bytes).map_err(|_| ConfigError::whole(name, "it is not UTF-8"))?;
    let file: File = toml::from_str(text)
        .map_err(|error| ConfigError::at(name, text, error.span(), error.message()))?;
    file.config()
        .map_err(|(span, message)| ConfigError::at(name, text, Some(span), &message))
}

/// What is wrong, and where.
type Fault = (Range<usize>, String);

impl File {
    fn config(self) -> Result<Config, Fault> {
        let mut thresholds = BTreeMap::new();
        for (kind, of_kind) in self.thresholds {
            let span = of_kind.span();
            let of_kind = of_kind.into_inner();
            thresholds.insert(kind, given(of_kind.warning, of_kind.critical, span)?);
        }
        Ok(Config {
            machine: self.machine,
            baseline: self.baseline,
            format: self.format,
            timeout: self.timeout.map(|time| time.0),
            require_baseline: self.require_baseline,
            allow_missing: self.allow_missing,
            notify: notify(self.notify)?,
            rules: Rules {
                preset: self.preset,
                thresholds,
                fail_on: self.fail_on,
                asked: None,
                rules: self.rules.into_iter().map(rule).collect::<Result<_, _>>()?,
                budgets: self
                    .budgets
                    .into_iter()
                    .map(budget)
                    .collect::<Result<_, _>>()?,
            },
            alerts: AlertTerms {
                threshold: self.alert_threshold.map(|percent| percent.0),
                fail_on: self.alert_fail_on,
                rules: self
                    .alerts
                    .into_iter()
                    .map(alert)
                    .collect::<Result<_, _>>()?,
            },
        })
    }
}

fn notify(table: NotifyTable) -> Result<Notify, Fault> {
    let mut channels = Vec::new();
    if table.desktop {
        channels.push(Channel::Desktop);
    }
    if let Some(webhook) = table.webhook {
        let address = webhook.get_ref().parse();
        channels.push(Channel::Webhook(
            address.map_err(|why| (webhook.span(), why))?,
        ));
    }
    Ok(Notify {
        channels,
        always: table.always,
    })
}

fn given(
    warning: Option<Percent>,
    critical: Option<Percent>,
    span: Range<usize>,
) -> Result<Given, Fault> {
    let (warning, critical) = (warning.map(|p| p.0), critical.map(|p| p.0));
    if let Some((warning, critical)) = warning.zip(critical)
        && warning > critical
    {
        return Err((span, "`warning` lies above `critical`".to_owned()));
    }
    Ok(Given { warning, critical })
}

fn rule(table: Spanned<RuleTable>) -> Result<Rule, Fault> {
    let span = table.span();
    let table = table.into_inner();
    let fault = |message: &str| Err((span.clone(), message.to_owned()));
    let ignore = match (table.ignore, table.reason) {
        (Some(true), Some(why)) if !why.trim().is_empty() => Some(Ignore::Because(why)),
        (Some(true), _) => {
            return fault("`ignore = true` needs a `reason`: whoever reads this later will ask");
        }
        (Some(false), None) => Some(Ignore::No),
        (None, None) => None,
        (_, Some(_)) => return fault("a `reason` is for `ignore = true`"),
    };
    let says_nothing = ignore.is_none()
        && table.warning.is_none()
        && table.critical.is_none()
        && table.floor.is_none()
        && table.fail_on.is_none();
    if says_nothing {
        return fault(
            "this rule says nothing: it needs `warning`, `critical`, `floor`, `fail-on` or `ignore`",
        );
    }
    Ok(Rule {
        select: table.select.0,
        metric: table.metric.map(|metric| metric.0),
        given: given(table.warning, table.critical, span)?,
        floor: table.floor.map(|floor| floor.0),
        fail_on: table.fail_on,
        ignore,
    })
}

fn budget(table: Spanned<BudgetTable>) -> Result<BudgetRule, Fault> {
    let span = table.span();
    let table = table.into_inner();
    let fault = |message: &str| Err((span.clone(), message.to_owned()));
    let better = budget_meaning(&table.metric).map(|meaning| meaning.better);
    // `kind`: the way it has to hold, where what is written says that.
    let amount = |written: Option<Spanned<Written>>, kind: Option<BudgetKind>| {
        let read = |written: Spanned<Written>| {
            let span = written.span();
            let wrong = |why| (span.clone(), why);
            if let Some((kind, better)) = kind.zip(better) {
                kind.check(&table.metric, better).map_err(wrong)?;
            }
            amount(&table.metric, &written.into_inner().0).map_err(wrong)
        };
        written.map(read).transpose()
    };
    let max = amount(table.max, Some(BudgetKind::AtMost))?;
    let min = amount(table.min, Some(BudgetKind::AtLeast))?;
    let warn = amount(table.warn, None)?;
    let is_above = |one: Option<Amount>, other| one.zip(other).is_some_and(|(a, b)| a > b);
    match (max, min, warn) {
        (None, None, None) => return fault("this budget needs `max`, `min` or `warn`"),
        (Some(_), Some(_), Some(_)) => {
            return fault(
                "`warn` goes with `max` or with `min`: where both are wanted, write two budgets",
            );
        }
        _ if is_above(warn, max) => {
            return fault("`warn` lies above `max`, so that it is never reached");
        }
        _ if is_above(min, warn) => {
            return fault("`warn` lies below `min`, so that it is never reached");
        }
        _ if is_above(min, max) => return fault("`min` lies above `max`"),
        _ => {}
    }
    Ok(BudgetRule {
        select: table.select.0,
        metric: table.metric,
        max,
        min,
        warn,
    })
}

/// Commits in a row that a rule may want at most.
const MOST_RUNS: u16 = 1000;

fn alert(table: Spanned<AlertTable>) -> Result<AlertRule, Fault> {
    let span = table.span();
    let table = table.into_inner();
    let fault = |message: String| Err((span.clone(), message));
    let runs = table.runs.unwrap_or(1);
    if !(1..=MOST_RUNS).contains(&runs) {
        return fault(format!("`for` is from 1 to {MOST_RUNS} runs"));
    }
    let severity = table.severity.unwrap_or(Severity::High);
    if severity == Severity::None {
        return fault("an alert of severity `none` is none".to_owned());
    }
    let everything = || Selector::new("*").map_err(|why| (span.clone(), why));
    Ok(AlertRule {
        select: table
            .select
            .map_or_else(everything, |select| Ok(select.0))?,
        condition: table.when.0,
        runs: usize::from(runs),
        severity,
        message: table.message,
    })
}

#[cfg(test)]
mod tests;

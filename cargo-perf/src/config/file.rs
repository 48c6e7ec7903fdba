//! The file's text, and what it says. Unknown members are errors: one that is passed over is a rule that nobody keeps.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::value::{Percent, Select, Time, Written};
use super::{Config, ConfigError};
use crate::compare::Severity;
use crate::compare::rules::{BudgetRule, Given, Ignore, MetricKind, Preset, Rule, Rules, amount};
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
    warn: Option<Spanned<Written>>,
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
    let amount = |written: Option<Spanned<Written>>| {
        let read = |written: Spanned<Written>| {
            let span = written.span();
            amount(&table.metric, &written.into_inner().0).map_err(|why| (span, why))
        };
        written.map(read).transpose()
    };
    let (max, warn) = (amount(table.max)?, amount(table.warn)?);
    match (max, warn) {
        (None, None) => Err((span, "this budget needs `max`, `warn` or both".to_owned())),
        (Some(max), Some(warn)) if warn > max => Err((
            span,
            "`warn` lies above `max`, so that it is never reached".to_owned(),
        )),
        _ => Ok(BudgetRule {
            select: table.select.0,
            metric: table.metric,
            max,
            warn,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use perf_schema::Amount;
    use proptest::prelude::*;
    use std::time::Duration;

    fn of(text: &str) -> Result<Config, ConfigError> {
        read("perf.toml", text.as_bytes())
    }

    fn complaint(text: &str) -> String {
        of(text).unwrap_err().to_string()
    }

    const ALL: &str = r#"
machine = "ci-1"
baseline = "main"
format = "markdown"
timeout = "10s"
preset = "pyodide"
fail-on = "high"
require-baseline = true
allow-missing = true

[notify]
desktop = true
webhook = "https://hooks.example/x"
always = true

[thresholds.time]
warning = "3%"
critical = "30%"

[thresholds.limit]
critical = "50%"

[[rules]]
select = "cpu::*"
metric = "wall"
warning = "1%"
critical = "2 %"
floor = "0.5%"
fail-on = "critical"

[[rules]]
select = "io"
ignore = true
reason = "the disk is shared"

[[rules]]
select = "io::own"
ignore = false

[[budgets]]
select = "cpu::parse"
metric = "wall"
max = "2ms"

[[budgets]]
select = "*"
metric = "allocs"
max = 12
warn = 10

[[budgets]]
select = "*"
metric = "peak"
warn = "1KiB"
"#;

    #[test]
    fn everything_that_can_be_said_is_understood() {
        let config = of(ALL).unwrap();
        assert_eq!(config.machine.as_deref(), Some("ci-1"));
        assert_eq!(config.format, Some(Format::Markdown));
        assert_eq!(config.timeout, Some(Duration::from_secs(10)));
        assert!(config.require_baseline && config.allow_missing);
        let hook = "https://hooks.example/x".parse().unwrap();
        let notify = Notify {
            channels: vec![Channel::Desktop, Channel::Webhook(hook)],
            always: true,
        };
        assert_eq!(config.notify, notify);
        let rules = &config.rules;
        assert_eq!(
            (rules.preset, rules.fail_on),
            (Preset::Pyodide, Some(Severity::High))
        );
        assert_eq!(
            rules.thresholds[&MetricKind::Limit],
            Given {
                warning: None,
                critical: Some(0.5)
            }
        );
        assert_eq!(rules.rules.len(), 3);
        assert_eq!(rules.rules[0].floor, Some(0.005));
        assert_eq!(
            rules.rules[1].ignore,
            Some(Ignore::Because("the disk is shared".to_owned()))
        );
        assert_eq!(rules.rules[2].ignore, Some(Ignore::No));
        let amounts = |of: fn(&BudgetRule) -> Option<Amount>| -> Vec<Option<f64>> {
            let budgets = rules.budgets.iter();
            budgets.map(|budget| Some(of(budget)?.get())).collect()
        };
        assert_eq!(amounts(|rule| rule.max), [Some(2e6), Some(12.0), None]);
        assert_eq!(amounts(|rule| rule.warn), [None, Some(10.0), Some(1024.0)]);
        assert_eq!(of("").unwrap(), Config::default());
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place_and_what_was_meant() {
        for (text, place, part) in [
            ("warnign = 1", "perf.toml:1:1: ", "unknown field `warnign`"),
            (
                "\nfailon = \"low\"",
                "perf.toml:2:1: ",
                "did you mean `fail-on`?",
            ),
            (
                "fail-on = \"hihg\"",
                "perf.toml:1:11: ",
                "did you mean `high`?",
            ),
            (
                "preset = \"pyodid\"",
                "perf.toml:1:10: ",
                "did you mean `pyodide`?",
            ),
            (
                "[[budgets]]\nselect = \"f\"\nmetric = \"wall\"",
                "perf.toml:1:1: ",
                "needs `max`, `warn` or both",
            ),
            (
                "[[budgets]]\nselect = \"f\"\nmetric = \"allocs\"\nmax = 1\nwarn = 2",
                "perf.toml:1:1: ",
                "`warn` lies above `max`",
            ),
            (
                "[thresholds.tiem]\nwarning = \"1%\"",
                "perf.toml:1:13: ",
                "did you mean `time`?",
            ),
            (
                "[thresholds.time]\nwarning = 5",
                "perf.toml:2:11: ",
                "expected a string",
            ),
            (
                "[thresholds.time]\nwarning = \"5\"",
                "perf.toml:2:11: ",
                "written \"5%\"",
            ),
            (
                "[thresholds.time]\nwarning = \"5%\"\ncritical = \"1%\"",
                "perf.toml:1:",
                "above `critical`",
            ),
            (
                "[[rules]]\nwarning = \"5%\"",
                "perf.toml:1:",
                "missing field `select`",
            ),
            (
                "[[rules]]\nselect = \"\"",
                "perf.toml:2:10: ",
                "selects everything",
            ),
            ("[[rules]]\nselect = \"a\"", "perf.toml:1:", "says nothing"),
            (
                "[[rules]]\nselect = \"a\"\nignore = true",
                "perf.toml:1:",
                "needs a `reason`",
            ),
            (
                "[[rules]]\nselect = \"a\"\nfloor = \"1%\"\nreason = \"x\"",
                "perf.toml:1:",
                "is for `ignore",
            ),
            (
                "[[budgets]]\nselect = \"a\"\nmetric = \"wall\"\nmax = 3",
                "perf.toml:4:7: ",
                "is a time",
            ),
            (
                "[[budgets]]\nselect = \"a\"\nmetric = \"wall\"\nmax = nan",
                "perf.toml:4:7: ",
                "NaN",
            ),
            (
                "[notify]\nwebhook = \"http://a.example\"",
                "perf.toml:2:11: ",
                "for this machine only",
            ),
            ("timeout = \"10\"", "perf.toml:1:11: ", "500ms, 10s or 2min"),
            ("machine = ", "perf.toml:1:", ""),
            ("a = 1\na = 2", "perf.toml:2:1: ", "duplicate key"),
        ] {
            let message = complaint(text);
            assert!(message.starts_with(place), "{text:?}: {message}");
            assert!(message.contains(part), "{text:?}: {message}");
            assert!(!message.contains('\n'), "{message}");
        }
    }

    #[test]
    fn a_file_that_is_none_is_refused_in_one_line() {
        assert_eq!(
            read("perf.toml", b"\xff").unwrap_err().to_string(),
            "perf.toml: it is not UTF-8"
        );
        let large = "#".repeat(LARGEST + 1);
        assert!(complaint(&large).contains("larger than 256 KiB"));
        let deep = format!("a = {}{}", "[".repeat(50_000), "]".repeat(50_000));
        assert!(complaint(&deep).starts_with("perf.toml:1:"));
        let long = format!("{} = 1", "x".repeat(100_000));
        assert!(complaint(&long).len() < 1000);
    }

    proptest! {
        #[test]
        fn no_text_brings_it_down(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read("perf.toml", &bytes);
        }

        #[test]
        fn no_damage_to_a_good_file_brings_it_down(at in 0..ALL.len(), byte in any::<u8>(), cut in 0..ALL.len()) {
            let mut bytes = ALL.as_bytes().to_vec();
            bytes[at] = byte;
            let _ = read("perf.toml", &bytes);
            let _ = read("perf.toml", &ALL.as_bytes()[..cut]);
        }
    }
}

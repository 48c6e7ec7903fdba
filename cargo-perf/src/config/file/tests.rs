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
alert-threshold = "20%"
alert-fail-on = "medium"

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

[[budgets]]
select = "*"
metric = "bytes"
min = "1MiB"
warn = "2MiB"

[[alerts]]
when = "wall > 2ms"
select = "cpu::*"
for = 3
severity = "critical"
message = "the index waits for it"

[[alerts]]
when = "limit < 1000"
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
    let (mib, two_mib) = (Some(1_048_576.0), Some(2_097_152.0));
    assert_eq!(
        amounts(|rule| rule.max),
        [Some(2e6), Some(12.0), None, None]
    );
    assert_eq!(amounts(|rule| rule.min), [None, None, None, mib]);
    let warnings = [None, Some(10.0), Some(1024.0), two_mib];
    assert_eq!(amounts(|rule| rule.warn), warnings);
    let alerts = &config.alerts;
    assert_eq!(alerts.threshold, Some(0.2));
    assert_eq!(alerts.fail_on, Some(Severity::Medium));
    let said: Vec<_> = alerts
        .rules
        .iter()
        .map(|rule| (rule.condition.to_string(), rule.runs, rule.severity))
        .collect();
    assert_eq!(
        said,
        [
            ("wall > 2ms".to_owned(), 3, Severity::Critical),
            ("limit < 1000".to_owned(), 1, Severity::High)
        ]
    );
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
            "needs `max`, `min` or `warn`",
        ),
        (
            "[[budgets]]\nselect = \"f\"\nmetric = \"allocs\"\nmax = 1\nwarn = 2",
            "perf.toml:1:1: ",
            "`warn` lies above `max`",
        ),
        (
            "[[budgets]]\nselect = \"f\"\nmetric = \"ratio\"\nmin = 2\nwarn = 1",
            "perf.toml:1:1: ",
            "`warn` lies below `min`",
        ),
        (
            "[[budgets]]\nselect = \"f\"\nmetric = \"ratio\"\nmin = 2\nmax = 1",
            "perf.toml:1:1: ",
            "`min` lies above `max`",
        ),
        (
            "[[budgets]]\nselect = \"f\"\nmetric = \"ratio\"\nmin = 1\nmax = 3\nwarn = 2",
            "perf.toml:1:1: ",
            "write two budgets",
        ),
        (
            "[[budgets]]\nselect = \"f\"\nmetric = \"wall\"\nmin = \"1ms\"",
            "perf.toml:4:7: ",
            "less of `wall` is better",
        ),
        (
            "[[budgets]]\nselect = \"f\"\nmetric = \"items\"\nmax = 1000",
            "perf.toml:4:7: ",
            "more of `items` is better",
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
            "[[alerts]]\nwhen = \"wall > 2\"",
            "perf.toml:2:8: ",
            "is a time",
        ),
        (
            "[[alerts]]\nwhen = \"wall > 2ms\"\nfor = 0",
            "perf.toml:1:1: ",
            "from 1 to 1000",
        ),
        (
            "[[alerts]]\nwhen = \"wall > 2ms\"\nseverity = \"none\"",
            "perf.toml:1:1: ",
            "is none",
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

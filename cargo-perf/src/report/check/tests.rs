use serde_json::Value;

use super::super::fixture::{self, HOSTILE, row};
use super::super::model::Row;
use super::*;
use crate::alert::{Alert, AlertFilter, AlertRule, Cause, Condition, Grounds, of_results, sort};
use crate::compare::Severity;
use crate::compare::rules::Selector;

/// A check of a report, with a rule that comes true of everything.
fn check(compared: Report, message: &str) -> CheckReport {
    let terms = AlertTerms {
        rules: vec![AlertRule {
            select: Selector::new("*").unwrap(),
            condition: Condition::new("wall > 1us").unwrap(),
            runs: 1,
            severity: Severity::Medium,
            message: Some(message.to_owned()),
        }],
        ..AlertTerms::default()
    };
    let mut alerts = of_results(&Grounds {
        rows: &compared.rows,
        sweeps: &compared.sweeps,
        terms: &terms,
        before: &|_, _| Vec::new(),
    });
    sort(&mut alerts);
    CheckReport {
        compared,
        alerts,
        terms,
        profiles: Vec::new(),
        summary: Summary::default(),
        began: Some("2026-01-01T00:00:00Z".to_owned()),
        from_store: false,
        filter: AlertFilter::default(),
    }
}

fn json(report: &CheckReport) -> Value {
    serde_json::from_str(&report.json()).unwrap()
}

#[test]
fn nothing_compared_is_not_healthy() {
    let health = |report: Report| {
        let mut report = check(report, "");
        report.alerts.clear();
        report.system_health()
    };
    assert_eq!(health(fixture::empty()), SystemHealth::Unknown);
    let with = |verdict| Report {
        rows: vec![Row {
            fails: false,
            ..row("f", verdict, 1.0, "")
        }],
        ..fixture::empty()
    };
    assert_eq!(health(with(Verdict::Unchanged)), SystemHealth::Healthy);
    assert_eq!(health(with(Verdict::CannotTell)), SystemHealth::Unknown);
    assert_eq!(health(with(Verdict::New)), SystemHealth::Unknown);
    let mut failing = with(Verdict::Failed);
    failing.rows[0].fails = true;
    assert_eq!(health(failing), SystemHealth::IssuesDetected);
}

#[test]
fn the_document_has_what_scripts_and_the_old_monitor_ask_for() {
    let report = check(
        Report {
            rows: vec![
                row("slow", Verdict::Regressed, 1.4, "it is slower"),
                row("calm", Verdict::Unchanged, 1.0, ""),
            ],
            typed: Some("main".to_owned()),
            ..fixture::empty()
        },
        "mind it",
    );
    let found = json(&report);
    assert_eq!(found["version"], 1);
    assert_eq!(found["failures"], 1);
    assert_eq!(found["total_tests"], 2);
    assert_eq!(found["regressions"], 1);
    assert_eq!(found["system_health"], "issues_detected");
    assert_eq!(found["monitor_timestamp"], "2026-01-01T00:00:00Z");
    assert_eq!(found["alert_threshold_percent"], 15.0);
    assert_eq!(
        found["latest_results"]["demo/cpu::calm"]["verdict"],
        "unchanged"
    );
    let alerts = found["alerts"].as_array().unwrap();
    let regression = alerts
        .iter()
        .find(|alert| alert["kind"] == "regression")
        .unwrap();
    assert_eq!(regression["change_percent"], 40.0);
    assert_eq!(regression["beyond_threshold"], true);
    assert_eq!(regression["recent_value"], 1234.0);
    assert_eq!(regression["actionable"], true);
    assert_eq!(
        regression["profile"],
        "samply record cargo bench --package demo --bench cpu -- --exact slow"
    );
    let rule = alerts.iter().find(|alert| alert["kind"] == "rule").unwrap();
    assert_eq!(rule["fails"], false);
    assert_eq!(rule["message"], "mind it");
    assert_eq!(rule["values"], serde_json::json!([1234.0]));
    assert_eq!(found["comparison"]["command"], "compare");
    insta::assert_snapshot!(words::human(&report, Look::default()));
}

#[test]
fn text_of_others_is_harmless_in_each_format() {
    let mut rows = vec![row("slow", Verdict::Regressed, 1.4, HOSTILE)];
    rows.push(row("dead", Verdict::Failed, 1.0, HOSTILE));
    let report = check(
        Report {
            rows,
            ..fixture::empty()
        },
        HOSTILE,
    );
    let human = words::human(&report, Look::default());
    assert!(
        !human.contains('\u{1b}') && !human.contains('\u{202e}'),
        "{human}"
    );
    assert!(!human.lines().any(|line| line.starts_with("::")), "{human}");
    let markdown = words::markdown(&report, 60_000, markdown::escape);
    assert!(
        !markdown.contains("<script>") && !markdown.contains("@everyone"),
        "{markdown}"
    );
    assert!(
        json(&report)["alerts"]
            .as_array()
            .is_some_and(|alerts| alerts.len() >= 3)
    );
}

#[test]
fn markdown_stays_within_its_room_and_says_what_is_left_out() {
    let rows = (0..200).map(|at| row(&format!("f{at}"), Verdict::Regressed, 1.4, "slower"));
    let report = check(
        Report {
            rows: rows.collect(),
            ..fixture::empty()
        },
        "",
    );
    let text = words::markdown(&report, 5_000, markdown::escape);
    assert!(text.len() <= 5_000, "{}", text.len());
    assert!(text.contains(" more, in the report file"), "{text}");
}

#[test]
fn what_is_not_finite_is_no_number() {
    let mut report = check(fixture::empty(), "");
    report.alerts.push(Alert {
        kind: AlertKind::Regression,
        severity: Severity::Critical,
        confidence: None,
        benchmark: fixture::id("f"),
        metric: None,
        cause: Cause::Worse {
            by: f64::INFINITY,
            beyond: true,
        },
        fails: true,
    });
    assert!(json(&report)["alerts"][0]["change_percent"].is_null());
}

#[test]
fn a_filter_hides_alerts_and_neither_their_number_nor_the_exit_code() {
    let rows = vec![
        row("slow", Verdict::Regressed, 1.4, "slower"),
        row("dead", Verdict::Failed, 1.0, "no luck"),
    ];
    let all = check(
        Report {
            rows,
            ..fixture::empty()
        },
        "",
    );
    let with = |least, kinds: &[AlertKind]| CheckReport {
        filter: AlertFilter {
            least,
            kinds: kinds.to_vec(),
        },
        ..all.clone()
    };
    let (whole, part) = (
        json(&all),
        json(&with(Severity::None, &[AlertKind::Failure])),
    );
    let kinds = |document: &Value| -> Vec<String> {
        let alerts = document["alerts"].as_array().unwrap().iter();
        alerts
            .map(|alert| alert["kind"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(kinds(&part), ["failure"]);
    assert_eq!(part["alerts_left_out"], kinds(&whole).len() - 1);
    assert_eq!(
        part["alert_filter"],
        serde_json::json!({"severity": "none", "kinds": ["failure"]})
    );
    for member in ["failures", "regressions", "system_health", "exit_code"] {
        assert_eq!(part[member], whole[member], "{member}");
    }
    let hidden = with(Severity::Critical, &[]);
    let human = words::human(&hidden, Look::default());
    assert!(
        human.contains("not shown, by --severity or --kind"),
        "{human}"
    );
    assert!(!human.contains("medium rule"), "{human}");
    let markdown = words::markdown(&hidden, 60_000, markdown::escape);
    assert!(
        markdown.contains("not shown, by --severity or --kind"),
        "{markdown}"
    );
    assert!(!words::human(&all, Look::default()).contains("not shown"));
}

use perf_schema::{BenchId, ExitCode};
use proptest::prelude::*;

use super::*;
use crate::compare::rules::Selector;
use crate::compare::{Swept, Verdict};
use crate::report::Row;
use crate::report::fixture::{id, row};
use crate::trend::{Class, Health, OpenAlerts, Profile, Reliability, Runs};

fn raised(rows: &[Row], terms: &AlertTerms, before: &[f64]) -> Vec<Alert> {
    let before = |_: &BenchId, _: &str| before.to_vec();
    of_results(&Grounds {
        rows,
        sweeps: &[],
        terms,
        before: &before,
    })
}

fn kinds(alerts: &[Alert]) -> Vec<(AlertKind, bool)> {
    alerts
        .iter()
        .map(|alert| (alert.kind, alert.fails))
        .collect()
}

fn watching(condition: &str, runs: usize, severity: Severity) -> AlertTerms {
    AlertTerms {
        rules: vec![AlertRule {
            select: Selector::new("cpu::*").unwrap(),
            condition: Condition::new(condition).unwrap(),
            runs,
            severity,
            message: Some("mind it".to_owned()),
        }],
        ..AlertTerms::default()
    }
}

fn profile(passed: usize, failed: usize) -> Profile {
    let success = passed as f64 / (passed + failed) as f64;
    let health = Health::of(&crate::trend::Evidence {
        success,
        class: Class::Stable,
        noise: Some(0.01),
        alerts: 0,
        gravest: Severity::None,
    });
    Profile {
        benchmark: id("f"),
        class: "c".to_owned(),
        build: "b".to_owned(),
        runs: Runs {
            executions: passed + failed,
            passed,
            failed,
        },
        success: Some(success),
        reliability: Some(Reliability::of(success)),
        metric: "wall".to_owned(),
        unit: Unit::NANOSECONDS,
        median: Some(1.0),
        p95: None,
        memory: None,
        trend: Class::Stable,
        alerts: OpenAlerts::default(),
        health: Some(health),
        status: Some(health.status()),
    }
}

#[test]
fn a_regression_is_an_alert_if_the_rules_fail_it_or_it_is_beyond_the_threshold() {
    let terms = AlertTerms::default();
    let by_rules = row("f", Verdict::Regressed, 1.08, "slower");
    let alerts = raised(std::slice::from_ref(&by_rules), &terms, &[]);
    assert_eq!(kinds(&alerts), [(AlertKind::Regression, true)]);
    assert!(matches!(
        alerts[0].cause,
        Cause::Worse { beyond: false, .. }
    ));
    let passing = Row {
        fails: false,
        ..by_rules
    };
    assert_eq!(raised(std::slice::from_ref(&passing), &terms, &[]), []);
    let strict = AlertTerms {
        threshold: Some(0.05),
        ..AlertTerms::default()
    };
    let alerts = raised(&[passing], &strict, &[]);
    assert_eq!(kinds(&alerts), [(AlertKind::Regression, true)]);
    // 15 % itself is not beyond it, and nothing but a verdict makes a regression.
    let lenient = |verdict, change| Row {
        fails: false,
        ..row("f", verdict, change, "")
    };
    assert_eq!(
        raised(&[lenient(Verdict::Regressed, 1.15)], &terms, &[]),
        []
    );
    assert_eq!(
        kinds(&raised(&[lenient(Verdict::Regressed, 1.16)], &terms, &[])),
        [(AlertKind::Regression, true)]
    );
    for verdict in [Verdict::Tolerated, Verdict::Layout, Verdict::CannotTell] {
        assert_eq!(
            raised(&[lenient(verdict, 2.0)], &terms, &[]),
            [],
            "{verdict:?}"
        );
    }
}

#[test]
fn each_way_to_fail_is_an_alert_with_its_exit_code() {
    let failing = |verdict| Row {
        fails: true,
        ..row("f", verdict, 1.0, "so it is")
    };
    for (verdict, kind, code) in [
        (Verdict::Failed, AlertKind::Failure, ExitCode::Benchmark),
        (Verdict::Missing, AlertKind::Coverage, ExitCode::Coverage),
        (
            Verdict::CannotTell,
            AlertKind::Undecided,
            ExitCode::Undecided,
        ),
        (Verdict::Unchanged, AlertKind::Claim, ExitCode::Regression),
    ] {
        let alerts = raised(&[failing(verdict)], &AlertTerms::default(), &[]);
        assert_eq!(kinds(&alerts), [(kind, true)]);
        assert_eq!(exit_code(&alerts, ExitCode::Fine), code);
    }
}

#[test]
fn a_rule_has_to_be_true_of_so_many_in_a_row() {
    // The row says 1234 ns.
    let rows = [row("f", Verdict::Unchanged, 1.0, "")];
    let three = watching("wall > 1us", 3, Severity::High);
    assert_eq!(raised(&rows, &three, &[]), []);
    assert_eq!(raised(&rows, &three, &[1100.0]), []);
    assert_eq!(raised(&rows, &three, &[1100.0, 900.0]), []);
    assert_eq!(raised(&rows, &three, &[1100.0, 900.0, 1100.0]), []);
    let alerts = raised(&rows, &three, &[900.0, 1100.0, 1200.0]);
    assert_eq!(kinds(&alerts), [(AlertKind::Rule, true)]);
    let Cause::Rule { values, .. } = &alerts[0].cause else {
        panic!("{alerts:?}");
    };
    assert_eq!(values, &[1100.0, 1200.0, 1234.0]);
    // The value of now has to be there, too.
    let calm = watching("wall > 2us", 1, Severity::High);
    assert_eq!(raised(&rows, &calm, &[3000.0, 3000.0]), []);
    let medium = watching("wall >= 1us", 1, Severity::Medium);
    assert_eq!(
        kinds(&raised(&rows, &medium, &[])),
        [(AlertKind::Rule, false)]
    );
    let strict = AlertTerms {
        fail_on: Some(Severity::Low),
        ..medium
    };
    assert_eq!(
        kinds(&raised(&rows, &strict, &[])),
        [(AlertKind::Rule, true)]
    );
    // What was not measured is on no side of a limit.
    for condition in ["allocs < 1000000", "ratio > 0"] {
        assert_eq!(
            raised(&rows, &watching(condition, 1, Severity::High), &[]),
            []
        );
    }
}

#[test]
fn reliability_and_health_are_told_from_five_runs_on() {
    let terms = AlertTerms::default();
    assert_eq!(of_past(&[profile(20, 0)], &terms), []);
    assert_eq!(of_past(&[profile(0, 4)], &terms), []);
    let flaky = of_past(&[profile(7, 3)], &terms);
    assert_eq!(kinds(&flaky), [(AlertKind::Reliability, true)]);
    let broken = of_past(&[profile(1, 9)], &terms);
    assert_eq!(
        kinds(&broken),
        [(AlertKind::Reliability, true), (AlertKind::Health, true)]
    );
    let silent = AlertTerms {
        fail_on: Some(Severity::None),
        ..terms
    };
    assert!(
        of_past(&[profile(1, 9)], &silent)
            .iter()
            .all(|alert| !alert.fails)
    );
}

fn any_alert() -> impl Strategy<Value = Alert> {
    let kind = proptest::sample::select(vec![
        AlertKind::Failure,
        AlertKind::Regression,
        AlertKind::Rule,
        AlertKind::Undecided,
    ]);
    let severity = proptest::sample::select(Severity::ALL[1..].to_vec());
    (
        kind,
        severity,
        proptest::option::of(0.0..=1.0),
        any::<bool>(),
    )
        .prop_map(|(kind, severity, confidence, fails)| Alert {
            kind,
            severity,
            confidence,
            benchmark: id("f"),
            metric: None,
            cause: Cause::Compared,
            fails,
        })
}

proptest! {
    #[test]
    fn the_gravest_comes_first_and_then_the_surest(mut alerts in proptest::collection::vec(any_alert(), 0..20)) {
        sort(&mut alerts);
        for pair in alerts.windows(2) {
            prop_assert!(pair[0].severity >= pair[1].severity);
            if pair[0].severity == pair[1].severity {
                prop_assert!(pair[0].confidence >= pair[1].confidence);
            }
        }
        let open = open(&alerts, &id("f"));
        prop_assert_eq!(open.count, alerts.len());
        prop_assert_eq!(open.gravest, alerts.first().map_or(Severity::None, |alert| alert.severity));
    }

    #[test]
    fn one_more_alert_never_makes_it_fine(alerts in proptest::collection::vec(any_alert(), 0..5), more in any_alert()) {
        let before = exit_code(&alerts, ExitCode::Fine);
        let after = exit_code(&[alerts, vec![more.clone()]].concat(), ExitCode::Fine);
        prop_assert!(before == ExitCode::Fine || after != ExitCode::Fine);
        prop_assert!(!more.fails || after != ExitCode::Fine);
    }
}

/// Cases of one benchmark whose time grows with the square of their size, and what is promised of it.
fn squared(promised: &str) -> Vec<Swept> {
    let case = |n: u32| {
        let name = format!("f[n={n}]");
        let time = 50.0 + 0.1 * f64::from(n).powi(2);
        let mut case = crate::series::fixture::timed(&name, time);
        case.parameters = [("n".to_owned(), n.to_string())].into();
        case.fit = Some(perf_schema::Fit {
            axis: "n".to_owned(),
            law: promised.to_owned(),
        });
        case
    };
    let cases: Vec<_> = [10, 40, 160, 640, 2560, 10_240].map(case).into();
    Swept::all(&cases)
}

#[test]
fn a_broken_promise_of_growth_is_an_alert_of_each_case() {
    let raised = |sweeps: &[Swept]| {
        of_results(&Grounds {
            rows: &[],
            sweeps,
            terms: &AlertTerms::default(),
            before: &|_, _| Vec::new(),
        })
    };
    assert_eq!(raised(&squared("n²")), []);
    let alerts = raised(&squared("n log n"));
    assert_eq!(kinds(&alerts), [(AlertKind::Growth, true)]);
    assert_eq!(alerts[0].severity, Severity::High);
    assert_eq!(exit_code(&alerts, ExitCode::Fine), ExitCode::Regression);
    let Cause::Growth { axis, cases, .. } = &alerts[0].cause else {
        panic!("{alerts:?}");
    };
    assert_eq!((axis.as_deref(), cases.len()), (Some("n"), 6));
    // It is open for each of them and for nothing else, and none of them is healthier than good.
    for case in cases {
        let open = open(&alerts, case);
        assert_eq!((open.count, open.gravest), (1, Severity::High));
    }
    assert_eq!(open(&alerts, &id("g")).count, 0);
}

#[test]
fn a_filter_has_edges_and_hides_nothing_that_it_does_not_name() {
    let alert = |kind, severity| Alert {
        kind,
        severity,
        confidence: None,
        benchmark: id("f"),
        metric: None,
        cause: Cause::Compared,
        fails: true,
    };
    let takes = |least, kinds: &[AlertKind], severity| {
        let filter = AlertFilter {
            least,
            kinds: kinds.to_vec(),
        };
        filter.takes(&alert(AlertKind::Rule, severity))
    };
    for severity in &Severity::ALL[1..] {
        assert!(takes(Severity::None, &[], *severity));
        assert_eq!(
            takes(Severity::High, &[], *severity),
            *severity >= Severity::High
        );
        assert!(!takes(Severity::None, &[AlertKind::Growth], *severity));
        assert!(takes(
            Severity::None,
            &[AlertKind::Growth, AlertKind::Rule],
            *severity
        ));
    }
    assert!(AlertFilter::default().takes(&alert(AlertKind::Undecided, Severity::Low)));
}

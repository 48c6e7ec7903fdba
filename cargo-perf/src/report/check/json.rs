//! The document of a check: `.perf/reports/check-….json`, and `check --format json`. Members are only ever added.

use std::collections::BTreeMap;

use perf_schema::{Corrected, Unit};
use serde::Serialize;

use super::super::json as comparison;
use super::super::model::{Figure, Row};
use super::CheckReport;
use super::words::{evidence, profile, recommendation, row_of, summary};
use crate::alert::{Alert, AlertKind, Cause};
use crate::compare::{Severity, Verdict};
use crate::trend::{Class, Profile, Reliability, Runs, Status, Summary};

/// Version of this shape.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    command: &'static str,
    exit_code: u8,
    /// How many alerts the check fails by: what a script looks at.
    failures: usize,
    /// `healthy`, `issues_detected`, or `unknown` where not everything could be told.
    system_health: &'static str,
    /// When the check began, UTC.
    monitor_timestamp: Option<&'a str>,
    /// Whether nothing was measured for it.
    from_store: bool,
    /// Benchmarks.
    total_tests: usize,
    regressions: usize,
    candidate: &'a str,
    baseline: Option<&'a str>,
    commits: Option<Commits<'a>>,
    /// The change for the worse beyond which a regression is an alert, in per cent.
    alert_threshold_percent: f64,
    /// The least severity of other alerts that fails.
    alert_fail_on: Severity,
    /// What was asked to be shown of them; the counts above are of all.
    alert_filter: Filter<'a>,
    /// How many are not shown for that.
    alerts_left_out: usize,
    alerts: Vec<AlertFigures<'a>>,
    /// By benchmark.
    latest_results: BTreeMap<String, Latest<'a>>,
    /// How many benchmarks are how over their runs.
    summary: &'a Summary,
    /// What `compare --format json` says of the same.
    comparison: comparison::Document<'a>,
}

#[derive(Serialize)]
struct Filter<'a> {
    /// The least severity; `none` for all.
    severity: Severity,
    /// The kinds; empty for all.
    kinds: &'a [AlertKind],
}

#[derive(Serialize)]
struct Commits<'a> {
    from: &'a str,
    to: &'a str,
    link: Option<&'a str>,
}

#[derive(Serialize)]
struct AlertFigures<'a> {
    kind: AlertKind,
    severity: Severity,
    confidence: Option<f64>,
    benchmark: String,
    metric: Option<&'a str>,
    fails: bool,
    actionable: bool,
    summary: String,
    evidence: Option<String>,
    /// Of a regression: for the worse, in per cent of the baseline.
    change_percent: Option<f64>,
    beyond_threshold: Option<bool>,
    baseline_value: Option<f64>,
    recent_value: Option<f64>,
    unit: Option<&'a str>,
    launches: Option<usize>,
    /// Of a rule: what it asks, and the values it came true for, oldest first.
    condition: Option<String>,
    values: Option<&'a [f64]>,
    message: Option<&'a str>,
    /// Other metrics that moved.
    companions: Vec<Companion<'a>>,
    recommendation: Option<String>,
    /// The command that profiles it.
    profile: Option<String>,
}

#[derive(Serialize)]
struct Companion<'a> {
    metric: &'a str,
    verdict: &'static str,
    ratio: Option<f64>,
}

#[derive(Serialize)]
struct Latest<'a> {
    verdict: Option<&'static str>,
    metric: Option<&'a str>,
    value: Option<f64>,
    unit: Option<&'a str>,
    ratio: Option<f64>,
    /// Its runs along the line of commits; absent where none is on it.
    runs: Option<Runs>,
    success_rate: Option<f64>,
    reliability: Option<Reliability>,
    trend: Option<Class>,
    health: Option<f64>,
    status: Option<Status>,
}

pub(super) fn render(report: &CheckReport) -> String {
    let compared = &report.compared;
    let document = Document {
        version: VERSION,
        command: "check",
        exit_code: compared.exit_code.code(),
        failures: report.failures(),
        system_health: report.system_health().word(),
        monitor_timestamp: report.began.as_deref(),
        from_store: report.from_store,
        total_tests: compared.rows.len(),
        regressions: report.count(AlertKind::Regression),
        candidate: &compared.candidate,
        baseline: compared.baseline.as_deref(),
        commits: compared.about.range.as_ref().map(|range| Commits {
            from: range.from.as_str(),
            to: range.to.as_str(),
            link: range.link.as_deref(),
        }),
        alert_threshold_percent: per_cent(report.terms.threshold()),
        alert_fail_on: report.terms.fail_on(),
        alert_filter: Filter {
            severity: report.filter.least,
            kinds: &report.filter.kinds,
        },
        alerts_left_out: report.left_out(),
        alerts: report.shown().map(|alert| figures(report, alert)).collect(),
        latest_results: compared
            .rows
            .iter()
            .map(|row| (row.id.to_string(), latest(report, row)))
            .collect(),
        summary: &report.summary,
        comparison: comparison::document(compared),
    };
    // Strings and finite numbers are all that is in it, and those always have a JSON form.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

/// In per cent, without the last binary digits.
fn per_cent(part: f64) -> f64 {
    (part * 1e6).round() / 1e4
}

fn figures<'a>(report: &'a CheckReport, alert: &'a Alert) -> AlertFigures<'a> {
    let row = row_of(report, alert);
    let metric = alert.metric.as_deref();
    let figure = row.and_then(|row| {
        row.figures
            .iter()
            .find(|found| Some(&*found.metric) == metric)
    });
    let (worse, beyond) = match alert.cause {
        // From nothing to something is no percentage.
        Cause::Worse { by, beyond } => (Some(by).filter(|by| by.is_finite()), Some(beyond)),
        _ => (None, None),
    };
    let (condition, values, message) = match &alert.cause {
        Cause::Rule {
            condition,
            values,
            message,
            ..
        } => (
            Some(condition.to_string()),
            Some(values.as_slice()),
            message.as_deref(),
        ),
        _ => (None, None, None),
    };
    let recommendation = recommendation(report, alert);
    AlertFigures {
        kind: alert.kind,
        severity: alert.severity,
        confidence: alert.confidence,
        benchmark: alert.benchmark.to_string(),
        metric,
        fails: alert.fails,
        actionable: recommendation.is_some(),
        summary: summary(report, alert),
        evidence: evidence(report, alert),
        change_percent: worse.map(per_cent),
        beyond_threshold: beyond,
        baseline_value: figure.and_then(|figure| figure.baseline?.about()),
        recent_value: figure.and_then(value),
        unit: figure.map(|figure| figure.unit.as_str()),
        launches: figure.map(|figure| figure.launches),
        condition,
        values,
        message,
        companions: row.map_or(Vec::new(), |row| companions(row, metric)),
        recommendation,
        profile: profile(report, alert),
    }
}

fn value(figure: &Figure) -> Option<f64> {
    figure.value.and_then(Corrected::about)
}

/// Metrics besides the one an alert is about that moved, exact ones too.
fn companions<'a>(row: &'a Row, metric: Option<&str>) -> Vec<Companion<'a>> {
    let moved = |figure: &Figure| {
        let verdict = figure.verdict.filter(|verdict| {
            matches!(
                verdict,
                Verdict::Regressed | Verdict::Improved | Verdict::Tolerated | Verdict::Layout
            )
        });
        verdict.filter(|_| Some(&*figure.metric) != metric)
    };
    let figures = row.figures.iter();
    figures
        .filter_map(|figure| {
            Some(Companion {
                verdict: moved(figure)?.word(),
                metric: &figure.metric,
                ratio: figure.effect.map(|effect| effect.ratio.get()),
            })
        })
        .collect()
}

fn latest<'a>(report: &'a CheckReport, row: &'a Row) -> Latest<'a> {
    let figure = row.headline();
    let mut profiles = report.profiles.iter();
    let profile: Option<&Profile> = profiles.find(|profile| profile.benchmark == row.id);
    Latest {
        verdict: row.verdict.map(Verdict::word),
        metric: figure.map(|figure| figure.metric.as_str()),
        value: figure.and_then(value),
        unit: figure.map(|figure| &figure.unit).map(Unit::as_str),
        ratio: figure.and_then(|figure| Some(figure.effect?.ratio.get())),
        runs: profile.map(|profile| profile.runs),
        success_rate: profile.and_then(|profile| profile.success),
        reliability: profile.and_then(|profile| profile.reliability),
        trend: profile.map(|profile| profile.trend),
        health: profile.and_then(|profile| Some(profile.health?.get())),
        status: profile.and_then(|profile| profile.status),
    }
}

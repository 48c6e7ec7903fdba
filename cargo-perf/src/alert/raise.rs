//! From results and from the past to alerts.

use perf_schema::{BenchId, Corrected};

use super::rule::{AlertRule, AlertTerms};
use super::{Alert, AlertKind, Cause};
use crate::compare::{Severity, Swept, Verdict, Worsening, is_beyond};
use crate::report::{Figure, Row};
use crate::trend::{Profile, Reliability, Status};

/// Runs below which nothing is said of how reliable or healthy a benchmark is: its last failure is told by itself.
const RUNS: usize = 5;

/// What alerts are raised from.
pub struct Grounds<'a> {
    /// The benchmarks that were compared.
    pub rows: &'a [Row],
    /// How their time grows over their axes.
    pub sweeps: &'a [Swept],
    /// What is watched.
    pub terms: &'a AlertTerms,
    /// The values of a metric of a benchmark at the commits before this code, oldest first.
    pub before: &'a dyn Fn(&BenchId, &str) -> Vec<f64>,
}

/// The alerts of what was measured.
#[must_use]
pub fn of_results(grounds: &Grounds<'_>) -> Vec<Alert> {
    let mut alerts = Vec::new();
    for row in grounds.rows {
        alerts.extend(of_verdict(row, grounds.terms));
        if row.oversteps() {
            alerts.push(alert(&row.id, AlertKind::Budget, Severity::High));
        }
        alerts.extend(of_levels(row));
        let rules = grounds.terms.rules.iter();
        let taken = rules.filter(|rule| rule.select.takes(&row.id));
        alerts.extend(taken.filter_map(|rule| of_rule(row, rule, grounds)));
    }
    alerts.extend(grounds.sweeps.iter().filter_map(of_sweep));
    alerts
}

/// The alert of a limit whose levels grow faster than was promised.
fn of_levels(row: &Row) -> Option<Alert> {
    let grown = row.grown.clone().filter(|_| row.grows_too_fast())?;
    Some(Alert {
        cause: Cause::Growth {
            axis: None,
            cases: Vec::new(),
            grown,
        },
        ..alert(&row.id, AlertKind::Growth, Severity::High)
    })
}

/// The alert of cases that grow faster than was promised.
fn of_sweep(swept: &Swept) -> Option<Alert> {
    swept.grown.is_broken().then(|| Alert {
        cause: Cause::Growth {
            axis: Some(swept.axis.clone()),
            cases: swept.cases.iter().map(|(_, case)| case.clone()).collect(),
            grown: swept.grown.clone(),
        },
        ..alert(&swept.id, AlertKind::Growth, Severity::High)
    })
}

/// The alert that a verdict is.
fn of_verdict(row: &Row, terms: &AlertTerms) -> Option<Alert> {
    let kind = match row.verdict {
        Some(Verdict::Failed) => AlertKind::Failure,
        Some(Verdict::Regressed) => return of_regression(row, terms),
        Some(Verdict::Missing) => AlertKind::Coverage,
        Some(Verdict::CannotTell | Verdict::Incomparable | Verdict::New) => AlertKind::Undecided,
        // Its budget and its growth have alerts of their own.
        _ if row.breaks_a_budget() => return None,
        _ => AlertKind::Claim,
    };
    let severity = match kind {
        AlertKind::Failure => Severity::Critical,
        AlertKind::Coverage => Severity::Medium,
        AlertKind::Undecided => Severity::Low,
        _ => Severity::High,
    };
    // What was seen is certain; that nothing is known is no finding.
    let confidence = (kind == AlertKind::Failure).then_some(1.0);
    let told_by_its_budget = kind == AlertKind::Undecided && row.breaks_a_budget();
    (row.fails && !told_by_its_budget).then(|| Alert {
        confidence,
        ..alert(&row.id, kind, severity)
    })
}

/// A regression that the rules fail, or that is beyond the threshold.
fn of_regression(row: &Row, terms: &AlertTerms) -> Option<Alert> {
    let worse = |figure: &&Figure| figure.verdict == Some(Verdict::Regressed);
    let amount = |figure: &Figure| Worsening::of(figure.effect.as_ref(), figure.better).estimate;
    let regressed = row.figures.iter().filter(worse);
    let gravest = regressed.max_by(|a, b| amount(a).total_cmp(&amount(b)));
    let by = gravest.map_or(0.0, amount);
    let beyond = is_beyond(by, terms.threshold());
    if !row.fails && !beyond {
        return None;
    }
    let shown = row.headline().or(gravest);
    Some(Alert {
        confidence: row.certainty(),
        metric: if beyond { gravest } else { shown }.map(|figure| figure.metric.clone()),
        cause: Cause::Worse { by, beyond },
        ..alert(
            &row.id,
            AlertKind::Regression,
            row.severity().max(Severity::Low),
        )
    })
}

/// The alert of a rule that is true of as many values in a row as it wants.
fn of_rule(row: &Row, rule: &AlertRule, grounds: &Grounds<'_>) -> Option<Alert> {
    let metric = rule.condition.metric();
    let figure = row.figures.iter().find(|figure| figure.metric == metric)?;
    let now = figure.value.and_then(Corrected::about)?;
    if !rule.condition.holds(now) {
        return None;
    }
    let mut values = if rule.runs > 1 {
        (grounds.before)(&row.id, metric)
    } else {
        Vec::new()
    };
    values.push(now);
    let newest = values.get(values.len().checked_sub(rule.runs)?..)?;
    newest
        .iter()
        .all(|&value| rule.condition.holds(value))
        .then(|| Alert {
            metric: Some(metric.to_owned()),
            fails: rule.severity.fails(grounds.terms.fail_on()),
            cause: Cause::Rule {
                condition: rule.condition.clone(),
                unit: figure.unit.clone(),
                values: newest.to_vec(),
                message: rule.message.clone(),
            },
            ..alert(&row.id, AlertKind::Rule, rule.severity)
        })
}

/// An alert that fails.
fn alert(benchmark: &BenchId, kind: AlertKind, severity: Severity) -> Alert {
    Alert {
        kind,
        severity,
        confidence: None,
        benchmark: benchmark.clone(),
        metric: None,
        cause: Cause::Compared,
        fails: true,
    }
}

/// The alerts of how benchmarks did over their runs. `profiles` are those without open alerts: else an alert would be its own
/// cause.
#[must_use]
pub fn of_past(profiles: &[Profile], terms: &AlertTerms) -> Vec<Alert> {
    let known = profiles
        .iter()
        .filter(|profile| profile.runs.passed + profile.runs.failed >= RUNS);
    known
        .flat_map(|profile| [unreliable(profile), unhealthy(profile)])
        .flatten()
        .map(|alert| Alert {
            fails: alert.severity.fails(terms.fail_on()),
            ..alert
        })
        .collect()
}

fn unreliable(profile: &Profile) -> Option<Alert> {
    let runs = profile.runs;
    (profile.reliability == Some(Reliability::NeedsAttention)).then(|| {
        of_profile(
            profile,
            AlertKind::Reliability,
            Severity::High,
            Cause::Runs {
                passed: runs.passed,
                failed: runs.failed,
            },
        )
    })
}

fn unhealthy(profile: &Profile) -> Option<Alert> {
    let (health, status) = (profile.health?, profile.status?);
    let severity = match status {
        Status::Critical => Severity::High,
        Status::Poor => Severity::Medium,
        Status::Fair | Status::Good | Status::Excellent => return None,
    };
    let cause = Cause::State {
        health: health.get(),
        status,
    };
    Some(of_profile(profile, AlertKind::Health, severity, cause))
}

fn of_profile(profile: &Profile, kind: AlertKind, severity: Severity, cause: Cause) -> Alert {
    Alert {
        kind,
        severity,
        confidence: None,
        benchmark: profile.benchmark.clone(),
        metric: None,
        cause,
        fails: false,
    }
}

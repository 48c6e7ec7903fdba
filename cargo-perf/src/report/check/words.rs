//! Alerts in words.

use super::super::model::Row;
use super::super::quantity::{amount, percent_change, quantity};
use super::super::table::wrapped;
use super::super::{Look, advice, budget, printable, quoted};
use super::{CheckReport, SystemHealth};
use crate::alert::{Alert, AlertKind, Cause};

/// The row that an alert is about.
pub(super) fn row_of<'a>(report: &'a CheckReport, alert: &Alert) -> Option<&'a Row> {
    let mut rows = report.compared.rows.iter();
    rows.find(|row| row.id == alert.benchmark)
}

/// An alert in one line.
pub(super) fn summary(report: &CheckReport, alert: &Alert) -> String {
    let name = alert.benchmark.in_package();
    match &alert.cause {
        Cause::Worse { .. } | Cause::Compared => {
            let row = row_of(report, alert);
            let told = match alert.kind {
                AlertKind::Budget => row
                    .and_then(budget::word)
                    .map(|beyond| format!("{name} {beyond}")),
                AlertKind::Claim => row.map(|_| format!("{name} not as was claimed")),
                _ => row.and_then(advice::summary),
            };
            told.unwrap_or(name)
        }
        Cause::Rule {
            condition,
            values,
            unit,
            message,
        } => {
            let now = values.last().map(|&value| quantity(value, unit));
            let now = now.map_or(String::new(), |now| format!(" ({now} now)"));
            let runs = match values.len() {
                1 => String::new(),
                runs => format!(" for {runs} commits in a row"),
            };
            let said = message.as_ref().map(|said| format!(": {said}"));
            format!("{name} {condition}{runs}{now}{}", said.unwrap_or_default())
        }
        Cause::Runs { passed, failed } => {
            format!("{name} went well in {passed} of {} runs", passed + failed)
        }
        Cause::State { health, status } => {
            let status = serde_json::to_string(status).unwrap_or_default();
            format!(
                "{name} has a health of {health:.0}: {}",
                status.trim_matches('"')
            )
        }
    }
}

/// What it rests on, where the line does not tell.
pub(super) fn evidence(report: &CheckReport, alert: &Alert) -> Option<String> {
    let row = row_of(report, alert)?;
    match alert.cause {
        Cause::Worse { beyond, .. } => {
            let metric = alert.metric.as_deref()?;
            let figure = row.figures.iter().find(|figure| figure.metric == metric)?;
            let (from, to) = (figure.baseline?, figure.value?);
            let change = figure.effect.map_or(String::new(), |effect| {
                format!("{}, ", percent_change(effect.ratio))
            });
            let beyond = if beyond {
                format!(
                    ", beyond the alert threshold of {}",
                    percent(report.terms.threshold())
                )
            } else {
                String::new()
            };
            Some(format!(
                "{metric} {change}{} → {}, {} launches{beyond}",
                amount(from, &figure.unit),
                amount(to, &figure.unit),
                figure.launches
            ))
        }
        Cause::Compared => Some(row.reason.clone()).filter(|reason| !reason.is_empty()),
        Cause::Rule { .. } | Cause::Runs { .. } | Cause::State { .. } => None,
    }
}

/// What to do about it.
pub(super) fn recommendation(report: &CheckReport, alert: &Alert) -> Option<String> {
    let row = row_of(report, alert);
    let name = quoted(&alert.benchmark.to_string());
    let trend = format!("`cargo perf trend {name} --exact` shows since when");
    match &alert.cause {
        Cause::Worse { .. } | Cause::Compared => {
            let baseline = report.compared.typed.as_deref();
            row.and_then(|row| advice::recommendation(row, baseline))
        }
        Cause::Rule { .. } => Some(trend),
        Cause::Runs { .. } | Cause::State { .. } => Some(format!(
            "`cargo perf trend --profile {name} --exact` shows its runs"
        )),
    }
}

/// The command that profiles what an alert is about, where that is how long or how much it takes.
pub(super) fn profile(report: &CheckReport, alert: &Alert) -> Option<String> {
    let is_about_cost = matches!(alert.cause, Cause::Worse { .. } | Cause::Rule { .. });
    let row = row_of(report, alert).filter(|_| is_about_cost)?;
    Some(advice::profile(row))
}

/// A part as a percentage: `15 %`, `2.5 %`.
pub(super) fn percent(part: f64) -> String {
    format!("{} %", (part * 1e6).round() / 1e4)
}

/// The verdict of the whole.
fn title(report: &CheckReport) -> String {
    let all = report.alerts.len();
    let failing = report.alerts.iter().filter(|alert| alert.fails).count();
    match (all, report.system_health()) {
        (0, SystemHealth::Healthy) => "no alert".to_owned(),
        (0, SystemHealth::Unknown) => "no alert, and not everything could be told".to_owned(),
        (0, SystemHealth::IssuesDetected) => "no alert of its own".to_owned(),
        (1, _) if failing == 1 => "1 alert, which fails the check".to_owned(),
        (1, _) => "1 alert, which does not fail the check".to_owned(),
        _ if failing == all => format!("{all} alerts, which fail the check"),
        _ if failing == 0 => format!("{all} alerts, none of which fails the check"),
        _ if failing == 1 => format!("{all} alerts, one of which fails the check"),
        _ => format!("{all} alerts, {failing} of which fail the check"),
    }
}

/// What is told below a line.
fn details(report: &CheckReport, alert: &Alert) -> Vec<String> {
    let row = row_of(report, alert);
    let companions = matches!(alert.cause, Cause::Worse { .. })
        .then(|| row.and_then(advice::companions))
        .flatten();
    let range = report.compared.about.range.as_ref();
    let range = range.filter(|_| matches!(alert.cause, Cause::Worse { .. }));
    let range = range.map(|range| match &range.link {
        Some(link) => format!("commits: {link}"),
        None => format!(
            "commits: git log {}..{}",
            range.from.short(12),
            range.to.short(12)
        ),
    });
    let profile = profile(report, alert).map(|command| format!("profile: {command}"));
    [
        evidence(report, alert),
        companions,
        recommendation(report, alert),
        range,
        profile,
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A block for a terminal.
pub(super) fn human(report: &CheckReport, look: Look) -> String {
    let mut text = format!("\n{}\n", title(report));
    for alert in &report.alerts {
        let line = format!(
            "{} {}: {}",
            alert.severity.word(),
            alert.kind.word(),
            printable(&summary(report, alert))
        );
        text.push_str(&wrapped(&line, "  ", look.width));
        for detail in details(report, alert) {
            text.push_str(&wrapped(&printable(&detail), "    ", look.width));
        }
    }
    text
}

/// A section in Markdown of no more than `room` bytes; `escape` makes text of others harmless.
pub(super) fn markdown(
    report: &CheckReport,
    room: usize,
    escape: impl Fn(&str) -> String,
) -> String {
    let mut text = format!("\n#### {}\n\n", title(report));
    let last = |left: usize| format!("- and {left} more, in the report file\n");
    let room = room.saturating_sub(last(report.alerts.len()).len());
    for (told, alert) in report.alerts.iter().enumerate() {
        let mut item = format!(
            "- **{} {}**: {}\n",
            alert.severity.word(),
            alert.kind.word(),
            escape(&summary(report, alert))
        );
        for detail in details(report, alert) {
            item.push_str(&format!("  - {}\n", escape(&detail)));
        }
        if text.len() + item.len() > room {
            return text + &last(report.alerts.len() - told);
        }
        text.push_str(&item);
    }
    text
}

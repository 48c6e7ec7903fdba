//! Traceability: what is tracked, where each benchmark is declared, how it stands, and what to do; in Markdown.

use perf_schema::{Better, Corrected};

use super::headline::headline;
use super::markdown::{code, escape};
use super::model::{Figure, Report, Row};
use super::quantity::{amount, percent_change};
use super::trail::sparkline;
use super::{advice, order};
use crate::compare::Verdict;

/// Renders the report. It is kept as a file, so its length has no bound.
pub(super) fn render(report: &Report) -> String {
    let mut text = format!("# Traceability of performance\n\n{}\n\n", summary(report));
    text.push_str("## What is tracked\n\n");
    text.push_str("| benchmark | declared at | metrics | now | change | trend | verdict |\n");
    text.push_str("|---|---|---|--:|--:|---|---|\n");
    text.extend(report.rows.iter().map(tracked));
    text.push_str("\n## Regressions and failures\n\n");
    text.push_str(&section(report, "none", |row| {
        let verdict = row.verdict?;
        let is_bad = row.fails || matches!(verdict, Verdict::Regressed | Verdict::Failed);
        is_bad.then(|| {
            format!(
                "- {}, {}: {}\n",
                code(&row.id.to_string()),
                verdict.word(),
                escape(&row.reason)
            )
        })
    }));
    text.push_str("\n## Recommendations\n\n");
    text.push_str(&section(report, "nothing to do", |row| {
        let advice = advice::recommendation(row, report.typed.as_deref())?;
        Some(format!(
            "- {}: {}\n",
            code(&row.id.to_string()),
            escape(&advice)
        ))
    }));
    text.push_str("\n## Environment\n\n| | |\n|---|---|\n");
    for (name, value) in &report.about.surroundings {
        text.push_str(&format!("| {name} | {} |\n", escape(value)));
    }
    if let Some(range) = &report.about.range {
        text.push_str(&format!("| commits | {} |\n", code(&range.command())));
    }
    text
}

fn summary(report: &Report) -> String {
    let mut lines = vec![format!("**{}**", headline(report, code))];
    lines.extend(
        report
            .about
            .generated
            .iter()
            .map(|day| format!("Generated on {day}.")),
    );
    lines.push(format!("Measured: {}.", escape(&report.candidate)));
    let baseline = report.baseline.iter();
    lines.extend(baseline.map(|baseline| format!("Compared with {}.", escape(baseline))));
    lines.join("\n\n")
}

fn tracked(row: &Row) -> String {
    let source = row.source.as_ref();
    let source = source.map_or("–".to_owned(), |source| {
        code(&format!("{}:{}", source.file, source.line))
    });
    let judged = row
        .figures
        .iter()
        .filter(|figure| figure.better != Better::Neither);
    let metrics: Vec<String> = judged.map(|figure| escape(&figure.metric)).collect();
    let headline = row.headline();
    let value = headline.and_then(|figure| Some(shown(figure, figure.value?)));
    let change = headline.and_then(|figure| Some(percent_change(figure.effect?.ratio)));
    let none = || "–".to_owned();
    format!(
        "| {} | {source} | {} | {} | {} | {} | {} |\n",
        code(&row.id.to_string()),
        metrics.join(", "),
        value.unwrap_or_else(none),
        change.unwrap_or_else(none),
        sparkline(&row.trail),
        row.verdict.map_or("measured", Verdict::word)
    )
}

fn shown(figure: &Figure, value: Corrected) -> String {
    escape(&amount(value, &figure.unit))
}

/// A line for each row that has one, the gravest first.
fn section(report: &Report, none: &str, line: impl Fn(&Row) -> Option<String>) -> String {
    let mut rows: Vec<&Row> = report.rows.iter().collect();
    rows.sort_by(|a, b| order::gravest_first(a, b));
    let lines: String = rows.into_iter().filter_map(line).collect();
    if lines.is_empty() {
        format!("{none}\n")
    } else {
        lines
    }
}

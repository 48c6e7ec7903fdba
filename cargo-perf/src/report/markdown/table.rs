//! Tables of benchmarks and of their metrics.

use perf_schema::Corrected;

use super::super::advice;
use super::super::budget::all_told;
use super::super::method::Method;
use super::super::model::Row;
use super::super::quantity::{amount, percent_change};
use super::super::trail::sparkline;
use super::{code, escape, left_out};
use crate::compare::{Severity, Verdict};

/// Characters of a sentence that a table shows. What fails may say very much.
const SENTENCE: usize = 400;

/// A sentence, escaped, of no more length than a table bears; how much is left out is said.
pub(super) fn brief(text: &str) -> String {
    let more = text.chars().count().saturating_sub(SENTENCE);
    if more == 0 {
        return escape(text);
    }
    let begin: String = text.chars().take(SENTENCE).collect();
    format!("{} … ({more} more characters)", escape(&begin))
}

/// What each benchmark came to, a line each.
pub(super) fn figures(rows: &[&Row], lines: usize) -> String {
    // Nobody wants an empty column.
    let has_trails = rows.iter().any(|row| !row.trail.is_empty());
    let (trend, line) = if has_trails {
        (" trend |", "---|")
    } else {
        ("", "")
    };
    let mut text = format!(
        "| benchmark | baseline | now | change | interval |{trend} verdict |\n|---|--:|--:|--:|---|{line}---|\n"
    );
    for row in rows.iter().take(lines) {
        let figure = row.headline();
        let show = |value: Option<Corrected>| {
            figure.zip(value).map_or("–".to_owned(), |(figure, value)| {
                escape(&amount(value, &figure.unit))
            })
        };
        let effect = figure.and_then(|f| f.effect);
        let verdict = verdict(row);
        let trail = if has_trails {
            format!(" {} |", sparkline(&row.trail))
        } else {
            String::new()
        };
        text.push_str(&format!(
            "| {} | {} | {} | {} | {} |{trail} {verdict} |\n",
            code(&row.id.in_package()),
            show(figure.and_then(|f| f.baseline)),
            show(figure.and_then(|f| f.value)),
            effect.map_or("–".to_owned(), |e| percent_change(e.ratio)),
            effect.map_or(String::new(), |e| format!(
                "{} … {}",
                percent_change(e.low),
                percent_change(e.high)
            )),
        ));
    }
    if rows.len() > lines {
        let more = left_out(rows.len() - lines, "benchmark");
        text.push_str(&format!("\n{more}\n"));
    }
    text
}

/// The verdict with its reason, and what there is to say of budgets.
fn verdict(row: &Row) -> String {
    let mut parts = Vec::new();
    let method = row.method.and_then(Method::remark);
    let method = method.map_or(String::new(), |method| format!(" ({method})"));
    match row.verdict {
        None => {}
        Some(Verdict::Unchanged) => parts.push(format!("{}{method}", Verdict::Unchanged.word())),
        Some(verdict) => {
            let grave = match row.severity() {
                Severity::None => String::new(),
                severity => format!(", {}", severity.word()),
            };
            parts.push(format!(
                "{}{grave}{method}: {}",
                verdict.word(),
                brief(&row.reason)
            ));
            parts.extend(advice::companions(row).map(|text| brief(&text)));
        }
    }
    parts.extend(row.remarks.iter().map(|remark| brief(remark)));
    parts.extend(all_told(row).map(|text| brief(&text)));
    parts.join("; ")
}

/// Every metric of these benchmarks, a line each.
pub(super) fn metrics(rows: &[&Row], lines: usize) -> String {
    let mut text =
        "| benchmark | metric | baseline | now | change | verdict |\n|---|---|--:|--:|--:|---|\n"
            .to_owned();
    for row in rows.iter().take(lines) {
        for figure in &row.figures {
            let show = |value: Option<Corrected>| {
                value.map_or("–".to_owned(), |value| {
                    escape(&amount(value, &figure.unit))
                })
            };
            text.push_str(&format!(
                "| {} | {} | {} | {} | {} | {} |\n",
                code(&row.id.in_package()),
                escape(&figure.metric),
                show(figure.baseline),
                show(figure.value),
                figure
                    .effect
                    .map_or("–".to_owned(), |effect| percent_change(effect.ratio)),
                figure.verdict.map_or("", Verdict::word),
            ));
        }
        for (metric, reason) in &row.absent {
            text.push_str(&format!(
                "| {} | {} | – | – | – | absent: {} |\n",
                code(&row.id.in_package()),
                escape(metric),
                brief(reason)
            ));
        }
    }
    if rows.len() > lines {
        let more = left_out(rows.len() - lines, "benchmark");
        text.push_str(&format!("\n{more}\n"));
    }
    text
}

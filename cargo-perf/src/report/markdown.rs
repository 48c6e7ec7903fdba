//! Markdown for a pull request: the verdict first, what changed as a table, the rest folded.

use perf_schema::Corrected;

use super::advice;
use super::budget::all_told;
use super::growth;
use super::model::{Command, Method, Report, Row};
use super::order::gravest_first;
use super::quantity::{amount, percent_change};
use super::swept;
use crate::compare::expect::Met;
use crate::compare::{Severity, Verdict};

/// Renders the report.
pub(super) fn render(report: &Report) -> String {
    let (calm, notable): (Vec<&Row>, Vec<&Row>) = report.rows.iter().partition(|row| is_calm(row));
    let mut notable = notable;
    notable.sort_by(|a, b| gravest_first(a, b));
    let mut text = format!(
        "### cargo perf: {}\n\n{}\n",
        headline(report),
        escape(&report.candidate)
    );
    if let Some(baseline) = &report.baseline {
        text.push_str(&format!("compared with {}\n", escape(baseline)));
    }
    if !notable.is_empty() {
        text.push('\n');
        text.push_str(&table(&notable));
    }
    if !calm.is_empty() {
        // What was compared with nothing is not unchanged.
        let summary = match report.baseline {
            Some(_) => format!("{} unchanged", calm.len()),
            None => measured(calm.len()),
        };
        text.push_str(&format!(
            "\n<details><summary>{summary}</summary>\n\n{}\n</details>\n",
            table(&calm)
        ));
    }
    // Without a baseline the table above has said what there is to say.
    if !notable.is_empty() && report.baseline.is_some() {
        text.push_str(&format!(
            "\n<details><summary>all metrics of what is not unchanged</summary>\n\n{}\n</details>\n",
            metrics(&notable)
        ));
    }
    let growth = swept::markdown(&report.sweeps);
    if !growth.is_empty() {
        text.push_str(&format!("\n{growth}"));
    }
    let todo: Vec<String> = notable
        .iter()
        .filter_map(|row| advised(row, report))
        .collect();
    if !todo.is_empty() {
        text.push_str(&format!("\n{}", todo.concat()));
    }
    if let Some(command) = &report.reproduce {
        text.push_str(&format!("\nagain: {}\n", code(command)));
    }
    for note in report.all_notes() {
        let lines: Vec<String> = note
            .lines()
            .map(|line| format!("> {}", escape(line)))
            .collect();
        // Two spaces at the end of a line are what Markdown takes for its end.
        text.push_str(&format!("\n{}\n", lines.join("  \n")));
    }
    text
}

/// What to do about a benchmark that became worse.
fn advised(row: &Row, report: &Report) -> Option<String> {
    let worse = row.verdict == Some(Verdict::Regressed);
    let advice = advice::recommendation(row, report.typed.as_deref()).filter(|_| worse)?;
    Some(format!("- {}\n", escape(&advice)))
}

/// Whether there is nothing to say of it: no change, and no budget that was not simply kept.
fn is_calm(row: &Row) -> bool {
    matches!(row.verdict, None | Some(Verdict::Unchanged))
        && all_told(row).next().is_none()
        && row.grown.as_ref().and_then(growth::told).is_none()
}

fn headline(report: &Report) -> String {
    let of = |verdict: Verdict| {
        let rows = report.rows.iter();
        rows.filter(move |row| row.verdict == Some(verdict))
    };
    // A run shows what changed, and fails by none of it.
    let counts = |row: &&Row| row.fails || report.command == Command::Run;
    let names = |verdict: Verdict| -> Vec<String> {
        of(verdict)
            .filter(counts)
            .map(|row| code(&row.id.in_package()))
            .collect()
    };
    let mut parts = Vec::new();
    for (verdict, word) in [
        (Verdict::Failed, "failed"),
        (Verdict::Regressed, "regressed"),
        (Verdict::Missing, "missing"),
    ] {
        let names = names(verdict);
        match names.as_slice() {
            [] => {}
            [one] => parts.push(format!("{one} {word}")),
            many => parts.push(format!("{} benchmarks {word}", many.len())),
        }
    }
    let over: Vec<&Row> = report
        .rows
        .iter()
        .filter(|row| row.is_over_budget())
        .collect();
    match over.as_slice() {
        [] => {}
        [one] => parts.push(format!("{} over budget", code(&one.id.in_package()))),
        many => parts.push(format!("{} benchmarks over budget", many.len())),
    }
    match report.broken_sweeps() {
        0 => {}
        1 => parts.push("1 growth over budget".to_owned()),
        many => parts.push(format!("{many} growths over budget")),
    }
    parts.extend(claims(report, Met::No, "not met"));
    if !parts.is_empty() {
        return parts.join(", ");
    }
    if report.baseline.is_none() {
        return match report.command {
            Command::Run => measured(report.rows.len()),
            Command::Compare => "no baseline to compare with".to_owned(),
        };
    }
    // What was not compared is no comfort, and stands where it is seen.
    let open = [
        (Verdict::Regressed, "regressed and not grave enough to fail"),
        (Verdict::Missing, "missing, which is allowed"),
        (Verdict::CannotTell, "could not be told"),
        (Verdict::Incomparable, "could not be compared"),
        (Verdict::New, "new"),
        (Verdict::Layout, "slower by layout alone"),
        (Verdict::Tolerated, "tolerated"),
    ]
    .into_iter()
    .map(|(verdict, word)| (of(verdict).count(), word))
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| format!("{count} {word}"));
    let open: Vec<String> = open
        .chain(claims(report, Met::Open, "that cannot be told"))
        .collect();
    let is_lenient = of(Verdict::Regressed).next().is_some();
    if is_lenient {
        format!("nothing that fails, {}", open.join(", "))
    } else if open.is_empty() {
        "no regression".to_owned()
    } else {
        format!("no regression found, {}", open.join(", "))
    }
}

/// How many claims came out so.
fn claims(report: &Report, standing: Met, words: &str) -> Option<String> {
    let outcomes = report.expectations.iter();
    match outcomes.filter(|out| out.standing == standing).count() {
        0 => None,
        1 => Some(format!("1 claim {words}")),
        many => Some(format!("{many} claims {words}")),
    }
}

fn measured(count: usize) -> String {
    format!(
        "{count} benchmark{} measured",
        if count == 1 { "" } else { "s" }
    )
}

fn table(rows: &[&Row]) -> String {
    let mut text =
        "| benchmark | baseline | now | change | interval | verdict |\n|---|--:|--:|--:|---|---|\n"
            .to_owned();
    for row in rows {
        let figure = row.headline();
        let show = |value: Option<Corrected>| {
            figure.zip(value).map_or("–".to_owned(), |(figure, value)| {
                escape(&amount(value, &figure.unit))
            })
        };
        let effect = figure.and_then(|f| f.effect);
        let verdict = verdict(row);
        text.push_str(&format!(
            "| {} | {} | {} | {} | {} | {verdict} |\n",
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
                escape(&row.reason)
            ));
            parts.extend(advice::companions(row).map(|text| escape(&text)));
        }
    }
    parts.extend(row.remarks.iter().map(|remark| escape(remark)));
    parts.extend(all_told(row).map(|text| escape(&text)));
    parts.join("; ")
}

/// Every metric of these benchmarks, a line each.
fn metrics(rows: &[&Row]) -> String {
    let mut text =
        "| benchmark | metric | baseline | now | change | verdict |\n|---|---|--:|--:|--:|---|\n"
            .to_owned();
    for row in rows {
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
                escape(reason)
            ));
        }
    }
    text
}

/// A name as code. Inside code only backticks and, in a table, pipes have a meaning.
pub(super) fn code(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| if c.is_control() || c == '`' { '\'' } else { c })
        .collect();
    format!("`{}`", plain.replace('|', "\\|"))
}

/// Text of others, made harmless: every character that Markdown or HTML could take for its own is escaped.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '|' | '~' | '!' => {
                safe.push('\\');
                safe.push(c);
            }
            // A mention would call somebody.
            '@' => safe.push_str("@\u{200b}"),
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

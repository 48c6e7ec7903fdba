//! Markdown for a pull request: the verdict first, what changed as a table, the rest folded, and never longer than GitHub
//! takes.

mod table;
mod text;

use super::headline::{headline, measured};
use super::limits::bracket;
use super::model::{Report, Row};
use super::order::gravest_first;
use super::{advice, budget, growth, swept};
use crate::compare::Verdict;
use table::{figures, metrics};
pub(crate) use text::code;
pub(super) use text::escape;

/// What GitHub takes in a comment, 65,536 characters, less what it takes to find the comment again. Bytes are counted here, of
/// which there are never fewer.
pub(super) const MOST: usize = 65_536 - 512;

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// What changed and what to do about it.
    Brief,
    /// Every benchmark, metric, limit and note, folded.
    Full,
}

/// Renders the report. Where it is too long, lists end earlier and say how much they leave out.
pub(super) fn render(report: &Report, length: Length) -> String {
    // How many lines each list may have; with the last the longest names fit.
    const LINES: [usize; 7] = [usize::MAX, 400, 150, 60, 25, 8, 3];
    let mut texts = LINES.into_iter().map(|lines| with(report, length, lines));
    let fits = |text: &String| text.len() <= MOST;
    texts.find(fits).unwrap_or_else(|| with(report, length, 1))
}

fn with(report: &Report, length: Length, lines: usize) -> String {
    let (calm, mut notable): (Vec<&Row>, Vec<&Row>) =
        report.rows.iter().partition(|row| is_calm(row));
    notable.sort_by(|a, b| gravest_first(a, b));
    let mut text = format!(
        "### cargo perf: {}\n\n{}\n",
        headline(report, code),
        escape(&report.candidate)
    );
    if let Some(baseline) = &report.baseline {
        text.push_str(&format!("compared with {}\n", escape(baseline)));
    }
    if !notable.is_empty() {
        text.push('\n');
        text.push_str(&figures(&notable, lines));
    }
    let todo = notable.iter().filter_map(|row| advised(row, report));
    let todo: Vec<String> = todo.collect();
    if !todo.is_empty() {
        text.push_str(&format!("\n{}", list(todo, lines)));
    }
    if !calm.is_empty() {
        // What was compared with nothing is not unchanged.
        let summary = match report.baseline {
            Some(_) => format!("{} unchanged", calm.len()),
            None => measured(calm.len()),
        };
        match length {
            Length::Brief => text.push_str(&format!("\n{summary}\n")),
            Length::Full => text.push_str(&fold(&summary, &figures(&calm, lines))),
        }
    }
    match length {
        Length::Brief => text.push_str(&commits(report)),
        Length::Full => text.push_str(&details(report, &notable, lines)),
    }
    text
}

/// What is folded in the full report: metrics, limits, surroundings, how to see it again, notes.
fn details(report: &Report, notable: &[&Row], lines: usize) -> String {
    let mut text = String::new();
    // Without a baseline the table above has said what there is to say.
    if !notable.is_empty() && report.baseline.is_some() {
        let title = "all metrics of what is not unchanged";
        text.push_str(&fold(title, &metrics(notable, lines)));
    }
    let limits: Vec<String> = report.rows.iter().filter_map(limit).collect();
    if !limits.is_empty() {
        let title = format!("{} limits", limits.len());
        text.push_str(&fold(&title, &list(limits, lines)));
    }
    let growth = swept::markdown(&report.sweeps, lines);
    if !growth.is_empty() {
        text.push_str(&fold("growth", &growth));
    }
    let surroundings = &report.about.surroundings;
    if !surroundings.is_empty() {
        let lines = surroundings.iter();
        let lines = lines.map(|(name, value)| format!("| {name} | {} |\n", table::brief(value)));
        let table = format!("| | |\n|---|---|\n{}", lines.collect::<String>());
        text.push_str(&fold("environment", &table));
    }
    text.push_str(&commits(report));
    if let Some(command) = &report.reproduce {
        text.push_str(&format!("\nagain: {}\n", code(command)));
    }
    let notes = report.all_notes();
    for note in notes.iter().take(lines) {
        text.push_str(&format!("\n{}\n", quote(note)));
    }
    if notes.len() > lines {
        text.push_str(&format!("\n> {}\n", left_out(notes.len() - lines, "note")));
    }
    text
}

/// The commits between the two sides.
fn commits(report: &Report) -> String {
    let Some(range) = &report.about.range else {
        return String::new();
    };
    let shown = format!("{}…{}", range.from.short(7), range.to.short(7));
    match &range.link {
        // Made of an address that holds no character that Markdown takes for its own.
        Some(link) => format!("\ncommits: [{shown}]({link})\n"),
        None => format!("\ncommits: {}\n", code(&range.command())),
    }
}

fn quote(note: &str) -> String {
    let lines = note.lines().map(|line| format!("> {}", table::brief(line)));
    // Two spaces at the end of a line are what Markdown takes for its end.
    lines.collect::<Vec<_>>().join("  \n")
}

fn fold(title: &str, content: &str) -> String {
    format!("\n<details><summary>{title}</summary>\n\n{content}\n</details>\n")
}

/// So many lines, and how many there are besides.
fn list(all: Vec<String>, lines: usize) -> String {
    let more = all.len().saturating_sub(lines);
    let mut text: String = all.into_iter().take(lines).collect();
    if more > 0 {
        text.push_str(&format!("- {}\n", left_out(more, "line")));
    }
    text
}

/// That there are more than are shown, and where they stand.
fn left_out(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} more {what}{plural} left out; the JSON report has all of them")
}

/// What to do about a benchmark that became worse.
fn advised(row: &Row, report: &Report) -> Option<String> {
    let worse = row.verdict == Some(Verdict::Regressed);
    let advice = advice::recommendation(row, report.typed.as_deref()).filter(|_| worse)?;
    let profile = code(&advice::profile(row));
    Some(format!("- {}; to profile it: {profile}\n", escape(&advice)))
}

fn limit(row: &Row) -> Option<String> {
    let limit = row.limit.as_ref()?;
    let grown = row.grown.as_ref().map(growth::remark);
    let grown = grown.map_or(String::new(), |grown| format!("; {}", escape(&grown)));
    let name = code(&row.id.in_package());
    Some(format!("- {name}: {}{grown}\n", escape(&bracket(limit))))
}

/// Whether there is nothing to say of it: no change, and no budget that was not simply kept.
fn is_calm(row: &Row) -> bool {
    matches!(row.verdict, None | Some(Verdict::Unchanged))
        && budget::all_told(row).next().is_none()
        && row.grown.as_ref().and_then(growth::told).is_none()
}

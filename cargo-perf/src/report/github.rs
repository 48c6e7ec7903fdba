//! GitHub Actions: the table in the log, an annotation at the line of each benchmark that needs a look, the job's summary, and
//! outputs for later steps.

use super::model::{Report, Row};
use super::order::gravest_first;
use super::printable::printable;
use super::{Look, advice, headline, markdown, terminal};
use crate::compare::Verdict;
use crate::hash::short;

/// GitHub shows so many annotations of a kind for each step, and drops the rest without a word.
const SHOWN: usize = 10;

/// Characters of an annotation.
const LONGEST: usize = 4_000;

/// How much an annotation matters, in the runner's words.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Error,
    Warning,
}

impl Level {
    const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// What goes to the log. The runner obeys lines that begin with `::`, so between two lines that switch it off stands what may
/// hold text of others.
pub(super) fn render(report: &Report, look: Look) -> String {
    let table = terminal::render(report, look);
    // Text that holds its own hash nobody can write.
    let token = short(&table, 32);
    format!(
        "::stop-commands::{token}\n{table}::{token}::\n{}",
        annotations(report)
    )
}

/// The job's summary, in Markdown.
pub(crate) fn summary(report: &Report) -> String {
    markdown::render(report, markdown::Length::Full)
}

/// What later steps may ask for: `name=value`, a line each.
pub(crate) fn outputs(report: &Report) -> String {
    let count = |verdict: Verdict| {
        let rows = report.rows.iter();
        rows.filter(|row| row.verdict == Some(verdict)).count()
    };
    let failures = report.rows.iter().filter(|row| row.fails).count();
    let headline = headline::headline(report, str::to_owned);
    let lines = [
        ("exit-code", report.exit_code.code().to_string()),
        ("failures", failures.to_string()),
        ("benchmarks", report.rows.len().to_string()),
        ("regressed", count(Verdict::Regressed).to_string()),
        ("improved", count(Verdict::Improved).to_string()),
        ("cannot-tell", count(Verdict::CannotTell).to_string()),
        ("headline", printable(&headline)),
    ];
    let line = |(name, value): (&str, String)| format!("{name}={value}\n");
    lines.into_iter().map(line).collect()
}

fn annotations(report: &Report) -> String {
    let mut rows: Vec<&Row> = report.rows.iter().collect();
    rows.sort_by(|a, b| gravest_first(a, b));
    let mut text = String::new();
    for level in [Level::Error, Level::Warning] {
        let of_level = rows.iter().filter(|row| level_of(row) == Some(level));
        let of_level: Vec<&&Row> = of_level.collect();
        for row in of_level.iter().take(SHOWN) {
            text.push_str(&annotation(row, level, report));
        }
        if of_level.len() > SHOWN {
            let more = of_level.len() - SHOWN;
            text.push_str(&format!(
                "{more} more of level {}: see the job's summary\n",
                level.word()
            ));
        }
    }
    text
}

fn level_of(row: &Row) -> Option<Level> {
    match row.verdict {
        _ if row.fails => Some(Level::Error),
        Some(Verdict::Regressed | Verdict::Missing | Verdict::Layout | Verdict::Incomparable) => {
            Some(Level::Warning)
        }
        _ => None,
    }
}

/// `::error file=…,line=…,title=…::what happened and what to do`.
fn annotation(row: &Row, level: Level, report: &Report) -> String {
    let mut members = Vec::new();
    // Without the line there is no place, and none is made up.
    if let Some(source) = &row.source {
        members.push(format!("file={}", member(&source.file)));
        members.push(format!("line={}", source.line));
    }
    members.push(format!("title={}", member(&title(row))));
    let mut lines = vec![row.reason.clone()];
    lines.extend(row.remarks.iter().cloned());
    lines.extend(super::budget::all_told(row));
    lines.extend(advice::recommendation(row, report.typed.as_deref()));
    lines.retain(|line| !line.is_empty());
    let message: String = lines.join("\n").chars().take(LONGEST).collect();
    format!(
        "::{} {}::{}\n",
        level.word(),
        members.join(","),
        data(&message)
    )
}

fn title(row: &Row) -> String {
    match (advice::summary(row), super::budget::word(row)) {
        (Some(summary), Some(beyond)) => format!("{summary}, {beyond}"),
        (Some(summary), None) => summary,
        (None, Some(beyond)) => format!("{} {beyond}", row.id.in_package()),
        (None, None) => row.id.in_package(),
    }
}

/// The text of an annotation, as the runner reads it back.
fn data(text: &str) -> String {
    let lines = text
        .split('\n')
        .map(|line| printable(line).replace('%', "%25"));
    lines.collect::<Vec<_>>().join("%0A")
}

/// A member of one: there a colon and a comma have a meaning as well.
fn member(text: &str) -> String {
    let text = printable(text).replace('%', "%25");
    text.replace(':', "%3A").replace(',', "%2C")
}

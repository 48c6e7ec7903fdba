//! Limits as Markdown, which text from records cannot break.

use super::{HEADINGS, LimitRow, LimitsReport, cells, source};
use crate::report::markdown::{code, escape};
use crate::report::{ranking, swept, threaded, traffic};

pub(super) fn render(report: &LimitsReport) -> String {
    let mut text = format!("### Limits\n\n{}\n\n", escape(&source(report)));
    if !report.rows.is_empty() {
        text.push_str(&format!("| {} | |\n", HEADINGS.join(" | ")));
        text.push_str("|---|---|--:|--:|---|--:|--:|---|\n");
    }
    for row in &report.rows {
        let [name, rest @ ..] = cells(row);
        let rest: Vec<String> = rest.iter().map(|cell| escape(cell)).collect();
        text.push_str(&format!(
            "| {} | {} | {} |\n",
            code(&name),
            rest.join(" | "),
            escape(&row.remarks(report.threads).join("; "))
        ));
    }
    for row in &report.rows {
        text.push_str(&levels_as_markdown(row, report.threads));
    }
    for section in [
        swept::markdown(&report.sweeps, usize::MAX),
        threaded::markdown(&report.threaded, report.threads),
        ranking::markdown(&report.rankings),
    ] {
        if !section.is_empty() {
            text.push_str(&format!("\n{}\n", section.trim_end()));
        }
    }
    for note in &report.notes {
        text.push_str(&format!("\n> {}\n", escape(note)));
    }
    text
}

/// The levels of users or of a rate, below their name; nothing for other limits.
fn levels_as_markdown(row: &LimitRow, threads: Option<u32>) -> String {
    let table = traffic::table(&row.limit, threads);
    let Some((heading, levels)) = table.split_first() else {
        return String::new();
    };
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| escape(cell)).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let levels: String = levels.iter().map(|level| line(level)).collect();
    format!(
        "\n{}\n\n{}|--:|--:|--:|--:|--:|--:|--:|--:|---|\n{levels}",
        code(&row.id.in_package()),
        line(heading)
    )
}

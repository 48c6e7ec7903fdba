//! Tables for a comment or a page.

use super::TrendReport;
use super::words::{group, headings, lines, notes, summary, title};
use crate::report::markdown::escape;

pub(super) fn render(report: &TrendReport) -> String {
    let mut text = format!(
        "### cargo perf trend: {}\n\n{}\n",
        escape(&summary(report)),
        escape(&title(report))
    );
    let headings = headings(report.view);
    let shown: Vec<&str> = headings
        .into_iter()
        .filter(|heading| !heading.is_empty())
        .collect();
    for found in report.groups() {
        text.push_str(&format!(
            "\n{}\n\n| {} |\n|{}\n",
            escape(&group(report, found)),
            shown.join(" | "),
            "---|".repeat(shown.len())
        ));
        let lines = lines(report, found);
        for (cells, _) in &lines {
            let cells: Vec<String> = cells[..shown.len()]
                .iter()
                .map(|cell| escape(cell))
                .collect();
            text.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
        text.push('\n');
        for (cells, below) in &lines {
            for sentence in below {
                text.push_str(&format!("- {}: {}\n", escape(&cells[0]), escape(sentence)));
            }
        }
    }
    for note in notes(report) {
        text.push_str(&format!("- note: {}\n", escape(&note)));
    }
    text
}

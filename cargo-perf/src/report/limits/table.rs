//! Limits for a person at a terminal: aligned columns, remarks and levels below each limit.

use super::{HEADINGS, LimitsReport, cells, source};
use crate::report::printable::{printable, printable_lines};
use crate::report::{ranking, swept, traffic};

pub(super) fn render(report: &LimitsReport) -> String {
    let mut text = format!("{}\n\n", printable(&source(report)));
    let sections = [
        table(report),
        swept::human(&report.sweeps, None),
        ranking::human(&report.rankings, None),
    ];
    let told: Vec<String> = sections.into_iter().filter(|s| !s.is_empty()).collect();
    text.push_str(&told.join("\n"));
    for note in &report.notes {
        text.push_str(&format!("note: {}\n", printable_lines(note)));
    }
    text
}

/// The limits; nothing where there are none.
fn table(report: &LimitsReport) -> String {
    let mut text = String::new();
    if report.rows.is_empty() {
        return text;
    }
    let mut lines = vec![HEADINGS.map(str::to_owned)];
    lines.extend(
        report
            .rows
            .iter()
            .map(|row| cells(row).map(|cell| printable(&cell))),
    );
    for (index, line) in aligned(&lines, &[0, 1, 4]).iter().enumerate() {
        text.push_str(line);
        text.push('\n');
        if let Some(row) = index
            .checked_sub(1)
            .and_then(|index| report.rows.get(index))
        {
            for remark in row.remarks(report.threads) {
                text.push_str(&format!("    {}\n", printable(&remark)));
            }
            for line in aligned(&traffic::table(&row.limit, report.threads), &[8]) {
                text.push_str(&format!("      {}\n", printable(&line)));
            }
        }
    }
    text
}

/// Lines whose columns stand below each other: those of words to the left, numbers to the right.
fn aligned<const N: usize>(lines: &[[String; N]], words: &[usize]) -> Vec<String> {
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max();
    let widths: Vec<usize> = (0..N).map(|c| width(c).unwrap_or(0)).collect();
    let line = |line: &[String; N]| {
        let cells = line.iter().enumerate().map(|(column, cell)| {
            let padding = " ".repeat(widths[column] - cell.chars().count());
            if words.contains(&column) {
                format!("{cell}{padding}")
            } else {
                format!("{padding}{cell}")
            }
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        line.trim_end().to_owned()
    };
    lines.iter().map(line).collect()
}

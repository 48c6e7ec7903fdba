//! Limits for a person at a terminal: columns as wide as there is room, remarks and levels below each limit.

use super::{HEADINGS, LimitsReport, cells, source};
use crate::report::Look;
use crate::report::printable::{printable, printable_lines};
use crate::report::table::{Column, Line, WIDTH, draw, wrapped};
use crate::report::{growth, ranking, swept, threaded, traffic};

pub(super) fn render(report: &LimitsReport, look: Look) -> String {
    if look.quiet {
        return quiet(report, look);
    }
    let mut text = wrapped(&printable(&source(report)), "", look.width) + "\n";
    let sections = [
        table(report, look),
        swept::human(&report.sweeps, look.width),
        threaded::human(&report.threaded, report.threads, look.width),
        ranking::human(&report.rankings, look.width),
    ];
    let told: Vec<String> = sections.into_iter().filter(|s| !s.is_empty()).collect();
    text.push_str(&told.join("\n"));
    if !report.notes.is_empty() {
        text.push('\n');
    }
    for note in &report.notes {
        let note = format!("note: {}", printable_lines(note));
        text.push_str(&wrapped(&note, "", look.width));
    }
    text
}

/// The limits with what failed, and broken promises of growth over an axis.
fn quiet(report: &LimitsReport, look: Look) -> String {
    let broken: Vec<_> = report
        .sweeps
        .iter()
        .filter(|swept| swept.grown.is_broken())
        .cloned()
        .collect();
    table(report, look) + &swept::human(&broken, look.width)
}

/// The limits; nothing where there are none.
fn table(report: &LimitsReport, look: Look) -> String {
    if report.rows.is_empty() {
        return String::new();
    }
    let width = look.width.unwrap_or(WIDTH);
    let lines: Vec<Line> = report
        .rows
        .iter()
        .map(|row| {
            let mut below = Vec::new();
            if look.quiet {
                below.extend(row.failure.clone());
                below.extend(growth::told(&row.grown));
            } else {
                below.extend(row.remarks(report.threads));
                below.extend(traffic::human(&row.limit, report.threads, width));
            }
            Line {
                cells: cells(row).map(|cell| printable(&cell)).to_vec(),
                below: below.iter().map(|line| printable(line)).collect(),
                colour: None,
            }
        })
        .collect();
    draw(&columns(), &lines, width, look.width.is_some())
}

fn columns() -> [Column; 7] {
    let words = [true, true, false, false, true, false, false];
    // The bracket is the answer; what it cost and of which kind it is can be read elsewhere.
    let keep = [None, Some(0), None, None, Some(3), Some(2), Some(1)];
    std::array::from_fn(|at| Column {
        heading: HEADINGS[at],
        words: words[at],
        keep: keep[at],
    })
}

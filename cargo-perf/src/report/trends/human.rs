//! Tables for a terminal.

use super::words::{group, headings, lines, notes, summary, title};
use super::{TrendReport, View};
use crate::report::Look;
use crate::report::table::{Column, Line, WIDTH, draw_wrapped, wrapped};

pub(super) fn render(report: &TrendReport, look: Look) -> String {
    let width = look.width.unwrap_or(WIDTH);
    let mut text = wrapped(&title(report), "", look.width);
    for found in report.groups() {
        text.push_str(&wrapped(&group(report, found), "", look.width));
        text.push('\n');
        let lines: Vec<Line> = lines(report, found)
            .into_iter()
            .map(|(cells, below)| Line {
                cells: cells.to_vec(),
                below,
                colour: None,
            })
            .collect();
        text.push_str(&draw_wrapped(
            &columns(report.view),
            &lines,
            width,
            look.width.is_some(),
        ));
        text.push('\n');
    }
    for note in notes(report) {
        text.push_str(&wrapped(&format!("note: {note}"), "", look.width));
    }
    text.push_str(&wrapped(&summary(report), "", look.width));
    text
}

fn columns(view: View) -> [Column; 6] {
    let words: [bool; 6] = match view {
        View::Trend => [true, false, false, true, false, true],
        View::Latest | View::Profile => [true, false, false, true, true, true],
    };
    // What has the least to say goes first where there is no room.
    let keep: [Option<u8>; 6] = match view {
        View::Trend => [None, None, Some(4), None, Some(2), Some(1)],
        View::Latest => [None, None, Some(2), Some(3), Some(1), Some(0)],
        View::Profile => [None, None, Some(1), Some(2), Some(3), None],
    };
    let headings = headings(view);
    std::array::from_fn(|at| Column {
        heading: headings[at],
        words: words[at],
        keep: keep[at],
    })
}

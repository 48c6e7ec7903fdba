//! Columns that fit a width: what has no room is left out, last what matters most, and long names have a line of their own.

/// What a table must fit where nobody knows better.
pub(super) const WIDTH: usize = 80;

/// The narrowest it is made for.
const NARROWEST: usize = 40;

/// A column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) heading: &'static str,
    /// Words stand to the left, numbers to the right.
    pub(super) words: bool,
    /// The least goes first when there is no room; what has none always stays.
    pub(super) keep: Option<u8>,
}

/// A line: its cells, and what stands below it.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    pub(super) cells: Vec<String>,
    pub(super) below: Vec<String>,
    /// Of the whole line, if it may have one.
    pub(super) colour: Option<&'static str>,
}

/// Between two columns.
const GAP: &str = "  ";

/// Draws lines below headings. `width`: what it has to fit; sentences are wrapped to it only if `wraps`.
pub(super) fn draw(columns: &[Column], lines: &[Line], width: usize, wraps: bool) -> String {
    let width = width.max(NARROWEST);
    let shown = fitting(columns, lines, width);
    let widths: Vec<usize> = shown
        .iter()
        .map(|&at| column_width(columns, lines, at))
        .collect();
    let rest: usize = widths[1..].iter().map(|cell| cell + GAP.len()).sum();
    // A long name gets a line of its own, so that one of them does not push all figures off the screen.
    let name = widths[0].min(width.saturating_sub(rest).max(columns[0].heading.len()));
    let mut text = String::new();
    let heading = Line {
        cells: columns
            .iter()
            .map(|column| column.heading.to_owned())
            .collect(),
        ..Line::default()
    };
    for line in std::iter::once(&heading).chain(lines) {
        let mut drawn = String::new();
        for (place, &at) in shown.iter().enumerate() {
            let cell = &line.cells[at];
            let room = if place == 0 { name } else { widths[place] };
            if place == 0 && length(cell) > room {
                drawn.push_str(cell);
                drawn.push('\n');
                drawn.push_str(&" ".repeat(room));
            } else {
                let padding = " ".repeat(room - length(cell));
                drawn.push_str(&if columns[at].words {
                    format!("{cell}{padding}")
                } else {
                    format!("{padding}{cell}")
                });
            }
            drawn.push_str(GAP);
        }
        let drawn = drawn.trim_end();
        match line.colour {
            Some(code) => text.push_str(&format!("\u{1b}[{code}m{drawn}\u{1b}[0m\n")),
            None => text.push_str(&format!("{drawn}\n")),
        }
        for below in &line.below {
            let room = wraps.then_some(width);
            text.push_str(&wrapped(below, "    ", room));
        }
    }
    text
}

/// The columns there is room for: none that is empty, and of the others those that matter.
fn fitting(columns: &[Column], lines: &[Line], width: usize) -> Vec<usize> {
    let is_empty = |at: usize| lines.iter().all(|line| line.cells[at].is_empty());
    let mut shown: Vec<usize> = (0..columns.len())
        .filter(|&at| columns[at].keep.is_none() || !is_empty(at))
        .collect();
    loop {
        let needed: usize = shown
            .iter()
            .map(|&at| column_width(columns, lines, at) + GAP.len())
            .sum();
        let least = shown
            .iter()
            .filter_map(|&at| Some((columns[at].keep?, at)))
            .min();
        match least {
            Some((_, least)) if needed > width + GAP.len() => shown.retain(|&at| at != least),
            _ => return shown,
        }
    }
}

fn column_width(columns: &[Column], lines: &[Line], at: usize) -> usize {
    let cells = lines.iter().map(|line| length(&line.cells[at]));
    cells.max().unwrap_or(0).max(length(columns[at].heading))
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// Text on as many lines as it takes, each indented; words are not broken. Without `width` on one.
pub(super) fn wrapped(text: &str, indent: &str, width: Option<usize>) -> String {
    let Some(width) = width else {
        return format!("{indent}{text}\n");
    };
    let mut lines = String::new();
    let mut line = indent.to_owned();
    let mut is_fresh = true;
    for word in text.split(' ') {
        if !is_fresh && length(&line) + 1 + length(word) > width {
            lines.push_str(line.trim_end());
            lines.push('\n');
            indent.clone_into(&mut line);
            is_fresh = true;
        }
        if !is_fresh {
            line.push(' ');
        }
        line.push_str(word);
        is_fresh = false;
    }
    lines.push_str(line.trim_end());
    lines.push('\n');
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 4] = [
        Column {
            heading: "name",
            words: true,
            keep: None,
        },
        Column {
            heading: "time",
            words: false,
            keep: None,
        },
        Column {
            heading: "spread",
            words: false,
            keep: Some(1),
        },
        Column {
            heading: "verdict",
            words: true,
            keep: None,
        },
    ];

    fn line(cells: [&str; 4]) -> Line {
        Line {
            cells: cells.map(str::to_owned).to_vec(),
            ..Line::default()
        }
    }

    #[test]
    fn what_has_no_room_is_left_out_and_a_long_name_has_its_own_line() {
        let lines = [
            line(["short", "1.0 ns", "±1 %", "unchanged"]),
            line([
                "a_name_that_takes_a_lot_of_room",
                "20.0 ns",
                "",
                "regressed",
            ]),
        ];
        insta::assert_snapshot!(draw(&COLUMNS, &lines, 80, false), @r"
        name                                time  spread  verdict
        short                             1.0 ns    ±1 %  unchanged
        a_name_that_takes_a_lot_of_room  20.0 ns          regressed
        ");
        insta::assert_snapshot!(draw(&COLUMNS, &lines, 40, false), @r"
        name                     time  verdict
        short                  1.0 ns  unchanged
        a_name_that_takes_a_lot_of_room
                              20.0 ns  regressed
        ");
        let fits = |width: usize| {
            let drawn = draw(&COLUMNS, &lines, width, true);
            drawn.lines().all(|line| line.chars().count() <= width)
        };
        assert!((40..100).all(fits));
    }

    #[test]
    fn an_empty_column_is_none() {
        let drawn = draw(&COLUMNS, &[line(["a", "1", "", "new"])], 80, false);
        assert!(!drawn.contains("spread"), "{drawn}");
    }

    #[test]
    fn sentences_are_wrapped_between_words() {
        assert_eq!(
            wrapped("a bb ccc dddd", "  ", Some(8)),
            "  a bb\n  ccc\n  dddd\n"
        );
        assert_eq!(wrapped("a bb ccc", "  ", None), "  a bb ccc\n");
        assert_eq!(wrapped("toolongforit", "  ", Some(8)), "  toolongforit\n");
        assert_eq!(wrapped("", "", Some(8)), "\n");
    }
}

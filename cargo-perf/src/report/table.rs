//! Columns that fit a width: long names lose their middle before a number is left out, then what has no room goes, last what matters
//! most. Where nobody knows the width names stay whole, since a program may look for them, and long ones have a line of their own.

use std::collections::BTreeSet;

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

/// What is said below a table that shortened names.
const SHORTENED: &str = "names with … are shortened; --format json has them whole";

/// Draws lines below headings. `width`: what it has to fit; sentences are wrapped to it, and names are shortened, only if `wraps`.
pub(super) fn draw(columns: &[Column], lines: &[Line], width: usize, wraps: bool) -> String {
    drawn(columns, lines, width, (wraps, wraps))
}

/// The same with sentences wrapped in any case, and names shortened only if `shortens`.
pub(super) fn draw_wrapped(
    columns: &[Column],
    lines: &[Line],
    width: usize,
    shortens: bool,
) -> String {
    drawn(columns, lines, width, (true, shortens))
}

fn drawn(
    columns: &[Column],
    lines: &[Line],
    width: usize,
    (wraps, may_shorten): (bool, bool),
) -> String {
    let width = width.max(NARROWEST);
    let longest = column_width(columns, lines, 0);
    let least = if may_shorten {
        least_room(lines, longest)
    } else {
        longest
    };
    let shown = fitting(columns, lines, width, (least, longest));
    let widths: Vec<usize> = shown
        .iter()
        .map(|&at| column_width(columns, lines, at))
        .collect();
    let rest: usize = widths[1..].iter().map(|cell| cell + GAP.len()).sum();
    // A name for which there is no room gets a line of its own, so that one of them does not push all figures off the screen.
    let name = widths[0].min(width.saturating_sub(rest).max(columns[0].heading.len()));
    let shortens = name >= least && name < longest;
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
            let room = if place == 0 { name } else { widths[place] };
            let cell = &line.cells[at];
            let cell = &if place == 0 && shortens {
                shortened(cell, room)
            } else {
                cell.clone()
            };
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
    if shortens {
        text.push_str(&wrapped(SHORTENED, "", Some(width)));
    }
    text
}

/// The columns there is room for: none that is empty, and of the others those that matter. `name`: how far names may be shortened, and
/// the longest; words go before a name is shortened, numbers only after.
fn fitting(
    columns: &[Column],
    lines: &[Line],
    width: usize,
    (least, longest): (usize, usize),
) -> Vec<usize> {
    let is_empty = |at: usize| lines.iter().all(|line| line.cells[at].is_empty());
    let mut shown: Vec<usize> = (0..columns.len())
        .filter(|&at| columns[at].keep.is_none() || !is_empty(at))
        .collect();
    loop {
        let droppable = shown.iter().filter_map(|&at| Some((columns[at].keep?, at)));
        let Some((_, first)) = droppable.min() else {
            return shown;
        };
        let name = if columns[first].words { longest } else { least };
        let others = shown.iter().filter(|&&at| at != 0);
        let others: usize = others
            .map(|&at| GAP.len() + column_width(columns, lines, at))
            .sum();
        if name + others <= width {
            return shown;
        }
        shown.retain(|&at| at != first);
    }
}

/// The least a name is shortened to, and the most that is tried to tell names apart.
const NAME: std::ops::Range<usize> = 24..120;

/// The least room in which the shortened names of these lines are still told apart.
fn least_room(lines: &[Line], longest: usize) -> usize {
    let names: BTreeSet<&str> = lines.iter().map(|line| line.cells[0].as_str()).collect();
    let tells_apart = |room: &usize| {
        let short: BTreeSet<String> = names.iter().map(|name| shortened(name, *room)).collect();
        short.len() == names.len()
    };
    NAME.take_while(|&room| room < longest)
        .find(tells_apart)
        .unwrap_or(longest)
}

/// A name without its middle: the target stands at its beginning, and what tells cases apart at its end.
fn shortened(name: &str, room: usize) -> String {
    let count = length(name);
    if count <= room {
        return name.to_owned();
    }
    let head = room.saturating_sub(1) / 3;
    let tail = room.saturating_sub(1 + head);
    let begin = name.chars().take(head);
    let end = name.chars().skip(count - tail);
    begin.chain(std::iter::once('…')).chain(end).collect()
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
    fn on_a_terminal_names_lose_their_middle_before_a_number_goes() {
        let name = |n: u32| format!("wide_target::module::function_of_some_length[n={n}]");
        let lines = [
            line([&name(10), "1.0 ns", "±1 %", "unchanged"]),
            line([&name(100), "20.0 ns", "±2 %", "regressed"]),
        ];
        insta::assert_snapshot!(draw(&COLUMNS, &lines, 60, true), @r"
        name                                 time  spread  verdict
        wide_targe…_of_some_length[n=10]   1.0 ns    ±1 %  unchanged
        wide_targe…of_some_length[n=100]  20.0 ns    ±2 %  regressed
        names with … are shortened; --format json has them whole
        ");
        // Where a program may read it they are whole.
        let piped = draw(&COLUMNS, &lines, 60, false);
        assert!(piped.contains(&name(10)) && !piped.contains('…'), "{piped}");
        // No narrower than they can be told apart.
        let alike = |n: u32| line([&format!("a{n}{}", "x".repeat(60)), "1 ns", "±1 %", "new"]);
        let drawn = draw(&COLUMNS, &[alike(1), alike(2)], 50, true);
        assert!(drawn.contains("a1xx") && drawn.contains("a2xx"), "{drawn}");
        let late = |n: u32| line([&format!("{0}{n}{0}", "x".repeat(30)), "1 ns", "±1 %", "new"]);
        let drawn = draw(&COLUMNS, &[late(1), late(2)], 50, true);
        assert!(drawn.contains("x1x") && drawn.contains("x2x"), "{drawn}");
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

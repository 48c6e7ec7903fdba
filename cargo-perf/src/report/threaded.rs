//! How benchmarks scale with their threads, as a section of its own: it is of several rows of the table.

use serde::Serialize;

use super::markdown::{code, escape};
use super::printable::printable;
use super::scaling::{self, ScalingFigures, percent, rate};
use super::table::{Column, Line, WIDTH, draw, wrapped};
use crate::compare::Threaded;
use crate::compare::family::THREADS;

/// What the levels stand to the right.
const MARGIN: usize = 4;

const HEADINGS: [&str; 4] = [THREADS, "done", "efficiency", ""];

/// What so many threads got done.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Level {
    threads: u64,
    /// Iterations in a second of all of them together, the median of launches.
    per_second: f64,
    /// What one of them did beside one at the fewest there were.
    share: f64,
    /// Whether there were more of them than hardware threads.
    beyond_threads: Option<bool>,
}

/// The levels of a benchmark. `hardware`: hardware threads of the machine, where they are known.
fn levels(threaded: &Threaded, hardware: Option<u32>) -> Vec<Level> {
    let levels = threaded.levels.iter();
    let seen =
        levels.filter_map(|(&threads, done)| Some((threads, perf_stats::median(done).ok()?)));
    let seen: Vec<(u64, f64)> = seen.collect();
    let Some(&(fewest, least)) = seen.first() else {
        return Vec::new();
    };
    let each = |threads: u64, per_second: f64| per_second / threads as f64;
    let level = |&(threads, per_second): &(u64, f64)| Level {
        threads,
        per_second,
        share: each(threads, per_second) / each(fewest, least),
        beyond_threads: hardware.map(|hardware| threads > u64::from(hardware)),
    };
    seen.iter().map(level).collect()
}

fn cells(level: &Level) -> [String; 4] {
    let is_beyond = level.beyond_threads == Some(true);
    [
        level.threads.to_string(),
        rate(level.per_second),
        percent(level.share),
        if is_beyond { "*" } else { "" }.to_owned(),
    ]
}

/// What is to be said besides the levels.
fn remarks(threaded: &Threaded, levels: &[Level], hardware: Option<u32>) -> Vec<String> {
    let mut remarks = vec![scaling::remark(&threaded.scaling, THREADS)];
    let best = levels
        .iter()
        .max_by(|a, b| a.per_second.total_cmp(&b.per_second));
    remarks.extend(best.map(|best| {
        format!(
            "most is done at {THREADS} = {}: {}",
            best.threads,
            rate(best.per_second)
        )
    }));
    let is_beyond = levels
        .iter()
        .any(|level| level.beyond_threads == Some(true));
    remarks.extend(
        hardware
            .filter(|_| is_beyond)
            .map(|hardware| format!("* more than the {hardware} hardware threads of the machine")),
    );
    remarks
}

/// For a person: a heading, and of each benchmark what is to be said and its levels; nothing where there are none.
pub(super) fn human(all: &[Threaded], hardware: Option<u32>, width: Option<usize>) -> String {
    let mut text = String::new();
    if !all.is_empty() {
        text.push_str("scaling\n");
    }
    for threaded in all {
        let levels = levels(threaded, hardware);
        let name = printable(&of_what(threaded));
        text.push_str(&wrapped(&name, "  ", width));
        for remark in remarks(threaded, &levels, hardware) {
            text.push_str(&wrapped(&printable(&remark), "    ", width));
        }
        let lines: Vec<Line> = levels
            .iter()
            .map(|level| Line {
                cells: cells(level).to_vec(),
                ..Line::default()
            })
            .collect();
        if !lines.is_empty() {
            let room = width.unwrap_or(WIDTH).saturating_sub(MARGIN);
            let drawn = draw(&columns(), &lines, room, false);
            text.extend(drawn.lines().map(|line| format!("    {line}\n")));
        }
    }
    text
}

fn columns() -> [Column; 4] {
    HEADINGS.map(|heading| Column {
        heading,
        words: heading.is_empty(),
        keep: None,
    })
}

/// For a comment: a line of each benchmark, and its levels below.
pub(super) fn markdown(all: &[Threaded], hardware: Option<u32>) -> String {
    let line =
        |cells: [String; 4]| format!("| {} |\n", cells.map(|cell| escape(&cell)).join(" | "));
    let one = |threaded: &Threaded| {
        let levels = levels(threaded, hardware);
        let told = remarks(threaded, &levels, hardware).join("; ");
        let rows: String = levels.iter().map(|level| line(cells(level))).collect();
        let heading = line(HEADINGS.map(str::to_owned));
        format!(
            "{}: {}\n\n{heading}|--:|--:|--:|---|\n{rows}",
            code(&of_what(threaded)),
            escape(&told)
        )
    };
    let all: Vec<String> = all.iter().map(one).collect();
    all.join("\n")
}

/// `concurrency::map[locks=1] over threads`.
fn of_what(threaded: &Threaded) -> String {
    format!("{} over {THREADS}", threaded.id.in_package())
}

/// A benchmark for programs.
#[derive(Serialize)]
pub(super) struct ThreadedFigures {
    /// The benchmark, with the values of its other axes.
    benchmark: String,
    levels: Vec<Level>,
    scaling: ScalingFigures,
}

/// All of them for programs.
pub(super) fn figures(all: &[Threaded], hardware: Option<u32>) -> Vec<ThreadedFigures> {
    let one = |threaded: &Threaded| ThreadedFigures {
        benchmark: threaded.id.to_string(),
        levels: levels(threaded, hardware),
        scaling: scaling::figures(&threaded.scaling),
    };
    all.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::scaling::threads_cases;

    fn found() -> Vec<Threaded> {
        // A thousand nanoseconds alone; of two threads half a thousand each is spent alone.
        let times = [(1, 1000.0), (2, 1100.0), (3, 1400.0), (4, 2000.0)];
        Threaded::all(&threads_cases("map", &times))
    }

    #[test]
    fn a_person_sees_levels_beside_the_threads_there_are() {
        let text = human(&found(), Some(2), Some(76));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[..2], ["scaling", "  cpu::map[locks=1] over threads"]);
        assert!(
            lines.iter().all(|line| line.chars().count() <= 76),
            "{text}"
        );
        assert!(
            text.contains("    most is done at threads = 3: 2.143 M/s\n"),
            "{text}"
        );
        assert!(
            text.contains("    * more than the 2 hardware threads of the machine\n"),
            "{text}"
        );
        assert_eq!(
            lines[lines.len() - 5..],
            [
                "    threads       done  efficiency",
                "          1  1.000 M/s       100 %",
                "          2  1.818 M/s        91 %",
                "          3  2.143 M/s        71 %  *",
                "          4  2.000 M/s        50 %  *",
            ]
        );
        assert_eq!(human(&[], Some(2), None), "");
    }

    #[test]
    fn every_format_has_the_same_answer() {
        let found = found();
        let told = scaling::remark(&found[0].scaling, THREADS);
        assert!(human(&found, None, None).contains(&told), "{told}");
        let markdown = markdown(&found, Some(4));
        assert!(
            markdown.starts_with("`cpu::map[locks=1] over threads`: scaling: "),
            "{markdown}"
        );
        assert!(
            markdown.contains("\n| 2 | 1.818 M/s | 91 % |  |\n"),
            "{markdown}"
        );
        let json = serde_json::to_value(figures(&found, Some(2))).unwrap();
        assert_eq!(json[0]["benchmark"], "demo/cpu::map[locks=1]");
        assert_eq!(json[0]["levels"][3]["threads"], 4);
        assert_eq!(json[0]["levels"][3]["beyond_threads"], true);
        let is_told = json[0]["scaling"]["reason"].is_null();
        assert_eq!(is_told, found[0].scaling.is_ok());
    }
}

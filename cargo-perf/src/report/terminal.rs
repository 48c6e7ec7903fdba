//! A table for a person: aligned, the gravest first, colour only where it was asked for.

use perf_schema::Better;
use perf_schema::Corrected;
use perf_schema::metric::names;

use super::budget::told;
use super::model::{Command, Figure, Method, Report, Row};
use super::printable::{printable, printable_lines};
use super::quantity::{amount, exact, percent_change, rate};
use crate::compare::Verdict;

/// Renders the report.
pub(super) fn render(report: &Report, colours: bool) -> String {
    let mut text = format!("{}\n", printable(&report.candidate));
    if let Some(baseline) = &report.baseline {
        text.push_str(&format!("compared with {}\n", printable(baseline)));
    }
    text.push('\n');
    if !report.rows.is_empty() {
        text.push_str(&table(report, colours));
        text.push('\n');
    }
    for note in report.all_notes() {
        text.push_str(&format!("note: {}\n", printable_lines(&note)));
    }
    if !report.rows.is_empty() {
        text.push_str(&summary(report));
    }
    text
}

fn table(report: &Report, colours: bool) -> String {
    let compared = report.baseline.is_some();
    let mut rows: Vec<&Row> = report.rows.iter().collect();
    if report.command == Command::Compare {
        rows.sort_by_key(|row| (!row.is_over_budget(), row.verdict));
    }
    let mut lines = vec![Line::heading(compared, counts_of(report))];
    lines.extend(rows.into_iter().map(|row| Line::of(row, report)));
    align(&lines, colours)
}

/// The cells of a line, and the remark behind them.
struct Line {
    cells: Vec<String>,
    remark: String,
    /// What stands on a line of its own below it.
    below: String,
    verdict: Option<Verdict>,
    over_budget: bool,
}

impl Line {
    fn heading(compared: bool, counts: Counts) -> Self {
        let mut cells = vec!["benchmark", "time", "spread", "rate"];
        cells.extend(counts.map(|(_, heading)| heading));
        if compared {
            cells.extend(["change", "interval", "verdict"]);
        }
        Self {
            cells: cells.into_iter().map(str::to_owned).collect(),
            remark: String::new(),
            below: String::new(),
            verdict: None,
            over_budget: false,
        }
    }

    fn of(row: &Row, report: &Report) -> Self {
        let name = if one_package(report) {
            row.id.in_package()
        } else {
            row.id.to_string()
        };
        let figure = row.headline();
        let failed = row.verdict == Some(Verdict::Failed);
        let value = figure
            .filter(|_| !failed)
            .and_then(|f| f.value.map(|value| (f, value)));
        let mut cells = vec![
            name,
            value.map_or("-".to_owned(), |(f, value)| amount(value, &f.unit)),
            value
                .and_then(|(f, value)| spread(f, value))
                .unwrap_or_default(),
            value.map_or(String::new(), |(f, value)| {
                if f.metric == "wall" {
                    value
                        .about()
                        .map_or(String::new(), |ns| rate(row.throughput, ns))
                } else {
                    f.metric.clone()
                }
            }),
        ];
        if let Some((metric, _)) = counts_of(report) {
            let count = row.figures.iter().find(|figure| figure.metric == metric);
            let count = count.and_then(|figure| Some((figure.value?, &figure.unit)));
            cells.push(count.map_or("-".to_owned(), |(value, unit)| amount(value, unit)));
        }
        if report.baseline.is_some() {
            let effect = figure.and_then(|f| f.effect);
            cells.push(effect.map_or("-".to_owned(), |e| percent_change(e.ratio)));
            cells.push(effect.map_or(String::new(), |e| {
                format!("[{}, {}]", percent_change(e.low), percent_change(e.high))
            }));
            cells.push(row.verdict.map_or(String::new(), |v| v.word().to_owned()));
        }
        let explained = !matches!(
            row.verdict,
            None | Some(Verdict::Unchanged | Verdict::Improved | Verdict::Regressed)
        );
        let mut remarks: Vec<String> = if explained {
            vec![row.reason.clone()]
        } else {
            Vec::new()
        };
        remarks.extend(row.remarks.iter().cloned());
        remarks.extend(row.method.and_then(Method::remark));
        remarks.extend(row.budgets.iter().filter_map(told));
        remarks.extend(row.origin.clone());
        Self {
            cells: cells.iter().map(|cell| printable(cell)).collect(),
            remark: printable(&remarks.join("; ")),
            below: printable(&others(row, report)),
            verdict: row.verdict,
            over_budget: row.is_over_budget(),
        }
    }
}

/// What a run saw besides what has a column, and besides what every benchmark has.
fn others(row: &Row, report: &Report) -> String {
    const ELSEWHERE: [&str; 7] = [
        names::WALL,
        names::CPU,
        names::USER,
        names::SYS,
        names::PEAK_RSS,
        names::INSTRUCTIONS,
        names::INSTRUCTIONS_VALGRIND,
    ];
    if report.command != Command::Run {
        return String::new();
    }
    let told = |figure: &Figure| {
        let value = figure.value?;
        let text = match value.about() {
            Some(value) if figure.exact => exact(value, &figure.unit),
            _ => amount(value, &figure.unit),
        };
        Some(format!("{} {text}", figure.metric))
    };
    let figures = row.figures.iter().filter(|figure| {
        figure.better != Better::Neither && !ELSEWHERE.contains(&figure.metric.as_str())
    });
    let texts: Vec<String> = figures.filter_map(told).collect();
    texts.join(", ")
}

/// The metric that the column of instructions shows, and its heading.
type Counts = Option<(&'static str, &'static str)>;

/// There is no such column where nobody has counted. Two ways of counting never share one.
fn counts_of(report: &Report) -> Counts {
    [
        (names::INSTRUCTIONS, "instructions"),
        (names::INSTRUCTIONS_VALGRIND, "instructions (valgrind)"),
    ]
    .into_iter()
    .find(|(metric, _)| {
        let mut figures = report.rows.iter().flat_map(|row| &row.figures);
        figures.any(|figure| figure.metric == *metric)
    })
}

fn spread(figure: &Figure, value: Corrected) -> Option<String> {
    let (spread, value) = (figure.spread?, value.about()?);
    (value > 0.0).then(|| format!("±{:.1} %", 100.0 * spread / value))
}

fn one_package(report: &Report) -> bool {
    report
        .rows
        .windows(2)
        .all(|pair| pair[0].id.package() == pair[1].id.package())
}

fn align(lines: &[Line], colours: bool) -> String {
    let columns = lines.iter().map(|line| line.cells.len()).max().unwrap_or(0);
    let width = |column: usize| {
        lines
            .iter()
            .filter_map(|l| l.cells.get(column))
            .map(|c| c.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let heading = |column: usize| lines.first()?.cells.get(column).map(String::as_str);
    let mut text = String::new();
    for line in lines {
        let mut drawn = String::new();
        for (column, cell) in line.cells.iter().enumerate() {
            let padding = " ".repeat(widths[column] - cell.chars().count());
            // Names and words to the left, numbers to the right.
            let word = column == 0 || heading(column) == Some("verdict");
            drawn.push_str(&if word {
                format!("{cell}{padding}")
            } else {
                format!("{padding}{cell}")
            });
            drawn.push_str("  ");
        }
        drawn.push_str(&line.remark);
        let drawn = drawn.trim_end();
        match colour(line).filter(|_| colours) {
            Some(code) => text.push_str(&format!("\u{1b}[{code}m{drawn}\u{1b}[0m\n")),
            None => text.push_str(&format!("{drawn}\n")),
        }
        if !line.below.is_empty() {
            text.push_str(&format!("    {}\n", line.below));
        }
    }
    text
}

const fn colour(line: &Line) -> Option<&'static str> {
    match line.verdict {
        _ if line.over_budget => Some("31"),
        Some(Verdict::Regressed | Verdict::Failed | Verdict::Missing) => Some("31"),
        Some(Verdict::Improved) => Some("32"),
        Some(
            Verdict::CannotTell | Verdict::Incomparable | Verdict::Layout | Verdict::Tolerated,
        ) => Some("33"),
        Some(Verdict::New | Verdict::Unchanged) | None => None,
    }
}

/// One sentence: how many of each.
fn summary(report: &Report) -> String {
    const ORDER: [Verdict; 10] = [
        Verdict::Failed,
        Verdict::Regressed,
        Verdict::Missing,
        Verdict::Layout,
        Verdict::Tolerated,
        Verdict::Improved,
        Verdict::CannotTell,
        Verdict::Incomparable,
        Verdict::New,
        Verdict::Unchanged,
    ];
    let count = |verdict| {
        report
            .rows
            .iter()
            .filter(|row| row.verdict == Some(verdict))
            .count()
    };
    let over = report
        .rows
        .iter()
        .filter(|row| row.is_over_budget())
        .count();
    let verdicts = ORDER
        .iter()
        .map(|&v| (count(v), v))
        .filter(|(n, _)| *n > 0)
        .map(|(n, v)| format!("{n} {}", v.word()));
    let parts: Vec<String> = verdicts.collect();
    let total = report.rows.len();
    let plural = if total == 1 { "" } else { "s" };
    let said = if parts.is_empty() {
        format!("{total} benchmark{plural} measured")
    } else {
        format!("{total} benchmark{plural}: {}", parts.join(", "))
    };
    // Whatever the verdicts are, a benchmark may also be over its budget.
    if over > 0 {
        format!("{said}; {over} over budget\n")
    } else {
        format!("{said}\n")
    }
}

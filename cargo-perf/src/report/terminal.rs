//! A table for a person: aligned, the gravest first, colour only where it was asked for.

use perf_schema::metric::names;
use perf_schema::{Better, Corrected, ExitCode};

use super::budget::{all_told, counted};
use super::headline::{claims, headline};
use super::method::Method;
use super::model::{Command, Figure, Report, Row};
use super::printable::{printable, printable_lines};
use super::quantity::{amount, exact, percent_change, rate};
use super::table::{Column, Line, WIDTH, draw, wrapped};
use super::trail::sparkline;
use super::{Look, advice, order, swept};
use crate::compare::expect::Met;
use crate::compare::{Effect, Severity, Verdict};

/// Renders the report.
pub(super) fn render(report: &Report, look: Look) -> String {
    if look.quiet {
        return quiet(report, look);
    }
    let mut text = format!("{}\n", printable(&report.candidate));
    if let Some(baseline) = &report.baseline {
        let line = format!("compared with {}", printable(baseline));
        text.push_str(&wrapped(&line, "", look.width));
    }
    text.push('\n');
    if !report.rows.is_empty() {
        text.push_str(&lines(report, look));
        text.push('\n');
    }
    if !report.sweeps.is_empty() {
        text.push_str(&swept::human(&report.sweeps, look.width));
        text.push('\n');
    }
    for note in report.all_notes() {
        let note = format!("note: {}", printable_lines(&note));
        for line in note.lines() {
            text.push_str(&wrapped(line, "", look.width));
        }
    }
    if let Some(command) = &report.reproduce {
        // On one line, to be copied.
        text.push_str(&format!("again: {}\n", printable(command)));
    }
    if !report.rows.is_empty() {
        text.push_str(&summary(report));
    }
    text
}

/// What changed or stands against the change, and the verdict. Where nothing could be shown and that is no good end, why.
fn quiet(report: &Report, look: Look) -> String {
    let is_calm = |row: &Row| matches!(row.verdict, None | Some(Verdict::Unchanged | Verdict::New));
    let shown = Report {
        rows: report
            .rows
            .iter()
            .filter(|row| row.fails || row.breaks_a_budget() || !is_calm(row))
            .cloned()
            .collect(),
        ..report.clone()
    };
    let broken: Vec<_> = report
        .sweeps
        .iter()
        .filter(|swept| swept.grown.is_broken())
        .cloned()
        .collect();
    let mut notes = advice::folded(&shown);
    let mut text = String::new();
    if !shown.rows.is_empty() {
        text.push_str(&lines(&shown, look));
    } else if broken.is_empty() && report.exit_code != ExitCode::Fine {
        notes.extend(report.notes.iter().cloned());
    }
    text.push_str(&swept::human(&broken, look.width));
    for note in notes {
        text.push_str(&wrapped(&printable(&note), "", look.width));
    }
    if report.rows.is_empty() {
        text.push_str(&format!("{}\n", headline(report, printable)));
    } else {
        text.push_str(&summary(report));
    }
    text
}

fn lines(report: &Report, look: Look) -> String {
    let mut rows: Vec<&Row> = report.rows.iter().collect();
    let mut folded = 0;
    if report.command != Command::Run {
        rows.sort_by(|a, b| order::gravest_first(a, b));
        folded = fold(&mut rows);
    }
    let columns = columns(report);
    let lines: Vec<Line> = rows
        .into_iter()
        .map(|row| Line {
            cells: cells(row, report)
                .iter()
                .map(|cell| printable(cell))
                .collect(),
            below: below(row, report),
            colour: colour(row).filter(|_| look.colours),
        })
        .collect();
    let mut text = draw(
        &columns,
        &lines,
        look.width.unwrap_or(WIDTH),
        look.width.is_some(),
    );
    if folded > 0 {
        text.push_str(&format!(
            "{folded} more unchanged; --format markdown lists them\n"
        ));
    }
    text
}

/// So many that did not change are listed; of more it is told how many there are.
const CALM: usize = 20;

/// Leaves out what did not change and has nothing else to say, where that is much, and gives how many those are.
fn fold(rows: &mut Vec<&Row>) -> usize {
    let is_calm =
        |row: &Row| row.verdict == Some(Verdict::Unchanged) && all_told(row).next().is_none();
    let calm = rows.iter().filter(|row| is_calm(row)).count();
    if calm <= CALM {
        return 0;
    }
    rows.retain(|row| !is_calm(row));
    calm
}

/// The columns; those of figures that nobody has are left out by themselves.
fn columns(report: &Report) -> Vec<Column> {
    let column = |heading, words, keep| Column {
        heading,
        words,
        keep,
    };
    let mut columns = vec![
        column("benchmark", true, None),
        column("time", false, None),
        column("trend", true, Some(0)),
        column("spread", false, Some(2)),
        column("rate", false, Some(3)),
        column(
            counts_of(report).map_or("count", |(_, heading)| heading),
            false,
            // Whoever asked for it waited for it.
            counts_of(report).is_none().then_some(4),
        ),
    ];
    if report.baseline.is_some() {
        columns.extend([
            column("change", false, None),
            column("interval", true, Some(5)),
            column("detectable", false, Some(1)),
            column("verdict", true, None),
        ]);
    }
    columns
}

fn cells(row: &Row, report: &Report) -> Vec<String> {
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
    let time = value.map_or("-".to_owned(), |(f, value)| amount(value, &f.unit));
    let is_run = report.command == Command::Run;
    let mut cells = vec![
        name,
        time,
        sparkline(&row.trail),
        value
            .filter(|_| is_run)
            .and_then(|(f, value)| spread(f, value))
            .unwrap_or_default(),
        value
            .filter(|_| is_run)
            .map_or(String::new(), |(f, value)| {
                let about = value.about().filter(|_| f.metric == names::WALL);
                about.map_or(String::new(), |ns| rate(row.throughput, ns))
            }),
        counts_of(report).map_or(String::new(), |(metric, _)| {
            let count = row.figures.iter().find(|figure| figure.metric == metric);
            let count = count.and_then(|figure| Some((figure.value?, &figure.unit)));
            count.map_or("-".to_owned(), |(value, unit)| amount(value, unit))
        }),
    ];
    if report.baseline.is_some() {
        let effect = figure.and_then(|f| f.effect);
        let noisy = effect.filter(|_| figure.is_some_and(|figure| !figure.exact));
        cells.extend([
            effect.map_or("-".to_owned(), |e| percent_change(e.ratio)),
            noisy.map_or(String::new(), |e| {
                format!("[{}, {}]", percent_change(e.low), percent_change(e.high))
            }),
            // Of what is explained, the lines below say it.
            noisy
                .filter(|_| !advice::is_explained(row))
                .map_or(String::new(), |e| seen(&e)),
            row.verdict
                .map_or(String::new(), |verdict| verdict_of(row, verdict)),
        ]);
    }
    cells
}

/// The least change that would have been seen.
fn seen(effect: &Effect) -> String {
    format!("{:.1} %", 100.0 * effect.least_seen())
}

/// The verdict, of what it is if not of time, and how grave.
fn verdict_of(row: &Row, verdict: Verdict) -> String {
    let grave = match row.severity() {
        Severity::None => String::new(),
        severity => format!(", {}", severity.word()),
    };
    format!("{}{grave}", verdict.word())
}

/// What is to be said of a row: why, on what grounds, and what no column shows.
fn below(row: &Row, report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    if advice::is_explained(row) {
        let of = row.headline().filter(|figure| figure.metric != names::WALL);
        let of = of.map_or(String::new(), |figure| format!("{}: ", figure.metric));
        if !advice::is_folded(row, report) && !row.reason.is_empty() {
            lines.push(format!("{of}{}", row.reason));
        } else if !of.is_empty() {
            lines.push(format!("of its {}", of.trim_end_matches(": ")));
        }
        lines.extend(advice::basis(row));
        lines.extend(advice::companions(row));
    } else if let Some(Method::MachineCode) = row.method {
        lines.extend(Method::MachineCode.remark());
    }
    for told in [row.remarks.clone(), all_told(row).collect()] {
        if !told.is_empty() {
            lines.push(told.join("; "));
        }
    }
    lines.extend(row.origin.clone());
    let others = others(row, report);
    if !others.is_empty() {
        lines.push(others);
    }
    lines.iter().map(|line| printable(line)).collect()
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

fn colour(row: &Row) -> Option<&'static str> {
    match row.verdict {
        _ if row.breaks_a_budget() => Some("31"),
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
    // Whatever the verdicts are, a benchmark may also break its budget, or not be what was claimed of it.
    let unmet = [(Met::No, "not met"), (Met::Open, "that cannot be told")]
        .map(|(standing, words)| claims(report, standing, words));
    let besides: Vec<String> = counted(report)
        .into_iter()
        .chain(unmet.into_iter().flatten())
        .collect();
    if besides.is_empty() {
        format!("{said}\n")
    } else {
        format!("{said}; {}\n", besides.join(", "))
    }
}

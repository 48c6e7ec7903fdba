//! Limits: what each bracket is, what broke, and what the largest level that passed took.

use perf_schema::{
    Backstop, BenchId, BenchmarkRecord, Bound, Cap, Caps, LimitKind, LimitRecord, SearchEnd, Unit,
};
use serde::Serialize;

use super::growth::{self, GrowthFigures, PromiseFigures};
use super::markdown::{code, escape};
use super::order::natural;
use super::printable::{printable, printable_lines};
use super::quantity::quantity;
use super::ranking::{self, RankingFigures, Standing};
use super::swept::{self, SweptFigures};
use super::table::{Column, Line, WIDTH, draw, wrapped};
use super::traffic::{self, ScalingFigures, ServedLevel};
use super::{Format, Look};
use crate::compare::{Grown, Ranked, Swept};

/// A list of limits.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitsReport {
    /// What they are of: branch, commit, machine class.
    pub title: String,
    /// First digits of the record's id; absent where it could not be kept.
    pub record: Option<String>,
    /// The limits.
    pub rows: Vec<LimitRow>,
    /// How time grows over the axes of benchmarks that are no limits.
    pub sweeps: Vec<Swept>,
    /// Variants beside each other.
    pub rankings: Vec<Ranked>,
    /// Hardware threads of the machine they were found on; absent where that is not known.
    pub threads: Option<u32>,
    /// What else should be known.
    pub notes: Vec<String>,
}

/// A limit.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitRow {
    /// Which one.
    pub id: BenchId,
    /// What was found of it.
    pub limit: LimitRecord,
    /// Why the search failed, if it did.
    pub failure: Option<String>,
    /// How its time grows.
    pub grown: Grown,
}

impl LimitRow {
    /// The row of a benchmark, if it is a limit.
    #[must_use]
    pub fn of(benchmark: &BenchmarkRecord) -> Option<Self> {
        Some(Self {
            id: benchmark.id.clone(),
            grown: Grown::of(benchmark)?,
            limit: benchmark.limit.clone()?,
            failure: benchmark
                .outcome
                .failures
                .first()
                .map(|failure| failure.message.clone()),
        })
    }

    /// What the probes at the largest passing level say of something: the median.
    fn there(&self, pick: impl Fn(&perf_schema::Level) -> Option<u64>) -> Option<f64> {
        let values: Vec<f64> = self
            .limit
            .at_largest_pass()
            .filter_map(pick)
            .map(|value| value as f64)
            .collect();
        perf_stats::median(&values).ok()
    }

    /// None of users or a rate, which run for as long as they are told to.
    fn wall_ns(&self) -> Option<f64> {
        self.there(|level| level.wall_ns.filter(|_| level.traffic.is_none()))
    }

    fn memory_bytes(&self) -> Option<f64> {
        self.there(|level| level.memory_bytes)
    }

    /// What is to be said besides the figures.
    fn remarks(&self, threads: Option<u32>) -> Vec<String> {
        let limit = &self.limit;
        let mut remarks = Vec::new();
        remarks.extend(self.failure.clone());
        remarks.extend(traffic::remarks(limit, threads));
        // Where nothing passed, there is nothing that could have grown; and users or a rate run for as long as they are told to.
        if limit.largest_pass.is_some() && limit.plan.traffic.is_none() {
            remarks.push(growth::remark(&self.grown));
        }
        if limit.end == SearchEnd::Budget {
            remarks.push(format!(
                "the search ended with its budget of {}",
                quantity(limit.plan.budget_ms as f64 * 1e6, &Unit::NANOSECONDS)
            ));
        }
        if limit.is_disturbed() {
            remarks.push(DISTURBED.to_owned());
        }
        if let Some(n) = limit.passed_above() {
            remarks.push(format!(
                "{} = {n} passed although {} fails: more is not always harder",
                limit.plan.axis,
                limit.smallest_fail.unwrap_or_default()
            ));
        }
        remarks.extend(limit.backstop.as_ref().map(behind));
        if let Some(ns) = limit.latest_kill_ns() {
            remarks.push(format!(
                "killed at most {} after the deadline",
                quantity(ns as f64, &Unit::NANOSECONDS)
            ));
        } else if limit.plan.kind == LimitKind::Timeout && limit.end == SearchEnd::Found {
            remarks.push("it was never seen that the deadline kills".to_owned());
        }
        remarks
    }
}

/// What stood behind the cap on memory, in words.
fn behind(backstop: &Backstop) -> String {
    match backstop {
        Backstop::ControlGroup => "memory: watched, with a control group behind it".to_owned(),
        Backstop::DataLimit { reason } => {
            format!("memory: watched, with RLIMIT_DATA behind it ({reason})")
        }
    }
}

/// What is to be known of a search that met no answer of its own.
const DISTURBED: &str = "other programs had the processor where it failed first, however often it was tried: the limit may be higher";

/// The bracket in words.
#[must_use]
pub fn bracket(limit: &LimitRecord) -> String {
    let axis = &limit.plan.axis;
    let broke = limit.cap().map_or_else(String::new, |cap| {
        format!(" breaks {}", cap_in_words(cap, &limit.plan.caps))
    });
    match (limit.end, limit.largest_pass, limit.smallest_fail) {
        (SearchEnd::NotReached, Some(pass), _) => {
            format!("{axis} = {pass} passes, the last of its range: not reached")
        }
        (_, Some(pass), Some(fail)) => format!("{axis} = {pass} passes, {fail}{broke}"),
        (_, Some(pass), None) => format!("{axis} = {pass} passes, and more was not probed"),
        (_, None, Some(fail)) => format!("{axis} = {fail}, the first of its range,{broke}"),
        (_, None, None) => "no level gave an answer".to_owned(),
    }
}

fn cap_in_words(cap: Cap, caps: &Caps) -> String {
    let bound = caps.bound(cap).map(|bound| match bound {
        Bound::Nanoseconds(most) => quantity(most as f64, &Unit::NANOSECONDS),
        Bound::Bytes(most) => quantity(most as f64, &Unit::BYTES),
        Bound::AtMost(ppm) | Bound::AtLeast(ppm) => format!("{} %", f64::from(ppm) / 1e4),
    });
    let bound = bound.map_or(String::new(), |bound| format!(" ({bound})"));
    format!("{}{bound}", cap.word())
}

/// Renders the list.
#[must_use]
pub fn limits(report: &LimitsReport, format: Format, look: Look) -> String {
    let mut report = report.clone();
    report
        .rows
        .sort_by(|a, b| natural(&a.id.to_string(), &b.id.to_string()));
    match format {
        Format::Human => human(&report, look),
        Format::Markdown => markdown(&report),
        Format::Json => json(&report),
    }
}

const HEADINGS: [&str; 7] = [
    "limit",
    "kind",
    "largest pass",
    "smallest fail",
    "broke",
    "time there",
    "memory there",
];

fn cells(row: &LimitRow) -> [String; 7] {
    let limit = &row.limit;
    let number = |n: Option<u64>, none: &str| n.map_or(none.to_owned(), |n| n.to_string());
    let broke = limit
        .cap()
        .map_or("-".to_owned(), |cap| cap_in_words(cap, &limit.plan.caps));
    let amount =
        |value: Option<f64>, unit| value.map_or("-".to_owned(), |value| quantity(value, &unit));
    let fail = match limit.end {
        SearchEnd::NotReached => "not reached".to_owned(),
        _ => number(limit.smallest_fail, "-"),
    };
    [
        row.id.in_package(),
        limit.plan.kind.word().to_owned(),
        number(limit.largest_pass, "below range"),
        fail,
        broke,
        amount(row.wall_ns(), Unit::NANOSECONDS),
        amount(row.memory_bytes(), Unit::BYTES),
    ]
}

fn human(report: &LimitsReport, look: Look) -> String {
    let mut text = wrapped(&printable(&source(report)), "", look.width) + "\n";
    let sections = [
        table(report, look),
        swept::human(&report.sweeps, look.width),
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
            let mut below = row.remarks(report.threads);
            below.extend(traffic::human(&row.limit, report.threads, width));
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

fn source(report: &LimitsReport) -> String {
    match &report.record {
        Some(record) => format!("{} (record {record})", report.title),
        None => report.title.clone(),
    }
}

fn markdown(report: &LimitsReport) -> String {
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

/// Version of the JSON shape. Members are only ever added.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    command: &'static str,
    candidate: &'a str,
    record: Option<&'a str>,
    notes: &'a [String],
    limits: Vec<Listed<'a>>,
    /// How time grows over the axes of benchmarks that are no limits.
    growth: Vec<SweptFigures<'a>>,
    rankings: Vec<RankingFigures<'a>>,
}

#[derive(Serialize)]
struct Listed<'a> {
    id: String,
    kind: LimitKind,
    axis: &'a str,
    end: SearchEnd,
    largest_pass: Option<u64>,
    smallest_fail: Option<u64>,
    broke: Option<Cap>,
    caps: Caps,
    /// Medians at the largest level that passed.
    wall_ns: Option<f64>,
    memory_bytes: Option<f64>,
    latest_kill_ns: Option<u64>,
    passed_above: Option<u64>,
    backstop: Option<&'a Backstop>,
    /// Whether the smallest fail was never seen but for want of the processor.
    disturbed: bool,
    /// How it stands among its variants.
    standing: Option<Standing>,
    /// Of users or a rate: each level, over its probes.
    served: Option<Vec<ServedLevel>>,
    /// Of concurrency.
    scaling: Option<ScalingFigures>,
    growth: Option<GrowthFigures>,
    fit: Option<PromiseFigures<'a>>,
    failure: Option<&'a str>,
    levels: &'a [perf_schema::Level],
}

fn json(report: &LimitsReport) -> String {
    let document = Document {
        version: VERSION,
        command: "limits",
        candidate: &report.title,
        record: report.record.as_deref(),
        notes: &report.notes,
        limits: report.rows.iter().map(|row| listed(row, report)).collect(),
        growth: swept::figures(&report.sweeps),
        rankings: ranking::figures(&report.rankings),
    };
    // Strings and finite numbers are all that is in it, and those always have a JSON form.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

fn listed<'a>(row: &'a LimitRow, report: &LimitsReport) -> Listed<'a> {
    let limit = &row.limit;
    Listed {
        id: row.id.to_string(),
        kind: limit.plan.kind,
        axis: &limit.plan.axis,
        end: limit.end,
        largest_pass: limit.largest_pass,
        smallest_fail: limit.smallest_fail,
        broke: limit.cap(),
        caps: limit.plan.caps,
        wall_ns: row.wall_ns(),
        memory_bytes: row.memory_bytes(),
        latest_kill_ns: limit.latest_kill_ns(),
        passed_above: limit.passed_above(),
        backstop: limit.backstop.as_ref(),
        disturbed: limit.is_disturbed(),
        standing: ranking::standing(&row.id, &report.rankings),
        served: Some(traffic::levels(limit, report.threads)).filter(|levels| !levels.is_empty()),
        scaling: traffic::scaling_figures(limit),
        growth: growth::figures(&row.grown),
        fit: growth::promised(&row.grown),
        failure: row.failure.as_deref(),
        levels: &limit.levels,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use perf_schema::{Level, LimitPlan};

    const LOOK: Look = Look {
        colours: false,
        width: None,
    };

    fn level(n: u64, broke: Option<Cap>) -> Level {
        Level {
            broke,
            wall_ns: broke.is_none().then_some(n * 1000),
            memory_bytes: Some(n * 1024),
            late_ns: broke.map(|_| 6_000_000),
            ..Level::untried(n)
        }
    }

    fn row(name: &str, end: SearchEnd, levels: Vec<Level>) -> LimitRow {
        let pass = levels.iter().filter(|l| l.passed()).map(|l| l.n).max();
        let fail = levels.iter().filter(|l| !l.passed()).map(|l| l.n).min();
        let limit = LimitRecord {
            plan: LimitPlan {
                kind: LimitKind::Cpu,
                axis: "n".to_owned(),
                first: 1,
                last: 5000,
                caps: Caps {
                    wall_ns: Some(2_000_000),
                    ..Caps::default()
                },
                precision_ppm: 50_000,
                repeats: 3,
                budget_ms: 10_000,
                fit: None,
                traffic: None,
            },
            end,
            largest_pass: pass,
            smallest_fail: fail,
            backstop: None,
            levels,
        };
        LimitRow {
            id: BenchId::new("p", "t", name).unwrap(),
            grown: Grown::of_limit(&limit),
            limit,
            failure: None,
        }
    }

    fn report() -> LimitsReport {
        let wall = Some(Cap::Wall);
        LimitsReport {
            title: "main abc\u{1b}[31m".to_owned(),
            record: Some("12345678".to_owned()),
            threads: Some(2),
            rows: vec![
                row("open", SearchEnd::NotReached, vec![level(5000, None)]),
                row("none|of", SearchEnd::BelowRange, vec![level(1, wall)]),
                row(
                    "found",
                    SearchEnd::Found,
                    [15, 30, 60, 120, 240, 480, 960, 1950]
                        .map(|n| level(n, None))
                        .into_iter()
                        .chain([level(2040, wall)])
                        .collect(),
                ),
            ],
            sweeps: Vec::new(),
            rankings: Vec::new(),
            notes: Vec::new(),
        }
    }

    #[test]
    fn it_fits_the_width() {
        for width in 60..130 {
            let look = Look {
                colours: false,
                width: Some(width),
            };
            let text = limits(&report(), Format::Human, look);
            let longest = text.lines().map(|line| line.chars().count()).max();
            assert!(longest <= Some(width), "{width}:\n{text}");
        }
    }

    #[test]
    fn a_person_sees_bracket_cap_and_cost() {
        let wide = Look {
            width: Some(100),
            ..LOOK
        };
        insta::assert_snapshot!(limits(&report(), Format::Human, wide), @r"
        main abc [31m (record 12345678)

        limit       kind  largest pass  smallest fail  broke            time there  memory there
        t::found    cpu           1950           2040  wall (2.000 ms)    1.950 ms     1.904 MiB
            time grows as n^1.00 (0.99…1.02), n
            killed at most 6.000 ms after the deadline
        t::none|of  cpu    below range              1  wall (2.000 ms)           -             -
            killed at most 6.000 ms after the deadline
        t::open     cpu           5000    not reached  -                  5.000 ms     4.883 MiB
            growth: too few levels with a time (1 of 5)
        ");
    }

    #[test]
    fn markdown_is_harmless() {
        insta::assert_snapshot!(limits(&report(), Format::Markdown, LOOK), @r"
        ### Limits

        main abc \[31m (record 12345678)

        | limit | kind | largest pass | smallest fail | broke | time there | memory there | |
        |---|---|--:|--:|---|--:|--:|---|
        | `t::found` | cpu | 1950 | 2040 | wall (2.000 ms) | 1.950 ms | 1.904 MiB | time grows as n^1.00 (0.99…1.02), n; killed at most 6.000 ms after the deadline |
        | `t::none\|of` | cpu | below range | 1 | wall (2.000 ms) | - | - | killed at most 6.000 ms after the deadline |
        | `t::open` | cpu | 5000 | not reached | - | 5.000 ms | 4.883 MiB | growth: too few levels with a time (1 of 5) |
        ");
    }

    #[test]
    fn json_has_the_same_numbers() {
        let text = limits(&report(), Format::Json, LOOK);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let found = &value["limits"][0];
        assert_eq!(found["id"], "p/t::found");
        assert_eq!(found["end"], "found");
        assert_eq!(found["largest_pass"], 1950);
        assert_eq!(found["smallest_fail"], 2040);
        assert_eq!(found["broke"], "wall");
        assert_eq!(found["wall_ns"], 1_950_000.0);
        assert_eq!(found["growth"]["best"], "n");
        assert_eq!(found["growth"]["confidence"], 0.99);
        assert_eq!(found["fit"], serde_json::Value::Null);
        assert_eq!(value["limits"][2]["growth"], serde_json::Value::Null);
        assert_eq!(value["limits"][2]["smallest_fail"], serde_json::Value::Null);
    }

    #[test]
    fn a_limit_that_others_held_back_says_so() {
        let mut report = report();
        report.rows.retain(|row| row.id.name() == "found");
        let told = |report: &LimitsReport| {
            let json = limits(report, Format::Json, LOOK);
            let json: serde_json::Value = serde_json::from_str(&json).unwrap();
            let human = limits(report, Format::Human, LOOK);
            (
                human.contains(DISTURBED),
                json["limits"][0]["disturbed"] == true,
            )
        };
        assert_eq!(told(&report), (false, false));
        for level in &mut report.rows[0].limit.levels {
            level.disturbed = !level.passed();
        }
        assert_eq!(told(&report), (true, true));
    }

    #[test]
    fn what_kept_the_memory_is_said() {
        let mut report = report();
        report.rows.retain(|row| row.id.name() == "found");
        for (backstop, human, by) in [
            (
                Backstop::ControlGroup,
                "with a control group behind it",
                "control-group",
            ),
            (
                Backstop::DataLimit {
                    reason: "version\u{7} 1".to_owned(),
                },
                "with RLIMIT_DATA behind it (version  1)",
                "data-limit",
            ),
        ] {
            report.rows[0].limit.backstop = Some(backstop);
            let told = limits(&report, Format::Human, LOOK);
            assert!(told.contains(human), "{told}");
            let json: serde_json::Value =
                serde_json::from_str(&limits(&report, Format::Json, LOOK)).unwrap();
            assert_eq!(json["limits"][0]["backstop"]["by"], by);
        }
    }

    #[test]
    fn brackets_are_told_in_words() {
        let words: Vec<String> = report()
            .rows
            .iter()
            .map(|row| bracket(&row.limit))
            .collect();
        assert_eq!(
            words,
            [
                "n = 5000 passes, the last of its range: not reached",
                "n = 1, the first of its range, breaks wall (2.000 ms)",
                "n = 1950 passes, 2040 breaks wall (2.000 ms)",
            ]
        );
    }
}

//! Reports for tests: populated, empty, failing, undecided and hostile.

use perf_schema::{BenchId, Better, BudgetKind, Corrected, ExitCode, Ratio, Throughput, Unit};

use super::about::{About, Range, Source};
use super::method::Method;
use super::model::{Command, Figure, Report, Row};
use crate::compare::{Effect, Held, Standing, Verdict};

/// What nobody should write, and somebody will.
pub(crate) const HOSTILE: &str = "</script><script>alert(1)</script> | `rm -rf` ]]> =cmd()|' /C calc'!A0 \u{1b}[31mred\u{7} \u{202e}txt.exe\u{200f} ::error::x @everyone & \"quoted\" <b> ${{ x }} \u{2028}\r\n::set-output name=x::y";

pub(crate) fn id(name: &str) -> BenchId {
    BenchId::new("demo", "cpu", name).unwrap()
}

pub(crate) fn figure(metric: &str, unit: Unit, value: f64) -> Figure {
    Figure {
        metric: metric.to_owned(),
        unit,
        better: Better::Lower,
        exact: false,
        value: Some(Corrected::About(value)),
        spread: Some(value / 100.0),
        launches: 20,
        medians: (0..20)
            .map(|n| value * (0.99 + 0.001 * f64::from(n)))
            .collect(),
        baseline: None,
        effect: None,
        verdict: None,
        sessions: None,
        reason: None,
        assessed: None,
    }
}

fn ratio(value: f64) -> Ratio {
    Ratio::new(value).unwrap()
}

fn compared(mut figure: Figure, change: f64, verdict: Verdict) -> Figure {
    let value = figure.value.and_then(Corrected::about).unwrap();
    figure.baseline = Some(Corrected::About(value / change));
    figure.effect = Some(Effect {
        ratio: ratio(change),
        low: ratio(change * 0.98),
        high: ratio(change * 1.02),
        confidence: 0.99,
        p_worse: 0.001,
        p_better: 0.9,
        smallest_detectable: ratio(1.03),
    });
    figure.verdict = Some(verdict);
    figure
}

pub(crate) fn row(name: &str, verdict: Verdict, change: f64, reason: &str) -> Row {
    let wall = figure("wall", Unit::NANOSECONDS, 1234.0);
    Row {
        id: id(name),
        source: Some(Source {
            file: "benches/cpu.rs".to_owned(),
            line: 7,
        }),
        verdict: Some(verdict),
        reason: reason.to_owned(),
        fails: matches!(verdict, Verdict::Regressed | Verdict::Failed),
        method: Some(Method::Records),
        origin: None,
        throughput: Throughput::default(),
        figures: vec![
            compared(wall, change, verdict),
            figure("peak-rss", Unit::BYTES, 3_145_728.0),
        ],
        gate: None,
        budgets: Vec::new(),
        warnings: Vec::new(),
        remarks: Vec::new(),
        absent: vec![(
            "instructions".to_owned(),
            "the kernel permits no counters".to_owned(),
        )],
        hint: None,
        trail: vec![1000.0, 1010.0, 1005.0, 1234.0],
        limit: None,
        grown: None,
    }
}

pub(crate) fn empty() -> Report {
    Report {
        command: Command::Compare,
        candidate: "main 1111111 on k3v9".to_owned(),
        baseline: None,
        typed: Some("main".to_owned()),
        rows: Vec::new(),
        sweeps: Vec::new(),
        expectations: Vec::new(),
        notes: Vec::new(),
        reproduce: None,
        about: About::default(),
        exit_code: ExitCode::Fine,
    }
}

fn reported(rows: Vec<Row>, exit_code: ExitCode) -> Report {
    Report {
        candidate: "feature 2222222 on k3v9".to_owned(),
        baseline: Some("main at 1111111 (merge base)".to_owned()),
        rows,
        notes: vec!["noise between sessions: 1.2 %, learned from 9 runs".to_owned()],
        reproduce: Some("cargo perf compare --baseline=main --seed 7".to_owned()),
        about: About {
            generated: Some("2026-01-02".to_owned()),
            surroundings: vec![
                ("machine class", "k3v9".to_owned()),
                ("processor", "EPYC 7763".to_owned()),
                ("compiler", "rustc 1.95.0".to_owned()),
            ],
            range: Some(Range {
                from: "1".repeat(40).parse().unwrap(),
                to: "2".repeat(40).parse().unwrap(),
                link: Some("https://github.com/ada/wordy/compare/1...2".to_owned()),
            }),
        },
        exit_code,
        ..empty()
    }
}

/// A change of each kind, and a budget that is broken.
pub(crate) fn populated() -> Report {
    let mut over = row("render", Verdict::Unchanged, 1.0, "");
    over.fails = true;
    over.budgets = vec![Held {
        metric: "allocs".to_owned(),
        unit: Some(Unit::COUNT),
        kind: BudgetKind::AtMost,
        limit: 3.0,
        value: Some(5.0),
        standing: Standing::Broken,
        reason: String::new(),
    }];
    let worse = "worse by more than 0.5 % in 30 pairs of launches";
    reported(
        vec![
            row("parse", Verdict::Unchanged, 1.001, ""),
            over,
            row("sort[n=10]", Verdict::Regressed, 1.25, worse),
            row(
                "sort[n=100]",
                Verdict::Improved,
                0.8,
                "better by more than 1 %",
            ),
        ],
        ExitCode::Regression,
    )
}

/// A benchmark that panicked, and one that is gone.
pub(crate) fn failing() -> Report {
    let mut failed = row(
        "parse",
        Verdict::Failed,
        1.0,
        "panicked: index out of bounds",
    );
    failed.figures.clear();
    failed.trail.clear();
    let mut missing = row(
        "sort[n=10]",
        Verdict::Missing,
        1.0,
        "only the baseline has it",
    );
    missing.figures.clear();
    missing.source = None;
    missing.fails = true;
    reported(vec![failed, missing], ExitCode::Benchmark)
}

/// One of which nothing can be told.
pub(crate) fn undecided() -> Report {
    let why = "neither a change nor its absence could be shown; 40 launches would tell";
    reported(
        vec![row("parse", Verdict::CannotTell, 1.04, why)],
        ExitCode::Undecided,
    )
}

/// Text that every format obeys in a way of its own, wherever text of others stands, and very much of it.
pub(crate) fn hostile() -> Report {
    let name: String = HOSTILE
        .chars()
        .filter(|c| !c.is_control() && !"\u{202e}\u{200f}\u{2028}".contains(*c))
        .collect();
    let long = format!("{HOSTILE} {}", "long ".repeat(2_000));
    let mut row = row(name.trim(), Verdict::Regressed, 1.25, &long);
    row.remarks = vec![HOSTILE.to_owned()];
    row.origin = Some(HOSTILE.to_owned());
    row.absent = vec![("instructions".to_owned(), HOSTILE.to_owned())];
    row.source = Some(Source {
        file: "benches/a,b:c%.rs".to_owned(),
        line: 1,
    });
    let mut report = reported(vec![row], ExitCode::Regression);
    report.candidate = long.clone();
    report.baseline = Some(HOSTILE.to_owned());
    report.notes = vec![long, HOSTILE.to_owned()];
    report.reproduce = Some(HOSTILE.to_owned());
    report
        .about
        .surroundings
        .push(("build flags", HOSTILE.to_owned()));
    report
}

//! JSON for programs. Members are only ever added; one that has nothing to say is `null`.

use perf_schema::{Better, BudgetKind, Corrected, ExitCode, Gate, LimitRecord, Unit};
use serde::Serialize;
use std::collections::BTreeMap;

use super::about::About;
use super::advice;
use super::growth::{self, GrowthFigures, PromiseFigures};
use super::method::{Examined, Method};
use super::model::{Figure, Report, Row};
use super::swept::{self, SweptFigures};
use crate::compare::{Held, Severity, Standing, Verdict};

/// Version of this shape.
const VERSION: u32 = 1;

/// A report, as it is shown to programs.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    version: u32,
    command: &'static str,
    exit_code: u8,
    candidate: &'a str,
    baseline: Option<&'a str>,
    /// How many benchmarks and growths stand against the change: what a script looks at.
    failures: usize,
    /// How many benchmarks have each verdict; verdicts that none has are left out.
    verdicts: BTreeMap<&'static str, usize>,
    /// Under what circumstances it was measured.
    environment: BTreeMap<&'static str, &'a str>,
    /// The commits between the two sides.
    commits: Option<Commits<'a>>,
    notes: &'a [String],
    /// What the author claims of the change.
    expectations: Vec<Expected>,
    /// The command that asks the same again.
    reproduce: Option<&'a str>,
    benchmarks: Vec<Benchmark<'a>>,
    /// How time grows over the axes of benchmarks.
    growth: Vec<SweptFigures<'a>>,
}

#[derive(Serialize)]
struct Commits<'a> {
    from: &'a str,
    to: &'a str,
    link: Option<&'a str>,
}

/// Where a benchmark is declared.
#[derive(Serialize)]
struct Declared<'a> {
    file: &'a str,
    line: u32,
}

#[derive(Serialize)]
struct Expected {
    benchmark: String,
    claim: String,
    standing: &'static str,
}

#[derive(Serialize)]
struct Benchmark<'a> {
    id: String,
    source: Option<Declared<'a>>,
    verdict: Option<&'static str>,
    reason: &'a str,
    /// How grave its gravest change is; `none` where nothing became worse.
    severity: Option<Severity>,
    /// How sure the verdict is, from 0 to 1.
    certainty: Option<f64>,
    /// Whether the comparison fails by it.
    fails: bool,
    /// Whether there is something to be done about it.
    actionable: bool,
    /// What happened, in a line.
    summary: Option<String>,
    /// What to do about it.
    recommendation: Option<String>,
    /// `records`, `side by side` or `machine code`.
    method: Option<&'static str>,
    /// Pairs of launches, side by side.
    pairs: Option<usize>,
    /// What a slowdown side by side comes from, where that was looked into.
    layout: Option<Layout>,
    origin: Option<&'a str>,
    hint: Option<String>,
    items: Option<u64>,
    bytes: Option<u64>,
    metrics: Vec<Metric<'a>>,
    gate: Option<Gate>,
    budgets: Vec<Budget<'a>>,
    /// Its values of before, oldest first, in the unit of the first metric; empty where nobody looked.
    trail: &'a [f64],
    warnings: Vec<Warning<'a>>,
    /// Of a limit, what the search found; its shape is that of records.
    limit: Option<&'a LimitRecord>,
    /// Of a limit, how its time grows over its levels.
    growth: Option<GrowthFigures>,
    /// And what its author promises of that.
    fit: Option<PromiseFigures<'a>>,
    /// Metrics that could not be had.
    absent: Vec<Absent<'a>>,
}

/// Link orders of each side, and what an iteration executes; `null` where they were not asked.
#[derive(Serialize)]
struct Layout {
    orders: Option<usize>,
    /// Pairs of launches over all orders.
    pairs: Option<usize>,
    ratio: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    confidence: Option<f64>,
    /// The slowest order of a side over its fastest.
    spread: Option<f64>,
    baseline_instructions: Option<f64>,
    instructions: Option<f64>,
}

#[derive(Serialize)]
struct Absent<'a> {
    name: &'a str,
    reason: &'a str,
}

/// What it may take at most or has to give at least, and whether it did.
#[derive(Serialize)]
struct Budget<'a> {
    metric: &'a str,
    unit: Option<&'a str>,
    at_most: Option<f64>,
    at_least: Option<f64>,
    value: Option<f64>,
    standing: &'static str,
    reason: &'a str,
}

/// What the project wants to be warned of, above or below, and whether it is.
#[derive(Serialize)]
struct Warning<'a> {
    metric: &'a str,
    unit: Option<&'a str>,
    above: Option<f64>,
    below: Option<f64>,
    value: Option<f64>,
    /// `null` where that cannot be told.
    warned: Option<bool>,
    reason: &'a str,
}

#[derive(Serialize)]
struct Metric<'a> {
    name: &'a str,
    unit: &'a str,
    better: Better,
    exact: bool,
    value: Option<f64>,
    /// In the place of `value` where it cannot be told from what measuring costs: what it is below of.
    below: Option<f64>,
    spread: Option<f64>,
    launches: usize,
    baseline: Option<f64>,
    baseline_below: Option<f64>,
    ratio: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    confidence: Option<f64>,
    p_worse: Option<f64>,
    p_better: Option<f64>,
    smallest_detectable: Option<f64>,
    /// What sessions were taken to differ by: a standard deviation of logarithms.
    session_sd: Option<f64>,
    /// From how many runs that was learned; 0 where it is assumed.
    session_runs: Option<usize>,
    verdict: Option<&'static str>,
    reason: Option<&'a str>,
    severity: Option<Severity>,
    certainty: Option<f64>,
    /// The thresholds that the severity is by, as fractions.
    warning: Option<f64>,
    critical: Option<f64>,
    fails: Option<bool>,
}

#[derive(Serialize)]
struct Failed<'a> {
    error: Fault<'a>,
}

#[derive(Serialize)]
struct Fault<'a> {
    kind: &'static str,
    message: &'a str,
    help: Option<&'a str>,
    exit_code: u8,
}

/// A failure as a document of its own: nothing but an `error`.
#[must_use]
pub fn failure(kind: &'static str, message: &str, help: Option<&str>, exit_code: u8) -> String {
    let document = Failed {
        error: Fault {
            kind,
            message,
            help,
            exit_code,
        },
    };
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

/// Renders the report.
pub(super) fn render(report: &Report) -> String {
    // Strings and finite numbers are all that is in it, and those always have a JSON form.
    let mut text = serde_json::to_string_pretty(&document(report)).unwrap_or_default();
    text.push('\n');
    text
}

/// The same as a part of another document.
pub(super) fn document(report: &Report) -> Document<'_> {
    Document {
        version: VERSION,
        command: report.command.word(),
        exit_code: report.exit_code.code(),
        candidate: &report.candidate,
        baseline: report.baseline.as_deref(),
        failures: failures(report),
        verdicts: verdicts(report),
        environment: environment(&report.about),
        commits: report.about.range.as_ref().map(|range| Commits {
            from: range.from.as_str(),
            to: range.to.as_str(),
            link: range.link.as_deref(),
        }),
        notes: &report.notes,
        expectations: report
            .expectations
            .iter()
            .map(|outcome| Expected {
                benchmark: outcome.benchmark.to_string(),
                claim: outcome.claim.to_string(),
                standing: outcome.standing.word(),
            })
            .collect(),
        reproduce: report.reproduce.as_deref(),
        benchmarks: report
            .rows
            .iter()
            .map(|row| benchmark(row, report))
            .collect(),
        growth: swept::figures(&report.sweeps),
    }
}

fn failures(report: &Report) -> usize {
    let rows = report.rows.iter().filter(|row| row.fails).count();
    // A record that is only shown fails by nothing.
    match report.exit_code {
        ExitCode::Fine => rows,
        _ => rows + report.broken_sweeps(),
    }
}

fn verdicts(report: &Report) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for verdict in report.rows.iter().filter_map(|row| row.verdict) {
        *counts.entry(verdict.word()).or_default() += 1;
    }
    counts
}

fn environment(about: &About) -> BTreeMap<&'static str, &str> {
    let surroundings = about.surroundings.iter();
    surroundings
        .map(|(name, value)| (*name, value.as_str()))
        .collect()
}

fn benchmark<'a>(row: &'a Row, report: &Report) -> Benchmark<'a> {
    Benchmark {
        id: row.id.to_string(),
        source: row.source.as_ref().map(|source| Declared {
            file: &source.file,
            line: source.line,
        }),
        verdict: row.verdict.map(Verdict::word),
        reason: &row.reason,
        severity: row.verdict.map(|_| row.severity()),
        certainty: row.certainty(),
        fails: row.fails,
        actionable: row.fails,
        summary: advice::summary(row),
        recommendation: advice::recommendation(row, report.typed.as_deref()),
        method: row.method.map(Method::word),
        pairs: row.method.and_then(Method::pairs),
        layout: row.method.and_then(Method::examined).map(layout),
        origin: row.origin.as_deref(),
        hint: row.hint.map(|hint| hint.to_string()),
        items: row.throughput.items,
        bytes: row.throughput.bytes,
        metrics: row.figures.iter().map(metric).collect(),
        gate: row.gate,
        budgets: row.budgets.iter().map(budget).collect(),
        trail: &row.trail,
        warnings: row.warnings.iter().map(warning).collect(),
        limit: row.limit.as_ref(),
        growth: row.grown.as_ref().and_then(growth::figures),
        fit: row.grown.as_ref().and_then(growth::promised),
        absent: row
            .absent
            .iter()
            .map(|(name, reason)| Absent { name, reason })
            .collect(),
    }
}

fn layout(examined: Examined) -> Layout {
    let Examined {
        orders,
        instructions,
        ..
    } = examined;
    Layout {
        orders: orders.map(|orders| orders.orders),
        pairs: orders.map(|orders| orders.pairs),
        ratio: orders.map(|orders| orders.ratio.get()),
        low: orders.map(|orders| orders.low.get()),
        high: orders.map(|orders| orders.high.get()),
        confidence: orders.map(|orders| orders.confidence),
        spread: orders.map(|orders| orders.spread.get()),
        baseline_instructions: instructions.map(|count| count.baseline),
        instructions: instructions.map(|count| count.candidate),
    }
}

fn budget(held: &Held) -> Budget<'_> {
    Budget {
        metric: &held.metric,
        unit: held.unit.as_ref().map(Unit::as_str),
        at_most: limit(held, BudgetKind::AtMost),
        at_least: limit(held, BudgetKind::AtLeast),
        value: held.value,
        standing: held.word(),
        reason: &held.reason,
    }
}

fn limit(held: &Held, kind: BudgetKind) -> Option<f64> {
    (held.kind == kind).then_some(held.limit)
}

fn warning(held: &Held) -> Warning<'_> {
    let measured = held.value.is_some();
    Warning {
        metric: &held.metric,
        unit: held.unit.as_ref().map(Unit::as_str),
        above: limit(held, BudgetKind::AtMost),
        below: limit(held, BudgetKind::AtLeast),
        value: held.value,
        warned: match held.standing {
            Standing::Broken if measured => Some(true),
            Standing::Kept => Some(false),
            Standing::Broken | Standing::Open => None,
        },
        reason: &held.reason,
    }
}

fn metric(figure: &Figure) -> Metric<'_> {
    let effect = figure.effect.as_ref();
    let assessed = figure.assessed.as_ref();
    Metric {
        name: &figure.metric,
        unit: figure.unit.as_str(),
        better: figure.better,
        exact: figure.exact,
        value: figure.value.and_then(Corrected::about),
        below: figure.value.and_then(Corrected::below),
        spread: figure.spread,
        launches: figure.launches,
        baseline: figure.baseline.and_then(Corrected::about),
        baseline_below: figure.baseline.and_then(Corrected::below),
        ratio: effect.map(|e| e.ratio.get()),
        low: effect.map(|e| e.low.get()),
        high: effect.map(|e| e.high.get()),
        confidence: effect.map(|e| e.confidence),
        p_worse: effect.map(|e| e.p_worse),
        p_better: effect.map(|e| e.p_better),
        smallest_detectable: effect.map(|e| e.smallest_detectable.get()),
        session_sd: figure.sessions.map(|noise| noise.spread.sd),
        session_runs: figure.sessions.map(|noise| noise.runs),
        verdict: figure.verdict.map(Verdict::word),
        reason: figure.reason.as_deref(),
        severity: assessed.map(|assessed| assessed.severity),
        certainty: assessed.and_then(|assessed| assessed.confidence),
        warning: assessed.map(|assessed| assessed.thresholds.warning()),
        critical: assessed.map(|assessed| assessed.thresholds.critical()),
        fails: assessed.map(|assessed| assessed.fails),
    }
}

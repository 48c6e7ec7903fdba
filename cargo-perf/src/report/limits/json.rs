//! Limits as JSON, with every level.

use perf_schema::{Backstop, Cap, Caps, LimitKind, SearchEnd};
use serde::Serialize;

use super::{LimitRow, LimitsReport};
use crate::report::growth::{self, GrowthFigures, PromiseFigures};
use crate::report::ranking::{self, RankingFigures, Standing};
use crate::report::scaling::ScalingFigures;
use crate::report::swept::{self, SweptFigures};
use crate::report::threaded::{self, ThreadedFigures};
use crate::report::traffic::{self, ServedLevel};

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
    /// How benchmarks scale with their threads.
    threaded: Vec<ThreadedFigures>,
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
    /// Whether the first level, by which the others are measured, was seen only while others had the processor.
    disturbed_base: bool,
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

pub(super) fn render(report: &LimitsReport) -> String {
    let document = Document {
        version: VERSION,
        command: "limits",
        candidate: &report.title,
        record: report.record.as_deref(),
        notes: &report.notes,
        limits: report.rows.iter().map(|row| listed(row, report)).collect(),
        growth: swept::figures(&report.sweeps),
        threaded: threaded::figures(&report.threaded, report.threads),
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
        disturbed_base: limit.has_disturbed_base(),
        standing: ranking::standing(&row.id, &report.rankings),
        served: Some(traffic::levels(limit, report.threads)).filter(|levels| !levels.is_empty()),
        scaling: traffic::scaling_figures(limit),
        growth: growth::figures(&row.grown),
        fit: growth::promised(&row.grown),
        failure: row.failure.as_deref(),
        levels: &limit.levels,
    }
}

//! What was seen under stress, for programs.

use perf_runner::Effect;
use perf_schema::Stress;
use serde::Serialize;

use super::{ChaosReport, ChaosRow};
use crate::compare::chaos::Recovered;

/// Version of the JSON shape. Members are only ever added.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    command: &'static str,
    candidate: &'a str,
    exit_code: u8,
    notes: &'a [String],
    benchmarks: Vec<Listed<'a>>,
}

#[derive(Serialize)]
struct Listed<'a> {
    id: String,
    under: Vec<String>,
    quiet_ns: Option<f64>,
    quiet_waited: Option<f64>,
    stressed_ns: Option<f64>,
    ratio: Option<f64>,
    ratio_low: Option<f64>,
    ratio_high: Option<f64>,
    confidence: Option<f64>,
    no_interval: Option<&'a str>,
    recovery: Option<Recovering>,
    effects: Vec<Did>,
    failure: Option<&'a str>,
}

#[derive(Serialize)]
struct Recovering {
    median_ns: Option<f64>,
    longest_ns: Option<f64>,
    not_within: usize,
    rounds: usize,
    limit_ns: f64,
}

/// The least that a stressor did in a round.
#[derive(Serialize)]
struct Did {
    stress: String,
    /// Nanoseconds of CPU time, or bytes resident or written.
    amount: u64,
    unit: &'static str,
    during_ns: f64,
}

impl<'a> Listed<'a> {
    fn of(row: &'a ChaosRow) -> Self {
        let seen = row.degraded.as_ref();
        let ratio = seen.and_then(|seen| seen.ratio.as_ref().ok());
        Self {
            id: row.id.to_string(),
            under: row.plan.under.iter().map(Stress::to_string).collect(),
            quiet_ns: seen.map(|seen| seen.quiet_ns),
            quiet_waited: seen.and_then(|seen| seen.quiet_waited),
            stressed_ns: seen.map(|seen| seen.stressed_ns),
            ratio: ratio.map(|ratio| ratio.ratio),
            ratio_low: ratio.map(|ratio| ratio.low),
            ratio_high: ratio.map(|ratio| ratio.high),
            confidence: ratio.map(|ratio| ratio.confidence.level()),
            no_interval: seen.and_then(|seen| seen.ratio.as_ref().err().map(String::as_str)),
            recovery: seen.map(|seen| Recovering::of(&seen.recovered)),
            effects: seen
                .iter()
                .flat_map(|seen| &seen.effects)
                .map(Did::of)
                .collect(),
            failure: row.failure.as_deref(),
        }
    }
}

impl Recovering {
    const fn of(recovered: &Recovered) -> Self {
        let Recovered {
            median_ns,
            longest_ns,
            not_within,
            rounds,
            limit_ns,
        } = *recovered;
        Self {
            median_ns,
            longest_ns,
            not_within,
            rounds,
            limit_ns,
        }
    }
}

impl Did {
    fn of(effect: &Effect) -> Self {
        Self {
            stress: effect.stress.to_string(),
            amount: effect.amount,
            unit: match effect.stress {
                Stress::Cpu(_) => "ns",
                _ => "B",
            },
            during_ns: effect.during.as_secs_f64() * 1e9,
        }
    }
}

pub(super) fn render(report: &ChaosReport) -> String {
    let document = Document {
        version: VERSION,
        command: "chaos",
        candidate: &report.title,
        exit_code: report.exit_code().code(),
        notes: &report.notes,
        benchmarks: report.rows.iter().map(Listed::of).collect(),
    };
    // Strings and finite numbers are all that is in it, and those always have a JSON form.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

//! `cargo perf limits`: every limit of the latest record that has some, or measured now.

use perf_schema::{BenchId, ExitCode, Kind as CaseKind, RecordId, RunRecord};

use super::keep::keep;
use super::measuring::{self, Place, Ready};
use super::title::title;
use crate::cli::LimitsArgs;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::plan::{Selection, Wanted};
use crate::report::{LimitRow, LimitsReport, limits};
use crate::run::Candidate;
use crate::store::{History, StoredRecord};

/// Finds the limits, or searches them, and shows them.
///
/// # Errors
/// When there are none, or they cannot be searched.
pub fn exec(args: &LimitsArgs, cx: &Context) -> Result<ExitCode, Failure> {
    let place = Place::find(cx, args.select.manifest_path.as_deref())?;
    let format = place.format(cx, args.format);
    let history = History::at(&place.workspace.root);
    let kept = (!args.remeasure).then(|| latest(&history, args)).flatten();
    let (record, id, notes) = match kept {
        Some(stored) => {
            let note = "these are of an earlier run; --remeasure searches them again";
            let id = stored.id.clone();
            (stored.into_record(), Some(id), vec![note.to_owned()])
        }
        None => measure(args, cx, place)?,
    };
    let rows = rows(&record, args);
    let failed = rows.iter().any(|row| row.failure.is_some());
    let report = LimitsReport {
        title: title(&record),
        record: id.map(|id| id.short(8).to_owned()),
        rows,
        threads: Some(record.machine.threads),
        notes,
    };
    cx.print(&limits(&report, format))?;
    Ok(if failed {
        ExitCode::Benchmark
    } else {
        ExitCode::Fine
    })
}

/// The newest kept run that has a limit which is asked for.
fn latest(history: &History, args: &LimitsArgs) -> Option<StoredRecord> {
    // Searches elsewhere look at no more.
    const NEWEST: usize = 500;
    let (entries, _) = history.entries();
    let mut records = entries.iter().take(NEWEST).filter_map(|e| e.load().ok());
    records.find(|stored| !rows(&stored.record, args).is_empty())
}

fn rows(record: &RunRecord, args: &LimitsArgs) -> Vec<LimitRow> {
    let benchmarks = record.benchmarks.iter();
    benchmarks
        .filter(|benchmark| is_asked(args, &benchmark.id))
        .filter_map(LimitRow::of)
        .collect()
}

fn is_asked(args: &LimitsArgs, id: &BenchId) -> bool {
    let select = &args.select;
    let among = |names: &[String], name: &str| names.is_empty() || names.iter().any(|n| n == name);
    let selection = Selection {
        filters: select.filters.clone(),
        exact: select.exact,
        ignored: true,
        wanted: Wanted::InQuiet,
    };
    among(&select.packages, id.package())
        && among(&select.benches, id.target())
        && selection.takes(id, false)
}

/// Searches the limits that are asked for, and keeps the run.
fn measure(
    args: &LimitsArgs,
    cx: &Context,
    place: Place,
) -> Result<(RunRecord, Option<RecordId>, Vec<String>), Failure> {
    let config = &place.config.config;
    let measure = args
        .measure
        .filled(config.machine.as_deref(), config.timeout);
    let mut ready = measuring::prepare(cx, place, &args.select, &measure)?;
    let candidates = limits_of(&ready);
    if candidates.is_empty() {
        return Err(
            Failure::said(Kind::Coverage, "none of these benchmarks is a limit")
                .help("a limit is written #[perf::limit(n in 1..=1_000_000, wall = \"2s\")]; see docs/LIMITS.md"),
        );
    }
    let record = ready.measure(cx, &measure, &candidates, |_| None)?;
    let mut notes = ready.notes();
    let kept = keep(&ready.workspace.root, &record, cx.now);
    notes.extend(kept.notes);
    Ok((record, kept.id, notes))
}

fn limits_of(ready: &Ready) -> Vec<Candidate> {
    let cases = ready.discovered.cases.iter();
    cases
        .filter(|case| case.description.kind == CaseKind::Limit)
        .cloned()
        .collect()
}

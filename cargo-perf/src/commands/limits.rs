//! `cargo perf limits`: every limit of the latest record that has some, or measured now; how time grows over the axes of other
//! benchmarks, how they scale with threads, and how variants stand to each other.

use std::collections::{BTreeMap, BTreeSet};

use perf_schema::{BenchId, BenchmarkRecord, ExitCode, Kind as CaseKind, RecordId, RunRecord};

use super::keep::keep;
use super::measuring::{self, Place, Ready};
use super::title::title;
use crate::cli::LimitsArgs;
use crate::compare::family::families;
use crate::compare::growth::is_swept;
use crate::compare::ranking::is_of_variants;
use crate::compare::scaling::is_of_threads;
use crate::compare::{Ranked, Swept, Threaded};
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
    cx.hush(args.quiet);
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
    let Found {
        rows,
        sweeps,
        threaded,
        rankings,
    } = Found::of(&record, args);
    let failed = rows.iter().any(|row| row.failure.is_some());
    let report = LimitsReport {
        title: title(&record),
        record: id.map(|id| id.short(8).to_owned()),
        rows,
        sweeps,
        threaded,
        rankings,
        threads: Some(record.machine.threads),
        notes,
    };
    cx.print(&limits(&report, format, cx.look()))?;
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
    let records = || entries.iter().take(NEWEST).filter_map(|e| e.load().ok());
    let any = |stored: &StoredRecord, tells: fn(&[&BenchmarkRecord]) -> bool| {
        let benchmarks = stored.record.benchmarks.iter();
        let asked = benchmarks.filter(|benchmark| is_asked(args, &benchmark.id));
        tells(&asked.collect::<Vec<_>>())
    };
    // A run of a few timed benchmarks hides no limits.
    let is_of_limits = |stored: &StoredRecord| {
        any(stored, |asked| {
            asked.iter().any(|benchmark| benchmark.limit.is_some())
        })
    };
    let tells = |stored: &StoredRecord| {
        any(stored, |asked| {
            let cases = asked
                .iter()
                .map(|benchmark| (&benchmark.id, &benchmark.parameters));
            asked.iter().any(|benchmark| benchmark.fit.is_some()) || !telling(cases).is_empty()
        })
    };
    records()
        .find(is_of_limits)
        .or_else(|| records().find(tells))
}

/// What a record has of what is asked for.
struct Found {
    rows: Vec<LimitRow>,
    sweeps: Vec<Swept>,
    threaded: Vec<Threaded>,
    rankings: Vec<Ranked>,
}

impl Found {
    fn of(record: &RunRecord, args: &LimitsArgs) -> Self {
        let benchmarks = record.benchmarks.iter();
        let asked: Vec<BenchmarkRecord> = benchmarks
            .filter(|benchmark| is_asked(args, &benchmark.id))
            .cloned()
            .collect();
        Self {
            rows: asked.iter().filter_map(LimitRow::of).collect(),
            sweeps: Swept::all(&asked),
            threaded: Threaded::all(&asked),
            rankings: Ranked::all(&asked),
        }
    }
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

/// Measures what is asked for, and keeps the run.
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
    let candidates = asked(&ready);
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

/// The cases that say something here: limits, sweeps over sizes, numbers of threads, and variants.
fn asked(ready: &Ready) -> Vec<Candidate> {
    let cases = &ready.discovered.cases;
    let described = cases
        .iter()
        .map(|case| (&case.id, &case.description.parameters));
    let telling = telling(described);
    let is_asked = |case: &&Candidate| {
        let described = &case.description;
        described.kind == CaseKind::Limit || described.fit.is_some() || telling.contains(&case.id)
    };
    cases.iter().filter(is_asked).cloned().collect()
}

/// The members of families that are a sweep over sizes, numbers of threads, or variants.
fn telling<'a>(
    cases: impl Iterator<Item = (&'a BenchId, &'a BTreeMap<String, String>)>,
) -> BTreeSet<&'a BenchId> {
    let mut ids = BTreeSet::new();
    for family in families(cases.map(|(id, parameters)| (id, parameters, id))) {
        let sizes = family.sizes();
        let is_sized = sizes.is_some_and(|sizes| is_swept(&sizes));
        if is_of_variants(&family) || is_of_threads(&family) || is_sized {
            ids.extend(family.members.iter().map(|(_, id)| *id));
        }
    }
    ids
}

//! `cargo perf compare`: verdicts of this code against a baseline.

use std::collections::BTreeMap;

use perf_schema::{BenchId, ExitCode, RecordHeader, RecordId, RunRecord};

use super::measuring::{self, Ready};
use super::title::title;
use super::{pairing, run};
use crate::cli::CompareArgs;
use crate::compare::{Comparison, DecisionRule, Judged, Verdict, compare};
use crate::context::Context;
use crate::failure::Failure;
use crate::report::{self, Command, Report, Row};
use crate::run::Candidate;
use crate::store::resolve::{Anchor, AnchorKind, Choice, Nothing, Resolution};
use crate::store::{History, StoredRecord};

/// How many records of a part of the suite are passed in search of one of the whole.
const PASSED: usize = 50;

/// Finds the baseline, measures this code unless that was done already, judges, reports.
///
/// # Errors
/// When the baseline's name means nothing, or this code cannot be measured.
pub fn exec(args: &CompareArgs, cx: &Context) -> Result<ExitCode, Failure> {
    let mut ready = measuring::prepare(cx, &args.select, &args.measure)?;
    let kept = if args.remeasure {
        None
    } else {
        kept_run(&ready)
    };
    let mut resolution = resolve(&ready, &args.baseline, &[])?;
    if let Some(same) = same_code(&ready, &resolution)? {
        resolution = same;
    }
    // A record is no witness against itself, nor one that took its samples differently.
    let kept = kept
        .filter(|kept| !is_among(kept, &resolution) && has_batches_of(kept, &ready, &resolution));
    let report = if resolution.explanation().is_some() {
        without_baseline(&ready, &resolution, args.require_baseline)
    } else {
        judged(cx, args, &mut ready, kept, &resolution)?
    };
    cx.print(&report::render(&report, args.format, cx.colours))?;
    Ok(report.exit_code)
}

/// What to compare with, apart from the records in `passed`. The last run is the last of other code: this code's own runs,
/// one of which may have been made a moment ago to be sure of a regression, would only hide what changed.
fn resolve(ready: &Ready, baseline: &str, passed: &[RecordId]) -> Result<Resolution, Failure> {
    if baseline != "last" {
        return ready.resolve(baseline, passed);
    }
    let exclude = [passed, &runs_of_this_code(ready)].concat();
    let other_code = ready.resolve(baseline, &exclude)?;
    if passed.is_empty() && other_code.explanation().is_some() {
        return ready.resolve(baseline, &[]);
    }
    Ok(other_code)
}

fn runs_of_this_code(ready: &Ready) -> Vec<RecordId> {
    let (entries, _) = History::at(&ready.workspace.root).entries();
    let headers = entries.iter().filter_map(|entry| entry.header().ok());
    headers
        .filter(|header| is_of_this_code(ready, header))
        .filter_map(|header| header.id)
        .collect()
}

fn is_of_this_code(ready: &Ready, header: &RecordHeader) -> bool {
    let state = ready.state.as_ref();
    header.source_tree.is_some()
        && header.source_tree.as_ref() == state.map(|state| &state.source_tree)
}

/// The newest kept run of exactly this code, on this machine, of everything that is asked for now.
fn kept_run(ready: &Ready) -> Option<StoredRecord> {
    let fits = |header: &RecordHeader| {
        is_of_this_code(ready, header)
            && header.machine.class == ready.machine.class
            && header.environment.build == ready.environment.build
            && header.environment.clock == ready.environment.clock
            && header.environment.rustc == ready.environment.rustc
            && header.environment.dependencies == ready.environment.dependencies
    };
    let is_whole = |stored: &StoredRecord| {
        let mut cases = ready.discovered.cases.iter();
        cases.all(|case| gave_samples(&stored.record, case))
    };
    // A damaged file is told of by whoever resolves the baseline; here it only means measuring again.
    let (entries, _) = History::at(&ready.workspace.root).entries();
    let fitting = entries
        .iter()
        .filter(|entry| entry.header().is_ok_and(|header| fits(&header)));
    fitting.filter_map(|entry| entry.load().ok()).find(is_whole)
}

fn gave_samples(record: &RunRecord, case: &Candidate) -> bool {
    let found = record
        .benchmarks
        .iter()
        .find(|b| b.id == case.id && b.definition == case.definition);
    found.is_some_and(|benchmark| benchmark.outcome.failed == 0 && benchmark.outcome.passed > 0)
}

/// With HEAD on the branch and nothing to compare with before this code, the branch's record of this very code: better to
/// say "nothing changed" by measuring it than to say nothing. Code that is not on the branch is no baseline of it.
fn same_code(ready: &Ready, resolution: &Resolution) -> Result<Option<Resolution>, Failure> {
    let commit = ready.state.as_ref().and_then(|state| state.commit.as_ref());
    let Some(commit) = commit.filter(|commit| !commit.dirty && resolution.explanation().is_some())
    else {
        return Ok(None);
    };
    let before = |anchor: &Anchor| anchor.kind == AnchorKind::Before;
    let on_the_branch = resolution.nothing == Some(Nothing::First)
        || resolution.anchor.as_ref().is_some_and(before);
    if !on_the_branch {
        return Ok(None);
    }
    let mut same = ready.resolve(commit.sha.as_str(), &[])?;
    resolution.typed.clone_into(&mut same.typed);
    Ok(Some(same).filter(Resolution::is_self_check))
}

/// Whether the samples of a kept run are of as many iterations as the baseline's: the size of a batch is part of what is
/// measured.
fn has_batches_of(kept: &StoredRecord, ready: &Ready, resolution: &Resolution) -> bool {
    let batch = |case: &Candidate| {
        kept.record
            .benchmarks
            .iter()
            .find(|b| b.id == case.id)
            .and_then(|b| b.batch)
    };
    ready.discovered.cases.iter().all(|case| {
        pairing::batch_of(resolution, case).is_none_or(|size| batch(case) == Some(size))
    })
}

fn is_among(kept: &StoredRecord, resolution: &Resolution) -> bool {
    resolution
        .choices
        .values()
        .flat_map(|choice| &choice.records)
        .any(|stored| stored.id == kept.id)
}

/// Nothing to compare with is said, never passed over: the exit code is the caller's to choose.
fn without_baseline(ready: &Ready, resolution: &Resolution, require: bool) -> Report {
    let mut notes: Vec<String> = resolution
        .explanation()
        .iter()
        .map(ToString::to_string)
        .collect();
    notes.extend(run::fault_notes(resolution));
    Report {
        command: Command::Compare,
        candidate: ready.title(),
        baseline: None,
        rows: Vec::new(),
        notes,
        exit_code: if require {
            ExitCode::Undecided
        } else {
            ExitCode::Fine
        },
    }
}

fn judged(
    cx: &Context,
    args: &CompareArgs,
    ready: &mut Ready,
    kept: Option<StoredRecord>,
    resolution: &Resolution,
) -> Result<Report, Failure> {
    let mut notes = resolution.notes.clone();
    notes.extend(dependencies_note(ready, resolution));
    notes.extend(run::fault_notes(resolution));
    let record = match kept {
        Some(stored) => {
            notes.push(format!(
                "this code was measured before: record {}; --remeasure measures it again",
                stored.id.short(8)
            ));
            narrowed(stored.record, &ready.discovered.cases)
        }
        None => {
            let candidates = ready.discovered.cases.clone();
            measure_and_keep(cx, args, ready, &candidates, resolution, &mut notes)?
        }
    };
    let gone = gone(args, ready, resolution)?;
    let mut comparison = compare(
        &pairing::pairs(resolution, &record, &gone),
        &DecisionRule::screen(),
    );
    let again = look_again(cx, args, ready, resolution, &comparison, &mut notes)?;
    overrule(&mut comparison, again);
    let mut rows = Row::of(&record, Some(&comparison));
    name_origins(&mut rows, resolution);
    Ok(Report {
        command: Command::Compare,
        candidate: title(&record),
        baseline: Some(baseline_title(resolution)),
        rows,
        notes,
        exit_code: comparison.exit_code(args.allow_missing, args.require_baseline),
    })
}

/// A change may come from a dependency as well as from this code.
fn dependencies_note(ready: &Ready, resolution: &Resolution) -> Option<String> {
    let now = &ready.environment.dependencies;
    let mut records = resolution
        .choices
        .values()
        .flat_map(|choice| &choice.records);
    let differ = records.any(|stored| {
        stored
            .record
            .environment
            .dependencies
            .as_ref()
            .is_some_and(|then| Some(then) != now.as_ref())
    });
    differ.then(|| {
        "Cargo.lock is not what it was for the baseline: a change may come from a dependency"
            .to_owned()
    })
}

/// The part of a kept run that is asked for now.
fn narrowed(mut record: RunRecord, cases: &[Candidate]) -> RunRecord {
    record
        .benchmarks
        .retain(|benchmark| cases.iter().any(|case| case.id == benchmark.id));
    record
}

/// Benchmarks that the baseline has and this code has not. A record of a part of the suite says nothing of the rest, so
/// the search goes on behind it until it comes to one of the whole.
fn gone(
    args: &CompareArgs,
    ready: &Ready,
    resolution: &Resolution,
) -> Result<Vec<BenchId>, Failure> {
    if !ready.is_whole() {
        return Ok(Vec::new());
    }
    let known = &ready.discovered.known;
    let mut gone = pairing::gone(resolution, known);
    let mut passed = Vec::new();
    let mut partial = partial_records(resolution, &passed);
    while !partial.is_empty() && passed.len() < PASSED {
        passed.append(&mut partial);
        let behind = resolve(ready, &args.baseline, &passed)?;
        gone.extend(pairing::gone(&behind, known));
        partial = partial_records(&behind, &passed);
    }
    gone.sort();
    gone.dedup();
    Ok(gone)
}

/// The nearest records, if none of them is of the whole suite. What was passed already is what was named, and all there is.
fn partial_records(resolution: &Resolution, passed: &[RecordId]) -> Vec<RecordId> {
    let nearest = resolution.nearest.iter();
    let records = nearest.flat_map(|nearest| &nearest.records);
    let is_whole = |stored: &StoredRecord| stored.record.plan.filters.is_empty();
    if records.clone().any(|stored| is_whole(stored)) {
        return Vec::new();
    }
    let ids = records.map(|stored| stored.id.clone());
    ids.filter(|id| !passed.contains(id)).collect()
}

fn measure_and_keep(
    cx: &Context,
    args: &CompareArgs,
    ready: &mut Ready,
    candidates: &[Candidate],
    resolution: &Resolution,
    notes: &mut Vec<String>,
) -> Result<RunRecord, Failure> {
    let record = ready.measure(cx, &args.measure, candidates, |case| {
        pairing::batch_of(resolution, case)
    })?;
    if let Err(error) = History::at(&ready.workspace.root).save(&record, cx.now) {
        notes.push(format!(
            "this run is not kept in the local history: {error}"
        ));
    }
    Ok(record)
}

/// Measures what seems to have regressed a second time. A burst of someone else's work seldom comes twice.
fn look_again(
    cx: &Context,
    args: &CompareArgs,
    ready: &mut Ready,
    resolution: &Resolution,
    first: &Comparison,
    notes: &mut Vec<String>,
) -> Result<Vec<Judged>, Failure> {
    let alarms: Vec<&BenchId> = first
        .benchmarks
        .iter()
        .filter(|b| b.verdict == Verdict::Regressed)
        .map(|b| &b.id)
        .collect();
    let cases: Vec<Candidate> = ready
        .discovered
        .cases
        .iter()
        .filter(|case| alarms.contains(&&case.id))
        .cloned()
        .collect();
    if cases.is_empty() {
        return Ok(Vec::new());
    }
    cx.say(format!(
        "{} seem{} slower; measuring again to be sure",
        cases.len(),
        if cases.len() == 1 { "s" } else { "" }
    ));
    let record = measure_and_keep(cx, args, ready, &cases, resolution, notes)?;
    Ok(compare(
        &pairing::pairs(resolution, &record, &[]),
        &DecisionRule::screen(),
    )
    .benchmarks)
}

/// A regression stands only if both measurings call it one.
fn overrule(comparison: &mut Comparison, again: Vec<Judged>) {
    for second in again {
        if second.verdict == Verdict::Regressed {
            continue;
        }
        if let Some(first) = comparison.benchmarks.iter_mut().find(|b| b.id == second.id) {
            let verdict = if second.verdict == Verdict::Failed {
                Verdict::Failed
            } else {
                Verdict::CannotTell
            };
            let reason = format!(
                "it seemed worse, and did not when measured again ({})",
                second.reason
            );
            first.overrule(verdict, &reason);
        }
    }
}

fn baseline_title(resolution: &Resolution) -> String {
    if resolution.is_self_check() {
        return format!("{}, which has this very code", resolution.typed);
    }
    let mut title = match (&resolution.target, &resolution.anchor) {
        (Some(target), Some(anchor)) if target.commit == anchor.commit => {
            format!(
                "{} at {} ({})",
                resolution.typed,
                anchor.commit.short(7),
                anchor.kind
            )
        }
        (Some(target), Some(anchor)) => format!(
            "{target}, from {} ({})",
            anchor.commit.short(7),
            anchor.kind
        ),
        (Some(target), None) => target.to_string(),
        (None, _) => resolution.typed.clone(),
    };
    let anchor = resolution
        .anchor
        .as_ref()
        .map(|anchor| anchor.commit.as_str());
    if let Some(choice) = common_choice(resolution).filter(|choice| commit_of(choice) != anchor) {
        title.push_str(&format!(", measured at {}", place(choice)));
    }
    title
}

/// The choice that most benchmarks have in common, by commit.
fn common_choice(resolution: &Resolution) -> Option<&Choice> {
    let mut count: BTreeMap<Option<&str>, usize> = BTreeMap::new();
    for choice in resolution.choices.values() {
        *count.entry(commit_of(choice)).or_default() += 1;
    }
    let (&most, _) = count.iter().max_by_key(|(_, n)| **n)?;
    resolution
        .choices
        .values()
        .find(|choice| commit_of(choice) == most)
}

fn commit_of(choice: &Choice) -> Option<&str> {
    choice.commit.as_ref().map(perf_schema::Sha::as_str)
}

fn place(choice: &Choice) -> String {
    let commit = choice
        .commit
        .as_ref()
        .map_or("no commit".to_owned(), |sha| sha.short(7).to_owned());
    match choice.distance {
        None | Some(0) => commit,
        Some(1) => format!("{commit}, 1 commit before"),
        Some(n) => format!("{commit}, {n} commits before"),
    }
}

/// Says where a benchmark's baseline comes from when it is not where most come from.
fn name_origins(rows: &mut [Row], resolution: &Resolution) {
    let common = common_choice(resolution).map(commit_of);
    for row in rows {
        if let Some(choice) = resolution.choices.get(&row.id)
            && Some(commit_of(choice)) != common
        {
            row.origin = Some(format!("baseline measured at {}", place(choice)));
        }
    }
}

//! `cargo perf compare`: verdicts of this code against a baseline.

use perf_schema::{BenchId, ExitCode, RecordId, RunRecord};

use super::measuring::{self, Ready};
use super::title::{baseline_title, name_origins, title};
use super::{counting, own_runs, pairing, run};
use crate::cli::CompareArgs;
use crate::compare::{Comparison, DecisionRule, Verdict, budget, compare};
use crate::context::Context;
use crate::failure::Failure;
use crate::report::{self, Command, Report, Row};
use crate::run::Candidate;
use crate::store::resolve::{Anchor, AnchorKind, Nothing, Resolution};
use crate::store::{History, StoredRecord};

/// How many records of a part of the suite are passed in search of one of the whole.
const PASSED: usize = 50;

/// Finds the baseline, measures this code unless that was done already, judges, reports.
///
/// # Errors
/// When the baseline's name means nothing, or this code cannot be measured.
pub fn exec(args: &CompareArgs, cx: &Context) -> Result<ExitCode, Failure> {
    let mut ready = measuring::prepare(cx, &args.select, &args.measure)?;
    let mut resolution = resolve(&ready, &args.baseline, &[])?;
    if let Some(same) = same_code(&ready, &resolution)? {
        resolution = same;
    }
    let kept = (!args.remeasure)
        .then(|| {
            let launches = Ready::settings(&args.measure).launches;
            own_runs::newest(&ready, launches, counting::is_wanted(&args.measure))
        })
        .flatten();
    let kept = kept.filter(|kept| own_runs::can_speak(kept, &ready, &resolution));
    let report = if resolution.explanation().is_some() {
        without_baseline(cx, args, &mut ready, &resolution)?
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
    let exclude = [passed, &own_runs::ids(ready)].concat();
    let other_code = ready.resolve(baseline, &exclude)?;
    if passed.is_empty() && other_code.explanation().is_some() {
        return ready.resolve(baseline, &[]);
    }
    Ok(other_code)
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

/// Nothing to compare with is said, never passed over: the exit code is the caller's to choose. Budgets ask for no baseline,
/// so benchmarks that have some are measured all the same.
fn without_baseline(
    cx: &Context,
    args: &CompareArgs,
    ready: &mut Ready,
    resolution: &Resolution,
) -> Result<Report, Failure> {
    let mut notes: Vec<String> = resolution
        .explanation()
        .iter()
        .map(ToString::to_string)
        .collect();
    notes.extend(run::fault_notes(resolution));
    let mut exit_code = if args.require_baseline {
        ExitCode::Undecided
    } else {
        ExitCode::Fine
    };
    let mut rows = Vec::new();
    let has_budget = |case: &&Candidate| !case.description.budgets.is_empty();
    let cases: Vec<Candidate> = ready
        .discovered
        .cases
        .iter()
        .filter(has_budget)
        .cloned()
        .collect();
    if !cases.is_empty() {
        let record = measure_and_keep(cx, args, ready, &cases, resolution, &mut notes)?;
        rows = Row::of(&record, None);
        if rows.iter().any(|row| row.verdict == Some(Verdict::Failed)) {
            exit_code = ExitCode::Benchmark;
        }
        exit_code = budget::exit_code(&record, exit_code);
    }
    Ok(Report {
        command: Command::Compare,
        candidate: ready.title(),
        baseline: None,
        rows,
        notes,
        exit_code,
    })
}

fn judged(
    cx: &Context,
    args: &CompareArgs,
    ready: &mut Ready,
    kept: Option<StoredRecord>,
    resolution: &Resolution,
) -> Result<Report, Failure> {
    let mut notes = resolution.notes.clone();
    notes.extend(ready.notes());
    notes.extend(dependencies_note(ready, resolution));
    notes.extend(run::fault_notes(resolution));
    let gone = gone(args, ready, resolution)?;
    let judge = |record: &RunRecord| {
        let mut comparison = compare(
            &pairing::pairs(resolution, record, &gone),
            &DecisionRule::screen(),
        );
        comparison.gate(&pairing::gates(resolution, record).0);
        comparison
    };
    // A kept run that leaves a question open is no reason not to measure.
    let kept = kept
        .map(|stored| (stored.id, narrowed(stored.record, &ready.discovered.cases)))
        .filter(|(_, record)| judge(record).count(Verdict::CannotTell) == 0);
    let record = match kept {
        Some((id, record)) => {
            notes.push(format!(
                "this code was measured before: record {}; --remeasure measures it again",
                id.short(8)
            ));
            record
        }
        None => {
            let candidates = ready.discovered.cases.clone();
            measure_and_keep(cx, args, ready, &candidates, resolution, &mut notes)?
        }
    };
    notes.extend(counting::notes(&record));
    notes.extend(counting::one_sided(resolution, &record));
    let mut comparison = judge(&record);
    let (gates, brought) = pairing::gates(resolution, &record);
    notes.extend(gates_note(&brought));
    if let Some(again) = look_again(cx, args, ready, resolution, &comparison, &mut notes)? {
        comparison.confirm(again);
        comparison.gate(&gates);
    }
    let mut rows = Row::of(&record, Some(&comparison));
    name_origins(&mut rows, resolution);
    Ok(Report {
        command: Command::Compare,
        candidate: title(&record),
        baseline: Some(baseline_title(resolution)),
        rows,
        notes,
        exit_code: budget::exit_code(
            &record,
            comparison.exit_code(args.allow_missing, args.require_baseline),
        ),
    })
}

/// Rules that a change brings along are listed, lest they pass unseen.
fn gates_note(brought: &[BenchId]) -> Option<String> {
    if brought.is_empty() {
        return None;
    }
    let names: Vec<String> = brought.iter().map(BenchId::in_package).collect();
    Some(format!(
        "judged by gates that the baseline does not have yet: {}",
        names.join(", ")
    ))
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

/// Measures what looks worse a second time.
fn look_again(
    cx: &Context,
    args: &CompareArgs,
    ready: &mut Ready,
    resolution: &Resolution,
    first: &Comparison,
    notes: &mut Vec<String>,
) -> Result<Option<Comparison>, Failure> {
    let alarms = first.alarms();
    let cases: Vec<Candidate> = ready
        .discovered
        .cases
        .iter()
        .filter(|case| alarms.contains(&&case.id))
        .cloned()
        .collect();
    if cases.is_empty() {
        return Ok(None);
    }
    let seem = if cases.len() == 1 { "seems" } else { "seem" };
    cx.say(format!(
        "{} {seem} worse; measuring again to be sure",
        cases.len()
    ));
    let record = measure_and_keep(cx, args, ready, &cases, resolution, notes)?;
    Ok(Some(compare(
        &pairing::pairs(resolution, &record, &[]),
        &DecisionRule::screen(),
    )))
}

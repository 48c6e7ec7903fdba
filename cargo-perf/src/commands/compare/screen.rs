//! This code against stored records: measured now, unless a run of it is at hand.

use std::collections::BTreeMap;

use perf_schema::{BenchId, Kind as CaseKind, RunRecord};

use super::super::caution::sentinel_note;
use super::super::keep::keep;
use super::super::measuring::Ready;
use super::super::reproduce::again_with;
use super::super::title::{baseline_title, name_origins, title};
use super::super::{counting, growth, known_noise, pairing, run};
use super::confirm::{Found, confirm};
use super::missing;
use super::terms::{Terms, no_metric_note};
use crate::cli::CompareArgs;
use crate::compare::Swept;
use crate::compare::{Comparison, DecisionRule, Verdict, budget, compare};
use crate::context::Context;
use crate::failure::Failure;
use crate::report::{About, Command, Examined, Method, Report, Row};
use crate::run::Candidate;
use crate::store::StoredRecord;
use crate::store::resolve::Resolution;

/// Judges this code against the records that were found, and looks again at what seems worse.
///
/// # Errors
/// When this code cannot be measured.
pub(super) fn report(
    cx: &Context,
    args: &CompareArgs,
    terms: &Terms,
    ready: &mut Ready,
    kept: Option<StoredRecord>,
    resolution: &Resolution,
) -> Result<Report, Failure> {
    let mut notes = resolution.notes.clone();
    notes.extend(terms.notes.iter().cloned());
    notes.extend(ready.notes());
    notes.extend(dependencies_note(ready, resolution));
    notes.extend(run::fault_notes(resolution));
    let gone = missing::find(args, ready, resolution)?;
    let noise = ready.known_noise(resolution);
    notes.extend(noise.notes());
    let judge = |record: &RunRecord| {
        let mut comparison = compare(
            &pairing::pairs(resolution, record, &gone, |benchmark| noise.of(benchmark)),
            &DecisionRule::screen(),
        );
        terms.apply(
            &mut comparison,
            &pairing::gates(resolution, record).0,
            &record.machine.class,
        );
        comparison
    };
    // A kept run that leaves a question open is no reason not to measure.
    let kept = kept
        .map(|stored| {
            let id = stored.id.clone();
            (id, narrowed(stored.into_record(), &ready.discovered.cases))
        })
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
    notes.extend(known_noise::note(&comparison));
    notes.extend(sentinel_note(&record));
    let (gates, brought) = pairing::gates(resolution, &record);
    notes.extend(gates_note(&brought));
    let then = pairing::budgets(resolution, &record);
    notes.extend(budgets_note(&pairing::raised(&record, &then)));
    notes.extend(no_metric_note(&terms.rules, ready, &record));
    let found = Found {
        resolution,
        noise: &noise,
        unmet: &terms.unmet(&comparison),
    };
    let methods = confirm(cx, args, ready, &found, &mut comparison, &mut notes)?;
    // Of what was searched once more, that search has told.
    let screened = record.benchmarks.iter();
    let screened = screened.filter(|benchmark| !methods.contains_key(&benchmark.id));
    notes.extend(growth::notes(resolution, screened));
    notes.extend(growth::notes_of_sweeps(resolution, &record.benchmarks));
    doubt_improvements(&mut comparison, &record, &methods);
    let mut judged = terms.judge(&mut comparison, &gates, &record.machine.class);
    judged.doubt_claims(|id| !methods.contains_key(id));
    notes.extend(judged.notes.iter().cloned());
    let record = terms.rules.with_budgets(&record, &then);
    let mut rows = Row::of(&record, Some(&comparison));
    Row::warn(&mut rows, &terms.rules, &record);
    for row in &mut rows {
        row.method = methods.get(&row.id).copied().or(row.method);
        row.assess(&judged.assessment);
        row.fails |= terms.fails(&comparison, &judged, &row.id);
    }
    name_origins(&mut rows, resolution);
    Ok(Report {
        command: Command::Compare,
        candidate: title(&record),
        baseline: Some(baseline_title(resolution)),
        typed: args.baseline.clone(),
        rows,
        sweeps: Swept::all(&record.benchmarks),
        expectations: judged.outcomes.clone(),
        notes,
        reproduce: Some(again_with(args, record.plan.seed)),
        about: About::default(),
        exit_code: budget::exit_code(&record, terms.exit_code(&comparison, &judged)),
    })
}

/// Says of what is better that it may be so by layout, unless link orders were asked, or cannot be.
pub(super) fn doubt_improvements(
    comparison: &mut Comparison,
    record: &RunRecord,
    methods: &BTreeMap<BenchId, Method>,
) {
    let is_timed = |id: &BenchId| {
        let mut benchmarks = record.benchmarks.iter();
        benchmarks.any(|found| found.id == *id && found.kind == CaseKind::Time)
    };
    let is_asked = |id: &BenchId| {
        let method = methods.get(id);
        matches!(
            method,
            Some(Method::Examined(Examined {
                orders: Some(_),
                ..
            }))
        )
    };
    comparison.doubt_improvements(|id| is_timed(id) && !is_asked(id));
}

/// Rules that a change brings along are listed, lest they pass unseen.
pub(super) fn gates_note(brought: &[BenchId]) -> Option<String> {
    if brought.is_empty() {
        return None;
    }
    let names: Vec<String> = brought.iter().map(BenchId::in_package).collect();
    Some(format!(
        "gates that the baseline does not have yet, and that count once they are part of it: {}",
        names.join(", ")
    ))
}

/// The same of budgets that it raises or takes away.
pub(super) fn budgets_note(raised: &[BenchId]) -> Option<String> {
    if raised.is_empty() {
        return None;
    }
    let names: Vec<String> = raised.iter().map(BenchId::in_package).collect();
    Some(format!(
        "budgets that this code raises or removes; those of the baseline are held until this code is part of it: {}",
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

/// Measures some or all benchmarks and keeps the run.
///
/// # Errors
/// When it was interrupted.
pub(super) fn measure_and_keep(
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
    notes.extend(keep(&ready.workspace.root, &record, cx.now).notes);
    Ok(record)
}

//! `--paired`: every benchmark side by side with the baseline's commit. No record is needed for it.

use perf_schema::{RunRecord, Sha};

use super::super::measuring::Ready;
use super::super::pairing;
use super::super::reproduce::again_with;
use super::super::title::title;
use super::screen::{budgets_note, doubt_improvements, gates_note, measure_and_keep};
use super::side_by_side::{Question, SideBySide, measure};
use super::terms::{Terms, no_metric_note};
use crate::cli::CompareArgs;
use crate::compare::Swept;
use crate::compare::budget;
use crate::compare::rules::BudgetsThen;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::report::{About, Command, Report, Row};
use crate::run::Candidate;
use crate::store::resolve::Resolution;

/// Measures and judges all that was selected.
///
/// # Errors
/// When the baseline cannot be built, or it was interrupted.
pub(super) fn report(
    cx: &Context,
    args: &CompareArgs,
    terms: &Terms,
    ready: &mut Ready,
    resolution: &Resolution,
    commit: &Sha,
) -> Result<Report, Failure> {
    let mut notes = target_notes(resolution);
    notes.extend(terms.notes.iter().cloned());
    notes.extend(ready.notes());
    let cases = ready.discovered.cases.clone();
    let question = Question {
        commit,
        cases: &cases,
        is_all: true,
    };
    let SideBySide {
        mut comparison,
        methods,
        mut record,
        gates: then,
        budgets,
        notes: more,
    } = measure(cx, args, ready, &question)?;
    notes.extend(more);
    let (gates, brought) = pairing::gates_where(&record, |id| then.get(id).copied());
    notes.extend(gates_note(&brought));
    let cases = held_alone(terms, ready, &budgets, &record);
    if !cases.is_empty() {
        let alone = measure_and_keep(cx, args, ready, &cases, resolution, &mut notes)?;
        comparison.fail(&alone.benchmarks);
        record.add(alone.benchmarks);
    }
    notes.extend(budgets_note(&pairing::raised(&record, &budgets)));
    notes.extend(no_metric_note(&terms.rules, ready, &record));
    doubt_improvements(&mut comparison, &record, &methods);
    // Last, since what failed by itself has no claim met.
    let judged = terms.judge(&mut comparison, &gates, &record.machine.class);
    notes.extend(judged.notes.iter().cloned());
    if is_of_this_code(ready, commit) {
        notes.push("the baseline is this very code, this is an A/A check".to_owned());
    }
    let record = terms.rules.with_budgets(&record, &budgets);
    let mut rows = Row::of(&record, Some(&comparison));
    Row::warn(&mut rows, &terms.rules, &record);
    for row in &mut rows {
        row.method = methods.get(&row.id).copied();
        row.assess(&judged.assessment);
        row.fails |= terms.fails(&comparison, &judged, &row.id);
    }
    Ok(Report {
        command: Command::Compare,
        candidate: title(&record),
        baseline: Some(baseline(resolution, commit)),
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

/// Budgets ask for no baseline: what has one and was not measured side by side is measured by itself.
fn held_alone(
    terms: &Terms,
    ready: &Ready,
    budgets: &BudgetsThen,
    measured: &RunRecord,
) -> Vec<Candidate> {
    let is_measured = |case: &Candidate| {
        let mut benchmarks = measured.benchmarks.iter();
        benchmarks.any(|benchmark| benchmark.id == case.id)
    };
    let cases = ready.discovered.cases.iter();
    cases
        .filter(|case| terms.has_budget(case, budgets) && !is_measured(case))
        .cloned()
        .collect()
}

/// The commit whose code stands for the baseline: the one that was named or where HEAD left the branch; for a run or a file the
/// one it is of.
///
/// # Errors
/// When what was named is of no commit.
pub(super) fn commit_of(resolution: &Resolution) -> Result<Sha, Failure> {
    if let Some(anchor) = &resolution.anchor {
        return Ok(anchor.commit.clone());
    }
    let records = resolution
        .choices
        .values()
        .flat_map(|choice| &choice.records);
    let mut commits = records.map(|stored| stored.record.commit.as_ref());
    match commits.next().flatten() {
        Some(commit) if commit.dirty => Err(Failure::said(
            Kind::Usage,
            format!(
                "the record is of {} with uncommitted changes, which are in no commit that could be built",
                commit.sha.short(12)
            ),
        )),
        Some(commit) => Ok(commit.sha.clone()),
        None => Err(Failure::said(
            Kind::Usage,
            format!("{} is of no commit that could be built", resolution.typed),
        )),
    }
    .map_err(|failure| failure.help("name a branch, tag or commit with --baseline"))
}

/// What should be known of how the name was understood. What is said of records does not concern us.
fn target_notes(resolution: &Resolution) -> Vec<String> {
    let target = resolution.target.iter();
    target.flat_map(|target| target.notes.clone()).collect()
}

fn is_of_this_code(ready: &Ready, commit: &Sha) -> bool {
    let then = ready
        .repository
        .as_ref()
        .and_then(|repository| repository.source_tree_of(commit).ok());
    then.is_some() && then.as_ref() == ready.state.as_ref().map(|state| &state.source_tree)
}

fn baseline(resolution: &Resolution, commit: &Sha) -> String {
    let how = resolution.anchor.as_ref();
    let how = how.map_or(String::new(), |anchor| format!(" ({})", anchor.kind));
    format!(
        "{} at {}{how}, side by side",
        resolution.typed,
        commit.short(7)
    )
}

//! When there is nothing to compare with.

use perf_schema::ExitCode;

use super::super::measuring::Ready;
use super::super::run;
use super::screen::measure_and_keep;
use super::terms::Terms;
use crate::cli::CompareArgs;
use crate::compare::DeclaredThen;
use crate::compare::Swept;
use crate::compare::{Verdict, budget};
use crate::context::Context;
use crate::failure::Failure;
use crate::report::{About, Command, Report, Row};
use crate::run::Candidate;
use crate::store::resolve::Resolution;

/// Nothing to compare with is said, never passed over: the exit code is the caller's to choose. Budgets ask for no baseline,
/// so benchmarks that have some are measured all the same; with `--remeasure` all are.
///
/// # Errors
/// When this code cannot be measured.
pub(super) fn without_baseline(
    cx: &Context,
    args: &CompareArgs,
    terms: &Terms,
    ready: &mut Ready,
    resolution: &Resolution,
) -> Result<Report, Failure> {
    let mut notes: Vec<String> = resolution
        .explanation()
        .iter()
        .map(ToString::to_string)
        .collect();
    notes.extend(terms.notes.iter().cloned());
    notes.extend(run::fault_notes(resolution));
    if args.paired {
        notes.push(
            "--paired needs no record, only a commit of other code to build: name one with --baseline"
                .to_owned(),
        );
    }
    let mut exit_code = if args.requires_decision() {
        ExitCode::Undecided
    } else {
        ExitCode::Fine
    };
    let mut rows = Vec::new();
    let mut sweeps = Vec::new();
    let then = DeclaredThen::new();
    let has_budget = |case: &&Candidate| args.remeasure || terms.has_budget(case, &then);
    let cases: Vec<Candidate> = ready
        .discovered
        .cases
        .iter()
        .filter(has_budget)
        .cloned()
        .collect();
    if !cases.is_empty() {
        let record = measure_and_keep(cx, args, ready, &cases, resolution, &mut notes)?;
        let record = terms.rules.with_budgets(&record, &then);
        rows = Row::of(&record, None);
        sweeps = Swept::all(&record.benchmarks);
        Row::warn(&mut rows, &terms.rules, &record);
        if rows.iter().any(|row| row.verdict == Some(Verdict::Failed)) {
            exit_code = ExitCode::Benchmark;
        }
        exit_code = budget::exit_code(&record, exit_code);
    }
    Ok(Report {
        command: Command::Compare,
        candidate: ready.title(),
        baseline: None,
        typed: args.baseline.clone(),
        rows,
        sweeps,
        expectations: terms.unanswered(ready),
        notes,
        reproduce: None,
        about: About::default(),
        exit_code,
    })
}

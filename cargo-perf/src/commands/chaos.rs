//! `cargo perf chaos`: the benchmarks that are to run under stress.

use perf_runner::{Case, ChaosRun, ROUNDS, RoundOver, conduct_chaos};
use perf_schema::ExitCode;

use super::measuring::{self, Place, Ready};
use crate::cli::{ChaosArgs, MeasureArgs};
use crate::compare::chaos::Degraded;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::plan::Wanted;
use crate::report::{ChaosReport, ChaosRow};
use crate::run::Candidate;

/// Disturbs them, and shows what that came to. Nothing is kept: what a machine does under stress is no baseline.
///
/// # Errors
/// When there are none, or they cannot be measured.
pub fn exec(args: &ChaosArgs, cx: &Context) -> Result<ExitCode, Failure> {
    let place = Place::find(cx, args.select.manifest_path.as_deref())?;
    let format = place.format(cx, args.format);
    let config = &place.config.config;
    let measure = measure_args(args).filled(config.machine.as_deref(), config.timeout);
    let ready = measuring::prepare_those(cx, place, &args.select, &measure, Wanted::UnderStress)?;
    let candidates = &ready.discovered.cases;
    let runs = disturb(cx, candidates, &Ready::settings(&measure))?;
    let report = ChaosReport {
        title: ready.title(),
        rows: candidates.iter().zip(&runs).filter_map(row).collect(),
        notes: ready.notes(),
    };
    cx.print(&report.render(format, cx.look()))?;
    Ok(report.exit_code())
}

/// How to measure, as other commands have it.
fn measure_args(args: &ChaosArgs) -> MeasureArgs {
    MeasureArgs {
        quick: false,
        timeout: args.timeout,
        metrics: Vec::new(),
        nocapture: args.nocapture,
        seed: args.seed,
        machine: None,
    }
}

fn disturb(
    cx: &Context,
    candidates: &[Candidate],
    settings: &perf_runner::Settings,
) -> Result<Vec<ChaosRun>, Failure> {
    let cases: Vec<Case> = candidates
        .iter()
        .map(|candidate| Case {
            program: candidate.program.clone(),
            description: candidate.description.clone(),
            batch: None,
        })
        .collect();
    let count = candidates.len();
    cx.say(format!(
        "disturbing {count} benchmark{}, each in {ROUNDS} rounds of about a second",
        if count == 1 { "" } else { "s" }
    ));
    let mut listener = |RoundOver { case, run }: RoundOver<'_>| {
        let name = candidates[case].id.in_package();
        if let Some(failure) = &run.failure {
            cx.say(format!("{name} failed: {}", failure.message));
        } else if run.rounds.len() == ROUNDS as usize {
            cx.say(format!("{name}: done"));
        }
    };
    conduct_chaos(&cases, settings, &cx.stop, &mut listener)
        .map_err(|error| Failure::new(Kind::Interrupted, error))
}

fn row((candidate, run): (&Candidate, &ChaosRun)) -> Option<ChaosRow> {
    let plan = candidate.description.chaos.clone()?;
    Some(ChaosRow {
        id: candidate.id.clone(),
        degraded: Degraded::of(run, plan.recovery_ms),
        plan,
        failure: run.failure.as_ref().map(|failure| failure.message.clone()),
    })
}

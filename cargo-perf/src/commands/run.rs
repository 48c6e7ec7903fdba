//! `cargo perf run`: measure, keep, and show what changed since the last comparable run.

use perf_schema::{ExitCode, RunRecord};

use super::caution::{caution_note, sentinel_note};
use super::compare::terms::{no_metric_note, unmatched_note};
use super::counting;
use super::growth;
use super::keep::keep;
use super::known_noise::{self, KnownNoise};
use super::measuring::{self, Place, Ready};
use super::pairing;
use super::reproduce::again;
use super::title::title;
use super::{notices, showing};
use crate::cli::RunArgs;
use crate::compare::rules::Rules;
use crate::compare::{DecisionRule, DeclaredThen, Severity, Swept, budget, compare};
use crate::config::Config;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::report::{About, Command, Report, Row, printable};
use crate::store::resolve::Resolution;
use crate::store::{Baselines, Fault, SaveError, Saved};

/// Measures, keeps, shows.
///
/// # Errors
/// When nothing could be measured, or the result could not be kept where it was asked to be.
pub fn exec(args: &RunArgs, cx: &Context) -> Result<ExitCode, Failure> {
    cx.hush(args.quiet);
    let place = Place::find(cx, args.select.manifest_path.as_deref())?;
    let rendering = showing::rendering(cx, args.format, &place.config);
    let Config {
        machine,
        timeout,
        rules,
        ..
    } = place.config.config.clone();
    let args = &RunArgs {
        measure: args.measure.filled(machine.as_deref(), timeout),
        ..args.clone()
    };
    let mut ready = measuring::prepare(cx, place, &args.select, &args.measure)?;
    if args.save {
        check_saving(&ready, args.allow_dirty)?;
    }
    let last = ready.resolve("last", &[])?;
    let noise = ready.known_noise(&last);
    let candidates = ready.discovered.cases.clone();
    let record = ready.measure(cx, &args.measure, &candidates, |case| {
        pairing::batch_of(&last, case)
    })?;
    let mut notes = fault_notes(&last);
    notes.extend(first_note(&last));
    notes.extend(keep(&ready.workspace.root, &record, cx.now).notes);
    if ready.is_whole() {
        notes.extend(unmatched_note(&rules, &ready));
    }
    notes.extend(no_metric_note(&rules, &ready, &record));
    notes.extend(ready.notes());
    notes.extend(counting::notes(&record));
    let saved = args
        .save
        .then(|| Baselines::at(&ready.workspace.root).save(&record, args.allow_dirty));
    if let Some(Ok(saved)) = &saved {
        notes.push(saved_note(saved));
        notes.extend(caution_note(&record));
    }
    notes.extend(noise.notes());
    notes.extend(sentinel_note(&record));
    let mut report = report(
        &rules.with_budgets(&record, &DeclaredThen::new()),
        &last,
        &noise,
        &rules,
        notes,
    );
    report.reproduce = Some(again(args, record.plan.seed));
    showing::complete(cx, &ready, None, &mut report);
    showing::show(cx, &report, rendering, &args.output)?;
    notices::send(cx, &report, &args.notify.asked());
    // What was measured is shown whatever became of the baseline.
    match saved {
        Some(Err(error)) => Err(saving_failed(error, NOT_SAVED)
            .help("the run itself is kept in .perf/: `cargo perf baseline save` saves it without measuring again")),
        _ => Ok(report.exit_code),
    }
}

/// The first run has nothing to be set beside, which is as it should be.
fn first_note(last: &Resolution) -> Option<String> {
    last.choices.is_empty().then(|| {
        "there is no earlier run to compare with; the next run is compared with this one, and `cargo perf run --save` \
         keeps one in git for `cargo perf compare`"
            .to_owned()
    })
}

/// What saving will refuse afterwards it should refuse now, before the time is spent.
fn check_saving(ready: &Ready, allow_dirty: bool) -> Result<(), Failure> {
    match ready.state.as_ref().and_then(|state| state.commit.as_ref()) {
        None => Err(saving_failed(SaveError::NoCommit, NOT_SAVED)),
        Some(commit) if commit.dirty && !allow_dirty => {
            let error = SaveError::Dirty {
                sha: commit.sha.short(12).to_owned(),
                // That there are some is known; which ones is a courtesy.
                files: ready
                    .repository
                    .as_ref()
                    .and_then(|git| git.changed_files(5).ok())
                    .unwrap_or_default(),
            };
            Err(saving_failed(error, NOT_SAVED))
        }
        Some(_) => Ok(()),
    }
}

/// What a baseline is that could not be saved.
pub(super) const NOT_SAVED: &str = "the baseline was not saved";

/// The exit code of what could not be saved, which `what` says: the user's to mend, or the disk's.
pub(super) fn saving_failed(error: SaveError, what: &str) -> Failure {
    let kind = match error {
        SaveError::NoCommit => Kind::Setup,
        SaveError::Dirty { .. } | SaveError::Class { .. } => Kind::Usage,
        SaveError::Record(_) | SaveError::Write(_) => Kind::Store,
    };
    Failure::new(kind, anyhow::Error::new(error).context(what.to_owned()))
}

pub(super) fn saved_note(saved: &Saved) -> String {
    if saved.already_there {
        format!("{} was there already", saved.file)
    } else {
        format!("saved as {}; commit it to make it a baseline", saved.file)
    }
}

pub(super) fn fault_notes(resolution: &Resolution) -> Vec<String> {
    fault_notes_of(&resolution.faults)
}

/// The files that were left out, each in a sentence.
pub(super) fn fault_notes_of(faults: &[Fault]) -> Vec<String> {
    faults
        .iter()
        .map(|fault| printable(&format!("left out: {fault}")))
        .collect()
}

fn report(
    record: &RunRecord,
    last: &Resolution,
    noise: &KnownNoise,
    rules: &Rules,
    mut notes: Vec<String>,
) -> Report {
    let compared = !last.choices.is_empty();
    let comparison = compared.then(|| {
        let mut pairs = pairing::pairs(last, record, &[], |benchmark| noise.of(benchmark));
        // For whoever is developing, a change is a change: it decides nothing here, so nothing has to be held back.
        pairs.iter_mut().for_each(|pair| pair.caveat = None);
        let mut comparison = compare(&pairs, &DecisionRule::screen());
        comparison.gate(&pairing::gates(last, record).0);
        comparison.apply(rules);
        comparison
    });
    notes.extend(comparison.as_ref().and_then(known_noise::note));
    notes.extend(growth::notes(last, &record.benchmarks));
    notes.extend(growth::notes_of_sweeps(last, &record.benchmarks));
    let mut rows = Row::of(record, comparison.as_ref());
    Row::warn(&mut rows, rules, record);
    if let Some(comparison) = &comparison {
        // Nothing that changed fails a run.
        let rules = Rules {
            asked: Some(Severity::None),
            ..rules.clone()
        };
        let assessment = comparison.assess(&rules);
        rows.iter_mut().for_each(|row| row.assess(&assessment));
    }
    let failed = record
        .benchmarks
        .iter()
        .any(|benchmark| benchmark.outcome.failed > 0);
    Report {
        command: Command::Run,
        candidate: title(record),
        baseline: comparison.is_some().then(|| last_title(last)),
        typed: None,
        rows,
        sweeps: Swept::all(&record.benchmarks),
        expectations: Vec::new(),
        notes,
        reproduce: None,
        // A run is for looking: only `compare` decides whether a change is acceptable. A budget is no matter of change.
        about: About::default(),
        exit_code: budget::exit_code(
            record,
            if failed {
                ExitCode::Benchmark
            } else {
                ExitCode::Fine
            },
        ),
    }
}

fn last_title(last: &Resolution) -> String {
    match last
        .choices
        .values()
        .flat_map(|choice| &choice.records)
        .next()
    {
        Some(stored) => format!(
            "the last run, of {} (record {})",
            title(&stored.record),
            stored.id.short(8)
        ),
        None => "the last run".to_owned(),
    }
}

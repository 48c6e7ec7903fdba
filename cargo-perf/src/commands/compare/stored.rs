//! `check --no-run`: the newest stored run of this code against the baseline's records. Nothing is built or measured.

use std::collections::BTreeMap;

use perf_schema::{BenchId, Commit, ExitCode, RecordHeader, RecordId, RunRecord};

use super::super::measuring::Place;
use super::super::title::{baseline_title, name_origins, title};
use super::super::{at_hand, known_noise, pairing, run, showing};
use super::screen::{budgets_note, doubt_improvements, gates_note};
use super::terms::Terms;
use super::{Decided, Subject, terms};
use crate::cli::{CompareArgs, SelectArgs};
use crate::compare::rules::BudgetsThen;
use crate::compare::{DecisionRule, Swept, Verdict, budget, compare};
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::plan::{Selection, Wanted};
use crate::report::{About, Command, Report, Row};
use crate::repository::State;
use crate::series::build_digest;
use crate::store::resolve::Resolution;
use crate::store::{Baselines, History, StoredRecord};

/// Compares what is stored.
///
/// # Errors
/// When the baseline's name means nothing, or no run of this code is stored.
pub(in super::super) fn decide_stored(
    cx: &Context,
    place: Place,
    args: &CompareArgs,
) -> Result<Decided, Failure> {
    let (terms, args) = terms::find(cx, &place, args)?;
    let state = at_hand::state(&place)?;
    let stored = newest(&place, state.as_ref())?;
    let id = stored.id.clone();
    let record = selected(stored.into_record(), &args.select)?;
    let ids = of_this_code(&place, state.as_ref());
    let resolution = at_hand::resolve(&place, state.as_ref(), &record, args.baseline(), &ids)?;
    let mut report = if resolution.explanation().is_some() {
        alone(&args, &terms, &record, &resolution)
    } else {
        let noise = at_hand::known_noise(&place, state.as_ref(), &record, &resolution);
        against(&args, &terms, &record, &resolution, &noise)
    };
    report.notes.insert(0, said_of(&id, &record));
    let sha = |commit: &Commit| commit.sha.clone();
    let from = resolution.anchor.as_ref().map(|anchor| &anchor.commit);
    report.about = showing::about(cx, &record.machine, &record.environment);
    let to = record.commit.as_ref().map(sha);
    report.about.range = showing::range(place.repository.as_ref(), from, to.as_ref());
    Ok(Decided {
        report,
        alerts: terms.alerts,
        rules: terms.rules,
        notify: terms.notify,
        subject: Subject {
            build: build_digest(&record.environment.build, &record.environment.clock),
            root: place.workspace.root,
            repository: place.repository,
            commit: record.commit,
            class: record.machine.class,
        },
    })
}

fn is_of(header: &RecordHeader, state: Option<&State>) -> bool {
    // Outside git there is one line of runs, and the newest is of what was here then.
    state.is_none_or(|state| header.source_tree.as_ref() == Some(&state.source_tree))
}

/// The newest run of the code that is here: of the local history, else of the committed baselines.
fn newest(place: &Place, state: Option<&State>) -> Result<StoredRecord, Failure> {
    let root = &place.workspace.root;
    // A damaged file is told of by whoever resolves the baseline.
    let (kept, _) = History::at(root).entries();
    let mut kept = kept
        .iter()
        .filter(|entry| entry.header().is_ok_and(|header| is_of(&header, state)));
    if let Some(stored) = kept.find_map(|entry| entry.load().ok()) {
        return Ok(stored);
    }
    let committed = Baselines::at(root).read_working_tree().entries;
    let mut committed = committed
        .iter()
        .filter(|entry| entry.header(None).is_ok_and(|header| is_of(&header, state)));
    committed
        .find_map(|entry| entry.load(None).ok())
        .ok_or_else(|| {
            Failure::said(
                Kind::Coverage,
                "no run of this code is stored, so there is nothing to check",
            )
            .help("`cargo perf check` without --no-run measures it")
        })
}

/// All stored runs of this code: none of them is its baseline.
fn of_this_code(place: &Place, state: Option<&State>) -> Vec<RecordId> {
    let (kept, _) = History::at(&place.workspace.root).entries();
    let headers = kept.iter().filter_map(|entry| entry.header().ok());
    headers
        .filter(|header| state.is_some() && is_of(header, state))
        .filter_map(|header| header.id)
        .collect()
}

/// The part of a run that was asked for.
fn selected(mut record: RunRecord, select: &SelectArgs) -> Result<RunRecord, Failure> {
    let selection = Selection {
        filters: select.filters.clone(),
        exact: select.exact,
        ignored: true,
        wanted: Wanted::InQuiet,
    };
    let among = |names: &[String], name: &str| {
        names.is_empty() || names.iter().any(|wanted| wanted == name)
    };
    let takes = |id: &BenchId| {
        selection.takes(id, false)
            && among(&select.packages, id.package())
            && among(&select.benches, id.target())
    };
    record.benchmarks.retain(|benchmark| takes(&benchmark.id));
    if record.benchmarks.is_empty() {
        return Err(Failure::said(
            Kind::Coverage,
            "the newest stored run of this code has no such benchmark",
        )
        .help("`cargo perf check` without --no-run measures what is selected"));
    }
    Ok(record)
}

fn said_of(id: &RecordId, record: &RunRecord) -> String {
    let part = if record.plan.filters.is_empty() {
        ""
    } else {
        ", which is of a part of the suite"
    };
    format!(
        "nothing was measured now: this is the stored run {} of {}{part}",
        id.short(8),
        title(record)
    )
}

fn against(
    args: &CompareArgs,
    terms: &Terms,
    record: &RunRecord,
    resolution: &Resolution,
    noise: &known_noise::KnownNoise,
) -> Report {
    let mut notes = resolution.notes.clone();
    notes.extend(terms.notes.iter().cloned());
    notes.extend(run::fault_notes(resolution));
    notes.extend(noise.notes());
    let known: Vec<BenchId> = record
        .benchmarks
        .iter()
        .map(|found| found.id.clone())
        .collect();
    // What a part of the suite does not hold is not gone.
    let is_whole = record.plan.filters.is_empty() && is_unfiltered(&args.select);
    let gone = if is_whole {
        pairing::gone(resolution, &known)
    } else {
        Vec::new()
    };
    let pairs = pairing::pairs(resolution, record, &gone, |benchmark| noise.of(benchmark));
    let mut comparison = compare(&pairs, &DecisionRule::screen());
    let (gates, brought) = pairing::gates(resolution, record);
    notes.extend(known_noise::note(&comparison));
    notes.extend(gates_note(&brought));
    let then = pairing::budgets(resolution, record);
    notes.extend(budgets_note(&pairing::raised(record, &then)));
    doubt_improvements(&mut comparison, record, &BTreeMap::new());
    let judged = terms.judge(&mut comparison, &gates, &record.machine.class);
    notes.extend(judged.notes.iter().cloned());
    if comparison.count(Verdict::Regressed) > 0 {
        notes.push(
            "what is worse is so by stored records alone; `cargo perf check` without --no-run measures it side by side to be \
             sure"
                .to_owned(),
        );
    }
    let budgeted = terms.rules.with_budgets(record, &then);
    let mut rows = Row::of(&budgeted, Some(&comparison));
    Row::warn(&mut rows, &terms.rules, &budgeted);
    for row in &mut rows {
        row.assess(&judged.assessment);
        row.fails |= terms.fails(&comparison, &judged, &row.id);
    }
    name_origins(&mut rows, resolution);
    let exit_code = budget::exit_code(&budgeted, terms.exit_code(&comparison, &judged));
    report(
        args,
        record,
        Some(baseline_title(resolution)),
        rows,
        notes,
        exit_code,
    )
}

fn is_unfiltered(select: &SelectArgs) -> bool {
    select.filters.is_empty() && select.packages.is_empty() && select.benches.is_empty()
}

/// With nothing to compare with: failures and budgets are told all the same.
fn alone(args: &CompareArgs, terms: &Terms, record: &RunRecord, resolution: &Resolution) -> Report {
    let mut notes: Vec<String> = resolution
        .explanation()
        .iter()
        .map(ToString::to_string)
        .collect();
    notes.extend(terms.notes.iter().cloned());
    notes.extend(run::fault_notes(resolution));
    let budgeted = terms.rules.with_budgets(record, &BudgetsThen::new());
    let mut rows = Row::of(&budgeted, None);
    Row::warn(&mut rows, &terms.rules, &budgeted);
    let failed = rows.iter().any(|row| row.verdict == Some(Verdict::Failed));
    let exit_code = if failed {
        ExitCode::Benchmark
    } else if args.requires_decision() {
        ExitCode::Undecided
    } else {
        ExitCode::Fine
    };
    let exit_code = budget::exit_code(&budgeted, exit_code);
    report(args, record, None, rows, notes, exit_code)
}

fn report(
    args: &CompareArgs,
    record: &RunRecord,
    baseline: Option<String>,
    rows: Vec<Row>,
    notes: Vec<String>,
    exit_code: ExitCode,
) -> Report {
    Report {
        command: Command::Compare,
        candidate: title(record),
        baseline,
        typed: args.baseline.clone(),
        rows,
        sweeps: Swept::all(&record.benchmarks),
        expectations: Vec::new(),
        notes,
        reproduce: None,
        about: About::default(),
        exit_code,
    }
}

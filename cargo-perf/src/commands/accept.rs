//! `cargo perf baseline accept`: agreeing to a regression, in a file of its own.

use perf_schema::{
    ACCEPT_VERSION, Accept, Amount, BenchId, Better, ExitCode, Meaning, Metric, RunRecord,
};

use super::baseline::{Shelf, report_faults};
use super::measuring::{Place, repository_failure, resolve_failure};
use super::pairing;
use super::run::saving_failed;
use crate::cli::AcceptArgs;
use crate::compare::rules::amount;
use crate::compare::{DecisionRule, MetricVerdict, compare};
use crate::config::FILE;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::report::{self, Accepted, printable};
use crate::store::resolve::{self, Limits, Query, Sources};
use crate::store::{
    Accepts, Baselines, CommittedBaselines, History, StoredAccept, StoredRecord, day,
};

/// Writes an accepted regression, or lists those there are.
///
/// # Errors
/// When the benchmark or its levels are not known, or the file cannot be written.
pub fn exec(args: &AcceptArgs, cx: &Context) -> Result<ExitCode, Failure> {
    let place = Place::find(cx, args.manifest_path.as_deref())?;
    if args.list {
        return list(cx, &place, args);
    }
    let reason = args.reason.clone().unwrap_or_default();
    let expires = args
        .expires
        .as_deref()
        .map(|text| last_day(text, cx.now))
        .transpose()?;
    let step = step(&place, args)?;
    let accept = Accept {
        schema: ACCEPT_VERSION,
        benchmark: step.benchmark,
        metric: args.metric.clone(),
        unit: step.meaning.unit,
        better: step.meaning.better,
        class: (!step.meaning.exact).then_some(step.class),
        from: step.from,
        to: step.to,
        reason,
        who: args.who.clone(),
        expires,
    };
    accept
        .check()
        .map_err(|why| Failure::said(Kind::Usage, format!("it cannot be accepted: {why}")))?;
    let saved = Baselines::at(&place.workspace.root)
        .accept(&accept)
        .map_err(saving_failed)?;
    cx.print(&report::accepted(&accepted_of(
        &saved.file,
        &accept,
        &today(cx),
    )))?;
    cx.say(if saved.already_there {
        "note: it was there already"
    } else {
        "note: it counts once it is committed on the branch that changes are compared with"
    });
    Ok(ExitCode::Fine)
}

fn today(cx: &Context) -> String {
    day(cx.now).unwrap_or_else(|| "9999-12-31".to_owned())
}

/// `2026-12-31` as it is, `30d` from now on.
fn last_day(text: &str, now: i64) -> Result<String, Failure> {
    const DAY: i64 = 86_400;
    let in_days = text
        .strip_suffix('d')
        .and_then(|days| days.parse::<u16>().ok());
    match in_days {
        Some(days) => day(now.saturating_add(i64::from(days) * DAY)),
        None => Some(text.to_owned()),
    }
    .ok_or_else(|| Failure::said(Kind::Usage, format!("{text} from now is no day")))
}

/// A step from one level to another.
struct Step {
    benchmark: BenchId,
    meaning: Meaning,
    class: String,
    from: Amount,
    to: Amount,
}

/// The step that was typed, or the one that the last run of this code took from the baseline.
fn step(place: &Place, args: &AcceptArgs) -> Result<Step, Failure> {
    let wanted = args.bench.as_deref().unwrap_or_default();
    let run = last_run(place, wanted)?;
    let StoredRecord { id, record } = &run;
    let benchmark = record
        .benchmarks
        .iter()
        .find(|benchmark| is_named(&benchmark.id, wanted))
        .ok_or_else(|| no_run(wanted))?;
    let Some(Metric::Measured {
        unit,
        better,
        exact,
        ..
    }) = benchmark.metrics.get(&args.metric)
    else {
        let known: Vec<&str> = benchmark.metrics.keys().map(String::as_str).collect();
        return Err(Failure::said(
            Kind::Usage,
            format!("the last run of {} has no `{}`", benchmark.id, args.metric),
        )
        .help(format!("it has {}", known.join(", "))));
    };
    let meaning = Meaning {
        unit: unit.clone(),
        better: *better,
        exact: *exact,
    };
    let (from, to) = match (&args.from, &args.to) {
        (Some(from), Some(to)) => {
            let typed = |text: &str| {
                amount(&args.metric, text).map_err(|why| Failure::said(Kind::Usage, why))
            };
            (typed(from)?, typed(to)?)
        }
        _ => found(place, args, record, id, &benchmark.id)?,
    };
    Ok(Step {
        benchmark: benchmark.id.clone(),
        meaning,
        class: record.machine.class.clone(),
        from,
        to,
    })
}

fn is_named(id: &BenchId, wanted: &str) -> bool {
    wanted == id.to_string() || wanted == id.in_package() || wanted == id.name()
}

fn no_run(wanted: &str) -> Failure {
    Failure::said(
        Kind::Usage,
        format!("no run of this code is kept that has `{}`", printable(wanted)),
    )
    .help("`cargo perf run` measures it and shows its name; --from and --to then say the levels, or what --baseline names does")
}

/// The newest kept run of the code that is here, with this benchmark.
fn last_run(place: &Place, wanted: &str) -> Result<StoredRecord, Failure> {
    let state = place
        .repository
        .as_ref()
        .map(|repository| repository.state().map_err(repository_failure))
        .transpose()?;
    let (entries, _) = History::at(&place.workspace.root).entries();
    let of_this_code = entries.iter().filter(|entry| {
        entry.header().is_ok_and(|header| {
            header.source_tree.as_ref() == state.as_ref().map(|state| &state.source_tree)
        })
    });
    let has = |stored: &StoredRecord| {
        let mut benchmarks = stored.record.benchmarks.iter();
        benchmarks.any(|benchmark| is_named(&benchmark.id, wanted))
    };
    of_this_code
        .filter_map(|entry| entry.load().ok())
        .find(has)
        .ok_or_else(|| no_run(wanted))
}

/// What the run of this code is worse by than the baseline.
fn found(
    place: &Place,
    args: &AcceptArgs,
    record: &RunRecord,
    id: &perf_schema::RecordId,
    benchmark: &BenchId,
) -> Result<(Amount, Amount), Failure> {
    let baseline = args
        .baseline
        .clone()
        .or_else(|| place.config.config.baseline.clone())
        .ok_or_else(|| {
            Failure::said(Kind::Usage, "what was it before?").help(format!(
                "--baseline main looks it up, --from and --to say it; `baseline = \"main\"` in {FILE} makes it the usual one"
            ))
        })?;
    let metric = compared(place, record, id, benchmark, &baseline, &args.metric)?;
    let levels = metric.baseline.zip(metric.candidate);
    let worse = levels.filter(|(from, to)| match metric.better {
        Better::Higher => to.number() < from.number(),
        Better::Lower | Better::Neither => to.number() > from.number(),
    });
    let amounts = worse.and_then(|(from, to)| {
        Some((
            Amount::new(short(from.number()))?,
            Amount::new(short(to.number()))?,
        ))
    });
    amounts.ok_or_else(|| {
        Failure::said(
            Kind::Usage,
            format!(
                "{} of {benchmark} is not worse in the last run of this code than in {baseline}: {}",
                args.metric, metric.reason
            ),
        )
        .help("--from and --to accept what a comparison showed side by side")
    })
}

/// Without digits that mean nothing.
fn short(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// The run beside what `baseline` comes to for it.
fn compared(
    place: &Place,
    record: &RunRecord,
    id: &perf_schema::RecordId,
    benchmark: &BenchId,
    baseline: &str,
    metric: &str,
) -> Result<MetricVerdict, Failure> {
    let mut record = record.clone();
    record.benchmarks.retain(|found| found.id == *benchmark);
    let wanted: Vec<_> = record
        .benchmarks
        .iter()
        .map(|benchmark| (benchmark.id.clone(), benchmark.definition.clone()))
        .collect();
    let state = place
        .repository
        .as_ref()
        .map(|repository| repository.state().map_err(repository_failure))
        .transpose()?;
    let exclude = [id.clone()];
    let query = Query {
        baseline,
        measured: state.as_ref(),
        exclude: &exclude,
        class: &record.machine.class,
        build: &record.environment.build,
        rustc: &record.environment.rustc,
        clock: &record.environment.clock,
        wanted: &wanted,
        limits: Limits::default(),
    };
    let root = &place.workspace.root;
    let (baselines, history) = (Baselines::at(root), History::at(root));
    let sources = Sources {
        repository: place.repository.as_ref(),
        baselines: &baselines,
        history: &history,
    };
    let resolution = resolve::resolve(&query, &sources).map_err(resolve_failure)?;
    let comparison = compare(
        &pairing::pairs(&resolution, &record, &[]),
        &DecisionRule::screen(),
    );
    let judged = comparison.benchmarks.into_iter().next();
    let metrics = judged.map(|judged| (judged.reason, judged.metrics));
    let (reason, metrics) = metrics.unwrap_or_default();
    let found = metrics.into_iter().find(|found| found.metric == metric);
    found.ok_or_else(|| {
        Failure::said(
            Kind::Usage,
            format!("the last run of {benchmark} cannot be held against {baseline}: {reason}"),
        )
        .help("--from and --to say what it was and is")
    })
}

fn list(cx: &Context, place: &Place, args: &AcceptArgs) -> Result<ExitCode, Failure> {
    let format = place.format(cx, args.format);
    let Accepts { accepts, faults } = match &args.reference {
        None => Baselines::at(&place.workspace.root).accepts(),
        Some(reference) => {
            let (repository, target) = Shelf::look_up(place.repository.as_ref(), reference)?;
            CommittedBaselines::of(repository, &target.commit)
                .map_err(repository_failure)?
                .accepts()
        }
    };
    let today = today(cx);
    let of = |stored: &StoredAccept| accepted_of(&stored.file, &stored.accept, &today);
    let listed: Vec<Accepted> = accepts.iter().map(of).collect();
    cx.print(&report::accepts(&listed, format))?;
    report_faults(cx, &faults)
}

fn accepted_of(file: &str, accept: &Accept, today: &str) -> Accepted {
    Accepted {
        file: file.to_owned(),
        benchmark: accept.benchmark.to_string(),
        metric: accept.metric.clone(),
        unit: accept.unit.clone(),
        from: accept.from.get(),
        to: accept.to.get(),
        class: accept.class.clone(),
        reason: accept.reason.clone(),
        who: accept.who.clone(),
        expires: accept.expires.clone(),
        expired: accept.is_expired(today),
    }
}

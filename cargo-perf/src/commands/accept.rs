//! `cargo perf baseline accept`: agreeing to a regression, in a file of its own.

mod steps;

use perf_schema::{ACCEPT_VERSION, Accept, ExitCode};

use self::steps::{Step, steps};
use super::baseline::{Shelf, report_faults};
use super::measuring::{Place, repository_failure};
use super::run::saving_failed;
use crate::cli::AcceptArgs;
use crate::compare::accept::lets_pass;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::report::{self, Accepted};
use crate::store::{Accepts, Baselines, CommittedBaselines, SaveError, StoredAccept, day};

/// Writes an accepted regression, or lists those there are.
///
/// # Errors
/// When the benchmark or its levels are not known, or the file cannot be written.
pub fn exec(args: &AcceptArgs, cx: &Context) -> Result<ExitCode, Failure> {
    let place = Place::find(cx, args.manifest_path.as_deref())?;
    if args.list {
        return list(cx, &place, args);
    }
    let mut all = Vec::new();
    // All of them are in order before the first is written.
    for step in steps(&place, args)? {
        let accept = accept_of(&step, args, cx)?;
        all.push((step, accept));
    }
    let baselines = Baselines::at(&place.workspace.root);
    let there = baselines.accepts().accepts;
    let mut written: Vec<String> = Vec::new();
    for (step, accept) in &all {
        if let Some(stored) = covering(&there, step, accept, &today(cx)) {
            cx.say(format!(
                "note: {} of {} is accepted that far and that long already, by {}; nothing is written",
                accept.metric, accept.benchmark, stored.file
            ));
            continue;
        }
        let saved = baselines
            .accept(accept)
            .map_err(|error| writing_failed(error, accept, &written))?;
        written.push(saved.file.clone());
        cx.print(&report::accepted(&accepted_of(
            &saved.file,
            accept,
            &today(cx),
        )))?;
    }
    if !written.is_empty() {
        cx.say(
            "note: it counts once it is committed on the branch that changes are compared with: git add baselines/accepts && git commit",
        );
    }
    Ok(ExitCode::Fine)
}

/// The accepted regression of the working tree that lets pass what `wanted` would, for as long. Each run of a step comes to
/// other digits: without this a step would have a file for each time it was accepted.
fn covering<'a>(
    there: &'a [StoredAccept],
    step: &Step,
    wanted: &Accept,
    today: &str,
) -> Option<&'a StoredAccept> {
    let is_the_same = |accept: &Accept| {
        let levels = |accept: &Accept| (accept.from, accept.to);
        levels(accept) == levels(wanted) && accept.class == wanted.class
    };
    there.iter().find(|stored| {
        let accept = &stored.accept;
        let lasts = match (&accept.expires, &wanted.expires) {
            (None, _) => true,
            (Some(_), None) => false,
            // Days so written are in order as text.
            (Some(accepted), Some(asked)) => accepted >= asked,
        };
        accept.is_of(&wanted.benchmark, &wanted.metric)
            && !accept.is_expired(today)
            && lasts
            && match &step.seen {
                Some(seen) => lets_pass(accept, seen, &step.machine, today),
                None => is_the_same(accept),
            }
    })
}

/// What could not be written, and what was before.
fn writing_failed(error: SaveError, accept: &Accept, written: &[String]) -> Failure {
    let what = format!("{} of {} was not accepted", accept.metric, accept.benchmark);
    let failure = saving_failed(error, &what);
    if written.is_empty() {
        failure
    } else {
        failure.help(format!("written before that: {}", written.join(", ")))
    }
}

fn accept_of(step: &Step, args: &AcceptArgs, cx: &Context) -> Result<Accept, Failure> {
    let expires = args.expires.as_deref();
    let accept = Accept {
        schema: ACCEPT_VERSION,
        benchmark: step.benchmark.clone(),
        metric: step.metric.clone(),
        unit: step.meaning.unit.clone(),
        better: step.meaning.better,
        class: step.class.clone(),
        from: step.from,
        to: step.to,
        reason: args.reason.clone().unwrap_or_default(),
        who: args.who.clone(),
        expires: expires.map(|text| last_day(text, cx.now)).transpose()?,
    };
    let refused = |why: &str| Failure::said(Kind::Usage, format!("it cannot be accepted: {why}"));
    accept.check().map_err(refused)?;
    if accept.is_expired(&today(cx)) {
        return Err(refused("the last day it would count has passed")
            .help("days begin and end by UTC; --expires 30d is thirty days from now"));
    }
    Ok(accept)
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

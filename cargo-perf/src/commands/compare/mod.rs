//! `cargo perf compare`: verdicts of this code against a baseline.

mod again;
mod cause;
mod confirm;
mod matching;
mod missing;
mod paired;
mod relinked;
mod screen;
mod searches;
mod side_by_side;
mod stored;
pub(super) mod terms;
mod the_same;
mod without;

use std::path::PathBuf;

use perf_schema::{Commit, ExitCode, RecordId};

use super::measuring::{self, Place, Ready};
use super::{counting, notices, own_runs, showing};
use crate::alert::AlertTerms;
use crate::cli::CompareArgs;
use crate::compare::rules::Rules;
use crate::context::Context;
use crate::failure::Failure;
use crate::publish::Notify;
use crate::report::Report;
use crate::repository::Repository;
use crate::series::build_digest;
use crate::store::resolve::{Anchor, AnchorKind, Nothing, Resolution};
use crate::trend::AcceptedPoints;
pub(super) use stored::decide_stored;
use terms::Terms;
use without::without_baseline;

/// Finds the baseline, measures this code unless that was done already, judges, reports.
///
/// # Errors
/// When the baseline's name means nothing, or this code cannot be measured.
pub fn exec(args: &CompareArgs, cx: &Context) -> Result<ExitCode, Failure> {
    cx.hush(args.quiet);
    let place = Place::find(cx, args.select.manifest_path.as_deref())?;
    let rendering = showing::rendering(cx, args.format, &place.config);
    let Decided { report, notify, .. } = decide(cx, place, args)?;
    showing::show(cx, &report, rendering, &args.output)?;
    notices::send(cx, &report, &notify);
    Ok(report.exit_code)
}

/// A comparison, before anybody is shown it.
pub(super) struct Decided {
    pub(super) report: Report,
    /// What alerts are raised by, of the same place as the rules.
    pub(super) alerts: AlertTerms,
    pub(super) rules: Rules,
    /// What was agreed to, of the same place.
    pub(super) accepted: AcceptedPoints,
    /// Whom to tell.
    pub(super) notify: Notify,
    pub(super) subject: Subject,
}

/// What was judged.
pub(super) struct Subject {
    pub(super) root: PathBuf,
    pub(super) repository: Option<Repository>,
    /// The commit it is of, or the one that its changes were made to.
    pub(super) commit: Option<Commit>,
    pub(super) class: String,
    /// Digest of the build.
    pub(super) build: String,
}

/// Compares.
///
/// # Errors
/// When the baseline's name means nothing, or this code cannot be measured.
pub(super) fn decide(cx: &Context, place: Place, args: &CompareArgs) -> Result<Decided, Failure> {
    let (mut terms, args) = terms::find(cx, &place, args)?;
    let mut ready = measuring::prepare(cx, place, &args.select, &args.measure)?;
    terms.check(&ready)?;
    let resolution = resolve(&ready, args.baseline(), &[])?;
    let anchor = resolution.anchor.as_ref();
    let from = anchor.map(|anchor| anchor.commit.clone());
    let mut report = if args.paired {
        side_by_side(cx, &args, &terms, &mut ready, &resolution)?
    } else {
        with_records(cx, &args, &terms, &mut ready, resolution)?
    };
    showing::complete(cx, &ready, from.as_ref(), &mut report);
    let environment = &ready.environment;
    Ok(Decided {
        report,
        accepted: terms.accepted(),
        alerts: terms.alerts,
        rules: terms.rules,
        notify: terms.notify,
        subject: Subject {
            build: build_digest(&environment.build, &environment.clock),
            root: ready.workspace.root,
            repository: ready.repository,
            commit: ready.state.and_then(|state| state.commit),
            class: ready.machine.class,
        },
    })
}

fn side_by_side(
    cx: &Context,
    args: &CompareArgs,
    terms: &Terms,
    ready: &mut Ready,
    resolution: &Resolution,
) -> Result<Report, Failure> {
    if resolution.anchor.is_none() && resolution.explanation().is_some() {
        return without_baseline(cx, args, terms, ready, resolution);
    }
    let commit = paired::commit_of(resolution)?;
    paired::report(cx, args, terms, ready, resolution, &commit)
}

fn with_records(
    cx: &Context,
    args: &CompareArgs,
    terms: &Terms,
    ready: &mut Ready,
    mut resolution: Resolution,
) -> Result<Report, Failure> {
    if let Some(same) = same_code(ready, &resolution)? {
        resolution = same;
    }
    if resolution.explanation().is_some() {
        return without_baseline(cx, args, terms, ready, &resolution);
    }
    let kept = (!args.remeasure)
        .then(|| {
            let launches = Ready::settings(&args.measure).launches;
            own_runs::newest(ready, launches, counting::is_wanted(&args.measure))
        })
        .flatten();
    let kept = kept.filter(|kept| own_runs::can_speak(kept, ready, &resolution));
    screen::report(cx, args, terms, ready, kept, &resolution)
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

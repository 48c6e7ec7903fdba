//! `cargo perf trend`: how benchmarks developed over commits, from runs that are kept. Nothing is measured.

use perf_schema::{BenchId, ExitCode, Sha};

use super::accepted::accepted;
use super::baseline::Shelf;
use super::measuring::Place;
use super::note;
use super::past::{Asked, Past, past, profiles};
use super::run::fault_notes_of;
use crate::cli::TrendArgs;
use crate::compare::rules::Rules;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::plan::{Selection, Wanted};
use crate::report::{TrendReport, View};
use crate::series::LeftOut;
use crate::trend::{OpenAlerts, Trend, summary};

/// Shows trends.
///
/// # Errors
/// When a name means nothing, or neither the index nor the files can be read.
pub fn exec(args: &TrendArgs, cx: &Context) -> Result<ExitCode, Failure> {
    let place = Place::find(cx, args.manifest_path.as_deref())?;
    let format = place.format(cx, args.format);
    let tip = tip(&place, args.reference.as_deref())?;
    let anchor = match &args.anchor {
        Some(anchor) => Some(Shelf::look_up(place.repository.as_ref(), anchor)?.1.commit),
        None => None,
    };
    let rules = rules(&place, args);
    let (notes_on_commits, faults) = note::at(&place, tip.as_ref())?;
    let line = place.line(tip.as_ref());
    let (accepted, unread) = accepted(cx, &line, args.reference.is_some())?;
    let found = past(
        cx.now,
        &Asked {
            line,
            anchor: anchor.as_ref(),
            window_days: args.window,
            takes: &|id| takes(args, id),
            machine: args.machine.as_deref(),
            rules: &rules,
            noted: &notes_on_commits,
            accepted: &accepted,
        },
    )?;
    let Past {
        trends,
        left_out,
        noted,
        mut notes,
        is_empty,
    } = found;
    notes.extend(fault_notes_of(&faults));
    notes.extend(unread);
    if trends.is_empty() {
        return Err(nothing(args, is_empty, left_out));
    }
    // Nobody keeps alerts here: `check` has its own.
    let profiles = profiles(&trends, |_| OpenAlerts::default());
    let report = TrendReport {
        reference: args.reference.clone().unwrap_or_else(|| "HEAD".to_owned()),
        tip,
        anchor: args.anchor.clone(),
        window_days: args.window,
        view: view(args),
        summary: summary(&profiles, &trends),
        profiles,
        trends: shown(trends, args),
        left_out,
        noted,
        notes,
    };
    cx.print(&report.render(format, cx.look()))?;
    Ok(ExitCode::Fine)
}

const fn view(args: &TrendArgs) -> View {
    if args.latest {
        View::Latest
    } else if args.profile {
        View::Profile
    } else {
        View::Trend
    }
}

/// The end of the line that is looked at; none outside git and before the first commit.
fn tip(place: &Place, reference: Option<&str>) -> Result<Option<Sha>, Failure> {
    match (reference, &place.repository) {
        (Some(reference), repository) => {
            let (_, target) = Shelf::look_up(repository.as_ref(), reference)?;
            Ok(Some(target.commit))
        }
        (None, Some(repository)) => {
            let state = repository.look_up("HEAD");
            Ok(state.ok().map(|head| head.commit))
        }
        (None, None) => Ok(None),
    }
}

fn rules(place: &Place, args: &TrendArgs) -> Rules {
    let mut rules = place.config.config.rules.clone();
    rules.preset = args.preset.unwrap_or(rules.preset);
    rules
}

fn takes(args: &TrendArgs, id: &BenchId) -> bool {
    let selection = Selection {
        filters: args.filters.clone(),
        exact: args.exact,
        ignored: true,
        wanted: Wanted::InQuiet,
    };
    selection.takes(id, false)
}

/// The metrics that were asked for; else those that a benchmark is about, and the others where something changed. Of each
/// benchmark the one it is about comes first.
fn shown(mut trends: Vec<Trend>, args: &TrendArgs) -> Vec<Trend> {
    let is_shown = |trend: &Trend| {
        if args.metrics.is_empty() {
            trend.is_headline() || (!args.latest && !trend.steps.is_empty())
        } else {
            args.metrics.contains(&trend.key.metric)
        }
    };
    let is_asked = |trend: &Trend| !args.worse || trend.class.is_worse();
    trends.retain(|trend| is_shown(trend) && is_asked(trend));
    trends.sort_by(|a, b| {
        let rank = |trend: &Trend| !trend.is_headline();
        (a.key.id.cmp(&b.key.id)).then_with(|| rank(a).cmp(&rank(b)))
    });
    trends
}

fn nothing(args: &TrendArgs, is_empty: bool, left_out: LeftOut) -> Failure {
    if is_empty {
        return Failure::said(Kind::Coverage, "no run is kept yet, so there is no trend")
            .help("`cargo perf run` keeps one with each call; `cargo perf history sync REF` reads the baselines of a branch");
    }
    let mut said = "no kept run of this line of commits has such a benchmark".to_owned();
    if left_out.all() > 0 {
        let LeftOut {
            dirty,
            elsewhere,
            no_commit,
        } = left_out;
        said.push_str(&format!(
            ": {dirty} runs are of uncommitted code, {elsewhere} of commits elsewhere, {no_commit} of no commit"
        ));
    }
    let help = if args.machine.is_some() {
        "`cargo perf trend` without --machine shows the classes there are"
    } else if args.filters.is_empty() {
        "commit, and `cargo perf run` again; --ref looks at another branch"
    } else {
        "`cargo perf trend` without a name lists those there are"
    };
    Failure::said(Kind::Coverage, said).help(help)
}

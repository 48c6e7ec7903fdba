//! `cargo perf trend`: how benchmarks developed over commits, from runs that are kept. Nothing is measured.

use perf_schema::metric::names;
use perf_schema::{BenchId, ExitCode, Sha};

use super::baseline::Shelf;
use super::measuring::{Place, repository_failure};
use super::run::fault_notes_of;
use super::survey::{Question, survey};
use crate::cli::TrendArgs;
use crate::compare::rules::Rules;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::plan::{Selection, Wanted};
use crate::report::{TrendReport, View};
use crate::repository::RepositoryError;
use crate::series::{LeftOut, Order, RunHeader};
use crate::store::index::{Database, IndexError, RunIndex, Synced, with_index};
use crate::store::{Listing, order};
use crate::trend::{OpenAlerts, Profile, Trend, TrendRule, summary};

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
    let asked = Asked {
        args,
        place: &place,
        tip: tip.as_ref(),
        anchor: anchor.as_ref(),
        rules: rules(&place, args),
    };
    let repository = place.repository.as_ref();
    let root = &place.workspace.root;
    let listing = Listing::at(root, repository, tip.as_ref()).map_err(repository_failure)?;
    let found = with_index(root, cx.now, listing.is_local, |index| {
        asked.answer(index, &listing)
    });
    let (found, note) = found.map_err(|error| Failure::said(Kind::Store, error))?;
    let Found {
        trends,
        left_out,
        mut notes,
        is_empty,
    } = found.map_err(repository_failure)?;
    notes.extend(listing.notes);
    notes.extend(note);
    notes.extend(fault_notes_of(&listing.faults));
    if trends.is_empty() {
        return Err(nothing(args, is_empty, left_out));
    }
    let profiles = profiles(&trends);
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

struct Asked<'a> {
    args: &'a TrendArgs,
    place: &'a Place,
    tip: Option<&'a Sha>,
    anchor: Option<&'a Sha>,
    rules: Rules,
}

struct Found {
    trends: Vec<Trend>,
    left_out: LeftOut,
    notes: Vec<String>,
    /// Whether there is no run at all.
    is_empty: bool,
}

impl Asked<'_> {
    /// Brings the index up to date and asks it. What git cannot answer is no fault of the index.
    fn answer(
        &self,
        index: &mut Database,
        listing: &Listing,
    ) -> Result<Result<Found, RepositoryError>, IndexError> {
        let repository = self.place.repository.as_ref();
        let synced = Synced::with(index, listing, repository)?;
        let runs = index.runs()?;
        let headers: Vec<&RunHeader> = runs.iter().map(|(_, header)| header).collect();
        let (order, mut notes) = match order(repository, self.tip, &headers) {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        notes.extend(fault_notes_of(&synced.faults));
        let rule = TrendRule {
            window_days: self.args.window,
            anchor: self.anchor.and_then(|anchor| match &order {
                Order::Ancestry(line) => line.position(anchor),
                Order::Time => None,
            }),
            ..TrendRule::default()
        };
        if let Some(anchor) = self.anchor.filter(|_| rule.anchor.is_none()) {
            notes.push(format!(
                "the anchor {} is not on the line of first parents as far as runs go, so nothing is held against it",
                anchor.short(7)
            ));
        }
        let is_empty = runs.is_empty();
        let question = Question {
            takes: &|id| self.takes(id),
            machine: self.args.machine.as_deref(),
            rule: &rule,
            rules: &self.rules,
        };
        let (trends, left_out) = survey(index, &order, runs, &question)?;
        Ok(Ok(Found {
            trends,
            left_out,
            notes,
            is_empty,
        }))
    }

    fn takes(&self, id: &BenchId) -> bool {
        let selection = Selection {
            filters: self.args.filters.clone(),
            exact: self.args.exact,
            ignored: true,
            wanted: Wanted::InQuiet,
        };
        selection.takes(id, false)
    }
}

/// A profile for each benchmark, machine class and build. Nobody keeps alerts here: `check` has its own.
fn profiles(trends: &[Trend]) -> Vec<Profile> {
    let same = |a: &Trend, b: &Trend| {
        let of = |trend: &Trend| {
            (
                trend.key.id.clone(),
                trend.key.class.clone(),
                trend.key.build.clone(),
            )
        };
        of(a) == of(b)
    };
    let mut sorted: Vec<&Trend> = trends.iter().collect();
    sorted.sort_by(|a, b| {
        let key = |trend: &Trend| {
            (
                trend.key.class.clone(),
                trend.key.build.clone(),
                trend.key.id.clone(),
            )
        };
        key(a).cmp(&key(b))
    });
    let groups = sorted.chunk_by(|a, b| same(a, b));
    groups
        .filter_map(|group| Profile::of(group, OpenAlerts::default()))
        .collect()
}

/// The metrics that were asked for; else those that a benchmark is about, and the others where something changed.
fn shown(trends: Vec<Trend>, args: &TrendArgs) -> Vec<Trend> {
    let is_headline = |metric: &str| matches!(metric, names::WALL | names::LIMIT);
    let is_shown = |trend: &Trend| {
        if args.metrics.is_empty() {
            is_headline(&trend.key.metric) || (!args.latest && !trend.steps.is_empty())
        } else {
            args.metrics.contains(&trend.key.metric)
        }
    };
    trends.into_iter().filter(is_shown).collect()
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

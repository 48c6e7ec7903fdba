//! From the runs that are kept to trends: along a line of commits, or from an index that is at hand.

use std::collections::HashMap;
use std::path::Path;

use perf_schema::{BenchId, Sha};

use super::measuring::repository_failure;
use super::run::fault_notes_of;
use crate::compare::rules::Rules;
use crate::failure::{Failure, Kind};
use crate::repository::{Repository, RepositoryError};
use crate::series::{Assembly, LeftOut, Order, RunHeader};
use crate::store::index::{Database, IndexError, RunIndex, RunNumber, Synced, with_index};
use crate::store::{Listing, order};
use crate::trend::{Examined, OpenAlerts, Profile, Trend, TrendRule, examine, settle};

/// What is asked of the past.
pub(super) struct Asked<'a> {
    /// The workspace.
    pub(super) root: &'a Path,
    /// Its repository.
    pub(super) repository: Option<&'a Repository>,
    /// The end of the line; none outside git and before the first commit.
    pub(super) tip: Option<&'a Sha>,
    /// The commit whose level the newest is held against besides.
    pub(super) anchor: Option<&'a Sha>,
    /// How far back a class looks.
    pub(super) window_days: u32,
    /// Which benchmarks.
    pub(super) takes: &'a dyn Fn(&BenchId) -> bool,
    /// Only this machine class.
    pub(super) machine: Option<&'a str>,
    /// How much a change matters.
    pub(super) rules: &'a Rules,
}

/// What the past says.
pub(super) struct Past {
    pub(super) trends: Vec<Trend>,
    pub(super) left_out: LeftOut,
    /// What else should be known, in sentences.
    pub(super) notes: Vec<String>,
    /// Whether there is no run at all.
    pub(super) is_empty: bool,
}

/// Brings the index of runs up to date and asks it.
///
/// # Errors
/// When neither the index nor the files, or git, can be read.
pub(super) fn past(now: i64, asked: &Asked<'_>) -> Result<Past, Failure> {
    let listing =
        Listing::at(asked.root, asked.repository, asked.tip).map_err(repository_failure)?;
    let found = with_index(asked.root, now, listing.is_local, |index| {
        asked.answer(index, &listing)
    });
    let (found, note) = found.map_err(|error| Failure::said(Kind::Store, error))?;
    let mut past = found.map_err(repository_failure)?;
    past.notes.extend(listing.notes);
    past.notes.extend(note);
    past.notes.extend(fault_notes_of(&listing.faults));
    Ok(past)
}

impl Asked<'_> {
    /// What git cannot answer is no fault of the index.
    fn answer(
        &self,
        index: &mut Database,
        listing: &Listing,
    ) -> Result<Result<Past, RepositoryError>, IndexError> {
        let synced = Synced::with(index, listing, self.repository)?;
        let runs = index.runs()?;
        let headers: Vec<&RunHeader> = runs.iter().map(|(_, header)| header).collect();
        let (order, mut notes) = match order(self.repository, self.tip, &headers) {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        notes.extend(fault_notes_of(&synced.faults));
        let rule = TrendRule {
            window_days: self.window_days,
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
            takes: self.takes,
            machine: self.machine,
            rule: &rule,
            rules: self.rules,
        };
        let (trends, left_out) = survey(index, &order, runs, &question)?;
        Ok(Ok(Past {
            trends,
            left_out,
            notes,
            is_empty,
        }))
    }
}

/// A profile for each benchmark, machine class and build, with the alerts that are open for it.
pub(super) fn profiles(trends: &[Trend], open: impl Fn(&BenchId) -> OpenAlerts) -> Vec<Profile> {
    let key = |trend: &Trend| {
        (
            trend.key.class.clone(),
            trend.key.build.clone(),
            trend.key.id.clone(),
        )
    };
    let mut sorted: Vec<&Trend> = trends.iter().collect();
    sorted.sort_by_key(|trend| key(trend));
    let groups = sorted.chunk_by(|a, b| key(a) == key(b));
    groups
        .filter_map(|group| Profile::of(group, open(&group.first()?.key.id)))
        .collect()
}

/// What is asked.
pub struct Question<'a> {
    /// Which benchmarks.
    pub takes: &'a dyn Fn(&BenchId) -> bool,
    /// Only this machine class.
    pub machine: Option<&'a str>,
    /// When a change counts.
    pub rule: &'a TrendRule,
    /// How much a change matters.
    pub rules: &'a Rules,
}

/// The trends of all series that were asked for, and the runs that are in none.
///
/// Benchmarks are looked at one after the other, and of each only what its trend needs is kept.
///
/// # Errors
/// When the index cannot be read.
pub fn survey(
    index: &dyn RunIndex,
    order: &Order,
    runs: Vec<(RunNumber, RunHeader)>,
    question: &Question<'_>,
) -> Result<(Vec<Trend>, LeftOut), IndexError> {
    let (numbers, headers): (Vec<RunNumber>, Vec<RunHeader>) = runs.into_iter().unzip();
    let places: HashMap<RunNumber, usize> = numbers
        .into_iter()
        .enumerate()
        .map(|(at, number)| (number, at))
        .collect();
    let assembly = Assembly::new(order, headers);
    let mut examined: Vec<Examined> = Vec::new();
    for (number, id) in index.benchmarks()? {
        if !(question.takes)(&id) {
            continue;
        }
        let seen = index.seen(number)?.into_iter();
        let seen = seen.filter_map(|(run, seen)| Some((*places.get(&run)?, seen)));
        let of_machine = |class: &str| question.machine.is_none_or(|machine| machine == class);
        let series = assembly.series(seen).into_iter();
        let wanted = series.filter(|series| of_machine(&series.key.class));
        examined.extend(wanted.filter_map(|series| examine(&series, question.rule)));
    }
    let left_out = assembly.left_out();
    Ok((settle(examined, question.rule, question.rules), left_out))
}

//! What the runs that are kept say of benchmarks along a line of commits: their trends, and what follows from those.

use perf_schema::{BenchId, Note, Sha};

use super::indexed::{Indexed, Line, ask_along};
use super::survey::{Question, survey};
use crate::compare::rules::Rules;
use crate::failure::Failure;
use crate::series::{LeftOut, Noted, Order, noted};
use crate::store::index::IndexError;
use crate::trend::{OpenAlerts, Profile, Trend, TrendRule};

/// What is asked of the past.
pub(super) struct Asked<'a> {
    /// Which runs.
    pub(super) line: Line<'a>,
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
    /// What is noted of commits, on the line or not.
    pub(super) noted: &'a [Note],
}

/// What the past says.
pub(super) struct Past {
    pub(super) trends: Vec<Trend>,
    pub(super) left_out: LeftOut,
    /// What is noted of commits of the line.
    pub(super) noted: Vec<Noted>,
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
    let (mut past, notes) = ask_along(now, &asked.line, |indexed| asked.answer(indexed))?;
    past.notes.extend(notes);
    Ok(past)
}

impl Asked<'_> {
    fn answer(&self, indexed: Indexed<'_>) -> Result<Past, IndexError> {
        let Indexed {
            index, runs, order, ..
        } = indexed;
        let rule = TrendRule {
            window_days: self.window_days,
            anchor: self.anchor.and_then(|anchor| match &order {
                Order::Ancestry(line) => line.position(anchor),
                Order::Time => None,
            }),
            ..TrendRule::default()
        };
        let lost = self.anchor.filter(|_| rule.anchor.is_none());
        let note = lost.map(|anchor| {
            format!(
                "the anchor {} is not on the line of first parents as far as runs go, so nothing is held against it",
                anchor.short(7)
            )
        });
        let is_empty = runs.is_empty();
        let headers = runs.iter().map(|(_, header)| header);
        let noted = noted(&order, headers, self.noted);
        let question = Question {
            takes: self.takes,
            machine: self.machine,
            rule: &rule,
            rules: self.rules,
        };
        let (trends, left_out) = survey(index, &order, runs, &question)?;
        Ok(Past {
            trends,
            left_out,
            noted,
            notes: note.into_iter().collect(),
            is_empty,
        })
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

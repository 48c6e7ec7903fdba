//! What stands among many series, and what it amounts to.
//!
//! Whoever looks at a thousand series sees the clearest chance of a thousand. So steps, slopes and newest runs each count only if
//! they do after the correction of Benjamini and Hochberg over all series that were looked at together.

use perf_schema::{Better, BudgetKind, Ratio, Unit};
use perf_stats::{Confidence, benjamini_hochberg, hodges_lehmann_shift, median};
use serde::Serialize;

use super::TrendRule;
use super::class::Class;
use super::examine::{Examined, Runs, Spot, Step};
use super::newest::{Newest, newest, provisional};
use super::slope::{Forecast, Slope, forecast, slope};
use crate::compare::rules::{Bounds, Rules};
use crate::compare::{Thresholds, worsening};
use crate::series::{Failed, Figure, Mark, PointCommit, SeriesKey};

/// One minus the share of false findings among all findings.
pub(super) const LEVEL: Confidence = Confidence::P99;

/// The nearest runs of a level that an interval is made from.
pub(super) const NEAREST: usize = 30;

/// Runs from which on a lasting step of four standard deviations is found 19 times out of 20 (docs/METHOD.md).
const ENOUGH_FOR_STEPS: usize = 20;

/// So many standard deviations.
const FOUND: f64 = 4.0;

/// A relative change so large that its size tells nobody anything: tenfold.
const FAR: f64 = 9.0;

/// The runs at either end that say how far a series came.
const AT_ENDS: usize = 10;

/// A day, in seconds.
const DAY: i64 = 86_400;

/// What a series says.
#[derive(Clone, Debug, Serialize)]
pub struct Trend {
    /// What it is of.
    #[serde(flatten)]
    pub key: SeriesKey,
    /// What it is counted in.
    pub unit: Unit,
    /// Which direction is good.
    pub better: Better,
    /// Whether the same code must give the same value each time.
    pub exact: bool,
    /// What it amounts to. `class` is the machine's, here and in profiles.
    #[serde(rename = "trend")]
    pub class: Class,
    /// Why it cannot be told, where it cannot.
    pub reason: Option<String>,
    /// The newest run that has a figure.
    pub latest: Option<Latest>,
    /// The newest run, if it failed.
    pub failing: Option<Failed>,
    /// The newest level: the median of its runs.
    pub level: Option<f64>,
    /// How it stands to the best level before, within the window.
    pub change: Option<Change>,
    /// Where the level changed, oldest first.
    pub steps: Vec<Step>,
    /// How the newest level slides.
    pub slope: Option<Slope>,
    /// How far it came from the anchor, or else from its oldest comparable runs.
    pub since: Option<Since>,
    /// When it crosses its budget, if it goes on so.
    pub forecast: Option<Forecast>,
    /// At what its newest comparable stretch begins, if others came before: nothing is compared across these.
    pub begins_with: Vec<Mark>,
    /// How its runs went.
    pub runs: Runs,
    /// The values of its newest comparable stretch, oldest first.
    pub values: Vec<f64>,
}

/// The newest run that has a figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Latest {
    /// What it measured.
    #[serde(flatten)]
    pub figure: Figure,
    /// Its commit; absent outside git.
    pub commit: Option<PointCommit>,
}

/// A change of level.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The level it is held against: the best there was before.
    pub from: f64,
    /// New over old; absent where the old one is zero.
    pub ratio: Option<f64>,
    /// Its interval (99 %), where there are runs enough for one.
    pub interval: Option<(f64, f64)>,
    /// Whether more runs may yet take it back.
    pub provisional: bool,
    /// Whether it came about slowly, without a step.
    pub slow: bool,
}

/// How far a series came from its anchor.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Since {
    /// Place of the anchor on the line.
    pub position: usize,
    /// Whether that place was named, rather than being the oldest.
    pub pinned: bool,
    /// The newest runs over those at the anchor.
    pub ratio: f64,
    /// Its interval (99 %), where there are five runs at either end.
    pub interval: Option<(f64, f64)>,
    /// Whether it goes beyond what is not spoken of, by its interval.
    pub stands: bool,
}

/// Leaves of the steps those that stand among all series together, and adds those that the newest runs may be.
pub fn stand(all: &mut [Examined]) {
    steps(all);
}

/// The same, with what was found of the newest runs of each.
fn steps(all: &mut [Examined]) -> Vec<Option<Newest>> {
    let stands = standing(all.iter().map(|examined| examined.p_value));
    for (examined, stands) in all.iter_mut().zip(stands) {
        if !examined.exact && !stands {
            examined.steps.clear();
        }
    }
    let newest: Vec<Option<Newest>> = all.iter().map(newest).collect();
    let p_of = |newest: &Option<Newest>| newest.as_ref().map(|newest| newest.p_value);
    let stands = standing(newest.iter().map(p_of));
    for ((examined, found), stands) in all.iter_mut().zip(&newest).zip(stands) {
        if let Some(newest) = found.as_ref().filter(|_| stands) {
            examined.steps.push(provisional(examined, newest));
        }
    }
    newest
}

/// Brings together what was found in each series.
#[must_use]
pub fn settle(mut all: Vec<Examined>, rule: &TrendRule, rules: &Rules) -> Vec<Trend> {
    let newest = steps(&mut all);
    let mut slopes: Vec<Option<Slope>> = all.iter().map(|examined| slide(examined, rule)).collect();
    let stands = standing(slopes.iter().map(|slope| slope.map(|slope| slope.p_value)));
    for ((slope, stands), examined) in slopes.iter_mut().zip(stands).zip(&all) {
        if let Some(slope) = slope {
            slope.drifts = stands && slope.over_all.ln().abs() > examined.floor.ln_1p();
        }
    }
    let found = all.into_iter().zip(slopes).zip(newest);
    found
        .map(|((examined, slope), newest)| trend(examined, slope, newest, rule, rules))
        .collect()
}

/// Which of some p-values stand among all that there are.
fn standing(p_values: impl Iterator<Item = Option<f64>>) -> Vec<bool> {
    let p_values: Vec<Option<f64>> = p_values.collect();
    let known: Vec<f64> = p_values.iter().flatten().copied().collect();
    // What is no probability is none of ours, and then nothing stands.
    let mut adjusted = benjamini_hochberg(&known).unwrap_or_default().into_iter();
    let level = 1.0 - LEVEL.level();
    p_values
        .iter()
        .map(|p| p.is_some() && adjusted.next().is_some_and(|p| p <= level))
        .collect()
}

/// The spots of each level, oldest first.
pub(super) fn levels(examined: &Examined) -> Vec<&[Spot]> {
    let mut from = 0;
    let mut levels = Vec::new();
    for step in &examined.steps {
        levels.push(&examined.spots[from..step.at]);
        from = step.at;
    }
    levels.push(&examined.spots[from..]);
    levels
}

fn centre(spots: &[Spot]) -> Option<f64> {
    let values: Vec<f64> = spots.iter().map(|spot| spot.value).collect();
    median(&values).ok()
}

/// The logarithm of each value.
pub(super) fn logs<'a>(spots: impl Iterator<Item = &'a Spot>) -> Vec<f64> {
    spots.map(|spot| spot.value.ln()).collect()
}

/// Place of the first spot within the window.
fn window(spots: &[Spot], rule: &TrendRule) -> usize {
    let newest = spots.iter().filter_map(|spot| spot.committed).max();
    let since = newest.map(|newest| newest.saturating_sub(i64::from(rule.window_days) * DAY));
    let is_in = |spot: &Spot| match (spot.committed, since) {
        (Some(committed), Some(since)) => committed >= since,
        _ => true,
    };
    spots.iter().position(is_in).unwrap_or(0)
}

fn slide(examined: &Examined, rule: &TrendRule) -> Option<Slope> {
    let from = window(&examined.spots, rule);
    let begins = examined.steps.last().map_or(0, |step| step.at);
    slope(&examined.spots[from.max(begins)..])
}

fn trend(
    examined: Examined,
    slope: Option<Slope>,
    newest: Option<Newest>,
    rule: &TrendRule,
    rules: &Rules,
) -> Trend {
    let standard = rules.standard(
        &examined.key.id,
        &examined.key.metric,
        &examined.unit,
        examined.better,
        examined.exact,
    );
    let let_pass = standard.floor.map_or(0.0, |(floor, _)| floor);
    let change = change(&examined, slope.as_ref(), rule);
    let since = since(&examined, rule);
    let judged = Judged {
        examined: &examined,
        change,
        since,
        newest,
        thresholds: standard.thresholds,
        let_pass,
    };
    let (class, reason) = judged.class();
    let level = levels(&examined).last().and_then(|spots| centre(spots));
    let declared = examined.latest.as_ref().and_then(|point| point.budget);
    let kind = BudgetKind::of(examined.better).unwrap_or(BudgetKind::AtMost);
    let ruled = rules.budgets_of(&examined.key.id, Bounds::default());
    let ruled = ruled.of(kind).get(&examined.key.metric);
    let ruled = ruled.map(|amount| amount.get());
    let budgets = declared.into_iter().chain(ruled);
    let budget = budgets.reduce(match kind {
        BudgetKind::AtMost => f64::min,
        BudgetKind::AtLeast => f64::max,
    });
    let seen = examined.spots.last().zip(examined.spots.first());
    let seen = seen.map_or(0, |(last, first)| last.position - first.position);
    let forecast = slope
        .as_ref()
        .zip(level)
        .zip(budget)
        .and_then(|((slope, level), budget)| forecast(level, (kind, budget), slope, seen));
    let newest = examined.newest.as_ref();
    let failing = newest.and_then(|point| point.failure.clone());
    let latest = examined.latest.as_ref().and_then(|point| {
        Some(Latest {
            figure: point.figure?,
            commit: point.commit.clone(),
        })
    });
    Trend {
        class,
        reason,
        latest,
        failing,
        level,
        change,
        slope,
        since,
        forecast,
        values: examined.spots.iter().map(|spot| spot.value).collect(),
        key: examined.key,
        unit: examined.unit,
        better: examined.better,
        exact: examined.exact,
        steps: examined.steps,
        begins_with: examined.begins_with,
        runs: examined.runs,
    }
}

/// The newest level against the best one before it within the window. Against the oldest, what was gained in between could be
/// lost again unseen; against the mean of all, a step would hide in it.
fn change(examined: &Examined, slope: Option<&Slope>, rule: &TrendRule) -> Option<Change> {
    let drift = slope
        .filter(|slope| slope.drifts)
        .map(|slope| slope.over_all);
    let from = window(&examined.spots, rule);
    let levels = levels(examined);
    let (now, before) = levels.split_last()?;
    let mut ends = examined.steps.iter().map(|step| step.at);
    let in_window = before
        .iter()
        .filter(|_| ends.next().is_some_and(|end| end > from));
    let by_value = in_window.filter_map(|spots| Some((centre(spots)?, *spots)));
    let best = match examined.better {
        Better::Higher => by_value.max_by(|a, b| a.0.total_cmp(&b.0)),
        Better::Lower | Better::Neither => by_value.min_by(|a, b| a.0.total_cmp(&b.0)),
    };
    let level = centre(now)?;
    let last = examined.steps.last();
    match (best, drift) {
        (Some((old, spots)), drift) => {
            // A level that slides has come half of it since its middle.
            let reached = level * drift.map_or(1.0, f64::sqrt);
            let of_last = last
                .filter(|_| before.len() == 1)
                .and_then(|step| step.interval);
            Some(Change {
                from: old,
                ratio: (old > 0.0).then(|| reached / old),
                interval: of_last
                    .or_else(|| interval(spots, now))
                    .filter(|_| drift.is_none()),
                provisional: last.is_some_and(|step| step.provisional),
                slow: false,
            })
        }
        (None, Some(ratio)) => Some(Change {
            from: level / ratio.sqrt(),
            ratio: Some(ratio),
            interval: None,
            provisional: false,
            slow: true,
        }),
        (None, None) => None,
    }
}

/// The interval of the ratio of two groups of runs, of the nearest on both sides.
fn interval(old: &[Spot], new: &[Spot]) -> Option<(f64, f64)> {
    let old = logs(old.iter().rev().take(NEAREST));
    let new = logs(new.iter().take(NEAREST));
    let found = hodges_lehmann_shift(&old, &new, LEVEL).ok()?;
    Some((found.low.exp(), found.high.exp()))
}

/// The newest runs against those at the anchor: slow drift that stays below every threshold from month to month shows there.
fn since(examined: &Examined, rule: &TrendRule) -> Option<Since> {
    let spots = &examined.spots;
    let first = match rule.anchor {
        Some(anchor) => {
            let until = spots.partition_point(|spot| spot.position <= anchor);
            &spots[until.saturating_sub(AT_ENDS)..until]
        }
        None => &spots[..(spots.len() / 2).min(AT_ENDS)],
    };
    let anchor = match rule.anchor {
        Some(_) => first.last()?,
        None => first.first()?,
    };
    let after =
        spots.partition_point(|spot| spot.position <= first.last().map_or(0, |s| s.position));
    let begins = examined.steps.last().map_or(0, |step| step.at).max(after);
    let last = &spots[begins.max(spots.len().saturating_sub(AT_ENDS))..];
    let ratio = Ratio::new(centre(last)? / centre(first)?)?.get();
    let interval = interval(first, last);
    let floor = examined.floor;
    Some(Since {
        position: anchor.position,
        pinned: rule.anchor.is_some(),
        ratio,
        interval,
        stands: interval.is_some_and(|(low, high)| low > 1.0 + floor || high < 1.0 / (1.0 + floor)),
    })
}

struct Judged<'a> {
    examined: &'a Examined,
    change: Option<Change>,
    since: Option<Since>,
    newest: Option<Newest>,
    thresholds: Thresholds,
    /// The relative change that a rule lets pass.
    let_pass: f64,
}

impl Judged<'_> {
    fn class(&self) -> (Class, Option<String>) {
        let by_change = self.change.map(|change| self.of(change.ratio, change.from));
        // The oldest runs are no standard: what they were is told, and judged only where they were named.
        let pinned = self.since.filter(|since| since.pinned && since.stands);
        let by_anchor = pinned.map(|since| self.of(Some(since.ratio), f64::NAN));
        match by_change.into_iter().chain(by_anchor).min() {
            Some(class) => (class, None),
            None => match self.doubt() {
                Some(doubt) => (Class::Unknown, Some(doubt)),
                None => (Class::Stable, None),
            },
        }
    }

    fn of(&self, ratio: Option<f64>, old: f64) -> Class {
        let better = self.examined.better;
        match ratio.and_then(Ratio::new) {
            Some(ratio) if worsening(ratio, better).abs() <= self.let_pass => Class::Stable,
            Some(ratio) => Class::of(ratio, better, self.thresholds),
            // From something to nothing, or from nothing to something.
            None => {
                let has_more = old <= 0.0;
                if has_more == (better == Better::Higher) {
                    Class::Improvement
                } else {
                    Class::Regression
                }
            }
        }
    }

    /// Why nothing found is not the same as nothing there.
    fn doubt(&self) -> Option<String> {
        let spots = &self.examined.spots;
        match spots.len() {
            0 => return Some("no run of it has a figure".to_owned()),
            1 => {
                return Some(
                    "all comparable runs are of one commit; the next is held against it".to_owned(),
                );
            }
            _ if self.examined.exact => return None,
            2 => {
                return Some(
                    "there are two comparable runs, which do not tell yet what runs differ by"
                        .to_owned(),
                );
            }
            _ => {}
        }
        let Some(newest) = &self.newest else {
            return Some("a value of zero has no ratio to any other".to_owned());
        };
        let by_newest = newest.found.smallest_detectable - 1.0;
        let by_steps = (FOUND * newest.sd).exp_m1();
        let seen = if spots.len() >= ENOUGH_FOR_STEPS {
            by_newest.min(by_steps)
        } else {
            by_newest
        };
        (seen > self.thresholds.warning()).then(|| {
            if seen > FAR {
                return "even a tenfold change might not be seen in so few runs, or runs that differ so much".to_owned();
            }
            let percent = seen * 100.0;
            format!("a change of up to {percent:.0} % would not be seen in so few runs, or runs that differ so much")
        })
    }
}

#[cfg(test)]
mod tests;

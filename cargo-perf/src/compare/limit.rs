//! Limits: brackets, which are set beside each other as intervals on the scale of ratios.
//!
//! A limit is known to lie in its bracket, from the largest level that passed to the smallest that failed. So the ratio of
//! two limits is known to lie between the ratios of opposite ends. Where a deadline broke, a limit depends on how fast the
//! machine was, too: there the interval is made wider by what sessions differ by. Where memory or a stack ended, it is not.

use perf_schema::{BenchmarkRecord, Better, Cap, Level, LimitRecord, Ratio, SearchEnd};
use perf_stats::UNKNOWN_SESSION_SD;

use super::judge::percent;
use super::verdict::{Effect, Verdict};

/// Level of the interval, for the part of it that comes from what sessions differ by.
const CONFIDENCE: f64 = 0.99;

/// The quantile of the normal distribution that belongs to it, on two sides.
const NORMAL: f64 = 2.576;

/// A change up to this ratio counts as none, where it is known that it is no larger.
const MARGIN: f64 = 1.25;

/// What memory that a level takes differs by from process to process, as a ratio: what is resident comes in pages, and Linux sums
/// up late what it counts on each processor.
const PAGES: f64 = 1.01;

/// What is known of a limit on one side.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bracket {
    /// The limit is this or above; zero where the first level fails.
    pass: u64,
    /// The limit is below this; none where the last level passes.
    fail: Option<u64>,
    /// Whether it depends on how fast the machine was.
    is_timed: bool,
    /// Whether a level is sure to pass or to fail the next time, too: none is near its cap.
    is_sharp: bool,
    /// What is known of where in the range it lies.
    place: Place,
    /// Whether the level that failed first did so only while other programs had the processor.
    is_disturbed: bool,
    /// Whether other programs had the processor at the level that others are measured by.
    has_disturbed_base: bool,
    /// The largest level that passed, however sure that is.
    shown: u64,
}

/// Where a limit lies in the range that was searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Between two of its levels.
    Inside,
    /// At the last of them, or beyond it.
    Beyond,
    /// Before the first.
    Before,
    /// Time was over before it was known.
    Unknown,
}

/// The answer for two brackets.
pub(super) struct Answer {
    pub(super) verdict: Verdict,
    pub(super) reason: String,
    pub(super) effect: Option<Effect>,
}

impl Bracket {
    /// What the search found.
    ///
    /// # Errors
    /// With the reason, where it found nothing.
    pub(super) fn of(benchmark: &BenchmarkRecord) -> Option<Result<Self, String>> {
        let limit = benchmark.limit.as_ref()?;
        Some(Self::of_search(limit))
    }

    fn of_search(limit: &LimitRecord) -> Result<Self, String> {
        let (pass, fail) = match (limit.end, limit.largest_pass, limit.smallest_fail) {
            (SearchEnd::Failed, ..) => {
                return Err("a level failed, so there is no limit".to_owned());
            }
            (_, None, None) => return Err("no level was probed".to_owned()),
            // An end of a search that was broken off may rest on a single probe.
            (SearchEnd::Budget, ..) => sure_ends(limit),
            // A level that others kept from its deadline says nothing of the limit, and one that passed all the same does.
            (_, pass, _) if limit.is_disturbed() => (pass, undisturbed_fail(limit)),
            (_, pass, fail) => (pass, fail),
        };
        // By what a starved user does others do well. Those that fail even so would fail beside any other; of what passed only the
        // first is sure, since it is measured by nothing.
        let has_disturbed_base = limit.has_disturbed_base();
        let pass = pass.map(|pass| {
            if has_disturbed_base {
                limit.plan.first
            } else {
                pass
            }
        });
        Ok(Self {
            pass: pass.unwrap_or(0),
            fail,
            is_timed: match limit.cap() {
                Some(cap) => cap.is_timed(),
                None => limit.plan.caps.are_timed(),
            },
            is_sharp: is_sharp(limit),
            place: match limit.end {
                SearchEnd::NotReached => Place::Beyond,
                SearchEnd::BelowRange if !limit.is_disturbed() => Place::Before,
                SearchEnd::Budget | SearchEnd::BelowRange if pass.is_none() || fail.is_none() => {
                    Place::Unknown
                }
                _ => Place::Inside,
            },
            is_disturbed: limit.is_disturbed(),
            has_disturbed_base,
            shown: limit.largest_pass.unwrap_or(0),
        })
    }

    /// What several searches of the same code know together: the limit is somewhere in any of their brackets.
    pub(super) fn or(&self, other: &Self) -> Self {
        Self {
            pass: self.pass.min(other.pass),
            fail: self.fail.zip(other.fail).map(|(one, two)| one.max(two)),
            is_timed: self.is_timed || other.is_timed,
            is_sharp: self.is_sharp && other.is_sharp,
            place: match (self.place, other.place) {
                (one, two) if one == two => one,
                (Place::Unknown, _) | (_, Place::Unknown) => Place::Unknown,
                _ => Place::Inside,
            },
            is_disturbed: self.is_disturbed || other.is_disturbed,
            has_disturbed_base: self.has_disturbed_base || other.has_disturbed_base,
            shown: self.shown.min(other.shown),
        }
    }

    /// What is shown as the limit: the largest level that passes.
    pub(super) const fn shown(&self) -> f64 {
        self.shown as f64
    }

    /// Whether it is known to the level, and would be found there again.
    fn is_exact(&self) -> bool {
        self.is_sharp && !self.is_timed && self.fail == self.pass.checked_add(1)
    }

    fn high(&self) -> f64 {
        self.fail.map_or(f64::INFINITY, |fail| fail as f64)
    }

    /// The middle, on the scale of ratios; an end where there is no other.
    fn middle(&self) -> f64 {
        match (self.pass, self.fail) {
            (0, Some(fail)) => fail as f64,
            (pass, Some(fail)) => (pass as f64 * fail as f64).sqrt(),
            (pass, None) => pass as f64,
        }
    }
}

/// The ends that a majority of the probes they may have stands behind.
fn sure_ends(limit: &LimitRecord) -> (Option<u64>, Option<u64>) {
    let majority = limit.plan.repeats.max(1) as usize / 2 + 1;
    let has_majority = |n: u64, passed: bool| {
        let at = limit.levels.iter().filter(|level| level.n == n);
        at.filter(|level| level.passed() == passed && !level.disturbed)
            .count()
            >= majority
    };
    let levels = || limit.levels.iter().map(|level| level.n);
    let pass = limit.largest_pass.and_then(|most| {
        let sure = levels().filter(|&n| n <= most && has_majority(n, true));
        sure.max()
    });
    let fail = limit.smallest_fail.and_then(|least| {
        let sure = levels().filter(|&n| n >= least && has_majority(n, false));
        sure.min()
    });
    (pass, fail)
}

/// The smallest level that was seen to fail by itself.
fn undisturbed_fail(limit: &LimitRecord) -> Option<u64> {
    let failed = limit
        .levels
        .iter()
        .filter(|level| level.broke.is_some() && !level.disturbed);
    let above = failed.filter(|level| limit.largest_pass.is_none_or(|pass| level.n > pass));
    above.map(|level| level.n).min()
}

/// Whether what the two ends took is away from the cap by more than it differs by from process to process. Of a stack, which is
/// laid out in the same way each time, it always is.
fn is_sharp(limit: &LimitRecord) -> bool {
    let most = match (limit.cap(), limit.plan.caps.memory_bytes) {
        (Some(Cap::Stack), _) => return true,
        (Some(Cap::Memory), Some(bytes)) => bytes as f64,
        _ => return false,
    };
    let at = |n: Option<u64>| limit.levels.iter().filter(move |level| Some(level.n) == n);
    let took = |level: &Level| level.memory_bytes.map(|bytes| bytes as f64);
    let is_less = |level: &Level| took(level).is_some_and(|bytes| bytes < most / PAGES);
    let is_more = |level: &Level| took(level).is_some_and(|bytes| bytes > most * PAGES);
    at(limit.largest_pass).all(is_less) && at(limit.smallest_fail).all(is_more)
}

/// The new limit over the old one, by the middles of their brackets, and the ends that it lies between: from 0, and to infinity where
/// there is no upper one.
pub(super) fn ratio(old: &Bracket, new: &Bracket) -> (f64, f64, f64) {
    let apart = if old.is_timed || new.is_timed {
        (NORMAL * UNKNOWN_SESSION_SD * 2.0_f64.sqrt()).exp()
    } else {
        PAGES
    };
    let low = new.pass as f64 / old.high() / apart;
    let high = new.high() / old.pass as f64 * apart;
    (new.middle() / old.middle(), low, high)
}

/// Judges two brackets.
pub(super) fn judge(old: &Bracket, new: &Bracket) -> Answer {
    let (_, low, high) = ratio(old, new);
    let (verdict, reason) = verdict(old, new, low, high);
    Answer {
        effect: effect(old, new, (low, high), verdict),
        verdict,
        reason,
    }
}

fn verdict(old: &Bracket, new: &Bracket, low: f64, high: f64) -> (Verdict, String) {
    let unchanged = |reason: &str| (Verdict::Unchanged, reason.to_owned());
    // Where neighbouring levels were tried, one that passed before and fails now is a fall, however small.
    let is_exact = old.is_exact() && new.is_exact();
    if high < 1.0 || is_exact && new.fail.is_some_and(|fail| fail <= old.pass) {
        let why = "the whole bracket lies below what it was".to_owned();
        return (Verdict::Regressed, why);
    }
    if low > 1.0 || is_exact && old.fail.is_some_and(|fail| fail <= new.pass) {
        let why = "the whole bracket lies above what it was".to_owned();
        return (Verdict::Improved, why);
    }
    if old.has_disturbed_base || new.has_disturbed_base {
        let why = "other programs had the processor at the first level, by which the others are measured, so the limit may be lower; \
                   on a quieter machine a new search would tell";
        return (Verdict::CannotTell, why.to_owned());
    }
    match (old.place, new.place) {
        (Place::Beyond, Place::Beyond) if new.pass >= old.pass => {
            return unchanged("not reached, then and now");
        }
        (Place::Before, Place::Before) => {
            return unchanged("the first level fails, then and now");
        }
        _ if old.is_disturbed || new.is_disturbed => {
            let why = "other programs had the processor where a level failed, so the limit may be higher; on a quieter machine a new \
                       search would tell";
            return (Verdict::CannotTell, why.to_owned());
        }
        (Place::Unknown, _) | (_, Place::Unknown) => {
            let why = "a search was broken off when its time was over, before a majority of probes stood behind both ends; a larger \
                       `budget` would tell";
            return (Verdict::CannotTell, why.to_owned());
        }
        _ => {}
    }
    if old.fail.is_none() || new.fail.is_none() || old.pass == 0 || new.pass == 0 {
        let why =
            "the range ends where the difference would have to be seen; a wider range would tell";
        return (Verdict::CannotTell, why.to_owned());
    }
    let most = (high.ln().max(-low.ln())).exp() - 1.0;
    if low >= 1.0 / MARGIN && high <= MARGIN {
        unchanged(&format!("no change beyond {} %", percent(most)))
    } else {
        let reason = format!(
            "the brackets overlap: a change of less than {} % could not have been seen",
            percent(most)
        );
        (Verdict::CannotTell, reason)
    }
}

/// The change. There is none where one end is open.
fn effect(
    old: &Bracket,
    new: &Bracket,
    (low, high): (f64, f64),
    verdict: Verdict,
) -> Option<Effect> {
    let certain = |is_so| if is_so { 0.0 } else { 1.0 };
    let timed = old.is_timed || new.is_timed;
    Some(Effect {
        ratio: Ratio::new(new.middle() / old.middle())?,
        low: Ratio::new(low)?,
        high: Ratio::new(high)?,
        confidence: if timed { CONFIDENCE } else { 1.0 },
        p_worse: certain(verdict == Verdict::Regressed),
        p_better: certain(verdict == Verdict::Improved),
        smallest_detectable: Ratio::new((low / high).sqrt())?,
    })
}

/// More is better, of every limit.
pub(super) const BETTER: Better = Better::Higher;

#[cfg(test)]
mod tests;

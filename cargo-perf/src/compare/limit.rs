//! Limits: brackets, which are set beside each other as intervals on the scale of ratios.
//!
//! A limit is known to lie in its bracket, from the largest level that passed to the smallest that failed. So the ratio of
//! two limits is known to lie between the ratios of opposite ends. Where a deadline broke, a limit depends on how fast the
//! machine was, too: there the interval is made wider by what sessions differ by. Where memory or a stack ended, it is not.

use perf_schema::{BenchmarkRecord, Better, Cap, LimitRecord, Ratio, SearchEnd};
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
        match (limit.end, limit.largest_pass, limit.smallest_fail) {
            (SearchEnd::Failed, ..) => Err("a level failed, so there is no limit".to_owned()),
            (_, None, None) => Err("no level was probed".to_owned()),
            (_, pass, fail) => Ok(Self {
                pass: pass.unwrap_or(0),
                fail,
                is_timed: match limit.cap() {
                    Some(cap) => cap == Cap::Wall,
                    None => limit.plan.caps.wall_ns.is_some(),
                },
            }),
        }
    }

    /// What several searches of the same code know together: the limit is somewhere in any of their brackets.
    pub(super) fn or(&self, other: &Self) -> Self {
        Self {
            pass: self.pass.min(other.pass),
            fail: self.fail.zip(other.fail).map(|(one, two)| one.max(two)),
            is_timed: self.is_timed || other.is_timed,
        }
    }

    /// What is shown as the limit: the largest level that passes.
    pub(super) const fn shown(&self) -> f64 {
        self.pass as f64
    }

    /// Whether it is known to the level, and does not depend on how fast the machine was.
    fn is_exact(&self) -> bool {
        !self.is_timed && self.fail == self.pass.checked_add(1)
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

/// Judges two brackets.
pub(super) fn judge(old: &Bracket, new: &Bracket) -> Answer {
    let apart = if old.is_timed || new.is_timed {
        (NORMAL * UNKNOWN_SESSION_SD * 2.0_f64.sqrt()).exp()
    } else {
        PAGES
    };
    let low = new.pass as f64 / old.high() / apart;
    let high = new.high() / old.pass as f64 * apart;
    let (verdict, reason) = verdict(old, new, low, high);
    Answer {
        effect: effect(old, new, (low, high), verdict),
        verdict,
        reason,
    }
}

fn verdict(old: &Bracket, new: &Bracket, low: f64, high: f64) -> (Verdict, String) {
    let unchanged = |reason: &str| (Verdict::Unchanged, reason.to_owned());
    // Where every level was tried, one that passed before and fails now is a fall, however small.
    let is_exact = old.is_exact() && new.is_exact();
    if high < 1.0 || is_exact && new.fail.is_some_and(|fail| fail <= old.pass) {
        let why = "the whole bracket lies below what it was".to_owned();
        return (Verdict::Regressed, why);
    }
    if low > 1.0 || is_exact && old.fail.is_some_and(|fail| fail <= new.pass) {
        let why = "the whole bracket lies above what it was".to_owned();
        return (Verdict::Improved, why);
    }
    match (old.fail, new.fail) {
        (None, None) if new.pass >= old.pass => return unchanged("not reached, then and now"),
        (Some(_), Some(_)) if old.pass == 0 && new.pass == 0 => {
            return unchanged("the first level fails, then and now");
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
mod tests {
    use super::*;
    use Verdict::{CannotTell, Improved, Regressed, Unchanged};

    const fn bracket(pass: u64, fail: Option<u64>, is_timed: bool) -> Bracket {
        Bracket {
            pass,
            fail,
            is_timed,
        }
    }

    fn verdict_of(old: (u64, Option<u64>), new: (u64, Option<u64>), is_timed: bool) -> Verdict {
        judge(
            &bracket(old.0, old.1, is_timed),
            &bracket(new.0, new.1, is_timed),
        )
        .verdict
    }

    #[test]
    fn a_fifth_less_is_a_regression_whatever_broke() {
        for is_timed in [false, true] {
            let of = |new| verdict_of((1000, Some(1050)), new, is_timed);
            assert_eq!(of((800, Some(840))), Regressed);
            assert_eq!(of((1250, Some(1310))), Improved);
            assert_eq!(of((1000, Some(1050))), Unchanged);
            assert_eq!(of((1020, Some(1071))), Unchanged);
            assert_eq!(of((500, Some(2000))), CannotTell);
        }
    }

    #[test]
    fn what_memory_or_a_stack_ends_is_known_to_the_bracket() {
        let of = |new, is_timed| verdict_of((1000, Some(1050)), new, is_timed);
        assert_eq!(of((930, Some(970)), false), Regressed);
        assert_eq!(of((930, Some(970)), true), Unchanged);
        assert_eq!(of((1100, Some(1150)), false), Improved);
        // Single levels.
        assert_eq!(verdict_of((10, Some(11)), (9, Some(10)), false), Regressed);
        assert_eq!(verdict_of((10, Some(11)), (11, Some(12)), false), Improved);
        assert_eq!(verdict_of((10, Some(11)), (10, Some(11)), false), Unchanged);
    }

    #[test]
    fn what_lies_beyond_the_range_is_compared_as_such() {
        let reached = (400, Some(420));
        let (open, below) = ((1000, None), (0, Some(10)));
        assert_eq!(verdict_of(reached, open, true), Improved);
        assert_eq!(verdict_of(open, reached, true), Regressed);
        assert_eq!(verdict_of(open, open, true), Unchanged);
        assert_eq!(verdict_of(below, below, true), Unchanged);
        assert_eq!(verdict_of(below, reached, true), Improved);
        assert_eq!(verdict_of(reached, below, true), Regressed);
        assert_eq!(verdict_of((990, Some(1000)), open, true), CannotTell);
        assert_eq!(verdict_of(open, (500, None), true), CannotTell);
    }

    #[test]
    fn swapped_sides_invert_the_answer() {
        let ends = [
            (1, Some(2)),
            (10, Some(11)),
            (10, None),
            (0, Some(1)),
            (12, Some(13)),
            (7, Some(30)),
        ];
        for is_timed in [false, true] {
            for old in ends {
                for new in ends {
                    let there = verdict_of(old, new, is_timed);
                    let back = verdict_of(new, old, is_timed);
                    let inverted = match there {
                        Regressed => Improved,
                        Improved => Regressed,
                        other => other,
                    };
                    let open = old.1.is_none() && new.1.is_none();
                    assert!(
                        back == inverted || open,
                        "{old:?} {new:?} {is_timed}: {there:?} {back:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn several_searches_are_as_wide_as_all_of_them() {
        let one = bracket(10, Some(11), false);
        let two = bracket(12, Some(13), true);
        assert_eq!(one.or(&two), bracket(10, Some(13), true));
        assert_eq!(one.or(&bracket(20, None, false)), bracket(10, None, false));
    }
}

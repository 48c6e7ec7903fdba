//! Which level to probe next. Pure: it asks for a level and is told what came of it.
//!
//! The levels grow by the double until one fails; where the levels say how much of their caps they took, a straight line
//! through their logarithms says where the caps would be reached, and the next level is taken near there. Then the gap is
//! closed: where the line says, or else in the middle, on the scale of ratios. At last both ends of the bracket are probed
//! again, and one level above it, since nothing so far has shown that more is harder.

use std::collections::BTreeMap;

use perf_schema::SearchEnd;

/// More than any search needs: 64 doublings, as many halvings, and the repeats of each.
const MOST_PROBES: u32 = 400;

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quest {
    pub(super) first: u64,
    pub(super) last: u64,
    /// How far apart the ends of the bracket may be, 0.05 for five per cent.
    pub(super) precision: f64,
    /// Probes of one level at most; the majority decides.
    pub(super) repeats: u32,
}

/// What came of a probe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Answer {
    /// It passed, and took this share of the cap it came nearest to, where that is known.
    Passed(Option<f64>),
    /// A cap broke.
    Broke,
    /// Something else went wrong: there is no use in going on.
    Fault,
    /// The time was over before it could be probed.
    TooLate,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) end: SearchEnd,
    pub(super) largest_pass: Option<u64>,
    pub(super) smallest_fail: Option<u64>,
}

/// Searches with `probe`, which runs a level once.
///
/// # Errors
/// Those of `probe`.
pub(super) fn search<E>(
    quest: &Quest,
    probe: &mut dyn FnMut(u64) -> Result<Answer, E>,
) -> Result<Found, E> {
    let mut known = Known::default();
    for _ in 0..MOST_PROBES {
        let n = match known.next(quest) {
            Next::Probe(n) => n,
            Next::End(end) => return Ok(known.found(end)),
        };
        match probe(n)? {
            Answer::Passed(load) => known.passed(n, load),
            Answer::Broke => known.broke(n),
            Answer::Fault => return Ok(known.found(SearchEnd::Failed)),
            Answer::TooLate => return Ok(known.found(SearchEnd::Budget)),
        }
    }
    Ok(known.found(SearchEnd::Budget))
}

/// What is known of the levels.
#[derive(Debug, Default)]
struct Known {
    levels: BTreeMap<u64, Seen>,
    /// Width of the bracket, as the logarithm of a ratio, when the line was first followed into it, and how often it was.
    followed: Option<(f64, u32)>,
    /// How often a level was chosen where the caps were thought to be reached, and they were not.
    missed: i32,
}

/// What was seen of a level.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    passed: u32,
    broke: u32,
    load: Option<f64>,
}

enum Next {
    Probe(u64),
    End(SearchEnd),
}

impl Seen {
    /// In doubt it does not pass.
    const fn passes(self) -> bool {
        self.passed > self.broke
    }

    /// Whether more probes would change nothing.
    fn is_decided(self, repeats: u32) -> bool {
        let majority = repeats / 2 + 1;
        self.passed.max(self.broke) >= majority || self.passed + self.broke >= repeats
    }
}

impl Known {
    fn passed(&mut self, n: u64, load: Option<f64>) {
        let seen = self.levels.entry(n).or_default();
        seen.passed += 1;
        seen.load = load.or(seen.load);
    }

    fn broke(&mut self, n: u64) {
        self.levels.entry(n).or_default().broke += 1;
    }

    /// The smallest level that fails.
    fn fail(&self) -> Option<u64> {
        let mut levels = self.levels.iter();
        levels.find(|(_, seen)| !seen.passes()).map(|(n, _)| *n)
    }

    /// The largest that passes below it.
    fn pass(&self) -> Option<u64> {
        let below = self.fail().unwrap_or(u64::MAX);
        let mut levels = self.levels.iter().rev();
        levels
            .find(|(n, seen)| **n <= below && seen.passes())
            .map(|(n, _)| *n)
    }

    fn found(&self, end: SearchEnd) -> Found {
        Found {
            end,
            largest_pass: self.pass(),
            smallest_fail: self.fail(),
        }
    }

    fn next(&mut self, quest: &Quest) -> Next {
        match (self.pass(), self.fail()) {
            (None, None) => Next::Probe(quest.first),
            (Some(pass), None) if pass < quest.last => Next::Probe(self.above(pass, quest)),
            (Some(pass), None) => self.sure(&[pass], SearchEnd::NotReached, quest),
            (None, Some(fail)) => self.sure(&[fail], SearchEnd::BelowRange, quest),
            (Some(pass), Some(fail)) if !quest.is_narrow(pass, fail) => {
                Next::Probe(self.between(pass, fail, quest))
            }
            (Some(pass), Some(fail)) => match self.sure(&[fail, pass], SearchEnd::Found, quest) {
                Next::End(SearchEnd::Found) => self.beyond(fail, quest),
                next => next,
            },
        }
    }

    /// Ends so if nothing is left to be decided about these levels.
    fn sure(&self, levels: &[u64], end: SearchEnd, quest: &Quest) -> Next {
        let open = levels.iter().find(|n| {
            let seen = self.levels.get(n).copied().unwrap_or_default();
            !seen.is_decided(quest.repeats)
        });
        open.map_or(Next::End(end), |&n| Next::Probe(n))
    }

    /// A level above the bracket, if none was looked at: one that passes shows that more is not harder.
    fn beyond(&self, fail: u64, quest: &Quest) -> Next {
        let above = fail.saturating_mul(2).min(quest.last);
        let seen = self.levels.range(fail + 1..).next().is_some();
        if seen || above <= fail {
            Next::End(SearchEnd::Found)
        } else {
            Next::Probe(above)
        }
    }

    /// The next level while none has failed: twice as much, or where the caps seem to be reached.
    fn above(&mut self, pass: u64, quest: &Quest) -> u64 {
        /// Below this share of a cap, what a level takes says little of what a much larger one would.
        const TELLING: f64 = 0.05;
        let load = self.levels.get(&pass).and_then(|seen| seen.load);
        let line = self.line().filter(|_| load.is_some_and(|l| l >= TELLING));
        let aim = match line {
            // What was nearly there several times is further than it seems: the steps grow again.
            Some(limit) => {
                let step = quest.ratio().powi(1 << self.missed.min(20));
                self.missed += i32::from(limit <= pass as f64 * quest.ratio());
                let aim = quest.aim(limit, pass).max(pass as f64 * step);
                aim.min(pass as f64 * 4.0)
            }
            None => pass as f64 * 2.0,
        };
        whole(aim).clamp(pass.saturating_add(1), quest.last)
    }

    /// A level inside the bracket.
    fn between(&mut self, pass: u64, fail: u64, quest: &Quest) -> u64 {
        let width = (fail as f64 / pass as f64).ln();
        // A line that two steps along have not brought to half the width is not followed in the next one.
        self.followed = match self.followed {
            None => Some((width, 1)),
            Some((before, 1)) => Some((before, 2)),
            Some((before, _)) => (width <= before / 2.0).then_some((width, 1)),
        };
        let middle = (pass as f64 * fail as f64).sqrt();
        let aim = match self.line().filter(|_| self.followed.is_some()) {
            // Right below what has failed there is nothing to be learned.
            Some(limit) => match quest.aim(limit, pass) {
                aim if aim < fail as f64 / quest.ratio().powf(0.25) => aim,
                _ => fail as f64 / quest.ratio(),
            },
            None => middle,
        };
        whole(aim).clamp(pass + 1, fail - 1)
    }

    /// Where the caps would be reached, by the two largest levels that pass and say what they took.
    fn line(&self) -> Option<f64> {
        let below = self.fail().unwrap_or(u64::MAX);
        let mut loads = self
            .levels
            .range(..below)
            .rev()
            .filter(|(_, seen)| seen.passes())
            .filter_map(|(&n, seen)| Some((n as f64, seen.load.filter(|load| *load > 0.0)?)));
        let (n, load) = loads.next()?;
        // Too near each other, two levels tell of their luck and not of their growth.
        let (smaller, less) = loads.find(|(smaller, _)| n / smaller >= 1.2)?;
        let slope = (load / less).ln() / (n / smaller).ln();
        let limit = (slope > 0.1).then(|| n * (1.0 / load).powf(1.0 / slope))?;
        limit.is_finite().then_some(limit)
    }
}

impl Quest {
    fn ratio(&self) -> f64 {
        1.0 + self.precision
    }

    fn is_narrow(&self, pass: u64, fail: u64) -> bool {
        fail - pass <= 1 || fail as f64 <= pass as f64 * self.ratio()
    }

    /// The level to probe where the limit is thought to be: the lower end of a bracket around it, or the upper one when the
    /// lower is known to pass.
    fn aim(&self, limit: f64, pass: u64) -> f64 {
        let lower = limit / self.ratio().sqrt();
        if lower > pass as f64 * self.ratio().powf(0.25) {
            lower
        } else {
            pass as f64 * self.ratio()
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a positive number, saturating"
)]
fn whole(n: f64) -> u64 {
    n.floor() as u64
}

#[cfg(test)]
#[path = "search/tests.rs"]
mod tests;

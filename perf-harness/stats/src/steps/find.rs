//! The search: which intervals split clearly, and which of their splits are kept.

use std::collections::HashMap;

use super::judge::{Judge, Judged};
use super::scores::{Scores, Split};
use super::{ChangePoint, ChangeRule, Steps};
use crate::values::{self, ValueError};

/// The lasting changes of level in a series of runs.
///
/// `series`: one value per run, in order of time, of one machine, toolchain and definition; any unit, finite, above zero, at
/// least twice the rule's shortest segment. Each dyadic interval (the whole, then halves, quarters … that overlap by half)
/// is split where normal scores of its ranks differ most. P-values are those of the rank-sum test, exact up to 40 runs or with
/// five on one side, of the scores' normal tail otherwise, times the number of all splits of all intervals (Bonferroni), so
/// that any exchangeable noise shows a change point in at most one minus the level of unchanged series. The narrowest clear
/// interval counts first, and none that holds its split counts again. Each point is then moved to the clearest place between
/// its neighbours and must still be clear there, beyond the floor, and a better account than a slope. Noise that depends on
/// the run before is not exchangeable, and shows more. Time grows with `n log² n`.
/// Source: Pettitt, Applied Statistics 28 (1979), with scores of van der Waerden; intervals as in Kovács, Bühlmann, Li & Munk,
/// Biometrika 110 (2023); the narrowest first as in Baranowski, Chen & Fryzlewicz, JRSS B 81 (2019). Checked in
/// `tests/steps.rs`.
///
/// # Errors
///
/// [`ValueError`] when there are too few runs or one is not above zero.
pub fn change_points(series: &[f64], rule: &ChangeRule) -> Result<Steps, ValueError> {
    let shortest = rule.min_segment.max(2);
    values::positive(series, shortest.saturating_mul(2))?;
    let logs = values::logs(series);
    let plan = Plan::new(series.len(), shortest);
    let mut clear = plan.clearest(&logs);
    let p_value = clear
        .iter()
        .map(|found| plan.adjusted(found.split.p_value))
        .fold(1.0, f64::min);
    let tail = 2.0 * rule.confidence.tail();
    clear.retain(|found| plan.adjusted(found.split.p_value) <= tail);
    let judge = Judge {
        logs: &logs,
        rule,
        shortest,
    };
    let mut search = Search {
        judge,
        plan: &plan,
        tail,
        judged: HashMap::new(),
    };
    let mut places = narrowest_first(clear);
    search.settle(&mut places);
    Ok(Steps {
        points: search.points(&places),
        p_value,
    })
}

/// Places that have not come to rest after so many rounds are left where they are.
const MOST_ROUNDS: u32 = 10;

/// What is looked at in a series of some length.
pub(super) struct Plan {
    count: usize,
    shortest: usize,
    /// Number of splits that are looked at in all.
    looks: f64,
}

/// An interval and its clearest split.
struct Found {
    from: usize,
    to: usize,
    split: Split,
}

impl Plan {
    fn new(count: usize, shortest: usize) -> Self {
        let mut plan = Self {
            count,
            shortest,
            looks: 0.0,
        };
        let per_interval = |(from, to): (usize, usize)| (to - from - 2 * shortest + 1) as f64;
        plan.looks = plan
            .lengths()
            .flat_map(|length| plan.of(length))
            .map(per_interval)
            .sum();
        plan
    }

    /// Lengths of intervals: the whole, its half and so on, as long as there is room for two segments.
    fn lengths(&self) -> impl Iterator<Item = usize> {
        let shortest = 2 * self.shortest;
        std::iter::successors(Some(self.count), |length| Some(length.div_ceil(2)))
            .take_while(move |&length| length >= shortest && length > 1)
    }

    /// The intervals of a length, each half a length after the one before, the last at the end.
    fn of(&self, length: usize) -> impl Iterator<Item = (usize, usize)> {
        let step = (length / 2).max(1);
        let last = self.count - length;
        (0..=last.div_ceil(step)).map(move |i| {
            let from = (i * step).min(last);
            (from, from + length)
        })
    }

    fn clearest(&self, logs: &[f64]) -> Vec<Found> {
        let mut all = Vec::new();
        for length in self.lengths() {
            let scores = Scores::new(length);
            all.extend(self.of(length).filter_map(|(from, to)| {
                let split = scores.clearest(&logs[from..to], self.shortest)?;
                Some(Found { from, to, split })
            }));
        }
        all
    }

    /// Probability of a split as clear as this anywhere, at most.
    fn adjusted(&self, p_value: f64) -> f64 {
        (p_value * self.looks).min(1.0)
    }
}

/// The splits of intervals from the narrowest up, the clearest of one width first, without any interval that holds one already.
fn narrowest_first(mut clear: Vec<Found>) -> Vec<usize> {
    clear.sort_by(|a, b| {
        let width = |found: &Found| found.to - found.from;
        width(a)
            .cmp(&width(b))
            .then(b.split.z.total_cmp(&a.split.z))
    });
    let mut places: Vec<usize> = Vec::new();
    for found in clear {
        if !places.iter().any(|&at| found.from < at && at < found.to) {
            places.push(found.from + found.split.left);
        }
    }
    places.sort_unstable();
    places
}

/// Places of change points, moved and tested between their neighbours until all stand.
struct Search<'a> {
    judge: Judge<'a>,
    plan: &'a Plan,
    tail: f64,
    /// What was found between two neighbours; most do not move when one goes.
    judged: HashMap<(usize, usize), Option<Judged>>,
}

impl Search<'_> {
    /// Moves the places and drops the least clear of those that do not stand, until all do.
    fn settle(&mut self, places: &mut Vec<usize>) {
        loop {
            self.adjust(places);
            let weakest = (0..places.len())
                .map(|at| (at, self.doubt(places, at)))
                .filter(|(_, doubt)| *doubt > 0.0)
                .max_by(|a, b| a.1.total_cmp(&b.1));
            match weakest {
                Some((at, _)) => {
                    places.remove(at);
                }
                None => return,
            }
        }
    }

    /// Moves every place to the clearest between its neighbours, until none moves; in ever the same order, so a few rounds do.
    fn adjust(&mut self, places: &mut [usize]) {
        for _ in 0..MOST_ROUNDS {
            let mut moved = false;
            for at in 0..places.len() {
                let (from, to) = self.between(places, at);
                if let Some(judged) = self.look(from, to) {
                    let clearest = from + judged.split.left;
                    moved |= clearest != places[at];
                    places[at] = clearest;
                }
            }
            if !moved {
                return;
            }
        }
    }

    /// The ends of what lies between a place's neighbours.
    fn between(&self, places: &[usize], at: usize) -> (usize, usize) {
        let from = if at == 0 { 0 } else { places[at - 1] };
        let to = places.get(at + 1).copied().unwrap_or(self.plan.count);
        (from, to)
    }

    fn look(&mut self, from: usize, to: usize) -> Option<Judged> {
        let judge = &self.judge;
        self.judged
            .entry((from, to))
            .or_insert_with(|| judge.judge(from, to))
            .clone()
    }

    /// Above zero when a place does not stand between its neighbours: more for less clear ones, at most 1.
    fn doubt(&mut self, places: &[usize], at: usize) -> f64 {
        let (from, to) = self.between(places, at);
        let Some(judged) = self.look(from, to) else {
            return 1.0;
        };
        let stands = judged.lasts && self.plan.adjusted(judged.split.p_value) <= self.tail;
        if stands {
            0.0
        } else {
            (1.0 + judged.split.z).recip()
        }
    }

    fn points(&mut self, places: &[usize]) -> Vec<ChangePoint> {
        let point = |at: usize| {
            let (from, to) = self.between(places, at);
            let judged = self.look(from, to)?;
            let p_value = self.plan.adjusted(judged.split.p_value);
            Some(
                self.judge
                    .point(from, to, &judged, p_value, self.plan.count),
            )
        };
        let mut points: Vec<ChangePoint> = (0..places.len()).filter_map(point).collect();
        points.sort_by_key(|point| point.index);
        points.dedup_by_key(|point| point.index);
        points
    }
}

//! One change point between its neighbours: how large it is, whether it is a step at all, where it can be.

use super::scores::{Scores, Split};
use super::{ChangePoint, ChangeRule};
use crate::minimum;
use crate::quantile;
use crate::shift;

/// The ratio is read from this many runs on each side, the nearest: a level may have drifted before, and pairs grow with the square.
const NEAREST: usize = 30;

/// Twice the log-likelihood that places in doubt may lack, at 95 %: the larger of two independent exponential maxima, one for either
/// direction, is below it so often (Bhattacharya 1987).
const PLACES_IN_DOUBT: f64 = 7.352;

/// Makes a mean distance from the centre estimate the standard deviation of normal noise: the root of π/2.
const MEAN_DISTANCE_TO_SD: f64 = 1.253_314_137_315_500_3;

/// Distances beyond this many standard deviations count as that many, so that one spike does not move the place.
const CLIPPED: f64 = 3.0;

/// Series and rule.
pub(super) struct Judge<'a> {
    pub(super) logs: &'a [f64],
    pub(super) rule: &'a ChangeRule,
    pub(super) shortest: usize,
}

/// What lies between two neighbours.
#[derive(Debug, Clone)]
pub(super) struct Judged {
    pub(super) split: Split,
    /// Logarithm of new level over old.
    log_ratio: f64,
    /// Beyond the floor, and a step rather than a slope.
    pub(super) lasts: bool,
}

impl Judge<'_> {
    /// The clearest split between `from` and `to`.
    pub(super) fn judge(&self, from: usize, to: usize) -> Option<Judged> {
        let logs = &self.logs[from..to];
        let split = Scores::new(logs.len()).clearest(logs, self.shortest)?;
        let (left, right) = logs.split_at(split.left);
        let (old, new) = nearest(left, right);
        let log_ratio = median(new) - median(old);
        let beyond = log_ratio.abs() > self.rule.floor.max(0.0).ln_1p();
        Some(Judged {
            split,
            log_ratio,
            lasts: beyond && misfit_of_step(left, right) <= misfit_of_line(logs),
        })
    }

    pub(super) fn point(
        &self,
        from: usize,
        to: usize,
        judged: &Judged,
        p_value: f64,
        count: usize,
    ) -> ChangePoint {
        let logs = &self.logs[from..to];
        let (left, right) = logs.split_at(judged.split.left);
        let (old, new) = nearest(left, right);
        let shift = shift::hodges_lehmann_shift(old, new, self.rule.confidence).ok();
        let interval = shift.map(|mut shift| {
            for end in [&mut shift.value, &mut shift.low, &mut shift.high] {
                *end = end.exp();
            }
            shift
        });
        let index = from + judged.split.left;
        let (first, last) = in_doubt(logs, judged.split.left, self.shortest);
        ChangePoint {
            index,
            last_before: from + first - 1,
            first_after: from + last,
            ratio: interval.map_or_else(|| judged.log_ratio.exp(), |interval| interval.value),
            interval,
            p_value,
            provisional: count - index < self.rule.confirmed_by,
        }
    }
}

/// The runs on each side that are nearest to the split.
fn nearest<'a>(left: &'a [f64], right: &'a [f64]) -> (&'a [f64], &'a [f64]) {
    (
        &left[left.len().saturating_sub(NEAREST)..],
        &right[..right.len().min(NEAREST)],
    )
}

fn median(values: &[f64]) -> f64 {
    quantile::median_of(values.iter().copied())
}

/// The sum of distances from the median of each side.
fn misfit_of_step(left: &[f64], right: &[f64]) -> f64 {
    let of = |side: &[f64]| {
        let centre = median(side);
        side.iter().map(|v| (v - centre).abs()).sum::<f64>()
    };
    of(left) + of(right)
}

/// The sum of distances from the line for which it is least. Its level is the median of what is left, and the slope is looked for about
/// that of the medians of the first and the last third.
fn misfit_of_line(logs: &[f64]) -> f64 {
    let third = logs.len().div_ceil(3);
    let (start, end) = (&logs[..third], &logs[logs.len() - third..]);
    let rise = median(end) - median(start);
    let run = (logs.len() - third) as f64;
    let about = |slope: f64| {
        let flat = |(at, value): (usize, &f64)| value - slope * at as f64;
        let level = quantile::median_of(logs.iter().enumerate().map(flat));
        let distances = logs
            .iter()
            .enumerate()
            .map(|pair| (flat(pair) - level).abs());
        distances.sum::<f64>()
    };
    // As much as thirds may be wrong: what scatters about a level.
    let centre = median(logs);
    let reach = logs.iter().map(|v| (v - centre).abs()).sum::<f64>() / logs.len() as f64;
    let ends = ((rise - reach) / run, (rise + reach) / run);
    minimum::least(ends, reach / run / 100.0, about).1
}

/// The first and the last place where the split can be, given the two levels.
fn in_doubt(logs: &[f64], best: usize, shortest: usize) -> (usize, usize) {
    let (left, right) = logs.split_at(best);
    let (old, new) = (median(left), median(right));
    let distance = |value: f64, level: f64| (value - level).abs();
    // The mean distance rather than the median one: of two speeds it sees both.
    let apart = left
        .iter()
        .map(|&v| distance(v, old))
        .chain(right.iter().map(|&v| distance(v, new)))
        .sum::<f64>();
    let scatter = MEAN_DISTANCE_TO_SD * apart / logs.len() as f64;
    if scatter <= 0.0 {
        return (best, best);
    }
    // What a run gains by counting as new rather than as old, in variances.
    let gain = |value: f64| {
        let clipped = |level: f64| (distance(value, level) / scatter).min(CLIPPED).powi(2);
        clipped(old) - clipped(new)
    };
    let places = shortest..=logs.len() - shortest;
    let mut worth = 0.0;
    let mut of_places = Vec::new();
    for (at, &value) in logs.iter().enumerate().rev() {
        worth += gain(value);
        if places.contains(&at) {
            of_places.push((at, worth));
        }
    }
    let most = of_places
        .iter()
        .map(|place| place.1)
        .fold(f64::MIN, f64::max);
    let kept = || {
        let close = |place: &&(usize, f64)| place.1 >= most - PLACES_IN_DOUBT;
        of_places.iter().filter(close).map(|place| place.0)
    };
    (
        kept().min().unwrap_or(best).min(best),
        kept().max().unwrap_or(best).max(best),
    )
}

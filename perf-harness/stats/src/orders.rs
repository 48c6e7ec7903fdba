//! Two codes, each linked in several orders: what is the code's doing, and what is only its place?
//!
//! A body has a few discrete speeds, and where the linker puts it decides which one a build gets. No number of launches of one
//! build averages that away; builds in other orders do. So the order is the unit of observation here.
//!
//! A change that is real shifts every speed alike. Where the speeds lie far apart, ranks over all orders hardly see it: the slow
//! orders of one side lie among the slow ones of the other. So orders are also compared within their speed. Which order has which
//! speed is told from all values together, sorted, without regard to whose they are, by the widest gaps between neighbours.

use std::cmp::Ordering;

use crate::confidence::Confidence;
use crate::quantile;
use crate::rank;
use crate::shift::ratio;
use crate::sides::{self, SidesError};
use crate::values;

/// How many speeds are tried, and by how much the chance of each trial is multiplied so that all add up to one: half of the
/// error for one speed, a quarter each for two and three.
const TRIALS: [(usize, f64); 3] = [(1, 2.0), (2, 4.0), (3, 4.0)];

/// What several link orders of two codes say. Everything is candidate over baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OverOrders {
    /// The ratio: the median over all pairs of an order of one side with one of the other.
    pub ratio: f64,
    /// Lower end of its interval, of ranks over all orders.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// The same median over pairs of orders of one speed, for the number of speeds that tells most.
    pub within: f64,
    /// Lower end of its interval, of ranks within the speeds as they were told; that over all orders where a speed has too few.
    pub within_low: f64,
    /// Upper end.
    pub within_high: f64,
    /// How many speeds that is.
    pub speeds: usize,
    /// Chance of seeing the candidate so much above the baseline if it were not, by more than the floor.
    pub p_above: f64,
    /// The same below.
    pub p_below: f64,
    /// The slowest order of a side over the fastest of the same side, of the side where that is more; what the noise of launches
    /// adds to that is taken off.
    pub spread: f64,
    /// The noise that was given.
    pub noise: f64,
}

/// What orders make of an alarm that was raised in one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlarmOverOrders {
    /// They bear it out: the code is slower.
    BorneOut,
    /// They do not show it surely, and nothing but the code can be behind it: no order differs from another by so much.
    Unexplained,
    /// They show that less is behind it, and that the orders differ by as much: it is the place.
    Layout,
    /// Neither.
    Open,
}

/// Compares two codes by their orders.
///
/// Both slices: one value per order, any unit (the same on both), any order, finite, above zero; orders drawn independently.
/// `floor`: the relative change that is not spoken of, 0.005 for half a per cent. `noise`: the standard deviation that launches
/// alone give the logarithm of a value; only the spread depends on it. Swapped sides give the inverse ratio and
/// interval and swap the chances. The chances are exact for ranks within groups formed without regard to sides (van Elteren's
/// sum of Mann–Whitney statistics), summed over the trials by Bonferroni's inequality; ties are rounded towards "no difference".
/// Source: van Elteren, Bulletin of the International Statistical Institute 37 (1960); Lehmann, Nonparametrics (1975), ch. 3.
/// Checked in `tests/reference.rs`, its rates in `tests/orders_coverage.rs`.
///
/// # Errors
///
/// As for [`ratio`]: [`SidesError::TooFew`] when there is no interval of that confidence, otherwise what is wrong with a value.
pub fn over_orders(
    baseline: &[f64],
    candidate: &[f64],
    floor: f64,
    noise: f64,
    confidence: Confidence,
) -> Result<OverOrders, SidesError> {
    let estimate = ratio(baseline, candidate, confidence)?;
    let (old, new) = (values::logs(baseline), values::logs(candidate));
    let floor = floor.max(0.0).ln_1p();
    let above = Trial::best(&old, &new, floor);
    let below = Trial::best(&new, &old, floor);
    let all = [estimate.low, estimate.high];
    let (within, ends, speeds) = match above.p.total_cmp(&below.p) {
        Ordering::Less => {
            let ends = above.interval(confidence);
            (above.shift(), ends, above.speeds)
        }
        Ordering::Greater => {
            let ends = below.interval(confidence).map(|[low, high]| [-high, -low]);
            (-below.shift(), ends, below.speeds)
        }
        Ordering::Equal => (estimate.ratio.ln(), None, 1),
    };
    let within = within.exp();
    let [within_low, within_high] = ends.map_or(all, |ends| ends.map(f64::exp));
    Ok(OverOrders {
        ratio: estimate.ratio,
        low: estimate.low,
        high: estimate.high,
        within,
        within_low,
        within_high,
        speeds,
        p_above: above.p,
        p_below: below.p,
        spread: range(&old, noise).max(range(&new, noise)).exp(),
        noise,
    })
}

/// The largest chance at which the candidate seems slower over orders, or surely less slow than an alarm said.
const SEEMS: f64 = 0.05;

/// The largest chance at which orders alone, without regard to how far they lie apart, exclude an alarm.
const EXCLUDED: f64 = 0.01;

/// The least chance at which orders are compatible with no change at all. It was multiplied by two or four.
const COMPATIBLE: f64 = 0.2;

/// The part of an alarm, on the log scale, that may be left over all orders for it to be called layout.
const LEFT: f64 = 0.5;

/// What the orders that gave `over` make of an alarm: that the candidate, in one order, is `alarm` times the baseline. `error` is what
/// is allowed for calling the code slower.
///
/// The limits were chosen by simulation (`tests/orders_coverage.rs`): an alarm of layout alone is to stand hardly ever, and one of
/// the code is to be called layout seldom.
///
/// # Errors
///
/// What is wrong with a value.
pub fn settle_alarm(
    baseline: &[f64],
    candidate: &[f64],
    over: &OverOrders,
    alarm: f64,
    error: f64,
) -> Result<AlarmOverOrders, SidesError> {
    if over.p_above <= error {
        return Ok(AlarmOverOrders::BorneOut);
    }
    let less = chance_of_less(baseline, candidate, alarm)?;
    let is_much_less = over.ratio.ln() <= LEFT * alarm.ln();
    let is_explained = alarm <= over.spread || less <= EXCLUDED;
    let layout = over.p_above > COMPATIBLE && less <= SEEMS && is_explained && is_much_less;
    let is_beyond_orders = alarm > over.spread * over.noise.exp();
    Ok(if layout {
        AlarmOverOrders::Layout
    } else if is_beyond_orders && less > SEEMS && over.p_above <= SEEMS {
        AlarmOverOrders::Unexplained
    } else {
        AlarmOverOrders::Open
    })
}

/// The chance of seeing the candidate so little above the baseline, if it were `by` times it or more.
fn chance_of_less(baseline: &[f64], candidate: &[f64], by: f64) -> Result<f64, SidesError> {
    sides::positive(baseline, candidate, 1)?;
    let (old, new) = (values::logs(baseline), values::logs(candidate));
    Ok(Trial::best(&new, &old, -by.ln()).p)
}

/// The fewest orders on each side with which [`over_orders`] can show anything at an error of `p`.
#[must_use]
pub fn orders_needed(p: f64) -> usize {
    let one_speed = TRIALS[0].1 * p.recip();
    let mut arrangements = 1.0;
    let mut n = 0_usize;
    while arrangements < one_speed && n < 1000 {
        n += 1;
        arrangements *= 2.0 * (2.0 * n as f64 - 1.0) / n as f64;
    }
    n
}

/// From the least to the most. Of the variance of what is seen, that of noise is not the orders'.
fn range(logs: &[f64], noise: f64) -> f64 {
    let count = logs.len().max(2) as f64;
    let mean = logs.iter().sum::<f64>() / count;
    let squares = logs.iter().map(|value| (value - mean).powi(2));
    let variance = squares.sum::<f64>() / (count - 1.0);
    let own = (1.0 - noise * noise / variance.max(f64::MIN_POSITIVE)).max(0.0);
    let high = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let low = logs.iter().copied().fold(f64::INFINITY, f64::min);
    (high - low) * own.sqrt()
}

/// One number of speeds, tried.
struct Trial {
    p: f64,
    speeds: usize,
    /// Of each order above with each one below of its speed, rising.
    differences: Vec<f64>,
    /// The distribution of how many of them are below zero, if there is no difference.
    null: Vec<f64>,
}

impl Trial {
    /// The trial with the smallest chance of `upper` lying so much above `lower` by luck.
    fn best(lower: &[f64], upper: &[f64], floor: f64) -> Self {
        let trials = TRIALS.map(|(speeds, share)| Self::of(lower, upper, floor, speeds, share));
        let [mut best, two, three] = trials;
        for other in [two, three] {
            if other.p < best.p {
                best = other;
            }
        }
        best
    }

    fn of(lower: &[f64], upper: &[f64], floor: f64, speeds: usize, share: f64) -> Self {
        let cuts = cuts(lower, upper, floor, speeds);
        let mut null = vec![1.0];
        let mut inversions = 0.0;
        let mut differences = Vec::new();
        let mut from = f64::NEG_INFINITY;
        for to in cuts.into_iter().chain([f64::INFINITY]) {
            let here = |value: &f64| from < *value && *value <= to;
            let old: Vec<f64> = lower.iter().copied().filter(here).collect();
            let new = upper.iter().map(|value| value - floor);
            let new: Vec<f64> = new.filter(here).collect();
            for a in &old {
                for b in &new {
                    differences.push(b - a);
                    inversions += if b < a {
                        1.0
                    } else if b > a {
                        0.0
                    } else {
                        0.5
                    };
                }
            }
            null = sum_of(
                &null,
                &rank::mann_whitney_distribution(old.len(), new.len()),
            );
            from = to;
        }
        let differences = differences.into_iter().map(|value| value + floor);
        Self {
            p: (share * up_to(&null, inversions)).min(1.0),
            speeds,
            differences: values::sorted(differences),
            null,
        }
    }

    /// The median difference.
    fn shift(&self) -> f64 {
        if self.differences.is_empty() {
            0.0
        } else {
            quantile::of_sorted(&self.differences, 0.5)
        }
    }

    /// The ends of its interval, if there are enough for that confidence.
    fn interval(&self, confidence: Confidence) -> Option<[f64; 2]> {
        let most = (1.0 - confidence.level()) / 2.0;
        let mut sum = 0.0;
        let outside = self.null.iter().take_while(|chance| {
            sum += **chance;
            sum <= most
        });
        let outside = outside.count();
        let low = self.differences.get(outside.checked_sub(1)?)?;
        let high = self.differences.len().checked_sub(outside)?;
        let high = self.differences.get(high)?;
        Some([*low, *high])
    }
}

/// The middles of the widest gaps between neighbours, whoever's they are, rising.
fn cuts(lower: &[f64], upper: &[f64], floor: f64, speeds: usize) -> Vec<f64> {
    let all = lower.iter().copied();
    let all = values::sorted(all.chain(upper.iter().map(|value| value - floor)));
    let mut gaps: Vec<(f64, f64)> = all
        .windows(2)
        .map(|two| (two[1] - two[0], f64::midpoint(two[0], two[1])))
        .collect();
    gaps.sort_by(|a, b| b.0.total_cmp(&a.0));
    let widest = gaps.into_iter().take(speeds - 1);
    values::sorted(widest.filter(|gap| gap.0 > 0.0).map(|gap| gap.1))
}

/// The distribution of the sum of two independent counts.
fn sum_of(one: &[f64], other: &[f64]) -> Vec<f64> {
    let mut sum = vec![0.0; one.len() + other.len() - 1];
    for (i, a) in one.iter().enumerate() {
        for (j, b) in other.iter().enumerate() {
            sum[i + j] += a * b;
        }
    }
    sum
}

/// The chance of at most `most`, a half rounded up.
fn up_to(distribution: &[f64], most: f64) -> f64 {
    let counts = distribution.iter().enumerate();
    let within = counts.take_while(|(count, _)| (*count as f64) < most + 0.75);
    within.map(|(_, chance)| chance).sum::<f64>().min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(level: f64) -> Confidence {
        Confidence::new(level).unwrap()
    }

    fn judged(baseline: &[f64], candidate: &[f64]) -> OverOrders {
        over_orders(baseline, candidate, 0.005, 0.0, at(0.99)).unwrap()
    }

    #[test]
    fn complete_separation_of_one_speed_has_the_chance_of_one_arrangement() {
        let baseline: Vec<f64> = (0..8).map(|i| 100.0 + 0.01 * f64::from(i)).collect();
        let candidate: Vec<f64> = baseline.iter().map(|v| v * 1.02).collect();
        let found = judged(&baseline, &candidate);
        assert!((found.p_above - 2.0 / 12_870.0).abs() < 1e-12, "{found:?}");
        assert!((found.ratio - 1.02).abs() < 1e-3);
        assert!((found.within - 1.02).abs() < 1e-3);
        assert_eq!(found.speeds, 1);
        assert!((found.p_below - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_shift_within_each_of_two_speeds_is_seen_and_ranks_over_all_do_not_see_it() {
        // Five fast and five slow orders on each side, the candidate five per cent slower in either speed.
        let speeds = |by: f64| -> Vec<f64> {
            (0..10)
                .map(|i| by * if i < 5 { 75.0 } else { 100.0 } + 0.01 * f64::from(i))
                .collect()
        };
        let found = judged(&speeds(1.0), &speeds(1.05));
        assert!(
            (found.p_above - 4.0 / (252.0 * 252.0)).abs() < 1e-9,
            "{found:?}"
        );
        assert_eq!(found.speeds, 2);
        assert!((found.within - 1.05).abs() < 1e-3);
        assert!(found.low < 0.9 && found.high > 1.1);
        // Where the speeds decide, they also say how much it is.
        assert!(found.within_low > 1.049 && found.within_high < 1.051);
        let other = judged(&speeds(1.05), &speeds(1.0));
        assert!((other.within * found.within - 1.0).abs() < 1e-9);
        assert!((other.within_low * found.within_high - 1.0).abs() < 1e-9);
        assert!(found.spread > 1.3);
    }

    #[test]
    fn more_orders_of_a_slow_speed_are_no_shift() {
        let of = |slow: usize| -> Vec<f64> {
            (0..10)
                .map(|i| if i < slow { 115.0 } else { 100.0 } + 0.01 * i as f64)
                .collect()
        };
        let found = judged(&of(3), &of(6));
        assert!(found.p_above > 0.05, "{found:?}");
    }

    #[test]
    fn noise_of_launches_is_no_spread_of_orders() {
        let values: Vec<f64> = (0..10)
            .map(|i| 100.0 * (1.0 + 0.01 * f64::from(i)))
            .collect();
        let spread = |noise| {
            let found = over_orders(&values, &values, 0.005, noise, at(0.99)).unwrap();
            found.spread
        };
        assert!((spread(0.0) - 1.09).abs() < 1e-9);
        assert!((1.05..1.08).contains(&spread(0.02)), "{}", spread(0.02));
        assert!((spread(0.05) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn an_alarm_is_borne_out_or_unexplained_or_layout_or_open() {
        let settled = |old: &[f64], new: &[f64], noise: f64, alarm: f64| {
            let over = over_orders(old, new, 0.005, noise, at(0.99)).unwrap();
            settle_alarm(old, new, &over, alarm, 0.0005).unwrap()
        };
        let noisy = |by: f64| -> Vec<f64> {
            (0..10)
                .map(|i| by * (1.0 + 0.004 * f64::from(i * 7 % 10)))
                .collect()
        };
        use AlarmOverOrders::{BorneOut, Layout, Open, Unexplained};
        assert_eq!(settled(&noisy(1.0), &noisy(1.05), 0.0, 1.05), BorneOut);
        // Slower, not surely, by as much as launches differ: if orders do not differ, nothing else is left.
        assert_eq!(
            settled(&noisy(1.0), &noisy(1.025), 0.013, 1.025),
            Unexplained
        );
        assert_eq!(settled(&noisy(1.0), &noisy(1.025), 0.0, 1.025), Open);
        assert_eq!(settled(&noisy(1.0), &noisy(1.0), 0.0, 1.03), Layout);
        assert_eq!(settled(&noisy(1.0), &noisy(1.0), 0.013, 1.03), Layout);
    }

    #[test]
    fn equal_values_are_no_evidence() {
        let found = judged(&[3.0; 9], &[3.0; 9]);
        assert!((found.p_above - 1.0).abs() < 1e-12);
        assert!((found.p_below - 1.0).abs() < 1e-12);
        assert!((found.spread - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_decision_takes_orders() {
        assert_eq!(orders_needed(0.0005), 8);
        assert_eq!(orders_needed(0.001), 7);
        // With one fewer the chance of complete separation is more than allowed.
        for p in [0.01, 0.0005, 1e-5] {
            let n = orders_needed(p);
            let p_of = |n: usize| {
                let baseline: Vec<f64> = (0..n).map(|i| 1.0 + 1e-6 * i as f64).collect();
                let candidate: Vec<f64> = baseline.iter().map(|v| v * 1.5).collect();
                over_orders(&baseline, &candidate, 0.0, 0.0, at(0.5))
                    .unwrap()
                    .p_above
            };
            assert!(p_of(n) <= p && p_of(n - 1) > p, "{p}");
        }
        assert!(matches!(
            over_orders(&[1.0; 4], &[1.0; 4], 0.0, 0.0, at(0.99)),
            Err(SidesError::TooFew { .. })
        ));
    }
}

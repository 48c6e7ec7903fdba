//! Ranks and what rank sums look like when nothing changed: the one home of the null distributions behind
//! [`crate::mann_whitney`], [`crate::wilcoxon_signed_rank`] and the intervals that invert them.
//!
//! Ranks of tied values are shared (mid-ranks). To stay with whole numbers they are kept doubled.

use crate::confidence::Confidence;
use crate::student;

/// Distribution of a rank sum under "no difference", on 0 ..= `largest`, symmetric about the middle.
pub(crate) struct RankNull {
    largest: usize,
    shape: Shape,
}

enum Shape {
    /// `tails[u]` is the probability of at most `u`, up to the middle.
    Exact {
        tails: Vec<f64>,
    },
    Normal {
        sd: f64,
    },
}

impl RankNull {
    /// Of the number of pairs in which the candidate's value is the larger, `n` against `m` values.
    ///
    /// Exact while the number of arrangements, `n + m` over `n`, fits 64 bits (33 against 33, or 5 against 10 000); normal
    /// beyond, with the variance that ties leave. Ties never make the exact distribution less cautious: they only
    /// narrow the true one.
    pub(crate) fn mann_whitney(n: usize, m: usize, ties: f64) -> Self {
        let largest = n * m;
        let shape = match arrangements(n, m) {
            Some(all) => Shape::exact(&mann_whitney_counts(n, m), all as f64),
            None => {
                let (n, m) = (n as f64, m as f64);
                let all = n + m;
                let variance = n * m / 12.0 * (all + 1.0 - ties / (all * (all - 1.0)));
                Shape::normal(variance)
            }
        };
        Self { largest, shape }
    }

    /// Of the sum of the ranks of positive values among `n` values.
    ///
    /// Exact up to 63 values, normal beyond, with the variance that ties leave.
    pub(crate) fn signed_rank(n: usize, ties: f64) -> Self {
        let largest = n * (n + 1) / 2;
        let shape = if n <= 63 {
            Shape::exact(&signed_rank_counts(n), (1_u64 << n) as f64)
        } else {
            let n = n as f64;
            Shape::normal(n * (n + 1.0) * (2.0 * n + 1.0) / 24.0 - ties / 48.0)
        };
        Self { largest, shape }
    }

    /// How likely a rank sum at least as far from the middle is. `doubled` is twice the rank sum.
    ///
    /// Exact: a half, which only ties give, is rounded towards the middle. Normal: with continuity correction.
    pub(crate) fn two_sided_p(&self, doubled: usize) -> f64 {
        let smaller = doubled.min((2 * self.largest).saturating_sub(doubled));
        let one_side = match &self.shape {
            Shape::Exact { tails } => tails.get(smaller.div_ceil(2)).copied().unwrap_or(1.0),
            Shape::Normal { sd } if *sd > 0.0 => {
                let distance = (self.largest as f64 - smaller as f64) / 2.0;
                student::normal_lower_tail(-(distance - 0.5).max(0.0) / sd)
            }
            Shape::Normal { .. } => 1.0,
        };
        (2.0 * one_side).min(1.0)
    }

    /// The smallest one-sided probability that there is: of complete separation.
    pub(crate) fn least_tail(&self) -> f64 {
        match &self.shape {
            Shape::Exact { tails } => tails[0],
            // Normal only where arrangements no longer fit 64 bits.
            Shape::Normal { .. } => (u64::MAX as f64).recip(),
        }
    }

    /// Which order statistics bound an interval of this confidence, the innermost that do: the k-th smallest and the k-th
    /// largest, k counted from 1. `None` when even the outermost do not.
    pub(crate) fn interval_rank(&self, confidence: Confidence) -> Option<usize> {
        let rank = match &self.shape {
            Shape::Exact { tails } => tails.partition_point(|&tail| confidence.allows(tail)),
            Shape::Normal { sd } => {
                let z = student::normal_quantile_of_tail(confidence.tail());
                whole(self.largest as f64 / 2.0 + 0.5 - z * sd)
            }
        };
        (rank > 0).then_some(rank)
    }
}

impl Shape {
    fn exact(counts: &[u64], all: f64) -> Self {
        let mut sum = 0_u128;
        let tails = counts
            .iter()
            .map(|&count| {
                sum += u128::from(count);
                sum as f64 / all
            })
            .collect();
        Self::Exact { tails }
    }

    fn normal(variance: f64) -> Self {
        Self::Normal {
            sd: variance.max(0.0).sqrt(),
        }
    }
}

/// The smallest number on each side of two for which an interval of this confidence exists.
pub(crate) fn needed_on_each_side(confidence: Confidence) -> usize {
    let mut tail = 1.0;
    let mut n = 0_usize;
    while !confidence.allows(tail) {
        n += 1;
        // One more on each side multiplies the central binomial coefficient by 2 (2n - 1) / n.
        tail *= n as f64 / (2.0 * (2.0 * n as f64 - 1.0));
    }
    n
}

/// The smallest number of values, or pairs, for which an interval of this confidence exists.
pub(crate) fn needed_in_one_sample(confidence: Confidence) -> usize {
    let mut tail = 1.0;
    let mut n = 0;
    while !confidence.allows(tail) {
        n += 1;
        tail /= 2.0;
    }
    n
}

/// Mid-ranks of `values`, which are sorted, doubled; and the sum of t³ - t over groups of t tied values.
pub(crate) fn doubled_midranks<T>(sorted: &[T], value: impl Fn(&T) -> f64) -> (Vec<usize>, f64) {
    let mut ranks = Vec::with_capacity(sorted.len());
    let mut ties = 0.0;
    for group in sorted.chunk_by(|a, b| value(a).total_cmp(&value(b)).is_eq()) {
        let before = ranks.len();
        ranks.extend(std::iter::repeat_n(
            2 * before + group.len() + 1,
            group.len(),
        ));
        let size = group.len() as f64;
        ties += size * size * size - size;
    }
    (ranks, ties)
}

/// `n + m` over `n`, if it fits.
fn arrangements(n: usize, m: usize) -> Option<u64> {
    let mut all = 1_u128;
    for i in 1..=n.min(m) {
        all = all * (n.max(m) + i) as u128 / i as u128;
        if all > u128::from(u64::MAX) {
            return None;
        }
    }
    u64::try_from(all).ok()
}

/// In how many arrangements the statistic is 0, 1, … up to the middle.
///
/// The generating function is the Gaussian binomial coefficient, the product over i of (1 - x^(m + i)) / (1 - x^i), taken
/// one i at a time. Arithmetic wraps: the counts fit 64 bits, so they are right whatever the steps between did.
/// Source: Mann & Whitney, Annals of Mathematical Statistics 18 (1947); Andrews, The Theory of Partitions (1976), ch. 3.
fn mann_whitney_counts(n: usize, m: usize) -> Vec<u64> {
    let (small, large) = (n.min(m), n.max(m));
    let middle = small * large / 2;
    let mut counts = vec![0_u64; middle + 1];
    counts[0] = 1;
    for i in 1..=small {
        for u in (large + i..=middle).rev() {
            counts[u] = counts[u].wrapping_sub(counts[u - large - i]);
        }
        for u in i..=middle {
            counts[u] = counts[u].wrapping_add(counts[u - i]);
        }
    }
    counts
}

/// How likely it is that 0, 1, … pairs of `n` values of one side and `m` of the other lie the wrong way round: all of it, not
/// only up to the middle. The largest value comes from one side or the other; nothing is subtracted, so nothing is lost.
pub(crate) fn mann_whitney_distribution(n: usize, m: usize) -> Vec<f64> {
    // That of i values against j, for all j up to m.
    let mut row: Vec<Vec<f64>> = vec![vec![1.0]; m + 1];
    for i in 1..=n {
        let mut next = vec![vec![1.0]];
        for j in 1..=m {
            let all = (i + j) as f64;
            let mut chances = vec![0.0; i * j + 1];
            // The largest is one of the i: all j lie below it, the wrong way round.
            for (count, chance) in row[j].iter().enumerate() {
                chances[count + j] += chance * i as f64 / all;
            }
            for (count, chance) in next[j - 1].iter().enumerate() {
                chances[count] += chance * j as f64 / all;
            }
            next.push(chances);
        }
        row = next;
    }
    row.swap_remove(m)
}

/// For how many choices of signs the sum is 0, 1, … up to the middle: subsets of 1 ..= n by their sum.
///
/// Source: Wilcoxon, Biometrics Bulletin 1 (1945).
fn signed_rank_counts(n: usize) -> Vec<u64> {
    let middle = n * (n + 1) / 4;
    let mut counts = vec![0_u64; middle + 1];
    counts[0] = 1;
    for i in 1..=n {
        for w in (i..=middle).rev() {
            counts[w] += counts[w - i];
        }
    }
    counts
}

/// The whole part, 0 when negative.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rank: kept from going below zero, and below the number of pairs"
)]
fn whole(x: f64) -> usize {
    x.max(0.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every arrangement, by hand.
    fn mann_whitney_by_enumeration(n: usize, m: usize) -> Vec<u64> {
        let mut counts = vec![0; n * m + 1];
        for arrangement in 0_u32..1 << (n + m) {
            if arrangement.count_ones() as usize != m {
                continue;
            }
            let mut baselines = 0;
            let mut larger = 0;
            for place in 0..n + m {
                if arrangement >> place & 1 == 1 {
                    larger += baselines;
                } else {
                    baselines += 1;
                }
            }
            counts[larger] += 1;
        }
        counts.truncate(n * m / 2 + 1);
        counts
    }

    #[test]
    fn counts_are_those_of_enumeration() {
        for n in 1..=6 {
            for m in 1..=7 {
                assert_eq!(
                    mann_whitney_counts(n, m),
                    mann_whitney_by_enumeration(n, m),
                    "{n} {m}"
                );
            }
        }
        for n in 1..=10_u32 {
            let mut counts = vec![0_u64; 64];
            for signs in 0_u32..1 << n {
                let sum: u32 = (0..n).filter(|i| signs >> i & 1 == 1).map(|i| i + 1).sum();
                counts[sum as usize] += 1;
            }
            counts.truncate((n * (n + 1) / 4) as usize + 1);
            assert_eq!(signed_rank_counts(n as usize), counts, "{n}");
        }
    }

    #[test]
    fn chances_are_counts_over_all_arrangements() {
        for (n, m) in [(0, 0), (0, 4), (4, 0), (1, 1), (3, 7), (7, 3), (6, 6)] {
            let chances = mann_whitney_distribution(n, m);
            assert_eq!(chances.len(), n * m + 1);
            let all = arrangements(n, m).unwrap() as f64;
            for (count, chance) in mann_whitney_counts(n, m).iter().zip(&chances) {
                assert!((*count as f64 / all - chance).abs() < 1e-14, "{n} {m}");
            }
            assert!((chances.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn the_largest_exact_distributions_do_not_overflow() {
        assert_eq!(arrangements(33, 34), Some(14_226_520_737_620_288_370));
        assert_eq!(arrangements(34, 34), None);
        for null in [
            RankNull::mann_whitney(33, 34, 0.0),
            RankNull::signed_rank(63, 0.0),
        ] {
            let Shape::Exact { tails } = &null.shape else {
                panic!("must be exact");
            };
            assert!(tails.is_sorted());
            // 33 * 34 and 63 * 64 / 2 are even, so the middle itself counts once.
            let middle = tails[tails.len() - 1] - tails[tails.len() - 2];
            assert!((tails[tails.len() - 1] - middle / 2.0 - 0.5).abs() < 1e-12);
        }
    }

    #[test]
    fn exact_and_normal_meet() {
        let exact = RankNull::mann_whitney(33, 33, 0.0);
        let normal = RankNull {
            largest: 33 * 33,
            shape: Shape::normal(33.0 * 33.0 / 12.0 * 67.0),
        };
        for level in [0.9, 0.99, 0.999] {
            let confidence = Confidence::new(level).unwrap();
            let exact = exact.interval_rank(confidence).unwrap();
            let normal = normal.interval_rank(confidence).unwrap();
            // The normal one may be the wider by little, never the narrower.
            assert!((0..=5).contains(&(exact - normal)), "{exact:?} {normal:?}");
        }
    }

    #[test]
    fn an_interval_needs_enough_values() {
        let at = |level| Confidence::new(level).unwrap();
        assert_eq!(needed_on_each_side(at(0.95)), 4);
        assert_eq!(needed_on_each_side(at(0.99)), 5);
        assert_eq!(needed_in_one_sample(at(0.95)), 6);
        assert_eq!(needed_in_one_sample(at(0.99)), 8);
        for level in [0.9, 0.95, 0.99, 0.999] {
            let n = needed_on_each_side(at(level));
            assert!(
                RankNull::mann_whitney(n, n, 0.0)
                    .interval_rank(at(level))
                    .is_some()
            );
            assert!(
                RankNull::mann_whitney(n - 1, n - 1, 0.0)
                    .interval_rank(at(level))
                    .is_none()
            );
            let n = needed_in_one_sample(at(level));
            assert!(
                RankNull::signed_rank(n, 0.0)
                    .interval_rank(at(level))
                    .is_some()
            );
            assert!(
                RankNull::signed_rank(n - 1, 0.0)
                    .interval_rank(at(level))
                    .is_none()
            );
        }
    }

    #[test]
    fn tied_values_share_their_ranks() {
        let (ranks, ties) = doubled_midranks(&[1.0, 2.0, 2.0, 2.0, 9.0], |v| *v);
        assert_eq!(ranks, [2, 6, 6, 6, 10]);
        assert!((ties - 24.0).abs() < 1e-12);
    }
}

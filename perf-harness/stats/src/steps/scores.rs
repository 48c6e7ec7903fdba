//! Ranks as normal scores, and the clearest split of an interval by them.

use crate::rank;
use crate::shift;
use crate::student;

/// Up to this length the rank-sum test is exact, and the normal tail of scores says far too little: two tens that do not overlap
/// are one chance in 92,378, and 3.5 standard deviations of scores.
const EXACT: usize = 40;

/// So it is at any length when this few are on one side.
const EXACT_SIDE: usize = 5;

/// A split less clear than this is not worth an exact p-value.
const WORTH_EXACT: f64 = 2.7;

/// The normal score of every rank, half ranks included, for intervals of some length.
///
/// Normal scores keep more of a rank's meaning than the rank: that five of a hundred runs are the slowest five shows as 4.7
/// standard deviations, by plain ranks as 3.8, and is in truth one chance in 38 million.
pub(super) struct Scores {
    by_doubled_rank: Vec<f64>,
}

/// The clearest split of an interval.
#[derive(Debug, Clone, Copy)]
pub(super) struct Split {
    /// How many values are before it.
    pub(super) left: usize,
    /// In standard deviations of what chance does at this place; above zero.
    pub(super) z: f64,
    /// Probability of as clear a split at this very place, if nothing changed.
    pub(super) p_value: f64,
}

impl Scores {
    pub(super) fn new(length: usize) -> Self {
        // Blom's score is within 0.01 of the expected order statistic. Ranks are doubled, so that the middle of two is whole.
        let scale = length as f64 + 0.25;
        let score = |doubled: usize| {
            let share = (doubled as f64 / 2.0 - 0.375) / scale;
            -student::normal_quantile_of_tail(share)
        };
        Self {
            by_doubled_rank: (2..=2 * length).map(score).collect(),
        }
    }

    /// Scores of values in their order.
    pub(super) fn of(&self, values: &[f64]) -> Vec<f64> {
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_unstable_by(|&a, &b| values[a].total_cmp(&values[b]));
        let (ranks, _) = rank::doubled_midranks(&order, |&at| values[at]);
        let mut scores = vec![0.0; values.len()];
        for (&at, &rank) in order.iter().zip(&ranks) {
            scores[at] = self.by_doubled_rank[rank - 2];
        }
        scores
    }

    /// The split that leaves at least `shortest` values on each side and parts the scores most. None when all are equal, or there
    /// are not enough.
    pub(super) fn clearest(&self, values: &[f64], shortest: usize) -> Option<Split> {
        let scores = self.of(values);
        let count = scores.len() as f64;
        let mean = scores.iter().sum::<f64>() / count;
        let variance = scores.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / (count - 1.0);
        if variance <= 0.0 || values.len() < 2 * shortest {
            return None;
        }
        let mut sum = 0.0;
        let mut clearest = (0, 0.0);
        for (before, score) in scores.iter().enumerate() {
            let right = values.len() - before;
            if before >= shortest && right >= shortest {
                // The sum of some of a finite population, drawn without putting back.
                let sd = (variance * before as f64 * right as f64 / count).sqrt();
                let z = f64::abs(sum) / sd;
                if z > clearest.1 {
                    clearest = (before, z);
                }
            }
            sum += score - mean;
        }
        let (left, z) = clearest;
        (z > 0.0).then(|| Split {
            left,
            z,
            p_value: p_value(values, left, z),
        })
    }
}

fn p_value(values: &[f64], left: usize, z: f64) -> f64 {
    let of_scores = 2.0 * student::normal_lower_tail(-z);
    let shorter_side = left.min(values.len() - left);
    if z < WORTH_EXACT || (values.len() > EXACT && shorter_side > EXACT_SIDE) {
        return of_scores;
    }
    let (old, new) = values.split_at(left);
    shift::mann_whitney(old, new).unwrap_or(of_scores)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_share_a_score_and_order_is_kept() {
        let scores = Scores::new(4).of(&[3.0, 1.0, 3.0, 7.0]);
        assert!((scores[0] - scores[2]).abs() < 1e-12);
        assert!(scores[1] < scores[0] && scores[0] < scores[3]);
        assert!((scores[1] + scores[3]).abs() < 1e-9);
    }

    #[test]
    fn the_clearest_split_is_where_the_level_changes() {
        let mut values = vec![1.0, 1.1, 0.9, 1.05, 1.02, 0.97, 2.0, 2.1, 1.9, 2.05];
        let split = Scores::new(10).clearest(&values, 3).unwrap();
        assert_eq!(split.left, 6);
        values.reverse();
        assert_eq!(Scores::new(10).clearest(&values, 3).unwrap().left, 4);
        assert!(Scores::new(10).clearest(&[1.0; 10], 3).is_none());
    }
}

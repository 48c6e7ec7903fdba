//! One value for each launch, and which value that is.
//!
//! The smallest sample repeats best for arithmetic and worst where caches are shared; the median the other way round.
//! So the data choose, by how far launches lie apart, and without knowing which side is which: a choice that
//! could see the difference between the sides could make one.

use crate::paired;
use crate::quantile;
use crate::robust;
use crate::sides::{self, SidesError};
use crate::values::{self, ValueError};

/// Launches on each side from which a summary can be chosen. A spread of fewer is luck.
pub const MIN_LAUNCHES: usize = 3;

/// What stands for a launch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Summary {
    /// The smallest sample.
    Minimum,
    /// The sample below which a quarter of them lie.
    LowerQuartile,
    /// The middle sample.
    Median,
}

impl Summary {
    /// Every summary, from the one to take when all are equally steady.
    pub const ALL: [Self; 3] = [Self::Minimum, Self::LowerQuartile, Self::Median];

    /// The summary of one launch, in the samples' unit.
    ///
    /// # Errors
    ///
    /// [`ValueError`] when there is no sample or one is not finite.
    pub fn of(self, samples: &[f64]) -> Result<f64, ValueError> {
        values::finite(samples, 1)?;
        Ok(self.of_sorted(&values::sorted(samples.iter().copied())))
    }

    fn of_sorted(self, sorted: &[f64]) -> f64 {
        let q = match self {
            Self::Minimum => 0.0,
            Self::LowerQuartile => 0.25,
            Self::Median => 0.5,
        };
        quantile::of_sorted(sorted, q)
    }
}

/// The summary chosen, and each side's launches by it, in the order they came.
#[derive(Debug, Clone, PartialEq)]
pub struct ChosenSummary {
    /// What stands for a launch.
    pub summary: Summary,
    /// One value per launch of the baseline, in the samples' unit.
    pub baseline: Vec<f64>,
    /// One value per launch of the candidate, in the samples' unit.
    pub candidate: Vec<f64>,
    /// How far launches of one side lie apart (of pairs: the log-ratios): a standard deviation, log scale.
    pub spread: f64,
}

/// Chooses the summary whose launches lie least apart within their own side, for runs taken apart.
///
/// Each side: samples by launch, in the order taken, in one unit, finite, above zero; at least [`MIN_LAUNCHES`] launches. The spread of a
/// side is [`crate::pairwise_difference_sd`] of the logarithms; of the two, the root of the mean square. What lies between
/// the sides does not enter, and swapped sides choose the same.
///
/// All launches are cut to the length of the shortest, their first samples kept: the smallest of sixteen samples lies lower
/// than the smallest of four, and sides of unequal length would differ by that alone. Leave out a launch that broke off.
///
/// # Errors
///
/// [`SidesError`] when a side has too few launches, or a launch no sample or one that cannot be used (then the index is
/// its place in the launch).
pub fn choose_summary<L: AsRef<[f64]>>(
    baseline: &[L],
    candidate: &[L],
) -> Result<ChosenSummary, SidesError> {
    choose(baseline, candidate, |baseline, candidate| {
        let baseline = robust::pairwise_sd(&values::logs(baseline));
        let candidate = robust::pairwise_sd(&values::logs(candidate));
        f64::midpoint(baseline * baseline, candidate * candidate).sqrt()
    })
}

/// Chooses the summary whose paired log-ratios lie least apart, for launches that took turns.
///
/// As [`choose_summary`], but the first launch of the one side belongs to the first of the other, and the spread is that of
/// the log-ratios: what the machine did to both launches of a pair does not count. Swapping the sides turns the sign of every
/// log-ratio and leaves their distances, and so the choice, as they are.
///
/// # Errors
///
/// As for [`choose_summary`], and [`SidesError::Unpaired`].
pub fn choose_summary_of_pairs<L: AsRef<[f64]>>(
    baseline: &[L],
    candidate: &[L],
) -> Result<ChosenSummary, SidesError> {
    sides::paired(baseline.len(), candidate.len())?;
    choose(baseline, candidate, |baseline, candidate| {
        robust::pairwise_sd(&paired::log_ratios(baseline, candidate))
    })
}

fn choose<L: AsRef<[f64]>>(
    baseline: &[L],
    candidate: &[L],
    spread: impl Fn(&[f64], &[f64]) -> f64,
) -> Result<ChosenSummary, SidesError> {
    check(baseline).map_err(SidesError::Baseline)?;
    check(candidate).map_err(SidesError::Candidate)?;
    let shortest = baseline
        .iter()
        .chain(candidate)
        .map(|launch| launch.as_ref().len())
        .min()
        .unwrap_or(0);
    let baseline = sorted_launches(baseline, shortest);
    let candidate = sorted_launches(candidate, shortest);
    let by = |summary: Summary| {
        let baseline = by_launch(&baseline, summary);
        let candidate = by_launch(&candidate, summary);
        ChosenSummary {
            summary,
            spread: spread(&baseline, &candidate),
            baseline,
            candidate,
        }
    };
    let [first, others @ ..] = Summary::ALL;
    Ok(others.into_iter().map(by).fold(by(first), |best, other| {
        if other.spread < best.spread {
            other
        } else {
            best
        }
    }))
}

fn check<L: AsRef<[f64]>>(launches: &[L]) -> Result<(), ValueError> {
    values::at_least(launches.len(), MIN_LAUNCHES)?;
    launches
        .iter()
        .try_for_each(|launch| values::positive(launch.as_ref(), 1))
}

fn sorted_launches<L: AsRef<[f64]>>(launches: &[L], length: usize) -> Vec<Vec<f64>> {
    launches
        .iter()
        .map(|launch| values::sorted(launch.as_ref().iter().copied().take(length)))
        .collect()
}

fn by_launch(sorted_launches: &[Vec<f64>], summary: Summary) -> Vec<f64> {
    sorted_launches
        .iter()
        .map(|launch| summary.of_sorted(launch))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Arithmetic: an exact floor, disturbed upwards now and then.
    fn arithmetic(floor: f64) -> Vec<Vec<f64>> {
        (0..6)
            .map(|launch| {
                (0..8)
                    .map(|i| floor + f64::from((launch * 5 + i * 3) % 8) * f64::from(launch + 1))
                    .collect()
            })
            .collect()
    }

    /// Shared cache: the middle holds still, the smallest sample is luck.
    fn chase(middle: f64) -> Vec<Vec<f64>> {
        (0..6)
            .map(|launch| {
                let lucky = f64::from(launch * 5);
                vec![
                    middle,
                    middle - lucky,
                    middle,
                    middle + 1.0,
                    middle,
                    middle - 1.0 - lucky / 2.0,
                    middle,
                ]
            })
            .collect()
    }

    #[test]
    fn the_steadiest_summary_is_chosen() {
        let chosen = choose_summary(&arithmetic(1000.0), &arithmetic(1050.0)).unwrap();
        assert_eq!(chosen.summary, Summary::Minimum);
        assert!(chosen.spread < 1e-12);
        assert!(chosen.baseline.iter().all(|v| (v - 1000.0).abs() < 1e-9));
        assert!(chosen.candidate.iter().all(|v| (v - 1050.0).abs() < 1e-9));
        let chosen = choose_summary(&chase(1000.0), &chase(900.0)).unwrap();
        assert_eq!(chosen.summary, Summary::Median);
    }

    #[test]
    fn pairs_do_not_mind_what_both_sides_share() {
        // Each launch's floor wanders, the same for both sides; the smallest samples still keep their ratio.
        let wander = |launches: Vec<Vec<f64>>| -> Vec<Vec<f64>> {
            launches
                .into_iter()
                .zip([1.0, 1.5, 1.2, 1.7, 1.1, 1.4])
                .map(|(launch, by)| launch.into_iter().map(|v| v * by).collect())
                .collect()
        };
        let baseline = wander(arithmetic(1000.0));
        let candidate = wander(arithmetic(1050.0));
        let chosen = choose_summary_of_pairs(&baseline, &candidate).unwrap();
        assert_eq!(chosen.summary, Summary::Minimum);
        assert!(chosen.spread < 1e-12);
    }

    #[test]
    fn launches_of_unequal_length_are_made_equal() {
        let short = vec![vec![5.0, 4.0], vec![5.0, 4.0], vec![5.0, 4.0]];
        let long = vec![
            vec![5.0, 4.0, 1.0],
            vec![5.0, 4.0, 1.0],
            vec![5.0, 4.0, 1.0, 0.5],
        ];
        let chosen = choose_summary(&short, &long).unwrap();
        assert_eq!(chosen.baseline, chosen.candidate);
    }

    #[test]
    fn says_what_is_missing() {
        let good = arithmetic(10.0);
        assert!(matches!(
            choose_summary(&good, &good[..2]),
            Err(SidesError::Candidate(ValueError::TooFew {
                needed: 3,
                found: 2
            }))
        ));
        let mut hollow = good.clone();
        hollow[1].clear();
        assert!(matches!(
            choose_summary(&hollow, &good),
            Err(SidesError::Baseline(ValueError::TooFew {
                needed: 1,
                found: 0
            }))
        ));
        assert!(matches!(
            choose_summary_of_pairs(&good, &good[..4]),
            Err(SidesError::Unpaired { .. })
        ));
        assert!(Summary::Median.of(&[]).is_err());
    }
}

//! Launches that took turns: pair by pair, what the machine did to both cancels.

use crate::confidence::Confidence;
use crate::estimate::{Certainty, Estimate, RatioEstimate};
use crate::quantile;
use crate::rank::{self, RankNull};
use crate::sides::{self, SidesError};
use crate::values::{self, ValueError};

/// Two-sided p-value of the Wilcoxon signed-rank test: do differences lie systematically to one side of zero?
///
/// Differences: independent, any order, finite, symmetric about their centre (as those of two equal noises are). Zeros are left
/// out, and no difference or only zeros gives 1. Exact up to 63 differences, normal with continuity and tie correction beyond.
/// Ties: mid-ranks; in the exact range the statistic is rounded towards "no difference".
/// Source: Wilcoxon, Biometrics Bulletin 1 (1945); Lehmann, Nonparametrics (1975), ch. 3. Checked in `tests/reference.rs`.
///
/// # Errors
///
/// [`ValueError`] when a difference is not finite.
pub fn wilcoxon_signed_rank(differences: &[f64]) -> Result<f64, ValueError> {
    values::finite(differences, 0)?;
    Ok(p_value(differences))
}

/// The centre of one symmetric sample: the median of all means of two of its values (a value with itself included).
///
/// Values: independent, any order, finite; the answer is in their unit. The interval holds the centres that
/// [`wilcoxon_signed_rank`] (with untied ranks) would not reject. It needs 6 values for 0.95, 8 for 0.99, 11 for 0.999.
/// Time and memory grow with the square of the number of values.
/// Source: Hodges & Lehmann, Annals of Mathematical Statistics 34 (1963); Tukey's account of the interval in Hollander & Wolfe,
/// Nonparametric Statistical Methods (1999), §3.2–3.3. Checked in `tests/reference.rs` and `tests/coverage.rs`.
///
/// # Errors
///
/// [`ValueError::TooFew`] with the number that would do; [`ValueError::NotFinite`].
pub fn hodges_lehmann_centre(
    values: &[f64],
    confidence: Confidence,
) -> Result<Estimate, ValueError> {
    values::finite(values, rank::needed_in_one_sample(confidence))?;
    estimate(values, confidence).map(|(estimate, _)| estimate)
}

/// The ratio of candidate to baseline of launches that took turns, by [`hodges_lehmann_centre`] of the paired log-ratios.
///
/// Both slices: one value per launch, the first of the one measured beside the first of the other, any unit (the same on both),
/// finite, above zero. Swapped sides give the inverse ratio and interval. The p-value is that of
/// [`wilcoxon_signed_rank`]; the errors have the number of pairs less one as degrees of freedom. That log-ratios
/// are symmetric when nothing changed follows from drawing by lot which side goes first.
///
/// # Errors
///
/// [`SidesError::Unpaired`], [`SidesError::TooFew`] when no interval of that confidence exists, otherwise what is wrong with
/// a value.
pub fn paired_ratio(
    baseline: &[f64],
    candidate: &[f64],
    confidence: Confidence,
) -> Result<RatioEstimate, SidesError> {
    sides::positive(baseline, candidate, 0)?;
    sides::paired(baseline.len(), candidate.len())?;
    let too_few = SidesError::TooFew {
        needed: rank::needed_in_one_sample(confidence),
        found: baseline.len(),
    };
    let log_ratios = log_ratios(baseline, candidate);
    let (log, certainty) = estimate(&log_ratios, confidence).map_err(|_| too_few)?;
    Ok(RatioEstimate::from_log(
        log,
        &certainty,
        p_value(&log_ratios),
    ))
}

/// The logarithm of candidate over baseline, pair by pair; a difference of logarithms, so that swapped sides give
/// exactly the opposite.
pub(crate) fn log_ratios(baseline: &[f64], candidate: &[f64]) -> Vec<f64> {
    baseline
        .iter()
        .zip(candidate)
        .map(|(b, c)| c.ln() - b.ln())
        .collect()
}

/// The centre, and how sure its interval is.
fn estimate(values: &[f64], confidence: Confidence) -> Result<(Estimate, Certainty), ValueError> {
    let null = RankNull::signed_rank(values.len(), 0.0);
    let rank = null.interval_rank(confidence).ok_or(ValueError::TooFew {
        needed: rank::needed_in_one_sample(confidence),
        found: values.len(),
    })?;
    let walsh_averages = values::sorted(
        values
            .iter()
            .enumerate()
            .flat_map(|(i, a)| values[i..].iter().map(move |b| f64::midpoint(*a, *b))),
    );
    let estimate = Estimate {
        value: quantile::of_sorted(&walsh_averages, 0.5),
        low: walsh_averages[rank - 1],
        high: walsh_averages[walsh_averages.len() - rank],
        confidence,
    };
    let certainty = Certainty {
        degrees_of_freedom: (values.len() - 1) as f64,
        least_p: null.least_tail(),
    };
    Ok((estimate, certainty))
}

/// [`wilcoxon_signed_rank`] of checked differences.
fn p_value(differences: &[f64]) -> f64 {
    let mut nonzero: Vec<f64> = differences
        .iter()
        .copied()
        .filter(|d| d.abs() > 0.0)
        .collect();
    nonzero.sort_unstable_by(|a, b| a.abs().total_cmp(&b.abs()));
    let (ranks, ties) = rank::doubled_midranks(&nonzero, |d| d.abs());
    let doubled_rank_sum = nonzero
        .iter()
        .zip(&ranks)
        .filter(|(difference, _)| **difference > 0.0)
        .map(|(_, rank)| rank)
        .sum();
    RankNull::signed_rank(nonzero.len(), ties).two_sided_p(doubled_rank_sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(level: f64) -> Confidence {
        Confidence::new(level).unwrap()
    }

    #[test]
    fn what_both_sides_share_cancels() {
        // The machine is twice as slow every other pair; the candidate is 2 % slower than its neighbour throughout.
        let baseline: Vec<f64> = (0..12)
            .map(|i| if i % 2 == 0 { 100.0 } else { 200.0 } + f64::from(i) * 0.01)
            .collect();
        let candidate: Vec<f64> = baseline.iter().map(|v| v * 1.02).collect();
        let estimate = paired_ratio(&baseline, &candidate, at(0.99)).unwrap();
        assert!((estimate.ratio - 1.02).abs() < 1e-9);
        assert!(estimate.low > 1.019 && estimate.high < 1.021);
        assert!((estimate.p_value - 2.0 / 4096.0).abs() < 1e-12);
    }

    #[test]
    fn zeros_are_no_evidence() {
        assert!((wilcoxon_signed_rank(&[0.0; 9]).unwrap() - 1.0).abs() < 1e-12);
        assert!((wilcoxon_signed_rank(&[]).unwrap() - 1.0).abs() < 1e-12);
        let p = wilcoxon_signed_rank(&[0.0, -0.0, 1.0, 2.0, 3.0]).unwrap();
        assert!((p - 2.0 / 8.0).abs() < 1e-12);
    }

    #[test]
    fn the_centre_is_the_median_of_walsh_averages() {
        let estimate = hodges_lehmann_centre(&[1.0, 2.0, 4.0, 8.0, 16.0], at(0.9)).unwrap();
        // Averages: 1 1.5 2 2.5 3 4 4.5 5 6 8 8.5 9 10 12 16; the true level of the outermost is 0.9375.
        assert!((estimate.value - 5.0).abs() < 1e-12);
        assert!((estimate.low - 1.0).abs() < 1e-12);
        assert!((estimate.high - 16.0).abs() < 1e-12);
    }

    #[test]
    fn pairs_must_be_pairs_and_enough() {
        assert_eq!(
            paired_ratio(&[1.0; 8], &[1.0; 9], at(0.9)),
            Err(SidesError::Unpaired {
                baseline: 8,
                candidate: 9
            })
        );
        assert_eq!(
            paired_ratio(&[1.0; 7], &[1.0; 7], at(0.99)),
            Err(SidesError::TooFew {
                needed: 8,
                found: 7
            })
        );
        assert!(paired_ratio(&[], &[], at(0.9)).is_err());
    }
}

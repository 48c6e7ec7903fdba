//! Two runs taken apart: by how much the candidate's launches lie above the baseline's.
//!
//! All of it rests on the order of the values alone. Launches of a side must be independent of each other and of the
//! other side's; both sides' noise has the same shape and width on the scale in use, shifted.

use crate::confidence::Confidence;
use crate::estimate::{Certainty, Estimate, RatioEstimate};
use crate::quantile;
use crate::rank::{self, RankNull};
use crate::sides::{self, SidesError};
use crate::values;

/// Two-sided p-value of the Mann–Whitney test: are values of one side systematically above those of the other?
///
/// Each side: at least one value, independent, any order, finite. Exact up to about 33 values on each side, normal with
/// continuity and tie correction beyond. Ties: mid-ranks; in the exact range the statistic is rounded towards "no
/// difference", which errs on the side of no alarm. All values equal gives 1.
/// Source: Mann & Whitney, Annals of Mathematical Statistics 18 (1947); Lehmann, Nonparametrics (1975), ch. 1.
/// Checked in `tests/reference.rs`.
///
/// # Errors
///
/// [`SidesError`] when a side is empty or a value is not finite.
pub fn mann_whitney(baseline: &[f64], candidate: &[f64]) -> Result<f64, SidesError> {
    sides::finite(baseline, candidate, 1)?;
    Ok(p_value(baseline, candidate))
}

/// By how much the candidate lies above the baseline: the median of all differences of one value of each side.
///
/// Each side: independent, any order, finite; the answer is in their unit. The interval holds the shifts that
/// [`mann_whitney`] (with untied ranks) would not reject. It needs 4 values on each side for 0.95, 5 for 0.99, 7 for 0.999.
/// Time and memory grow with the product of the numbers of values; 200 against 200 takes milliseconds.
/// Source: Hodges & Lehmann, Annals of Mathematical Statistics 34 (1963); Hollander & Wolfe, Nonparametric Statistical
/// Methods (1999), §4.2–4.3; that ties only widen the coverage: Noether, JASA 62 (1967).
/// Checked in `tests/reference.rs` and `tests/coverage.rs`.
///
/// # Errors
///
/// [`SidesError::TooFew`] when no interval of that confidence exists, otherwise what is wrong with a value.
pub fn hodges_lehmann_shift(
    baseline: &[f64],
    candidate: &[f64],
    confidence: Confidence,
) -> Result<Estimate, SidesError> {
    sides::finite(baseline, candidate, 1)?;
    estimate(baseline, candidate, confidence).map(|(estimate, _)| estimate)
}

/// The ratio of candidate to baseline of two runs taken apart, by [`hodges_lehmann_shift`] of the logarithms.
///
/// Each side: one value per launch, any unit (the same on both), any order, finite, above zero. Swapped sides give the
/// inverse ratio and interval. The p-value is that of [`mann_whitney`]; the errors have the two sides' numbers of
/// launches less two as degrees of freedom. What sessions differ by is not in it: see [`crate::screen`].
///
/// # Errors
///
/// [`SidesError::TooFew`] when no interval of that confidence exists, otherwise what is wrong with a value.
pub fn ratio(
    baseline: &[f64],
    candidate: &[f64],
    confidence: Confidence,
) -> Result<RatioEstimate, SidesError> {
    sides::positive(baseline, candidate, 1)?;
    let (log, certainty) = estimate(
        &values::logs(baseline),
        &values::logs(candidate),
        confidence,
    )?;
    Ok(RatioEstimate::from_log(
        log,
        &certainty,
        p_value(baseline, candidate),
    ))
}

/// The shift, and how sure its interval is.
fn estimate(
    baseline: &[f64],
    candidate: &[f64],
    confidence: Confidence,
) -> Result<(Estimate, Certainty), SidesError> {
    let null = RankNull::mann_whitney(baseline.len(), candidate.len(), 0.0);
    let rank = null.interval_rank(confidence).ok_or(SidesError::TooFew {
        needed: rank::needed_on_each_side(confidence),
        found: baseline.len().min(candidate.len()),
    })?;
    let differences = values::sorted(
        baseline
            .iter()
            .flat_map(|b| candidate.iter().map(move |c| c - b)),
    );
    let estimate = Estimate {
        value: quantile::of_sorted(&differences, 0.5),
        low: differences[rank - 1],
        high: differences[differences.len() - rank],
        confidence,
    };
    let certainty = Certainty {
        degrees_of_freedom: (baseline.len() + candidate.len() - 2) as f64,
        least_p: null.least_tail(),
    };
    Ok((estimate, certainty))
}

/// [`mann_whitney`] of checked sides.
fn p_value(baseline: &[f64], candidate: &[f64]) -> f64 {
    let (n, m) = (baseline.len(), candidate.len());
    let mut pooled: Vec<(f64, bool)> = baseline
        .iter()
        .map(|v| (v + 0.0, false))
        .chain(candidate.iter().map(|v| (v + 0.0, true)))
        .collect();
    pooled.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (ranks, ties) = rank::doubled_midranks(&pooled, |v| v.0);
    let doubled_rank_sum: usize = pooled
        .iter()
        .zip(&ranks)
        .filter(|((_, is_candidate), _)| *is_candidate)
        .map(|(_, rank)| rank)
        .sum();
    RankNull::mann_whitney(n, m, ties).two_sided_p(doubled_rank_sum - m * (m + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(level: f64) -> Confidence {
        Confidence::new(level).unwrap()
    }

    #[test]
    fn a_plain_shift_is_found() {
        let baseline = [1.0, 2.0, 3.0, 4.0, 5.0];
        let candidate = [11.0, 12.0, 13.0, 14.0, 15.0];
        let estimate = hodges_lehmann_shift(&baseline, &candidate, at(0.99)).unwrap();
        assert!((estimate.value - 10.0).abs() < 1e-12);
        assert!((estimate.low - 6.0).abs() < 1e-12);
        assert!((estimate.high - 14.0).abs() < 1e-12);
        // Complete separation of five from five: one of 252 arrangements on either end.
        let p = mann_whitney(&baseline, &candidate).unwrap();
        assert!((p - 2.0 / 252.0).abs() < 1e-12);
    }

    #[test]
    fn equal_values_are_no_evidence() {
        for n in [1, 5, 40] {
            let same = vec![3.0; n];
            assert!((mann_whitney(&same, &same).unwrap() - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn ties_do_not_make_a_p_value_smaller_than_any_arrangement_could() {
        let p = mann_whitney(&[1.0; 5], &[2.0; 5]).unwrap();
        assert!((p - 2.0 / 252.0).abs() < 1e-12);
    }

    #[test]
    fn one_slow_launch_moves_little() {
        let baseline = [100.0, 101.0, 102.0, 103.0, 104.0, 105.0, 106.0, 107.0];
        let mut candidate = baseline;
        candidate[7] = 1e6;
        let estimate = ratio(&baseline, &candidate, at(0.95)).unwrap();
        assert!((estimate.ratio - 1.0).abs() < 0.02);
        assert!(estimate.low < 1.0 && estimate.high < 1.1);
        assert!(estimate.p_value > 0.5);
    }

    #[test]
    fn without_noise_there_is_no_error_either() {
        let estimate = ratio(&[2.0; 6], &[3.0; 6], at(0.99)).unwrap();
        assert!((estimate.ratio - 1.5).abs() < 1e-12);
        assert!(estimate.standard_error().abs() < 1e-12);
        assert!(estimate.p_value > 0.0);
    }

    #[test]
    fn says_how_many_would_do() {
        assert_eq!(
            ratio(&[1.0; 4], &[1.0; 9], at(0.999)),
            Err(SidesError::TooFew {
                needed: 7,
                found: 4
            })
        );
        assert!(matches!(
            ratio(&[1.0; 9], &[], at(0.9)),
            Err(SidesError::Candidate(_))
        ));
        assert!(matches!(
            ratio(&[0.0; 9], &[1.0; 9], at(0.9)),
            Err(SidesError::Baseline(_))
        ));
    }

    #[test]
    fn two_hundred_against_two_hundred() {
        let baseline: Vec<f64> = (0..200).map(|i| 100.0 + f64::from(i % 17)).collect();
        let candidate: Vec<f64> = baseline.iter().map(|v| v * 1.03).collect();
        let estimate = ratio(&baseline, &candidate, at(0.99)).unwrap();
        assert!((estimate.ratio - 1.03).abs() < 0.005);
        assert!(estimate.low > 1.0 && estimate.p_value < 0.01);
    }
}

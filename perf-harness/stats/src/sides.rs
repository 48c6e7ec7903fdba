//! The two sides of a comparison, baseline first, and what may be wrong with them.

use thiserror::Error;

use crate::values::{self, ValueError};

/// Why two sides cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum SidesError {
    /// The values of the baseline cannot be used.
    #[error("baseline: {0}")]
    Baseline(#[source] ValueError),
    /// The values of the candidate cannot be used.
    #[error("candidate: {0}")]
    Candidate(#[source] ValueError),
    /// The smaller side is too small for an interval at the level asked for.
    #[error("needs at least {needed} values on each side for this confidence, found {found}")]
    TooFew {
        /// How many on each side would do.
        needed: usize,
        /// How many the smaller side has.
        found: usize,
    },
    /// Values are to be taken in pairs, but one side has more of them.
    #[error("values cannot be paired: {baseline} of the baseline, {candidate} of the candidate")]
    Unpaired {
        /// How many the baseline has.
        baseline: usize,
        /// How many the candidate has.
        candidate: usize,
    },
}

/// Both sides finite, each with at least `needed` values.
pub(crate) fn finite(baseline: &[f64], candidate: &[f64], needed: usize) -> Result<(), SidesError> {
    values::finite(baseline, needed).map_err(SidesError::Baseline)?;
    values::finite(candidate, needed).map_err(SidesError::Candidate)
}

/// Both sides finite and above zero, each with at least `needed` values.
pub(crate) fn positive(
    baseline: &[f64],
    candidate: &[f64],
    needed: usize,
) -> Result<(), SidesError> {
    values::positive(baseline, needed).map_err(SidesError::Baseline)?;
    values::positive(candidate, needed).map_err(SidesError::Candidate)
}

/// As many values on one side as on the other.
pub(crate) fn paired(baseline: usize, candidate: usize) -> Result<(), SidesError> {
    if baseline == candidate {
        Ok(())
    } else {
        Err(SidesError::Unpaired {
            baseline,
            candidate,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_which_side_is_wrong() {
        let good = [1.0, 2.0];
        let bad = [1.0, f64::NAN];
        assert!(matches!(
            finite(&bad, &good, 1),
            Err(SidesError::Baseline(_))
        ));
        assert!(matches!(
            finite(&good, &bad, 1),
            Err(SidesError::Candidate(_))
        ));
        assert!(matches!(
            paired(2, 3),
            Err(SidesError::Unpaired {
                baseline: 2,
                candidate: 3
            })
        ));
    }

    #[test]
    fn messages_are_fragments() {
        let error = positive(&[1.0], &[0.0], 1).unwrap_err();
        assert_eq!(
            error.to_string(),
            "candidate: value 0 is 0, but ratios need values above zero"
        );
    }
}

//! The level at which an interval is asked for.

use thiserror::Error;

/// Slack in comparing a tail probability with the one allowed: both carry a few rounding errors, and a level such as
/// `1 - 2 / 2^8` is meant to be reached by eight values.
const ROUNDING: f64 = 1e-9;

/// How often an interval is to hold the truth, for instance 0.99. From 0.5 up to (not including) 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Confidence(f64);

/// A level that is no confidence level.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error("confidence must lie between 0.5 and 1 (say 0.99), not {0}")]
pub struct NotAConfidence(
    /// What was given.
    pub f64,
);

impl Confidence {
    /// The highest level that is taken. Beyond it a tail probability is lost in rounding.
    pub const HIGHEST: Self = Self(1.0 - 1e-9);

    /// Ninety-nine per cent.
    pub const P99: Self = Self(0.99);

    /// Ninety-five per cent.
    pub const P95: Self = Self(0.95);

    /// A level as a fraction, 0.99 for "99 %".
    ///
    /// # Errors
    ///
    /// [`NotAConfidence`] below 0.5, which would be an interval more often wrong than right, and above
    /// [`Confidence::HIGHEST`].
    pub fn new(level: f64) -> Result<Self, NotAConfidence> {
        if (0.5..=Self::HIGHEST.0).contains(&level) {
            Ok(Self(level))
        } else {
            Err(NotAConfidence(level))
        }
    }

    /// The level as a fraction.
    #[must_use]
    pub fn level(self) -> f64 {
        self.0
    }

    /// The level of each of several intervals that together hold the truth at this one, by Bonferroni's inequality. No higher than
    /// [`Confidence::HIGHEST`].
    #[must_use]
    pub fn shared_by(self, intervals: usize) -> Self {
        let each = (1.0 - self.0) / intervals.max(1) as f64;
        Self((1.0 - each).min(Self::HIGHEST.0))
    }

    /// The probability that may lie beyond either end of a two-sided interval.
    pub(crate) fn tail(self) -> f64 {
        (1.0 - self.0) / 2.0
    }

    /// Whether leaving `tail` beyond each end is little enough.
    pub(crate) fn allows(self, tail: f64) -> bool {
        tail <= self.tail() * (1.0 + ROUNDING)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_levels_and_nothing_else() {
        for level in [0.5, 0.9, 0.99, 0.999_999] {
            assert!(Confidence::new(level).is_ok());
        }
        for level in [0.0, 0.49, 1.0, 99.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Confidence::new(level).is_err());
        }
    }

    #[test]
    fn a_level_that_a_count_reaches_exactly_is_reached() {
        let level = Confidence::new(1.0 - 2.0 / 256.0).unwrap();
        assert!(level.allows(1.0 / 256.0));
        assert!(!level.allows(1.01 / 256.0));
    }
}

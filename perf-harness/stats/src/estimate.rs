//! A value with its interval: of one sample, of a ratio, and of a ratio as its logarithm.

use crate::confidence::Confidence;
use crate::student;

/// The logarithm of a ratio is kept within this when turned back, so that no interval ends at zero or infinity.
const LARGEST_LOG: f64 = 700.0;

/// An estimate and the interval around it, all in one unit. `low <= value <= high`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// The level asked for; the interval holds the truth at least this often.
    pub confidence: Confidence,
}

/// How the candidate stands to the baseline: 1.0 = no change, 1.05 = five per cent above. `low <= ratio <= high`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RatioEstimate {
    /// Candidate over baseline.
    pub ratio: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// The level asked for; the interval holds the truth at least this often.
    pub confidence: Confidence,
    /// How far the ratio's natural logarithm may err downwards, as a standard error.
    ///
    /// The distance from the estimate to `low` on that scale, over the Student quantile at the level asked for. So a t interval of
    /// the same level, made from this error, ends where the rank interval ends, and what is added later by [`crate::screen`]
    /// loses nothing of its caution. It errs on the large side when few launches make a rank interval safer than asked.
    /// The two directions are kept apart because noise with two states gives lopsided intervals: half their width,
    /// taken both ways, called one in 25 comparisons of equal code changed at 99 % (5 launches a side, one in five slow).
    pub error_below: f64,
    /// How far it may err upwards: the same to `high`.
    pub error_above: f64,
    /// Degrees of freedom of both errors, from the numbers of launches.
    pub degrees_of_freedom: f64,
    /// The smallest one-sided p-value that so few launches can give, whatever they show.
    pub least_p: f64,
    /// Two-sided, against "no change at all".
    pub p_value: f64,
}

/// How much certainty the number of launches can give.
pub(crate) struct Certainty {
    pub(crate) degrees_of_freedom: f64,
    pub(crate) least_p: f64,
}

impl RatioEstimate {
    /// From a centre and interval on the log scale.
    pub(crate) fn from_log(log: Estimate, certainty: &Certainty, p_value: f64) -> Self {
        let tail = log.confidence.tail();
        let t = student::quantile_of_tail(tail, certainty.degrees_of_freedom);
        Self {
            ratio: ratio_of_log(log.value),
            low: ratio_of_log(log.low),
            high: ratio_of_log(log.high),
            confidence: log.confidence,
            error_below: (log.value - log.low) / t,
            error_above: (log.high - log.value) / t,
            degrees_of_freedom: certainty.degrees_of_freedom,
            least_p: certainty.least_p,
            p_value,
        }
    }

    /// Standard error of the ratio's natural logarithm: the mean of the errors either way, which is half the interval's width
    /// over the Student quantile. To show and to plan with; [`crate::screen`] uses the two apart.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        f64::midpoint(self.error_below, self.error_above)
    }

    /// The same effect on the log scale, as [`crate::screen`] wants it.
    #[must_use]
    pub fn log_shift(&self) -> LogShift {
        LogShift {
            value: self.ratio.ln(),
            error_below: self.error_below,
            error_above: self.error_above,
            degrees_of_freedom: self.degrees_of_freedom,
            least_p: self.least_p,
        }
    }
}

/// The natural logarithm of a ratio, candidate over baseline, with the error that comes from launches alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogShift {
    /// Logarithm of the ratio; 0 = no change.
    pub value: f64,
    /// How far it may err downwards within the session, as a standard error.
    pub error_below: f64,
    /// How far it may err upwards.
    pub error_above: f64,
    /// Degrees of freedom of both errors, at least 1; infinite when they are known.
    pub degrees_of_freedom: f64,
    /// The smallest one-sided p-value that the number of launches can give; 0 for no such limit.
    pub least_p: f64,
}

impl LogShift {
    /// A shift that errs alike in both directions, such as a mean.
    #[must_use]
    pub const fn symmetric(value: f64, standard_error: f64, degrees_of_freedom: f64) -> Self {
        Self {
            value,
            error_below: standard_error,
            error_above: standard_error,
            degrees_of_freedom,
            least_p: 0.0,
        }
    }
}

/// The ratio whose logarithm this is, kept finite and above zero.
pub(crate) fn ratio_of_log(log: f64) -> f64 {
    log.clamp(-LARGEST_LOG, LARGEST_LOG).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_t_interval_from_the_errors_ends_where_the_rank_interval_ends() {
        let log = Estimate {
            value: 0.02,
            low: 0.01,
            high: 0.05,
            confidence: Confidence::new(0.95).unwrap(),
        };
        let certainty = Certainty {
            degrees_of_freedom: 9.0,
            least_p: 0.001,
        };
        let estimate = RatioEstimate::from_log(log, &certainty, 0.01);
        let t = student::quantile_of_tail(0.025, 9.0);
        let shift = estimate.log_shift();
        assert!((shift.value - shift.error_below * t - 0.01).abs() < 1e-12);
        assert!((shift.value + shift.error_above * t - 0.05).abs() < 1e-12);
        assert!((estimate.standard_error() * t - 0.02).abs() < 1e-12);
    }

    #[test]
    fn no_ratio_is_zero_or_infinite() {
        assert!(ratio_of_log(1e9).is_finite());
        assert!(ratio_of_log(-1e9) > 0.0);
    }
}

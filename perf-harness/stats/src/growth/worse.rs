//! Whether growth is worse than a law that was promised.

use super::fit::LARGEST_EXPONENT;
use super::{Law, Sweep};
use crate::confidence::Confidence;

/// A power this far above the promised law is not spoken of: caches alone bend a curve by as much.
const MARGIN: f64 = 0.1;

/// The answer to "is the growth worse than this law?".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worse {
    /// It is: what the data allow all grows faster.
    Yes,
    /// It is not: what the data allow grows as the law does, or slower.
    No,
    /// The data allow both.
    CannotTell,
}

impl Sweep {
    /// Whether time grows faster than `law`, for a gate such as `fit = "n log n"`.
    ///
    /// The curve `a + b·f(n)·n^d`, with `f` the law, is fitted as by [`Sweep::growth`]; `d` is what the growth is beyond the law. *Yes*
    /// when the whole interval of `d` lies above a margin and no law up to this one is among those that the data allow. The margin is 0.1, or
    /// half of what the next law grows faster, if that is less. *No* when the whole interval lies below the margin, or all
    /// laws that the data allow go up to this one.
    /// Checked in `tests/growth.rs`.
    #[must_use]
    pub fn worse_than(&self, law: Law, confidence: Confidence) -> Worse {
        let growth = self.growth(confidence);
        let kept_up_to = growth.laws.iter().any(|&kept| kept <= law);
        let kept_beyond = growth.laws.iter().any(|&kept| kept > law);
        if kept_up_to && !kept_beyond {
            return Worse::No;
        }
        let (low, high) = match law {
            Law::Exponential => return Worse::CannotTell,
            // Beside a constant a power is the exponent itself.
            Law::Constant => (growth.exponent.low, growth.exponent.high),
            _ => self.power_interval(law, &self.power(law), confidence),
        };
        let margin = self.margin(law);
        if low > margin && !kept_up_to {
            Worse::Yes
        } else if high < margin {
            Worse::No
        } else {
            Worse::CannotTell
        }
    }

    /// How far beyond the law growth may go unspoken of, as a power of `n`.
    fn margin(&self, law: Law) -> f64 {
        let slope = |law: Law| {
            let ideal = self.curve.of_law(law)?;
            (ideal.len() > 1).then(|| ideal.straight_line().slope)
        };
        let next = law.next().and_then(slope).unwrap_or(LARGEST_EXPONENT);
        let distance = next - slope(law).unwrap_or(0.0);
        MARGIN.min(distance / 2.0)
    }
}

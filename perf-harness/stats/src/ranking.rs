//! How several variants stand to each other, when each was measured in launches of its own within one session.

use crate::confidence::Confidence;
use crate::estimate::Estimate;
use crate::shift;
use crate::sides::SidesError;

/// Several variants beside each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    /// The place of each variant, in the order that they were given in.
    pub places: Vec<Place>,
    /// Every pair, the variant that was given earlier first.
    pub pairs: Vec<Beside>,
}

/// The places that a variant may have: from 1, for the smallest values, to the number of variants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The best place it may have: one below how many are surely smaller.
    pub best: usize,
    /// The worst: as many are surely larger as come after it.
    pub worst: usize,
}

impl Place {
    /// Whether there is only one that it may have.
    #[must_use]
    pub const fn is_sure(&self) -> bool {
        self.best == self.worst
    }
}

/// One variant beside another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beside {
    /// Which variant.
    pub one: usize,
    /// Beside which other.
    pub other: usize,
    /// Values of the other over those of the one.
    pub ratio: Estimate,
    /// Whether it is sure which of them is smaller.
    pub is_sure: bool,
}

/// Ranks variants by their values, the smallest first.
///
/// `variants`: two or more; of each one value per launch, any unit (the same for all), any order, finite, above zero; launches
/// independent. Each pair is set beside each other by [`crate::ratio`], at a level so high that all intervals together hold the truth
/// with `confidence` (Bonferroni). One is surely smaller than another when the whole interval of their ratio lies beyond
/// `margin`, 0.01 for one per cent; whatever is not sure leaves both places open, so two that cannot be told apart share theirs.
/// What other sessions and other builds of the same code differ by is not in it.
/// Source: Dunn, Journal of the American Statistical Association 56 (1961). Checked in `tests/ranking.rs`.
///
/// # Errors
///
/// [`SidesError::TooFew`] when no interval so sure exists for a pair, otherwise what is wrong with a value.
pub fn ranking(
    variants: &[Vec<f64>],
    margin: f64,
    confidence: Confidence,
) -> Result<Ranking, SidesError> {
    let count = variants.len();
    let questions = (count * count.saturating_sub(1) / 2).max(1);
    let each = confidence.shared_by(questions);
    let mut pairs: Vec<Beside> = Vec::with_capacity(questions);
    for one in 0..count {
        for other in one + 1..count {
            let ratio = shift::ratio(&variants[one], &variants[other], each)?;
            let is_sure = ratio.low > 1.0 + margin || ratio.high < 1.0 / (1.0 + margin);
            pairs.push(Beside {
                one,
                other,
                is_sure,
                ratio: Estimate {
                    value: ratio.ratio,
                    low: ratio.low,
                    high: ratio.high,
                    confidence: each,
                },
            });
        }
    }
    let is_smaller = |one: usize, other: usize| {
        pairs.iter().filter(|pair| pair.is_sure).any(|pair| {
            let is_rising = pair.ratio.value > 1.0;
            let (smaller, larger) = if is_rising {
                (pair.one, pair.other)
            } else {
                (pair.other, pair.one)
            };
            (smaller, larger) == (one, other)
        })
    };
    Ok(Ranking {
        places: places(count, is_smaller),
        pairs,
    })
}

/// The places of `count` variants, by which of them is surely before which.
pub fn places(count: usize, is_before: impl Fn(usize, usize) -> bool) -> Vec<Place> {
    let place = |own: usize| {
        let before = (0..count).filter(|&other| is_before(other, own)).count();
        let after = (0..count).filter(|&other| is_before(own, other)).count();
        Place {
            best: 1 + before,
            worst: count - after,
        }
    };
    (0..count).map(place).collect()
}

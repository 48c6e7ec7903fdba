//! Looking at pairs while they become more, with the error spent honestly over all looks.
//!
//! Who looks at growing data until they show something will find something. So the error that is allowed for all looks
//! together is divided among them beforehand, each look is held to its own share, and the shares add up (Bonferroni's
//! inequality). It holds however the looks hang together, and so for ranks, for few pairs, and for a summary that is chosen
//! anew at each look; the sharper boundaries of group sequential tests assume increments that are independent and normal. What
//! that costs is little where levels are high: sixteen looks instead of one widen an interval of 99.95 % by about a quarter.

use crate::confidence::{Confidence, NotAConfidence};
use crate::rank;

/// By how much the pairs grow from one look to the next.
const GROWTH: f64 = 1.3;

/// The share of all error that is kept for the last look. As planned looks are many, this makes the last one nearly as sharp as
/// if there had been no other.
const LAST: f64 = 0.5;

/// At how many pairs to look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looks {
    counts: Vec<usize>,
}

/// The level of one look, so that all looks together keep theirs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spending {
    /// Of each planned look.
    pub planned: Confidence,
    /// Of the one look at the end, at whatever number of pairs, when what ended it does not know which side is which: the time
    /// that is used up, say. It is another look, also where a planned one is due at the same number.
    pub last: Confidence,
}

impl Looks {
    /// Looks for a question that is to be answered with `overall` confidence: the first at the fewest pairs that can give
    /// an interval of the level that is left for it, each next at about 1.3 times as many, none beyond `most`.
    ///
    /// # Errors
    ///
    /// [`NotAConfidence`] when the level of a look would be beyond [`Confidence::HIGHEST`].
    pub fn growing(overall: Confidence, most: usize) -> Result<Self, NotAConfidence> {
        let mut looks = Self { counts: Vec::new() };
        // A later start leaves fewer looks, and each of them more; the first start that suits itself is the earliest.
        for start in 1..=most {
            looks.counts = counts(start, most);
            if rank::needed_in_one_sample(looks.spend(overall)?.planned) <= start {
                return Ok(looks);
            }
        }
        looks.counts.clear();
        Ok(looks)
    }

    /// The numbers of pairs, rising. None if not even the most could carry a decision before the end.
    #[must_use]
    pub fn counts(&self) -> &[usize] {
        &self.counts
    }

    /// Whether a look is planned at so many pairs.
    #[must_use]
    pub fn is_due(&self, pairs: usize) -> bool {
        self.counts.binary_search(&pairs).is_ok()
    }

    /// How a question that is to be answered with `overall` confidence spends its error: half of it on the planned looks,
    /// alike, and half on the last.
    ///
    /// # Errors
    ///
    /// [`NotAConfidence`] when the level of a look would be beyond [`Confidence::HIGHEST`].
    pub fn spend(&self, overall: Confidence) -> Result<Spending, NotAConfidence> {
        let error = 2.0 * overall.tail();
        let planned = (1.0 - LAST) / self.counts.len().max(1) as f64;
        Ok(Spending {
            planned: Confidence::new(1.0 - error * planned)?,
            last: Confidence::new(1.0 - error * LAST)?,
        })
    }
}

/// The fewest pairs that [`crate::paired_ratio`] can make an interval of this level from.
#[must_use]
pub fn pairs_needed(confidence: Confidence) -> usize {
    rank::needed_in_one_sample(confidence)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of pairs, rounded up"
)]
fn counts(start: usize, most: usize) -> Vec<usize> {
    let next = |&count: &usize| Some((count as f64 * GROWTH).ceil() as usize);
    std::iter::successors(Some(start), next)
        .take_while(|&count| count <= most)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(level: f64) -> Confidence {
        Confidence::new(level).unwrap()
    }

    #[test]
    fn the_shares_add_up() {
        for level in [0.95, 0.99, 0.9999] {
            let looks = Looks::growing(at(level), 1000).unwrap();
            let Spending { planned, last } = looks.spend(at(level)).unwrap();
            let error = |confidence: Confidence| 1.0 - confidence.level();
            let all = error(planned) * looks.counts().len() as f64 + error(last);
            assert!((all / (1.0 - level) - 1.0).abs() < 1e-6, "{level}: {all}");
        }
    }

    #[test]
    fn the_first_look_can_decide_and_an_earlier_one_could_not() {
        for level in [0.95, 0.99, 0.9999] {
            let looks = Looks::growing(at(level), 1000).unwrap();
            let first = looks.counts()[0];
            assert!(pairs_needed(looks.spend(at(level)).unwrap().planned) <= first);
            let earlier = Looks {
                counts: counts(first - 1, 1000),
            };
            assert!(pairs_needed(earlier.spend(at(level)).unwrap().planned) > first - 1);
        }
        assert_eq!(
            Looks::growing(at(0.99), 1000).unwrap().counts()[..4],
            [13, 17, 23, 30]
        );
    }

    #[test]
    fn where_nothing_can_be_decided_there_is_no_look() {
        let looks = Looks::growing(at(0.999), 9).unwrap();
        assert!(looks.counts().is_empty());
        assert!(!looks.is_due(9));
    }

    #[test]
    fn no_level_beyond_the_highest_is_given_out() {
        assert!(Looks::growing(Confidence::HIGHEST, 1000).is_err());
    }
}

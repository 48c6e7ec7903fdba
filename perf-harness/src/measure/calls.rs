//! Single calls, each between two clock reads of its own, and how they are distributed.
//!
//! A batch says what a call takes on average, which is what a program of many calls is made of. It cannot say how long
//! the slowest one in a hundred makes somebody wait.

use hdrhistogram::Histogram;

use super::{Clock, clock::Mark};

/// How long the calls of one launch may go on, everything around them included.
pub(crate) const LIMIT_NS: u64 = 50_000_000;

/// The most calls of one launch: more would not move a percentile that is asked for.
const MOST: u64 = 100_000;

/// The longest call that is told from longer ones.
const LONGEST_NS: u64 = 3_600_000_000_000;

/// Three significant digits: a value is off by a thousandth at most, and a histogram takes 130 KiB however many calls
/// there are.
const DIGITS: u8 = 3;

/// What calls took, while they still go on.
pub(crate) struct Tally {
    clock: Clock,
    begun: Mark,
    left: u64,
    taken: Histogram<u32>,
}

impl Tally {
    /// An empty one, whose time begins now. `None` were the histogram's own constants not in order.
    pub(crate) fn new(clock: Clock) -> Option<Self> {
        Some(Self {
            clock,
            begun: clock.mark(),
            left: MOST,
            taken: Histogram::new_with_bounds(1, LONGEST_NS, DIGITS).ok()?,
        })
    }

    /// One for each of `count` threads, whose time begins now.
    pub(crate) fn share(&self, count: usize) -> Self {
        Self {
            clock: self.clock,
            begun: self.clock.mark(),
            left: (MOST / count.max(1) as u64).max(1),
            taken: Histogram::new_from(&self.taken),
        }
    }

    /// Whether another call is wanted. The first one always is.
    pub(crate) fn wants_more(&self) -> bool {
        self.left > 0 && (self.taken.is_empty() || self.clock.since(self.begun) < LIMIT_NS)
    }

    pub(crate) fn add(&mut self, call_ns: u64) {
        self.left = self.left.saturating_sub(1);
        self.taken.saturating_record(call_ns);
    }

    /// Takes in what another thread saw.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.left = self.left.saturating_sub(other.calls());
        self.taken += &other.taken;
    }

    pub(crate) fn calls(&self) -> u64 {
        self.taken.len()
    }

    /// The time that this share of the calls did not exceed; `None` if there were too few to tell: one call in a thousand
    /// shows itself among a thousand, not among fewer.
    pub(crate) fn quantile(&self, Quantile { share, least }: Quantile) -> Option<u64> {
        (self.calls() >= least).then(|| self.taken.value_at_quantile(share))
    }
}

/// A share of the calls, and how many calls it takes to speak of it.
#[derive(Clone, Copy)]
pub(crate) struct Quantile {
    pub(crate) share: f64,
    pub(crate) least: u64,
}

/// What the two clock reads around a call add to its time: the median of pairs with nothing in between.
pub(crate) fn pair_ns(clock: Clock) -> u64 {
    const PAIRS: usize = 1001;
    let mut pairs = [0; PAIRS];
    for pair in &mut pairs {
        let start = clock.mark();
        *pair = clock.since(start);
    }
    pairs.sort_unstable();
    pairs[PAIRS / 2]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{Batch, ByValue, Meter, Plain, Threads};
    use crate::scripted::{alone, spend};
    use std::sync::atomic::{AtomicU64, Ordering};

    const HALF: Quantile = Quantile {
        share: 0.5,
        least: 1,
    };
    const LONGEST: Quantile = Quantile {
        share: 1.0,
        least: 1,
    };

    fn tally() -> Tally {
        Tally::new(Clock::Scripted).unwrap()
    }

    fn calls_of(mut body: impl Batch) -> Tally {
        let mut tally = tally();
        body.each(Meter::of_wall(Clock::Scripted), &mut tally);
        tally
    }

    #[test]
    fn one_slow_call_in_a_hundred_is_found_and_is_no_other_percentile() {
        let _turn = alone();
        let mut count = 0;
        let tally = calls_of(Plain::new(|| {
            count += 1;
            spend(if count % 100 == 0 { 1_000_000 } else { 1_000 });
        }));
        // 99 of a microsecond and one of a millisecond, until the time is over.
        let of = |share| tally.quantile(Quantile { share, least: 1 }).unwrap();
        assert_eq!((of(0.5), of(0.9)), (1000, 1000));
        // To three digits, and never less than it was.
        assert!(
            (1_000_000..=1_001_000).contains(&of(0.999)),
            "{}",
            of(0.999)
        );
        assert!((4500..=4700).contains(&tally.calls()), "{}", tally.calls());
    }

    #[test]
    fn the_calls_end_with_the_time_or_at_their_most() {
        let _turn = alone();
        assert_eq!(calls_of(Plain::new(|| spend(10_000_000))).calls(), 5);
        assert_eq!(calls_of(Plain::new(|| spend(LIMIT_NS * 2))).calls(), 1);
        // Making inputs takes time, too, and is none of the call's.
        let costly = calls_of(ByValue::new(|| spend(9_999_000), |()| spend(1000)));
        assert_eq!((costly.calls(), costly.quantile(HALF)), (5, Some(1000)));
        assert_eq!(calls_of(Plain::new(|| spend(1))).calls(), MOST);
    }

    #[test]
    fn a_percentile_that_needs_more_calls_is_not_there() {
        let _turn = alone();
        let mut tally = tally();
        let rare = Quantile {
            share: 0.999,
            least: 1000,
        };
        (0..999).for_each(|_| tally.add(5));
        assert_eq!(tally.quantile(rare), None);
        tally.add(5);
        assert_eq!(tally.quantile(rare), Some(5));
    }

    #[test]
    fn threads_are_seen_together() {
        let _turn = alone();
        let ran = AtomicU64::new(0);
        for count in [1, 4] {
            ran.store(0, Ordering::Relaxed);
            let body = Threads::new(
                &ran,
                |ran: &AtomicU64, _: &mut crate::Thread| {
                    ran.fetch_add(1, Ordering::Relaxed);
                    // Needs dropping.
                    String::new()
                },
                count,
                1,
            );
            let tally = calls_of(body);
            assert_eq!(tally.calls(), ran.load(Ordering::Relaxed));
            assert_eq!(tally.calls(), MOST);
            assert_eq!(tally.quantile(LONGEST), Some(0));
        }
        let alone = calls_of(Threads::new(
            &(),
            |(): &(), _: &mut crate::Thread| spend(700),
            1,
            1,
        ));
        assert_eq!(alone.quantile(HALF), Some(700));
    }

    #[test]
    fn a_call_of_any_length_is_taken_in() {
        let mut tally = tally();
        for call_ns in [0, 1, u64::MAX] {
            tally.add(call_ns);
        }
        assert_eq!(tally.calls(), 3);
        assert!(tally.quantile(LONGEST) >= Some(LONGEST_NS));
    }

    #[test]
    fn the_scripted_clock_costs_nothing_to_read() {
        let _turn = alone();
        assert_eq!(pair_ns(Clock::Scripted), 0);
    }
}

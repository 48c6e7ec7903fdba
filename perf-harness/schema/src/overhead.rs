//! What measuring costs, and what is left of a time without it. Samples are stored as they were read; whoever shows or
//! compares them corrects them by this, all in the same way.
//!
//! Reading the clock *comes on top* of a sample, so it is taken off. Our loop runs *beside* the body: a processor counts
//! iterations while it waits for the body's own results, so a body of a few cycles takes as long in the loop as outside
//! of it, and taking the loop off would make it look faster than it is. Only a body that is shorter than the loop itself
//! is hidden by it. docs/METHOD.md has the measurement that shows this.

use std::fmt;

/// What it costs to measure one benchmark.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Overhead {
    /// An iteration of our loop around nothing.
    pub loop_ns: f64,
    /// What reading the clock adds to one sample, or the clock's step where that is longer.
    pub clock_ns: f64,
    /// Iterations in each sample.
    pub batch: u64,
}

/// A time that was corrected.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Corrected {
    /// About this much.
    About(f64),
    /// It cannot be told from what measuring costs: anything below this.
    Below(f64),
}

impl Corrected {
    /// The number, where one is known.
    #[must_use]
    pub const fn about(self) -> Option<f64> {
        match self {
            Self::About(value) => Some(value),
            Self::Below(_) => None,
        }
    }

    /// The number: about how much, or what it is below of.
    #[must_use]
    pub const fn number(self) -> f64 {
        match self {
            Self::About(value) | Self::Below(value) => value,
        }
    }

    /// What it is below of, where that is all that is known.
    #[must_use]
    pub const fn below(self) -> Option<f64> {
        match self {
            Self::About(_) => None,
            Self::Below(limit) => Some(limit),
        }
    }
}

/// A time of the loop that is this much longer is longer than the loop's own: its launches repeat to a few per cent.
const CLEARLY: f64 = 1.2;

impl Overhead {
    /// A time per iteration without the clock, and with the loop. Never negative.
    #[must_use]
    pub fn without_clock(&self, ns: f64) -> f64 {
        (ns - self.clock_per_iteration()).max(0.0)
    }

    /// Whether a time per iteration, as it was read, is clearly longer than what measuring alone takes.
    #[must_use]
    pub fn can_tell(&self, ns: f64) -> bool {
        // What the clock costs in the middle of things is known to about as much as it costs.
        self.without_clock(ns) > CLEARLY * self.loop_ns + self.clock_per_iteration()
    }

    /// A time per iteration, as it was read, without what measuring costs. It grows with `ns`, and is never negative.
    ///
    /// Of a time that is only as long as the loop nothing is left; one that is twice as long hides the loop altogether.
    #[must_use]
    pub fn corrected(&self, ns: f64) -> f64 {
        let timed = self.without_clock(ns);
        (timed - (2.0 * self.loop_ns - timed).clamp(0.0, self.loop_ns)).max(0.0)
    }

    /// What a time per iteration, as it was read, says of the body.
    #[must_use]
    pub fn amount(&self, ns: f64) -> Corrected {
        if self.can_tell(ns) {
            Corrected::About(self.corrected(ns))
        } else {
            // The body cannot have taken longer than it and the loop did, and no clock counts less than a nanosecond.
            Corrected::Below(ns.max(1.0 / self.iterations()))
        }
    }

    /// Times per iteration as they were read, one of each launch, to be held against a budget: what measuring costs is taken
    /// off where the body can be told from it, and the answer says whether it can. Where it cannot, the body took no longer
    /// than what was read, so that a budget may be kept and can never be broken. `typical` is their median.
    #[must_use]
    pub fn held(&self, mut times: Vec<f64>, typical: f64) -> (Vec<f64>, bool) {
        let told = self.can_tell(typical);
        if told {
            times.iter_mut().for_each(|ns| *ns = self.corrected(*ns));
        }
        (times, told)
    }

    /// What the author of a benchmark should know whose iterations were read as `ns` each.
    #[must_use]
    pub fn hint(&self, ns: f64) -> Option<Hint> {
        /// Shorter than one instruction that waits for the one before it, on a processor of 5 GHz.
        const ONE_INSTRUCTION_NS: f64 = 0.2;
        /// A sample in which the clock's own cost is more than a tenth cannot be trusted to a few per cent.
        const CLOCKS: f64 = 10.0;
        let sample_ns = ns * self.iterations();
        // No clock is so coarse that it shows nothing at all of a batch that was sized by it.
        if sample_ns >= 1.0 && sample_ns < CLOCKS * self.clock_ns.max(1.0) {
            Some(Hint::ShorterThanTheClock {
                sample_ns,
                clock_ns: self.clock_ns,
            })
        } else if !self.can_tell(ns) || self.corrected(ns) < ONE_INSTRUCTION_NS {
            Some(Hint::OptimisedAway {
                with_loop_ns: ns,
                rest_ns: self.corrected(ns),
            })
        } else {
            None
        }
    }

    fn clock_per_iteration(&self) -> f64 {
        self.clock_ns / self.iterations()
    }

    fn iterations(&self) -> f64 {
        self.batch.max(1) as f64
    }
}

/// A benchmark that does not measure what its author thinks. Not a failure: there is a value, and it means little.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Hint {
    /// The body takes no longer than the loop around it.
    OptimisedAway {
        /// What an iteration takes together with the loop.
        with_loop_ns: f64,
        /// What of that is left without the loop and the clock.
        rest_ns: f64,
    },
    /// A sample is too short for the clock.
    ShorterThanTheClock {
        /// What a sample takes.
        sample_ns: f64,
        /// What reading the clock takes.
        clock_ns: f64,
    },
}

/// What is the matter and what to do, to be set behind the benchmark's name.
impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OptimisedAway {
                with_loop_ns,
                rest_ns,
            } => write!(
                f,
                "takes {with_loop_ns:.3} ns with the loop around it and {rest_ns:.3} ns without, so its work was probably \
                 optimised away: pass what it works on through `perf::input(..)` and return the result",
            ),
            Self::ShorterThanTheClock {
                sample_ns,
                clock_ns,
            } => write!(
                f,
                "has samples of only {sample_ns:.0} ns, and reading the clock alone takes {clock_ns:.0} ns: let an \
                 iteration do more, or make its inputs and outputs smaller, so that more of them fit a sample",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Overhead = Overhead {
        loop_ns: 0.3,
        clock_ns: 20.0,
        batch: 1_000_000,
    };

    fn is_away(hint: Option<Hint>) -> bool {
        matches!(hint, Some(Hint::OptimisedAway { .. }))
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn a_body_hides_the_loop_and_the_clock_comes_on_top() {
        assert!(close(USUAL.corrected(1.0 + 20e-6), 1.0));
        assert!(close(USUAL.corrected(0.6 + 20e-6), 0.6));
        let few = Overhead { batch: 2, ..USUAL };
        assert!(close(few.corrected(110.0), 100.0));
    }

    #[test]
    fn nothing_is_left_of_an_empty_loop() {
        assert!(close(USUAL.corrected(0.3 + 20e-6), 0.0));
        assert!(close(USUAL.corrected(0.1), 0.0));
        assert!(close(USUAL.corrected(0.0), 0.0));
    }

    #[test]
    fn a_longer_time_is_never_corrected_to_a_shorter_one() {
        let mut before = 0.0;
        for step in 0..2000 {
            let now = USUAL.corrected(f64::from(step) * 0.001);
            assert!(now >= before, "{now} after {before}");
            before = now;
        }
    }

    #[test]
    fn what_cannot_be_told_is_a_bound_and_no_number() {
        assert_eq!(USUAL.amount(0.31), Corrected::Below(0.31));
        assert_eq!(USUAL.amount(0.35), Corrected::Below(0.35));
        assert!(matches!(USUAL.amount(0.37), Corrected::About(_)));
        // A sample of nothing at all is below the one nanosecond that a clock counts.
        assert_eq!(
            Overhead {
                loop_ns: 0.0,
                clock_ns: 0.0,
                batch: 10
            }
            .amount(0.0),
            Corrected::Below(0.1)
        );
        // One iteration a sample, as long as two reads of the clock.
        let single = Overhead { batch: 1, ..USUAL };
        assert_eq!(single.amount(40.0), Corrected::Below(40.0));
        assert!(matches!(single.amount(41.0), Corrected::About(_)));
    }

    #[test]
    fn a_body_that_is_gone_is_hinted_at() {
        for ns in [0.3, 0.36, 0.39] {
            assert!(is_away(USUAL.hint(ns)), "{ns}");
        }
        for ns in [0.41, 1.0, 1e6] {
            assert_eq!(USUAL.hint(ns), None, "{ns}");
        }
        let free = Overhead {
            loop_ns: 0.0,
            ..USUAL
        };
        assert!(is_away(free.hint(0.19)));
        assert_eq!(free.hint(0.21), None);
    }

    #[test]
    fn a_sample_below_the_clock_is_hinted_at() {
        let single = Overhead { batch: 1, ..USUAL };
        assert_eq!(
            single.hint(199.0),
            Some(Hint::ShorterThanTheClock {
                sample_ns: 199.0,
                clock_ns: 20.0
            })
        );
        assert_eq!(single.hint(201.0), None);
        let text = single.hint(57.4).unwrap().to_string();
        assert!(text.starts_with("has samples of only 57 ns"), "{text}");
        let timeless = Overhead {
            loop_ns: 0.0,
            clock_ns: 0.0,
            batch: 1,
        };
        assert!(is_away(timeless.hint(0.0)));
        assert!(matches!(
            timeless.hint(9.0),
            Some(Hint::ShorterThanTheClock { .. })
        ));
        assert_eq!(timeless.hint(10.0), None);
    }

    #[test]
    fn a_budget_is_held_against_the_body_alone() {
        let overhead = Overhead {
            loop_ns: 0.3,
            clock_ns: 20.0,
            batch: 10,
        };
        let (times, told) = overhead.held(vec![12.0, 13.0], 12.5);
        assert!(told && (times[0] - 10.0).abs() < 1e-9 && (times[1] - 11.0).abs() < 1e-9);
        let (times, told) = overhead.held(vec![2.0], 2.0);
        assert!(!told && (times[0] - 2.0).abs() < 1e-9);
    }
}

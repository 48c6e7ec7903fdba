//! Many at once: users one after whose operation comes the next, or operations that begin at a rate.
//!
//! ```text
//!  gate ── ramp ── warm-up ──┤ window ├── what has begun ends
//!                            everything that begins here counts
//! ```
//!
//! At a rate an operation is due at its moment whether or not a client is free for it, and its latency begins then: those
//! that an operation keeps waiting are not left out (no coordinated omission). Where a client was free and it was the
//! generator that came late, that is counted apart, so that nobody takes it for the body's doing.
//!
//! [`account`] is what is kept of operations, [`real`] runs them on threads, [`scripted`] one after another on a clock that
//! stands still otherwise, [`processor`] tells whether the threads had a processor.

mod account;
mod histogram;
mod processor;
mod real;
mod scripted;

use perf_schema::{Pace, Traffic, TrafficPlan};

use self::processor::Moment;
use super::Clock;
use crate::body::Thread;

/// What users do.
pub(crate) struct Work<'a, S> {
    /// Makes what one of them has for itself; nothing of it is measured.
    pub(crate) make: &'a (dyn Fn(&mut Thread) -> S + Sync),
    /// One operation, and in a few words why it failed.
    pub(crate) operate: &'a (dyn Fn(&mut S, &mut Thread) -> Result<(), String> + Sync),
}

/// Where to and how.
#[derive(Clone, Copy)]
pub(crate) struct Course {
    pub(crate) plan: TrafficPlan,
    /// Users at once, or operations per second; at least 1.
    pub(crate) level: u64,
    pub(crate) seed: u64,
}

/// From when to when operations count, in nanoseconds since the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Window {
    opens_ns: u64,
    closes_ns: u64,
}

impl Window {
    const fn holds(self, at_ns: u64) -> bool {
        self.opens_ns <= at_ns && at_ns < self.closes_ns
    }
}

/// Runs a level, and says what was seen of it.
pub(crate) fn traffic<S>(course: &Course, clock: Clock, work: &Work<'_, S>) -> Traffic {
    let before = Moment::now(clock);
    let account = match (clock, course.plan.pace) {
        (Clock::Monotonic, Pace::Users) => real::users(course, clock, work),
        (Clock::Monotonic, Pace::Rate) => real::rate(course, clock, work),
        (Clock::Scripted, Pace::Users) => scripted::users(course, work),
        (Clock::Scripted, Pace::Rate) => scripted::rate(course, work),
    };
    let waited_ns = account.waited_ns();
    let processor = before.zip(waited_ns);
    Traffic {
        processor: processor.and_then(|(before, waited_ns)| before.until_now(clock, waited_ns)),
        ..account.traffic()
    }
}

impl Course {
    fn window(&self) -> Window {
        let last = match self.plan.pace {
            Pace::Users => self.ramp_ns(self.level.saturating_sub(1)),
            Pace::Rate => 0,
        };
        let opens_ns = last.saturating_add(self.plan.warm_up_ns);
        Window {
            opens_ns,
            closes_ns: opens_ns.saturating_add(self.plan.window_ns),
        }
    }

    /// When a user begins.
    const fn ramp_ns(&self, user: u64) -> u64 {
        self.plan.ramp_ns.saturating_mul(user)
    }

    /// How many threads it takes.
    fn crew(&self) -> usize {
        let count = match self.plan.pace {
            Pace::Users => self.level,
            Pace::Rate => u64::from(self.plan.clients),
        };
        usize::try_from(count).unwrap_or(usize::MAX).max(1)
    }

    /// When the operation of this number is due, at a rate: evenly, the first at once.
    fn due_ns(&self, number: u64) -> u64 {
        let due = u128::from(number) * 1_000_000_000 / u128::from(self.level.max(1));
        u64::try_from(due).unwrap_or(u64::MAX)
    }

    /// How many operations are due before the window closes.
    fn due(&self) -> u64 {
        let window = self.window();
        let due = u128::from(window.closes_ns) * u128::from(self.level);
        u64::try_from(due.div_ceil(1_000_000_000)).unwrap_or(u64::MAX)
    }

    /// How long a user thinks: evenly drawn from half to one and a half of what the plan says, so that users do not march in
    /// step.
    fn think_ns(&self, rng: &mut fastrand::Rng) -> u64 {
        match self.plan.think_ns {
            0 => 0,
            mean => mean / 2 + rng.u64(0..=mean),
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;

//! How many launches a case still gets: as many as its time allows, no more than settle anything.
//!
//! Pure: it is told what launches took.

use std::time::Duration;

use crate::settings::Settings;

/// What is expected of the launches of a case.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Costs {
    /// One launch, if nobody looks on.
    pub(crate) launch: Duration,
    /// All looking on that is done whatever it costs.
    pub(crate) looking: Duration,
}

/// The time of one case.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    whole: Duration,
    spent: Duration,
    /// What launches took so far, the pilot and looking on not counted.
    launching: Duration,
    /// What a launch was expected to take, before there was any.
    expected: Duration,
    /// What looking on is still expected to take.
    looking: Duration,
    done: u32,
    left: u32,
    at_least: u32,
    at_most: u32,
}

impl Budget {
    /// After a pilot that took `spent`.
    pub(crate) fn after_pilot(settings: &Settings, spent: Duration, costs: Costs) -> Self {
        let mut budget = Self {
            whole: settings.budget,
            spent,
            launching: Duration::ZERO,
            expected: costs.launch,
            looking: costs.looking,
            done: 0,
            left: 0,
            at_least: settings.min_launches,
            at_most: settings.launches.max(settings.min_launches),
        };
        budget.plan();
        budget
    }

    /// Of a case that gets no launch.
    pub(crate) fn nothing() -> Self {
        Self {
            whole: Duration::ZERO,
            spent: Duration::ZERO,
            launching: Duration::ZERO,
            expected: Duration::ZERO,
            looking: Duration::ZERO,
            done: 0,
            left: 0,
            at_least: 0,
            at_most: 0,
        }
    }

    /// Launches still to come.
    pub(crate) const fn left(&self) -> u32 {
        self.left
    }

    /// Time that went into the case so far.
    pub(crate) const fn spent(&self) -> Duration {
        self.spent
    }

    /// Time that the launches still to come are expected to take.
    pub(crate) fn expected(&self) -> Duration {
        if self.left == 0 {
            return Duration::ZERO;
        }
        self.each() * self.left + self.looking
    }

    /// A launch gave samples, `looking` of its time went into looking on, and all samples together are `precise`, or not
    /// yet.
    pub(crate) fn launched(&mut self, took: Duration, looking: Duration, precise: bool) {
        self.spent += took;
        self.launching += took.saturating_sub(looking);
        self.looking = self.looking.saturating_sub(looking);
        self.done += 1;
        self.plan();
        if precise && self.done >= self.at_least {
            self.left = 0;
        }
    }

    /// No launch can be had any more.
    pub(crate) const fn give_up(&mut self) {
        self.left = 0;
    }

    /// As many as fit what is left of the time, by what they took so far.
    fn plan(&mut self) {
        let time = self
            .whole
            .saturating_sub(self.spent + self.looking)
            .as_nanos();
        // A launch that is more than half inside comes nearer to the budget than none.
        let each = self.each().as_nanos().max(1);
        let fitting = u32::try_from((time + each / 2) / each).unwrap_or(u32::MAX);
        self.left = fitting.clamp(
            self.at_least.saturating_sub(self.done),
            self.at_most.saturating_sub(self.done),
        );
    }

    /// What a launch takes: as those before did. The pilot's word alone counts as one of them, for it was the first, and
    /// the first is slow.
    fn each(&self) -> Duration {
        (self.expected + self.launching) / (self.done + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    const fn unwatched(launch: Duration) -> Costs {
        Costs {
            launch,
            looking: Duration::ZERO,
        }
    }

    #[test]
    fn looking_on_has_its_time_and_does_not_count_for_what_a_launch_takes() {
        let settings = Settings {
            launches: 1000,
            ..Settings::standard(1)
        };
        let costs = Costs {
            launch: ms(10),
            looking: ms(300),
        };
        let mut budget = Budget::after_pilot(&settings, ms(100), costs);
        assert_eq!((budget.left(), budget.expected()), (60, ms(900)));
        for left in [59, 58, 57] {
            budget.launched(ms(110), ms(100), false);
            assert_eq!(budget.left(), left);
        }
        assert_eq!((budget.spent(), budget.expected()), (ms(430), ms(570)));
    }

    /// Launches until the budget says stop; how many there were, and what they and the pilot took.
    fn play(
        pilot: Duration,
        expected: Duration,
        took: impl Fn(u32) -> Duration,
        precise: impl Fn(u32) -> bool,
    ) -> (u32, Duration) {
        let settings = Settings {
            launches: 1000,
            ..Settings::standard(1)
        };
        let mut budget = Budget::after_pilot(&settings, pilot, unwatched(expected));
        let (mut done, mut spent) = (0, pilot);
        while budget.left() > 0 {
            spent += took(done);
            budget.launched(took(done), Duration::ZERO, precise(done + 1));
            done += 1;
        }
        (done, spent)
    }

    #[test]
    fn the_budget_is_kept_within_a_fifth() {
        let second = Settings::standard(1).budget;
        for (name, pilot, expected, took) in [
            ("as expected", 20, 10, [10, 10]),
            ("slow pilot", 300, 40, [10, 10]),
            ("slower than the pilot said", 20, 10, [30, 30]),
            ("faster than the pilot said", 60, 50, [5, 5]),
            ("now and then a slow one", 20, 10, [10, 35]),
            ("few long ones", 110, 100, [100, 100]),
            ("few long ones, uneven", 130, 100, [90, 120]),
        ] {
            let times = |number: u32| ms(took[usize::from(number % 5 == 4)]);
            let (done, spent) = play(ms(pilot), ms(expected), times, |_| false);
            assert!(
                spent >= second.mul_f64(0.8) && spent <= second.mul_f64(1.2),
                "{name}: {done} launches took {spent:?}"
            );
        }
    }

    #[test]
    fn slow_launches_are_taken_as_far_as_they_are_needed() {
        assert_eq!(play(ms(900), ms(900), |_| ms(900), |_| false).0, 8);
        assert_eq!(play(ms(2000), ms(2), |_| ms(2), |_| false).0, 8);
    }

    #[test]
    fn what_is_precise_ends_early_but_never_with_too_few() {
        assert_eq!(play(ms(10), ms(10), |_| ms(10), |_| true).0, 8);
        assert_eq!(play(ms(10), ms(10), |_| ms(10), |n| n >= 15).0, 15);
    }

    #[test]
    fn no_more_are_taken_than_were_aimed_at() {
        let settings = Settings::standard(1);
        let mut budget = Budget::after_pilot(&settings, ms(1), unwatched(ms(1)));
        assert_eq!(
            (budget.left(), budget.expected()),
            (settings.launches, ms(1) * settings.launches)
        );
        for _ in 0..settings.launches {
            budget.launched(ms(1), Duration::ZERO, false);
        }
        assert_eq!(budget.left(), 0);
        assert_eq!(Budget::nothing().left(), 0);
        budget.give_up();
        assert_eq!(budget.left(), 0);
    }
}

//! When a difference counts.

use perf_schema::metric::names;
use perf_schema::{Better, Meaning, Unit};
use perf_stats::{Confidence, ScreenRule, Spread, UNKNOWN_SESSION_SD};

/// What it takes to call a difference one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DecisionRule {
    /// Level of the intervals, and 1 minus the chance of any false alarm in the suite.
    pub confidence: Confidence,
    /// Change of a time, or of a noisy metric of the user's own, that is not spoken of.
    pub floor: Floor,
    /// Change of the largest memory of a process that is not spoken of.
    pub memory_floor: Floor,
    /// Relative change within which two sides count as unchanged.
    pub margin: f64,
    /// What two sessions on one machine differ by although nothing changed: standard deviation of one session's centre,
    /// on the log scale. This is what is assumed where nothing was [learned](super::noise).
    pub session: Spread,
    /// How far above the quietest gauge of both sessions a launch may be for it to count, as a ratio.
    pub quiet: f64,
    /// Launches of each side that have to be quiet for a difference to be believed.
    pub quiet_launches: usize,
    /// A change, as a ratio, that no state of the machine explains: it is believed whatever the gauge says.
    pub beyond_machine: f64,
}

/// A change that is not spoken of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Floor {
    /// Up to this much of the value, 0.01 for one per cent.
    pub relative: f64,
    /// Less than this much in the metric's own unit.
    pub absolute: f64,
}

/// How a metric is judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Policy {
    /// By what launches and sessions differ by.
    Noisy {
        /// The change that is not spoken of.
        floor: Floor,
        /// Whether it depends on how fast the machine is at the time, of which the gauge tells.
        gauged: bool,
        /// Whether it is of the whole process: then the size of a batch is part of it, whose inputs and outputs are alive
        /// together.
        whole: bool,
    },
    /// Value by value: it must be the same each time.
    Exact,
    /// Not at all: it explains others.
    Context,
}

/// Metrics that have a good direction and are shown, but not judged.
const SHOWN_ONLY: [&str; 5] = [
    names::USER,
    names::SYS,
    names::LATENCY_P99,
    names::LATENCY_P99_9,
    names::LATENCY_MAX,
];

impl DecisionRule {
    /// Metrics of the harness that are judged as noisy ones: wall time, CPU time, the largest memory.
    pub const NOISY: usize = 3;

    /// The rule for two sessions measured apart, on a machine of which nothing is known yet.
    #[must_use]
    pub const fn screen() -> Self {
        Self {
            confidence: Confidence::P99,
            floor: Floor {
                relative: 0.01,
                // Nanoseconds an iteration: less is below what a loop costs.
                absolute: 0.1,
            },
            memory_floor: Floor {
                // A program's own pages count too, and how many of them are resident depends on what of the file the
                // system has at hand.
                relative: 0.05,
                // Linux counts resident pages on each processor by itself and sums them up late: up to 64 of 4 KiB.
                absolute: 256.0 * 1024.0,
            },
            margin: 0.1,
            session: Spread::known(UNKNOWN_SESSION_SD),
            quiet: 1.01,
            quiet_launches: 5,
            beyond_machine: 2.0,
        }
    }

    /// How a metric of this name and meaning is judged.
    #[must_use]
    pub fn policy(&self, metric: &str, meaning: &Meaning) -> Policy {
        let is_time = meaning.unit == Unit::NANOSECONDS;
        let floor = match metric {
            names::PEAK_RSS => self.memory_floor,
            _ if is_time => self.floor,
            // What a unit of the user's own amounts to is not known here.
            _ => Floor {
                absolute: 0.0,
                ..self.floor
            },
        };
        match meaning {
            Meaning {
                better: Better::Neither,
                ..
            } => Policy::Context,
            // How the system shares the time out, and the few longest of many calls, differ between sessions by far more
            // than this rule allows for.
            _ if SHOWN_ONLY.contains(&metric) => Policy::Context,
            Meaning { exact: true, .. } => Policy::Exact,
            Meaning { exact: false, .. } => Policy::Noisy {
                floor,
                gauged: is_time,
                whole: metric == names::PEAK_RSS,
            },
        }
    }

    /// The launches on each side without which none of so many questions could be answered: ranks of n against n have only
    /// C(2n, n) arrangements, so no chance smaller than one in that many can be shown.
    #[must_use]
    pub fn launches_for(&self, questions: usize) -> u32 {
        let needed = questions as f64 / (1.0 - self.confidence.level());
        let mut arrangements = 1.0;
        for n in 1_u32..64 {
            arrangements *= 2.0 * f64::from(2 * n - 1) / f64::from(n);
            if arrangements > needed {
                return n;
            }
        }
        64
    }

    /// The rule that one of several questions has to meet, so that all of them together meet this one.
    pub(super) fn among(&self, questions: usize, floor: Floor) -> ScreenRule {
        let alpha = (1.0 - self.confidence.level()) / questions.max(1) as f64;
        ScreenRule {
            confidence: Confidence::new(1.0 - alpha).unwrap_or(Confidence::HIGHEST),
            ..self.as_screen_rule(floor)
        }
    }

    pub(super) const fn as_screen_rule(&self, floor: Floor) -> ScreenRule {
        ScreenRule {
            floor: floor.relative,
            margin: self.margin,
            confidence: self.confidence,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_and_shares_of_time_are_shown_and_not_judged() {
        let meaning = Meaning {
            unit: Unit::NANOSECONDS,
            better: Better::Lower,
            exact: false,
        };
        let rule = DecisionRule::screen();
        for metric in SHOWN_ONLY {
            assert_eq!(rule.policy(metric, &meaning), Policy::Context, "{metric}");
        }
        for metric in [names::WALL, names::CPU, names::LATENCY_P50] {
            assert_ne!(rule.policy(metric, &meaning), Policy::Context, "{metric}");
        }
    }

    #[test]
    fn more_questions_need_more_launches() {
        let rule = DecisionRule::screen();
        // C(10, 5) = 252, C(16, 8) = 12870, C(22, 11) = 705432.
        assert_eq!(rule.launches_for(1), 5);
        assert_eq!(rule.launches_for(2), 5);
        assert_eq!(rule.launches_for(3), 6);
        assert_eq!(rule.launches_for(128), 8);
        assert_eq!(rule.launches_for(129), 9);
        assert_eq!(rule.launches_for(2000), 11);
    }

    #[test]
    fn each_metric_is_judged_by_what_it_is() {
        let rule = DecisionRule::screen();
        let policy = |name: &str, unit: Unit, better, exact| {
            rule.policy(
                name,
                &Meaning {
                    unit,
                    better,
                    exact,
                },
            )
        };
        let noisy = |floor, gauged| Policy::Noisy {
            floor,
            gauged,
            whole: false,
        };
        let lower = Better::Lower;
        for time in [names::WALL, names::CPU, "of the user's"] {
            assert_eq!(
                policy(time, Unit::NANOSECONDS, lower, false),
                noisy(rule.floor, true)
            );
        }
        assert_eq!(
            policy(names::PEAK_RSS, Unit::BYTES, lower, false),
            Policy::Noisy {
                floor: rule.memory_floor,
                gauged: false,
                whole: true
            }
        );
        assert_eq!(
            policy(names::ALLOCS, Unit::COUNT, lower, true),
            Policy::Exact
        );
        for context in [names::GAUGE, names::MINOR_FAULTS] {
            let neither = policy(context, Unit::COUNT, Better::Neither, false);
            assert_eq!(neither, Policy::Context);
        }
        let own = policy("ratio", Unit::COUNT, Better::Higher, false);
        let relative = Floor {
            absolute: 0.0,
            ..rule.floor
        };
        assert_eq!(own, noisy(relative, false));
    }
}

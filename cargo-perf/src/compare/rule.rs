//! When a difference counts.

use perf_schema::metric::names;
use perf_stats::{Confidence, ScreenRule, Spread, UNKNOWN_SESSION_SD};

/// What it takes to call a difference one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DecisionRule {
    /// Level of the intervals, and 1 minus the chance of any false alarm in the suite.
    pub confidence: Confidence,
    /// Relative change that is not spoken of, 0.01 for one per cent.
    pub floor: f64,
    /// Change of a time, in nanoseconds an iteration, that is not spoken of: less is below what a loop costs.
    pub floor_ns: f64,
    /// Relative change within which two sides count as unchanged.
    pub margin: f64,
    /// What two sessions on one machine differ by although nothing changed: standard deviation of one session's centre,
    /// on the log scale. Until a machine's own is known, this is wide.
    pub session: Spread,
    /// How far above the quietest gauge of both sessions a launch may be for it to count, as a ratio.
    pub quiet: f64,
    /// Launches of each side that have to be quiet for a difference to be believed.
    pub quiet_launches: usize,
    /// A change, as a ratio, that no state of the machine explains: it is believed whatever the gauge says.
    pub beyond_machine: f64,
}

impl DecisionRule {
    /// The rule for two sessions measured apart, on a machine of which nothing is known yet.
    #[must_use]
    pub const fn screen() -> Self {
        Self {
            confidence: Confidence::P99,
            floor: 0.01,
            floor_ns: 0.1,
            margin: 0.1,
            session: Spread::known(UNKNOWN_SESSION_SD),
            quiet: 1.01,
            quiet_launches: 5,
            beyond_machine: 2.0,
        }
    }

    /// Whether a metric is judged by this rule, which is made for times.
    #[must_use]
    pub fn judges(&self, metric: &str) -> bool {
        [names::WALL, names::CPU].contains(&metric)
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
    pub(super) fn among(&self, questions: usize) -> ScreenRule {
        let alpha = (1.0 - self.confidence.level()) / questions.max(1) as f64;
        ScreenRule {
            confidence: Confidence::new(1.0 - alpha).unwrap_or(Confidence::HIGHEST),
            ..self.as_screen_rule()
        }
    }

    pub(super) const fn as_screen_rule(&self) -> ScreenRule {
        ScreenRule {
            floor: self.floor,
            margin: self.margin,
            confidence: self.confidence,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}

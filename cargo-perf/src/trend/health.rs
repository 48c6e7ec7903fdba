//! One number for how a benchmark does, of which each part pulls one way only.

use serde::Serialize;

use super::class::Class;
use crate::compare::Severity;

/// How reliably a benchmark runs to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reliability {
    /// Fewer than 80 % of its runs go well.
    NeedsAttention,
    /// From 80 % up to 95 %, both included.
    Good,
    /// More than 95 %.
    Excellent,
}

/// What a health comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Below 30.
    Critical,
    /// From 30.
    Poor,
    /// From 50.
    Fair,
    /// From 70.
    Good,
    /// From 85.
    Excellent,
}

/// What a health rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// Share of runs that went well, from 0 to 1.
    pub success: f64,
    /// The worst class among its metrics.
    pub class: Class,
    /// What runs of one level differ by, as a relative standard deviation; absent where too few are known.
    pub noise: Option<f64>,
    /// Alerts that are open.
    pub alerts: usize,
    /// The gravest of them.
    pub gravest: Severity,
}

/// How a benchmark does: 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Health(f64);

/// What a benchmark has at most while its gravest alert is open: with a critical one it is no better than poor, with a high one
/// no better than good.
const fn capped(gravest: Severity) -> f64 {
    match gravest {
        Severity::Critical => 49.0,
        Severity::High => 84.0,
        Severity::None | Severity::Low | Severity::Medium => 100.0,
    }
}

/// What each open alert takes, and how many of them count.
const ALERT: (f64, usize) = (7.0, 3);

/// Runs that differ by so much, relative, are as unsteady as can be.
const UNSTEADY: f64 = 0.2;

/// What is taken for the noise of a benchmark of which too little is known.
const UNKNOWN_NOISE: f64 = 0.1;

impl Reliability {
    /// Of a share of runs that went well.
    #[must_use]
    pub fn of(success: f64) -> Self {
        if success > 0.95 {
            Self::Excellent
        } else if success >= 0.8 {
            Self::Good
        } else {
            Self::NeedsAttention
        }
    }

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NeedsAttention => "needs attention",
            Self::Good => "good",
            Self::Excellent => "excellent",
        }
    }
}

impl Health {
    /// The health that this evidence gives.
    ///
    /// The share of runs that go well, times 60 for that alone, up to 25 for the trend and up to 15 for steadiness; less 7 for each of
    /// up to three open alerts, and at most 49 with a critical one among them, 84 with a high one. What fails always has none.
    #[must_use]
    pub fn of(evidence: &Evidence) -> Self {
        let trend = match evidence.class {
            Class::Regression => 0.0,
            Class::Degraded => 0.4,
            Class::Unknown => 0.7,
            Class::Stable => 0.95,
            Class::Improvement => 1.0,
        };
        let noise = evidence.noise.unwrap_or(UNKNOWN_NOISE);
        let steady = 1.0 - (noise / UNSTEADY).clamp(0.0, 1.0);
        let (each, most) = ALERT;
        let alerts = each * evidence.alerts.min(most) as f64;
        let whole =
            evidence.success.clamp(0.0, 1.0) * (60.0 + 25.0 * trend + 15.0 * steady) - alerts;
        Self(whole.clamp(0.0, capped(evidence.gravest)))
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }

    /// What it comes to.
    #[must_use]
    pub fn status(self) -> Status {
        match self.0 {
            score if score >= 85.0 => Status::Excellent,
            score if score >= 70.0 => Status::Good,
            score if score >= 50.0 => Status::Fair,
            score if score >= 30.0 => Status::Poor,
            _ => Status::Critical,
        }
    }
}

impl Status {
    /// Every status, the worst first.
    pub const ALL: [Self; 5] = [
        Self::Critical,
        Self::Poor,
        Self::Fair,
        Self::Good,
        Self::Excellent,
    ];

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Poor => "poor",
            Self::Fair => "fair",
            Self::Good => "good",
            Self::Excellent => "excellent",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOOD: Evidence = Evidence {
        success: 1.0,
        class: Class::Stable,
        noise: Some(0.01),
        alerts: 0,
        gravest: Severity::None,
    };

    #[test]
    fn reliability_has_edges() {
        assert_eq!(Reliability::of(0.951), Reliability::Excellent);
        assert_eq!(Reliability::of(0.95), Reliability::Good);
        assert_eq!(Reliability::of(0.8), Reliability::Good);
        assert_eq!(Reliability::of(0.799), Reliability::NeedsAttention);
        assert_eq!(Reliability::of(0.0), Reliability::NeedsAttention);
    }

    #[test]
    fn what_always_fails_is_not_healthy_and_what_works_is() {
        assert_eq!(Health::of(&GOOD).status(), Status::Excellent);
        let failing = Evidence {
            success: 0.0,
            ..GOOD
        };
        assert_eq!(Health::of(&failing).status(), Status::Critical);
    }

    #[test]
    fn an_open_grave_alert_caps_the_status_whatever_else_is_well() {
        let alert = |gravest| Evidence {
            alerts: 1,
            gravest,
            class: Class::Improvement,
            noise: Some(0.0),
            ..GOOD
        };
        for (gravest, status) in [
            (Severity::Medium, Status::Excellent),
            (Severity::High, Status::Good),
            (Severity::Critical, Status::Poor),
        ] {
            assert_eq!(Health::of(&alert(gravest)).status(), status, "{gravest:?}");
        }
    }

    fn evidence() -> impl Strategy<Value = Evidence> {
        let noise = proptest::option::of(0.0..2.0_f64);
        (0.0..=1.0_f64, 0..5_usize, noise, 0..6_usize, 0..5_usize).prop_map(
            |(success, class, noise, alerts, gravest)| Evidence {
                success,
                class: Class::ALL[class],
                noise,
                alerts,
                gravest: Severity::ALL[gravest],
            },
        )
    }

    proptest! {
        #[test]
        fn no_input_that_gets_worse_makes_it_healthier(better in evidence(), by in 0.0..1.0_f64) {
            let health = Health::of(&better);
            prop_assert!((0.0..=100.0).contains(&health.get()));
            let worse = |change: &dyn Fn(&mut Evidence)| {
                let mut worse = better;
                change(&mut worse);
                Health::of(&worse) <= health
            };
            let worst_before = Class::ALL.iter().position(|class| *class == better.class).unwrap();
            let classes_hold = Class::ALL[..worst_before].iter().all(|&class| worse(&|e| e.class = class));
            prop_assert!(classes_hold);
            let all_hold = worse(&|e| e.success -= by)
                && worse(&|e| e.noise = e.noise.map(|noise| noise + by))
                && worse(&|e| e.alerts += 1)
                && worse(&|e| e.gravest = e.gravest.max(Severity::High))
                && worse(&|e| e.gravest = Severity::Critical);
            prop_assert!(all_hold);
        }
    }
}

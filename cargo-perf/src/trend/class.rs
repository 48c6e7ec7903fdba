//! What a change amounts to, by thresholds.

use perf_schema::{Better, Ratio};
use serde::Serialize;

use crate::compare::{Thresholds, is_beyond, worsening};

/// What a trend amounts to. For the better or the worse, each only where statistics support a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Worse by more than the critical threshold.
    Regression,
    /// Worse by more than the warning threshold, up to the critical one.
    Degraded,
    /// Too little is known to tell.
    Unknown,
    /// Within the warning threshold either way.
    Stable,
    /// Better by more than the warning threshold.
    Improvement,
}

impl Class {
    /// Every class, the worst first.
    pub const ALL: [Self; 5] = [
        Self::Regression,
        Self::Degraded,
        Self::Unknown,
        Self::Stable,
        Self::Improvement,
    ];

    /// Of a change that is one. What lies on a threshold does not lie beyond it: at 10 and 15 %, 10.0 % worse is stable and
    /// 15.0 % degraded.
    #[must_use]
    pub fn of(change: Ratio, better: Better, thresholds: Thresholds) -> Self {
        let worse = worsening(change, better);
        if is_beyond(worse, thresholds.critical()) {
            Self::Regression
        } else if is_beyond(worse, thresholds.warning()) {
            Self::Degraded
        } else if is_beyond(-worse, thresholds.warning()) {
            Self::Improvement
        } else {
            Self::Stable
        }
    }

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Regression => "regression",
            Self::Degraded => "degraded",
            Self::Unknown => "cannot tell",
            Self::Stable => "stable",
            Self::Improvement => "improvement",
        }
    }

    /// Whether something became worse.
    #[must_use]
    pub const fn is_worse(self) -> bool {
        matches!(self, Self::Regression | Self::Degraded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::rules::{MetricKind, Preset};

    fn of(ratio: f64, better: Better) -> Class {
        let thresholds = Preset::Pyodide.thresholds(MetricKind::Time);
        Class::of(Ratio::new(ratio).unwrap(), better, thresholds)
    }

    #[test]
    fn what_lies_on_an_edge_is_not_beyond_it() {
        let lower = |ratio| of(ratio, Better::Lower);
        assert_eq!(lower(1.1), Class::Stable);
        assert_eq!(lower(1.1001), Class::Degraded);
        assert_eq!(lower(1.15), Class::Degraded);
        assert_eq!(lower(1.1501), Class::Regression);
        assert_eq!(lower(0.9), Class::Stable);
        assert_eq!(lower(0.8999), Class::Improvement);
        assert_eq!(lower(1.0), Class::Stable);
    }

    #[test]
    fn more_of_what_is_good_is_an_improvement() {
        let higher = |ratio| of(ratio, Better::Higher);
        assert_eq!(higher(2.0), Class::Improvement);
        assert_eq!(higher(0.84), Class::Regression);
        assert_eq!(higher(0.85), Class::Degraded);
        assert_eq!(higher(0.9), Class::Stable);
    }

    #[test]
    fn the_word_in_json_is_stable() {
        let words = Class::ALL.map(|class| serde_json::to_string(&class).unwrap());
        assert_eq!(
            words.join(" "),
            r#""regression" "degraded" "unknown" "stable" "improvement""#
        );
    }
}

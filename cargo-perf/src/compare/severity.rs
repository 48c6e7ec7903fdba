//! How grave a change is, and how sure its verdict: the one place where both are derived.
//!
//! Statistics say whether there is a change; thresholds only say how much it matters. So nothing here makes a regression
//! of what is none.

use clap::ValueEnum;
use perf_schema::{Better, Ratio};
use perf_stats::{Confidence, chance_below};
use serde::{Deserialize, Serialize};

use super::verdict::{Effect, Verdict};

/// How grave a change for the worse is.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    ValueEnum,
    Serialize,
    Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// There is none. As what to fail on: nothing is grave enough
    #[default]
    None,
    /// A change, up to the warning threshold
    Low,
    /// Beyond the warning threshold
    Medium,
    /// Beyond the middle of the two thresholds
    High,
    /// Beyond the critical threshold, and surely beyond the warning
    Critical,
}

impl Severity {
    /// Every level, the least first.
    pub const ALL: [Self; 5] = [
        Self::None,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::Critical,
    ];

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// Whether a change of this severity fails where `least` is what to fail on. [`Severity::None`] fails nothing.
    #[must_use]
    pub fn fails(self, least: Self) -> bool {
        least != Self::None && self >= least
    }
}

/// The relative changes for the worse from which on a change matters: 0.05 for five per cent.
///
/// For a metric of which less is better, what was added as a part of the baseline; otherwise what was lost, as a part of
/// the baseline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    warning: f64,
    critical: f64,
}

impl Thresholds {
    /// A critical threshold below the warning is taken for the same as it. `None` unless both are finite and above zero.
    #[must_use]
    pub fn new(warning: f64, critical: f64) -> Option<Self> {
        let good = |threshold: f64| threshold.is_finite() && threshold > 0.0;
        (good(warning) && good(critical)).then(|| Self {
            warning,
            critical: critical.max(warning),
        })
    }

    /// In per cent, for what is known to be in order.
    pub(super) const fn percent(warning: u32, critical: u32) -> Self {
        Self {
            warning: warning as f64 / 100.0,
            critical: critical as f64 / 100.0,
        }
    }

    /// Where a change begins to matter.
    #[must_use]
    pub const fn warning(self) -> f64 {
        self.warning
    }

    /// Where it matters most.
    #[must_use]
    pub const fn critical(self) -> f64 {
        self.critical
    }

    fn middle(self) -> f64 {
        self.warning.midpoint(self.critical)
    }
}

/// A relative change for the worse; negative for the better.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Worsening {
    /// What was estimated.
    pub estimate: f64,
    /// The least it can be, by its interval.
    pub surely: f64,
}

impl Worsening {
    /// Of a metric of which this direction is good. Without an effect a side was nothing at all, and there is no ratio:
    /// from nothing to something is past every threshold.
    #[must_use]
    pub fn of(effect: Option<&Effect>, better: Better) -> Self {
        let Some(effect) = effect else {
            let all = if better == Better::Higher {
                1.0
            } else {
                f64::INFINITY
            };
            return Self {
                estimate: all,
                surely: all,
            };
        };
        let near = match better {
            Better::Higher => effect.high,
            Better::Lower | Better::Neither => effect.low,
        };
        Self {
            estimate: worsening(effect.ratio, better),
            surely: worsening(near, better),
        }
    }
}

/// A ratio as a relative change for the worse.
#[must_use]
pub fn worsening(ratio: Ratio, better: Better) -> f64 {
    match better {
        Better::Higher => 1.0 - ratio.get(),
        Better::Lower | Better::Neither => ratio.get() - 1.0,
    }
}

/// Whether a change lies beyond a threshold. One that lies on it does not, whatever the last binary digit says.
#[must_use]
pub fn is_beyond(change: f64, threshold: f64) -> bool {
    change > threshold + 1e-9
}

/// How grave a regression is.
#[must_use]
pub fn severity(worse: Worsening, thresholds: Thresholds) -> Severity {
    if is_beyond(worse.estimate, thresholds.critical) && is_beyond(worse.surely, thresholds.warning)
    {
        Severity::Critical
    } else if is_beyond(worse.estimate, thresholds.middle()) {
        Severity::High
    } else if is_beyond(worse.estimate, thresholds.warning) {
        Severity::Medium
    } else {
        Severity::Low
    }
}

/// How grave what was found is: nothing but a change for the worse is grave.
#[must_use]
pub fn severity_of(
    verdict: Verdict,
    effect: Option<&Effect>,
    better: Better,
    thresholds: Thresholds,
) -> Severity {
    match verdict {
        Verdict::Regressed | Verdict::Tolerated => {
            severity(Worsening::of(effect, better), thresholds)
        }
        _ => Severity::None,
    }
}

/// How sure a verdict is, from 0 to 1; `None` where there is no verdict to be sure of.
///
/// Of a change: one minus the chance of seeing so much without one, over the whole suite. Of *unchanged*: the chance, by the
/// interval, that no change for the worse as large as the warning threshold hides in it. Both fall with the noise and rise
/// with the number of launches.
#[must_use]
pub fn confidence_of(
    verdict: Verdict,
    effect: Option<&Effect>,
    better: Better,
    thresholds: Thresholds,
) -> Option<f64> {
    match (verdict, effect) {
        (Verdict::Regressed | Verdict::Tolerated, Some(effect)) => {
            Some(estimated(1.0 - effect.p_worse, effect))
        }
        (Verdict::Improved, Some(effect)) => Some(estimated(1.0 - effect.p_better, effect)),
        // Exact, and one of the sides is nothing at all.
        (
            Verdict::Regressed | Verdict::Tolerated | Verdict::Improved | Verdict::Unchanged,
            None,
        ) => Some(1.0),
        (Verdict::Unchanged, Some(effect)) => {
            Some(estimated(unchanged(effect, better, thresholds), effect))
        }
        _ => None,
    }
    .map(|sure| sure.clamp(0.0, 1.0))
}

/// Of an estimate nobody is wholly sure, however small the number that rounding makes nothing of.
fn estimated(sure: f64, effect: &Effect) -> f64 {
    if effect.is_exact() {
        sure
    } else {
        sure.min(1.0 - f64::EPSILON)
    }
}

fn unchanged(effect: &Effect, better: Better, thresholds: Thresholds) -> f64 {
    // What is exact has a confidence of one, which is no level of an interval.
    let level = Confidence::new(effect.confidence).unwrap_or(Confidence::HIGHEST);
    let ln = |ratio: Ratio| ratio.get().ln();
    match better {
        Better::Higher => {
            let bound = -(1.0 - thresholds.warning).max(f64::MIN_POSITIVE).ln();
            chance_below(-ln(effect.ratio), -ln(effect.low), level, bound)
        }
        Better::Lower | Better::Neither => {
            let bound = thresholds.warning.ln_1p();
            chance_below(ln(effect.ratio), ln(effect.high), level, bound)
        }
    }
}

#[cfg(test)]
mod tests;

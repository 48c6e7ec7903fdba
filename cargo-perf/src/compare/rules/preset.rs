//! Sets of thresholds to begin with.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use super::MetricKind;
use crate::compare::severity::{Severity, Thresholds};

/// A set of thresholds, and what to fail on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// Warning from 5 %, critical from 15 %; every confirmed regression fails
    #[default]
    Default,
    /// Warning from 5 %, critical from 10 %; every confirmed regression fails
    Strict,
    /// Warning from 10 %, critical from 30 %; what is high fails
    Lenient,
    /// Degraded beyond 10 %, a regression beyond 15 %, which alone fails
    Pyodide,
    /// Thresholds by kind, from 10 % to 100 %; what is beyond the warning fails
    Detector,
}

impl Preset {
    /// Every preset.
    pub const ALL: [Self; 5] = [
        Self::Default,
        Self::Strict,
        Self::Lenient,
        Self::Pyodide,
        Self::Detector,
    ];

    /// The thresholds for metrics of a kind.
    #[must_use]
    pub const fn thresholds(self, kind: MetricKind) -> Thresholds {
        match (self, kind) {
            (Self::Default, _) => Thresholds::percent(5, 15),
            (Self::Strict, _) => Thresholds::percent(5, 10),
            (Self::Lenient, _) => Thresholds::percent(10, 30),
            (Self::Pyodide, _) => Thresholds::percent(10, 15),
            (Self::Detector, MetricKind::Time) => Thresholds::percent(30, 100),
            (Self::Detector, MetricKind::Memory) => Thresholds::percent(40, 80),
            // What that detector calls cost.
            (Self::Detector, MetricKind::Allocations | MetricKind::Instructions) => {
                Thresholds::percent(25, 50)
            }
            // Its throughput, and its quality.
            (Self::Detector, MetricKind::Limit) => Thresholds::percent(20, 40),
            (Self::Detector, MetricKind::Own) => Thresholds::percent(10, 20),
        }
    }

    /// The least severity that fails.
    #[must_use]
    pub const fn fail_on(self) -> Severity {
        match self {
            Self::Default | Self::Strict => Severity::Low,
            Self::Detector => Severity::Medium,
            Self::Lenient => Severity::High,
            Self::Pyodide => Severity::Critical,
        }
    }

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Strict => "strict",
            Self::Lenient => "lenient",
            Self::Pyodide => "pyodide",
            Self::Detector => "detector",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::severity::{Worsening, severity};

    #[test]
    fn every_preset_reaches_every_level() {
        for preset in Preset::ALL {
            for kind in MetricKind::ALL {
                let thresholds = preset.thresholds(kind);
                let of = |change: f64| {
                    let worse = Worsening {
                        estimate: change,
                        surely: change,
                    };
                    severity(worse, thresholds)
                };
                let (warning, critical) = (thresholds.warning(), thresholds.critical());
                assert!(warning < critical, "{preset:?} {kind:?}");
                assert_eq!(of(warning), Severity::Low);
                assert_eq!(of(warning.midpoint(critical)), Severity::Medium);
                assert_eq!(of(critical), Severity::High);
                assert_eq!(of(critical + 0.001), Severity::Critical);
            }
        }
    }

    #[test]
    fn the_pyodide_preset_fails_beyond_fifteen_per_cent_and_not_at_it() {
        let preset = Preset::Pyodide;
        let fails = |change: f64| {
            let worse = Worsening {
                estimate: change,
                surely: change,
            };
            severity(worse, preset.thresholds(MetricKind::Time)).fails(preset.fail_on())
        };
        assert!(!fails(0.10) && !fails(0.11) && !fails(0.15) && fails(0.151));
    }
}

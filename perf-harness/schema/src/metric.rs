//! The metrics that every benchmark may have, by name: what each is counted in, which direction is good, and whether the
//! same code must give the same value each time.

use serde::{Deserialize, Serialize};

use crate::{Better, Unit};

/// Name of a metric: one of [`names`], or a user's own.
pub type MetricName = String;

/// The names of the metrics that the harness itself measures.
pub mod names {
    /// Wall time of an iteration, in nanoseconds.
    pub const WALL: &str = "wall";
    /// CPU time of the whole process in an iteration, in nanoseconds.
    pub const CPU: &str = "cpu";
    /// Time of a fixed piece of arithmetic beside the samples, in nanoseconds: how quiet the machine was.
    pub const GAUGE: &str = "gauge";
    /// Largest resident memory of the process that measured, in bytes; all of it, the inputs and the program included.
    ///
    /// For a command: of the largest process among it and its descendants.
    pub const PEAK_RSS: &str = "peak-rss";
    /// CPU time that a command and the descendants it waited for spent in their own code, in nanoseconds.
    pub const USER: &str = "user";
    /// CPU time that the system spent on behalf of a command and the descendants it waited for, in nanoseconds.
    pub const SYS: &str = "sys";
    /// The time that half of the single calls did not exceed, in nanoseconds.
    pub const LATENCY_P50: &str = "latency-p50";
    /// The time that 90 % of the single calls did not exceed.
    pub const LATENCY_P90: &str = "latency-p90";
    /// The time that 99 % of the single calls did not exceed.
    pub const LATENCY_P99: &str = "latency-p99";
    /// The time that 99.9 % of the single calls did not exceed.
    pub const LATENCY_P99_9: &str = "latency-p99.9";
    /// The time of the longest single call.
    pub const LATENCY_MAX: &str = "latency-max";
    /// What a pair of clock reads with nothing in between takes; it is part of every latency.
    pub const LATENCY_CLOCK: &str = "latency-clock";
}

/// What is known of a value before it is seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meaning {
    /// What it is counted in.
    pub unit: Unit,
    /// Which direction is good.
    pub better: Better,
    /// Whether the same code must give the same value each time.
    pub exact: bool,
}

/// What one launch saw of a metric: a value, or the reason why there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Observed {
    /// It was measured.
    Value {
        /// What the number means.
        #[serde(flatten)]
        meaning: Meaning,
        /// The number, for one iteration unless the metric's name says otherwise. Finite and not negative.
        value: f64,
    },
    /// It could not be had.
    Absent {
        /// Why not.
        reason: String,
    },
}

impl Observed {
    /// A value that is noisy, and the better the lower.
    #[must_use]
    pub const fn noisy(unit: Unit, value: f64) -> Self {
        Self::value(unit, value, false)
    }

    /// A value that must be the same each time, and is the better the lower.
    #[must_use]
    pub const fn exact(unit: Unit, value: f64) -> Self {
        Self::value(unit, value, true)
    }

    const fn value(unit: Unit, value: f64, exact: bool) -> Self {
        Self::Value {
            meaning: Meaning {
                unit,
                better: Better::Lower,
                exact,
            },
            value,
        }
    }
}

//! Kinds of metrics, which have thresholds of their own.

use perf_schema::metric::{is_reserved, names};
use perf_schema::{Better, Unit};
use serde::{Deserialize, Serialize};

/// What a metric is a measure of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MetricKind {
    /// Wall and CPU time, latencies, and times of the user's own.
    Time,
    /// The most memory at once.
    Memory,
    /// Allocations and their bytes.
    Allocations,
    /// Instructions, counted by the processor or by Valgrind.
    Instructions,
    /// Whatever more of is better: limits, and figures of the user's own.
    Limit,
    /// Other figures of the user's own.
    Own,
}

impl MetricKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Time,
        Self::Memory,
        Self::Allocations,
        Self::Instructions,
        Self::Limit,
        Self::Own,
    ];

    /// The kind of a metric.
    #[must_use]
    pub fn of(metric: &str, unit: &Unit, better: Better) -> Self {
        match metric {
            names::PEAK | names::PEAK_RSS => Self::Memory,
            names::ALLOCS | names::ALLOC_BYTES => Self::Allocations,
            names::INSTRUCTIONS | names::INSTRUCTIONS_VALGRIND => Self::Instructions,
            _ if better == Better::Higher => Self::Limit,
            _ if *unit == Unit::NANOSECONDS => Self::Time,
            _ if *unit == Unit::BYTES && is_reserved(metric) => Self::Memory,
            _ => Self::Own,
        }
    }

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Memory => "memory",
            Self::Allocations => "allocations",
            Self::Instructions => "instructions",
            Self::Limit => "limit",
            Self::Own => "own",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_metric_is_of_one_kind() {
        let ns = Unit::NANOSECONDS;
        for (metric, unit, better, kind) in [
            (names::WALL, ns.clone(), Better::Lower, MetricKind::Time),
            (
                names::LATENCY_P99,
                ns.clone(),
                Better::Lower,
                MetricKind::Time,
            ),
            ("pause", ns, Better::Lower, MetricKind::Time),
            (names::PEAK, Unit::BYTES, Better::Lower, MetricKind::Memory),
            (
                names::PEAK_RSS,
                Unit::BYTES,
                Better::Lower,
                MetricKind::Memory,
            ),
            (
                names::ALLOC_BYTES,
                Unit::BYTES,
                Better::Lower,
                MetricKind::Allocations,
            ),
            (
                names::INSTRUCTIONS_VALGRIND,
                Unit::COUNT,
                Better::Lower,
                MetricKind::Instructions,
            ),
            (
                "compression",
                Unit::COUNT,
                Better::Higher,
                MetricKind::Limit,
            ),
            ("error", Unit::COUNT, Better::Lower, MetricKind::Own),
            ("output", Unit::BYTES, Better::Lower, MetricKind::Own),
        ] {
            assert_eq!(MetricKind::of(metric, &unit, better), kind, "{metric}");
        }
    }

    #[test]
    fn the_word_is_the_one_that_is_read() {
        for kind in MetricKind::ALL {
            let text = serde_json::to_string(&kind).unwrap();
            assert_eq!(text, format!("\"{}\"", kind.word()));
        }
    }
}

//! Many at once: how a level of users, or of operations per second, is run, what it must not exceed, and what was seen of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Cap;

/// A million millionths: all of it.
pub const WHOLE_PPM: u32 = 1_000_000;

/// What the levels of a limit count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pace {
    /// Users at once, each of which begins its next operation when the last one has ended: a closed loop.
    Users,
    /// Operations that begin in a second, whether or not earlier ones have ended: an open loop.
    Rate,
}

/// How a level is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrafficPlan {
    /// What its number means.
    pub pace: Pace,
    /// How long it runs before anything counts, in nanoseconds.
    pub warm_up_ns: u64,
    /// How long it runs while everything counts, in nanoseconds.
    pub window_ns: u64,
    /// Of users: how long after each other they begin, in nanoseconds. The warm-up begins with the last of them.
    pub ramp_ns: u64,
    /// Of users: how long each waits between two operations on average, in nanoseconds.
    pub think_ns: u64,
    /// Of a rate: how many operations can be under way at once.
    pub clients: u32,
}

/// What a level of traffic must not exceed, or fall short of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceLevel {
    /// Most latency of half of the operations, in nanoseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p50_ns: Option<u64>,
    /// Of nine in ten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p90_ns: Option<u64>,
    /// Of 99 in a hundred.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p99_ns: Option<u64>,
    /// Of all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_ns: Option<u64>,
    /// Largest share of operations that may fail, in millionths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errors_ppm: Option<u32>,
    /// Of users: what each must get done at least, as a share of what one does at the first level, in millionths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub efficiency_ppm: Option<u32>,
    /// Of a rate: the least share of it that must be achieved, in millionths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub achieved_ppm: Option<u32>,
}

/// What a cap comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// At most so many nanoseconds.
    Nanoseconds(u64),
    /// At most so many bytes.
    Bytes(u64),
    /// At most this share, in millionths.
    AtMost(u32),
    /// At least this share, in millionths.
    AtLeast(u32),
}

impl ServiceLevel {
    /// What this cap comes to, if it is one of them.
    #[must_use]
    pub fn bound(&self, cap: Cap) -> Option<Bound> {
        match cap {
            Cap::P50 => self.p50_ns.map(Bound::Nanoseconds),
            Cap::P90 => self.p90_ns.map(Bound::Nanoseconds),
            Cap::P99 => self.p99_ns.map(Bound::Nanoseconds),
            Cap::Max => self.max_ns.map(Bound::Nanoseconds),
            Cap::Errors => self.errors_ppm.map(Bound::AtMost),
            Cap::Efficiency => self.efficiency_ppm.map(Bound::AtLeast),
            Cap::Rate => self.achieved_ppm.map(Bound::AtLeast),
            Cap::Wall | Cap::Memory | Cap::Stack => None,
        }
    }
}

/// How long operations took that succeeded. A percentile that they are too few for is absent: one in a hundred shows itself
/// among a hundred, not among fewer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latency {
    /// What half of them did not exceed, in nanoseconds; of two at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p50_ns: Option<u64>,
    /// What nine in ten did not; of ten at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p90_ns: Option<u64>,
    /// What 99 in a hundred did not; of a hundred at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p99_ns: Option<u64>,
    /// The longest; of one at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_ns: Option<u64>,
}

impl Latency {
    /// What decides about a cap on latency: its percentile, or the longest where there were too few to tell it. Then one that
    /// is over is more than the share that may be.
    #[must_use]
    pub fn at(&self, cap: Cap) -> Option<u64> {
        match cap {
            Cap::P50 => self.p50_ns.or(self.max_ns),
            Cap::P90 => self.p90_ns.or(self.max_ns),
            Cap::P99 => self.p99_ns.or(self.max_ns),
            Cap::Max => self.max_ns,
            _ => None,
        }
    }
}

/// What was seen of a level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    /// How long everything counted, in nanoseconds.
    pub window_ns: u64,
    /// Operations that were begun meanwhile; at a rate, those that were due.
    pub begun: u64,
    /// How many of them never started, since no client was free until the window was over; only at a rate.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unstarted: u64,
    /// Operations that ended with success while the window was open, whenever they began.
    pub done: u64,
    /// How many of those begun failed, by what they said.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub errors: BTreeMap<String, u64>,
    /// How long those took that succeeded: from their start, or at a rate from the moment they were due. Those that never
    /// started are in it with the time that they had waited.
    pub latency: Latency,
    /// Whether there was a processor for it; absent where the system does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processor: Option<Processor>,
    /// How well the generator kept up; only at a rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generator: Option<Generator>,
}

/// Whether threads that were ready had a processor, from when users begin to make what is theirs to the end of the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Processor {
    /// How long threads of the process were ready and had none, all together, in nanoseconds. Whoever else had it: each other, too.
    pub waited_ns: u64,
    /// What all others had of the processors that the process may use, the system included, in nanoseconds of CPU time.
    pub others_ns: u64,
}

impl Processor {
    /// What others can have kept from the process at most, in nanoseconds of CPU time: no more than they had, and no more than it
    /// waited for.
    #[must_use]
    pub fn lost_ns(self) -> u64 {
        self.waited_ns.min(self.others_ns)
    }
}

/// What the generator of a rate says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generator {
    /// How late 99 in a hundred operations were at most by its own fault, a client being free; in nanoseconds. Absent below a
    /// hundred operations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_p99_ns: Option<u64>,
    /// What an operation took, as a share of what a client that lagged behind spent on it and on issuing it; in millionths. By
    /// medians, or by sums less what clients waited for a processor, whichever is more. All of it where no client lagged behind.
    pub busy_ppm: u32,
    /// Latency without what was the generator's own fault.
    pub without: Latency,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde gives it a reference"
)]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Traffic {
    /// Operations that succeeded in a second.
    #[must_use]
    pub fn per_second(&self) -> f64 {
        if self.window_ns == 0 {
            return 0.0;
        }
        self.done as f64 * 1e9 / self.window_ns as f64
    }

    /// Operations that failed.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.errors.values().sum()
    }

    /// The share of operations that failed.
    #[must_use]
    pub fn error_share(&self) -> f64 {
        if self.begun == 0 {
            return 0.0;
        }
        self.failed() as f64 / self.begun as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_that_cannot_be_told_is_decided_by_the_longest() {
        let few = Latency {
            p50_ns: Some(1),
            max_ns: Some(9),
            ..Latency::default()
        };
        assert_eq!((few.at(Cap::P50), few.at(Cap::P99)), (Some(1), Some(9)));
        assert_eq!(Latency::default().at(Cap::P99), None);
        assert_eq!(few.at(Cap::Errors), None);
    }

    #[test]
    fn rates_are_of_the_window() {
        let traffic = Traffic {
            window_ns: 250_000_000,
            begun: 200,
            unstarted: 0,
            done: 150,
            errors: [("full".to_owned(), 40), ("gone".to_owned(), 10)].into(),
            latency: Latency::default(),
            processor: None,
            generator: None,
        };
        assert_eq!(traffic.failed(), 50);
        assert!((traffic.per_second() - 600.0).abs() < 1e-9);
        assert!((traffic.error_share() - 0.25).abs() < 1e-9);
        let text = serde_json::to_string(&traffic).unwrap();
        assert_eq!(
            text,
            r#"{"window_ns":250000000,"begun":200,"done":150,"errors":{"full":40,"gone":10},"latency":{}}"#
        );
        assert_eq!(serde_json::from_str::<Traffic>(&text).unwrap(), traffic);
    }
}

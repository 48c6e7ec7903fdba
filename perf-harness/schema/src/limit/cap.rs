//! What stops a level.

use serde::{Deserialize, Serialize};

use crate::{Bound, ServiceLevel};

/// What stops a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cap {
    /// The deadline.
    Wall,
    /// The most memory.
    Memory,
    /// The size of the stack.
    Stack,
    /// The latency of half of the operations.
    P50,
    /// Of nine in ten.
    P90,
    /// Of 99 in a hundred.
    P99,
    /// Of all.
    Max,
    /// The share of operations that fail.
    Errors,
    /// What each of many users gets done, beside one alone.
    Efficiency,
    /// The share of a rate that is achieved.
    Rate,
}

impl Cap {
    /// Every cap.
    pub const ALL: [Self; 10] = [
        Self::Wall,
        Self::Memory,
        Self::Stack,
        Self::P50,
        Self::P90,
        Self::P99,
        Self::Max,
        Self::Errors,
        Self::Efficiency,
        Self::Rate,
    ];

    /// Whether it breaks sooner on a machine that is slower.
    #[must_use]
    pub const fn is_timed(self) -> bool {
        !matches!(self, Self::Memory | Self::Stack)
    }

    /// Whether it is what users, or whoever asks at a rate, are promised.
    #[must_use]
    pub const fn is_of_service(self) -> bool {
        !matches!(self, Self::Wall | Self::Memory | Self::Stack)
    }

    /// The word that stands in records.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Wall => "wall",
            Self::Memory => "memory",
            Self::Stack => "stack",
            Self::P50 => "p50",
            Self::P90 => "p90",
            Self::P99 => "p99",
            Self::Max => "max",
            Self::Errors => "errors",
            Self::Efficiency => "efficiency",
            Self::Rate => "rate",
        }
    }
}

/// The caps of a limit. There is at least one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caps {
    /// Most wall time of what is measured, in nanoseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wall_ns: Option<u64>,
    /// Most resident memory of the process beyond what it had before the body was entered, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// The stack on which the body runs, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack_bytes: Option<u64>,
    /// How well users, or operations at a rate, have to be served.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceLevel>,
}

impl Caps {
    /// Whether this cap is one of them.
    #[must_use]
    pub fn has(&self, cap: Cap) -> bool {
        self.bound(cap).is_some()
    }

    /// What this cap comes to, if it is one of them.
    #[must_use]
    pub fn bound(&self, cap: Cap) -> Option<Bound> {
        match cap {
            Cap::Wall => self.wall_ns.map(Bound::Nanoseconds),
            Cap::Memory => self.memory_bytes.map(Bound::Bytes),
            Cap::Stack => self.stack_bytes.map(Bound::Bytes),
            _ => self.service?.bound(cap),
        }
    }

    /// Whether one of them breaks sooner on a machine that is slower.
    #[must_use]
    pub fn are_timed(&self) -> bool {
        Cap::ALL
            .into_iter()
            .any(|cap| cap.is_timed() && self.has(cap))
    }
}

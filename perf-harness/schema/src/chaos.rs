//! Benchmarks under stress: what is done to the machine, or to the code, while the body runs.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One kind of stress.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stress {
    /// So many threads that compute without end.
    Cpu(u32),
    /// So many bytes of memory that somebody else holds.
    Memory(u64),
    /// So many per cent of the memory that is available.
    MemoryPercent(u8),
    /// Somebody else who writes to the disk without end.
    Io,
    /// The fault that the benchmark injects itself.
    Fault,
}

impl Stress {
    /// Most threads that may compute beside a body.
    pub const MOST_THREADS: u32 = 1024;
    /// Least memory that is worth holding.
    pub const LEAST_BYTES: u64 = 1 << 20;
    /// Largest share of the available memory: the rest is left to everybody else.
    pub const MOST_PERCENT: u8 = 90;

    /// Why it cannot be done, whatever the machine.
    #[must_use]
    pub fn fault(self) -> Option<String> {
        match self {
            Self::Cpu(threads) if !(1..=Self::MOST_THREADS).contains(&threads) => Some(format!(
                "stress by cpu takes from 1 to {} threads",
                Self::MOST_THREADS
            )),
            Self::Memory(bytes) if bytes < Self::LEAST_BYTES => {
                Some("stress by memory takes 1 MiB at the least".to_owned())
            }
            Self::MemoryPercent(percent) if !(1..=Self::MOST_PERCENT).contains(&percent) => {
                Some(format!(
                    "stress by memory takes from 1 % to {} % of what is available",
                    Self::MOST_PERCENT
                ))
            }
            _ => None,
        }
    }

    /// Whether two of these would be one: a benchmark has each kind once.
    #[must_use]
    pub fn is_of_kind(self, other: Self) -> bool {
        let kind = |stress| match stress {
            Self::Cpu(_) => 0,
            Self::Memory(_) | Self::MemoryPercent(_) => 1,
            Self::Io => 2,
            Self::Fault => 3,
        };
        kind(self) == kind(other)
    }
}

/// As it stands in the attribute.
impl fmt::Display for Stress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
        match *self {
            Self::Cpu(threads) => write!(f, "cpu({threads})"),
            Self::Memory(bytes) => {
                let unit = UNITS.iter().find(|(size, _)| bytes.is_multiple_of(*size));
                let (size, unit) = unit.copied().unwrap_or((1, "B"));
                write!(f, "mem({}{unit})", bytes / size)
            }
            Self::MemoryPercent(percent) => write!(f, "mem({percent}%)"),
            Self::Io => f.write_str("io"),
            Self::Fault => f.write_str("fault"),
        }
    }
}

/// What a benchmark is to run under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChaosPlan {
    /// All of it at the same time.
    pub under: Vec<Stress>,
    /// How long to wait for the body to be as fast as before, in milliseconds.
    pub recovery_ms: u64,
}

impl ChaosPlan {
    /// Whether the benchmark injects a fault of its own.
    #[must_use]
    pub fn has_fault(&self) -> bool {
        self.under.contains(&Stress::Fault)
    }

    /// All of it in words: `cpu(2) + io`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let words: Vec<String> = self.under.iter().map(Stress::to_string).collect();
        words.join(" + ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stress_is_named_as_it_is_written() {
        let plan = ChaosPlan {
            under: vec![
                Stress::Cpu(2),
                Stress::Memory(512 << 20),
                Stress::MemoryPercent(70),
                Stress::Memory(1_500_001),
                Stress::Io,
                Stress::Fault,
            ],
            recovery_ms: 1,
        };
        let words = "cpu(2) + mem(512MiB) + mem(70%) + mem(1500001B) + io + fault";
        assert_eq!(plan.in_words(), words);
        assert!(plan.has_fault());
        let text = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<ChaosPlan>(&text).unwrap(), plan);
    }

    #[test]
    fn what_would_take_the_machine_or_do_nothing_is_refused() {
        for stress in [
            Stress::Cpu(0),
            Stress::Cpu(1025),
            Stress::Memory(1000),
            Stress::MemoryPercent(0),
            Stress::MemoryPercent(91),
        ] {
            assert!(stress.fault().is_some(), "{stress}");
        }
        for stress in [
            Stress::Cpu(1),
            Stress::Memory(1 << 20),
            Stress::MemoryPercent(90),
            Stress::Io,
        ] {
            assert_eq!(stress.fault(), None, "{stress}");
        }
        assert!(Stress::Memory(1).is_of_kind(Stress::MemoryPercent(2)));
        assert!(!Stress::Cpu(1).is_of_kind(Stress::Io));
    }
}

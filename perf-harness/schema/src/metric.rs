//! The metrics that every benchmark may have, by name: what each is counted in, which direction is good, and whether the
//! same code must give the same value each time.

use serde::{Deserialize, Serialize};

use crate::{Better, InvalidId, Unit};

/// Name of a metric: one of [`names`], or a user's own.
pub type MetricName = String;

/// The names of the metrics that the harness itself measures; each stands in [`ALL`](names::ALL), too.
pub mod names {
    /// Every name here, and those that are kept for what is to come: no benchmark's author may give them to anything else.
    pub const ALL: [&str; 10] = [
        WALL,
        CPU,
        GAUGE,
        PEAK_RSS,
        ALLOCS,
        ALLOC_BYTES,
        PEAK,
        INSTRUCTIONS,
        "items",
        "bytes",
    ];
    /// Wall time of an iteration, in nanoseconds.
    pub const WALL: &str = "wall";
    /// CPU time of the whole process in an iteration, in nanoseconds.
    pub const CPU: &str = "cpu";
    /// Time of a fixed piece of arithmetic beside the samples, in nanoseconds: how quiet the machine was.
    pub const GAUGE: &str = "gauge";
    /// Time of an iteration of our loop around nothing, in nanoseconds: [`Overhead::loop_ns`](crate::Overhead).
    pub const LOOP: &str = "loop";
    /// Wall time that reading the clock adds to a sample, in nanoseconds: [`Overhead::clock_ns`](crate::Overhead).
    pub const CLOCK: &str = "clock";
    /// The same for the clock of CPU time.
    pub const CPU_CLOCK: &str = "cpu-clock";
    /// Largest resident memory of the process that measured, in bytes; all of it, the inputs and the program included.
    pub const PEAK_RSS: &str = "peak-rss";
    /// Blocks of memory that an iteration gets or resizes.
    pub const ALLOCS: &str = "allocs";
    /// Bytes that an iteration asks the allocator for.
    pub const ALLOC_BYTES: &str = "alloc-bytes";
    /// The most bytes live at once in an iteration, beyond what was live at its start.
    pub const PEAK: &str = "peak";
    /// Instructions of an iteration.
    pub const INSTRUCTIONS: &str = "instructions";
}

/// Whether a metric is the harness's own, so that nobody else can have one of that name.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    names::ALL.contains(&name) || name.starts_with("latency-")
}

/// What is known of the harness's own metrics before any is seen; `None` for all others.
#[must_use]
pub fn meaning_of(name: &str) -> Option<Meaning> {
    let (unit, exact) = match name {
        names::WALL | names::CPU => (Unit::NANOSECONDS, false),
        names::PEAK_RSS => (Unit::BYTES, false),
        names::ALLOCS | names::INSTRUCTIONS => (Unit::COUNT, true),
        names::ALLOC_BYTES | names::PEAK => (Unit::BYTES, true),
        _ if name.starts_with("latency-") => (Unit::NANOSECONDS, false),
        _ => return None,
    };
    Some(Meaning {
        unit,
        better: Better::Lower,
        exact,
    })
}

/// The metric with which it is told why this one is absent: what is counted together is missing together.
#[must_use]
pub fn absent_with(name: &str) -> &str {
    match name {
        names::ALLOC_BYTES | names::PEAK => names::ALLOCS,
        other => other,
    }
}

/// Checks the name of a metric: ASCII letters, digits, `-` and `.`, beginning with a letter, 64 at most. It becomes a
/// word on the command line and in the attribute.
///
/// # Errors
/// When it is anything else.
pub fn check_metric_name(name: &str) -> Result<(), InvalidId> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if begins && name.len() <= 64 && name.chars().all(plain) {
        return Ok(());
    }
    Err(InvalidId::new(
        name,
        "a metric's name",
        "it is made of letters, digits, `-` and `.`, begins with a letter, and has 64 at most",
    ))
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

    /// A noisy value that explains others and is never judged.
    #[must_use]
    pub const fn context(unit: Unit, value: f64) -> Self {
        Self::Value {
            meaning: Meaning {
                unit,
                better: Better::Neither,
                exact: false,
            },
            value,
        }
    }

    /// A value that must be the same each time, and is the better the lower.
    #[must_use]
    pub const fn exact(unit: Unit, value: f64) -> Self {
        Self::value(unit, value, true)
    }

    /// A value with a meaning of its own.
    #[must_use]
    pub const fn once(meaning: Meaning, value: f64) -> Self {
        Self::Value { meaning, value }
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

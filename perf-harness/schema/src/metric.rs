//! The metrics that every benchmark may have, by name: what each is counted in, which direction is good, and whether the
//! same code must give the same value each time.

use serde::{Deserialize, Serialize};

use crate::{Better, InvalidId, Unit};

/// Name of a metric: one of [`names`], or a user's own.
pub type MetricName = String;

/// The names of the metrics that the harness itself measures; each stands in [`ALL`](names::ALL), too, or begins with
/// `latency-`.
pub mod names {
    /// Every name here, and those that are kept for what is to come: no benchmark's author may give them to anything else.
    pub const ALL: [&str; 25] = [
        WALL,
        CPU,
        GAUGE,
        LOOP,
        CLOCK,
        CPU_CLOCK,
        PEAK_RSS,
        ALLOCS,
        ALLOC_BYTES,
        PEAK,
        INSTRUCTIONS,
        USER,
        SYS,
        MINOR_FAULTS,
        MAJOR_FAULTS,
        VOLUNTARY_SWITCHES,
        INVOLUNTARY_SWITCHES,
        IO_READ,
        IO_WRITTEN,
        DISK_READ,
        DISK_WRITTEN,
        INSTRUCTIONS_VALGRIND,
        LIMIT,
        ITEMS,
        BYTES,
    ];
    /// Items worked through in a second: nobody measures it, it follows from the time; budgets may be of it.
    pub const ITEMS: &str = "items";
    /// Bytes worked through in a second, likewise.
    pub const BYTES: &str = "bytes";
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
    ///
    /// For a command: of the largest process among it and its descendants.
    pub const PEAK_RSS: &str = "peak-rss";
    /// Blocks of memory that an iteration gets or resizes: calls of `alloc`, `alloc_zeroed` and `realloc`.
    pub const ALLOCS: &str = "allocs";
    /// Bytes that an iteration asks the allocator for; of a block that grows, those it grows by.
    pub const ALLOC_BYTES: &str = "alloc-bytes";
    /// The most bytes live at once in an iteration, beyond what was live at its start.
    pub const PEAK: &str = "peak";
    /// Instructions of an iteration outside the kernel, on all threads together, by the processor's own counter.
    pub const INSTRUCTIONS: &str = "instructions";
    /// The largest level of a limit that passed.
    pub const LIMIT: &str = "limit";
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
    /// Page faults of an iteration that needed no disk.
    pub const MINOR_FAULTS: &str = "minor-faults";
    /// Page faults of an iteration that waited for the disk.
    pub const MAJOR_FAULTS: &str = "major-faults";
    /// How often the threads that run an iteration gave up their processor, to wait for something.
    pub const VOLUNTARY_SWITCHES: &str = "voluntary-switches";
    /// How often it was taken from them.
    pub const INVOLUNTARY_SWITCHES: &str = "involuntary-switches";
    /// Bytes that an iteration got from system calls that read: of files, pipes, sockets, cached or not.
    pub const IO_READ: &str = "io-read";
    /// Bytes that an iteration gave to system calls that write.
    pub const IO_WRITTEN: &str = "io-written";
    /// Bytes that an iteration caused to be fetched from storage.
    pub const DISK_READ: &str = "disk-read";
    /// Bytes that an iteration caused to be sent to storage, now or later.
    pub const DISK_WRITTEN: &str = "disk-written";
    /// The same as Valgrind counts it, which has a processor of its own: a metric of its own, since the two counts are not
    /// to be compared with each other.
    pub const INSTRUCTIONS_VALGRIND: &str = "instructions-valgrind";
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
        names::WALL | names::CPU | names::USER | names::SYS => (Unit::NANOSECONDS, false),
        names::PEAK_RSS => (Unit::BYTES, false),
        names::ALLOCS | names::INSTRUCTIONS_VALGRIND => (Unit::COUNT, true),
        // The processor counts some of its interrupts as instructions.
        names::INSTRUCTIONS => (Unit::COUNT, false),
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
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Meaning {
    /// What it is counted in.
    pub unit: Unit,
    /// Which direction is good.
    pub better: Better,
    /// Whether the same code must give the same value each time.
    pub exact: bool,
}

/// What one launch saw of a metric: values, or the reason why there are none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Observed {
    /// It was measured.
    Value {
        /// What the number means.
        #[serde(flatten)]
        meaning: Meaning,
        /// The numbers, each for one iteration unless the metric's name says otherwise. Finite and not negative; at least
        /// one, and no more than one where all are equal.
        values: Vec<f64>,
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
    pub fn noisy(unit: Unit, value: f64) -> Self {
        Self::values(unit, Better::Lower, false, vec![value])
    }

    /// A value that must be the same each time, and is the better the lower.
    #[must_use]
    pub fn exact(unit: Unit, value: f64) -> Self {
        Self::values(unit, Better::Lower, true, vec![value])
    }

    /// A value with a meaning of its own.
    #[must_use]
    pub fn once(meaning: Meaning, value: f64) -> Self {
        Self::Value {
            meaning,
            values: vec![value],
        }
    }

    /// A value that must be the same for each iteration, and is the better the lower. Where it was, it is kept once.
    #[must_use]
    pub fn exact_each(unit: Unit, values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        if values
            .windows(2)
            .all(|two| two[0].total_cmp(&two[1]).is_eq())
        {
            values.truncate(1);
        }
        Self::values(unit, Better::Lower, true, values)
    }

    /// A value that explains others and is never judged.
    #[must_use]
    pub fn context(unit: Unit, value: f64) -> Self {
        Self::values(unit, Better::Neither, false, vec![value])
    }

    const fn values(unit: Unit, better: Better, exact: bool, values: Vec<f64>) -> Self {
        Self::Value {
            meaning: Meaning {
                unit,
                better,
                exact,
            },
            values,
        }
    }
}

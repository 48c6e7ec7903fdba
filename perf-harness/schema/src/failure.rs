//! What may become of a launch, besides samples.

use serde::{Deserialize, Serialize};

/// One launch that failed, as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What happened.
    pub kind: FailureKind,
    /// The signal that ended the process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// The launch it happened in, counted from 0.
    pub launch: u32,
    /// How long the launch had lasted, in milliseconds.
    pub elapsed_ms: u64,
    /// What it said, shortened.
    pub message: String,
}

/// The ways to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The benchmark panicked.
    Panic,
    /// The answer was wrong: a `check` did not hold.
    Check,
    /// The stack ended.
    StackOverflow,
    /// It held more memory than it may, or was refused more: told of limits only, whose answer that is.
    Memory,
    /// The process was ended by a signal: an abort, a segmentation fault, the out-of-memory killer.
    Signal,
    /// The process ended by itself before it had answered.
    Exit,
    /// It did not answer in time and was killed.
    Timeout,
    /// It left processes of its own behind, which were killed.
    Leftover,
    /// The benchmark cannot be measured as it is written: it measures nothing, say.
    Misuse,
    /// The generator of traffic could not keep up, so nothing is known of what it was to load: told of limits only.
    Saturated,
    /// The worker said something that no worker of this version says.
    Protocol,
}

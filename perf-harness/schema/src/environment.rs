//! Where a run took place. The machine decides what may be compared; the environment is context.
//!
//! Neither holds a host name, a user name or the value of an environment variable.

use serde::{Deserialize, Serialize};

/// What decides the speed of a machine and does not flutter from run to run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// The key: times are compared within one class only. Lower-case letters, digits and `-`.
    pub class: String,
    /// Processor architecture, as in a target triple.
    pub arch: String,
    /// Operating system.
    pub os: String,
    /// The processor's own name for its model.
    pub cpu: String,
    /// Physical cores.
    pub cores: u32,
    /// Hardware threads.
    pub threads: u32,
}

/// How the benchmarks were built. Records are comparable in time only when this is equal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// Cargo profile, `bench` unless asked otherwise.
    pub profile: String,
    /// Target triple.
    pub target: String,
    /// Features that were asked for, sorted.
    pub features: Vec<String>,
    /// What the environment said of the build: `RUSTFLAGS`, and variables that override a profile, a target or its flags;
    /// with the home folder shown as `~`. A configuration file in the repository is part of the source.
    pub flags: String,
}

/// Everything else worth knowing when two runs disagree. A member that could not be had is absent, never empty or zero.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// How the benchmarks were built.
    pub build: Build,
    /// `rustc --version`.
    pub rustc: String,
    /// Version of `cargo perf`.
    pub cargo_perf: String,
    /// Source of time: `monotonic`, or `scripted` under a test.
    pub clock: String,
    /// Hash of `Cargo.lock`, which many libraries keep out of git: other dependencies are other code, though the source
    /// tree does not show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dependencies: Option<String>,
    /// Hash of the bench binaries: equal source need not make equal binaries, when a dependency lies beside the repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binaries: Option<String>,
    /// Main memory in MiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_mib: Option<u64>,
    /// Frequency governor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub governor: Option<String>,
    /// Kind of virtual machine or container the run took place in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub virtualisation: Option<String>,
    /// Load average over one minute before the run, in hundredths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load_before_percent: Option<u32>,
    /// Load average over one minute after the run, in hundredths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load_after_percent: Option<u32>,
}

//! What a person should know of the machine and the set-up before trusting measurements: reads, and changes nothing.
//!
//! Everything comes from files of the system whose place is handed in, so that tests can set any machine up as a folder. What
//! cannot be read is unknown, which is an answer.

mod containment;
mod machine;
mod processor;
mod profile;
mod setup;
mod system;
#[cfg(test)]
mod tests;

use serde::Serialize;

pub use machine::machine;
pub use profile::{codegen_units, divides_crates};
pub use setup::{Records, setup};
pub use system::System;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Ok,
    /// Could not be found out.
    Unknown,
    /// Measurements would be better.
    Advice,
    /// Something does not work.
    Problem,
}

impl Level {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Unknown => "unknown",
            Self::Advice => "advice",
            Self::Problem => "problem",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Its name, which never changes.
    pub name: &'static str,
    /// How much it matters.
    pub level: Level,
    /// What was found.
    pub found: String,
    /// Why that matters; empty where nothing is to be done.
    pub why: String,
    /// What to type, or to do.
    pub help: String,
    /// Whether nothing can be measured because of it.
    pub blocks: bool,
}

impl Finding {
    /// All is well.
    pub fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self {
            name,
            level: Level::Ok,
            found: found.into(),
            why: String::new(),
            help: String::new(),
            blocks: false,
        }
    }

    /// Nobody can tell.
    pub fn unknown(name: &'static str, found: impl Into<String>) -> Self {
        Self {
            level: Level::Unknown,
            ..Self::ok(name, found)
        }
    }

    /// Something could be better.
    pub fn advice(
        name: &'static str,
        found: impl Into<String>,
        why: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            level: Level::Advice,
            why: why.into(),
            help: help.into(),
            ..Self::ok(name, found)
        }
    }

    /// Something does not work.
    pub fn problem(
        name: &'static str,
        found: impl Into<String>,
        why: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            level: Level::Problem,
            ..Self::advice(name, found, why, help)
        }
    }

    /// Something without which nothing can be measured.
    #[must_use]
    pub fn blocking(self) -> Self {
        Self {
            blocks: true,
            ..self
        }
    }
}

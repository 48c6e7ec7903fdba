//! Kinds of benchmarks.

use serde::{Deserialize, Serialize};

/// What kind of question a benchmark asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// How long one iteration takes.
    #[default]
    Time,
    /// How long one run of a whole program takes.
    Command,
    /// How far it goes before a cap breaks.
    Limit,
}

impl Kind {
    /// The word that stands in records.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Command => "command",
            Self::Limit => "limit",
        }
    }

    /// Whether it is the kind that is meant where nothing is said.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

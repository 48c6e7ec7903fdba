//! Units and directions. Per cent exists in reports only; here a change is a [`Ratio`].

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::InvalidId;

/// Candidate over baseline; 1.0 is no change, 2.0 is twice as much. Always finite and above zero.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Ratio(f64);

impl Ratio {
    /// `None` unless `value` is finite and above zero.
    #[must_use]
    pub fn new(value: f64) -> Option<Self> {
        (value.is_finite() && value > 0.0).then_some(Self(value))
    }

    /// From its natural logarithm; `None` if that leaves the range of a finite positive number.
    #[must_use]
    pub fn from_ln(ln: f64) -> Option<Self> {
        Self::new(ln.exp())
    }

    /// The number itself.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

/// What a metric is counted in, as it stands in the record: `ns`, `B`, `1`, or a user's own word.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Unit(Cow<'static, str>);

impl Unit {
    /// Nanoseconds for each iteration.
    pub const NANOSECONDS: Self = Self(Cow::Borrowed("ns"));
    /// Bytes.
    pub const BYTES: Self = Self(Cow::Borrowed("B"));
    /// A plain count.
    pub const COUNT: Self = Self(Cow::Borrowed("1"));
    /// Items in a second.
    pub const ITEMS_PER_SECOND: Self = Self(Cow::Borrowed("items/s"));
    /// Bytes in a second.
    pub const BYTES_PER_SECOND: Self = Self(Cow::Borrowed("B/s"));

    /// A unit of a user's own: `requests`, `ms`, `×`. It is shown behind every number.
    ///
    /// # Errors
    /// When it is empty, has more than 16 characters, or holds white space or a control character.
    pub fn new(text: &str) -> Result<Self, InvalidId> {
        let fault = if text.is_empty() {
            "it is empty; a plain count has the unit `1`"
        } else if text.chars().count() > 16 {
            "it has more than 16 characters"
        } else if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            "it holds white space or a control character"
        } else {
            // Of those that nearly every metric has there is no copy.
            let known = [Self::NANOSECONDS, Self::BYTES, Self::COUNT];
            let known = known.into_iter().find(|unit| unit.as_str() == text);
            return Ok(known.unwrap_or_else(|| Self(Cow::Owned(text.to_owned()))));
        };
        Err(InvalidId::new(text, "a unit", fault))
    }

    /// The unit as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Which direction of a metric is the good one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Better {
    /// Less is better: time, memory, instructions.
    Lower,
    /// More is better: limits, throughput.
    Higher,
    /// Context that is kept to explain other metrics and is never judged.
    Neither,
}

//! What an iteration works through.

use serde::{Deserialize, Serialize};

use crate::metric::names;

/// Work done by one iteration, from which rates are derived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Throughput {
    /// Items worked through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<u64>,
    /// Bytes worked through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

impl Throughput {
    /// Whether nothing was declared.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.items.is_none() && self.bytes.is_none()
    }

    /// What an iteration works through of what the budget `metric` is about; `None` of any other metric, and where nothing was
    /// declared.
    #[must_use]
    pub fn of(self, metric: &str) -> Option<u64> {
        match metric {
            names::ITEMS => self.items,
            names::BYTES => self.bytes,
            _ => None,
        }
    }

    /// How much is worked through in a second, where an iteration works through `count` in `ns` nanoseconds.
    #[must_use]
    pub fn per_second(count: u64, ns: f64) -> f64 {
        count as f64 * 1e9 / ns
    }
}

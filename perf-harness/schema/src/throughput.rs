//! What an iteration works through.

use serde::{Deserialize, Serialize};

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
}

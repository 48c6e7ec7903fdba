//! Which alerts somebody wants to see. What is not shown still counts.

use super::{Alert, AlertKind};
use crate::compare::Severity;

/// Which alerts are shown; by default all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertFilter {
    /// From which severity on.
    pub least: Severity,
    /// Of which kinds; of all, if it is empty.
    pub kinds: Vec<AlertKind>,
}

impl AlertFilter {
    /// Whether an alert is shown.
    #[must_use]
    pub fn takes(&self, alert: &Alert) -> bool {
        let of_kind = self.kinds.is_empty() || self.kinds.contains(&alert.kind);
        of_kind && alert.severity >= self.least
    }
}

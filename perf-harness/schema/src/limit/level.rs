//! What came of a level.

use serde::{Deserialize, Serialize};

use super::Cap;
use crate::{Failure, Traffic};

/// One probe of one level: a process of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// The level.
    pub n: u64,
    /// The cap that broke. Where there is none, and no failure either, the level passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broke: Option<Cap>,
    /// What else went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// Wall time of what was measured; absent where it did not come to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wall_ns: Option<u64>,
    /// CPU time of the process meanwhile; of one that was killed, until then, as the system counts it from outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_ns: Option<u64>,
    /// The most memory seen, beyond what the process had before the body was entered; absent where the system does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// How long after the deadline the process was gone; only where it had to be killed for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_ns: Option<u64>,
    /// Whether a deadline or a promise to users broke for want of the processor, which other programs had: that says little of the
    /// level.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disturbed: bool,
    /// What was seen of users, or of operations at a rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traffic: Option<Traffic>,
}

impl Level {
    /// A level of which nothing is known yet.
    #[must_use]
    pub const fn untried(n: u64) -> Self {
        Self {
            n,
            broke: None,
            failure: None,
            wall_ns: None,
            cpu_ns: None,
            memory_bytes: None,
            late_ns: None,
            disturbed: false,
            traffic: None,
        }
    }

    /// The probes of level `n` among these that say most of it: those that nobody disturbed, or all where there is none such.
    pub fn telling(levels: &[Self], n: u64) -> impl Iterator<Item = &Self> {
        let at = move || levels.iter().filter(move |level| level.n == n);
        let is_any_calm = at().any(|level| !level.disturbed);
        at().filter(move |level| !(is_any_calm && level.disturbed))
    }

    /// Whether it stayed within its caps.
    #[must_use]
    pub const fn passed(&self) -> bool {
        self.broke.is_none() && self.failure.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passing(n: u64) -> Level {
        Level {
            wall_ns: Some(n),
            ..Level::untried(n)
        }
    }

    #[test]
    fn what_nobody_disturbed_tells_most_of_a_level() {
        let disturbed = |n| Level {
            disturbed: true,
            ..passing(n)
        };
        let levels = [disturbed(1), passing(1), disturbed(2), disturbed(2)];
        let told = |n| Level::telling(&levels, n).cloned().collect::<Vec<_>>();
        assert_eq!(told(1), levels[1..2]);
        assert_eq!(told(2), levels[2..]);
        assert_eq!(told(3), []);
    }

    #[test]
    fn what_does_not_apply_is_not_written() {
        let text = serde_json::to_string(&passing(7)).unwrap();
        assert_eq!(text, r#"{"n":7,"wall_ns":7}"#);
        assert_eq!(serde_json::from_str::<Level>(&text).unwrap(), passing(7));
    }
}

//! Names as they leave: as they are, or replaced by what nobody can guess them from.

use perf_schema::metric::is_reserved;

use crate::hash::keyed;
use crate::secret::Secret;

/// Digits of a hash: among a million names two have the same in one of thirty million exports.
const DIGITS: usize = 16;

/// How names are told.
#[derive(Clone, Debug)]
pub enum Names {
    /// As they are.
    Plain,
    /// As their HMAC-SHA256 by this key: the same each time, and no dictionary finds them without the key.
    Hashed(Secret),
}

impl Names {
    /// Whether they are told as they are.
    #[must_use]
    pub const fn is_plain(&self) -> bool {
        matches!(self, Self::Plain)
    }

    pub(super) fn benchmark(&self, name: &str) -> String {
        self.of("benchmark", name)
    }

    pub(super) fn branch(&self, name: &str) -> String {
        self.of("branch", name)
    }

    pub(super) fn machine(&self, class: &str) -> String {
        self.of("machine", class)
    }

    pub(super) fn commit(&self, sha: &str) -> String {
        self.of("commit", sha)
    }

    pub(super) fn record(&self, id: &str) -> String {
        self.of("record", id)
    }

    pub(super) fn definition(&self, hash: &str) -> String {
        self.of("definition", hash)
    }

    pub(super) fn build(&self, digest: &str) -> String {
        self.of("build", digest)
    }

    pub(super) fn feature(&self, name: &str) -> String {
        self.of("feature", name)
    }

    /// A profile; those that cargo has say nothing of anybody.
    pub(super) fn profile(&self, name: &str) -> String {
        match name {
            "bench" | "release" | "dev" | "test" => name.to_owned(),
            _ => self.of("profile", name),
        }
    }

    /// A metric; those that every benchmark may have keep their names.
    pub(super) fn metric(&self, name: &str) -> String {
        if is_reserved(name) {
            name.to_owned()
        } else {
            self.of("metric", name)
        }
    }

    /// What people write: subjects, messages of failures, reasons, flags. Nothing is left of it where names are hashed.
    pub(super) fn prose<'a>(&self, text: &'a str) -> Option<&'a str> {
        self.is_plain().then_some(text)
    }

    fn of(&self, kind: &str, name: &str) -> String {
        match self {
            Self::Plain => name.to_owned(),
            Self::Hashed(key) => {
                // The kind goes in, too: a branch and a benchmark of one name are not seen to be.
                let mut hash = keyed(
                    key.reveal().as_bytes(),
                    format!("{kind}\0{name}").as_bytes(),
                );
                hash.truncate(DIGITS);
                format!("{kind}-{hash}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashed(key: &str) -> Names {
        Names::Hashed(Secret::of(Some(key.to_owned())).unwrap())
    }

    #[test]
    fn a_hash_is_the_same_each_time_and_another_by_kind_name_and_key() {
        let (names, other) = (hashed("k"), hashed("l"));
        let main = names.branch("main");
        assert_eq!(main, names.branch("main"));
        assert_eq!(main.len(), "branch-".len() + DIGITS);
        for different in [
            names.branch("mail"),
            other.branch("main"),
            names.machine("main"),
        ] {
            assert_ne!(different.split_once('-'), main.split_once('-'));
        }
        // Without the key it is not what anybody computes from the name.
        assert!(!main.contains(&crate::hash::short("main", DIGITS)));
        assert!(!main.contains(&crate::hash::short("branch\0main", DIGITS)));
    }

    #[test]
    fn what_says_nothing_of_anybody_stays() {
        let names = hashed("k");
        assert_eq!(names.metric("wall"), "wall");
        assert_eq!(names.metric("latency-p99"), "latency-p99");
        assert!(names.metric("orders").starts_with("metric-"));
        assert_eq!(names.profile("bench"), "bench");
        assert!(names.profile("acme").starts_with("profile-"));
        assert_eq!(names.prose("by Ada"), None);
        assert_eq!(Names::Plain.prose("by Ada"), Some("by Ada"));
        assert_eq!(Names::Plain.metric("orders"), "orders");
    }
}

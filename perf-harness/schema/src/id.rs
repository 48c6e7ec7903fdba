//! Names and hashes as types, each checked when it is made.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A text that cannot be the id it was meant to be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {what}: {reason}")]
pub struct InvalidId {
    text: String,
    what: &'static str,
    reason: &'static str,
}

impl InvalidId {
    pub(crate) fn new(text: &str, what: &'static str, reason: &'static str) -> Self {
        // What is refused may be hostile in its length too, and it is going to be printed.
        Self {
            text: text.chars().take(80).collect(),
            what,
            reason,
        }
    }
}

/// The longest benchmark name, in bytes, that is accepted. Longer ones do not fit a terminal, a table or a file name.
const MAX_NAME: usize = 512;

/// Checks one part of a benchmark's name, for whoever makes names.
///
/// # Errors
/// When the name is empty, longer than 512 bytes, holds control or invisible formatting characters (a line break would
/// break test listings), or ends like a line of such a listing (`: test`, `: benchmark`).
pub fn check_name(name: &str) -> Result<(), InvalidId> {
    let fault = if name.is_empty() {
        "it is empty"
    } else if name.len() > MAX_NAME {
        "it is longer than 512 bytes"
    } else if name.chars().any(|c| c.is_control() || is_invisible(c)) {
        "it holds a line break or another invisible character"
    } else if [": test", ": benchmark", ": bench"]
        .iter()
        .any(|end| name.ends_with(end))
    {
        "it ends like a line of a test listing"
    } else if name.trim() != name {
        "it begins or ends with white space"
    } else {
        return Ok(());
    };
    Err(InvalidId::new(name, "a benchmark name", fault))
}

/// Characters that reorder or hide what stands beside them: line separators, bidirectional controls, zero-width marks.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// One benchmark case, written `package/target::module::function[axis=value,…]`. Stable across runs, ordered by its
/// parts. A copy shares its text: histories name the same benchmark a million times.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BenchId(Arc<Parts>);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Parts {
    package: Box<str>,
    target: Box<str>,
    name: Box<str>,
}

impl Ord for BenchId {
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.0, &other.0) {
            return Ordering::Equal;
        }
        self.0.cmp(&other.0)
    }
}

impl PartialOrd for BenchId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl BenchId {
    /// From the cargo package, its bench target, and the case's name as the target lists it.
    ///
    /// # Errors
    /// When one of the three is not a name that [`check_name`] accepts, or a package or target name holds `/` or `:`.
    pub fn new(package: &str, target: &str, name: &str) -> Result<Self, InvalidId> {
        for part in [package, target] {
            check_name(part)?;
            if part.contains(['/', ':']) {
                return Err(InvalidId::new(
                    part,
                    "a package or target name",
                    "it holds `/` or `:`",
                ));
            }
        }
        check_name(name)?;
        Ok(Self(Arc::new(Parts {
            package: package.into(),
            target: target.into(),
            name: name.into(),
        })))
    }

    /// The cargo package.
    #[must_use]
    pub fn package(&self) -> &str {
        &self.0.package
    }

    /// The bench target of the package.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.0.target
    }

    /// `module::function[axis=value,…]`: the name under which the target itself lists the case.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// `target::module::function[axis=value,…]`: what a person reads.
    #[must_use]
    pub fn in_package(&self) -> String {
        format!("{}::{}", self.target(), self.name())
    }
}

impl fmt::Display for BenchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts {
            package,
            target,
            name,
        } = &*self.0;
        write!(f, "{package}/{target}::{name}")
    }
}

impl FromStr for BenchId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let fault = || {
            InvalidId::new(
                text,
                "a benchmark id",
                "it is not of the form package/target::name",
            )
        };
        let (package, rest) = text.split_once('/').ok_or_else(fault)?;
        let (target, name) = rest.split_once("::").ok_or_else(fault)?;
        Self::new(package, target, name)
    }
}

impl TryFrom<String> for BenchId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<BenchId> for String {
    fn from(id: BenchId) -> Self {
        id.to_string()
    }
}

/// A newtype over lower-case hexadecimal digits of one of the given lengths. A copy shares its text.
macro_rules! hex_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $($len:literal)|+) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// The full digits.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The first `digits` of it, for a person or a file name.
            #[must_use]
            pub fn short(&self, digits: usize) -> &str {
                &self.0[..digits.min(self.0.len())]
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                if !matches!(text.len(), $($len)|+) {
                    return Err(InvalidId::new(&text, $what, "it has the wrong number of digits"));
                }
                if !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
                    return Err(InvalidId::new(&text, $what, "it holds something other than 0-9 and a-f"));
                }
                Ok(Self(text.into()))
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.to_owned().try_into()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.as_str().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

hex_id! {
    /// A full git commit id, SHA-1 or SHA-256.
    Sha, "a full commit id", 40 | 64
}

hex_id! {
    /// The id of the measured source: the git tree without `baselines/`. Equal source, equal id, whatever the commit.
    TreeId, "a full tree id", 40 | 64
}

hex_id! {
    /// SHA-256 of a record's canonical text.
    RecordId, "a record id", 64
}

hex_id! {
    /// Hash of what a benchmark is declared to be: kind, parameters and version. Only equal definitions are compared.
    Definition, "a definition hash", 16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bench_id_survives_its_text() {
        for text in [
            "demo/cpu::sort[n=100,algo=Merge]",
            "a-b/c_d::m::f",
            "p/t::f[s=a::b/c[0]]",
        ] {
            let id: BenchId = text.parse().unwrap();
            assert_eq!(id.to_string(), text);
        }
    }

    #[test]
    fn a_bench_id_is_made_of_three_parts() {
        let id: BenchId = "demo/cpu::text::sort[n=1]".parse().unwrap();
        assert_eq!(
            (id.package(), id.target(), id.name()),
            ("demo", "cpu", "text::sort[n=1]")
        );
        assert_eq!(id.in_package(), "cpu::text::sort[n=1]");
    }

    #[test]
    fn names_that_would_break_a_listing_are_refused() {
        for name in [
            "",
            "a\nb",
            "a: test",
            "a: benchmark",
            " a",
            "a ",
            "a\u{202e}b",
            "a\u{1b}[31m",
            &"x".repeat(513),
        ] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
        check_name("sort[n=100,text=größer]").unwrap();
    }

    #[test]
    fn hex_ids_take_digits_of_their_length_only() {
        assert!(
            "0123456789abcdef0123456789abcdef01234567"
                .parse::<Sha>()
                .is_ok()
        );
        for text in [
            "",
            "0123",
            "0123456789ABCDEF0123456789abcdef01234567",
            &"g".repeat(40),
            &"é".repeat(20),
        ] {
            assert!(text.parse::<Sha>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_error_shows_a_bounded_part_of_a_hostile_text() {
        let error = "x".repeat(1 << 20).parse::<Sha>().unwrap_err();
        assert!(error.to_string().len() < 200);
    }
}

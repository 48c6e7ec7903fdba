//! A secret of the environment.

use std::fmt;

/// A token or a key. It has no form for people, so that no log, error or debug output shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// What the environment says; an empty variable is as good as none, and so is one that could end a header.
    #[must_use]
    pub fn of(value: Option<String>) -> Option<Self> {
        let value = value?.trim().to_owned();
        let fits = !value.is_empty() && !value.chars().any(char::is_control);
        fits.then_some(Self(value))
    }

    /// The secret itself, for the one who sends it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_never_shown() {
        let secret = Secret::of(Some(" abc\n".to_owned())).unwrap();
        assert_eq!(secret.reveal(), "abc");
        assert_eq!(format!("{secret:?}"), "Secret");
        for none in [None, Some(" "), Some("a\r\nHost: b")] {
            assert_eq!(Secret::of(none.map(str::to_owned)), None);
        }
    }
}

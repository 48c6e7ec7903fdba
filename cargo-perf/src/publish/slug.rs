//! The name of a repository at GitHub.

use std::fmt;
use std::str::FromStr;

/// `owner/name`. It becomes part of an address, so it holds nothing that could lead elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slug(String);

impl Slug {
    /// Who owns it.
    #[must_use]
    pub fn owner(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    /// Whether both name the same repository: GitHub does not look at case.
    #[must_use]
    pub fn is(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(other)
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Slug {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_plain = |part: &str| {
            let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            (1..=100).contains(&part.len()) && part.chars().all(letters) && !part.starts_with('.')
        };
        let fits = text
            .split_once('/')
            .is_some_and(|(owner, name)| is_plain(owner) && is_plain(name));
        fits.then(|| Self(text.to_owned()))
            .ok_or_else(|| "a repository is written OWNER/NAME".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leads_elsewhere() {
        let slug: Slug = "some-one/a.b_c".parse().unwrap();
        assert_eq!(
            (slug.owner(), slug.is("Some-One/A.B_c")),
            ("some-one", true)
        );
        for text in [
            "", "a", "a/", "/b", "a/b/c", "../b", "a/..", "a/b?c", "a/b#c", "a /b", "ä/b",
        ] {
            assert!(text.parse::<Slug>().is_err(), "{text}");
        }
    }
}

//! The kinds of things a baseline may be named by.

use std::path::Path;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spec<'a> {
    Last,
    Record(&'a str),
    File(&'a Path),
    Name(&'a str),
}

impl<'a> Spec<'a> {
    /// Branches that look like another kind are reached by their full name: `refs/heads/last`.
    pub(super) fn parse(typed: &'a str) -> Self {
        let path = Path::new(typed);
        let json = path
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("json"));
        if typed == "last" {
            Self::Last
        } else if let Some(prefix) = typed.strip_prefix("record:") {
            Self::Record(prefix)
        } else if typed.starts_with("refs/") {
            Self::Name(typed)
        } else if json || path.is_absolute() || typed.starts_with("./") || typed.starts_with("../")
        {
            Self::File(path)
        } else {
            Self::Name(typed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_told_from_the_others() {
        let file = |path| Spec::File(Path::new(path));
        for (typed, spec) in [
            ("main", Spec::Name("main")),
            ("origin/main", Spec::Name("origin/main")),
            ("HEAD~3", Spec::Name("HEAD~3")),
            ("last", Spec::Last),
            ("refs/heads/last", Spec::Name("refs/heads/last")),
            ("refs/heads/x.json", Spec::Name("refs/heads/x.json")),
            ("record:12ab", Spec::Record("12ab")),
            ("record:", Spec::Record("")),
            ("old.json", file("old.json")),
            ("./old", file("./old")),
            ("../old", file("../old")),
            ("", Spec::Name("")),
        ] {
            assert_eq!(Spec::parse(typed), spec, "{typed}");
        }
        #[cfg(unix)]
        assert_eq!(Spec::parse("/tmp/x"), file("/tmp/x"));
    }
}

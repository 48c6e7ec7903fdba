//! Which cases of the targets are taken.

use perf_schema::BenchId;
use perf_schema::wire::CaseDescription;

/// Which sort of benchmarks a command is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wanted {
    /// Those that are measured in quiet.
    #[default]
    InQuiet,
    /// Those that are measured under stress.
    UnderStress,
}

/// What the command line selects by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Parts of `package/target::name`; a case is selected by any of them. None selects all.
    pub filters: Vec<String>,
    /// A filter is the whole name, with or without the package, instead of a part.
    pub exact: bool,
    /// Cases marked as ignored are taken too.
    pub ignored: bool,
    /// Of which sort they are.
    pub wanted: Wanted,
}

impl Selection {
    /// Whether a case is taken, by its name and by what it is.
    #[must_use]
    pub fn takes_case(&self, id: &BenchId, case: &CaseDescription) -> bool {
        let sort = match case.chaos {
            Some(_) => Wanted::UnderStress,
            None => Wanted::InQuiet,
        };
        self.wanted == sort && self.takes(id, case.ignored)
    }

    /// Whether a case of that name is taken.
    #[must_use]
    pub fn takes(&self, id: &BenchId, ignored: bool) -> bool {
        let full = id.to_string();
        let matches = |filter: &String| {
            if self.exact {
                *filter == full || *filter == id.in_package() || filter == id.name()
            } else {
                full.contains(filter.as_str())
            }
        };
        (self.ignored || !ignored) && (self.filters.is_empty() || self.filters.iter().any(matches))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_parts_of_the_full_name_and_add_up() {
        let id: BenchId = "demo/cpu::text::join[n=1]".parse().unwrap();
        let with = |filters: &[&str], exact| Selection {
            filters: filters.iter().map(|f| (*f).to_owned()).collect(),
            exact,
            ignored: false,
            wanted: Wanted::InQuiet,
        };
        assert!(with(&[], false).takes(&id, false));
        assert!(with(&["nothing", "join"], false).takes(&id, false));
        assert!(with(&["demo/cpu"], false).takes(&id, false));
        assert!(!with(&["nothing"], false).takes(&id, false));
        assert!(!with(&["join"], true).takes(&id, false));
        for whole in [
            "demo/cpu::text::join[n=1]",
            "cpu::text::join[n=1]",
            "text::join[n=1]",
        ] {
            assert!(with(&[whole], true).takes(&id, false), "{whole}");
        }
        assert!(!with(&[], false).takes(&id, true));
    }
}

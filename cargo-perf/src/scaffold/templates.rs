//! Benchmarks to start from, a whole file for each kind.

use clap::ValueEnum;

/// What a benchmark asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Template {
    /// How fast
    Cpu,
    /// How much fits into a cap on memory
    Memory,
    /// How much is done before a deadline
    Timeout,
    /// How deep a recursion goes
    Recursion,
    /// How many users at once are served well
    Concurrency,
    /// How many requests per second are served well
    Load,
}

impl Template {
    /// The file.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Cpu => include_str!("templates/cpu.rs"),
            Self::Memory => include_str!("templates/memory.rs"),
            Self::Timeout => include_str!("templates/timeout.rs"),
            Self::Recursion => include_str!("templates/recursion.rs"),
            Self::Concurrency => include_str!("templates/concurrency.rs"),
            Self::Load => include_str!("templates/load.rs"),
        }
    }
}

/// What is wrong with the name of a bench target: it names a file, a crate and benchmarks.
#[must_use]
pub fn file_name_fault(name: &str) -> Option<&'static str> {
    const LONGEST: usize = 64;
    let mut letters = name.chars();
    let begins_well = letters.next().is_some_and(|c| c.is_ascii_alphabetic());
    if !begins_well || !letters.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') {
        Some("it begins with a letter, and has letters, digits, `_` and `-`")
    } else if name.len() > LONGEST {
        Some("it is too long")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_file_and_a_crate() {
        for name in ["cpu", "two_words", "with-dash", "v2"] {
            assert_eq!(file_name_fault(name), None, "{name}");
        }
        for name in ["", "2fast", "../up", "a b", "a/b", "a.rs", "é", "-a"] {
            assert!(file_name_fault(name).is_some(), "{name}");
        }
        assert!(file_name_fault(&"a".repeat(65)).is_some());
    }

    #[test]
    fn every_kind_has_a_whole_file() {
        for kind in Template::value_variants() {
            let text = kind.text();
            assert!(text.starts_with("//! ") && text.contains("perf::main!();"));
        }
    }
}

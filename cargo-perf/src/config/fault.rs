//! What is wrong with the file, and where.

use std::fmt;
use std::ops::Range;

use crate::spelling;

/// A file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The file, as a path that a person can type.
    pub file: String,
    /// Line and column, from 1, where that is known.
    pub at: Option<(usize, usize)>,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some((line, column)) => write!(f, "{}:{line}:{column}: {}", self.file, self.message),
            None => write!(f, "{}: {}", self.file, self.message),
        }
    }
}

impl std::error::Error for ConfigError {}

/// The longest message that is passed on: what is quoted comes from the file.
const LONGEST: usize = 400;

impl ConfigError {
    pub(super) fn whole(file: &str, message: impl fmt::Display) -> Self {
        Self {
            file: file.to_owned(),
            at: None,
            message: message.to_string(),
        }
    }

    /// Something in `text`.
    pub(super) fn at(file: &str, text: &str, span: Option<Range<usize>>, message: &str) -> Self {
        let mut message: String = message.replace('\n', " ").chars().take(LONGEST).collect();
        if let Some(meant) = meant(&message) {
            message.push_str(&format!("; did you mean `{meant}`?"));
        }
        let start = span.map(|span| span.start.min(text.len()));
        Self {
            file: file.to_owned(),
            at: start.map(|start| position(text, start)),
            message,
        }
    }
}

/// Line and column of a byte, from 1.
fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (line, before[start..].chars().count() + 1)
}

/// What was meant by the first of the quoted words of a message that says which words it might have been.
fn meant(message: &str) -> Option<String> {
    let mut words = message.split('`').skip(1).step_by(2);
    let unknown = words.next()?;
    message.starts_with("unknown ").then_some(())?;
    spelling::meant(unknown, words).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_line_and_a_column_of_characters() {
        let text = "a = 1\nß = 2\n";
        assert_eq!(position(text, 0), (1, 1));
        assert_eq!(position(text, 6), (2, 1));
        assert_eq!(position(text, 8), (2, 2));
        assert_eq!(position(text, 7), (1, 1), "within a character");
        assert_eq!(position(text, text.len()), (3, 1));
    }

    #[test]
    fn what_is_nearly_a_word_is_taken_for_it() {
        let of = |unknown: &str| {
            meant(&format!(
                "unknown field `{unknown}`, expected one of `warning`, `critical`"
            ))
        };
        assert_eq!(of("warnign").as_deref(), Some("warning"));
        assert_eq!(of("critcal").as_deref(), Some("critical"));
        assert_eq!(of("colour"), None);
        assert_eq!(meant("invalid type: `warnin`, expected `warning`"), None);
    }
}

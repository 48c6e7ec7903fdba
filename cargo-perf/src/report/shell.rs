//! Words of a command line that is to be copied.

/// A word as a shell takes it for one.
#[must_use]
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_read_otherwise_is_quoted() {
        assert_eq!(quoted("demo/cpu::sort"), "demo/cpu::sort");
        for (word, expected) in [
            ("sort[n=10]", "'sort[n=10]'"),
            ("it's", r"'it'\''s'"),
            ("a$(b);c", "'a$(b);c'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(word), expected);
        }
    }
}

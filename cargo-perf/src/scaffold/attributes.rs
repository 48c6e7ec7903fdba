//! `.gitattributes`: git must leave records as they are, since their ids are of their bytes.

/// The line that does it.
pub const RULE: &str = "baselines/** text eol=lf linguist-generated";

/// Whether a `.gitattributes` keeps records as they are.
#[must_use]
pub fn keeps_records(text: &str) -> bool {
    let is_rule = |line: &str| {
        let mut words = line.split_whitespace();
        words
            .next()
            .is_some_and(|pattern| pattern.trim_start_matches('/').starts_with("baselines/"))
            && words.any(|word| matches!(word, "eol=lf" | "-text"))
    };
    text.lines().any(is_rule)
}

/// The file with the line, if it has none.
#[must_use]
pub fn with_rule(text: &str) -> Option<String> {
    if keeps_records(text) {
        return None;
    }
    let end = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    Some(format!("{text}{end}{RULE}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_added_once_and_after_what_is_there() {
        assert_eq!(with_rule("").unwrap(), format!("{RULE}\n"));
        let added = with_rule("*.png binary").unwrap();
        assert_eq!(added, format!("*.png binary\n{RULE}\n"));
        assert_eq!(with_rule(&added), None);
        assert_eq!(with_rule("/baselines/**  -text\n"), None);
    }
}

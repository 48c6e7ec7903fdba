//! Text of others, made harmless for a terminal: names of benchmarks and branches, what a panic or a damaged file says.
//!
//! A terminal obeys what it is shown: escapes recolour, move, retitle and erase, and some characters turn the direction of
//! reading, so that a name looks like another.

/// The text on one line.
#[must_use]
pub fn printable(text: &str) -> String {
    let harmless = |c| if is_obeyed(c) { ' ' } else { c };
    text.chars().map(harmless).collect()
}

/// The text on as many lines as it has.
#[must_use]
pub fn printable_lines(text: &str) -> String {
    let harmless = |c| if is_obeyed(c) && c != '\n' { ' ' } else { c };
    text.chars().map(harmless).collect()
}

fn is_obeyed(c: char) -> bool {
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || turns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_that_a_terminal_obeys() {
        let text = "a\u{1b}[31mb\r\nc\u{9b}2Jd\u{202e}e\u{7}größe 日本";
        assert_eq!(printable(text), "a [31mb  c 2Jd e größe 日本");
        assert_eq!(printable_lines(text), "a [31mb \nc 2Jd e größe 日本");
    }
}

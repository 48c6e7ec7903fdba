//! Text of others, made harmless for Markdown.

use super::super::printable::printable;

/// A name as code. Inside code only backticks and, in a table, pipes have a meaning.
pub(crate) fn code(text: &str) -> String {
    let plain = printable(text).replace('`', "'");
    format!("`{}`", plain.replace('|', "\\|"))
}

/// Text of others, made harmless: every character that Markdown or HTML could take for its own is escaped.
pub(in crate::report) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    // Besides what Markdown obeys there is what turns the direction of reading.
    for c in printable(text).chars() {
        match c {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '|' | '~' | '!' => {
                safe.push('\\');
                safe.push(c);
            }
            // A mention would call somebody.
            '@' => safe.push_str("@\u{200b}"),
            c => safe.push(c),
        }
    }
    safe
}

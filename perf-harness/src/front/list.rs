//! `--list`, to the letter: one odd line makes nextest refuse the whole workspace.

use std::io::{self, Write};

use libtest_mimic::FormatSetting;

use super::arguments::Arguments;
use super::selection::Selection;

/// Prints the names. Lists no more than names, and does no other work: it is called for every single test.
pub(crate) fn print(selection: &Selection, arguments: &Arguments) -> io::Result<()> {
    let mut text = String::new();
    let mut count = 0;
    for case in selection.selected() {
        text.push_str(&case.named.name);
        text.push_str(": benchmark\n");
        count += 1;
    }
    let terse = arguments.quiet || arguments.format == Some(FormatSetting::Terse);
    if !terse {
        let plural = if count == 1 { "" } else { "s" };
        text.push_str(&format!("\n0 tests, {count} benchmark{plural}\n"));
    }
    io::stdout().lock().write_all(text.as_bytes())
}

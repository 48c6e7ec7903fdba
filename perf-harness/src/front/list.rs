//! `--list`, to the letter: one odd line makes nextest refuse the whole workspace.

use std::io::{self, Write};

use libtest_mimic::FormatSetting;
use serde_json::json;

use super::arguments::Arguments;
use super::selection::Selection;
use crate::entry::Runnable;

/// Prints the names. Does no other work: it is called for every single test.
pub(crate) fn print(selection: &Selection, arguments: &Arguments) -> io::Result<()> {
    let cases: Vec<&Runnable> = selection.selected().collect();
    let text = match arguments.format {
        Some(FormatSetting::Json) => events(&cases, arguments),
        Some(FormatSetting::Terse) => lines(&cases),
        None if arguments.quiet => lines(&cases),
        _ => lines(&cases) + &count(cases.len()),
    };
    io::stdout().lock().write_all(text.as_bytes())
}

fn lines(cases: &[&Runnable]) -> String {
    let line = |case: &&Runnable| format!("{}: benchmark\n", case.named.name);
    cases.iter().map(line).collect()
}

/// The last line, parted from the names if there are any.
fn count(count: usize) -> String {
    let parting = if count == 0 { "" } else { "\n" };
    let plural = if count == 1 { "" } else { "s" };
    format!("{parting}0 tests, {count} benchmark{plural}\n")
}

/// One event a line. `ignore` says what a run with these arguments would do. Where a benchmark ends is not known, so that
/// is left out.
fn events(cases: &[&Runnable], arguments: &Arguments) -> String {
    let runs_ignored = arguments.ignored || arguments.include_ignored;
    let ignored = |case: &Runnable| case.description.ignored && !runs_ignored;
    let mut events = vec![json!({ "type": "suite", "event": "discovery" })];
    events.extend(cases.iter().map(|case| {
        json!({
            "type": "benchmark",
            "event": "discovered",
            "name": case.named.name,
            "ignore": ignored(case),
            "ignore_message": "",
            "source_path": case.description.file,
            "start_line": case.description.line,
        })
    }));
    let count = cases.iter().filter(|case| ignored(case)).count();
    events.push(json!({
        "type": "suite",
        "event": "completed",
        "tests": 0,
        "benchmarks": cases.len(),
        "total": cases.len(),
        "ignored": count,
    }));
    events.iter().map(|event| format!("{event}\n")).collect()
}

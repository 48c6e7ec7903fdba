//! The face that `cargo test`, `cargo bench` and nextest see: libtest's.

mod arguments;
mod budget;
mod chaos;
mod help;
mod limits;
mod list;
mod measure;
mod report;
mod selection;
mod set_aside;
mod smoke;

use std::io::{self, Write};
use std::process::ExitCode;

use perf_schema::wire::{CLOCK_VARIABLE, WORKER_VARIABLE};

use crate::command::launcher;
use crate::entry::Suite;
use crate::measure::Clock;
use crate::worker;
use arguments::{Arguments, Mode};
use selection::Selection;

/// What libtest ends with when something failed, an unknown flag included.
const FAILED: u8 = 101;

/// What the process was started for.
#[expect(
    clippy::disallowed_methods,
    reason = "the edge at which the environment is read"
)]
pub(crate) fn main(suite: &Suite) -> ExitCode {
    if let Some(reads) = std::env::var_os(launcher::VARIABLE) {
        return launcher::main(&reads, std::env::args_os().skip(1));
    }
    let clock = Clock::named(std::env::var_os(CLOCK_VARIABLE).as_deref());
    if std::env::var_os(WORKER_VARIABLE).is_some() {
        return worker::serve(suite, clock);
    }
    let variable = |name: &str| std::env::var(name).ok();
    let arguments = match Arguments::parse(std::env::args().skip(1), variable) {
        Ok(arguments) => arguments,
        Err(error) => return refuse(&error.to_string()),
    };
    if arguments.help {
        return printed(io::stdout().write_all(help::HELP.as_bytes()));
    }
    let cases = match suite.cases() {
        Ok(cases) => cases,
        Err(error) => return refuse(&error.to_string()),
    };
    let selection = Selection::of(cases, &arguments);
    if arguments.mode != Mode::List {
        say_why_ignored(&selection, &arguments);
    }
    match arguments.mode {
        Mode::List => printed(list::print(&selection, &arguments)),
        Mode::Smoke => smoke::run(selection, &arguments, clock),
        Mode::Measure if arguments.chaos => chaos::run(&selection, &arguments),
        Mode::Measure => measure::run(&selection, &arguments),
    }
}

/// libtest-mimic has no place for a reason, so it stands on standard error.
fn say_why_ignored(selection: &Selection, arguments: &Arguments) {
    if arguments.ignored || arguments.include_ignored {
        return;
    }
    for case in selection.selected() {
        if let Some(why) = &case.description.ignored_because {
            // A closed standard error costs the comments, not the results.
            let _closed = writeln!(io::stderr(), "note: {} is ignored: {why}", case.named.name);
        }
    }
}

fn refuse(what: &str) -> ExitCode {
    // A closed standard error leaves the exit code to speak.
    let _closed = writeln!(io::stderr(), "error: {what}");
    ExitCode::from(FAILED)
}

/// A reader that has seen enough (`| head`) is no failure.
fn printed(outcome: io::Result<()>) -> ExitCode {
    match outcome {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => refuse(&error.to_string()),
        _ => ExitCode::SUCCESS,
    }
}

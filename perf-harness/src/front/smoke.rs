//! `cargo test`: every benchmark once, quickly, to show that it works.

use std::process::ExitCode;
use std::rc::Rc;

use libtest_mimic::{Failed, FormatSetting, Trial};

use super::arguments::Arguments;
use super::budget;
use super::selection::Selection;
use super::set_aside::SetAside;
use crate::body::{Bench, Session, on_stack};
use crate::entry::Runnable;
use crate::measure::Clock;

/// Runs the selected cases once each, in this process.
pub(crate) fn run(selection: Selection, arguments: &Arguments, clock: Clock) -> ExitCode {
    // Events have standard output for themselves, and then benchmarks run one at a time.
    let events = arguments.format == Some(FormatSetting::Json);
    let mut trials: Vec<Trial> = Vec::new();
    for case in selection.selected() {
        let case = case.clone();
        let (name, ignored) = (case.named.name.clone(), case.description.ignored);
        let body = move || {
            let _aside = events.then(SetAside::stdout).transpose()?;
            on_stack(case.stack_bytes(), || once(&case, clock))?
        };
        trials.push(Trial::test(name, body).with_ignored_flag(ignored));
    }
    let left_out: Vec<String> = selection
        .filtered_out()
        .map(|case| case.named.name.clone())
        .collect();
    trials.extend(
        left_out
            .iter()
            .map(|name| Trial::test(name.clone(), || Ok(()))),
    );
    let mut arguments = mimic(arguments, left_out);
    // Allocations are counted over the whole process, so nothing else may run in it.
    let counts = |case: &Runnable| budget::looked_at(&case.description);
    if events || selection.selected().any(counts) {
        arguments.test_threads = Some(1);
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn once(case: &Runnable, clock: Clock) -> Result<(), Failed> {
    let description = &case.description;
    let session = Session::smoke(clock, budget::looked_at(description));
    let session = session.at_level(case.first_level());
    let session = Rc::new(session.under_fault(case.has_fault()));
    let bench = Bench::new(Rc::clone(&session), case.named.case.threads(), 0);
    (case.body)(bench, &case.named.case);
    let seen = session.verdict()?.metrics;
    match budget::broken_by_one(description, &seen) {
        broken if broken.is_empty() => Ok(()),
        broken => Err(Failed::from(broken.join("; "))),
    }
}

/// libtest-mimic's arguments. Selecting is done already; what was left out is named, so that it is counted.
pub(crate) fn mimic(arguments: &Arguments, left_out: Vec<String>) -> libtest_mimic::Arguments {
    libtest_mimic::Arguments {
        include_ignored: arguments.include_ignored || arguments.ignored,
        exact: true,
        skip: left_out,
        quiet: arguments.quiet && arguments.format.is_none(),
        format: arguments.format,
        color: arguments.color,
        logfile: arguments.logfile.clone(),
        test_threads: arguments.test_threads,
        ..libtest_mimic::Arguments::default()
    }
}

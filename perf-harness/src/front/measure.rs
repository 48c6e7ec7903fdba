//! `cargo bench`: the selected cases measured by workers of this same binary.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use libtest_mimic::{Failed, FormatSetting, Measurement, Trial};
use perf_runner::{Case, CaseRun, Listener, Program, Progress, Settings, conduct, stop_flag};
use perf_schema::{Cap, Level, LimitRecord};

use super::arguments::Arguments;
use super::budget::{self, Finding};
use super::selection::Selection;
use super::smoke::mimic;
use super::{FAILED, refuse, report};
use crate::entry::Runnable;

/// Measures the selected cases and reports them as libtest does, with our own table on standard error.
pub(crate) fn run(selection: &Selection, arguments: &Arguments) -> ExitCode {
    let (program, stop) = match prepare(arguments) {
        Ok(prepared) => prepared,
        Err(error) => return refuse(&format!("cannot measure: {error}")),
    };
    if arguments.test_threads.is_some_and(|threads| threads > 1) {
        say("note: measuring is done one benchmark at a time, whatever --test-threads says");
    }
    let cases = cases(selection, arguments, &program);
    let settings = Settings::standard(fastrand::u64(..));
    // Nothing is said of nothing.
    let quiet = arguments.quiet || cases.is_empty();
    match conduct(&cases, &settings, &stop, &mut Lines { quiet }) {
        Ok(runs) => {
            if !quiet {
                say(&report::table(&cases, &runs));
            }
            conclude(selection, arguments, &cases, &runs)
        }
        Err(interrupted) => {
            say(&format!("error: {interrupted}"));
            ExitCode::from(FAILED)
        }
    }
}

/// The cases to measure: those that are selected and not ignored.
pub(super) fn cases(selection: &Selection, arguments: &Arguments, program: &Program) -> Vec<Case> {
    let runs_ignored = arguments.ignored || arguments.include_ignored;
    selection
        .selected()
        .filter(|case| runs_ignored || !case.description.ignored)
        .map(|case| Case {
            program: program.clone(),
            description: case.description.clone(),
            batch: None,
        })
        .collect()
}

/// The way to start workers of this binary, and the flag that the signals which end a run set.
pub(super) fn prepare(arguments: &Arguments) -> io::Result<(Program, Arc<AtomicBool>)> {
    let program = Program {
        path: std::env::current_exe()?,
        directory: std::env::current_dir()?,
        variables: Vec::new(),
        show_output: arguments.show_output,
    };
    Ok((program, stop_flag()?))
}

fn conclude(
    selection: &Selection,
    arguments: &Arguments,
    cases: &[Case],
    runs: &[CaseRun],
) -> ExitCode {
    let mut outcomes: std::collections::HashMap<&str, &CaseRun> = cases
        .iter()
        .map(|case| case.description.name.as_str())
        .zip(runs)
        .collect();
    let mut trials = Vec::new();
    let quietest = budget::quietest(runs);
    for case in selection.selected() {
        let name = case.named.name.as_str();
        let outcome = outcomes.remove(name).map_or(Ok(None), |run| {
            within_budget(case, run, quietest)?;
            measurement(run)
        });
        trials
            .push(Trial::bench(name, move |_| outcome).with_ignored_flag(case.description.ignored));
    }
    let left_out: Vec<String> = selection
        .filtered_out()
        .map(|case| case.named.name.clone())
        .collect();
    trials.extend(
        left_out
            .iter()
            .map(|name| Trial::bench(name.clone(), |_| Ok(None))),
    );
    let arguments = libtest_mimic::Arguments {
        bench: true,
        test_threads: Some(1),
        // One letter for each does not do for figures: they come with names.
        format: arguments
            .format
            .filter(|format| *format != FormatSetting::Terse),
        quiet: false,
        ..mimic(arguments, left_out)
    };
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Says what is left open of a case's budgets, and fails the case where one is broken.
fn within_budget(case: &Runnable, run: &CaseRun, quietest: f64) -> Result<(), Failed> {
    if !run.failures.is_empty() {
        // What failed has no figures, and a message of its own.
        return Ok(());
    }
    let mut broken = Vec::new();
    for finding in budget::findings(&case.description, run, quietest) {
        match finding {
            Finding::Broken(what) => broken.push(what),
            Finding::Open(why) => say(&format!("note: {}: {why}", case.named.name)),
        }
    }
    if broken.is_empty() {
        return Ok(());
    }
    say(&format!("{}: {}", case.named.name, broken.join("; ")));
    Err(Failed::from(broken.join("; ")))
}

/// What libtest's format can say of a case: whole nanoseconds.
fn measurement(run: &CaseRun) -> Result<Option<Measurement>, Failed> {
    if let Some(failure) = run.failures.first() {
        return Err(Failed::from(&failure.message));
    }
    if let Some(limit) = &run.limit {
        return Ok(at_the_limit(limit));
    }
    let seen = report::seen(run).ok_or("it gave no samples")?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a time, saturating"
    )]
    let whole = |ns: f64| ns.round() as u64;
    // There is no way to say "less than" here; the table says it.
    Ok(Some(Measurement {
        avg: whole(seen.median.number()),
        variance: whole(seen.spread_ns),
    }))
}

/// Of a limit the format can say what the largest level that passed took, and of users or a rate what half of their operations
/// did not exceed. Where it lies is told in the table.
fn at_the_limit(limit: &LimitRecord) -> Option<Measurement> {
    let took = |level: &Level| match &level.traffic {
        Some(traffic) => traffic.latency.at(Cap::P50),
        None => level.wall_ns,
    };
    let walls: Vec<u64> = limit.at_largest_pass().filter_map(took).collect();
    let (&least, &most) = (walls.iter().min()?, walls.iter().max()?);
    Some(Measurement {
        avg: walls.iter().sum::<u64>() / walls.len() as u64,
        variance: most - least,
    })
}

/// Progress in plain lines on standard error: which benchmark works at all, and how long the rest will take.
struct Lines {
    quiet: bool,
}

impl Listener for Lines {
    fn hear(&mut self, progress: Progress<'_>) {
        if self.quiet {
            return;
        }
        match progress {
            Progress::Expected(time) => say(&format!(
                "measuring for about {:.0} s",
                time.as_secs_f64().ceil()
            )),
            Progress::Searching(count, time) => say(&format!(
                "searching {count} limit{} for at most about {:.0} s",
                if count == 1 { "" } else { "s" },
                time.as_secs_f64().ceil()
            )),
            _ => {}
        }
    }
}

pub(super) fn say(line: &str) {
    // A closed standard error costs the comments, not the results.
    let _closed = writeln!(io::stderr(), "{line}");
}

//! How often measuring side by side errs on this machine, and how small a change it finds.
//!
//! ```text
//! cargo run --release --example paired_error_rates -- 10            # minutes; on a quiet machine
//! cargo run --release --example paired_error_rates -- 10 --busy     # with a process that never rests beside it
//! cargo run --release --example paired_error_rates -- 60 --unchanged # only false alarms, which are rare
//! cargo run --release --example paired_error_rates -- 0             # the table of what was measured so far
//! ```
//!
//! Both sides are this very binary, so nothing differs that was not made to differ. The candidate does 0, 1, 2, 5 or 10 %
//! more of the same work. Every comparison is noted in a file at once (`--results FILE`, else
//! `target/paired_error_rates.tsv`), and the table is made of all that is in it: stop it at any time, and start it again
//! for more.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "printing is what it is for"
)]

mod bodies;
mod neighbour;
mod results;
mod work;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use cargo_perf::compare::paired::{PairedRule, judge};
use perf_runner::{
    Case, Listener, PairedCase, PairedRun, Program, Progress, conduct_pairs, describe, stop_flag,
};
use perf_schema::BenchId;
use perf_schema::wire::WORKER_VARIABLE;
use results::{Comparison, Results};

/// How much more the candidate does, in per cent: unchanged code half of the time, since its alarms are the rarest.
const TURNS: [u32; 10] = [0, 2, 0, 1, 0, 5, 0, 2, 0, 10];

fn main() -> ExitCode {
    if std::env::vars_os().any(|(name, _)| name == WORKER_VARIABLE) {
        return bodies::suite().main();
    }
    if std::env::args().nth(1).as_deref() == Some(neighbour::ARGUMENT) {
        return neighbour::spin();
    }
    let Some(asked) = Asked::read() else {
        eprintln!("usage: paired_error_rates MINUTES [--busy] [--unchanged] [--results FILE]");
        return ExitCode::from(2);
    };
    match measure(&asked) {
        Ok(results) => {
            println!("{}", results.table());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

struct Asked {
    time: Duration,
    busy: bool,
    /// Only unchanged code.
    unchanged: bool,
    results: PathBuf,
}

impl Asked {
    fn read() -> Option<Self> {
        let mut arguments = std::env::args().skip(1);
        let minutes: f64 = arguments.next()?.parse().ok()?;
        let mut asked = Self {
            time: Duration::try_from_secs_f64(60.0 * minutes).ok()?,
            busy: false,
            unchanged: false,
            results: PathBuf::from("target/paired_error_rates.tsv"),
        };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--busy" => asked.busy = true,
                "--unchanged" => asked.unchanged = true,
                "--results" => asked.results = arguments.next()?.into(),
                _ => return None,
            }
        }
        Some(asked)
    }
}

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

fn measure(asked: &Asked) -> Fallible<Results> {
    let mut results = Results::open(&asked.results)?;
    let _neighbour = asked.busy.then(neighbour::Neighbour::start).transpose()?;
    let stop = stop_flag()?;
    #[expect(clippy::disallowed_methods, reason = "an example measures for itself")]
    let start = Instant::now();
    for turn in results.suites().. {
        if start.elapsed() >= asked.time {
            break;
        }
        let more = if asked.unchanged {
            0
        } else {
            TURNS[turn % TURNS.len()]
        };
        let Some(runs) = suite(more, turn, &stop)? else {
            break;
        };
        let rule = PairedRule::standard(runs.len());
        let judged = judge(&runs, &rule);
        for ((_, run), judged) in runs.iter().zip(&judged.benchmarks) {
            let condition = if asked.busy { "busy" } else { "as is" };
            results.note(Comparison::new(condition, turn, more, run, judged))?;
        }
        let seconds: f64 = runs.iter().map(|(_, run)| run.spent.as_secs_f64()).sum();
        eprintln!(
            "suite {turn}, {more} % more: {seconds:.1} s on each side, {:.0} s in all",
            start.elapsed().as_secs_f64()
        );
    }
    Ok(results)
}

/// Measures all bodies once; `None` when it was interrupted.
fn suite(more: u32, turn: usize, stop: &AtomicBool) -> Fallible<Option<Vec<(BenchId, PairedRun)>>> {
    let (baseline, candidate) = (program(0)?, program(more)?);
    let cases: Vec<PairedCase> = describe(&baseline, stop)?
        .cases
        .into_iter()
        .map(|description| {
            let of = |program: &Program| Case {
                program: program.clone(),
                description: description.clone(),
                batch: None,
            };
            PairedCase {
                baseline: of(&baseline),
                candidate: of(&candidate),
            }
        })
        .collect();
    let rule = PairedRule::standard(cases.len());
    let settings = rule.settings(u64::try_from(turn)?);
    let mut look = |_: usize, run: &PairedRun| rule.look(run);
    let Ok(runs) = conduct_pairs(&cases, &settings, stop, &mut Silent, &mut look) else {
        return Ok(None);
    };
    let ids = cases
        .iter()
        .map(|case| BenchId::new("suite", "bodies", &case.baseline.description.name));
    Ok(Some(
        ids.collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .zip(runs)
            .collect(),
    ))
}

fn program(more: u32) -> Fallible<Program> {
    Ok(Program {
        path: std::env::current_exe()?,
        directory: std::env::current_dir()?,
        // As long on both sides.
        variables: vec![(bodies::MORE_VARIABLE.into(), format!("{more:02}").into())],
        show_output: false,
    })
}

struct Silent;

impl Listener for Silent {
    fn hear(&mut self, _progress: Progress<'_>) {}
}

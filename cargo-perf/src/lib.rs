//! `cargo perf`: plan which benchmarks to take, run them, record what was seen, compare records, report the comparison.
//!
//! ```text
//! plan ──▶ run ──▶ record ──▶ compare ──▶ report
//! ```
//!
//! Each step takes values and gives values; only `run` starts processes, only `store` touches records on disk or in git,
//! and only `commands` prints.

pub mod alert;
pub mod base;
pub mod ci;
pub mod cli;
pub mod commands;
pub mod compare;
pub mod config;
pub mod context;
pub mod doctor;
pub mod environment;
pub mod export;
pub mod failure;
mod hash;
pub mod plan;
pub mod publish;
pub mod report;
pub mod repository;
pub mod retention;
pub mod run;
pub mod scaffold;
pub mod secret;
pub mod series;
mod spelling;
pub mod store;
pub mod trend;

use std::ffi::OsString;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};
use context::Context;
use failure::{Failure, Kind};
use report::Format;

/// Runs the command that `arguments` ask for, the program's name first.
#[must_use]
pub fn main(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let mut arguments: Vec<OsString> = arguments.collect();
    // A keeper first: one that watches over the build of a base has the environment of a stand-in.
    if let Some(code) = run::keep_watch(&arguments).or_else(|| base::stand_in(&arguments)) {
        return code;
    }
    // Cargo calls `cargo-perf perf run`; the binary may also be called by itself.
    if arguments.get(1).is_some_and(|first| first == "perf") {
        arguments.remove(1);
    }
    let as_json = asks_for_json(&arguments);
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way too. What cannot be printed changes nothing about the code.
            let _closed = error.print();
            if as_json && error.use_stderr() {
                tell(&Failure::said(Kind::Usage, plain(&error)).json());
            }
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Kind::Usage.code()));
        }
    };
    let cx = match Context::read() {
        Ok(cx) => cx,
        Err(failure) => return end(&failure, as_json),
    };
    if as_json {
        cx.show_errors_as(Format::Json);
    }
    let is_json = || cx.errors_as() == Some(Format::Json);
    match catch_unwind(AssertUnwindSafe(|| dispatch(&cli.command, &cx))) {
        Ok(Ok(code)) => code.into(),
        Ok(Err(failure)) => end(&failure, is_json()),
        Err(_) => {
            let version = env!("CARGO_PKG_VERSION");
            let said =
                format!("this is a bug in cargo perf {version}; the message above says where");
            end(&Failure::said(Kind::Bug, said), is_json())
        }
    }
}

/// Says what went wrong, to people and, if they wait for JSON, to programs.
fn end(failure: &Failure, as_json: bool) -> ExitCode {
    let _closed = writeln!(std::io::stderr(), "{failure}");
    if as_json {
        tell(&failure.json());
    }
    ExitCode::from(failure.code())
}

fn tell(text: &str) {
    // Whoever closed standard output does not wait for it.
    let _closed = std::io::stdout().write_all(text.as_bytes());
}

/// Whether JSON was asked for, before the command line is known to be in order.
#[expect(
    clippy::disallowed_methods,
    reason = "the edge at which the environment is read"
)]
fn asks_for_json(arguments: &[OsString]) -> bool {
    let after = |flag: &OsString| flag == "--format";
    let typed = arguments
        .windows(2)
        .any(|pair| after(&pair[0]) && pair[1] == "json");
    let joined = arguments.iter().any(|word| word == "--format=json");
    let other = arguments.iter().any(|word| {
        after(word)
            || word
                .to_str()
                .is_some_and(|word| word.starts_with("--format="))
    });
    let usual = || std::env::var_os("CARGO_PERF_FORMAT").is_some_and(|format| format == "json");
    typed || joined || !other && usual()
}

/// What clap says, without its colours and its `error: `.
fn plain(error: &clap::Error) -> String {
    let text = error.render().to_string();
    text.trim_start_matches("error: ").trim_end().to_owned()
}

fn dispatch(command: &Command, cx: &Context) -> Result<perf_schema::ExitCode, Failure> {
    match command {
        Command::Init(args) => commands::init::exec(args, cx),
        Command::New(args) => commands::new::exec(args, cx),
        Command::Run(args) => commands::run::exec(args, cx),
        Command::Compare(args) => commands::compare::exec(args, cx),
        Command::Check(args) => commands::check::exec(args, cx),
        Command::Limits(args) => commands::limits::exec(args, cx),
        Command::Report(args) => commands::report::exec(args, cx),
        Command::Chaos(args) => commands::chaos::exec(args, cx),
        Command::Calibrate(args) => commands::calibrate::exec(args, cx),
        Command::Doctor(args) => commands::doctor::exec(args, cx),
        Command::Publish(args) => commands::publish::exec(args, cx),
        Command::Trend(args) => commands::trend::exec(args, cx),
        Command::Baseline(command) => commands::baseline::exec(command, cx),
        Command::History(command) => commands::history::exec(command, cx),
        Command::Note(args) => commands::note::exec(args, cx),
        Command::Export(command) => commands::export::exec(command, cx),
    }
}

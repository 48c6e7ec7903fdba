//! `cargo perf`: plan which benchmarks to take, run them, record what was seen, compare records, report the comparison.
//!
//! ```text
//! plan ──▶ run ──▶ record ──▶ compare ──▶ report
//! ```
//!
//! Each step takes values and gives values; only `run` starts processes, only `store` touches records on disk or in git,
//! and only `commands` prints.

pub mod base;
pub mod cli;
pub mod commands;
pub mod compare;
pub mod context;
pub mod environment;
pub mod failure;
mod hash;
pub mod plan;
pub mod report;
pub mod repository;
pub mod run;
pub mod store;

use std::ffi::OsString;
use std::io::Write;
use std::panic::catch_unwind;
use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};
use context::Context;
use failure::{Failure, Kind};

/// Runs the command that `arguments` ask for, the program's name first.
#[must_use]
pub fn main(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let mut arguments: Vec<OsString> = arguments.collect();
    if let Some(code) = base::stand_in(&arguments) {
        return code;
    }
    // Cargo calls `cargo-perf perf run`; the binary may also be called by itself.
    if arguments.get(1).is_some_and(|first| first == "perf") {
        arguments.remove(1);
    }
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way too. What cannot be printed changes nothing about the code.
            let _closed = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Kind::Usage.code()));
        }
    };
    match catch_unwind(|| dispatch(&cli.command)) {
        Ok(Ok(code)) => code.into(),
        Ok(Err(failure)) => {
            let _closed = writeln!(std::io::stderr(), "{failure}");
            ExitCode::from(failure.code())
        }
        Err(_) => {
            let _closed = writeln!(
                std::io::stderr(),
                "error: this is a bug in cargo perf {}; the message above says where",
                env!("CARGO_PKG_VERSION")
            );
            ExitCode::from(Kind::Bug.code())
        }
    }
}

fn dispatch(command: &Command) -> Result<perf_schema::ExitCode, Failure> {
    let cx = Context::read()?;
    match command {
        Command::Run(args) => commands::run::exec(args, &cx),
        Command::Compare(args) => commands::compare::exec(args, &cx),
        Command::Limits(args) => commands::limits::exec(args, &cx),
        Command::Baseline(command) => commands::baseline::exec(command, &cx),
    }
}

//! What leaves for other programs.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `export …`.
#[derive(Clone, Debug, Subcommand)]
pub enum ExportCommand {
    /// A table: a row for each metric of each benchmark of each run
    Csv(ExportCsvArgs),
    /// Of each benchmark the list of its runs, with failures and the levels of limits
    Json(ExportJsonArgs),
}

/// What both have in common.
#[derive(Clone, Debug, Args)]
pub struct ExportedArgs {
    /// Only benchmarks whose name (package/target::module::function[axis=value]) contains one of these
    #[arg(value_name = "FILTER")]
    pub filters: Vec<String>,
    /// A filter is a whole name, not a part of one
    #[arg(long)]
    pub exact: bool,
    /// The branch, tag or commit whose line of first parents is looked at [default: HEAD]
    #[arg(long = "ref", value_name = "REF")]
    pub reference: Option<String>,
    /// Runs that are not on that line, too: of other branches, of uncommitted code
    #[arg(long)]
    pub all: bool,
    /// Only this machine class [default: every class]
    #[arg(long, value_name = "NAME", env = "CARGO_PERF_MACHINE")]
    pub machine: Option<String>,
    /// Replace names of benchmarks, branches, machines and commits by hashes with a key that stays in .perf/, and leave out what
    /// people wrote
    #[arg(long)]
    pub hash_names: bool,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The Cargo.toml to start from
    #[arg(long, value_name = "PATH")]
    pub manifest_path: Option<PathBuf>,
}

/// `export csv`.
#[derive(Clone, Debug, Args)]
pub struct ExportCsvArgs {
    /// What of it.
    #[command(flatten)]
    pub what: ExportedArgs,
    /// Only this metric; may be repeated
    #[arg(long = "metric", value_name = "NAME", conflicts_with = "compat")]
    pub metrics: Vec<String>,
    /// A row for each benchmark of each run, with the columns timestamp, test_name, success_count, failure_count, success_rate,
    /// execution_time_mean, execution_time_max, response_time_mean
    #[arg(long)]
    pub compat: bool,
}

/// `export json`.
#[derive(Clone, Debug, Args)]
pub struct ExportJsonArgs {
    /// What of it.
    #[command(flatten)]
    pub what: ExportedArgs,
    /// With the samples of each launch, too
    #[arg(long)]
    pub samples: bool,
    /// Print the JSON Schema of the document, and nothing else
    #[arg(long, exclusive = true)]
    pub schema: bool,
}

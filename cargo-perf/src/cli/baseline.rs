//! The committed store.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::PruneArgs;
use crate::report::Format;

/// `baseline …`.
#[derive(Clone, Debug, Subcommand)]
pub enum BaselineCommand {
    /// List the records
    List {
        /// Those of a branch, tag or commit instead of the working tree
        #[arg(long = "ref", value_name = "REF")]
        reference: Option<String>,
        /// The Cargo.toml to start from
        #[arg(long, value_name = "PATH")]
        manifest_path: Option<PathBuf>,
        /// How to show them [default: human]
        #[arg(long, value_enum, env = "CARGO_PERF_FORMAT")]
        format: Option<Format>,
    },
    /// Show one record
    Show {
        /// The first digits of its id, or its path
        #[arg(value_name = "RECORD")]
        record: String,
        /// Look in a branch, tag or commit instead of the working tree
        #[arg(long = "ref", value_name = "REF")]
        reference: Option<String>,
        /// The Cargo.toml to start from
        #[arg(long, value_name = "PATH")]
        manifest_path: Option<PathBuf>,
        /// How to show it [default: human]
        #[arg(long, value_enum, env = "CARGO_PERF_FORMAT")]
        format: Option<Format>,
    },
    /// Agree to a regression, up to where it is now, in a file that counts once it is on the branch that is compared with
    Accept(AcceptArgs),
    /// Remove old records from the working tree, and thin the rest by age; what git does not have is kept, and so is what tags,
    /// notes, accepted regressions and steps need
    Prune(PruneArgs),
    /// Keep the last run of this code as a baseline
    Save {
        /// Even if files differ from the commit; the record says so
        #[arg(long)]
        allow_dirty: bool,
        /// The Cargo.toml to start from
        #[arg(long, value_name = "PATH")]
        manifest_path: Option<PathBuf>,
    },
}

/// `baseline accept`.
#[derive(Clone, Debug, Args)]
pub struct AcceptArgs {
    /// The benchmark: its name, with or without the package and the target
    #[arg(value_name = "BENCH", required_unless_present = "list")]
    pub bench: Option<String>,
    /// Which metric of it; every one that is regressed, if none is named
    #[arg(long, value_name = "NAME")]
    pub metric: Option<String>,
    /// Why it is accepted
    #[arg(long, value_name = "TEXT", required_unless_present = "list")]
    pub reason: Option<String>,
    /// The last day it counts: YYYY-MM-DD, or so many days from now, 30d
    #[arg(long, value_name = "DATE")]
    pub expires: Option<String>,
    /// The level before, 20us or 3; else that of the baseline
    #[arg(long, value_name = "AMOUNT", requires_all = ["to", "metric"])]
    pub from: Option<String>,
    /// The level that is accepted, 24us or 5; else that of the last run of this code
    #[arg(long, value_name = "AMOUNT", requires = "from")]
    pub to: Option<String>,
    /// What the last run is compared with, if no levels are given
    #[arg(long, value_name = "REF", env = "CARGO_PERF_BASELINE")]
    pub baseline: Option<String>,
    /// Who accepts it; nobody is named without
    #[arg(long, value_name = "NAME")]
    pub who: Option<String>,
    /// List what is accepted
    #[arg(long, conflicts_with_all = ["bench", "reason", "expires", "from", "to", "who"])]
    pub list: bool,
    /// With --list: what a branch, tag or commit accepts instead of the working tree
    #[arg(long = "ref", value_name = "REF", requires = "list")]
    pub reference: Option<String>,
    /// The Cargo.toml to start from
    #[arg(long, value_name = "PATH")]
    pub manifest_path: Option<PathBuf>,
    /// How to show the list [default: human]
    #[arg(long, value_enum, env = "CARGO_PERF_FORMAT")]
    pub format: Option<Format>,
}

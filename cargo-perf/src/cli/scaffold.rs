//! Making a crate ready to be measured.

use std::path::PathBuf;

use clap::Args;

use crate::ci::System;
use crate::scaffold::Template;

/// Which package is written to.
#[derive(Clone, Debug, Args)]
pub struct TargetArgs {
    /// The package, where the workspace has several and none is here
    #[arg(short, long, value_name = "PACKAGE")]
    pub package: Option<String>,
    /// The Cargo.toml to start from
    #[arg(long, value_name = "PATH")]
    pub manifest_path: Option<PathBuf>,
}

/// `init`.
#[derive(Clone, Debug, Args)]
pub struct InitArgs {
    /// Where.
    #[command(flatten)]
    pub target: TargetArgs,
    /// Where perf-harness comes from: its folder in a clone, the address of a git repository, or a version of a registry
    /// [default: what the workspace says, else the clone that this program was built in]
    #[arg(long, value_name = "SPEC")]
    pub harness: Option<String>,
    /// Write files that let a CI system measure, instead; may be repeated
    #[arg(long, value_name = "SYSTEM", value_enum, conflicts_with = "harness")]
    pub ci: Vec<System>,
    /// With --ci: where a job gets cargo perf from, as arguments of `cargo install`: `--git ADDRESS --rev COMMIT cargo-perf`
    #[arg(
        long,
        value_name = "ARGUMENTS",
        requires = "ci",
        allow_hyphen_values = true
    )]
    pub tool: Option<String>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `new`.
#[derive(Clone, Debug, Args)]
pub struct NewArgs {
    /// Name of the bench target: benches/NAME.rs
    #[arg(value_name = "NAME")]
    pub name: String,
    /// What it asks
    #[arg(long, value_enum)]
    pub kind: Template,
    /// Where.
    #[command(flatten)]
    pub target: TargetArgs,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
}

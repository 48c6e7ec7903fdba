//! Thinning old runs.

use std::path::PathBuf;

use clap::Args;

use crate::retention::Keep;

/// `history prune` and `baseline prune`.
#[derive(Clone, Debug, Args)]
pub struct PruneArgs {
    /// What is kept [default: everything]: within=90d everything of the last 90 days; daily=14, weekly=52, monthly=24, yearly=all the
    /// newest run of each of so many days, weeks, months, years; last=20 the newest of each benchmark [default: 10]. Several with
    /// commas between them; a run goes if none of them keeps it
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub keep: Vec<Keep>,
    /// Only tell what would be removed
    #[arg(long)]
    pub dry_run: bool,
    /// The Cargo.toml to start from
    #[arg(long, value_name = "PATH")]
    pub manifest_path: Option<PathBuf>,
}

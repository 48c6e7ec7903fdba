//! What is asked of the past: reports, trends, the index of runs.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::PruneArgs;
use crate::compare::Severity;
use crate::compare::rules::Preset;
use crate::report::{Format, Output, Rendering};

/// `report`.
#[derive(Clone, Debug, Args)]
pub struct ReportArgs {
    /// Only benchmarks whose name (package/target::module::function[axis=value]) contains one of these
    #[arg(value_name = "FILTER")]
    pub filters: Vec<String>,
    /// A filter is a whole name, not a part of one
    #[arg(long)]
    pub exact: bool,
    /// Write the dashboard: one file that works without a network, `index.html` if a folder is named
    #[arg(long, value_name = "DIR|FILE")]
    pub html: Option<PathBuf>,
    /// Open the dashboard
    #[arg(long, requires = "html")]
    pub open: bool,
    /// The line of commits that ends here, instead of with HEAD: a branch, tag or commit
    #[arg(long = "ref", value_name = "REF")]
    pub reference: Option<String>,
    /// How far back the newest record is compared, in days before it: 30d
    #[arg(long, value_name = "DAYS", default_value = "30d", value_parser = days)]
    pub period: u32,
    /// The Cargo.toml to start from
    #[arg(long, value_name = "PATH")]
    pub manifest_path: Option<PathBuf>,
    /// How to show the report [default: human; nothing beside --html]
    #[arg(long, value_enum, env = "CARGO_PERF_FORMAT")]
    pub format: Option<Rendering>,
    /// Write the report to a file, too, in one of the formats; may be repeated
    #[arg(long, value_name = "FORMAT=FILE")]
    pub output: Vec<Output>,
    /// Only benchmarks whose change is at least so grave, and those that failed or are missing
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub severity: Option<Severity>,
    /// Say only what changed, and the verdict
    #[arg(short, long)]
    pub quiet: bool,
    /// Print the JSON Schema of what --format json prints, and nothing else
    #[arg(long, exclusive = true)]
    pub schema: bool,
}

/// `trend`.
#[derive(Clone, Debug, Args)]
pub struct TrendArgs {
    /// Only benchmarks whose name (package/target::module::function[axis=value]) contains one of these
    #[arg(value_name = "BENCH")]
    pub filters: Vec<String>,
    /// A name is a whole one, not a part
    #[arg(long)]
    pub exact: bool,
    /// Only this metric; may be repeated. Else time and limits, and of the others those that changed
    #[arg(long = "metric", value_name = "NAME")]
    pub metrics: Vec<String>,
    /// The branch, tag or commit whose line of first parents is looked at [default: HEAD]
    #[arg(long = "ref", value_name = "REF")]
    pub reference: Option<String>,
    /// How far back from the newest run a class looks: 30d
    #[arg(long, value_name = "DAYS", value_parser = days, default_value = "30d")]
    pub window: u32,
    /// A branch, tag or commit: its level is pinned, and the newest one is judged against it, too
    #[arg(long, value_name = "REF")]
    pub anchor: Option<String>,
    /// Only what became worse: of the classes degraded and regression
    #[arg(long, conflicts_with_all = ["latest", "profile"])]
    pub worse: bool,
    /// The newest result of each benchmark only
    #[arg(long, conflicts_with = "profile")]
    pub latest: bool,
    /// Each benchmark over its runs: executions, reliability, health
    #[arg(long)]
    pub profile: bool,
    /// Only this machine class [default: every class, each by itself]
    #[arg(long, value_name = "NAME", env = "CARGO_PERF_MACHINE")]
    pub machine: Option<String>,
    /// The thresholds to begin with [default: default]
    #[arg(long, value_enum, value_name = "NAME", env = "CARGO_PERF_PRESET")]
    pub preset: Option<Preset>,
    /// The Cargo.toml to start from
    #[arg(long, value_name = "PATH")]
    pub manifest_path: Option<PathBuf>,
    /// How to show it [default: human]
    #[arg(long, value_enum, env = "CARGO_PERF_FORMAT")]
    pub format: Option<Format>,
}

/// `history …`.
#[derive(Clone, Debug, Subcommand)]
pub enum HistoryCommand {
    /// Check the index, and bring it up to date with the local runs and the baselines of branches, tags or commits
    Sync {
        /// Which [default: HEAD]
        #[arg(value_name = "REF")]
        references: Vec<String>,
        /// The Cargo.toml to start from
        #[arg(long, value_name = "PATH")]
        manifest_path: Option<PathBuf>,
    },
    /// Remove old runs of the local history, and thin the rest by age; tags, notes, accepted regressions and steps keep theirs
    Prune(PruneArgs),
}

fn days(text: &str) -> Result<u32, String> {
    let number = text.strip_suffix('d').and_then(|days| days.parse().ok());
    let most = 36_500;
    number
        .filter(|&days| (1..=most).contains(&days))
        .ok_or_else(|| format!("write it as 30d, from 1d to {most}d"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_in_days() {
        assert_eq!((days("30d"), days("7d")), (Ok(30), Ok(7)));
        for text in ["", "7", "d", "0d", "-1d", "2w", "99999999999d"] {
            assert!(days(text).is_err(), "{text}");
        }
    }
}

//! The command line: what was typed, and nothing of what it means.

mod baseline;
mod export;
mod note;
mod past;
mod prune;
mod publish;
mod scaffold;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::alert::AlertKind;
use crate::base::Harness;
use crate::compare::Severity;
use crate::compare::expect::Expectation;
use crate::compare::rules::{Preset, percent};
use crate::report::{Format, Output, Rendering};

pub use baseline::{AcceptArgs, BaselineCommand};
pub use export::{ExportCommand, ExportCsvArgs, ExportJsonArgs, ExportedArgs};
pub use note::NoteArgs;
pub use past::{HistoryCommand, ReportArgs, TrendArgs};
pub use prune::PruneArgs;
pub use publish::{NotifyArgs, PublishArgs};
pub use scaffold::{InitArgs, NewArgs, TargetArgs};

/// Know whether a change made the program slower.
#[derive(Clone, Debug, Parser)]
#[command(name = "cargo perf", bin_name = "cargo perf", version, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 fine, 1 a regression, an alert, a broken budget or a claim that is not met, 2 wrong usage or configuration, 3 no decision though one was required, 4 nothing selected or a \
benchmark is missing, 10 no fit surroundings, 11 the benchmarks do not build, 12 a benchmark failed, 13 the store \
cannot be read or written, 70 a bug in cargo perf, 130 interrupted.";

/// The subcommands.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Make a crate ready to be measured, with a first benchmark
    Init(InitArgs),
    /// Write a bench target to start from
    New(NewArgs),
    /// Measure the benchmarks and show what changed since the last run
    Run(RunArgs),
    /// Compare this code with a baseline
    Compare(CompareArgs),
    /// Measure, compare, raise alerts, write a report, and end with the exit code of all that
    Check(CheckArgs),
    /// List the limits: how far each benchmark goes before a deadline, its memory or its stack ends; how time grows with
    /// size and what is got done with threads, and which variant is the best
    Limits(LimitsArgs),
    /// Show what the records say: a dashboard, or any other format
    Report(ReportArgs),
    /// Measure the benchmarks that run under stress: how much slower they are, and how soon as fast as before
    Chaos(ChaosArgs),
    /// Measure this code against itself: how well this machine repeats each benchmark, and what can be seen on it
    Calibrate(CalibrateArgs),
    /// Check this machine and this set-up, and say what would make measurements quieter
    Doctor(DoctorArgs),
    /// Keep a comment of a pull request or merge request, or an issue, up to date with what a comparison came to
    Publish(PublishArgs),
    /// Show how benchmarks developed over commits: classes, change points, drift, health; measures nothing
    Trend(TrendArgs),
    /// The baselines that are kept in git
    #[command(subcommand)]
    Baseline(BaselineCommand),
    /// The index of all runs that are known, .perf/history.db
    #[command(subcommand)]
    History(HistoryCommand),
    /// Note something on a commit, to be shown where its measurements are: in trends, reports and the dashboard
    Note(NoteArgs),
    /// Write what is known of all runs as CSV or JSON, for spreadsheets and other programs
    #[command(subcommand)]
    Export(ExportCommand),
}

/// Which benchmarks, and how they are built.
#[derive(Clone, Debug, Args)]
pub struct SelectArgs {
    /// Only benchmarks whose name (package/target::module::function[axis=value]) contains one of these
    #[arg(value_name = "FILTER")]
    pub filters: Vec<String>,
    /// A filter is a whole name, not a part of one
    #[arg(long)]
    pub exact: bool,
    /// Take benchmarks that are marked as ignored, too
    #[arg(long)]
    pub include_ignored: bool,
    /// Only benchmarks of this package; may be repeated
    #[arg(short, long = "package", value_name = "PACKAGE")]
    pub packages: Vec<String>,
    /// Only this bench target; may be repeated
    #[arg(long = "bench", value_name = "TARGET")]
    pub benches: Vec<String>,
    /// Features to build with
    #[arg(short = 'F', long, value_name = "FEATURES", help_heading = "Build")]
    pub features: Vec<String>,
    /// Build with all features
    #[arg(long, help_heading = "Build")]
    pub all_features: bool,
    /// Build without default features
    #[arg(long, help_heading = "Build")]
    pub no_default_features: bool,
    /// Cargo profile to build with, instead of `bench`
    #[arg(long, value_name = "PROFILE", help_heading = "Build")]
    pub profile: Option<String>,
    /// The Cargo.toml to start from
    #[arg(long, value_name = "PATH", help_heading = "Build")]
    pub manifest_path: Option<PathBuf>,
}

/// How to measure.
#[derive(Clone, Debug, Args)]
pub struct MeasureArgs {
    /// Measure for a fifth of a second instead of a second per benchmark
    #[arg(long, help_heading = "Measuring")]
    pub quick: bool,
    /// How long a benchmark may take for each answer before it is killed: 500ms, 10s, 2min [default: 1min]
    #[arg(
        long,
        value_name = "TIME",
        value_parser = duration,
        env = "CARGO_PERF_TIMEOUT",
        help_heading = "Measuring"
    )]
    pub timeout: Option<Duration>,
    /// Take this metric too, which costs more than the others; may be repeated
    #[arg(
        long = "metric",
        value_name = "NAME",
        value_enum,
        help_heading = "Measuring"
    )]
    pub metrics: Vec<OnRequest>,
    /// Pass on what benchmarks print, on standard error
    #[arg(long, help_heading = "Measuring")]
    pub nocapture: bool,
    /// Seed of all random choices; drawn anew if not given
    #[arg(long, value_name = "NUMBER", help_heading = "Measuring")]
    pub seed: Option<u64>,
    /// A name for this kind of machine, instead of the class computed from its processor
    #[arg(
        long,
        value_name = "NAME",
        env = "CARGO_PERF_MACHINE",
        help_heading = "Measuring"
    )]
    pub machine: Option<String>,
}

impl MeasureArgs {
    /// How long a benchmark may take for each answer.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.timeout.unwrap_or(Duration::from_secs(60))
    }

    /// The same with what the file says, where neither a flag nor the environment does.
    #[must_use]
    pub fn filled(&self, machine: Option<&str>, timeout: Option<Duration>) -> Self {
        Self {
            machine: self.machine.clone().or(machine.map(str::to_owned)),
            timeout: self.timeout.or(timeout),
            ..self.clone()
        }
    }
}

/// A metric that is not taken unless it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnRequest {
    /// Instructions of an iteration: where the processor's own counters cannot be had, by Valgrind, if it is installed
    Instructions,
}

/// `run`.
#[derive(Clone, Debug, Args)]
pub struct RunArgs {
    /// Which benchmarks.
    #[command(flatten)]
    pub select: SelectArgs,
    /// How to measure.
    #[command(flatten)]
    pub measure: MeasureArgs,
    /// Keep the result as a baseline in `baselines/`, to be committed
    #[arg(long)]
    pub save: bool,
    /// With --save: even if files differ from the commit; the record says so
    #[arg(long, requires = "save")]
    pub allow_dirty: bool,
    /// How to show the result [default: human]
    #[arg(long, value_enum, env = "CARGO_PERF_FORMAT")]
    pub format: Option<Rendering>,
    /// Write the result to a file, too, in one of the formats; may be repeated
    #[arg(long, value_name = "FORMAT=FILE")]
    pub output: Vec<Output>,
    /// Say only what changed or stands against the change, and the verdict; no progress
    #[arg(short, long)]
    pub quiet: bool,
    /// Who is told.
    #[command(flatten)]
    pub notify: NotifyArgs,
}

/// `compare`.
#[derive(Clone, Debug, Args)]
pub struct CompareArgs {
    /// Which benchmarks.
    #[command(flatten)]
    pub select: SelectArgs,
    /// How to measure.
    #[command(flatten)]
    pub measure: MeasureArgs,
    /// What to compare with: a branch, tag or commit, `last`, `record:ID`, or the path of a record
    #[arg(long, value_name = "REF", env = "CARGO_PERF_BASELINE")]
    pub baseline: Option<String>,
    /// Build the baseline's commit and measure every benchmark side by side with it; needs no record
    #[arg(long, conflicts_with = "metrics")]
    pub paired: bool,
    /// Do not measure what seems worse side by side with the baseline's commit before calling it a regression
    #[arg(long, conflicts_with = "paired")]
    pub no_confirm: bool,
    /// Judge every benchmark that is measured side by side over this many link orders of each side (2 to 32), not only what
    /// turns out slower
    #[arg(long, value_name = "ORDERS", value_parser = clap::value_parser!(u8).range(2..=32), conflicts_with = "no_confirm")]
    pub relink: Option<u8>,
    /// Do not look into whether a slowdown comes only from where the linker put the code
    #[arg(long, conflicts_with = "relink")]
    pub no_relink: bool,
    /// With --paired: whose benchmarks measure the baseline's library, for when the benchmarks changed
    #[arg(
        long,
        value_enum,
        value_name = "SIDE",
        default_value_t,
        requires = "paired"
    )]
    pub harness_from: Harness,
    /// Measure this code even if a run of it is at hand
    #[arg(long, conflicts_with = "paired")]
    pub remeasure: bool,
    /// What the author claims of this change: faster:10% at least, slower:5% at most, or unchanged; after BENCH= of some
    /// benchmarks only; may be repeated
    #[arg(long, value_name = "[BENCH=]CLAIM", help_heading = "Judging")]
    pub expect: Vec<Expectation>,
    /// The least severity that fails, whatever the rules say; none fails nothing [default: as the preset says]
    #[arg(
        long,
        value_enum,
        value_name = "SEVERITY",
        env = "CARGO_PERF_FAIL_ON",
        help_heading = "Judging"
    )]
    pub fail_on: Option<Severity>,
    /// The thresholds to begin with [default: default]
    #[arg(
        long,
        value_enum,
        value_name = "NAME",
        env = "CARGO_PERF_PRESET",
        help_heading = "Judging"
    )]
    pub preset: Option<Preset>,
    /// Exit with 3 when there is no baseline, or no verdict for a benchmark; =false whatever the file says
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        help_heading = "Judging"
    )]
    pub require_baseline: Option<bool>,
    /// Do not object to benchmarks that the baseline has and this code has not; =false whatever the file says
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        help_heading = "Judging"
    )]
    pub allow_missing: Option<bool>,
    /// How to show the result [default: human]
    #[arg(long, value_enum, env = "CARGO_PERF_FORMAT")]
    pub format: Option<Rendering>,
    /// Write the result to a file, too, in one of the formats; may be repeated
    #[arg(long, value_name = "FORMAT=FILE")]
    pub output: Vec<Output>,
    /// Say only what changed or stands against the change, and the verdict; no progress
    #[arg(short, long)]
    pub quiet: bool,
    /// Who is told.
    #[command(flatten)]
    pub notify: NotifyArgs,
}

impl CompareArgs {
    /// What to compare with, as it was typed; nothing before it was looked for everywhere.
    #[must_use]
    pub fn baseline(&self) -> &str {
        self.baseline.as_deref().unwrap_or_default()
    }

    /// Whether every benchmark has to be decided.
    #[must_use]
    pub fn requires_decision(&self) -> bool {
        self.require_baseline.unwrap_or_default()
    }

    /// Whether benchmarks may be gone.
    #[must_use]
    pub fn allows_missing(&self) -> bool {
        self.allow_missing.unwrap_or_default()
    }
}

/// `check`.
#[derive(Clone, Debug, Args)]
pub struct CheckArgs {
    /// What is compared, and how.
    #[command(flatten)]
    pub compare: CompareArgs,
    /// Build and measure nothing: check the newest stored run of this code
    #[arg(long, conflicts_with_all = [
        "paired", "no_confirm", "relink", "no_relink", "remeasure", "expect", "include_ignored", "features", "all_features",
        "no_default_features", "profile", "quick", "metrics", "nocapture", "seed",
    ])]
    pub no_run: bool,
    /// The change for the worse, in per cent, beyond which a regression fails whatever the rules say [default: 15]
    #[arg(long, value_name = "PERCENT", value_parser = per_cent, help_heading = "Judging")]
    pub alert_threshold: Option<f64>,
    /// Show alerts from this severity on only; what is not shown fails all the same [default: low]
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub severity: Option<Severity>,
    /// Show alerts of this kind only; may be repeated
    #[arg(long = "kind", value_enum, value_name = "KIND")]
    pub kinds: Vec<AlertKind>,
    /// Only benchmarks whose name contains this, as FILTER does; may be repeated
    #[arg(long = "tests", value_name = "PATTERN")]
    pub tests: Vec<String>,
}

/// `limits`.
#[derive(Clone, Debug, Args)]
pub struct LimitsArgs {
    /// Which limits.
    #[command(flatten)]
    pub select: SelectArgs,
    /// How to measure.
    #[command(flatten)]
    pub measure: MeasureArgs,
    /// Search them now, even if a run of them is at hand
    #[arg(long)]
    pub remeasure: bool,
    /// How to show them [default: human]
    #[arg(long, value_enum, env = "CARGO_PERF_FORMAT")]
    pub format: Option<Format>,
    /// List the limits, and nothing besides but what failed; no progress
    #[arg(short, long)]
    pub quiet: bool,
}

/// `chaos`.
#[derive(Clone, Debug, Args)]
pub struct ChaosArgs {
    /// Which of the benchmarks that run under stress.
    #[command(flatten)]
    pub select: SelectArgs,
    /// How long a benchmark may take for each answer before it is killed: 500ms, 10s, 2min [default: 1min]
    #[arg(
        long,
        value_name = "TIME",
        value_parser = duration,
        env = "CARGO_PERF_TIMEOUT",
        help_heading = "Measuring"
    )]
    pub timeout: Option<Duration>,
    /// Pass on what benchmarks print, on standard error
    #[arg(long, help_heading = "Measuring")]
    pub nocapture: bool,
    /// Seed of all random choices; drawn anew if not given
    #[arg(long, value_name = "NUMBER", help_heading = "Measuring")]
    pub seed: Option<u64>,
    /// How to show the result [default: human]
    #[arg(long, value_enum, env = "CARGO_PERF_FORMAT")]
    pub format: Option<Format>,
}

/// `calibrate`.
#[derive(Clone, Debug, Args)]
pub struct CalibrateArgs {
    /// Which benchmarks.
    #[command(flatten)]
    pub select: SelectArgs,
    /// How to measure.
    #[command(flatten)]
    pub measure: MeasureArgs,
    /// Sessions to take one after the other, besides the same build beside itself
    #[arg(long, value_name = "NUMBER", default_value_t = 4, value_parser = clap::value_parser!(u32).range(2..=16), help_heading = "Measuring")]
    pub sessions: u32,
    /// How to show the result [default: human]
    #[arg(long, value_enum, env = "CARGO_PERF_FORMAT")]
    pub format: Option<Format>,
}

/// `doctor`.
#[derive(Clone, Debug, Args)]
pub struct DoctorArgs {
    /// A name for this kind of machine, instead of the class computed from its processor
    #[arg(long, value_name = "NAME", env = "CARGO_PERF_MACHINE")]
    pub machine: Option<String>,
    /// The Cargo.toml to start from
    #[arg(long, value_name = "PATH")]
    pub manifest_path: Option<PathBuf>,
    /// How to show the result [default: human]
    #[arg(long, value_enum, env = "CARGO_PERF_FORMAT")]
    pub format: Option<Format>,
}

/// `15`, `2.5` or `15%`, as a fraction.
fn per_cent(text: &str) -> Result<f64, String> {
    let number = text.trim().trim_end_matches('%').trim_end();
    percent(&format!("{number}%"))
        .map_err(|_| "write it as 15 or 2.5, above 0 and up to 10000".to_owned())
}

pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let number: Option<u64> = text[..digits].parse().ok();
    let unit = match text[digits..].trim() {
        "ms" => Some(1),
        "s" => Some(1000),
        "min" => Some(60_000),
        _ => None,
    };
    number
        .zip(unit)
        .and_then(|(number, unit)| number.checked_mul(unit))
        .filter(|&ms| ms > 0)
        .map(Duration::from_millis)
        .ok_or_else(|| "write it as 500ms, 10s or 2min".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_percentage_may_have_its_sign() {
        for (text, value) in [("15", 0.15), ("2.5", 0.025), ("20%", 0.2), ("20 %", 0.2)] {
            let found = per_cent(text).unwrap();
            assert!((found - value).abs() < 1e-12, "{text}: {found}");
        }
        for text in ["", "0", "-1", "x", "nan", "%"] {
            assert!(per_cent(text).is_err(), "{text}");
        }
    }

    #[test]
    fn times_have_a_unit() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("2min"), Ok(Duration::from_secs(120)));
        for text in [
            "",
            "5",
            "0s",
            "s",
            "-1s",
            "99999999999999999999s",
            "18446744073709551615min",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}

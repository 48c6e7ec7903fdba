//! `--baseline REF`: which records to compare with.
//!
//! A branch name is answered by the nearest commit of that branch, seen from where HEAD left it, that has records of
//! this machine class and build; a tag or id by the nearest seen from that commit. The choice is made for each
//! benchmark by itself. `last`, `record:<id>` and a file are taken as they are. The answer says how it was found, what
//! was passed over and why; it never judges the numbers.
//!
//! A branch is trusted with what it has itself: records that the checked-out commit brings along are listed, not used.

mod anchor;
mod brought;
mod candidates;
mod explanation;
mod gathered;
mod latest;
mod line;
mod lineage;
mod named;
mod past;
mod placement;
mod rejection;
mod resolution;
mod selection;
mod spec;

use perf_schema::{BenchId, Build, Definition, RecordId};

use super::{Baselines, Fault, History};
use crate::repository::{LookupError, Repository, RepositoryError, State, Target};

pub use anchor::{Anchor, AnchorKind};
pub use explanation::{Explanation, Nothing};
pub(super) use gathered::{COMMITTED_RUNS, DISGUISED_RECORDS};
pub use lineage::End;
pub use past::{OnLine, Past, of_calibrations, past, trusts_local};
pub use rejection::{Rejected, Why};
pub use resolution::{Choice, Matched, Nearest, Resolution, Standing, Walked};

/// What is measured, and what is to be found for it.
#[derive(Clone, Copy, Debug)]
pub struct Query<'a> {
    /// What was typed: a branch, tag or commit, `last`, `record:<id>` or the path of a file.
    pub baseline: &'a str,
    /// What is measured; `None` outside git.
    pub measured: Option<&'a State>,
    /// Records of the measured side itself, which are no baseline for it.
    pub exclude: &'a [RecordId],
    /// Class of the machine that measured.
    pub class: &'a str,
    /// The build that was measured.
    pub build: &'a Build,
    /// Its compiler.
    pub rustc: &'a str,
    /// Its source of time.
    pub clock: &'a str,
    /// The benchmarks to find records of. When empty, the nearest comparable records are found.
    pub wanted: &'a [(BenchId, Definition)],
    /// How far to look.
    pub limits: Limits,
}

/// Where records are looked for.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// Git, if there is any.
    pub repository: Option<&'a Repository>,
    /// The working tree.
    pub baselines: &'a Baselines,
    /// The local history.
    pub history: &'a History,
}

/// How far to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Commits to go back from the anchor.
    pub commits: usize,
    /// Days a commit may be older than the anchor.
    pub days: u32,
    /// Commits within which a record may decide, and within which a record of the same compiler outranks a nearer one of
    /// another.
    pub gating: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            commits: 50,
            days: 90,
            gating: 10,
        }
    }
}

/// Why there is no answer at all. That nothing was found is an answer.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// The name means nothing.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// No record has that id.
    #[error(
        "no record begins with {prefix:?}; `cargo perf baseline list` shows the records there are"
    )]
    NoSuchRecord {
        /// What was typed, shortened.
        prefix: String,
    },
    /// Several records do.
    #[error("{prefix:?} is the beginning of several records ({}); type more digits", files.join(", "))]
    AmbiguousRecord {
        /// What was typed.
        prefix: String,
        /// The first of them.
        files: Vec<String>,
    },
    /// The file that was named is no record.
    #[error("the baseline {0}")]
    File(Fault),
    /// Git could not be asked.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl ResolveError {
    /// Whether what was typed is wrong, as against git or the disk.
    #[must_use]
    pub const fn is_usage(&self) -> bool {
        !matches!(
            self,
            Self::Repository(_) | Self::Lookup(LookupError::Repository(_))
        )
    }
}

/// Finds the records to compare with.
///
/// # Errors
/// When what was typed names nothing, or git cannot be read. A resolution in which nothing was found is no error: it
/// [explains](Resolution::explanation) itself.
pub fn resolve(query: &Query<'_>, sources: &Sources<'_>) -> Result<Resolution, ResolveError> {
    match spec::Spec::parse(query.baseline) {
        spec::Spec::Last => Ok(latest::resolve(query, sources)?),
        spec::Spec::Record(prefix) => named::by_id(query, sources, prefix),
        spec::Spec::File(path) => named::by_path(query, sources, path),
        spec::Spec::Name(name) => line::resolve(query, sources, name),
    }
}

/// Looks up what git has of that name, before anything is built for it. `None` for what is no name of git's.
///
/// # Errors
/// When it names nothing.
pub fn check_name(
    repository: Option<&Repository>,
    baseline: &str,
) -> Result<Option<Target>, ResolveError> {
    match spec::Spec::parse(baseline) {
        spec::Spec::Name(name) => match repository {
            // Before the first commit no branch exists, not even the one that is checked out; that is told later.
            Some(repository) if repository.look_up("HEAD").is_ok() => {
                Ok(Some(repository.look_up(name)?))
            }
            _ => Ok(None),
        },
        spec::Spec::Last | spec::Spec::Record(_) | spec::Spec::File(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests;

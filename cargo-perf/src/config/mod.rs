//! `.config/perf.toml`: what a project sets for all of its runs and comparisons.
//!
//! [`file`] reads the text, [`place`] knows where it lies, in the working tree or in a commit, and [`Config`] is what it
//! says. What the rules mean is the business of `compare`. A flag goes before the environment, that before the file, and
//! the file before what is built in.

mod fault;
mod file;
mod place;
mod value;

use std::time::Duration;

pub use fault::ConfigError;
pub use place::{FILE, Found, in_commit, in_working_tree};

use crate::alert::AlertTerms;
use crate::compare::rules::Rules;
use crate::publish::Notify;
use crate::report::Format;

/// What the file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// A name for this kind of machine.
    pub machine: Option<String>,
    /// What to compare with.
    pub baseline: Option<String>,
    /// How to show results.
    pub format: Option<Format>,
    /// How long a benchmark may take for each answer.
    pub timeout: Option<Duration>,
    /// Whether a comparison has to decide.
    pub require_baseline: bool,
    /// Whether benchmarks may be gone.
    pub allow_missing: bool,
    /// Who is told what a comparison came to.
    pub notify: Notify,
    /// What changes are judged by.
    pub rules: Rules,
    /// What `check` raises alerts by.
    pub alerts: AlertTerms,
}

impl Config {
    /// What differs between two files, in the words of the file; nothing that only concerns whoever runs them.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<&'static str> {
        let (ours, theirs) = (&self.rules, &other.rules);
        [
            ("baseline", self.baseline != other.baseline),
            ("machine", self.machine != other.machine),
            (
                "require-baseline",
                self.require_baseline != other.require_baseline,
            ),
            ("allow-missing", self.allow_missing != other.allow_missing),
            ("notify", self.notify != other.notify),
            ("preset", ours.preset != theirs.preset),
            ("fail-on", ours.fail_on != theirs.fail_on),
            ("thresholds", ours.thresholds != theirs.thresholds),
            ("rules", ours.rules != theirs.rules),
            ("budgets", ours.budgets != theirs.budgets),
            (
                "alert-threshold",
                self.alerts.threshold != other.alerts.threshold,
            ),
            ("alert-fail-on", self.alerts.fail_on != other.alerts.fail_on),
            ("alerts", self.alerts.rules != other.alerts.rules),
        ]
        .into_iter()
        .filter_map(|(name, differs)| differs.then_some(name))
        .collect()
    }
}

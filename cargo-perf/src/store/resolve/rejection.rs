//! What makes two records comparable, and the reasons why a record was passed over.

use std::fmt;

use perf_schema::{BenchId, Build, Environment, Machine, Sha};

use super::Query;
use crate::store::Reason;

/// A record that was looked at and not used, at least not for one benchmark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The file.
    pub file: String,
    /// The commit it was placed at, or claims.
    pub commit: Option<Sha>,
    /// How many commits before the anchor that is, if it is before the anchor.
    pub distance: Option<usize>,
    /// The benchmark it was not used for; `None` means all.
    pub bench: Option<BenchId>,
    /// Why not.
    pub why: Why,
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        match (&self.commit, self.distance) {
            (Some(sha), Some(distance)) => {
                write!(f, " (commit {}, {})", sha.short(12), commits_back(distance))?;
            }
            (Some(sha), None) => write!(f, " (commit {})", sha.short(12))?,
            (None, _) => {}
        }
        write!(f, ": {}", self.why)
    }
}

pub(super) fn commits_back(distance: usize) -> String {
    match distance {
        0 => "the anchor".to_owned(),
        1 => "1 commit back".to_owned(),
        n => format!("{n} commits back"),
    }
}

/// Why a record was not used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Measured on another kind of machine.
    OtherClass {
        /// Its class.
        class: String,
        /// Its processor.
        cpu: String,
    },
    /// Built in another way.
    OtherBuild {
        /// What differs: theirs ≠ ours.
        differs: Vec<String>,
    },
    /// Timed by another clock.
    OtherClock {
        /// Its clock.
        clock: String,
    },
    /// The benchmark was declared differently.
    OtherDefinition,
    /// The benchmark gave no samples.
    Failed,
    /// It is of files that no commit has.
    Dirty,
    /// It is of a commit after the anchor.
    Later,
    /// It is of a commit that is not in the line of the target.
    OffHistory,
    /// It is of a commit further back than is looked.
    TooFar {
        /// How far back, if that is known.
        commits: Option<usize>,
    },
    /// It cannot be read.
    Unreadable {
        /// Whether a newer `cargo perf` wrote it.
        too_new: bool,
        /// In words.
        reason: String,
    },
}

impl Why {
    pub(super) fn unreadable(reason: &Reason) -> Self {
        Self::Unreadable {
            too_new: reason.is_too_new(),
            reason: reason.to_string(),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherClass { class, cpu } => {
                write!(f, "measured on machine class {class} ({})", printable(cpu))
            }
            Self::OtherBuild { differs } => write!(f, "built differently: {}", differs.join(", ")),
            Self::OtherClock { clock } => write!(f, "timed by the clock {}", printable(clock)),
            Self::OtherDefinition => f.write_str("the benchmark was defined differently"),
            Self::Failed => f.write_str("the benchmark failed there and gave no samples"),
            Self::Dirty => f.write_str("made from a dirty tree that no commit has"),
            Self::Later => f.write_str("of a commit after the anchor"),
            Self::OffHistory => f.write_str("of a commit that is not in this line of history"),
            Self::TooFar {
                commits: Some(commits),
            } => write!(f, "too far: {commits} commits back"),
            Self::TooFar { commits: None } => f.write_str("too far: further back than is looked"),
            Self::Unreadable { reason, .. } => f.write_str(reason),
        }
    }
}

/// Text from a record, fit for a terminal.
pub(super) fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(120).collect()
}

/// Checks what must be equal for times to be comparable.
pub(super) fn comparable(
    query: &Query<'_>,
    machine: &Machine,
    environment: &Environment,
) -> Result<(), Why> {
    if machine.class != query.class {
        return Err(Why::OtherClass {
            class: printable(&machine.class),
            cpu: machine.cpu.clone(),
        });
    }
    let differs = differences(&environment.build, query.build);
    if !differs.is_empty() {
        return Err(Why::OtherBuild { differs });
    }
    if environment.clock != query.clock {
        return Err(Why::OtherClock {
            clock: environment.clock.clone(),
        });
    }
    Ok(())
}

fn differences(theirs: &Build, ours: &Build) -> Vec<String> {
    let mut differs = Vec::new();
    let mut check = |what: &str, theirs: &str, ours: &str| {
        if theirs != ours {
            differs.push(format!("{what} {} ≠ {}", shown(theirs), shown(ours)));
        }
    };
    check("profile", &theirs.profile, &ours.profile);
    check("target", &theirs.target, &ours.target);
    check(
        "features",
        &theirs.features.join(","),
        &ours.features.join(","),
    );
    check("flags", &theirs.flags, &ours.flags);
    if differs.is_empty() && theirs != ours {
        differs.push("in something this version does not show".to_owned());
    }
    differs
}

fn shown(text: &str) -> String {
    if text.is_empty() {
        "none".to_owned()
    } else {
        printable(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::build;

    #[test]
    fn what_differs_between_builds_is_said() {
        let ours = build();
        let mut theirs = build();
        assert_eq!(differences(&theirs, &ours), Vec::<String>::new());
        theirs.profile = "release".to_owned();
        theirs.features = vec!["a".to_owned(), "b".to_owned()];
        theirs.flags = "-C \u{1b}target-cpu=native".to_owned();
        assert_eq!(
            differences(&theirs, &ours),
            [
                "profile release ≠ bench",
                "features a,b ≠ none",
                "flags -C target-cpu=native ≠ none"
            ]
        );
    }
}

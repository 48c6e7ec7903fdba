//! Why nothing was found, in words: what was looked for, where, the nearest that did not do, and what to type next.

use std::fmt;

use super::rejection::{Why, printable};
use super::{Rejected, Resolution};
use crate::repository::TargetKind;
use crate::store::date::day;

/// How many rejected records are named.
const NAMED: usize = 3;

/// Why there is nothing to compare with. Each has a message and a remedy of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nothing {
    /// There is no git, hence no branch and no commit.
    NoGit,
    /// Nothing is committed yet.
    Unborn,
    /// Nothing comes before HEAD that has other code.
    First,
    /// HEAD and the target have no common history.
    Unrelated,
    /// The clone is too shallow.
    Shallow,
    /// All records are of other machines.
    OtherClass,
    /// All records of this machine class are built differently.
    OtherBuild,
    /// There are comparable records, of other benchmarks or other definitions.
    OtherBenchmarks,
    /// There are records, none of which does, for different reasons.
    Unfit,
    /// There is no record at all.
    NoRecord,
}

/// A text for a person, of several sentences on one line each.
#[derive(Clone, Copy, Debug)]
pub struct Explanation<'a> {
    resolution: &'a Resolution,
    nothing: &'a Nothing,
}

impl Resolution {
    /// Draws the conclusion when nothing was found.
    pub(super) fn conclude(&mut self) {
        let found = if self.unmatched.is_empty() {
            self.nearest.is_some()
        } else {
            !self.choices.is_empty()
        };
        if found || !self.choices.is_empty() {
            self.nothing = None;
        } else if self.nothing.is_none() {
            self.nothing = Some(self.conclusion());
        }
    }

    fn conclusion(&self) -> Nothing {
        if self.nearest.is_some() {
            return Nothing::OtherBenchmarks;
        }
        if self.shallow {
            return Nothing::Shallow;
        }
        let all = |is: fn(&Why) -> bool| self.rejected.iter().map(|r| &r.why).all(is);
        if self.rejected.is_empty() {
            Nothing::NoRecord
        } else if all(|why| matches!(why, Why::OtherClass { .. })) {
            Nothing::OtherClass
        } else if all(|why| matches!(why, Why::OtherClass { .. } | Why::OtherBuild { .. })) {
            Nothing::OtherBuild
        } else {
            Nothing::Unfit
        }
    }
}

impl<'a> Explanation<'a> {
    pub(super) const fn new(resolution: &'a Resolution, nothing: &'a Nothing) -> Self {
        Self {
            resolution,
            nothing,
        }
    }

    fn target(&self) -> String {
        match &self.resolution.target {
            Some(target) => target.to_string(),
            None => printable(&self.resolution.typed),
        }
    }

    /// The branch to make a baseline on.
    fn branch(&self) -> Option<&str> {
        let target = self.resolution.target.as_ref()?;
        let TargetKind::Branch { reference } = &target.kind else {
            return None;
        };
        let name = match reference.strip_prefix("refs/remotes/") {
            Some(remote) => remote.split_once('/').map_or(remote, |(_, name)| name),
            None => reference.strip_prefix("refs/heads/").unwrap_or(reference),
        };
        Some(name)
    }

    fn cause(&self) -> String {
        let class = &self.resolution.class;
        match self.nothing {
            Nothing::NoGit => "there is no git repository here, so there is no branch and no commit".to_owned(),
            Nothing::Unborn => "nothing is committed yet".to_owned(),
            Nothing::First => format!("nothing comes before HEAD on {} that has other code", self.target()),
            Nothing::Unrelated => format!("HEAD and {} have no commit in common", self.target()),
            Nothing::Shallow => {
                "this is a shallow clone, and its history ends before a commit with a comparable record".to_owned()
            }
            Nothing::OtherClass => format!("there are records, but none of machine class {class}"),
            Nothing::OtherBuild => format!("there are records of machine class {class}, but all were built differently"),
            Nothing::OtherBenchmarks => {
                "there are comparable records, but none has one of these benchmarks with the same definition".to_owned()
            }
            Nothing::Unfit => format!("there are records, but none of machine class {class} that can be compared with"),
            Nothing::NoRecord => "there is no record".to_owned(),
        }
    }

    fn remedy(&self) -> String {
        let save = match self.branch() {
            Some(branch) => format!(
                "on {branch}, on this machine, type `cargo perf run --save` and commit baselines/"
            ),
            None if self.resolution.typed == "last" => "type `cargo perf run`".to_owned(),
            None => {
                "check it out, on this machine, type `cargo perf run --save` and commit baselines/"
                    .to_owned()
            }
        };
        match self.nothing {
            Nothing::NoGit => "compare with the last run by `--baseline last`, or type `git init` and commit".to_owned(),
            Nothing::Unborn => {
                "commit, type `cargo perf run --save`, and commit baselines/; until then `--baseline last` compares with the last run".to_owned()
            }
            Nothing::First => "commit a change and compare then; `cargo perf run --save` makes this commit a baseline".to_owned(),
            Nothing::Unrelated => "name a commit to compare with, `--baseline <commit>`".to_owned(),
            Nothing::Shallow => {
                "type `git fetch --unshallow`, or `git fetch --deepen=50` (in GitHub Actions `fetch-depth: 0`)".to_owned()
            }
            Nothing::OtherBuild => format!("measure with the same profile, features and flags, or {save}"),
            _ => format!("make one: {save}"),
        }
    }

    fn search(&self) -> Option<String> {
        let anchor = self.resolution.anchor.as_ref()?;
        let mut text = format!("anchor {} ({})", anchor.commit.short(12), anchor.kind);
        if let Some(walked) = &self.resolution.walked {
            text.push_str(&format!(
                ", looked at {}",
                counted(walked.commits, "commit")
            ));
            if let Some(day) = day(walked.back_to) {
                text.push_str(&format!(" back to {day}"));
            }
        }
        Some(text)
    }
}

impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = self.target();
        write!(f, "no comparable baseline for {target}: {}", self.cause())?;
        if let Some(search) = self.search() {
            write!(f, "\n{search}, for machine class {}", self.resolution.class)?;
        }
        let obstacles = self.resolution.unmatched.values().flatten();
        let told: Vec<&Rejected> = self.resolution.rejected.iter().chain(obstacles).collect();
        for rejected in told.iter().take(NAMED) {
            write!(f, "\nnot used: {rejected}")?;
        }
        if told.len() > NAMED {
            write!(f, "\nand {} more", told.len() - NAMED)?;
        }
        if !self.resolution.brought.is_empty() {
            write!(
                f,
                "\nthis branch brings {} of its own, which count after the merge",
                counted(self.resolution.brought.len(), "record")
            )?;
        }
        write!(f, "\n{}", self.remedy())
    }
}

pub(super) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

//! Files that let a CI system measure: a workflow for GitHub or a pipeline for GitLab, and a hook of git.
//!
//! The files are the ones in `templates/`, of which the action is the one at the root of this repository; what a project
//! gets differs from them in one line, which says where cargo perf comes from. Nothing here reads or writes a file.

use clap::ValueEnum;

/// Where it is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum System {
    /// GitHub Actions: pull requests with a comment, baselines on main, forks, schedules
    Github,
    /// GitLab CI: merge requests and baselines
    Gitlab,
    /// A hook of git that compares before each commit
    PreCommit,
}

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Where, from the root of the repository.
    pub path: &'static str,
    /// What it is for, after "write".
    pub purpose: &'static str,
    /// What is in it.
    pub text: String,
}

/// What a template says instead of where cargo perf comes from.
const GITHUB_HOLE: &str = "install: \"\"";
const GITLAB_HOLE: &str = "CARGO_PERF_INSTALL: \"\"";

impl System {
    /// The files, with the arguments of `cargo install` that bring cargo perf; where those are not known, the job says so.
    #[must_use]
    pub fn files(self, install: Option<&str>) -> Vec<File> {
        let file = |path, purpose, text: &str| File {
            path,
            purpose,
            text: filled(text, install),
        };
        match self {
            Self::Github => vec![
                file(
                    ".github/actions/cargo-perf/action.yml",
                    "the action that the workflows use",
                    include_str!("templates/action.yml"),
                ),
                file(
                    ".github/workflows/perf.yml",
                    "a workflow for pull requests and baselines",
                    include_str!("templates/perf.yml"),
                ),
                file(
                    ".github/workflows/perf-publish.yml",
                    "a workflow for comments on pull requests of forks",
                    include_str!("templates/perf-publish.yml"),
                ),
                file(
                    ".github/workflows/perf-schedule.yml",
                    "a workflow for what takes long",
                    include_str!("templates/perf-schedule.yml"),
                ),
            ],
            Self::Gitlab => vec![file(
                ".gitlab/perf.yml",
                "jobs for merge requests and baselines",
                include_str!("templates/gitlab.yml"),
            )],
            Self::PreCommit => vec![file(
                ".githooks/pre-commit",
                "a hook that compares before each commit",
                include_str!("templates/pre-commit"),
            )],
        }
    }

    /// What is left to do by hand.
    #[must_use]
    pub const fn next(self) -> &'static str {
        match self {
            Self::Github => "commit them; comments need nothing else",
            Self::Gitlab => "include: { local: .gitlab/perf.yml } in .gitlab-ci.yml",
            Self::PreCommit => "git config core.hooksPath .githooks",
        }
    }
}

fn filled(template: &str, install: Option<&str>) -> String {
    let Some(install) = install else {
        return template.to_owned();
    };
    // A string of JSON is one of YAML.
    let quoted = serde_json::Value::from(install).to_string();
    let mut text = template.to_owned();
    for hole in [GITHUB_HOLE, GITLAB_HOLE] {
        let full = hole.replace("\"\"", &quoted);
        text = text.replace(hole, &full);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_job_is_told_where_the_tool_comes_from() {
        for (system, holes) in [
            (System::Github, 4),
            (System::Gitlab, 1),
            (System::PreCommit, 0),
        ] {
            let count = |install, part: &str| -> usize {
                let files: Vec<File> = system.files(install);
                files
                    .iter()
                    .map(|file| file.text.matches(part).count())
                    .sum()
            };
            let spec = "--git https://x.example/\"a";
            assert_eq!(count(Some(spec), r#""--git https://x.example/\"a""#), holes);
            assert_eq!(
                count(Some(spec), GITHUB_HOLE) + count(Some(spec), GITLAB_HOLE),
                0
            );
            assert_eq!(count(None, GITHUB_HOLE) + count(None, GITLAB_HOLE), holes);
        }
    }

    #[test]
    fn what_events_say_is_never_written_into_a_script() {
        for file in System::Github.files(None) {
            let mut script_from = None;
            for line in file.text.lines() {
                let indent = line.len() - line.trim_start().len();
                let begins = line
                    .trim_start()
                    .trim_start_matches("- ")
                    .starts_with("run:");
                if begins {
                    script_from = Some(indent);
                } else if !line.trim().is_empty() && script_from.is_some_and(|from| indent <= from)
                {
                    script_from = None;
                }
                assert!(
                    script_from.is_none() || !line.contains("${{"),
                    "{}: {line}",
                    file.path
                );
            }
        }
    }
}

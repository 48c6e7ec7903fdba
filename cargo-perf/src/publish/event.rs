//! What GitHub tells a job of why it runs. GitHub wrote the file, so it can be believed; names in it are still a stranger's.

use serde::Deserialize;

use super::github::GitHub;
use super::{PublishError, Slug};

/// The largest file that is read, in bytes: GitHub's own bound for events is below it.
pub const LARGEST: u64 = 32 << 20;

/// Why a job runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Of a pull request, with its number.
    PullRequest(u64),
    /// Another workflow has ended.
    WorkflowRun(Run),
    /// Something else.
    Other,
}

/// The workflow that has ended.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Run {
    /// Why it ran.
    event: String,
    head_sha: String,
    head_branch: Option<String>,
    head_repository: Option<Repository>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Repository {
    full_name: String,
}

#[derive(Deserialize)]
struct File {
    pull_request: Option<Numbered>,
    workflow_run: Option<Run>,
}

#[derive(Deserialize)]
struct Numbered {
    number: u64,
}

/// The pull request that a run was of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Its number.
    pub number: u64,
    /// The commit that was measured, which is what it has now.
    pub head: String,
}

/// Why a run is of no pull request that could be spoken of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unverified {
    /// It was no run of a pull request.
    #[error("the workflow ran because of {0}, not of a pull request")]
    NotOfAPull(String),
    /// The fork or its branch is gone.
    #[error("the branch that was measured is gone")]
    Gone,
    /// Closed, or changed since.
    #[error(
        "no open pull request has {0} as its newest commit: it was closed, or there is a newer one"
    )]
    Outdated(String),
    /// The same commit is asked for in several.
    #[error(
        "several open pull requests have the commit that was measured, and it is not known which one was meant"
    )]
    Several,
}

impl Event {
    /// Reads the file.
    ///
    /// # Errors
    /// When it is no event.
    pub fn read(text: &[u8]) -> Result<Self, serde_json::Error> {
        let file: File = serde_json::from_slice(text)?;
        Ok(match file {
            File {
                workflow_run: Some(run),
                ..
            } => Self::WorkflowRun(run),
            File {
                pull_request: Some(pull),
                ..
            } => Self::PullRequest(pull.number),
            _ => Self::Other,
        })
    }
}

impl Run {
    /// Finds the pull request by asking GitHub. What the run itself left behind is not asked: whoever wrote the code that
    /// ran wrote that, too.
    ///
    /// # Errors
    /// When GitHub cannot be asked.
    pub fn verify(
        &self,
        github: &GitHub<'_>,
    ) -> Result<Result<Verified, Unverified>, PublishError> {
        if self.event != "pull_request" {
            return Ok(Err(Unverified::NotOfAPull(self.event.clone())));
        }
        let slug = |repository: &Repository| repository.full_name.parse::<Slug>().ok();
        let from = self.head_repository.as_ref().and_then(slug);
        let Some((from, branch)) = from.zip(self.head_branch.as_ref()) else {
            return Ok(Err(Unverified::Gone));
        };
        let mut pulls = github.pulls_from(from.owner(), branch)?;
        pulls.retain(|pull| {
            let is_from = |name: &str| from.is(name);
            let is_here = |name: &str| github.repository.is(name);
            let name_of =
                |side: &super::github::Side| side.repo.as_ref().map(|repo| repo.full_name.clone());
            pull.head.sha == self.head_sha
                && name_of(&pull.head).is_some_and(|name| is_from(&name))
                && name_of(&pull.base).is_some_and(|name| is_here(&name))
        });
        Ok(match pulls.as_slice() {
            [] => Err(Unverified::Outdated(
                self.head_sha.chars().take(12).collect(),
            )),
            [pull] => Ok(Verified {
                number: pull.number,
                head: pull.head.sha.clone(),
            }),
            _ => Err(Unverified::Several),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::courier::Courier;
    use super::super::script::{Script, answer};
    use super::*;
    use crate::secret::Secret;

    fn run(event: &str, branch: &str) -> Run {
        let text = serde_json::json!({ "workflow_run": {
            "event": event, "head_sha": "abc", "head_branch": branch,
            "head_repository": { "full_name": "fork/r" }, "pull_requests": []
        }});
        match Event::read(text.to_string().as_bytes()).unwrap() {
            Event::WorkflowRun(run) => run,
            other => panic!("{other:?}"),
        }
    }

    fn verified(
        run: &Run,
        pulls: &[(u64, &str, &str, &str)],
    ) -> (Result<Verified, Unverified>, String) {
        let pulls: Vec<serde_json::Value> = pulls
            .iter()
            .map(|(number, sha, from, to)| {
                serde_json::json!({
                    "number": number,
                    "head": { "sha": sha, "repo": { "full_name": from } },
                    "base": { "sha": "0", "repo": { "full_name": to } }
                })
            })
            .collect();
        let script = Script::new([Ok(answer(200, &serde_json::Value::from(pulls).to_string()))]);
        let github = GitHub {
            courier: Courier::new(&script, &|_| (), 0),
            api: "https://x.example".parse().unwrap(),
            repository: "o/r".parse().unwrap(),
            token: Secret::of(Some("t".to_owned())).unwrap(),
        };
        let found = run.verify(&github).unwrap();
        let asked = script
            .requests()
            .first()
            .map(|request| request.address.clone());
        (found, asked.unwrap_or_default())
    }

    #[test]
    fn only_github_says_which_pull_request_it_was() {
        let mine = (4, "abc", "Fork/R", "o/r");
        let (found, asked) = verified(
            &run("pull_request", "a&head=o:main#?"),
            &[(3, "old", "fork/r", "o/r"), mine],
        );
        assert_eq!(
            found,
            Ok(Verified {
                number: 4,
                head: "abc".to_owned()
            })
        );
        assert_eq!(
            asked,
            "https://x.example/repos/o/r/pulls?state=open&head=fork%3Aa%26head%3Do%3Amain%23%3F&per_page=100&page=1"
        );
        for others in [
            vec![],
            vec![(4, "def", "fork/r", "o/r")],
            vec![(4, "abc", "else/r", "o/r")],
            vec![(4, "abc", "fork/r", "o/else")],
        ] {
            let (found, _) = verified(&run("pull_request", "b"), &others);
            assert_eq!(
                found,
                Err(Unverified::Outdated("abc".to_owned())),
                "{others:?}"
            );
        }
        let (found, _) = verified(
            &run("pull_request", "b"),
            &[mine, (5, "abc", "fork/r", "o/r")],
        );
        assert_eq!(found, Err(Unverified::Several));
        let (found, asked) = verified(&run("push", "b"), &[mine]);
        assert_eq!(
            (found, asked.as_str()),
            (Err(Unverified::NotOfAPull("push".to_owned())), "")
        );
    }

    #[test]
    fn an_event_is_read_for_what_is_needed() {
        let pull = br#"{"action":"opened","number":9,"pull_request":{"number":9}}"#;
        assert_eq!(Event::read(pull).unwrap(), Event::PullRequest(9));
        assert_eq!(
            Event::read(br#"{"ref":"refs/heads/main"}"#).unwrap(),
            Event::Other
        );
        for text in ["", "[", "7", r#"{"pull_request":{"number":-1}}"#] {
            assert!(Event::read(text.as_bytes()).is_err(), "{text}");
        }
    }
}

//! The part of GitHub's interface that is needed, and no more.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::courier::Courier;
use super::wire::{Answer, Method, Request};
use super::{Address, PublishError, Slug};
use crate::secret::Secret;

/// Entries of a page, which is the most there is.
const PAGE: usize = 100;

/// Pages that are looked through.
const PAGES: usize = 50;

/// A repository at GitHub, and somebody who may speak there.
pub struct GitHub<'a> {
    /// Carries the requests.
    pub courier: Courier<'a>,
    /// Where the interface is.
    pub api: Address,
    /// The repository.
    pub repository: Slug,
    /// Who speaks.
    pub token: Secret,
}

/// Somebody.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct User {
    pub(super) login: String,
}

/// A comment, or an issue.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Entry {
    /// Of a comment.
    pub(super) id: u64,
    /// Of an issue.
    pub(super) number: Option<u64>,
    pub(super) body: Option<String>,
    /// Nobody, where the account is gone.
    pub(super) user: Option<User>,
    pub(super) html_url: Option<String>,
    /// There where what is listed as an issue is a pull request.
    pub(super) pull_request: Option<Value>,
}

/// A pull request.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Pull {
    pub(super) number: u64,
    pub(super) head: Side,
    pub(super) base: Side,
}

/// One of its sides.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Side {
    pub(super) sha: String,
    /// None, where the repository is gone.
    pub(super) repo: Option<Repo>,
}

/// A repository.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Repo {
    pub(super) full_name: String,
}

/// What goes wrong is told so.
#[derive(Deserialize)]
struct Complaint {
    message: String,
}

/// Who `GITHUB_TOKEN` of GitHub Actions is. No person can have a name with brackets.
const ACTIONS: &str = "github-actions[bot]";

impl GitHub<'_> {
    /// Who speaks: the name that stands above what is written with this token.
    ///
    /// # Errors
    /// When nobody answers, or the token is not accepted.
    pub(super) fn whoami(&self) -> Result<String, PublishError> {
        let answer = self.ask(Method::Get, "user", None)?;
        // The token of a job is of an app, and apps are not told who they are.
        if answer.status == 403 {
            return Ok(ACTIONS.to_owned());
        }
        let user: User = self.read(&answer, "who am I")?;
        Ok(user.login)
    }

    /// All entries of a list.
    ///
    /// # Errors
    /// When it cannot be had, or there are too many.
    pub(super) fn all<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>, PublishError> {
        let joint = if path.contains('?') { '&' } else { '?' };
        let mut all = Vec::new();
        for page in 1..=PAGES {
            let path = format!("{path}{joint}per_page={PAGE}&page={page}");
            let answer = self.ask(Method::Get, &self.here(&path), None)?;
            let found: Vec<T> = self.read(&answer, "the list")?;
            let is_last = found.len() < PAGE;
            all.extend(found);
            if is_last {
                return Ok(all);
            }
        }
        Err(PublishError::TooMany(PAGE * PAGES))
    }

    /// Makes or changes something.
    ///
    /// # Errors
    /// When that is refused.
    pub(super) fn write(
        &self,
        method: Method,
        path: &str,
        content: &Value,
    ) -> Result<Entry, PublishError> {
        let answer = self.ask(method, &self.here(path), Some(content))?;
        self.read(&answer, "what was written")
    }

    /// The open pull requests from a branch of some repository to this one.
    ///
    /// # Errors
    /// When they cannot be had.
    pub(super) fn pulls_from(&self, owner: &str, branch: &str) -> Result<Vec<Pull>, PublishError> {
        // Both are names that a stranger chose.
        let head = format!("{owner}:{branch}");
        let head = utf8_percent_encode(&head, NON_ALPHANUMERIC);
        self.all(&format!("pulls?state=open&head={head}"))
    }

    fn here(&self, path: &str) -> String {
        format!("repos/{}/{path}", self.repository)
    }

    fn ask(
        &self,
        method: Method,
        path: &str,
        content: Option<&Value>,
    ) -> Result<Answer, PublishError> {
        let request = Request {
            method,
            address: format!("{}/{path}", self.api.as_str()),
            headers: vec![
                ("Authorization", format!("Bearer {}", self.token.reveal())),
                ("Accept", "application/vnd.github+json".to_owned()),
                ("Content-Type", "application/json".to_owned()),
                ("X-GitHub-Api-Version", "2022-11-28".to_owned()),
            ],
            body: content.map_or_else(Vec::new, |content| content.to_string().into_bytes()),
        };
        self.courier.send(&self.api.host(), &request)
    }

    fn read<T: DeserializeOwned>(&self, answer: &Answer, what: &str) -> Result<T, PublishError> {
        if !(200..300).contains(&answer.status) {
            let complaint: Option<Complaint> = serde_json::from_slice(&answer.body).ok();
            return Err(PublishError::Refused {
                host: self.api.host(),
                what: what.to_owned(),
                status: answer.status,
                message: complaint.map(|complaint| complaint.message),
            });
        }
        serde_json::from_slice(&answer.body).map_err(|error| self.strange(what, &error.to_string()))
    }

    /// That an answer is something else than what the interface promises.
    pub(super) fn strange(&self, what: &str, why: &str) -> PublishError {
        PublishError::Strange {
            host: self.api.host(),
            what: what.to_owned(),
            why: why.to_owned(),
        }
    }
}

/// The text of a comment or an issue, as it is sent.
pub(super) fn body(text: &str) -> Value {
    json!({ "body": text })
}

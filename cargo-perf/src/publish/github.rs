//! The part of GitHub's interface that is needed, and no more.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::courier::Courier;
use super::rest::Rest;
use super::sticky::{Entry, Forge, Place};
use super::wire::Method;
use super::{Address, PublishError, Slug};
use crate::secret::Secret;

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
#[derive(Deserialize)]
struct User {
    login: String,
}

/// A comment, or an issue.
#[derive(Deserialize)]
struct Found {
    /// Of a comment.
    id: u64,
    /// Of an issue.
    number: Option<u64>,
    body: Option<String>,
    /// Nobody, where the account is gone.
    user: Option<User>,
    html_url: Option<String>,
    /// There where what is listed as an issue is a pull request.
    pull_request: Option<Value>,
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

/// Who `GITHUB_TOKEN` of GitHub Actions is. No person can have a name with brackets.
const ACTIONS: &str = "github-actions[bot]";

impl GitHub<'_> {
    /// The open pull requests from a branch of some repository to this one.
    ///
    /// # Errors
    /// When they cannot be had.
    pub(super) fn pulls_from(&self, owner: &str, branch: &str) -> Result<Vec<Pull>, PublishError> {
        // Both are names that a stranger chose.
        let head = format!("{owner}:{branch}");
        let head = utf8_percent_encode(&head, NON_ALPHANUMERIC);
        let path = format!("pulls?state=open&head={head}");
        self.rest().all(&self.here(&path))
    }

    fn here(&self, path: &str) -> String {
        format!("repos/{}/{path}", self.repository)
    }

    fn rest(&self) -> Rest<'_> {
        Rest {
            courier: self.courier,
            api: &self.api,
            headers: vec![
                ("Authorization", format!("Bearer {}", self.token.reveal())),
                ("Accept", "application/vnd.github+json".to_owned()),
                ("X-GitHub-Api-Version", "2022-11-28".to_owned()),
            ],
        }
    }
}

impl Forge for GitHub<'_> {
    fn whoami(&self) -> Result<String, PublishError> {
        let rest = self.rest();
        let answer = rest.ask(Method::Get, "user", None)?;
        // The token of a job is of an app, and apps are not told who they are.
        if answer.status == 403 {
            return Ok(ACTIONS.to_owned());
        }
        let user: User = rest.read(&answer, "who am I")?;
        Ok(user.login)
    }

    fn texts(&self, place: &Place) -> Result<Vec<Entry>, PublishError> {
        let rest = self.rest();
        let list = match place {
            Place::Change(number) => format!("issues/{number}/comments"),
            Place::Issue(_) => "issues?state=open".to_owned(),
        };
        let found: Vec<Found> = rest.all(&self.here(&list))?;
        let is_text = |found: &Found| found.pull_request.is_none();
        let entry = |found: Found| {
            let id = match place {
                Place::Change(_) => Some(found.id),
                Place::Issue(_) => found.number,
            };
            Ok(Entry {
                id: id.ok_or_else(|| rest.strange("GET issues", "an issue without a number"))?,
                author: found.user.map(|user| user.login),
                text: found.body.unwrap_or_default(),
                address: found.html_url,
            })
        };
        found.into_iter().filter(is_text).map(entry).collect()
    }

    fn make(&self, place: &Place, text: &str) -> Result<Option<String>, PublishError> {
        let (path, content) = match place {
            Place::Change(number) => (format!("issues/{number}/comments"), json!({ "body": text })),
            Place::Issue(title) => ("issues".to_owned(), json!({ "title": title, "body": text })),
        };
        let made: Found = self
            .rest()
            .write(Method::Post, &self.here(&path), &content)?;
        Ok(made.html_url)
    }

    fn change(&self, place: &Place, id: u64, text: &str) -> Result<Option<String>, PublishError> {
        let path = match place {
            Place::Change(_) => format!("issues/comments/{id}"),
            Place::Issue(_) => format!("issues/{id}"),
        };
        let content = json!({ "body": text });
        let changed: Found = self
            .rest()
            .write(Method::Patch, &self.here(&path), &content)?;
        Ok(changed.html_url)
    }
}

//! What the interfaces of forges have in common: JSON over HTTP, lists in pages, and complaints.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::courier::Courier;
use super::wire::{Answer, Method, Request};
use super::{Address, PublishError};

/// Entries of a page, which is the most there is.
const PAGE: usize = 100;

/// Pages that are looked through.
const PAGES: usize = 50;

/// An interface, and what is told it of whoever speaks. It holds a token, so it has no form for people.
pub(super) struct Rest<'a> {
    pub(super) courier: Courier<'a>,
    pub(super) api: &'a Address,
    /// What every request carries.
    pub(super) headers: Vec<(&'static str, String)>,
}

/// What goes wrong is told so: in words, or by what each member lacks.
#[derive(Deserialize)]
struct Complaint {
    #[serde(alias = "error")]
    message: Value,
}

impl Rest<'_> {
    /// What an interface answers, whatever its status.
    ///
    /// # Errors
    /// When nobody answers.
    pub(super) fn ask(
        &self,
        method: Method,
        path: &str,
        content: Option<&Value>,
    ) -> Result<Answer, PublishError> {
        let mut headers = self.headers.clone();
        headers.push(("Content-Type", "application/json".to_owned()));
        let request = Request {
            method,
            address: format!("{}/{path}", self.api.as_str()),
            headers,
            body: content.map_or_else(Vec::new, |content| content.to_string().into_bytes()),
        };
        self.courier.send(&self.api.host(), &request)
    }

    /// What an answer says, where it is not no.
    ///
    /// # Errors
    /// When it is no, or something else than what was asked for.
    pub(super) fn read<T: DeserializeOwned>(
        &self,
        answer: &Answer,
        what: &str,
    ) -> Result<T, PublishError> {
        if !(200..300).contains(&answer.status) {
            let complaint: Option<Complaint> = serde_json::from_slice(&answer.body).ok();
            return Err(PublishError::Refused {
                host: self.api.host(),
                what: what.to_owned(),
                status: answer.status,
                message: complaint.map(|complaint| match complaint.message {
                    Value::String(text) => text,
                    other => other.to_string(),
                }),
            });
        }
        serde_json::from_slice(&answer.body).map_err(|error| self.strange(what, &error.to_string()))
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
            let answer = self.ask(Method::Get, &path, None)?;
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
    pub(super) fn write<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        content: &Value,
    ) -> Result<T, PublishError> {
        let answer = self.ask(method, path, Some(content))?;
        self.read(&answer, "what was written")
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

//! The part of GitLab's interface that is needed, and no more.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::json;

use super::courier::Courier;
use super::rest::Rest;
use super::sticky::{Entry, Forge, Place};
use super::wire::Method;
use super::{Address, PublishError};
use crate::secret::Secret;

/// A project at GitLab, and somebody who may speak there.
pub struct GitLab<'a> {
    /// Carries the requests.
    pub courier: Courier<'a>,
    /// Where the interface is.
    pub api: Address,
    /// The project.
    pub project: Project,
    /// Who speaks: a token with the scope `api`. That of a job may not write comments.
    pub token: Secret,
}

/// A project, by its number or its path with all groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project(String);

impl fmt::Display for Project {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A path is one part of an address: nothing in it leads elsewhere.
        write!(f, "{}", utf8_percent_encode(&self.0, NON_ALPHANUMERIC))
    }
}

impl FromStr for Project {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_number = text.bytes().all(|digit| digit.is_ascii_digit());
        let is_path = text.contains('/') && !text.split('/').any(str::is_empty);
        let fits = (1..=500).contains(&text.len()) && !text.contains(char::is_control);
        (fits && (is_number || is_path))
            .then(|| Self(text.to_owned()))
            .ok_or_else(|| "a project is written as its number, or GROUP/NAME".to_owned())
    }
}

/// Somebody.
#[derive(Deserialize)]
struct User {
    username: String,
}

/// A note of a merge request.
#[derive(Deserialize)]
struct Note {
    id: u64,
    body: Option<String>,
    author: Option<User>,
}

/// An issue.
#[derive(Deserialize)]
struct Issue {
    iid: u64,
    description: Option<String>,
    author: Option<User>,
    web_url: Option<String>,
}

impl GitLab<'_> {
    fn here(&self, path: &str) -> String {
        format!("projects/{}/{path}", self.project)
    }

    fn rest(&self) -> Rest<'_> {
        Rest {
            courier: self.courier,
            api: &self.api,
            headers: vec![("PRIVATE-TOKEN", self.token.reveal().to_owned())],
        }
    }
}

impl Forge for GitLab<'_> {
    fn whoami(&self) -> Result<String, PublishError> {
        let rest = self.rest();
        let answer = rest.ask(Method::Get, "user", None)?;
        let user: User = rest.read(&answer, "who am I")?;
        Ok(user.username)
    }

    fn texts(&self, place: &Place) -> Result<Vec<Entry>, PublishError> {
        let rest = self.rest();
        match place {
            Place::Change(number) => {
                let path = format!("merge_requests/{number}/notes?sort=asc");
                let notes: Vec<Note> = rest.all(&self.here(&path))?;
                let entry = |note: Note| Entry {
                    id: note.id,
                    author: note.author.map(|user| user.username),
                    text: note.body.unwrap_or_default(),
                    address: None,
                };
                Ok(notes.into_iter().map(entry).collect())
            }
            Place::Issue(_) => {
                let issues: Vec<Issue> = rest.all(&self.here("issues?state=opened"))?;
                let entry = |issue: Issue| Entry {
                    id: issue.iid,
                    author: issue.author.map(|user| user.username),
                    text: issue.description.unwrap_or_default(),
                    address: issue.web_url,
                };
                Ok(issues.into_iter().map(entry).collect())
            }
        }
    }

    fn make(&self, place: &Place, text: &str) -> Result<Option<String>, PublishError> {
        let rest = self.rest();
        match place {
            Place::Change(number) => {
                let path = self.here(&format!("merge_requests/{number}/notes"));
                rest.write::<Note>(Method::Post, &path, &json!({ "body": text }))?;
                Ok(None)
            }
            Place::Issue(title) => {
                let content = json!({ "title": title, "description": text });
                let made: Issue = rest.write(Method::Post, &self.here("issues"), &content)?;
                Ok(made.web_url)
            }
        }
    }

    fn change(&self, place: &Place, id: u64, text: &str) -> Result<Option<String>, PublishError> {
        let rest = self.rest();
        match place {
            Place::Change(number) => {
                let path = self.here(&format!("merge_requests/{number}/notes/{id}"));
                rest.write::<Note>(Method::Put, &path, &json!({ "body": text }))?;
                Ok(None)
            }
            Place::Issue(_) => {
                let path = self.here(&format!("issues/{id}"));
                let content = json!({ "description": text });
                let changed: Issue = rest.write(Method::Put, &path, &content)?;
                Ok(changed.web_url)
            }
        }
    }

    /// A line that begins with a slash is an order to GitLab, which it obeys in the name of whoever writes: to merge, to close.
    fn harmless<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let is_order = |line: &str| line.trim_start().starts_with('/');
        if !text.lines().any(is_order) {
            return Cow::Borrowed(text);
        }
        let line = |line: &str| match is_order(line) {
            true => line.replacen('/', "\\/", 1),
            false => line.to_owned(),
        };
        let lines: Vec<String> = text.split('\n').map(line).collect();
        Cow::Owned(lines.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::script::{Script, answer};
    use super::super::sticky::{Done, Kept, keep};
    use super::super::wire::{Answer, Request};
    use super::*;

    const ME: &str = r#"{"id":1,"username":"project_7_bot"}"#;

    fn kept(
        place: &Place,
        text: &str,
        answers: Vec<Answer>,
    ) -> (Result<Kept, PublishError>, Vec<Request>) {
        let script = Script::new(answers.into_iter().map(Ok));
        let gitlab = GitLab {
            courier: Courier::new(&script, &|_| (), 0),
            api: "https://x.example/api/v4".parse().unwrap(),
            project: "group/sub/name".parse().unwrap(),
            token: Secret::of(Some("t0ken".to_owned())).unwrap(),
        };
        let result = keep(&gitlab, place, &"main".parse().unwrap(), text);
        (result, script.requests())
    }

    #[test]
    fn a_note_is_made_once_and_changed_after_that() {
        let made = answer(201, r#"{"id":5,"body":"x"}"#);
        let (result, requests) = kept(
            &Place::Change(3),
            "new",
            vec![answer(200, ME), answer(200, "[]"), made],
        );
        assert_eq!(result.unwrap().0, Done::Made);
        let notes = "https://x.example/api/v4/projects/group%2Fsub%2Fname/merge_requests/3/notes";
        assert_eq!(
            requests[1].address,
            format!("{notes}?sort=asc&per_page=100&page=1")
        );
        assert_eq!(
            (&requests[2].method, requests[2].address.as_str()),
            (&Method::Post, notes)
        );
        assert_eq!(
            requests[2].body,
            br#"{"body":"<!-- cargo-perf: main -->\nnew"}"#
        );
        let token = ("PRIVATE-TOKEN", "t0ken".to_owned());
        assert!(
            requests
                .iter()
                .all(|request| request.headers.contains(&token))
        );

        let mark = "<!-- cargo-perf: main -->\\nold";
        let list = format!(
            r#"[{{"id":4,"body":"{mark}","author":{{"username":"mallory"}}}},{{"id":5,"body":"{mark}","author":{{"username":"project_7_bot"}}}}]"#
        );
        let changed = answer(200, r#"{"id":5,"body":"x"}"#);
        let (result, requests) = kept(
            &Place::Change(3),
            "new",
            vec![answer(200, ME), answer(200, &list), changed],
        );
        assert_eq!(result.unwrap().0, Done::Changed);
        assert_eq!(
            (&requests[2].method, requests[2].address.clone()),
            (&Method::Put, format!("{notes}/5"))
        );
    }

    #[test]
    fn an_issue_is_one_too() {
        let made = answer(
            201,
            r#"{"iid":9,"description":"x","web_url":"https://x.example/9"}"#,
        );
        let (result, requests) = kept(
            &Place::Issue("slower".to_owned()),
            "x",
            vec![answer(200, ME), answer(200, "[]"), made],
        );
        assert_eq!(
            result.unwrap(),
            (Done::Made, Some("https://x.example/9".to_owned()))
        );
        assert_eq!(
            requests[2].body,
            br#"{"description":"<!-- cargo-perf: main -->\nx","title":"slower"}"#
        );
    }

    #[test]
    fn no_line_of_a_text_is_an_order() {
        let made = answer(201, r#"{"id":5,"body":"x"}"#);
        let text = "/merge\nfine\n  /close\n| /a |\n";
        let (result, requests) = kept(
            &Place::Change(3),
            text,
            vec![answer(200, ME), answer(200, "[]"), made],
        );
        assert_eq!(result.unwrap().0, Done::Made);
        let sent: serde_json::Value = serde_json::from_slice(&requests[2].body).unwrap();
        assert_eq!(
            sent["body"],
            "<!-- cargo-perf: main -->\n\\/merge\nfine\n  \\/close\n| /a |\n"
        );
    }

    #[test]
    fn what_a_refusal_says_is_told_whatever_its_shape() {
        for (body, told) in [
            (r#"{"message":"401 Unauthorized"}"#, "401 Unauthorized"),
            (
                r#"{"error":"insufficient_scope","scope":"api"}"#,
                "insufficient_scope",
            ),
            (r#"{"message":{"note":["too long"]}}"#, "too long"),
        ] {
            let (result, _) = kept(&Place::Change(3), "x", vec![answer(401, body)]);
            let said = result.unwrap_err().to_string();
            assert!(said.contains(told), "{said}");
        }
        for project in ["", "x", "/a", "a//b", "a/b\n"] {
            assert!(project.parse::<Project>().is_err(), "{project:?}");
        }
        assert_eq!("17".parse::<Project>().unwrap().to_string(), "17");
    }
}

//! One comment, or one issue, that is kept up to date: it is found again by a mark that nobody sees, and by its author.

use std::borrow::Cow;

use super::PublishError;

/// Characters that every forge takes.
const MOST: usize = 65_536;

/// Where texts are kept, and somebody who may write there.
pub trait Forge {
    /// Who speaks: the name that stands above what is written.
    ///
    /// # Errors
    /// When nobody answers, or the token is not accepted.
    fn whoami(&self) -> Result<String, PublishError>;

    /// Every text in a place.
    ///
    /// # Errors
    /// When they cannot be had, or there are too many.
    fn texts(&self, place: &Place) -> Result<Vec<Entry>, PublishError>;

    /// Writes a new text; its address, if the forge says it.
    ///
    /// # Errors
    /// When that is refused.
    fn make(&self, place: &Place, text: &str) -> Result<Option<String>, PublishError>;

    /// Gives a text that is there other words.
    ///
    /// # Errors
    /// When that is refused.
    fn change(&self, place: &Place, id: u64, text: &str) -> Result<Option<String>, PublishError>;

    /// The text without what this forge would obey.
    fn harmless<'t>(&self, text: &'t str) -> Cow<'t, str> {
        Cow::Borrowed(text)
    }
}

/// A text that is there.
#[derive(Clone, Debug)]
pub struct Entry {
    /// By which it is changed.
    pub id: u64,
    /// Who wrote it; nobody, where the account is gone.
    pub author: Option<String>,
    /// What it says.
    pub text: String,
    /// Where it is read, if that is known.
    pub address: Option<String>,
}

/// Where a text is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A comment of this pull request, or merge request.
    Change(u64),
    /// An issue with this title.
    Issue(String),
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// There was none.
    Made,
    /// There was one, which says something else now.
    Changed,
    /// There was one, which said so already.
    Kept,
}

/// The text with its mark. `name` tells apart what several jobs say in one place.
///
/// # Errors
/// When it is longer than forges take.
pub fn marked(name: &Name, text: &str) -> Result<String, PublishError> {
    let text = format!("{}\n{text}", name.mark());
    match text.chars().count() {
        count if count > MOST => Err(PublishError::TooLong(count)),
        _ => Ok(text),
    }
}

/// A name of a text: letters, digits and hyphens, since it stands in a comment of HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(String);

impl std::str::FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let letters = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let fits = (1..=60).contains(&text.len()) && text.chars().all(letters);
        // Two hyphens end a comment of HTML.
        (fits && !text.contains("--"))
            .then(|| Self(text.to_owned()))
            .ok_or_else(|| "a name is of letters, digits and single hyphens".to_owned())
    }
}

impl Name {
    fn mark(&self) -> String {
        format!("<!-- cargo-perf: {} -->", self.0)
    }
}

/// What became of a text, and its address, if the forge says it.
pub type Kept = (Done, Option<String>);

/// Writes the text, in the place of what was written under that name before.
///
/// # Errors
/// When the forge cannot be reached or refuses.
pub fn keep(
    forge: &dyn Forge,
    place: &Place,
    name: &Name,
    text: &str,
) -> Result<Kept, PublishError> {
    let text = marked(name, &forge.harmless(text))?;
    let author = forge.whoami()?;
    if let Some(found) = find(forge, place, name, &author)? {
        // Line ends come back as browsers send them.
        if found.text.replace("\r\n", "\n").trim_end() == text.trim_end() {
            return Ok((Done::Kept, found.address));
        }
        let address = forge.change(place, found.id, &text)?;
        return Ok((Done::Changed, address));
    }
    match forge.make(place, &text) {
        Ok(address) => Ok((Done::Made, address)),
        // Whether it was made, only a look can tell. It is not tried again: the next run will.
        Err(
            error
            @ (PublishError::Unreachable { .. } | PublishError::Refused { status: 500.., .. }),
        ) => match find(forge, place, name, &author)? {
            Some(entry) => Ok((Done::Made, entry.address)),
            None => Err(error),
        },
        Err(error) => Err(error),
    }
}

fn find(
    forge: &dyn Forge,
    place: &Place,
    name: &Name,
    author: &str,
) -> Result<Option<Entry>, PublishError> {
    let mark = name.mark();
    // Anybody can write the mark, and a comment of somebody else cannot be changed.
    let ours =
        |entry: &Entry| entry.author.as_deref() == Some(author) && entry.text.starts_with(&mark);
    Ok(forge.texts(place)?.into_iter().find(ours))
}

#[cfg(test)]
mod tests {
    use super::super::courier::Courier;
    use super::super::github::GitHub;
    use super::super::script::{Script, answer};
    use super::super::wire::{Answer, Method, Request};
    use super::*;
    use crate::secret::Secret;

    const ME: &str = r#"{"login":"ci[bot]"}"#;
    const MADE: &str = r#"{"id":7,"html_url":"https://x.example/7"}"#;

    fn kept(
        place: &Place,
        text: &str,
        answers: Vec<Result<Answer, String>>,
    ) -> (Result<Kept, PublishError>, Vec<Request>) {
        let script = Script::new(answers);
        let github = GitHub {
            courier: Courier::new(&script, &|_| (), 0),
            api: "https://x.example".parse().unwrap(),
            repository: "o/r".parse().unwrap(),
            token: Secret::of(Some("t0ken".to_owned())).unwrap(),
        };
        let name = "main".parse().unwrap();
        let result = keep(&github, place, &name, text);
        (result, script.requests())
    }

    fn ok(body: &str) -> Result<Answer, String> {
        Ok(answer(200, body))
    }

    fn comment(id: u64, login: &str, body: &str) -> String {
        serde_json::json!({ "id": id, "user": { "login": login }, "body": body }).to_string()
    }

    #[test]
    fn of_many_comments_the_one_with_the_mark_of_the_same_author_is_changed() {
        let mark = "<!-- cargo-perf: main -->\n";
        let mut page = vec![comment(1, "mallory", &format!("{mark}old"))];
        page.push(comment(2, "ci[bot]", &format!("see {mark}")));
        page.push(r#"{"id":3,"user":null,"body":null}"#.to_owned());
        page.extend((10..107).map(|id| comment(id, "ci[bot]", "hello")));
        let first = format!("[{}]", page.join(","));
        let second = format!("[{}]", comment(200, "ci[bot]", &format!("{mark}old")));
        let answers = vec![ok(ME), ok(&first), ok(&second), ok(MADE)];
        let (result, requests) = kept(&Place::Change(5), "new", answers);
        assert_eq!(result.unwrap().0, Done::Changed);
        let last = requests.last().unwrap();
        assert_eq!(last.method, Method::Patch);
        assert_eq!(
            last.address,
            "https://x.example/repos/o/r/issues/comments/200"
        );
        assert_eq!(last.body, br#"{"body":"<!-- cargo-perf: main -->\nnew"}"#);
        assert!(requests.iter().all(|request| {
            request
                .headers
                .contains(&("Authorization", "Bearer t0ken".to_owned()))
        }));
    }

    #[test]
    fn what_stands_there_already_is_left_alone_and_what_is_not_there_is_made() {
        let old = format!(
            "[{}]",
            comment(
                4,
                "github-actions[bot]",
                "<!-- cargo-perf: main -->\r\nsame\r\nthing"
            )
        );
        // Who is forbidden to ask who it is, is an app.
        let forbidden = || {
            Ok(answer(
                403,
                r#"{"message":"Resource not accessible by integration"}"#,
            ))
        };
        let (result, requests) = kept(
            &Place::Change(5),
            "same\nthing\n",
            vec![forbidden(), ok(&old)],
        );
        assert_eq!((result.unwrap().0, requests.len()), (Done::Kept, 2));
        let (result, requests) = kept(
            &Place::Change(5),
            "x",
            vec![forbidden(), ok("[]"), Ok(answer(201, MADE))],
        );
        assert_eq!(
            result.unwrap(),
            (Done::Made, Some("https://x.example/7".to_owned()))
        );
        assert_eq!(
            requests[2].address,
            "https://x.example/repos/o/r/issues/5/comments"
        );
    }

    #[test]
    fn an_issue_is_opened_once() {
        let place = Place::Issue("slower".to_owned());
        let (result, requests) = kept(&place, "x", vec![ok(ME), ok("[]"), Ok(answer(201, MADE))]);
        assert_eq!(result.unwrap().0, Done::Made);
        assert_eq!(
            requests[2].body,
            br#"{"body":"<!-- cargo-perf: main -->\nx","title":"slower"}"#
        );
        let marked = r#""user":{"login":"ci[bot]"},"body":"<!-- cargo-perf: main -->\nold""#;
        let open = format!(
            "[{{\"id\":1,\"number\":8,\"pull_request\":{{}},{marked}}},{{\"id\":2,\"number\":9,{marked}}}]"
        );
        let (result, requests) = kept(&place, "x", vec![ok(ME), ok(&open), ok(MADE)]);
        assert_eq!(result.unwrap().0, Done::Changed);
        assert_eq!(requests[2].address, "https://x.example/repos/o/r/issues/9");
        let nameless = format!("[{{\"id\":2,{marked}}}]");
        let (result, requests) = kept(&place, "x", vec![ok(ME), ok(&nameless)]);
        let said = result.unwrap_err().to_string();
        assert!(said.contains("an issue without a number"), "{said}");
        assert_eq!(requests.len(), 2);
    }

    #[test]
    fn an_answer_that_was_lost_makes_no_second_comment() {
        let there = format!(
            "[{}]",
            comment(7, "ci[bot]", "<!-- cargo-perf: main -->\nx")
        );
        let lost = vec![ok(ME), ok("[]"), Err("reset".to_owned()), ok(&there)];
        let (result, requests) = kept(&Place::Change(5), "x", lost);
        assert_eq!((result.unwrap().0, requests.len()), (Done::Made, 4));
        let failed = vec![ok(ME), ok("[]"), Ok(answer(500, "")), ok("[]")];
        let (result, _) = kept(&Place::Change(5), "x", failed);
        assert!(result.unwrap_err().to_string().contains("500"));
    }

    #[test]
    fn a_refusal_says_what_github_says_and_never_the_token() {
        let (result, _) = kept(
            &Place::Change(5),
            "x",
            vec![Ok(answer(401, r#"{"message":"Bad credentials"}"#))],
        );
        let said = result.unwrap_err();
        assert_eq!(
            said.to_string(),
            "x.example answered 401 to who am I: Bad credentials"
        );
        assert!(!format!("{said:?}").contains("t0ken"));
        let (result, _) = kept(&Place::Change(5), &"x".repeat(MOST), vec![]);
        assert!(matches!(result, Err(PublishError::TooLong(_))));
        for name in ["", "a b", "a--b", "-->", "é"] {
            assert!(name.parse::<Name>().is_err(), "{name}");
        }
    }
}

//! As much of GitHub as is asked of it, on a port of this machine.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};

/// The token that may write, and who writes with it.
pub const TOKEN: &str = "t0ken-of-the-job";
const AUTHOR: &str = "github-actions[bot]";

/// A request that came in.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Method and path.
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Asked {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let (_, value) = headers.find(|(found, _)| found.eq_ignore_ascii_case(name))?;
        Some(value)
    }
}

#[derive(Default)]
struct State {
    asked: Vec<Asked>,
    comments: Vec<Value>,
    issues: Vec<Value>,
    pulls: Vec<Value>,
    notes: Vec<Value>,
}

/// A server with one repository, `o/r`. It also takes notices, at `/hook`, and refuses them at `/gone`.
pub struct GitHub {
    /// Where it is.
    pub address: String,
    state: Arc<Mutex<State>>,
}

impl GitHub {
    /// One with nothing in it. It ends with the test's process.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it has an address");
        let state = Arc::new(Mutex::new(State::default()));
        let served = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(stream, &served);
            }
        });
        Self {
            address: format!("http://{address}"),
            state,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread panicked")
    }

    /// What was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.state().asked.clone()
    }

    /// The texts of the comments of pull request 5.
    pub fn comments(&self) -> Vec<String> {
        texts(&self.state().comments)
    }

    /// The texts of the notes of merge request 5 of project 7, as GitLab would have them.
    pub fn notes(&self) -> Vec<String> {
        texts(&self.state().notes)
    }

    /// Somebody else writes a note.
    pub fn add_note(&self, username: &str, body: &str) {
        let note = json!({ "id": 1, "author": { "username": username }, "body": body });
        self.state().notes.push(note);
    }

    /// The texts of the issues.
    pub fn issues(&self) -> Vec<String> {
        texts(&self.state().issues)
    }

    /// Somebody else writes a comment.
    pub fn add_comment(&self, login: &str, body: &str) {
        let comment = json!({ "id": 1, "user": { "login": login }, "body": body });
        self.state().comments.push(comment);
    }

    /// There is an open pull request from `fork/r`, with this newest commit.
    pub fn open_pull(&self, number: u64, head: &str) {
        let pull = json!({
            "number": number,
            "head": { "sha": head, "repo": { "full_name": "fork/r" } },
            "base": { "sha": "0", "repo": { "full_name": "o/r" } },
        });
        self.state().pulls = vec![pull];
    }
}

fn texts(entries: &[Value]) -> Vec<String> {
    let text = |entry: &Value| entry["body"].as_str().expect("it has a text").to_owned();
    entries.iter().map(text).collect()
}

fn serve(mut stream: TcpStream, state: &Mutex<State>) {
    // A client that hangs up in the middle has its own test to fail.
    let Some(asked) = read(&stream) else { return };
    let (status, body) = answer(&asked, &mut state.lock().expect("no thread panicked"));
    let body = body.to_string();
    let _hung_up = write!(
        stream,
        "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else {
            break;
        };
        headers.push((name.to_owned(), value.to_owned()));
    }
    let mut asked = Asked {
        line: line.trim_end().trim_end_matches(" HTTP/1.1").to_owned(),
        headers,
        body: String::new(),
    };
    let length = asked.header("content-length").unwrap_or("0").parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    asked.body = String::from_utf8(body).ok()?;
    Some(asked)
}

/// The same as much of GitLab.
fn as_gitlab(method: &str, path: &str, asked: &Asked, state: &mut State) -> (u16, Value) {
    const NOTES: &str = "projects/7/merge_requests/5/notes";
    if asked.header("private-token") != Some(TOKEN) {
        return (401, json!({ "message": "401 Unauthorized" }));
    }
    let text = || -> Value { serde_json::from_str(&asked.body).expect("what is sent is JSON") };
    match (method, path) {
        ("GET", "user") => (200, json!({ "id": 3, "username": "project_7_bot" })),
        ("GET", NOTES) => (200, json!(state.notes)),
        ("POST", NOTES) => {
            let author = json!({ "username": "project_7_bot" });
            let note = json!({ "id": 100, "author": author, "body": text()["body"] });
            state.notes.push(note.clone());
            (201, note)
        }
        ("PUT", path) if path.strip_prefix(NOTES) == Some("/100") => {
            let mut notes = state.notes.iter_mut();
            let note = notes.find(|note| note["id"] == 100).expect("it was made");
            note["body"] = text()["body"].clone();
            (200, note.clone())
        }
        _ => (404, json!({ "message": "404 Not Found" })),
    }
}

fn answer(asked: &Asked, state: &mut State) -> (u16, Value) {
    state.asked.push(asked.clone());
    let (method, path) = asked.line.split_once(' ').expect("a method and a path");
    let route = path.split('?').next().unwrap_or_default();
    match (method, route) {
        ("POST", "/hook") => return (204, Value::Null),
        ("POST", "/gone") => return (410, Value::Null),
        _ => {}
    }
    if let Some(path) = route.strip_prefix("/api/v4/") {
        return as_gitlab(method, path, asked, state);
    }
    if asked.header("authorization") != Some(&format!("Bearer {TOKEN}")) {
        return (401, json!({ "message": "Bad credentials" }));
    }
    let text = || -> Value { serde_json::from_str(&asked.body).expect("what is sent is JSON") };
    let mut made = |list: fn(&mut State) -> &mut Vec<Value>| {
        let number = 100 + list(state).len();
        let mut entry = text();
        entry["id"] = json!(number);
        entry["number"] = json!(number);
        entry["user"] = json!({ "login": AUTHOR });
        entry["html_url"] = json!(format!("https://github.example/{number}"));
        list(state).push(entry.clone());
        (201, entry)
    };
    match (method, route) {
        ("GET", "/user") => (
            403,
            json!({ "message": "Resource not accessible by integration" }),
        ),
        ("GET", "/repos/o/r/issues/5/comments") => (200, json!(state.comments)),
        ("POST", "/repos/o/r/issues/5/comments") => made(|state| &mut state.comments),
        ("GET", "/repos/o/r/issues") => (200, json!(state.issues)),
        ("POST", "/repos/o/r/issues") => made(|state| &mut state.issues),
        ("GET", "/repos/o/r/pulls") => (200, json!(state.pulls)),
        ("PATCH", route) => {
            let (kind, id) = route.rsplit_once('/').expect("a path has an end");
            let list = match kind {
                "/repos/o/r/issues/comments" => &mut state.comments,
                _ => &mut state.issues,
            };
            let entry = list
                .iter_mut()
                .find(|entry| entry["id"].as_u64() == id.parse().ok());
            let Some(entry) = entry else {
                return (404, json!({ "message": "Not Found" }));
            };
            entry["body"] = text()["body"].clone();
            (200, entry.clone())
        }
        _ => (404, json!({ "message": "Not Found" })),
    }
}

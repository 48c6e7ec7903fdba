//! The steps of a workflow and of the action it uses, run one after the other by bash as GitHub's runner would.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::github::TOKEN;
use super::programs::Programs;
use super::{GitHub, Output, Project};

/// What a project has once it is set up for GitHub.
const ACTION: &str = ".github/actions/cargo-perf";

/// A job on a machine of its own.
pub struct Job<'a> {
    project: &'a Project,
    github: &'a GitHub,
    /// Why it runs: the name of the event, and what GitHub tells of it.
    pub event: (&'a str, Value),
    /// What the runner sets besides.
    pub variables: Vec<(&'a str, String)>,
    /// Programs that are found before all others; if there are none, `cargo perf` as if it were installed.
    pub programs: Option<Programs>,
    /// What is kept from run to run: by its key, what was found at its path.
    pub cache: BTreeMap<String, PathBuf>,
    /// Where artifacts are left, and where they are found.
    temp: TempDir,
}

/// How a job ended.
pub struct Ended {
    /// Exit code of the step that failed, or 0.
    pub code: i32,
    /// What all steps printed.
    pub log: String,
    /// Names of the artifacts that were left, in order.
    pub artifacts: Vec<String>,
    /// The page of the job.
    pub summary: String,
    /// The key and the path of what is to be kept for further runs.
    pub kept: Vec<(String, PathBuf)>,
}

/// A workflow, or the action.
pub fn read(project: &Project, file: &str) -> Value {
    serde_norway::from_str(&project.read(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

impl<'a> Job<'a> {
    pub fn new(project: &'a Project, github: &'a GitHub, event: (&'a str, Value)) -> Self {
        Self {
            project,
            github,
            event,
            variables: Vec::new(),
            programs: None,
            cache: BTreeMap::new(),
            temp: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    /// A folder of the runner's.
    pub fn temp(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    /// Runs a job of a workflow, which is steps of actions of GitHub's and one of ours. `arguments` take the place of the
    /// workflow's own, where there are some: tests have less time.
    pub fn run(&self, workflow: &str, job: &str, arguments: &str) -> Ended {
        let workflow = read(self.project, &format!(".github/workflows/{workflow}"));
        let job = &workflow["jobs"][job];
        let steps = job["steps"].as_array().expect("a job has steps");
        assert_eq!(
            steps[0]["with"]["persist-credentials"], false,
            "no token lies about"
        );
        let ours = steps
            .iter()
            .find(|step| step["uses"] == format!("./{ACTION}"))
            .expect("the job uses the action");
        let mut with = ours["with"].clone();
        if with["mode"] != "publish" {
            assert_eq!(steps[0]["with"]["fetch-depth"], 0, "the history is needed");
            with["arguments"] = json!(arguments);
        }
        self.act(&with)
    }

    /// Runs the action.
    pub fn act(&self, with: &Value) -> Ended {
        let action = read(self.project, &format!("{ACTION}/action.yml"));
        let mut contexts = json!({
            "inputs": {},
            "steps": {},
            "github": { "token": TOKEN, "event": self.event.1 },
            "runner": { "temp": self.temp.path() },
        });
        for (name, input) in action["inputs"].as_object().expect("inputs") {
            let given = with.get(name).unwrap_or(&input["default"]);
            contexts["inputs"][name] = json!(filled(text(given), &contexts));
        }
        let mut ended = Ended {
            code: 0,
            log: String::new(),
            artifacts: Vec::new(),
            summary: String::new(),
            kept: Vec::new(),
        };
        for step in action["runs"]["steps"].as_array().expect("steps") {
            if !step["if"]
                .as_str()
                .is_none_or(|wish| holds(wish, &contexts))
            {
                continue;
            }
            if step["uses"] == "actions/cache@v4" {
                ended.kept.push(self.restore(&step["with"], &contexts));
                continue;
            }
            if step["uses"].is_string() {
                let path = filled(text(&step["with"]["path"]), &contexts);
                assert!(Path::new(&path).exists(), "{path} is there to be kept");
                ended
                    .artifacts
                    .push(filled(text(&step["with"]["name"]), &contexts));
                continue;
            }
            let (output, outputs) = self.step(step, &contexts);
            ended.log.push_str(&output.stdout);
            ended.log.push_str(&output.stderr);
            if let Some(id) = step["id"].as_str() {
                contexts["steps"][id] = json!({ "outputs": outputs });
            }
            if output.code != 0 {
                ended.code = output.code;
                break;
            }
        }
        ended.summary = fs::read_to_string(self.temp("summary")).unwrap_or_default();
        assert!(!ended.log.contains(TOKEN), "the token is in the log");
        ended
    }

    /// Brings back what was kept under a key, as the cache of GitHub would: all of it or nothing.
    fn restore(&self, with: &Value, contexts: &Value) -> (String, PathBuf) {
        let path = PathBuf::from(filled(text(&with["path"]), contexts));
        let key = filled(text(&with["key"]), contexts);
        if let Some(kept) = self.cache.get(&key) {
            let copied = Command::new("cp").arg("-r").arg(kept).arg(&path).status();
            assert!(copied.expect("cp starts").success());
        }
        (key, path)
    }

    /// Runs one script; what it answered, and its outputs.
    fn step(&self, step: &Value, contexts: &Value) -> (Output, BTreeMap<String, String>) {
        assert_eq!(step["shell"], "bash");
        let (script, outputs) = (self.temp("script.sh"), self.temp("outputs"));
        fs::write(&script, text(&step["run"])).expect("a script");
        fs::write(&outputs, "").expect("no outputs yet");
        let event = self.temp("event.json");
        fs::write(&event, self.event.1.to_string()).expect("an event");
        let installed = || Programs::with_cargo_perf(self.temp("bin"));
        let programs = self.programs.clone().unwrap_or_else(installed);
        // Each line is a folder that steps before this one put in front of the search path.
        let paths = fs::read_to_string(self.temp("paths")).unwrap_or_default();
        let paths = paths
            .lines()
            .fold(programs.path(), |path, line| format!("{line}:{path}"));
        let folder = filled(step["working-directory"].as_str().unwrap_or("."), contexts);
        let mut command = self.project.command("bash");
        command
            .args(["--noprofile", "--norc", "-eo", "pipefail"])
            .arg(&script)
            .stdin(Stdio::null())
            .current_dir(self.project.path(&folder))
            .env("PATH", paths)
            .env("PERF_HARNESS_CLOCK", "scripted")
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_ACTION_PATH", self.project.path(ACTION))
            .env("GITHUB_ACTOR", "somebody")
            .env("GITHUB_API_URL", &self.github.address)
            .env("GITHUB_EVENT_NAME", self.event.0)
            .env("GITHUB_EVENT_PATH", event)
            .env("GITHUB_OUTPUT", &outputs)
            .env("GITHUB_PATH", self.temp("paths"))
            .env("GITHUB_REPOSITORY", "o/r")
            .env("GITHUB_STEP_SUMMARY", self.temp("summary"))
            .env("RUNNER_ARCH", "X64")
            .env("RUNNER_OS", "Linux")
            .env("RUNNER_TEMP", self.temp.path());
        for (name, value) in &self.variables {
            command.env(name, value);
        }
        if let Some(own) = step["env"].as_object() {
            for (name, value) in own {
                command.env(name, filled(text(value), contexts));
            }
        }
        let output = Output::of(command.output().expect("bash starts"));
        let lines = fs::read_to_string(&outputs).expect("outputs");
        let lines = lines.lines().filter_map(|line| line.split_once('='));
        let outputs = lines.map(|(name, value)| (name.to_owned(), value.to_owned()));
        (output, outputs.collect())
    }
}

fn text(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is a text"))
}

/// The text with its expressions evaluated. They only name something: what is computed is computed by scripts.
fn filled(text: &str, contexts: &Value) -> String {
    let mut parts = text.split("${{");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").expect("an expression ends");
        filled.push_str(&value_of(name.trim(), contexts));
        filled.push_str(rest);
    }
    filled
}

/// What a name stands for; nothing, if there is nothing of that name.
fn value_of(name: &str, contexts: &Value) -> String {
    let found = contexts.pointer(&format!("/{}", name.replace('.', "/")));
    match found {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}

/// Whether a condition holds: comparisons of a name with a text, all of which have to.
fn holds(condition: &str, contexts: &Value) -> bool {
    condition.split("&&").all(|one| {
        let differs = one.contains("!=");
        let (name, literal) = one
            .split_once(if differs { "!=" } else { "==" })
            .expect("a comparison");
        let literal = literal.trim().trim_matches('\'');
        (value_of(name.trim(), contexts) == literal) != differs
    })
}

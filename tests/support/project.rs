//! A cargo package in a git repository of its own, in a temporary folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use tempfile::TempDir;

use super::Output;

/// A name for the package of one test. All projects are built in one folder, where cargo keeps what it builds by name: a
/// name is the test's own, and the same whenever the test is run again, so that the folder does not grow.
fn package_name() -> String {
    static MADE: Mutex<BTreeMap<String, u32>> = Mutex::new(BTreeMap::new());
    let test = std::thread::current()
        .name()
        .expect("a test's thread has its name")
        .to_owned();
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let count = made.entry(test.clone()).or_insert(0);
    *count += 1;
    format!("{}-{count}", test.replace("::", "-"))
}

/// A package with three benchmarks whose time the tests decide: its code lets time pass on the scripted clock.
pub struct Project {
    // Removed when the last project in it is dropped.
    folder: Arc<TempDir>,
    root: PathBuf,
}

const BENCHES: &str = r#"
use perf_harness as perf;

#[perf::bench]
fn parse() -> u64 { demo::parse() }

#[perf::bench(n = [10, 20])]
fn sort(b: perf::Bench, n: u64) {
    let base = b.once(|| (0..n).rev().collect::<Vec<_>>());
    b.items(n).input(|| base.clone()).run_mut(|v| demo::sort(v)).check(|v| v.is_sorted());
}

perf::main!();
"#;

/// The benchmarks of a [`Project`], of which none is slower.
pub const CALM: [(&str, &str); 3] = [
    ("cpu::parse", "unchanged"),
    ("cpu::sort[n=10]", "unchanged"),
    ("cpu::sort[n=20]", "unchanged"),
];

/// The same where sorting is.
pub const SORT_IS_SLOWER: [(&str, &str); 3] = [
    ("cpu::parse", "unchanged"),
    ("cpu::sort[n=10]", "regressed"),
    ("cpu::sort[n=20]", "regressed"),
];

impl Project {
    /// A package without git.
    pub fn without_git() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder
            .path()
            .canonicalize()
            .expect("the folder is there")
            .join("demo");
        fs::create_dir(&root).expect("a new folder");
        let project = Self {
            folder: Arc::new(folder),
            root,
        };
        let harness = Path::new(env!("CARGO_MANIFEST_DIR")).join("../perf-harness");
        let name = package_name();
        project.write("Cargo.toml", &format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[lib]\nname = \"demo\"\ntest = false\nbench = false\n\n\
             [dependencies]\nperf-harness = {{ path = {:?} }}\n\n\
             [[bench]]\nname = \"cpu\"\nharness = false\n\n\
             # Built often and run shortly.\n[profile.bench]\nopt-level = 1\ndebug = false\n",
            harness.canonicalize().expect("the harness is beside us"),
        ));
        // The versions this repository was tested with, and no look at the network.
        let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
        fs::copy(lock, project.path("Cargo.lock")).expect("a lock file");
        project.times(1000, 2000);
        project.write("benches/cpu.rs", BENCHES);
        project.write(".gitignore", "/target\n");
        project
    }

    /// Adds a second package, of the same workspace, in a folder of that name: it has one benchmark, in a target that has
    /// the name of the first package's. The new package's name.
    pub fn add_package(&self, folder: &str) -> String {
        let manifest = self.read("Cargo.toml");
        let (start, rest) = manifest
            .split_once("name = \"")
            .expect("a package has a name");
        let (name, end) = rest.split_once('"').expect("a name ends");
        let other = format!("{name}-{folder}");
        self.write(
            "Cargo.toml",
            &format!("[workspace]\nmembers = [{folder:?}]\n\n{manifest}"),
        );
        let end = end
            .split("# Built often")
            .next()
            .expect("a profile is the workspace's");
        let end = end.replace("name = \"demo\"", "name = \"demo_two\"");
        self.write(
            &format!("{folder}/Cargo.toml"),
            &format!("{start}name = \"{other}\"{end}"),
        );
        self.write(&format!("{folder}/src/lib.rs"), "");
        self.write(
            &format!("{folder}/benches/cpu.rs"),
            "#[perf_harness::bench]\nfn print() { perf_harness::scripted::spend(3000); }\nperf_harness::main!();\n",
        );
        other
    }

    /// The same in a repository with one commit on `main`.
    pub fn new() -> Self {
        let project = Self::without_git();
        project.put_under_git();
        project
    }

    /// Makes a repository of it, with one commit on `main`.
    pub fn put_under_git(&self) {
        self.git(&["init", "--quiet", "--initial-branch=main"]);
        self.settle();
        self.commit("first");
    }

    /// Lets cargo shorten the lock file to what this package needs.
    pub fn settle(&self) {
        self.cargo(&["update", "--workspace", "--offline"]).code(0);
    }

    /// The same with a baseline of `main`, committed there.
    pub fn with_baseline() -> Self {
        let project = Self::new();
        project.save_baseline();
        project
    }

    /// Measures, saves and commits a baseline; the path of its file.
    pub fn save_baseline(&self) -> String {
        let before = self.files("baselines");
        self.perf(&["run", "--quick", "--save"]).code(0);
        self.commit("baseline");
        let mut files = self.files("baselines");
        files.retain(|file| !before.contains(file));
        assert_eq!(files.len(), 1, "one run, one file: {files:?}");
        files.remove(0)
    }

    /// The project as it lies in another folder beside this one: a clone, a linked worktree.
    pub fn beside(&self, folder: &str) -> Self {
        let root = self.root.with_file_name(folder);
        assert!(root.is_dir(), "{} is there", root.display());
        Self {
            folder: Arc::clone(&self.folder),
            root,
        }
    }

    /// Makes a branch and goes there.
    pub fn branch(&self, name: &str) {
        self.git(&["switch", "--quiet", "--create", name]);
    }

    /// Goes to a branch.
    pub fn switch(&self, name: &str) {
        self.git(&["switch", "--quiet", name]);
    }

    /// Sets how long `parse` and each item of `sort` take, in nanoseconds.
    pub fn times(&self, parse: u64, sort: u64) {
        self.write(
            "src/lib.rs",
            &format!(
                "use perf_harness::scripted::spend;\n\
             pub fn parse() -> u64 {{ spend({parse}); 1 }}\n\
             pub fn sort(v: &mut [u64]) {{ spend({sort} * v.len() as u64); v.sort(); }}\n"
            ),
        );
    }

    pub fn path(&self, file: &str) -> PathBuf {
        self.root.join(file)
    }

    pub fn write(&self, file: &str, text: &str) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    pub fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    /// All files below a folder, sorted, as paths from the project's root.
    pub fn files(&self, folder: &str) -> Vec<String> {
        let mut files = Vec::new();
        let mut folders = vec![self.path(folder)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let path = path.strip_prefix(&self.root).expect("it is below the root");
                    files.push(path.to_string_lossy().into_owned());
                }
            }
        }
        files.sort();
        files
    }

    /// Replaces a part of a file, which must be there.
    pub fn edit(&self, file: &str, old: &str, new: &str) {
        let text = self.read(file);
        assert!(text.contains(old), "{old:?} is not in {file}:\n{text}");
        self.write(file, &text.replace(old, new));
    }

    /// `git rev-parse`.
    pub fn commit_id(&self, name: &str) -> String {
        self.git(&["rev-parse", name])
    }

    /// Removes the local history, as if this were a fresh clone: only what is committed is left.
    pub fn forget_runs(&self) {
        fs::remove_dir_all(self.path(".perf")).expect("there were runs");
    }

    /// Compares with `baseline` and shows the result as JSON. What a slowdown comes from is looked into by the tests of that
    /// alone, since it takes some twenty links each time.
    pub fn compare(&self, baseline: &str, arguments: &[&str]) -> Output {
        let compare = [
            "compare",
            "--quick",
            "--no-relink",
            "--format",
            "json",
            "--baseline",
            baseline,
        ];
        self.perf(&[&compare, arguments].concat())
    }

    /// Runs `cargo perf` with `arguments`; whatever it answers.
    pub fn perf(&self, arguments: &[&str]) -> Output {
        let mut command = self.perf_command();
        command.args(arguments);
        Output::of(command.output().expect("cargo-perf starts"))
    }

    /// `cargo perf` in this project, as cargo would start it.
    pub fn perf_command(&self) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_cargo-perf"));
        command.arg("perf").env("PERF_HARNESS_CLOCK", "scripted");
        command
    }

    /// The same in a folder of the project.
    pub fn perf_in(&self, folder: &str, arguments: &[&str]) -> Output {
        let mut command = self.perf_command();
        command.current_dir(self.path(folder)).args(arguments);
        Output::of(command.output().expect("cargo-perf starts"))
    }

    /// Runs `cargo` with `arguments`.
    pub fn cargo(&self, arguments: &[&str]) -> Output {
        Output::of(
            self.command("cargo")
                .args(arguments)
                .output()
                .expect("cargo starts"),
        )
    }

    /// Runs `git`, which must succeed, and returns what it printed without the last line's end.
    pub fn git(&self, arguments: &[&str]) -> String {
        let output = Output::of(
            self.command("git")
                .args(arguments)
                .output()
                .expect("git starts"),
        );
        output.code(0);
        output.stdout.trim_end().to_owned()
    }

    /// Commits everything.
    pub fn commit(&self, subject: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", subject]);
    }

    /// A command in the project's root, in an environment that no machine's settings reach.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).stdin(Stdio::null());
        for variable in [
            "RUSTFLAGS",
            "CARGO_ENCODED_RUSTFLAGS",
            "NO_COLOR",
            "CARGO_PERF_FORMAT",
            "CARGO_PERF_BASELINE",
            "CARGO_PERF_MACHINE",
            "CARGO_PERF_TIMEOUT",
            "CARGO_PERF_FAIL_ON",
            "CARGO_PERF_PRESET",
            "COLUMNS",
            "CARGO_PERF_WEBHOOK_SECRET",
            "CI_API_V4_URL",
            "CI_MERGE_REQUEST_IID",
            "CI_MERGE_REQUEST_PROJECT_ID",
            "GITLAB_TOKEN",
            "GITHUB_API_URL",
            "GITHUB_BASE_REF",
            "GITHUB_EVENT_PATH",
            "GITHUB_OUTPUT",
            "GITHUB_REPOSITORY",
            "GITHUB_STEP_SUMMARY",
            "GITHUB_TOKEN",
            "ALL_PROXY",
            "all_proxy",
            "HTTP_PROXY",
            "http_proxy",
            "HTTPS_PROXY",
            "https_proxy",
        ] {
            command.env_remove(variable);
        }
        command
            // One folder for all projects: what they depend on is built once.
            .env(
                "CARGO_TARGET_DIR",
                Path::new(env!("CARGO_TARGET_TMPDIR")).join("projects"),
            )
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", "A")
            .env("GIT_AUTHOR_EMAIL", "a@example.com")
            .env("GIT_COMMITTER_NAME", "A")
            .env("GIT_COMMITTER_EMAIL", "a@example.com")
            .env("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z")
            .env("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z");
        command
    }
}

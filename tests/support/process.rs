//! Processes that a test waits for, and those that should be gone.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::Output;

/// Far longer than anything takes here, however busy the machine: a test that waits this long has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until `what` is so.
#[track_caller]
#[expect(
    clippy::disallowed_methods,
    reason = "how long to wait for another process, which no verdict depends on"
)]
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "waited in vain: {what}");
        sleep(Duration::from_millis(5));
    }
}

/// Whether a process is there and at work; one that is dead and not yet reaped is neither.
pub fn is_alive(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    // The name in parentheses may hold anything, a parenthesis too.
    let state = stat
        .rsplit_once(") ")
        .and_then(|(_, rest)| rest.chars().next());
    state.is_some_and(|state| !"ZXx".contains(state))
}

/// The processes at work in a folder.
pub fn at_work_in(folder: &Path) -> Vec<String> {
    let items = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = items.filter_map(|item| item.file_name().into_string().ok());
    ids.filter(|id| id.bytes().all(|byte| byte.is_ascii_digit()))
        .filter(|id| {
            let cwd = fs::read_link(format!("/proc/{id}/cwd"));
            cwd.is_ok_and(|cwd| cwd.starts_with(folder)) && is_alive(id)
        })
        .collect()
}

/// The process id that a benchmark wrote to a file, once it has.
#[track_caller]
pub fn pid_in(file: &Path) -> String {
    let mut pid = String::new();
    wait_until("a benchmark writes its process id", || {
        pid = fs::read_to_string(file).unwrap_or_default();
        pid.ends_with('\n')
    });
    pid.trim().to_owned()
}

/// Starts a command whose output is kept.
pub fn start(command: &mut Command) -> Child {
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts")
}

/// Sends a signal by its name.
pub fn signal(child: &Child, name: &str) {
    // A process that has just ended is not there any more.
    let _gone = Command::new("kill")
        .args(["-s", name, &child.id().to_string()])
        .stderr(Stdio::null())
        .status();
}

/// What a command answered, once it has ended.
pub fn end(child: Child) -> Output {
    Output::of(child.wait_with_output().expect("it ends"))
}

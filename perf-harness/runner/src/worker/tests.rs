//! Workers that are shell scripts: whatever they say, leave and refuse.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::*;

/// What a worker says first, told by a shell to the socket that is its standard input.
const HELLO: &str = r#"echo '{"event":"hello","protocol":5,"harness":"0","clock":"none"}' >&0"#;

const MINUTE: Duration = Duration::from_secs(60);

/// A shell script in a folder of its own that stands in for a worker.
struct Script(tempfile::TempDir);

impl Script {
    fn new(lines: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("worker");
        fs::write(&path, format!("#!/bin/sh\n{}\n", lines.join("\n"))).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        Self(folder)
    }

    fn start(&self) -> Worker {
        let program = Program {
            path: self.0.path().join("worker"),
            directory: self.0.path().to_owned(),
            variables: Vec::new(),
            show_output: false,
        };
        Worker::start(&program, 0, 0, &Watch::begin()).unwrap()
    }

    fn path(&self, file: &str) -> std::path::PathBuf {
        self.0.path().join(file)
    }

    /// The processes whose ids are in a file, one on each line.
    fn pids(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path("pids")).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

fn wait_until(mut is_so: impl FnMut() -> bool) {
    let waiting = Stopwatch::start();
    while !is_so() {
        assert!(waiting.elapsed() < MINUTE, "waited in vain");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Whether there is nothing of it, not even a dead process that nobody has waited for.
fn is_gone(pid: &str) -> bool {
    !Path::new("/proc").join(pid).exists()
}

fn failure<T>(outcome: Result<T, Answer>) -> Failure {
    match outcome {
        Err(Answer::Failed(failure)) => failure,
        _ => panic!("it has not failed"),
    }
}

#[test]
fn an_answer_that_is_here_counts_although_time_is_up_and_the_process_gone() {
    let stop = AtomicBool::new(false);
    for last in ["", "exec sleep 600"] {
        let script = Script::new(&[HELLO, "touch said", last]);
        let mut worker = script.start();
        wait_until(|| script.path("said").exists());
        wait_until(|| !last.is_empty() || worker.exited().is_some());
        let clock = worker.greet(Duration::ZERO, &stop);
        assert!(matches!(clock.as_deref(), Ok("none")));
    }
    let silent = failure(
        Script::new(&["exec sleep 600"])
            .start()
            .greet(Duration::ZERO, &stop),
    );
    assert_eq!(silent.kind, FailureKind::Timeout);
    let died = failure(
        Script::new(&["echo why; exit 3"])
            .start()
            .greet(MINUTE, &stop),
    );
    assert_eq!(died.kind, FailureKind::Exit);
    assert_eq!(
        died.message,
        "it ended by itself with code 3 before it had answered: why"
    );
}

#[test]
fn what_leaves_the_group_is_found_counted_and_ended() {
    let stop = AtomicBool::new(false);
    let script = Script::new(&[
        "setsid sleep 600 & echo $! >>pids",
        "sleep 600 & echo $! >>pids",
        // Its parent is gone long before the worker.
        "setsid sh -c 'sleep 600 & echo $! >>pids'",
        HELLO,
    ]);
    let mut worker = script.start();
    assert!(worker.greet(MINUTE, &stop).is_ok());
    let failure = worker.end().unwrap_err();
    assert_eq!(failure.kind, FailureKind::Leftover);
    assert_eq!(
        failure.message,
        "it left processes behind, which were killed: 3"
    );
    let pids = script.pids();
    assert_eq!(pids.len(), 3);
    assert!(pids.iter().all(|pid| is_gone(pid)), "{pids:?}");
}

#[test]
fn what_leaves_the_group_is_ended_with_a_worker_that_fails() {
    let stop = AtomicBool::new(false);
    let start = "setsid sleep 600 & echo $! >>pids; touch started";
    let ends: [(&str, FailureKind); 3] = [
        ("exec sleep 600", FailureKind::Timeout),
        ("kill -9 $$", FailureKind::Signal),
        ("echo '{}' >&0; exec sleep 600", FailureKind::Protocol),
    ];
    for (end, kind) in ends {
        let script = Script::new(&[HELLO, start, end]);
        let mut worker = script.start();
        assert!(worker.greet(MINUTE, &stop).is_ok());
        wait_until(|| script.path("started").exists());
        let timeout = Duration::from_millis(if kind == FailureKind::Timeout {
            1
        } else {
            60_000
        });
        let Answer::Failed(failure) = worker.ask(&Order::Finish, timeout, &stop) else {
            panic!("{end}: it has not failed");
        };
        assert_eq!(failure.kind, kind, "{}", failure.message);
        assert!(is_gone(&script.pids()[0]), "{end}");
    }
    let script = Script::new(&[start, "exec sleep 600"]);
    let worker = script.start();
    wait_until(|| script.path("started").exists());
    drop(worker);
    assert!(is_gone(&script.pids()[0]), "dropped");
}

#[test]
fn a_child_that_has_ended_and_was_not_waited_for_is_no_leftover() {
    let stop = AtomicBool::new(false);
    // What is executed in the shell's place knows of no child.
    let script = Script::new(&[
        "sleep 0 & echo $! >>pids",
        "setsid sleep 0 & echo $! >>pids",
        HELLO,
        "exec sleep 0.2",
    ]);
    let mut worker = script.start();
    assert!(worker.greet(MINUTE, &stop).is_ok());
    assert_eq!(worker.end(), Ok(()));
    let pids = script.pids();
    assert!(pids.iter().all(|pid| is_gone(pid)), "{pids:?}");
}

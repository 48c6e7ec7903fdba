//! A process between this one and cargo, which ends the build when nobody waits for it any more.
//!
//! Whoever kills this program with SIGKILL leaves it no moment in which to end what it has started: cargo, compilers and build
//! scripts would go on. So cargo is started by a *keeper*, which is this same program called anew. Nothing is ever written to
//! the keeper's standard input. That it ends says that the other end is gone, whichever way it went, and then the keeper ends
//! cargo's process group: SIGTERM first, SIGKILL to what is still there [`PATIENCE`] later. A user who interrupts is served
//! in the same way: the other end is closed.
//!
//! The keeper leads a group of its own, and cargo another. So a SIGKILL to the group of this program does not reach the
//! keeper, and what is left of cargo's group can be counted. Standard output and error are passed on as they are, and
//! cargo's exit code is the keeper's.
//!
//! Two things are beyond it: a process that has left cargo's group, as a compiler's cache that stays for the next build does
//! on purpose, and a SIGKILL to the keeper alone.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::Duration;

use rustix::process::{
    Pid, Signal, WaitOptions, kill_process_group, test_kill_process_group, waitpgid,
};

/// The first argument of a keeper. Cargo's subcommand has `perf` there, and a stand-in for rustc the compiler's path.
const WORD: &str = "--keep-watch-over";

/// The exit code of a keeper that could not start its program. Cargo has no such code.
const NOT_STARTED: u8 = 127;

/// The exit code where the program's own cannot be had.
const FAILED: u8 = 1;

/// How long a build may take to end after it was asked to.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often it is looked whether that is so.
const LOOK: Duration = Duration::from_millis(10);

/// A call of `program` under a keeper, which is `own`, this program. To be completed with the arguments of `program`; its
/// standard input is for the keeper alone.
pub(super) fn under_a_keeper(own: &Path, program: &str) -> Command {
    let mut command = Command::new(own);
    // A group of its own, so that it outlives ours.
    command
        .args([WORD, program])
        .stdin(Stdio::piped())
        .process_group(0);
    command
}

/// Whether this is how a keeper ends that could not start its program. It has said why.
pub(super) fn could_not_start(status: ExitStatus) -> bool {
    status.code() == Some(i32::from(NOT_STARTED))
}

/// Keeps watch over a program if that is what this process is for. The first of `arguments` is this program's name.
#[must_use]
pub fn keep_watch(arguments: &[OsString]) -> Option<ExitCode> {
    match arguments {
        [_, word, program, arguments @ ..] if word == WORD => {
            Some(ExitCode::from(keep(program, arguments)))
        }
        _ => None,
    }
}

/// Runs `program` to its end, or ends it when standard input ends. Its exit code.
fn keep(program: &OsStr, arguments: &[OsString]) -> u8 {
    adopt_orphans();
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .process_group(0);
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            // Standard error may be closed; the code tells, too.
            let _closed = writeln!(
                io::stderr(),
                "error: could not run {}: {error}",
                program.display()
            );
            return NOT_STARTED;
        }
    };
    let group = Pid::from_child(&child);
    let is_ending = Arc::new(AtomicBool::new(false));
    let ending = Arc::clone(&is_ending);
    // Nobody waits for this thread: while the other end is open it stands still, and it ends with the process.
    std::thread::spawn(move || end_when_left_alone(group, &ending));
    let status = child.wait();
    if is_ending.load(Ordering::SeqCst) {
        wait_for_the_rest(group);
    }
    status.map_or(FAILED, exit_code)
}

/// Has processes that lose their parent become children of this one, which waits for them. Otherwise that is up to the first
/// process of the system or container, and not every one does: what is left of the group could not be told from what is dead.
fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    {
        // Without it the wait for the rest may take all of its time.
        let _unsupported = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
    }
}

/// Waits until standard input ends, then ends the group.
fn end_when_left_alone(group: Pid, is_ending: &AtomicBool) {
    // What cannot be read any more has ended, too.
    let _ended = io::copy(&mut io::stdin().lock(), &mut io::sink());
    is_ending.store(true, Ordering::SeqCst);
    // Both fail only when nobody is left in it.
    let _nobody = kill_process_group(group, Signal::TERM);
    sleep(PATIENCE);
    let _nobody = kill_process_group(group, Signal::KILL);
}

/// Waits for what is left of a group that is being ended, no longer than twice what it may take: some processes cannot be
/// killed as long as the system is busy for them.
fn wait_for_the_rest(group: Pid) {
    let looks = 2 * PATIENCE.as_millis() / LOOK.as_millis();
    for _ in 0..looks {
        while let Ok(Some(_)) = waitpgid(group, WaitOptions::NOHANG) {}
        if test_kill_process_group(group).is_err() {
            return;
        }
        sleep(LOOK);
    }
}

/// A program's exit code as a shell would tell it.
fn exit_code(status: ExitStatus) -> u8 {
    let signal = || status.signal().map(|signal| 128 + signal);
    let code = status.code().or_else(signal);
    code.and_then(|code| u8::try_from(code).ok())
        .unwrap_or(FAILED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<OsString> {
        words.iter().map(OsString::from).collect()
    }

    #[test]
    fn only_a_call_of_ours_makes_a_keeper() {
        for other in [
            &["cargo-perf"][..],
            &["cargo-perf", "perf", "run"],
            &["cargo-perf", "/bin/rustc", WORD, "x"],
            &["cargo-perf", WORD],
        ] {
            assert!(keep_watch(&words(other)).is_none(), "{other:?}");
        }
    }

    #[test]
    fn codes_are_passed_on() {
        let of = |raw| exit_code(ExitStatus::from_raw(raw));
        assert_eq!((of(0), of(101 << 8)), (0, 101));
        assert_eq!((of(9), of(15)), (137, 143));
        assert!(could_not_start(ExitStatus::from_raw(127 << 8)));
        assert!(!could_not_start(ExitStatus::from_raw(101 << 8)));
    }

    #[test]
    fn a_call_names_the_program_before_its_arguments() {
        let mut command = under_a_keeper(Path::new("/bin/perf"), "cargo");
        command.arg("bench");
        let arguments: Vec<&OsStr> = command.get_args().collect();
        assert_eq!(command.get_program(), "/bin/perf");
        assert_eq!(arguments, [WORD, "cargo", "bench"]);
    }
}

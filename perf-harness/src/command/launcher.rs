//! A process between the worker and the program: it starts the program, waits for it, and says what it took.
//!
//! Why not the worker itself? What the system tells of a process's largest memory begins with that of the process which
//! started it, and a worker may hold any amount. A launcher is this same binary, started anew for each run, and holds next to
//! nothing. It also makes the start of the program cost the same whatever the worker holds.
//!
//! The launcher's arguments are the program and its arguments, its environment and working directory are the program's, and
//! so are its standard output and standard error. Its standard input is a socket from the worker, over which the bytes come
//! that the program is to read, and the one line of the report goes back.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{ChildStdin, Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use wait4::Wait4;

use crate::measure::Clock;
use crate::observe;
use crate::worker::die_with_the_parent;

/// The environment variable that turns a bench binary into a launcher. Its value says what the program reads.
pub(crate) const VARIABLE: &str = "PERF_HARNESS_LAUNCHER";

/// The program reads nothing.
pub(super) const NOTHING: &str = "nothing";
/// The program reads what comes from the worker.
pub(super) const BYTES: &str = "bytes";
/// The program reads the file that is named before it.
pub(super) const FILE: &str = "file";

/// What a run took, in the words of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Taken {
    /// From before the program's start to after its end.
    pub(super) wall_ns: u64,
    /// CPU time in its own code, with that of the descendants that were waited for.
    pub(super) user_ns: u64,
    /// CPU time of the system on its behalf, likewise.
    pub(super) sys_ns: u64,
    /// Largest memory of any of these processes; no less than what the launcher had when it started the program.
    pub(super) peak: u64,
    /// Largest memory of the launcher, where that can be told.
    pub(super) launcher_peak: Option<u64>,
    /// How it ended.
    pub(super) status: ExitStatus,
}

/// The report as it is sent: a list of the members of [`Taken`] in their order, or why nothing was run.
type Sent = Result<(u64, u64, u64, u64, Option<u64>, i32), String>;

/// What a launcher reports: what the run took, or why there was none.
pub(super) type Report = Result<Taken, String>;

fn to_line(report: Report) -> serde_json::Result<Vec<u8>> {
    let sent: Sent = report.map(|taken| {
        (
            taken.wall_ns,
            taken.user_ns,
            taken.sys_ns,
            taken.peak,
            taken.launcher_peak,
            taken.status.into_raw(),
        )
    });
    let mut line = serde_json::to_vec(&sent)?;
    line.push(b'\n');
    Ok(line)
}

/// Reads a launcher's report; `None` if it is none.
pub(super) fn from_line(line: &str) -> Option<Report> {
    let sent: Sent = serde_json::from_str(line).ok()?;
    let report = sent.map(
        |(wall_ns, user_ns, sys_ns, peak, launcher_peak, status)| Taken {
            wall_ns,
            user_ns,
            sys_ns,
            peak,
            launcher_peak,
            status: ExitStatus::from_raw(status),
        },
    );
    Some(report)
}

/// Runs one program and reports.
pub(crate) fn main(reads: &OsStr, arguments: impl Iterator<Item = OsString>) -> ExitCode {
    die_with_the_parent();
    let Ok(worker) = socket() else {
        // Nobody is there to be told.
        return ExitCode::FAILURE;
    };
    let report = launch(reads, arguments, &worker);
    let told = to_line(report).is_ok_and(|line| (&worker).write_all(&line).is_ok());
    if told {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The socket that is standard input, under a number that the program does not inherit.
fn socket() -> io::Result<UnixStream> {
    const FIRST_FREE: i32 = 3;
    let socket = rustix::io::fcntl_dupfd_cloexec(io::stdin(), FIRST_FREE)?;
    Ok(UnixStream::from(socket))
}

fn launch(
    reads: &OsStr,
    mut arguments: impl Iterator<Item = OsString>,
    worker: &UnixStream,
) -> Report {
    let mut missing = || "the worker did not say what to run".to_owned();
    let stdin = if reads == FILE {
        let path = arguments.next().ok_or_else(&mut missing)?;
        let file = File::open(&path)
            .map_err(|error| format!("`{}`, which it should read: {error}", path.display()))?;
        Stdio::from(file)
    } else if reads == BYTES {
        Stdio::piped()
    } else {
        Stdio::null()
    };
    let program = arguments.next().ok_or_else(&mut missing)?;
    let mut command = Command::new(&program);
    command.args(arguments).env_remove(VARIABLE).stdin(stdin);
    // Ready before the clock starts.
    let (feed, pipe) = channel();
    if reads == BYTES {
        feeder(worker, pipe).map_err(|error| error.to_string())?;
    }
    let clock = Clock::Monotonic;
    let start = clock.mark();
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    if let Some(stdin) = child.stdin.take() {
        // A feeder that is gone has closed the pipe.
        let _gone = feed.send(stdin);
    }
    let ended = child.wait4().map_err(|error| error.to_string())?;
    let wall_ns = clock.since(start);
    let nanoseconds = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    Ok(Taken {
        wall_ns,
        user_ns: nanoseconds(ended.rusage.utime),
        sys_ns: nanoseconds(ended.rusage.stime),
        peak: ended.rusage.maxrss,
        launcher_peak: observe::resident_peak(),
        status: ended.status,
    })
}

/// Passes on what the program is to read, and closes the pipe after it. A program that stops reading is free to.
fn feeder(worker: &UnixStream, pipe: Receiver<ChildStdin>) -> io::Result<()> {
    let mut worker = worker.try_clone()?;
    std::thread::Builder::new()
        .name("standard input".to_owned())
        .spawn(move || {
            if let Ok(mut pipe) = pipe.recv() {
                let _closed = io::copy(&mut worker, &mut pipe);
                // So that the worker does not wait for somebody to read the rest.
                let _gone = worker.shutdown(Shutdown::Read);
            }
        })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_survives_its_line() {
        let taken = Taken {
            wall_ns: u64::MAX,
            user_ns: 2,
            sys_ns: 3,
            peak: 4,
            launcher_peak: None,
            status: ExitStatus::from_raw(0x300),
        };
        for report in [Ok(taken), Err("no\nsuch thing".to_owned())] {
            let line = String::from_utf8(to_line(report.clone()).unwrap()).unwrap();
            assert_eq!(line.find('\n'), Some(line.len() - 1), "{line}");
            assert_eq!(from_line(&line), Some(report));
        }
        for damaged in ["", "\n", "{}", "[1,2]"] {
            assert_eq!(from_line(damaged), None);
        }
    }
}

//! One run of a program, as the worker sees it.

use std::io::{self, BufRead, BufReader, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command as Process, ExitStatus, Output, Stdio};
use std::sync::Arc;

use perf_schema::FailureKind;
use perf_schema::wire::WORKER_VARIABLE;

use super::capture::{Capture, Printed};
use super::launcher::{self, Report, Taken};
use super::{Command, Input};

/// What a run took and printed.
pub(super) struct Run {
    pub(super) taken: Taken,
    pub(super) output: Output,
    /// Whether more was printed than is kept.
    pub(super) is_cut: bool,
}

/// Why a run does not count.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) kind: FailureKind,
    pub(super) message: String,
}

impl Command {
    /// Runs the program once and waits for its end.
    pub(super) fn run(&self) -> Result<Run, Fault> {
        let started = self.start().map_err(|error| Fault {
            kind: FailureKind::Exit,
            message: format!("could not prepare the run of {}: {error}", self.shown()),
        })?;
        let Started {
            mut launcher,
            socket,
            stdout,
            stderr,
        } = started;
        let report = reported(socket);
        let ended = launcher.wait();
        let Some(report) = report else {
            return Err(self.unreported(&ended));
        };
        let taken = report.map_err(|why| Fault {
            kind: FailureKind::Misuse,
            message: format!("could not start {}: {why}", self.shown()),
        })?;
        let (Some(stdout), Some(stderr)) = (stdout.end(), stderr.end()) else {
            return Err(Fault {
                kind: FailureKind::Leftover,
                message: format!(
                    "{} ended, and left a process behind that holds its output open",
                    self.shown()
                ),
            });
        };
        self.expect_status(taken.status, &stderr)?;
        Ok(Run {
            taken,
            is_cut: stdout.is_cut || stderr.is_cut,
            output: Output {
                status: taken.status,
                stdout: stdout.bytes,
                stderr: stderr.bytes,
            },
        })
    }

    fn start(&self) -> io::Result<Started> {
        let (socket, theirs) = UnixStream::pair()?;
        let (stdout, stdout_writer) = io::pipe()?;
        let (stderr, stderr_writer) = io::pipe()?;
        let mut process = self.launcher()?;
        process
            .stdin(Stdio::from(std::os::fd::OwnedFd::from(theirs)))
            .stdout(stdout_writer)
            .stderr(stderr_writer);
        let launcher = process.spawn()?;
        // With it go our ends of what the program writes to.
        drop(process);
        let is_checked = self.check.is_some();
        let started = Started {
            launcher,
            stdout: Capture::of(stdout, is_checked)?,
            stderr: Capture::of(stderr, is_checked)?,
            socket,
        };
        if let Input::Bytes(bytes) = &self.stdin {
            feed(&started.socket, Arc::clone(bytes))?;
        }
        Ok(started)
    }

    /// This binary as a launcher of the program, in the program's surroundings.
    fn launcher(&self) -> io::Result<Process> {
        let mut process = Process::new(std::env::current_exe()?);
        if !self.inherits_variables {
            process.env_clear();
        }
        process.env_remove(WORKER_VARIABLE);
        for (name, value) in &self.variables {
            match value {
                Some(value) => process.env(name, value),
                None => process.env_remove(name),
            };
        }
        let reads = match &self.stdin {
            Input::Nothing => launcher::NOTHING,
            Input::Bytes(_) => launcher::BYTES,
            Input::File(path) => {
                process.arg(path);
                launcher::FILE
            }
        };
        process
            .env(launcher::VARIABLE, reads)
            .arg(&self.program)
            .args(&self.arguments);
        if let Some(directory) = &self.directory {
            process.current_dir(directory);
        }
        Ok(process)
    }

    fn expect_status(&self, status: ExitStatus, stderr: &Printed) -> Result<(), Fault> {
        let (kind, how) = match (status.code(), status.signal()) {
            (Some(code), _) if code == self.code => return Ok(()),
            (Some(code), _) => (
                FailureKind::Check,
                format!("ended with code {code}, not {}", self.code),
            ),
            (None, Some(signal)) => (FailureKind::Signal, format!("was ended by signal {signal}")),
            (None, None) => (FailureKind::Exit, format!("ended: {status}")),
        };
        let message = format!("{} {how}{}", self.shown(), stderr.last_words());
        Err(Fault { kind, message })
    }

    fn unreported(&self, launcher: &io::Result<ExitStatus>) -> Fault {
        let how = match launcher {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        };
        Fault {
            kind: FailureKind::Exit,
            message: format!(
                "the process that was to start {} ended without a word ({how}): a `main` of your own must come to \
                 `Suite::main` whatever its arguments",
                self.shown()
            ),
        }
    }
}

/// A run that goes on.
struct Started {
    launcher: std::process::Child,
    socket: UnixStream,
    stdout: Capture,
    stderr: Capture,
}

/// What the launcher says when the program has ended; nothing if it ended itself before.
fn reported(socket: UnixStream) -> Option<Report> {
    let mut line = String::new();
    BufReader::new(socket).read_line(&mut line).ok()?;
    launcher::from_line(&line)
}

/// Writes what the program is to read, and closes the stream after it. A program need not read it all.
fn feed(socket: &UnixStream, bytes: Arc<[u8]>) -> io::Result<()> {
    let mut socket = socket.try_clone()?;
    std::thread::Builder::new()
        .name("command input".to_owned())
        .spawn(move || {
            let _unread = socket.write_all(&bytes);
            let _gone = socket.shutdown(Shutdown::Write);
        })?;
    Ok(())
}

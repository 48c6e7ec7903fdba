//! One worker process, from its start to the certainty that nothing of it is left.

mod channel;
mod output;

use std::ffi::OsString;
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use perf_schema::wire::{Event, Order, PADDING_VARIABLE, PROTOCOL, WORKER_VARIABLE};
use perf_schema::{Failure, FailureKind};
use rustix::process::{Pid, Signal};

use crate::stopwatch::Stopwatch;
use channel::{Channel, Received};
use output::Output;

/// How often a silent worker is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// How long a worker that has said its last word may take to go.
const FAREWELL: Duration = Duration::from_secs(2);

/// A bench binary and how to start it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Program {
    /// The binary.
    pub path: PathBuf,
    /// Working directory, which cargo promises to be the package's root.
    pub directory: PathBuf,
    /// Environment variables on top of the inherited ones.
    pub variables: Vec<(OsString, OsString)>,
    /// Pass on what the benchmark prints, on standard error.
    pub show_output: bool,
}

/// Why a worker could not be started.
#[derive(Debug, thiserror::Error)]
#[error("could not start {}", path.display())]
pub struct StartError {
    path: PathBuf,
    source: io::Error,
}

/// What came of an order.
pub(crate) enum Answer {
    Event(Event),
    Failed(Failure),
    Interrupted,
}

/// A running worker. Dropping it kills it and everything in its process group.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    channel: Channel,
    output: Output,
    started: Stopwatch,
    launch: u32,
    status: Option<ExitStatus>,
}

impl Worker {
    /// Starts a worker of `program` whose stack lies `padding` bytes lower than without.
    ///
    /// On Linux a worker asks to be killed when the *thread* that started it ends, so that nothing outlives a conductor
    /// that is killed: start workers on a thread that stays.
    ///
    /// # Errors
    /// When the operating system refuses to start the program.
    pub fn start(program: &Program, launch: u32, padding: usize) -> Result<Self, StartError> {
        Self::try_start(program, launch, padding).map_err(|source| StartError {
            path: program.path.clone(),
            source,
        })
    }

    fn try_start(program: &Program, launch: u32, padding: usize) -> io::Result<Self> {
        let (channel, theirs) = Channel::pair()?;
        let (output, pipe) = Output::new(program.show_output)?;
        let mut command = Command::new(&program.path);
        command
            // A binary of another harness takes these for its own, lists its tests and ends, instead of running them.
            .args(["--list", "--format", "terse"])
            .current_dir(&program.directory)
            .envs(program.variables.iter().map(|(key, value)| (key, value)))
            .env(WORKER_VARIABLE, PROTOCOL.to_string())
            .env(PADDING_VARIABLE, "x".repeat(padding))
            .stdin(Stdio::from(theirs))
            .stdout(pipe.try_clone()?)
            .stderr(pipe)
            // A group of its own, so that whatever it starts can be ended with it.
            .process_group(0);
        let child = command.spawn()?;
        Ok(Self {
            child,
            channel,
            output,
            started: Stopwatch::start(),
            launch,
            status: None,
        })
    }

    /// The worker's process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the first line and checks that both sides speak the same protocol. `Ok` is the worker's clock.
    pub(crate) fn greet(&mut self, timeout: Duration, stop: &AtomicBool) -> Result<String, Answer> {
        match self.hear(timeout, stop) {
            Answer::Event(Event::Hello { protocol, clock, .. }) if protocol == PROTOCOL => Ok(clock),
            Answer::Event(Event::Hello { protocol, harness, .. }) => Err(Answer::Failed(self.failure(
                FailureKind::Protocol,
                format!(
                    "it was built with perf-harness {harness}, which speaks protocol {protocol}; this cargo perf speaks \
                     {PROTOCOL}: bring both to the same version"
                ),
            ))),
            Answer::Event(other) => Err(self.unexpected(&other)),
            other => Err(other),
        }
    }

    /// Gives one order and waits for its answer.
    pub(crate) fn ask(&mut self, order: &Order, timeout: Duration, stop: &AtomicBool) -> Answer {
        // A worker that is already gone cannot take the order; why it went is found out by listening.
        let _gone = self.channel.send(order);
        self.hear(timeout, stop)
    }

    /// What an answer that does not fit the order amounts to.
    pub(crate) fn unexpected(&mut self, event: &Event) -> Answer {
        let text = serde_json::to_string(event).unwrap_or_default();
        let start: String = text.chars().take(120).collect();
        Answer::Failed(self.failure(
            FailureKind::Protocol,
            format!("the worker's answer fits no order: {start}"),
        ))
    }

    fn hear(&mut self, timeout: Duration, stop: &AtomicBool) -> Answer {
        let waiting = Stopwatch::start();
        loop {
            if stop.load(Ordering::Relaxed) {
                return Answer::Interrupted;
            }
            let left = waiting.left_of(timeout);
            if left.is_zero() {
                self.kill();
                let message = format!("no answer within {timeout:?}; it was killed");
                return Answer::Failed(self.failure(FailureKind::Timeout, message));
            }
            match self.channel.receive(left.min(LOOK)) {
                Ok(Received::Line(line)) => return self.understand(&line),
                Ok(Received::Nothing) if self.exited().is_none() => {}
                // The process is gone, yet its end of the channel lives on in a child of its own.
                Ok(Received::Nothing | Received::End) => return Answer::Failed(self.death()),
                Err(error) => {
                    self.kill();
                    return Answer::Failed(self.failure(FailureKind::Protocol, error.to_string()));
                }
            }
        }
    }

    fn understand(&mut self, line: &[u8]) -> Answer {
        match serde_json::from_slice::<Event>(line) {
            Ok(Event::Failed { kind, message }) => Answer::Failed(self.failure(kind, message)),
            Ok(event) => Answer::Event(event),
            Err(error) => {
                self.kill();
                Answer::Failed(self.failure(
                    FailureKind::Protocol,
                    format!("the worker's answer is not one: {error}"),
                ))
            }
        }
    }

    /// Waits for the worker to leave by itself, then sees to it that nothing of it stays.
    pub(crate) fn end(mut self) -> Result<(), Failure> {
        let waiting = Stopwatch::start();
        while self.exited().is_none() && waiting.elapsed() < FAREWELL {
            std::thread::sleep(Duration::from_micros(200));
        }
        let left_by_itself = self.exited().is_some();
        if left_by_itself && !group_lives(self.group()) {
            return Ok(());
        }
        self.kill();
        Err(if left_by_itself {
            self.failure(
                FailureKind::Leftover,
                "it left processes behind, which were killed".to_owned(),
            )
        } else {
            self.failure(
                FailureKind::Timeout,
                format!("it did not end within {FAREWELL:?} after its last word; it was killed"),
            )
        })
    }

    /// Why the process is gone before it had answered.
    fn death(&mut self) -> Failure {
        let waiting = Stopwatch::start();
        // The channel is closed a moment before the process is seen to be gone.
        while self.exited().is_none() && waiting.elapsed() < FAREWELL {
            std::thread::sleep(Duration::from_millis(1));
        }
        let Some(status) = self.exited() else {
            self.kill();
            return self.failure(
                FailureKind::Protocol,
                "it closed its channel and went on; it was killed".to_owned(),
            );
        };
        self.kill();
        let said = self.output.last_words();
        let (kind, what) = match status.signal() {
            Some(_) if said.contains("has overflowed its stack") => (
                FailureKind::StackOverflow,
                "it overflowed its stack".to_owned(),
            ),
            Some(signal) => (
                FailureKind::Signal,
                format!("it was ended by {}", signal_name(signal)),
            ),
            None => (
                FailureKind::Exit,
                format!(
                    "it ended by itself with code {} before it had answered",
                    status.code().unwrap_or(-1)
                ),
            ),
        };
        let message = if said.is_empty() {
            what
        } else {
            format!("{what}: {said}")
        };
        let mut failure = self.failure(kind, message);
        failure.signal = status.signal();
        failure
    }

    fn failure(&self, kind: FailureKind, message: String) -> Failure {
        const LONGEST: usize = 600;
        let message = if message.chars().count() > LONGEST {
            message.chars().take(LONGEST).chain("…".chars()).collect()
        } else {
            message
        };
        Failure {
            kind,
            signal: None,
            launch: self.launch,
            elapsed_ms: self.started.elapsed_ms(),
            message,
        }
    }

    /// Reaps the process if it is gone. It is asked for its status once only, so that its id is never used after that.
    fn exited(&mut self) -> Option<ExitStatus> {
        if self.status.is_none() {
            self.status = self.child.try_wait().ok().flatten();
        }
        self.status
    }

    fn group(&self) -> Option<Pid> {
        i32::try_from(self.child.id()).ok().and_then(Pid::from_raw)
    }

    fn kill(&mut self) {
        if let Some(group) = self.group() {
            // Fails only when nobody is left in it.
            let _nobody = rustix::process::kill_process_group(group, Signal::KILL);
        }
        if self.exited().is_none() {
            self.status = self.child.wait().ok();
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if self.exited().is_none() || group_lives(self.group()) {
            self.kill();
        }
    }
}

fn group_lives(group: Option<Pid>) -> bool {
    group.is_some_and(|group| rustix::process::test_kill_process_group(group).is_ok())
}

fn signal_name(number: i32) -> String {
    let name = match number {
        4 => "SIGILL",
        6 => "SIGABRT (it aborted)",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL (it was killed from outside, perhaps for want of memory)",
        11 => "SIGSEGV (it touched memory that is not there)",
        13 => "SIGPIPE",
        15 => "SIGTERM",
        _ => return format!("signal {number}"),
    };
    name.to_owned()
}

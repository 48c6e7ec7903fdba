//! One worker process, from its start to the certainty that nothing of it is left.

mod available;
mod channel;
mod groups;
mod memory;
mod orphans;
mod output;
mod processor;

use std::ffi::OsString;
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use perf_schema::wire::{
    Event, OLDEST_PROTOCOL, Order, PADDING_VARIABLE, PROTOCOL, WORKER_VARIABLE,
};
use perf_schema::{Backstop, Failure, FailureKind};
use rustix::process::{Pid, Signal};

use crate::stopwatch::Stopwatch;
pub(crate) use available::memory_available;
use channel::{Channel, Received};
pub(crate) use groups::Groups;
pub(crate) use memory::MemoryCap;
pub(crate) use orphans::Watch;
use orphans::{Left, MARK_VARIABLE, Orphans};
use output::Output;
pub(crate) use processor::{cpu_time, grain as cpu_time_grain};

/// A binary of another harness takes these for its own, lists its tests and ends, instead of running them.
pub(crate) const ARGUMENTS: [&str; 3] = ["--list", "--format", "terse"];

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

impl Program {
    /// How much room its name and variables take at the beginning of its stack. The name is there twice: as what was executed,
    /// and as the first argument.
    pub(crate) fn bytes_on_stack(&self) -> usize {
        let variables = self.variables.iter();
        let variables: usize = variables.map(|(key, value)| key.len() + value.len()).sum();
        2 * self.path.as_os_str().len() + variables
    }
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

/// A running worker. Dropping it kills it and everything it has started. Those that live at the same time share a
/// [`Watch`].
#[derive(Debug)]
pub(crate) struct Worker {
    child: Child,
    channel: Channel,
    output: Output,
    started: Stopwatch,
    launch: u32,
    status: Option<ExitStatus>,
    orphans: Orphans,
    memory: Option<MemoryCap>,
    /// When it was gone after it had been killed, since its start.
    killed: Option<Duration>,
    /// The CPU time it had had before that.
    used: Option<Duration>,
}

impl Worker {
    /// Starts a worker of `program` whose stack lies `padding` bytes lower than without.
    ///
    /// On Linux a worker asks to be killed when the *thread* that started it ends, so that nothing outlives a conductor
    /// that is killed: start workers on a thread that stays.
    pub(crate) fn start(
        program: &Program,
        launch: u32,
        padding: usize,
        watch: &Watch,
    ) -> Result<Self, StartError> {
        Self::try_start(&[], program, launch, padding, watch).map_err(|source| StartError {
            path: program.path.clone(),
            source,
        })
    }

    /// Starts a worker that `tool`, a program with arguments of its own, runs in its own process.
    pub(crate) fn start_under(
        tool: &[OsString],
        program: &Program,
        launch: u32,
        padding: usize,
        watch: &Watch,
    ) -> Result<Self, StartError> {
        Self::try_start(tool, program, launch, padding, watch).map_err(|source| StartError {
            path: tool
                .first()
                .map_or_else(|| program.path.clone(), PathBuf::from),
            source,
        })
    }

    fn try_start(
        tool: &[OsString],
        program: &Program,
        launch: u32,
        padding: usize,
        watch: &Watch,
    ) -> io::Result<Self> {
        let mark = orphans::new_mark();
        let (channel, theirs) = Channel::pair()?;
        let (output, pipe) = Output::new(program.show_output)?;
        let path = program.path.as_os_str();
        let mut words = tool.iter().map(OsString::as_os_str).chain([path]);
        let mut command = Command::new(words.next().unwrap_or(path));
        command.args(words);
        command
            .args(ARGUMENTS)
            .current_dir(&program.directory)
            .envs(program.variables.iter().map(|(key, value)| (key, value)))
            .env(WORKER_VARIABLE, PROTOCOL.to_string())
            .env(PADDING_VARIABLE, "x".repeat(padding))
            .env(MARK_VARIABLE, &mark)
            .stdin(Stdio::from(theirs))
            .stdout(pipe.try_clone()?)
            .stderr(pipe)
            // A group of its own, so that whatever it starts can be ended with it.
            .process_group(0);
        let child = command.spawn()?;
        Ok(Self {
            orphans: watch.over(Pid::from_child(&child), mark),
            child,
            channel,
            output,
            started: Stopwatch::start(),
            launch,
            status: None,
            memory: None,
            killed: None,
            used: None,
        })
    }

    /// Waits for the first line and checks that it speaks a protocol that is understood here. `Ok` is the worker's clock.
    pub(crate) fn greet(&mut self, timeout: Duration, stop: &AtomicBool) -> Result<String, Answer> {
        match self.hear(timeout, stop) {
            Answer::Event(Event::Hello { protocol, clock, .. }) if (OLDEST_PROTOCOL..=PROTOCOL).contains(&protocol) => Ok(clock),
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

    /// Waits for the next answer.
    pub(crate) fn hear(&mut self, timeout: Duration, stop: &AtomicBool) -> Answer {
        let waiting = Stopwatch::start();
        loop {
            if stop.load(Ordering::Relaxed) {
                return Answer::Interrupted;
            }
            let left = waiting.left_of(timeout);
            let look = self.memory.as_ref().map_or(LOOK, |_| memory::LOOK);
            let received = if left.is_zero() {
                Ok(Received::Nothing)
            } else {
                self.channel.receive(left.min(look))
            };
            let is_gone = self.exited().is_some();
            let is_over = is_gone || left.is_zero();
            // An answer that was given in time counts, even if nobody could look: the conductor may have been stopped for a
            // while, or the worker have gone between the two looks.
            let received = match received {
                Ok(Received::Nothing) if is_over => self.channel.receive_present(),
                other => other,
            };
            match received {
                Ok(Received::Line(line)) => return self.understand(&line),
                Ok(Received::Nothing) if !is_over => {
                    if let Some(failure) = self.exceeded() {
                        return Answer::Failed(failure);
                    }
                }
                Ok(Received::Nothing) if !is_gone => {
                    self.kill();
                    let message = format!("no answer within {timeout:?}; it was killed");
                    return Answer::Failed(self.failure(FailureKind::Timeout, message));
                }
                // The process is gone, yet its end of the channel lives on in a child of its own.
                Ok(Received::Nothing | Received::End) => return Answer::Failed(self.death()),
                Err(error) => {
                    self.kill();
                    return Answer::Failed(self.failure(FailureKind::Protocol, error.to_string()));
                }
            }
        }
    }

    /// Holds it to a memory cap from now on; what it has by now does not count. It may ask for a stack of so many bytes.
    ///
    /// # Errors
    /// With the reason, where that cannot be done.
    pub(crate) fn cap_memory(
        &mut self,
        bytes: u64,
        stack: u64,
        groups: &Result<Groups, String>,
    ) -> Result<(), Failure> {
        match MemoryCap::set(self.pid(), bytes, stack, groups) {
            Ok(cap) => {
                self.memory = Some(cap);
                Ok(())
            }
            Err(reason) => {
                let message = format!("its memory cannot be capped: {reason}");
                Err(self.failure(FailureKind::Misuse, message))
            }
        }
    }

    /// What stands behind its memory cap, where it has one.
    pub(crate) fn backstop(&self) -> Option<Backstop> {
        self.memory.as_ref().map(MemoryCap::backstop)
    }

    /// Sees to it that it leaves no memory dump behind when it dies.
    pub(crate) fn leave_no_core(&self) {
        memory::leave_no_core(self.pid());
    }

    /// The most memory it had beyond what it had when it was capped, as far as that was seen.
    pub(crate) fn most_memory(&mut self) -> Option<u64> {
        let is_there = self.exited().is_none();
        self.memory.as_mut().map(|cap| cap.most(is_there))
    }

    /// When it was gone after it had been killed, since its start.
    pub(crate) const fn killed(&self) -> Option<Duration> {
        self.killed
    }

    /// The CPU time it has had so far, where the system tells.
    pub(crate) fn cpu_time(&self) -> Option<Duration> {
        self.status
            .is_none()
            .then(|| cpu_time(self.pid()))
            .flatten()
    }

    /// The CPU time it had had when it was killed, where it was and the system tells.
    pub(crate) const fn cpu_time_when_killed(&self) -> Option<Duration> {
        self.used
    }

    /// How long it has been there.
    pub(crate) fn age(&self) -> Duration {
        self.started.elapsed()
    }

    /// Kills it if it has more memory than it may.
    fn exceeded(&mut self) -> Option<Failure> {
        let cap = self.memory.as_mut()?;
        if !cap.is_exceeded_now() {
            return None;
        }
        let message = cap.message();
        self.kill();
        Some(self.failure(FailureKind::Memory, message))
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

    /// Waits for the worker to leave by itself.
    pub(crate) fn wait(&mut self) -> Result<(), Failure> {
        let waiting = Stopwatch::start();
        while self.exited().is_none() && waiting.elapsed() < FAREWELL {
            std::thread::sleep(Duration::from_micros(200));
        }
        if self.exited().is_some() {
            return Ok(());
        }
        self.kill();
        Err(self.failure(
            FailureKind::Timeout,
            format!("it did not end within {FAREWELL:?} after its last word; it was killed"),
        ))
    }

    /// Waits for the worker to leave by itself, then sees to it that nothing of it stays.
    pub(crate) fn end(mut self) -> Result<(), Failure> {
        self.wait()?;
        if !self.has_succeeded() {
            // It said that all was well, and fell on the way out.
            return Err(self.death());
        }
        let message = match self.end_orphans() {
            Left::Nothing => return Ok(()),
            Left::Group => "it left processes behind, which were killed".to_owned(),
            Left::Processes {
                found,
                surviving: 0,
            } => format!("it left processes behind, which were killed: {found}"),
            Left::Processes { found, surviving } => format!(
                "it left processes behind: {found}, of which {surviving} could not be killed"
            ),
        };
        Err(self.failure(FailureKind::Leftover, message))
    }

    /// The process.
    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Id of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether the process is gone by itself and content.
    pub(crate) fn has_succeeded(&self) -> bool {
        self.status.is_some_and(|status| status.success())
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
        let has_run_out = self.memory.as_ref().is_some_and(MemoryCap::ran_out);
        let (kind, what) = match status.signal() {
            Some(9) if has_run_out => (
                FailureKind::Memory,
                "it was killed, as its control group had no more memory for it".to_owned(),
            ),
            Some(_) if said.contains("has overflowed its stack") => (
                FailureKind::StackOverflow,
                "it overflowed its stack".to_owned(),
            ),
            Some(_) if self.memory.is_some() && memory::was_refused(&said) => {
                (FailureKind::Memory, "it was refused memory".to_owned())
            }
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

    /// A failure of it.
    pub(crate) fn failure(&self, kind: FailureKind, message: String) -> Failure {
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

    fn kill(&mut self) {
        // Until it is reaped its id cannot be that of somebody else's group.
        if self.exited().is_none() {
            self.used = self.cpu_time();
            // At once, so that nothing in it gets away by starting another. Fails only when nobody is left in it.
            let _nobody =
                rustix::process::kill_process_group(Pid::from_child(&self.child), Signal::KILL);
            self.status = self.child.wait().ok();
            self.killed = Some(self.started.elapsed());
        }
        self.end_orphans();
    }

    /// Ends what the process, which must be gone, left behind.
    fn end_orphans(&mut self) -> Left {
        self.orphans.end()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill();
    }
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

// Whether a process is there is read from `/proc`.
#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
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
}

//! One worker process, from its start to the certainty that nothing of it is left.
//!
//! [`start`] begins it, [`ending`] sees it off or kills it; in between it is asked, listened to and watched.

mod available;
mod channel;
mod ending;
mod groups;
mod memory;
mod orphans;
mod output;
mod processor;
mod program;
mod start;

use std::process::{Child, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use perf_schema::wire::{Event, OLDEST_PROTOCOL, Order, PROTOCOL};
use perf_schema::{Backstop, Failure, FailureKind};
use rustix::process::Pid;

use crate::stopwatch::Stopwatch;
pub(crate) use available::memory_available;
use channel::{Channel, Received};
pub(crate) use groups::Groups;
pub(crate) use memory::MemoryCap;
use orphans::Orphans;
pub(crate) use orphans::Watch;
use output::Output;
pub(crate) use processor::{cpu_time, grain as cpu_time_grain};
pub use program::{Program, StartError};

/// A binary of another harness takes these for its own, lists its tests and ends, instead of running them.
pub(crate) const ARGUMENTS: [&str; 3] = ["--list", "--format", "terse"];

/// How often a silent worker is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// How long a worker that has said its last word may take to go.
const FAREWELL: Duration = Duration::from_secs(2);

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

    /// Watches that it leaves a quarter of what the machine has available to everybody else, where nobody capped it. Where the
    /// system does not tell how much that is, or what a process has, nobody watches.
    pub(crate) fn leave_some_memory(&mut self, stack: u64) {
        self.memory = memory_available()
            .and_then(|available| MemoryCap::leaving_some(self.pid(), available, stack).ok());
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

    /// How long its threads have waited for a processor so far, where the system tells.
    pub(crate) fn waited(&self) -> Option<Duration> {
        self.status
            .is_none()
            .then(|| processor::waited(self.pid()))
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

    /// The process.
    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Id of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
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
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill();
    }
}

// Whether a process is there is read from `/proc`.
#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests;

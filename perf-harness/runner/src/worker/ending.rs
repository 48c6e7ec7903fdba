//! How a worker ends: by itself, for a reason that is found out, or killed; and that nothing of it is left.

use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use perf_schema::{Failure, FailureKind};
use rustix::process::{Pid, Signal};

use super::memory::{self, MemoryCap};
use super::orphans::Left;
use super::{FAREWELL, Worker};
use crate::stopwatch::Stopwatch;

impl Worker {
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

    /// Whether the process is gone by itself and content.
    pub(crate) fn has_succeeded(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }

    /// Why the process is gone before it had answered.
    pub(super) fn death(&mut self) -> Failure {
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

    pub(super) fn kill(&mut self) {
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

//! Where time comes from.

use std::ffi::OsStr;
use std::time::Instant;

use rustix::time::{ClockId, Timespec, clock_gettime};

use super::Reading;
use crate::scripted;

/// A source of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clock {
    /// The operating system's monotonic clock.
    Monotonic,
    /// The clock that tests set; see [`scripted`].
    Scripted,
}

/// A moment on a [`Clock`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    Monotonic(Instant),
    Scripted(u64),
}

impl Clock {
    /// The clock named by the environment variable's value; anything but `scripted` is the monotonic one.
    pub(crate) fn named(variable: Option<&OsStr>) -> Self {
        if variable.is_some_and(|name| name == "scripted") {
            Self::Scripted
        } else {
            Self::Monotonic
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Monotonic => "monotonic",
            Self::Scripted => "scripted",
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where a measured time is read"
    )]
    pub(crate) fn mark(self) -> Mark {
        match self {
            Self::Monotonic => Mark::Monotonic(Instant::now()),
            Self::Scripted => Mark::Scripted(scripted::now_ns()),
        }
    }

    /// Whole nanoseconds since `mark`.
    pub(crate) fn since(self, mark: Mark) -> u64 {
        nanoseconds_between(mark, self.mark())
    }

    /// Starts timing a batch: CPU time first, so that reading it lies outside the wall time.
    pub(crate) fn start(self, cpu: ClockId) -> Running {
        let cpu_start = cpu_ns(self, cpu);
        Running {
            clock: self,
            cpu,
            cpu_start,
            wall_start: self.mark(),
        }
    }
}

/// A batch that is being timed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Running {
    clock: Clock,
    cpu: ClockId,
    cpu_start: u64,
    wall_start: Mark,
}

impl Running {
    pub(crate) fn stop(self) -> Reading {
        self.stop_with_marks().0
    }

    /// The reading, and the two moments between which it was taken.
    pub(crate) fn stop_with_marks(self) -> (Reading, (Mark, Mark)) {
        let end = self.clock.mark();
        let cpu_end = cpu_ns(self.clock, self.cpu);
        let reading = Reading {
            wall_ns: nanoseconds_between(self.wall_start, end),
            cpu_ns: cpu_end.saturating_sub(self.cpu_start),
        };
        (reading, (self.wall_start, end))
    }
}

pub(crate) fn nanoseconds_between(start: Mark, end: Mark) -> u64 {
    match (start, end) {
        (Mark::Monotonic(start), Mark::Monotonic(end)) => {
            u64::try_from(end.saturating_duration_since(start).as_nanos()).unwrap_or(u64::MAX)
        }
        (Mark::Scripted(start), Mark::Scripted(end)) => end.saturating_sub(start),
        // Marks of two clocks never meet: a process has one clock.
        _ => 0,
    }
}

fn cpu_ns(clock: Clock, cpu: ClockId) -> u64 {
    match clock {
        Clock::Monotonic => {
            let Timespec { tv_sec, tv_nsec } = clock_gettime(cpu);
            u64::try_from(tv_sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(tv_nsec).unwrap_or(0)
        }
        Clock::Scripted => scripted::now_ns(),
    }
}

//! Where time comes from.

use std::ffi::OsStr;
use std::time::Instant;

use rustix::time::{ClockId, Timespec, clock_gettime};

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

pub(super) fn cpu_ns(clock: Clock, cpu: ClockId) -> u64 {
    match clock {
        Clock::Monotonic => {
            let Timespec { tv_sec, tv_nsec } = clock_gettime(cpu);
            u64::try_from(tv_sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(tv_nsec).unwrap_or(0)
        }
        Clock::Scripted => scripted::now_ns(),
    }
}

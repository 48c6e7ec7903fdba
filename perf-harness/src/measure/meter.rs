//! What is read at both ends of a batch: always the clocks, and in a pass of its own whatever else is watched.

use rustix::time::ClockId;

use super::Reading;
use super::clock::{Clock, Mark, cpu_ns, nanoseconds_between};

/// Something that looks at what happens between the two ends of a batch.
///
/// A batch that several threads run opens and closes it once on each of them. Neither call may allocate.
pub(crate) trait Watch: Sync {
    /// The body begins.
    fn open(&self);
    /// The body has ended.
    fn close(&self);
}

/// Reads the clocks at both ends of a batch, and lets a [`Watch`] look on if there is one.
#[derive(Clone, Copy)]
pub(crate) struct Meter {
    clock: Clock,
    /// Reading CPU time is a system call: too much between single calls.
    reads_cpu: bool,
    watch: Option<&'static dyn Watch>,
}

impl Meter {
    /// Times and does nothing else.
    pub(crate) const fn of(clock: Clock) -> Self {
        Self {
            clock,
            reads_cpu: true,
            watch: None,
        }
    }

    /// Reads wall time only; CPU time is then zero.
    #[cfg(feature = "latency")]
    pub(crate) const fn of_wall(clock: Clock) -> Self {
        Self {
            clock,
            reads_cpu: false,
            watch: None,
        }
    }

    /// Watches. Times that are read meanwhile are taxed, and good for nothing.
    pub(crate) const fn watching(clock: Clock, watch: &'static dyn Watch) -> Self {
        Self {
            clock,
            reads_cpu: true,
            watch: Some(watch),
        }
    }

    /// The clock it reads.
    pub(crate) const fn clock(self) -> Clock {
        self.clock
    }

    /// Begins a batch: CPU time first, so that reading it lies outside the wall time.
    #[inline]
    pub(crate) fn start(self, cpu: ClockId) -> Running {
        if let Some(watch) = self.watch {
            watch.open();
        }
        let cpu_start = self.cpu_ns(cpu);
        Running {
            meter: self,
            cpu,
            cpu_start,
            wall_start: self.clock.mark(),
        }
    }

    fn cpu_ns(self, cpu: ClockId) -> u64 {
        if self.reads_cpu {
            cpu_ns(self.clock, cpu)
        } else {
            0
        }
    }
}

/// A batch that is being measured.
#[derive(Clone, Copy)]
pub(crate) struct Running {
    meter: Meter,
    cpu: ClockId,
    cpu_start: u64,
    wall_start: Mark,
}

impl Running {
    /// What was read, and the two moments between which it was taken.
    pub(crate) fn stop(self) -> (Reading, (Mark, Mark)) {
        let Meter { clock, watch, .. } = self.meter;
        let end = clock.mark();
        let cpu_end = self.meter.cpu_ns(self.cpu);
        if let Some(watch) = watch {
            watch.close();
        }
        let reading = Reading {
            wall_ns: nanoseconds_between(self.wall_start, end),
            cpu_ns: cpu_end.saturating_sub(self.cpu_start),
        };
        (reading, (self.wall_start, end))
    }
}

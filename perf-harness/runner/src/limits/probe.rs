//! One level, in a process of its own.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use perf_schema::wire::{Event, Order};
use perf_schema::{Backstop, Cap, Caps, Failure, FailureKind, Level};

use crate::conduct::{Case, Interrupted};
use crate::visit::Luck;
use crate::worker::{Answer, Groups, Watch, Worker};

/// How long after the deadline an answer is waited for that says by the worker's own clock whether it was kept: waking up a
/// process takes its time on both ends.
const COURTESY: Duration = Duration::from_millis(5);

/// How a level is probed.
pub(super) struct Probing<'a> {
    pub(super) case: &'a Case,
    pub(super) caps: Caps,
    /// Where a level can have a control group, where that may be wanted.
    pub(super) groups: Result<Groups, String>,
    /// How long a worker may take for each of its answers where no cap says otherwise.
    pub(super) timeout: Duration,
    pub(super) stop: &'a AtomicBool,
}

/// What a probe gave, and whether time was real in it.
pub(super) struct Probed {
    pub(super) level: Level,
    pub(super) is_timed: bool,
    /// What stood behind the cap on memory.
    pub(super) backstop: Option<Backstop>,
}

impl Probing<'_> {
    /// Probes level `n`.
    ///
    /// # Errors
    /// Only when it was interrupted.
    pub(super) fn probe(&self, n: u64, luck: Luck) -> Result<Probed, Interrupted> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(Interrupted);
        }
        let mut probe = Probe {
            level: Level::untried(n),
            is_timed: true,
            backstop: None,
            measuring: false,
        };
        let watch = Watch::begin();
        match Worker::start(&self.case.program, luck.launch, luck.padding, &watch) {
            Ok(worker) => self.lead(worker, luck, &mut probe)?,
            Err(error) => probe.level.failure = Some(not_started(&error, luck.launch)),
        }
        Ok(Probed {
            level: probe.level,
            is_timed: probe.is_timed,
            backstop: probe.backstop,
        })
    }

    /// Leads the worker through the level, up to the first thing that goes wrong.
    fn lead(&self, mut worker: Worker, luck: Luck, probe: &mut Probe) -> Result<(), Interrupted> {
        let outcome = self.through(&mut worker, luck, probe);
        probe.level.memory_bytes = worker.most_memory();
        match outcome {
            Ok(()) => {}
            Err(Answer::Interrupted) => return Err(Interrupted),
            Err(Answer::Event(event)) => {
                if let Answer::Failed(failure) = worker.unexpected(&event) {
                    probe.level.failure = Some(failure);
                }
                return Ok(());
            }
            Err(Answer::Failed(failure)) => {
                self.judge(failure, probe);
                return Ok(());
            }
        }
        probe.level.broke = self.caps.broken_by(&probe.level);
        // One that broke its cap need not come to its end: what it would say there does not matter any more.
        if probe.level.broke.is_none() {
            self.see_off(worker, probe)?;
        }
        Ok(())
    }

    /// From the greeting to what was measured.
    fn through(&self, worker: &mut Worker, luck: Luck, probe: &mut Probe) -> Result<(), Answer> {
        let clock = worker.greet(self.timeout, self.stop)?;
        probe.is_timed = clock != "scripted";
        worker.leave_no_core();
        let stack = self.caps.stack_bytes.unwrap_or(0);
        if let Some(bytes) = self.caps.memory_bytes {
            worker
                .cap_memory(bytes, stack, &self.groups)
                .map_err(Answer::Failed)?;
            probe.backstop = worker.backstop();
        } else {
            worker.leave_some_memory(stack);
        }
        let prepare = Order::Prepare {
            case: self.case.description.name.clone(),
            seed: luck.seed,
            level: Some(probe.level.n),
        };
        match worker.ask(&prepare, self.timeout, self.stop) {
            Answer::Event(Event::Prepared) => {}
            other => return Err(other),
        }
        probe.measuring = true;
        let wall = self.caps.wall_ns.map(Duration::from_nanos);
        // A clock that tests set says nothing of how long to wait.
        let wall = wall.filter(|_| probe.is_timed);
        let begun = worker.age();
        let used = worker.cpu_time();
        let patience = wall.map_or(self.timeout, |wall| wall + COURTESY);
        let answer = worker.ask(&Order::Probe, patience, self.stop);
        let gone = worker.killed();
        probe.level.late_ns = gone
            .zip(wall)
            .map(|(gone, wall)| whole_ns(gone.saturating_sub(begun + wall)));
        let computed = worker.cpu_time_when_killed().zip(used);
        probe.level.cpu_ns = computed.map(|(killed, used)| whole_ns(killed.saturating_sub(used)));
        match answer {
            Answer::Event(Event::Probed {
                wall_ns,
                cpu_ns,
                traffic,
            }) => {
                probe.level.wall_ns = Some(wall_ns);
                probe.level.cpu_ns = Some(cpu_ns);
                probe.level.traffic = traffic.map(|traffic| *traffic);
                Ok(())
            }
            other => Err(other),
        }
    }

    /// Lets a worker that has measured check its result, and sees to it that nothing of it stays.
    fn see_off(&self, mut worker: Worker, probe: &mut Probe) -> Result<(), Interrupted> {
        probe.measuring = false;
        match worker.ask(&Order::Finish, self.timeout, self.stop) {
            Answer::Event(Event::Finished { .. }) => {
                probe.level.failure = worker.end().err();
            }
            Answer::Event(event) => {
                if let Answer::Failed(failure) = worker.unexpected(&event) {
                    probe.level.failure = Some(failure);
                }
            }
            Answer::Failed(failure) => self.judge(failure, probe),
            Answer::Interrupted => return Err(Interrupted),
        }
        Ok(())
    }

    /// A failure by a cap that was declared is the answer, and any other is a failure.
    fn judge(&self, failure: Failure, probe: &mut Probe) {
        let cap = match failure.kind {
            FailureKind::Timeout if probe.measuring && probe.is_timed => Some(Cap::Wall),
            FailureKind::Memory => Some(Cap::Memory),
            FailureKind::StackOverflow => Some(Cap::Stack),
            _ => None,
        };
        match cap.filter(|&cap| self.caps.has(cap)) {
            Some(cap) => probe.level.broke = Some(cap),
            None => {
                probe.level.late_ns = None;
                probe.level.failure = Some(failure);
            }
        }
        if probe.level.broke != Some(Cap::Wall) {
            probe.level.late_ns = None;
        }
    }
}

/// A level on its way.
struct Probe {
    level: Level,
    is_timed: bool,
    backstop: Option<Backstop>,
    /// Whether what takes time now is what is measured.
    measuring: bool,
}

trait BrokenBy {
    /// The cap that a level exceeded although it came to its end.
    fn broken_by(&self, level: &Level) -> Option<Cap>;
}

impl BrokenBy for Caps {
    fn broken_by(&self, level: &Level) -> Option<Cap> {
        let exceeds = |seen: Option<u64>, most: Option<u64>| {
            seen.zip(most).is_some_and(|(seen, most)| seen > most)
        };
        if exceeds(level.memory_bytes, self.memory_bytes) {
            Some(Cap::Memory)
        } else if exceeds(level.wall_ns, self.wall_ns) {
            Some(Cap::Wall)
        } else {
            None
        }
    }
}

fn not_started(error: &dyn std::error::Error, launch: u32) -> Failure {
    let source = error.source().map_or(String::new(), |s| s.to_string());
    Failure {
        kind: FailureKind::Exit,
        signal: None,
        launch,
        elapsed_ms: 0,
        message: format!("{error}: {source}"),
    }
}

pub(super) fn whole_ns(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

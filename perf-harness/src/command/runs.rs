//! Runs of a program as batches, and what was seen of them besides time.

use std::collections::BTreeMap;
use std::panic::resume_unwind;

use perf_schema::metric::names;
use perf_schema::{FailureKind, MetricName, Observed, Unit};

use super::Command;
use super::launcher::Taken;
use super::run::{Fault, Run};
use crate::body::Session;
use crate::measure::{Batch, Clock, Meter, Reading};
use crate::scripted;

/// How far above the launcher's own memory a program's must be to be told from it. The system counts pages in portions: on
/// each side the figure may be off by some dozens.
const MARGIN: u64 = 256 * 1024;

/// Runs one command again and again.
pub(crate) struct Runs<'a> {
    command: &'a mut Command,
    session: &'a Session,
    seen: Seen,
}

/// What was seen of the runs that count.
#[derive(Default)]
struct Seen {
    runs: u64,
    user_ns: u64,
    sys_ns: u64,
    /// The largest memory of any run of which it can be told.
    peak: Option<u64>,
    /// Why it could not be told of the last run of which it could not.
    untold: Option<String>,
    is_scripted: bool,
}

impl<'a> Runs<'a> {
    pub(crate) fn new(command: &'a mut Command, session: &'a Session) -> Self {
        Self {
            command,
            session,
            seen: Seen::default(),
        }
    }

    /// What there is to say of a launch: CPU times of a run, on average, and the largest memory of all.
    pub(crate) fn metrics(&self) -> BTreeMap<MetricName, Observed> {
        self.seen.metrics()
    }

    fn once(&mut self, clock: Clock) -> Reading {
        self.command.prepare.take();
        let outcome = self.command.run();
        self.command.conclude.take();
        match outcome.and_then(|run| self.checked(run)) {
            Ok(taken) => self.seen.add(taken, clock, self.command.scripted_ns),
            Err(Fault { kind, message }) => {
                self.session.blame(kind);
                // Without a place: where in this file it was noticed is of no use to anybody.
                resume_unwind(Box::new(message))
            }
        }
    }

    fn checked(&mut self, run: Run) -> Result<Taken, Fault> {
        let shown = self.command.shown();
        let Some(check) = &mut self.command.check else {
            return Ok(run.taken);
        };
        if run.is_cut {
            return Err(Fault {
                kind: FailureKind::Misuse,
                message: format!("{shown} printed more than 64 MiB, too much for a check"),
            });
        }
        if check(&run.output) {
            Ok(run.taken)
        } else {
            Err(Fault {
                kind: FailureKind::Check,
                message: format!("the check of what {shown} printed does not hold"),
            })
        }
    }
}

impl Batch for Runs<'_> {
    fn run(&mut self, iterations: u64, meter: Meter) -> Reading {
        let mut sum = Reading::default();
        for _ in 0..iterations {
            let reading = self.once(meter.clock());
            sum.wall_ns += reading.wall_ns;
            sum.cpu_ns += reading.cpu_ns;
        }
        sum
    }

    /// Each run is timed by what starts it, not by the loop here.
    fn run_empty(&mut self, _: u64, _: Meter) -> Option<Reading> {
        None
    }

    /// A run is long against the clock, and each one tells something.
    fn most(&self) -> u64 {
        1
    }

    fn forget(&mut self) {
        self.seen = Seen::default();
    }

    fn is_elsewhere(&self) -> bool {
        true
    }
}

impl Seen {
    /// Takes in a run. On the scripted clock it takes what the test says.
    fn add(&mut self, taken: Taken, clock: Clock, scripted_ns: u64) -> Reading {
        let mut wall_ns = taken.wall_ns;
        let mut cpu_ns = taken.user_ns + taken.sys_ns;
        if clock == Clock::Scripted {
            let start = clock.mark();
            scripted::spend(scripted_ns);
            wall_ns = clock.since(start);
            cpu_ns = wall_ns;
            self.is_scripted = true;
        }
        self.runs += 1;
        self.user_ns += taken.user_ns;
        self.sys_ns += taken.sys_ns;
        match told_peak(taken.peak, taken.launcher_peak) {
            Ok(peak) => self.peak = self.peak.max(Some(peak)),
            Err(reason) => self.untold = Some(reason),
        }
        Reading { wall_ns, cpu_ns }
    }

    fn metrics(&self) -> BTreeMap<MetricName, Observed> {
        let each = |sum: u64| match self.runs {
            _ if self.is_scripted => absent("the scripted clock knows no CPU time".to_owned()),
            0 => absent("nothing was run".to_owned()),
            runs => Observed::noisy(Unit::NANOSECONDS, sum as f64 / runs as f64),
        };
        let peak = match (self.peak, &self.untold) {
            (Some(bytes), _) => Observed::noisy(Unit::BYTES, bytes as f64),
            (None, Some(reason)) => absent(reason.clone()),
            (None, None) => absent("nothing was run".to_owned()),
        };
        BTreeMap::from([
            (names::USER.to_owned(), each(self.user_ns)),
            (names::SYS.to_owned(), each(self.sys_ns)),
            (names::PEAK_RSS.to_owned(), peak),
        ])
    }
}

const fn absent(reason: String) -> Observed {
    Observed::Absent { reason }
}

/// The largest memory of a program, unless that is what it began with: the memory of the process that started it.
fn told_peak(peak: u64, floor: Option<u64>) -> Result<u64, String> {
    let floor =
        floor.ok_or("this system does not tell it from that of the process which started it")?;
    if peak > floor + MARGIN {
        Ok(peak)
    } else {
        Err(format!(
            "it cannot be told: it is no larger than the {:.1} MiB of the process that started it",
            floor as f64 / f64::from(1 << 20)
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::alone;

    const MIB: u64 = 1 << 20;

    fn taken(user_ns: u64, peak: u64) -> Taken {
        Taken {
            wall_ns: 1000,
            user_ns,
            sys_ns: 4,
            peak,
            launcher_peak: Some(MIB),
            status: std::process::ExitStatus::default(),
        }
    }

    #[test]
    fn a_peak_that_may_be_inherited_is_not_told() {
        assert_eq!(told_peak(9 * MIB, Some(3 * MIB)), Ok(9 * MIB));
        for (peak, floor) in [
            (3 * MIB, 3 * MIB),
            (3 * MIB + MARGIN, 3 * MIB),
            (MIB, 3 * MIB),
        ] {
            let reason = told_peak(peak, Some(floor)).unwrap_err();
            assert!(reason.contains("no larger than the 3.0 MiB"), "{reason}");
        }
        assert!(told_peak(9 * MIB, None).is_err());
    }

    #[test]
    fn a_launch_says_the_mean_of_its_times_and_its_largest_memory() {
        let mut seen = Seen::default();
        for (user, peak) in [(10, 9 * MIB), (20, 8 * MIB), (60, MIB)] {
            let reading = seen.add(taken(user, peak), Clock::Monotonic, 7);
            assert_eq!((reading.wall_ns, reading.cpu_ns), (1000, user + 4));
        }
        let metrics = seen.metrics();
        assert_eq!(
            metrics[names::USER],
            Observed::noisy(Unit::NANOSECONDS, 30.0)
        );
        assert_eq!(metrics[names::SYS], Observed::noisy(Unit::NANOSECONDS, 4.0));
        let nine = 9.0 * f64::from(1 << 20);
        assert_eq!(metrics[names::PEAK_RSS], Observed::noisy(Unit::BYTES, nine));
    }

    #[test]
    fn what_was_not_measured_is_absent() {
        let _turn = alone();
        let is_absent =
            |seen: &Seen, name: &str| matches!(seen.metrics()[name], Observed::Absent { .. });
        let mut seen = Seen::default();
        for name in [names::USER, names::SYS, names::PEAK_RSS] {
            assert!(is_absent(&seen, name), "{name}");
        }
        let reading = seen.add(taken(8, MIB), Clock::Scripted, 500);
        assert_eq!((reading.wall_ns, reading.cpu_ns), (500, 500));
        for name in [names::USER, names::SYS, names::PEAK_RSS] {
            assert!(is_absent(&seen, name), "{name}");
        }
    }
}

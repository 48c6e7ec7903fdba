//! Who disturbs a benchmark: started until they do what they should, looked at, and ended.

use std::fs;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use perf_schema::wire::{Event, Order};
use perf_schema::{ChaosPlan, Failure, FailureKind, Stress};
use rustix::process::Pid;

use crate::conduct::Case;
use crate::stopwatch::Stopwatch;
use crate::visit::{Luck, Trouble};
use crate::worker::{Answer, Watch, Worker, cpu_time, memory_available};

/// What is left to everybody else at the least.
const MARGIN: u64 = 256 << 20;

/// CPU time of a stressor, as a share of the time it lasted: less is no stress. It has to share a busy machine with many, and
/// what it has comes in ticks: one that does not compute has none.
const LEAST_CPU: f64 = 0.01;

/// Part of its memory that a stressor has to have resident.
const LEAST_RESIDENT: f64 = 0.95;

/// What a stressor was seen to do, from outside, while the body ran beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effect {
    /// What it should do, with the bytes that a share of memory came to.
    pub stress: Stress,
    /// CPU time in nanoseconds, bytes resident, or bytes written to storage.
    pub amount: u64,
    /// How long it was looked at.
    pub during: Duration,
}

/// The stressors of a round. Dropping them ends them.
pub(super) struct Stressors {
    running: Vec<Stressor>,
    since: Stopwatch,
}

struct Stressor {
    stress: Stress,
    worker: Worker,
    /// What it had done when all of them were ready.
    before: u64,
}

impl Stressors {
    /// Starts what the plan asks for, and waits until all of it is at work.
    pub(super) fn start(
        plan: &ChaosPlan,
        case: &Case,
        timeout: Duration,
        luck: Luck,
        watch: &Watch,
        stop: &AtomicBool,
    ) -> Result<Self, Trouble> {
        let mut running = Vec::new();
        for &stress in plan.under.iter().filter(|&&stress| stress != Stress::Fault) {
            let refused = |why| failed(luck.launch, format!("{stress}: {why}"));
            let stress = within_reason(stress, memory_available()).map_err(refused)?;
            let worker = Worker::start(&case.program, luck.launch, luck.padding, watch)
                .map_err(|error| failed(luck.launch, error.to_string()))?;
            running.push(at_work(worker, stress, timeout, stop)?);
        }
        for stressor in &mut running {
            stressor.before = done(stressor.stress, stressor.worker.pid())
                .map_err(|why| failed(luck.launch, format!("{}: {why}", stressor.stress)))?;
        }
        Ok(Self {
            running,
            since: Stopwatch::start(),
        })
    }

    /// What each of them has done since.
    ///
    /// # Errors
    /// With the reason, where one of them did not do what it should.
    pub(super) fn effects(&mut self) -> Result<Vec<Effect>, String> {
        let during = self.since.elapsed();
        let mut effects = Vec::new();
        for stressor in &self.running {
            let stress = stressor.stress;
            let now =
                done(stress, stressor.worker.pid()).map_err(|why| format!("{stress}: {why}"))?;
            let amount = match stress {
                // What is held now, not what has come to it.
                Stress::Memory(_) => now.min(stressor.before),
                _ => now.saturating_sub(stressor.before),
            };
            let effect = Effect {
                stress,
                amount,
                during,
            };
            effect.check()?;
            effects.push(effect);
        }
        Ok(effects)
    }

    /// Ends them, and waits until they are gone.
    pub(super) fn end(self) {
        drop(self.running);
    }
}

impl Effect {
    /// # Errors
    /// When that was no stress.
    fn check(&self) -> Result<(), String> {
        let least = match self.stress {
            Stress::Cpu(_) => self.during.as_nanos() as f64 * LEAST_CPU,
            Stress::Memory(bytes) => bytes as f64 * LEAST_RESIDENT,
            _ => 1.0,
        };
        if self.amount as f64 >= least {
            return Ok(());
        }
        let Self {
            stress,
            amount,
            during,
        } = self;
        Err(match stress {
            Stress::Cpu(_) => {
                format!("{stress} had no effect: {amount} ns of CPU time in {during:?}")
            }
            Stress::Memory(_) => format!("{stress} had no effect: {amount} bytes were resident"),
            _ => format!("{stress} had no effect: nothing was written to storage in {during:?}"),
        })
    }
}

/// The stress with bytes for a share of memory, where there is enough for it and for everybody else.
fn within_reason(stress: Stress, available: Option<u64>) -> Result<Stress, String> {
    let of_memory = |percent: u8, available: u64| available / 100 * u64::from(percent);
    let bytes = match (stress, available) {
        (Stress::Memory(bytes), Some(_)) => bytes,
        (Stress::MemoryPercent(percent), Some(available)) => of_memory(percent, available),
        (Stress::Memory(_) | Stress::MemoryPercent(_), None) => {
            return Err("the system does not tell how much memory is available".to_owned());
        }
        _ => return Ok(stress),
    };
    let available = available.unwrap_or(0);
    let most = available.saturating_sub(MARGIN.max(available / 10));
    if bytes > most {
        return Err(format!(
            "it would take {bytes} bytes of memory, and of the {available} that are available {} must be left",
            available - most
        ));
    }
    Ok(Stress::Memory(bytes))
}

/// Has a worker do what it should, and waits until it does.
fn at_work(
    mut worker: Worker,
    stress: Stress,
    timeout: Duration,
    stop: &AtomicBool,
) -> Result<Stressor, Trouble> {
    let greeted = worker.greet(timeout, stop).map(drop);
    let answer = match greeted {
        Ok(()) => worker.ask(&Order::Stress { stress }, timeout, stop),
        Err(answer) => answer,
    };
    let answer = match answer {
        Answer::Event(Event::Stressing) => {
            return Ok(Stressor {
                stress,
                worker,
                before: 0,
            });
        }
        Answer::Event(other) => worker.unexpected(&other),
        other => other,
    };
    Err(match answer {
        Answer::Failed(failure) => Trouble::Failed(Failure {
            message: format!("{stress}: {}", failure.message),
            ..failure
        }),
        _ => Trouble::Interrupted,
    })
}

/// What a stressor has done so far, in the unit of [`Effect::amount`].
fn done(stress: Stress, pid: Pid) -> Result<u64, String> {
    let seen = match stress {
        Stress::Cpu(_) => {
            cpu_time(pid).map(|time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
        }
        Stress::Memory(_) => number_in(pid, "status", "VmRSS:").map(|kibibytes| kibibytes * 1024),
        _ => number_in(pid, "io", "write_bytes:"),
    };
    seen.ok_or_else(|| "the system does not tell what it does".to_owned())
}

/// The number behind a name in one of a process's files.
fn number_in(pid: Pid, file: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{}/{file}", pid.as_raw_nonzero())).ok()?;
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.trim().trim_end_matches("kB").trim().parse().ok()
}

const fn failed(launch: u32, message: String) -> Trouble {
    Trouble::Failed(Failure {
        kind: FailureKind::Misuse,
        signal: None,
        launch,
        elapsed_ms: 0,
        message,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_taken_only_where_enough_is_left() {
        const GIB: u64 = 1 << 30;
        let of = |stress, available| within_reason(stress, available);
        assert_eq!(of(Stress::Cpu(3), None), Ok(Stress::Cpu(3)));
        assert_eq!(
            of(Stress::Memory(GIB), Some(2 * GIB)),
            Ok(Stress::Memory(GIB))
        );
        assert_eq!(
            of(Stress::MemoryPercent(50), Some(100 * GIB)),
            Ok(Stress::Memory(50 * GIB))
        );
        assert!(of(Stress::MemoryPercent(90), Some(GIB)).is_err());
        assert!(of(Stress::Memory(2 * GIB), Some(2 * GIB)).is_err());
        assert!(of(Stress::Memory(1 << 20), Some(1 << 27)).is_err());
        assert!(
            of(Stress::Memory(1), None)
                .unwrap_err()
                .contains("not tell")
        );
    }

    #[test]
    fn what_does_nothing_is_no_stress() {
        let check = |stress, amount| {
            let during = Duration::from_millis(300);
            let effect = Effect {
                stress,
                amount,
                during,
            };
            effect.check()
        };
        assert_eq!(check(Stress::Cpu(2), 10_000_000), Ok(()));
        assert!(check(Stress::Cpu(2), 2_000_000).is_err());
        assert!(check(Stress::Cpu(2), 0).is_err());
        assert_eq!(check(Stress::Memory(1000), 960), Ok(()));
        assert!(check(Stress::Memory(1000), 900).is_err());
        assert_eq!(check(Stress::Io, 4096), Ok(()));
        let nothing = check(Stress::Io, 0).unwrap_err();
        assert!(nothing.contains("nothing was written"), "{nothing}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_a_process_does_is_seen_from_outside() {
        let own = rustix::process::getpid();
        assert!(done(Stress::Memory(1), own).unwrap() > 1 << 16);
        assert!(done(Stress::Cpu(1), own).is_ok());
        let nobody = Pid::from_raw(i32::MAX).unwrap();
        for stress in [Stress::Cpu(1), Stress::Memory(1), Stress::Io] {
            assert!(done(stress, nobody).is_err(), "{stress}");
        }
    }
}

//! Whether threads had a processor when they were ready for one, as Linux tells of its run queues.
//!
//! With more users than processors they wait for each other, and that is part of what is measured. So what other programs had
//! meanwhile is told beside it: whoever judges a level knows how much of the waiting they can have caused at most. What does not
//! tell is not guessed.

use std::fs;

use perf_schema::Processor;
use rustix::time::ClockId;

use crate::measure::clock::{Clock, Mark, cpu_ns, nanoseconds_between};

/// What the system says at one moment.
pub(super) struct Moment {
    at: Mark,
    own_cpu_ns: u64,
    idle: Idle,
    /// Of the threads that belong to neither user nor client.
    waited_ns: u64,
}

/// What processors have not done since the system began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Idle {
    processors: u64,
    ticks: u64,
}

impl Moment {
    /// `None` where the system does not tell.
    pub(super) fn now(clock: Clock) -> Option<Self> {
        if clock == Clock::Scripted {
            return None;
        }
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let allowed = status
            .lines()
            .find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
        Some(Self {
            idle: idle_in(&fs::read_to_string("/proc/stat").ok()?, allowed)?,
            own_cpu_ns: cpu_ns(clock, ClockId::ProcessCPUTime),
            waited_ns: waited_by_others()?,
            at: clock.mark(),
        })
    }

    /// What came of it by now. `users_ns` is how long users or clients waited, all together.
    pub(super) fn until_now(&self, clock: Clock, users_ns: u64) -> Option<Processor> {
        let now = Self::now(clock)?;
        Some(self.until(&now, nanoseconds_between(self.at, now.at), users_ns))
    }

    fn until(&self, now: &Self, lasted_ns: u64, users_ns: u64) -> Processor {
        let whole_ns = lasted_ns.saturating_mul(now.idle.processors);
        let idle_ns = now.idle.ticks.saturating_sub(self.idle.ticks) * tick_ns();
        let own_ns = now.own_cpu_ns.saturating_sub(self.own_cpu_ns);
        Processor {
            waited_ns: users_ns + now.waited_ns.saturating_sub(self.waited_ns),
            others_ns: whole_ns.saturating_sub(idle_ns).saturating_sub(own_ns),
        }
    }
}

/// How long this thread was ready and waited for a processor since it began, in nanoseconds.
pub(super) fn waited_by_this_thread() -> Option<u64> {
    waited_in(&fs::read_to_string("/proc/thread-self/schedstat").ok()?)
}

/// The same of all threads of the process but this one: those of a runtime, say. One that ends meanwhile is left out.
fn waited_by_others() -> Option<u64> {
    let own = fs::read_link("/proc/thread-self").ok()?;
    let threads = fs::read_dir("/proc/self/task").ok()?.filter_map(Result::ok);
    let others = threads.filter(|thread| Some(thread.file_name().as_os_str()) != own.file_name());
    let stats =
        others.filter_map(|thread| fs::read_to_string(thread.path().join("schedstat")).ok());
    Some(stats.filter_map(|stat| waited_in(&stat)).sum())
}

/// The second of the three fields.
fn waited_in(schedstat: &str) -> Option<u64> {
    schedstat.split_ascii_whitespace().nth(1)?.parse().ok()
}

/// What the processors of a list like `0-3,8` had nothing to do for, or nothing but to wait for storage: the fourth and the fifth
/// number of their lines.
fn idle_in(stat: &str, list: &str) -> Option<Idle> {
    let mut idle = Idle {
        processors: 0,
        ticks: 0,
    };
    for line in stat.lines() {
        let mut fields = line.split_ascii_whitespace();
        let number = fields.next().and_then(|name| name.strip_prefix("cpu"));
        let Some(number) = number.and_then(|number| number.parse::<u64>().ok()) else {
            continue;
        };
        if is_in(list, number) {
            let mut ticks = fields.skip(3).map(str::parse::<u64>);
            idle.ticks += ticks.next()?.ok()? + ticks.next()?.ok()?;
            idle.processors += 1;
        }
    }
    (idle.processors > 0).then_some(idle)
}

fn is_in(list: &str, number: u64) -> bool {
    let number_of = |text: &str| text.trim().parse::<u64>().ok();
    list.split(',').any(|range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        number_of(first).is_some_and(|first| first <= number)
            && number_of(last).is_some_and(|last| number <= last)
    })
}

fn tick_ns() -> u64 {
    1_000_000_000 / rustix::param::clock_ticks_per_second().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str = "cpu  11 0 11 110 11 0 0 0 0 0\ncpu0 1 0 1 10 1 0 0 0 0 0\ncpu1 2 0 2 20 2 0 0 0 0 0\n\
                        cpu10 8 0 8 80 8 0 0 0 0 0\nintr 7 0\nctxt 9\n";

    #[test]
    fn only_processors_that_may_be_used_count() {
        let of = |list| idle_in(STAT, list).map(|idle| (idle.processors, idle.ticks));
        assert_eq!(of("\t0-1,10"), Some((3, 121)));
        assert_eq!(of("0-63"), Some((3, 121)));
        assert_eq!(of("1"), Some((1, 22)));
        assert_eq!(of("10-12\n"), Some((1, 88)));
        assert_eq!(of("7"), None);
        assert_eq!(of(""), None);
        assert_eq!(of("x-9,-"), None);
        assert_eq!(idle_in("cpu0 1 0 1 10", "0"), None);
    }

    #[test]
    fn waiting_is_the_second_number() {
        assert_eq!(waited_in("120 35 7\n"), Some(35));
        assert_eq!(waited_in("120"), None);
        assert_eq!(waited_in(""), None);
        assert_eq!(waited_in("120 many 7"), None);
    }

    #[test]
    fn others_had_what_was_neither_idle_nor_ones_own() {
        let moment = |own_cpu_ns, ticks, waited_ns| Moment {
            at: Mark::Scripted(0),
            own_cpu_ns,
            idle: Idle {
                processors: 2,
                ticks,
            },
            waited_ns,
        };
        let tick = tick_ns();
        let (before, now) = (moment(tick, 70, 5), moment(4 * tick, 76, 9));
        let seen = before.until(&now, 10 * tick, 30);
        assert_eq!((seen.waited_ns, seen.others_ns), (34, 11 * tick));
        // Ticks are coarse: all of it was ones own or idle.
        assert_eq!(before.until(&now, 4 * tick, 0).others_ns, 0);
    }

    #[test]
    fn where_time_is_scripted_there_are_no_run_queues() {
        assert!(Moment::now(Clock::Scripted).is_none());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn linux_tells() {
        assert!(waited_by_this_thread().is_some());
        let moment = Moment::now(Clock::Monotonic).unwrap();
        let seen = moment.until_now(Clock::Monotonic, 1 << 60).unwrap();
        assert!(seen.waited_ns >= 1 << 60, "{seen:?}");
    }
}

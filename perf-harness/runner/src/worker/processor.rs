//! How much CPU time a process has had, as the system tells from outside.

use std::time::Duration;

use rustix::process::Pid;

/// By how much the difference of two [`cpu_time`]s may fall short of the truth: of each, what is left of a tick in the program's
/// own code and in the system's is not counted.
pub(crate) fn grain() -> Duration {
    2 * Duration::from_secs(1) / ticks_per_second()
}

/// CPU time of all threads that a process has had, those that have ended included, in whole ticks of the system. `None` where
/// the system does not tell, or the process is gone.
pub(crate) fn cpu_time(pid: Pid) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    let ticks = ticks_in(&stat)?;
    Some(Duration::from_secs(ticks) / ticks_per_second())
}

/// How long the threads that a process has now have waited for a processor, all together. `None` where the system does not tell.
pub(crate) fn waited(pid: Pid) -> Option<Duration> {
    let threads = std::fs::read_dir(format!("/proc/{}/task", pid.as_raw_nonzero())).ok()?;
    let of_each = threads.filter_map(|thread| {
        let path = thread.ok()?.path().join("schedstat");
        waited_in(&std::fs::read_to_string(path).ok()?)
    });
    of_each.reduce(|sum, one| sum.saturating_add(one))
}

/// The second number, in nanoseconds.
fn waited_in(schedstat: &str) -> Option<Duration> {
    let waited = schedstat.split_ascii_whitespace().nth(1)?;
    Some(Duration::from_nanos(waited.parse().ok()?))
}

fn ticks_per_second() -> u32 {
    u32::try_from(rustix::param::clock_ticks_per_second())
        .unwrap_or(100)
        .max(1)
}

/// The fourteenth and the fifteenth field. The second is the name of the program in parentheses, which may hold anything.
fn ticks_in(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split_ascii_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    ticks()?.checked_add(ticks()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_times_are_found_behind_any_name() {
        let stat = "7 (a) 1 (b) S 1 7 7 0 -1 4194304 111 22 3 4 500 60 7 8 20 0";
        assert_eq!(ticks_in(stat), Some(560));
        assert_eq!(ticks_in("7 (a) S 1 7"), None);
        assert_eq!(ticks_in(""), None);
    }

    #[test]
    fn waiting_is_the_second_of_three() {
        assert_eq!(waited_in("1 25 3\n"), Some(Duration::from_nanos(25)));
        assert_eq!(waited_in("1"), None);
        assert_eq!(waited_in("1 x 3"), None);
        assert_eq!(waited(Pid::from_raw(i32::MAX).unwrap()), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn ones_own_time_is_told_and_that_of_nobody_is_not() {
        assert!(cpu_time(rustix::process::getpid()).is_some());
        assert_eq!(cpu_time(Pid::from_raw(i32::MAX).unwrap()), None);
        assert!(grain() > Duration::ZERO && grain() < Duration::from_secs(1));
    }
}

//! How much memory a worker may have.
//!
//! What counts is what is *resident* beyond what the worker had when it was capped: the figure by which a container or the
//! out-of-memory killer judges. It is watched from outside, every other millisecond, and the system's own high-water mark
//! tells at the end what no look has seen.
//!
//! A limit of the system (`RLIMIT_DATA`) stands behind it, far enough off that it does not decide: it counts what was asked
//! for, touched or not, the stacks of threads included, and a program that asks for much and touches little is within its cap.
//! It is sixteen times the cap, and four gibibytes where that is more: room for the stacks of two thousand threads. The stack
//! that a limit declares is added. Only what asks for more than that is refused it.
//! `RLIMIT_AS` would count what an allocator merely reserves, which is 64 MiB for each thread with glibc. The backstop
//! keeps a body that allocates without end from taking the machine while nobody looks.
//!
//! Where the worker can have a control group of its own, that is a second backstop as far off, or within what the machine has
//! available, if that is less. It counts what the processes hold that a level starts, which the cap does not, and ends all of them
//! at once. It decides only of what would have taken the machine, so that a limit means the same with it and without.

use std::time::Duration;

use perf_schema::Backstop;
use rustix::process::Pid;

use super::available::memory_available;
use super::groups::{Group, Groups};

/// How often a capped worker is looked at.
pub(super) const LOOK: Duration = Duration::from_millis(2);

/// The least that may be asked for and not touched.
const LEAST_ROOM: u64 = 4 << 30;

/// How many times the cap may be asked for.
const ROOM: u64 = 16;

/// The cap of one worker.
#[derive(Debug)]
pub(crate) struct MemoryCap {
    pid: Pid,
    bytes: u64,
    /// What it had when it was capped.
    before: u64,
    /// The most that was seen beyond that.
    most: u64,
    /// Its control group, or why it has none.
    group: Result<Group, String>,
    /// What to add where it is exceeded.
    advice: &'static str,
}

/// What is said to who declared no cap and took the memory of everybody else.
const UNDECLARED: &str =
    ": the rest of what the machine has available is left to others; `rss = \"…\"` declares a cap";

impl MemoryCap {
    /// Caps what is resident at `bytes`. The worker may ask for a stack of `stack` bytes beside. It has a control group of its own
    /// where there is a place for one.
    pub(super) fn set(
        pid: Pid,
        bytes: u64,
        stack: u64,
        groups: &Result<Groups, String>,
    ) -> Result<Self, String> {
        let status = system::status(pid)?;
        system::stop_at(pid, backstop(status.data, bytes, stack))?;
        system::forget_the_mark(pid);
        Ok(Self {
            pid,
            bytes,
            before: status.resident,
            most: 0,
            group: match groups {
                Ok(groups) => groups.take_in(pid, room_of_group(bytes, stack, memory_available())),
                Err(reason) => Err(reason.clone()),
            },
            advice: "",
        })
    }

    /// Caps what is resident at what leaves a quarter of `available` to everybody else. Nobody asked for it, so it is no cap that a
    /// level may break: it fails.
    pub(super) fn leaving_some(pid: Pid, available: u64, stack: u64) -> Result<Self, String> {
        let no_group = Err("no cap was declared".to_owned());
        let cap = Self::set(pid, most_of(available), stack, &no_group)?;
        Ok(Self {
            advice: UNDECLARED,
            ..cap
        })
    }

    /// What stands behind it.
    pub(super) fn backstop(&self) -> Backstop {
        match &self.group {
            Ok(_) => Backstop::ControlGroup,
            Err(reason) => Backstop::DataLimit {
                reason: reason.clone(),
            },
        }
    }

    /// Whether its control group had no more memory for it, or for a process that it started.
    pub(super) fn ran_out(&self) -> bool {
        self.group.as_ref().is_ok_and(Group::ran_out)
    }

    pub(super) fn is_exceeded_now(&mut self) -> bool {
        if let Ok(status) = system::status(self.pid) {
            self.see(status.resident);
        }
        self.most > self.bytes
    }

    /// The most it ever had. A process that is gone has none any more.
    pub(super) fn most(&mut self, is_there: bool) -> u64 {
        if let Some(status) = is_there.then(|| system::status(self.pid).ok()).flatten() {
            self.see(status.high_water_mark);
        }
        self.most
    }

    fn see(&mut self, bytes: u64) {
        self.most = self.most.max(bytes.saturating_sub(self.before));
    }

    pub(super) fn message(&self) -> String {
        format!(
            "it held {} bytes, of which it may hold {}; it was killed{}",
            self.most, self.bytes, self.advice
        )
    }
}

/// The most data a worker may have, of which it has `data` already.
fn backstop(data: u64, bytes: u64, stack: u64) -> u64 {
    data.saturating_add(room(bytes, stack))
}

fn room(bytes: u64, stack: u64) -> u64 {
    let room = bytes.saturating_mul(ROOM).max(LEAST_ROOM);
    room.saturating_add(stack)
}

/// The most memory that a worker and all it starts may hold, where so much is available: a quarter of that is left to everybody
/// else. Never so little that it would decide in the cap's place.
fn room_of_group(bytes: u64, stack: u64, available: Option<u64>) -> u64 {
    let most = available.map_or(u64::MAX, most_of);
    let least = bytes.saturating_mul(2).saturating_add(stack);
    room(bytes, stack).min(most).max(least)
}

/// All but a quarter.
const fn most_of(available: u64) -> u64 {
    available / 4 * 3
}

/// Whether what a process said at its end is that it was refused memory, in the words of Rust's allocation error.
pub(super) fn was_refused(said: &str) -> bool {
    said.split_once("memory allocation of ")
        .is_some_and(|(_, rest)| rest.contains(" bytes failed"))
}

/// What dies for want of memory or stack would otherwise write all it had to the disk.
pub(super) fn leave_no_core(pid: Pid) {
    system::leave_no_core(pid);
}

/// What the system says of the memory of a process, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Status {
    resident: u64,
    high_water_mark: u64,
    /// What it may write to and shares with nobody, touched or not.
    data: u64,
}

impl Status {
    #[cfg(any(target_os = "linux", test))]
    fn of(text: &str) -> Option<Self> {
        let bytes = |name: &str| {
            let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
            let kibibytes: u64 = rest.trim().strip_suffix("kB")?.trim().parse().ok()?;
            kibibytes.checked_mul(1024)
        };
        Some(Self {
            resident: bytes("VmRSS:")?,
            high_water_mark: bytes("VmHWM:")?,
            data: bytes("VmData:")?,
        })
    }
}

#[cfg(target_os = "linux")]
mod system {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};

    use super::Status;

    pub(super) fn status(pid: Pid) -> Result<Status, String> {
        let path = format!("/proc/{}/status", pid.as_raw_nonzero());
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        Status::of(&text).ok_or_else(|| format!("{path} does not tell of memory"))
    }

    pub(super) fn stop_at(pid: Pid, bytes: u64) -> Result<(), String> {
        set(pid, Resource::Data, bytes).map_err(|error| format!("RLIMIT_DATA: {error}"))
    }

    pub(super) fn leave_no_core(pid: Pid) {
        // It costs time and disk, and no result.
        let _refused = set(pid, Resource::Core, 0);
    }

    /// What was resident for a moment while the program started is not the benchmark's.
    pub(super) fn forget_the_mark(pid: Pid) {
        // Some systems do not offer it. Then the mark is that of the start until more is resident.
        let _unsupported =
            std::fs::write(format!("/proc/{}/clear_refs", pid.as_raw_nonzero()), "5");
    }

    fn set(pid: Pid, resource: Resource, most: u64) -> rustix::io::Result<()> {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        prlimit(Some(pid), resource, limit).map(|_before| ())
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use rustix::process::Pid;

    use super::Status;

    pub(super) fn status(_pid: Pid) -> Result<Status, String> {
        Err("this system does not tell what a process has resident".to_owned())
    }

    pub(super) fn stop_at(_pid: Pid, _bytes: u64) -> Result<(), String> {
        Ok(())
    }

    pub(super) fn leave_no_core(_pid: Pid) {}

    pub(super) fn forget_the_mark(_pid: Pid) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_read_from_among_the_others() {
        let text = "Name:\tw\nVmPeak:\t  9000 kB\nVmHWM:\t    5204 kB\nVmRSS:\t    4000 kB\nVmData:\t     300 kB\n";
        let status = Status {
            resident: 4000 * 1024,
            high_water_mark: 5204 * 1024,
            data: 300 * 1024,
        };
        assert_eq!(Status::of(text), Some(status));
        assert_eq!(Status::of("VmRSS:\t4000 kB\n"), None);
        assert_eq!(Status::of(""), None);
    }

    #[test]
    fn what_is_asked_for_is_refused_far_beyond_the_cap_only() {
        const MIB: u64 = 1 << 20;
        // The stacks of many threads, under a small cap.
        assert!(backstop(0, 16 * MIB, 0) > 1024 * 2 * MIB);
        // The stack that was declared does not count, however large.
        assert!(backstop(0, 32 * MIB, 8192 * MIB) > 8192 * MIB + 32 * MIB);
        assert_eq!(backstop(5, 1024 * MIB, 7), 12 + ROOM * 1024 * MIB);
        assert_eq!(backstop(1, u64::MAX, 1), u64::MAX);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn who_declared_no_cap_is_told_how_to() {
        let mut child = std::process::Command::new("sleep")
            .arg("60")
            .spawn()
            .expect("there is a sleep");
        let cap = MemoryCap::leaving_some(Pid::from_child(&child), 0, 0);
        // Nothing was available, so any memory is too much; what it has already shall count.
        let seen = cap.map(|mut cap| {
            cap.before = 0;
            (cap.is_exceeded_now(), cap.message())
        });
        child.kill().expect("it is ours");
        child.wait().expect("it is gone");
        let (is_exceeded, message) = seen.expect("it is watched");
        assert!(is_exceeded && message.contains("of which it may hold 0; it was killed: "));
        assert!(
            message.ends_with("`rss = \"…\"` declares a cap"),
            "{message}"
        );
        assert_eq!(most_of(4 << 30), 3 << 30);
    }

    #[test]
    fn a_group_leaves_something_to_others_and_never_decides() {
        const MIB: u64 = 1 << 20;
        assert_eq!(room_of_group(32 * MIB, 0, None), LEAST_ROOM);
        assert_eq!(room_of_group(32 * MIB, 0, Some(64 << 30)), LEAST_ROOM);
        assert_eq!(room_of_group(32 * MIB, 0, Some(1 << 30)), 768 * MIB);
        assert_eq!(room_of_group(512 * MIB, 8, Some(1 << 30)), 1024 * MIB + 8);
        assert_eq!(room_of_group(u64::MAX, 1, Some(1)), u64::MAX);
    }

    #[test]
    fn only_a_refused_allocation_is_one() {
        assert!(was_refused(
            "thread main | memory allocation of 33554432 bytes failed"
        ));
        assert!(!was_refused("memory allocation of thoughts"));
        assert!(!was_refused("33 bytes failed"));
    }

    #[test]
    fn what_was_seen_is_kept_although_it_is_gone() {
        let mut cap = MemoryCap {
            pid: Pid::from_raw(i32::MAX).unwrap(),
            bytes: 100,
            before: 1000,
            most: 0,
            group: Err("version 1".to_owned()),
            advice: "",
        };
        cap.see(1050);
        cap.see(900);
        assert_eq!(cap.most(true), 50);
        assert!(!cap.is_exceeded_now());
        cap.see(1101);
        assert!(cap.is_exceeded_now());
        assert!(cap.message().contains("101 bytes"), "{}", cap.message());
    }
}

//! What a worker leaves behind: found wherever it went, and ended.
//!
//! A worker leads a process group, and killing the group ends whatever stays in it. A process may leave, though: `setsid`
//! and every daemon do. It would go on to disturb all later measurements, and nobody would know. Being in the group proves
//! little in the other direction too, as a process that has ended and was never waited for is still in it.
//!
//! So on Linux the conductor is a *subreaper* while a worker lives: when a process of the worker's descent loses its
//! parent, it becomes a child of the conductor, whatever group or session it is in. What is left of a worker is then among
//! the conductor's own children, once the worker itself has been waited for. Nobody else is touched:
//!
//! - Children that were there before the worker are not its own, nor are those in the conductor's own process group, which
//!   other threads of a bench binary may start at any time: a worker begins in another group.
//! - A process is looked for among our children immediately before it is killed, by its own id, and the id of a child goes
//!   to no other process before we have waited for it. The same holds for the id of a group that such a child is in.
//! - Workers live together only under one [`Watch`], so that one does not take the other for what it left. What they leave
//!   is told apart by the group it is still in, or else by the [mark](MARK_VARIABLE) in its environment. What shows neither
//!   is found when the last of them ends.
//! - After the last worker the conductor ceases to be a subreaper, so that servers which a build starts stay out of it.
//!
//! Two things are beyond it. A process that loses a parent which was there before the worker, and is not in the conductor's
//! group, looks like the worker's. And whoever kills the conductor itself with SIGKILL ends the worker with it, but not what
//! has left the worker's group.
//!
//! The children are found by asking every process for its parent, which is only done when there are any:
//! `/proc/self/task/*/children` is missing from many kernels, and may by its own manual miss one while others end.
//!
//! Elsewhere, or without `/proc`, there is only the group.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::Duration;

use rustix::process::{Pid, Signal};

use crate::stopwatch::Stopwatch;

/// How long a process may outlive its worker unreported. One that was killed and not waited for, or reads from a pipe that
/// the worker held, is about to end by itself.
const GRACE: Duration = Duration::from_millis(50);

const PAUSE: Duration = Duration::from_micros(500);

/// The variable by which it is known of a process which worker it descends from. It is as long for all workers, or it would
/// move their stacks.
pub(crate) const MARK_VARIABLE: &str = "PERF_HARNESS_ORIGIN";

/// The watch that is kept.
static TURN: Mutex<()> = Mutex::new(());

/// Living processes that a worker left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    Nothing,
    /// So many, of which some are still there.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "cannot be told"))]
    Processes {
        found: usize,
        surviving: usize,
    },
    /// Some, and all that could be done is to kill the group.
    Group,
}

/// The watch over the descent of workers that live together, kept from before the start of the first to the end of the last.
/// Clones are the same watch.
#[derive(Clone, Debug)]
pub(crate) struct Watch(Rc<Kept>);

#[derive(Debug)]
struct Kept {
    descent: Option<descent::Descent>,
    /// The workers of which something may be left.
    members: RefCell<Vec<Member>>,
    _turn: MutexGuard<'static, ()>,
}

/// A worker as the watch knows it.
#[derive(Clone, Debug)]
struct Member {
    /// Its process, and the group that it leads.
    pid: Pid,
    mark: String,
}

impl Watch {
    /// Begins a watch. Waits for the end of any other, so that one thread must not begin two.
    pub(crate) fn begin() -> Self {
        Self::begin_in_turn(TURN.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn begin_in_turn(turn: MutexGuard<'static, ()>) -> Self {
        Self(Rc::new(Kept {
            descent: descent::Descent::watch(),
            members: RefCell::default(),
            _turn: turn,
        }))
    }

    /// Takes in a worker that was started with `mark` as its [`MARK_VARIABLE`].
    pub(crate) fn over(&self, worker: Pid, mark: String) -> Orphans {
        let member = Member { pid: worker, mark };
        self.0.members.borrow_mut().push(member.clone());
        Orphans {
            watch: self.clone(),
            member,
            ended: false,
        }
    }

    fn others(&self, than: &Member) -> Vec<Member> {
        let mut members = self.0.members.borrow().clone();
        members.retain(|member| member.pid != than.pid);
        members
    }
}

/// A mark that no other worker has.
pub(crate) fn new_mark() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{:010}-{count:020}", std::process::id())
}

/// The watch over one worker's descent.
#[derive(Debug)]
pub(crate) struct Orphans {
    watch: Watch,
    member: Member,
    ended: bool,
}

impl Orphans {
    /// Ends whatever is left of the worker, which must have been waited for. Nothing is left the second time.
    pub(crate) fn end(&mut self) -> Left {
        if std::mem::replace(&mut self.ended, true) {
            return Left::Nothing;
        }
        let others = self.watch.others(&self.member);
        let left = match &self.watch.0.descent {
            Some(descent) => descent.end(&self.member, &others),
            None => end_group(self.member.pid),
        };
        *self.watch.0.members.borrow_mut() = others;
        left
    }
}

/// Without knowing who is in it. Those that have only ended are waited for by the system within a moment.
fn end_group(group: Pid) -> Left {
    let waiting = Stopwatch::start();
    while rustix::process::test_kill_process_group(group).is_ok() {
        if waiting.elapsed() > GRACE {
            let _nobody = rustix::process::kill_process_group(group, Signal::KILL);
            return Left::Group;
        }
        sleep(PAUSE);
    }
    Left::Nothing
}

#[cfg(target_os = "linux")]
mod descent {
    use std::collections::HashSet;
    use std::{fs, io};

    use rustix::process::{WaitId, WaitIdOptions, WaitOptions};

    use super::{
        Duration, GRACE, Left, MARK_VARIABLE, Member, PAUSE, Pid, Signal, Stopwatch, sleep,
    };

    /// How long to go on killing, should new processes appear as fast as they are killed or not be ours to kill.
    const PERSISTENCE: Duration = Duration::from_secs(2);

    /// Those of our children that the workers brought us.
    #[derive(Debug)]
    pub(super) struct Descent {
        /// The children that were there before the workers.
        before: HashSet<Life>,
        /// Whether this process is a subreaper for our sake only.
        made_subreaper: bool,
    }

    impl Descent {
        /// `None` when children cannot be listed, or would not come to us.
        pub(super) fn watch() -> Option<Self> {
            // Of a `/proc` of other processes than ours the ids mean nothing.
            let own = fs::read_link("/proc/self").ok()?;
            let pid = rustix::process::getpid();
            if own.to_str() != Some(&pid.as_raw_nonzero().to_string()) {
                return None;
            }
            let before = children().ok()?.iter().map(|child| child.life).collect();
            let was_subreaper = rustix::process::child_subreaper().ok()?.is_some();
            if !was_subreaper {
                rustix::process::set_child_subreaper(Some(pid)).ok()?;
            }
            Some(Self {
                before,
                made_subreaper: !was_subreaper,
            })
        }

        /// Ends what `worker` left, while `others` live or are yet to be looked after.
        pub(super) fn end(&self, worker: &Member, others: &[Member]) -> Left {
            let waiting = Stopwatch::start();
            let mut found = HashSet::new();
            loop {
                // Those that have ended are waited for in silence. The children of one that ends come to us first, so
                // that a look which finds nobody is the last one needed.
                let mut living = self.new_children();
                living.retain(|process| process.is_of(worker, others));
                living.retain(|process| !process.life.reap());
                let elapsed = waiting.elapsed();
                if living.is_empty() || elapsed > PERSISTENCE {
                    return match (found.len(), living.len()) {
                        (0, 0) => Left::Nothing,
                        (found, surviving) => Left::Processes { found, surviving },
                    };
                }
                if elapsed > GRACE {
                    // At once, where possible: a process that forks may be ahead of whoever kills one after the other.
                    if living.iter().any(|process| process.group == worker.pid) {
                        let _nobody = rustix::process::kill_process_group(worker.pid, Signal::KILL);
                    }
                    for process in living {
                        // Not allowed for a program of another user; it is counted as surviving in the end.
                        let _forbidden =
                            rustix::process::kill_process(process.life.pid, Signal::KILL);
                        found.insert(process.life);
                    }
                }
                sleep(PAUSE);
            }
        }

        fn new_children(&self) -> Vec<Process> {
            let ours = rustix::process::getpgrp();
            children()
                .unwrap_or_default()
                .into_iter()
                .filter(|process| process.group != ours && !self.before.contains(&process.life))
                .collect()
        }
    }

    impl Drop for Descent {
        fn drop(&mut self) {
            if self.made_subreaper {
                let _cannot_fail = rustix::process::set_child_subreaper(None);
            }
        }
    }

    /// One process for ever: an id alone is used again.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    struct Life {
        pid: Pid,
        /// In ticks since the system's start.
        started: u64,
    }

    impl Life {
        /// Waits for it if it has ended.
        fn reap(self) -> bool {
            !matches!(
                rustix::process::waitpid(Some(self.pid), WaitOptions::NOHANG),
                Ok(None)
            )
        }
    }

    /// A process as it is now.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    struct Process {
        life: Life,
        group: Pid,
    }

    impl Process {
        /// Reads `/proc/PID/stat`. `None` for a child of somebody else.
        fn child_of(parent: Pid, pid: Pid, stat: &str) -> Option<Self> {
            // The name in parentheses may hold anything, a parenthesis too.
            let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(1);
            let mut id = || Pid::from_raw(fields.next()?.parse().ok()?);
            if id()? != parent {
                return None;
            }
            let group = id()?;
            let started = fields.nth(16)?.parse().ok()?;
            let life = Life { pid, started };
            Some(Self { life, group })
        }
    }

    impl Process {
        /// Whether it counts as what `worker` left.
        fn is_of(&self, worker: &Member, others: &[Member]) -> bool {
            if others.is_empty() || self.group == worker.pid {
                return true;
            }
            let of_another = others
                .iter()
                .any(|other| self.life.pid == other.pid || self.group == other.pid);
            !of_another && self.has_mark(&worker.mark)
        }

        fn has_mark(&self, mark: &str) -> bool {
            let path = format!("/proc/{}/environ", self.life.pid.as_raw_nonzero());
            let wanted = format!("{MARK_VARIABLE}={mark}");
            fs::read(path)
                .unwrap_or_default()
                .split(|&byte| byte == 0)
                .any(|entry| entry == wanted.as_bytes())
        }
    }

    fn children() -> io::Result<Vec<Process>> {
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        if let Err(rustix::io::Errno::CHILD) = rustix::process::waitid(WaitId::All, look) {
            return Ok(Vec::new());
        }
        let parent = rustix::process::getpid();
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc")? {
            let entry = entry?;
            let name = entry.file_name();
            let pid = name.to_str().and_then(|name| name.parse().ok());
            let Some(pid) = pid.and_then(Pid::from_raw) else {
                continue;
            };
            // A process that is gone by now was no child: those stay until they are waited for.
            let stat = fs::read(entry.path().join("stat")).unwrap_or_default();
            found.extend(Process::child_of(
                parent,
                pid,
                &String::from_utf8_lossy(&stat),
            ));
        }
        Ok(found)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_name_cannot_pretend_to_be_a_child() {
            let pid = |raw| Pid::from_raw(raw).unwrap();
            let stat = "7 (a) S 3 4) R 5 6 7 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 777 9 10\n";
            assert_eq!(Process::child_of(pid(3), pid(7), stat), None);
            let child = Process {
                life: Life {
                    pid: pid(7),
                    started: 777,
                },
                group: pid(6),
            };
            assert_eq!(Process::child_of(pid(5), pid(7), stat), Some(child));
            assert_eq!(Process::child_of(pid(5), pid(7), ""), None);
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod descent {
    use super::{Left, Member};

    /// There is none here.
    #[derive(Debug)]
    pub(super) enum Descent {}

    impl Descent {
        pub(super) fn watch() -> Option<Self> {
            None
        }

        pub(super) fn end(&self, _worker: &Member, _others: &[Member]) -> Left {
            match *self {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    use super::*;

    fn sleeper() -> std::process::Child {
        Command::new("sleep")
            .arg("600")
            .process_group(0)
            .spawn()
            .unwrap()
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn only_what_is_new_is_ended() {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let mut server = sleeper();
        let watch = Watch::begin_in_turn(turn);
        let mut own_group = Command::new("sleep").arg("600").spawn().unwrap();
        let mut left = sleeper();
        let mut orphans = watch.over(Pid::from_child(&left), new_mark());
        let ended = orphans.end();
        // Kept in both cases, or a failing test would leave them behind.
        let alive = [&mut server, &mut own_group, &mut left].map(|child| {
            let alive = matches!(child.try_wait(), Ok(None));
            if alive {
                child.kill().unwrap();
                child.wait().unwrap();
            }
            alive
        });
        let one = Left::Processes {
            found: 1,
            surviving: 0,
        };
        assert_eq!((ended, alive), (one, [true, true, false]));
        assert_eq!(orphans.end(), Left::Nothing);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn workers_that_live_together_are_told_apart() {
        let watch = Watch::begin();
        let mark = new_mark();
        let marked = |mark: &str| {
            Command::new("sleep")
                .arg("600")
                .env(MARK_VARIABLE, mark)
                .process_group(0)
                .spawn()
                .unwrap()
        };
        // The first has left one that went its own way and one that shows no sign of it; the second lives.
        let mut processes = [marked(&mark), sleeper(), sleeper()];
        let nobody = Pid::from_raw(i32::MAX).unwrap();
        let mut first = watch.over(nobody, mark);
        let mut second = watch.over(Pid::from_child(&processes[2]), new_mark());
        let mut alive = || {
            processes
                .each_mut()
                .map(|child| matches!(child.try_wait(), Ok(None)))
        };
        let one = |found| Left::Processes {
            found,
            surviving: 0,
        };
        let ended = (first.end(), alive(), second.end(), alive());
        let wanted = (one(1), [false, true, true], one(2), [false; 3]);
        for child in &mut processes {
            let _gone = child.kill();
        }
        assert_eq!(ended, wanted);
    }

    #[test]
    fn a_group_that_ends_by_itself_is_not_left_behind() {
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let mut child = sleeper();
        let group = Pid::from_child(&child);
        let ended = end_group(group);
        child.wait().unwrap();
        assert_eq!(ended, Left::Group);
        assert_eq!(end_group(group), Left::Nothing);
    }
}

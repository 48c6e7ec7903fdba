//! Control groups of Linux, version 2: where a worker can have one of its own, for as long as it lives.
//!
//! A group is made only where the system's owner has handed the memory controller down already: below the conductor's own group,
//! or beside it. No group that was there is changed, and the conductor stays where it is. Everywhere else (version 1, a container
//! that may not write, no controller) there is a reason, and no group.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use rustix::process::Pid;

use crate::stopwatch::Stopwatch;

/// How long to wait for the last process of a group to be gone.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the names of our groups begin with.
const PREFIX: &str = "perf-harness-";

/// A place where groups can be made.
#[derive(Clone, Debug)]
pub(crate) struct Groups {
    folder: PathBuf,
    /// Whoever reads the process ids in names: the namespace they are of.
    namespace: String,
    /// Removes a group. Its files are the kernel's, and go with the folder.
    remove: fn(&Path) -> io::Result<()>,
}

/// A group. Dropping it ends everything in it, and removes it.
#[derive(Debug)]
pub(crate) struct Group {
    path: PathBuf,
    remove: fn(&Path) -> io::Result<()>,
}

impl Groups {
    /// Where this process can make groups. What a conductor that was killed has left there is removed.
    ///
    /// # Errors
    /// With the reason, where it cannot.
    pub(crate) fn own() -> Result<Self, String> {
        let read =
            |path: &str| fs::read_to_string(path).map_err(|error| format!("{path}: {error}"));
        let places = places(&read("/proc/self/cgroup")?, &read("/proc/self/mountinfo")?)?;
        let namespace = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
        let mut refused = String::new();
        for folder in places {
            let groups = Self {
                folder,
                namespace: digits(&namespace.to_string_lossy()),
                remove: |path| fs::remove_dir(path),
            };
            match groups.is_handed_down() {
                Ok(()) => {
                    groups.sweep(|pid| Path::new("/proc").join(pid).exists());
                    return Ok(groups);
                }
                Err(reason) => refused = reason,
            }
        }
        Err(refused)
    }

    fn is_handed_down(&self) -> Result<(), String> {
        let path = self.folder.join("cgroup.subtree_control");
        let controllers = fs::read_to_string(&path)
            .map_err(|error| format!("control groups of version 2 cannot be read: {error}"))?;
        if controllers.split_whitespace().any(|name| name == "memory") {
            Ok(())
        } else {
            Err(
                "the memory controller is not handed down to control groups of version 2"
                    .to_owned(),
            )
        }
    }

    /// Removes the groups of conductors that are gone, and whatever is still in them.
    fn sweep(&self, is_there: impl Fn(&str) -> bool) {
        let own = format!("{PREFIX}{}-", self.namespace);
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(&own)) else {
                continue;
            };
            let pid = rest.split('-').next().unwrap_or_default();
            let is_pid = !pid.is_empty() && pid.bytes().all(|byte| byte.is_ascii_digit());
            if is_pid && !is_there(pid) {
                drop(self.group(entry.path()));
            }
        }
    }

    fn group(&self, path: PathBuf) -> Group {
        Group {
            path,
            remove: self.remove,
        }
    }

    /// A group for `pid`, whose processes may hold so many bytes together from now on.
    ///
    /// # Errors
    /// With the reason, where there can be none.
    pub(crate) fn take_in(&self, pid: Pid, bytes: u64) -> Result<Group, String> {
        let name = format!(
            "{PREFIX}{}-{}-{}",
            self.namespace,
            std::process::id(),
            pid.as_raw_nonzero()
        );
        let path = self.folder.join(name);
        fs::create_dir(&path).map_err(|error| format!("no control group can be made: {error}"))?;
        let group = self.group(path);
        group.write("memory.max", &bytes.to_string())?;
        // Without swap, or without these files, memory alone is capped.
        let _optional = group.write("memory.swap.max", "0");
        let _optional = group.write("memory.oom.group", "1");
        group.write("cgroup.procs", &pid.as_raw_nonzero().to_string())?;
        Ok(group)
    }
}

impl Group {
    fn write(&self, file: &str, text: &str) -> Result<(), String> {
        fs::write(self.path.join(file), text)
            .map_err(|error| format!("{file} of a control group cannot be written: {error}"))
    }

    /// Whether the kernel has killed for want of memory in it.
    pub(crate) fn ran_out(&self) -> bool {
        let events = fs::read_to_string(self.path.join("memory.events")).unwrap_or_default();
        let kills = events
            .lines()
            .find_map(|line| line.strip_prefix("oom_kill "));
        kills.is_some_and(|count| count.trim() != "0")
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // Kernels before 5.14 cannot; then the group goes when the last of its processes does.
        let _unsupported = self.write("cgroup.kill", "1");
        let waiting = Stopwatch::start();
        while (self.remove)(&self.path).is_err() && self.path.exists() {
            if waiting.elapsed() > PATIENCE {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// The folder of this process's group, and that of the group around it, where that is to be seen.
fn places(cgroup: &str, mounts: &str) -> Result<Vec<PathBuf>, String> {
    let group = cgroup.lines().find_map(|line| line.strip_prefix("0::"));
    let group = group.ok_or("there are no control groups of version 2")?;
    let (root, mounted) = mounts
        .lines()
        .find_map(cgroup2)
        .ok_or("control groups of version 2 are not mounted")?;
    let inside = Path::new(group).strip_prefix(root).ok().filter(|path| {
        path.components()
            .all(|part| matches!(part, Component::Normal(_)))
    });
    let inside = inside.ok_or("this process's control group is not to be seen from here")?;
    let own = Path::new(mounted).join(inside);
    let around = own.parent().map(Path::to_owned);
    let around = around.filter(|_| inside.components().next().is_some());
    Ok([own].into_iter().chain(around).collect())
}

/// Of a line of `mountinfo`: what of the hierarchy is mounted, and where.
fn cgroup2(line: &str) -> Option<(&str, &str)> {
    let (mount, system) = line.split_once(" - ")?;
    let mut fields = mount.split(' ').skip(3);
    let (root, place) = (fields.next()?, fields.next()?);
    // Where a name has a space it is written otherwise, and nobody mounts control groups so.
    (system.starts_with("cgroup2 ") && !place.contains('\\')).then_some((root, place))
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "21 20 0:20 / /proc rw - proc proc rw\n\
        36 35 0:31 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw\n";

    /// A folder that looks like one of control groups.
    fn groups(folder: &Path, handed_down: &str) -> Groups {
        fs::write(folder.join("cgroup.subtree_control"), handed_down).unwrap();
        Groups {
            folder: folder.to_owned(),
            namespace: "4026531836".to_owned(),
            remove: |path| fs::remove_dir_all(path),
        }
    }

    fn pid() -> Pid {
        Pid::from_raw(4711).unwrap()
    }

    #[test]
    fn a_group_is_made_below_ones_own_or_beside_it() {
        let found = |cgroup| places(cgroup, MOUNTS).unwrap();
        assert_eq!(
            found("5:cpu:/\n0::/user.slice/app.slice/run.scope\n"),
            [
                "/sys/fs/cgroup/user.slice/app.slice/run.scope",
                "/sys/fs/cgroup/user.slice/app.slice"
            ]
            .map(PathBuf::from)
        );
        // Of a container the rest is not to be seen.
        assert_eq!(found("0::/\n"), [PathBuf::from("/sys/fs/cgroup/")]);
        let bound = MOUNTS.replace("0:31 / /sys", "0:31 /docker/7 /sys");
        assert_eq!(
            places("0::/docker/7\n", &bound).unwrap(),
            [PathBuf::from("/sys/fs/cgroup/")]
        );
        for (cgroup, mounts, part) in [
            ("4:memory:/a\n", MOUNTS, "no control groups of version 2"),
            (
                "0::/a\n",
                "25 20 0:5 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
                "not mounted",
            ),
            ("0::/../../evil\n", MOUNTS, "not to be seen"),
            ("0::/elsewhere\n", &bound, "not to be seen"),
            ("", "", "no control groups"),
        ] {
            let reason = places(cgroup, mounts).unwrap_err();
            assert!(reason.contains(part), "{reason}");
        }
    }

    #[test]
    fn a_group_caps_what_is_in_it_and_goes() {
        let folder = tempfile::tempdir().unwrap();
        let groups = groups(folder.path(), "cpu memory pids\n");
        assert_eq!(groups.is_handed_down(), Ok(()));
        let group = groups.take_in(pid(), 1 << 30).unwrap();
        let path = group.path.clone();
        let holds = |file: &str| fs::read_to_string(path.join(file)).unwrap();
        assert_eq!(holds("memory.max"), "1073741824");
        assert_eq!(holds("memory.swap.max"), "0");
        assert_eq!(holds("cgroup.procs"), "4711");
        assert!(!group.ran_out());
        for (events, ran_out) in [
            ("low 0\nhigh 0\nmax 7\noom 0\noom_kill 0\n", false),
            ("max 7\noom 2\noom_kill 12\noom_group_kill 1\n", true),
        ] {
            fs::write(path.join("memory.events"), events).unwrap();
            assert_eq!(group.ran_out(), ran_out);
        }
        drop(group);
        assert!(!path.exists());
    }

    #[test]
    fn what_cannot_be_had_has_a_reason() {
        let folder = tempfile::tempdir().unwrap();
        let none = groups(folder.path(), "cpu pids\n").is_handed_down();
        assert!(none.unwrap_err().contains("not handed down"));
        let gone = Groups {
            folder: folder.path().join("nowhere"),
            ..groups(folder.path(), "memory\n")
        };
        assert!(
            gone.is_handed_down()
                .unwrap_err()
                .contains("cannot be read")
        );
        assert!(gone.take_in(pid(), 1).unwrap_err().contains("can be made"));
    }

    #[test]
    fn only_the_groups_of_conductors_that_are_gone_are_swept() {
        let folder = tempfile::tempdir().unwrap();
        let groups = groups(folder.path(), "memory\n");
        let gone = "perf-harness-4026531836-17-3";
        let others = [
            "perf-harness-4026531836-18-4",
            // Of a container with ids of its own.
            "perf-harness-4026539999-17-3",
            "perf-harness-4026531836-17x-3",
            "perf-harness-4026531836--3",
            "user.slice",
        ];
        for name in others.iter().chain([&gone]) {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        groups.sweep(|pid| pid == "18");
        assert!(!folder.path().join(gone).exists());
        assert!(others.iter().all(|name| folder.path().join(name).exists()));
    }
}

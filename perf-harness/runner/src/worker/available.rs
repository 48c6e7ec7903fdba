//! How much memory can be taken without anybody else having to give some.

use std::fs;
use std::path::{Path, PathBuf};

/// What the system calls available, or what the control groups around this process leave of it, if that is less. `None` where
/// the system does not tell.
pub(crate) fn memory_available() -> Option<u64> {
    let system = available_in(&fs::read_to_string("/proc/meminfo").ok()?)?;
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let left = groups
        .lines()
        .flat_map(|line| left_by(line, Path::new("/sys/fs/cgroup")));
    Some(left.fold(system, u64::min))
}

fn available_in(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim()
        .strip_suffix("kB")?
        .trim()
        .parse::<u64>()
        .ok()?
        .checked_mul(1024)
}

/// What the group of a line of `/proc/self/cgroup`, and those around it, leave of their memory.
fn left_by(line: &str, mounted: &Path) -> Vec<u64> {
    let mut fields = line.splitn(3, ':').skip(1);
    let (Some(controllers), Some(group)) = (fields.next(), fields.next()) else {
        return Vec::new();
    };
    let (top, names) = match controllers {
        "" => (
            mounted.to_owned(),
            ["memory.max", "memory.current", "inactive_file "],
        ),
        _ if controllers.split(',').any(|name| name == "memory") => (
            mounted.join("memory"),
            [
                "memory.limit_in_bytes",
                "memory.usage_in_bytes",
                "total_inactive_file ",
            ],
        ),
        _ => return Vec::new(),
    };
    let group = Path::new(group.trim_start_matches('/'));
    let around = group.ancestors().map(|path| top.join(path));
    around
        .filter_map(|folder| left_in(&folder, names))
        .collect()
}

/// What one group leaves: what is in it for files that nobody uses goes when it is needed.
fn left_in(folder: &Path, [most, used, unused]: [&str; 3]) -> Option<u64> {
    let read = |file: &str| fs::read_to_string(PathBuf::from(folder).join(file)).ok();
    let number = |file: &str| read(file)?.trim().parse::<u64>().ok();
    let (most, used) = (number(most)?, number(used)?);
    let stat = read("memory.stat").unwrap_or_default();
    let unused = stat
        .lines()
        .find_map(|line| line.strip_prefix(unused)?.trim().parse::<u64>().ok());
    Some(most.saturating_sub(used.saturating_sub(unused.unwrap_or(0))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tightest_group_around_counts() {
        assert_eq!(
            available_in("MemFree: 1 kB\nMemAvailable:   2048 kB\n"),
            Some(2 << 20)
        );
        assert_eq!(available_in("MemFree: 1 kB\n"), None);
        let folder = tempfile::tempdir().unwrap();
        let write = |file: &str, text: &str| {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("a/memory.max", "1000\n");
        write("a/memory.current", "400\n");
        write("a/memory.stat", "anon 5\ninactive_file 100\n");
        write("a/b/memory.max", "max\n");
        write("a/b/memory.current", "300\n");
        write("memory/c/memory.limit_in_bytes", "500\n");
        write("memory/c/memory.usage_in_bytes", "600\n");
        let left = |line| left_by(line, folder.path());
        assert_eq!(left("0::/a/b"), [700]);
        assert_eq!(left("4:cpu,memory:/c"), [0]);
        assert!(left("3:cpu:/a").is_empty());
        assert!(left("nonsense").is_empty());
    }
}

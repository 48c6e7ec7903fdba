//! The system's own files, below a root that is `/` but for tests.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// As much is read of a file of the system. None is longer but `cpuinfo` of a very large machine.
const MOST: u64 = 1 << 20;

/// Where the system's files are.
#[derive(Clone, Debug)]
pub struct System {
    root: PathBuf,
    programs: Vec<PathBuf>,
}

impl System {
    /// The system whose `proc` and `sys` lie below `root`, and whose programs in the folders of `path`.
    #[must_use]
    pub fn at(root: &Path, path: &OsStr) -> Self {
        Self {
            root: root.to_owned(),
            programs: std::env::split_paths(path).collect(),
        }
    }

    /// The text of a file, trimmed; `None` where it cannot be read.
    pub(super) fn text(&self, file: &str) -> Option<String> {
        let mut text = Vec::new();
        let path = self.root.join(file);
        // Whatever is not a regular file could be waited for without end.
        if !path.metadata().ok()?.is_file() {
            return None;
        }
        File::open(path)
            .ok()?
            .take(MOST)
            .read_to_end(&mut text)
            .ok()?;
        Some(String::from_utf8_lossy(&text).trim().to_owned())
    }

    /// The number that a file consists of.
    pub(super) fn number(&self, file: &str) -> Option<i64> {
        self.text(file)?.parse().ok()
    }

    /// Names in a folder, sorted.
    pub(super) fn names(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.root.join(folder));
        let mut names: Vec<String> = entries
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// The line of a file that begins with `key`, without it.
    pub(super) fn line(&self, file: &str, key: &str) -> Option<String> {
        let text = self.text(file)?;
        let line = text.lines().find_map(|line| line.strip_prefix(key))?;
        Some(line.trim_start_matches(':').trim().to_owned())
    }

    /// A figure of `/proc/meminfo`, in MiB.
    pub(super) fn memory_mib(&self, key: &str) -> Option<u64> {
        let line = self.line("proc/meminfo", &format!("{key}:"))?;
        let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
        Some(kib / 1024)
    }

    /// Whether a program of this name is there to be called.
    pub(super) fn has_program(&self, name: &str) -> bool {
        self.programs
            .iter()
            .any(|folder| folder.join(name).is_file())
    }
}

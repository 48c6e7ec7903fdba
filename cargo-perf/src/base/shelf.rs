//! Where bases are kept: `.perf/bases/<key>/`, one folder for each content that was built.
//!
//! ```text
//! .perf/bases/lock            held for a moment, by whoever takes a base or removes old ones
//! .perf/bases/<key>/use       shared by all who use the base; its age is the time of the last use
//! .perf/bases/<key>/prepare   held while it is written and built
//! .perf/bases/<key>/tree/     the files, there whole or not at all
//! .perf/bases/<key>/target…/  what cargo built of them
//! ```
//!
//! All locks are of the kind that the system releases when a process ends, however it ends: a crash leaves none.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

/// How many bases are kept, the one in use among them.
const KEPT: usize = 4;

/// How much the kept bases may weigh together, in bytes.
const KEPT_BYTES: u64 = 4 << 30;

/// How often a lock that somebody else holds is asked for.
const LOOK: Duration = Duration::from_millis(100);

/// What folders on their way out begin with. No key has a dot.
const TRASH: &str = ".trash-";

/// A base of this process: as long as it lives, nobody removes its folder.
#[derive(Debug)]
pub(super) struct Slot {
    folder: PathBuf,
    /// Locked, shared with other users.
    _use: File,
}

/// Why a base could not be taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum ShelfError {
    #[error("cannot use {}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("interrupted")]
    Interrupted,
}

fn io_error(path: &Path) -> impl Fn(io::Error) -> ShelfError {
    let path = path.to_owned();
    move |source| ShelfError::Io {
        path: path.clone(),
        source,
    }
}

impl Slot {
    /// Takes the base `key` from the shelf `bases`, as an empty folder if it is new, and removes old ones that nobody uses.
    pub(super) fn take(bases: &Path, key: &str, stop: &AtomicBool) -> Result<Self, ShelfError> {
        let shelf = open(&bases.join("lock"))?;
        lock(&shelf, stop).map_err(|error| error.at(bases))?;
        let folder = bases.join(key);
        match fs::create_dir(&folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(io_error(&folder)(error));
            }
            _ => {}
        }
        let file = folder.join("use");
        let used = open(&file)?;
        // Whoever removes bases holds the shelf's lock, so nobody but users can hold this one now.
        used.lock_shared().map_err(io_error(&file))?;
        used.set_modified(now()).map_err(io_error(&file))?;
        remove_old(bases, key, KEPT, KEPT_BYTES);
        Ok(Self { folder, _use: used })
    }

    /// The folder of the base, which has room for more beside the tree.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn tree(&self) -> PathBuf {
        self.folder.join("tree")
    }

    /// Waits until nobody else prepares this base. `waits` is called once if that takes time. The lock ends with the file.
    pub(super) fn prepare(
        &self,
        stop: &AtomicBool,
        waits: impl FnOnce(),
    ) -> Result<File, ShelfError> {
        let path = self.folder.join("prepare");
        let file = open(&path)?;
        if file.try_lock().is_ok() {
            return Ok(file);
        }
        waits();
        lock(&file, stop).map_err(|error| error.at(&path))?;
        Ok(file)
    }

    /// Fills `tree/` by `write` unless it is there. What is written appears under its name in one step, when it is whole;
    /// what an earlier process left half done is removed first. Call with the lock of [`prepare`](Self::prepare).
    pub(super) fn fill<E>(
        &self,
        write: impl FnOnce(&Path) -> Result<(), E>,
    ) -> Result<Result<(), E>, ShelfError> {
        let tree = self.tree();
        if tree.is_dir() {
            return Ok(Ok(()));
        }
        let half = self.folder.join("tree.half");
        remove(&half)?;
        fs::create_dir(&half).map_err(io_error(&half))?;
        if let Err(error) = write(&half) {
            remove(&half)?;
            return Ok(Err(error));
        }
        fs::rename(&half, &tree).map_err(io_error(&tree))?;
        Ok(Ok(()))
    }
}

impl ShelfError {
    /// The same with the path of what was to be locked.
    fn at(self, place: &Path) -> Self {
        match self {
            Self::Io { source, .. } => Self::Io {
                path: place.to_owned(),
                source,
            },
            other => other,
        }
    }
}

fn remove(path: &Path) -> Result<(), ShelfError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(io_error(path)(error)),
        _ => Ok(()),
    }
}

fn open(path: &Path) -> Result<File, ShelfError> {
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(io_error(path))
}

/// Waits for a lock, as long as nobody wants us to stop.
fn lock(file: &File, stop: &AtomicBool) -> Result<(), ShelfError> {
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(io_error(Path::new(""))(error)),
            Err(TryLockError::WouldBlock) if stop.load(Ordering::Relaxed) => {
                return Err(ShelfError::Interrupted);
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOOK),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the age of a folder, which no verdict depends on"
)]
fn now() -> SystemTime {
    SystemTime::now()
}

/// Removes the bases that were used longest ago, until `kept` are left that weigh at most `bytes`. The one that is taken and
/// those that others use stay, whatever they weigh. Best effort: what cannot be removed costs space and nothing else.
fn remove_old(bases: &Path, taken: &str, kept: usize, bytes: u64) {
    let Ok(items) = fs::read_dir(bases) else {
        return;
    };
    let mut others = Vec::new();
    for item in items.flatten() {
        let name = item.file_name().to_string_lossy().into_owned();
        if name.starts_with(TRASH) {
            let _later = fs::remove_dir_all(item.path());
        } else if name != taken && item.file_type().is_ok_and(|kind| kind.is_dir()) {
            let used = item.path().join("use").metadata();
            let age = used.and_then(|data| data.modified()).ok();
            others.push((age, item.path()));
        }
    }
    if others.is_empty() {
        return;
    }
    others.sort_by(|a, b| b.cmp(a));
    let mut weight = weight(&bases.join(taken));
    let mut staying = 1;
    for (_, folder) in others {
        let with_it = weight + self::weight(&folder);
        if staying < kept && with_it <= bytes || !discard(bases, &folder) {
            staying += 1;
            weight = with_it;
        }
    }
}

/// Removes a base unless somebody uses it. It loses its name first, so that no half of it is ever taken for a base.
fn discard(bases: &Path, folder: &Path) -> bool {
    let Ok(used) = open(&folder.join("use")) else {
        return false;
    };
    if used.try_lock().is_err() {
        return false;
    }
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let trash = bases.join(format!("{TRASH}{name}"));
    let _absent = fs::remove_dir_all(&trash);
    if fs::rename(folder, &trash).is_err() {
        return false;
    }
    // What is left of it is removed the next time.
    let _later = fs::remove_dir_all(&trash);
    true
}

/// Bytes on the disk below a folder. A file with several names counts under each, so this is at most too much.
fn weight(folder: &Path) -> u64 {
    let Ok(items) = fs::read_dir(folder) else {
        return 0;
    };
    items
        .flatten()
        .map(|item| match item.metadata() {
            Ok(data) if data.is_dir() => weight(&item.path()),
            Ok(data) => data.len(),
            Err(_) => 0,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|item| item.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != "lock")
            .collect();
        names.sort();
        names
    }

    fn take(bases: &Path, key: &str) -> Slot {
        Slot::take(bases, key, &AtomicBool::new(false)).unwrap()
    }

    /// A base that was used so many seconds ago and weighs so many bytes.
    fn aged(bases: &Path, key: &str, seconds: u64, bytes: usize) {
        drop(take(bases, key));
        fs::write(bases.join(key).join("file"), vec![0; bytes]).unwrap();
        let then = now() - Duration::from_secs(seconds);
        let file = File::options()
            .write(true)
            .open(bases.join(key).join("use"));
        file.unwrap().set_modified(then).unwrap();
    }

    #[test]
    fn files_are_there_whole_or_not_at_all() {
        let bases = tempfile::tempdir().unwrap();
        let slot = take(bases.path(), "a");
        // As a killed process would leave it.
        fs::create_dir(bases.path().join("a/tree.half")).unwrap();
        fs::write(bases.path().join("a/tree.half/old"), "").unwrap();
        let failed: Result<(), &str> = slot
            .fill(|half| {
                fs::write(half.join("one"), "").unwrap();
                Err("full disk")
            })
            .unwrap();
        assert_eq!(failed, Err("full disk"));
        assert!(!slot.tree().exists());
        let written: Result<(), ()> = slot
            .fill(|half| {
                fs::write(half.join("one"), "").unwrap();
                Ok(())
            })
            .unwrap();
        assert_eq!(written, Ok(()));
        assert_eq!(names(&slot.tree()), ["one"]);
        let again: Result<(), ()> = slot.fill(|_| panic!("it is there")).unwrap();
        assert_eq!(again, Ok(()));
    }

    #[test]
    fn the_oldest_go_first_and_those_in_use_stay() {
        let bases = tempfile::tempdir().unwrap();
        for (key, age) in [("a", 40), ("b", 30), ("c", 20), ("d", 10)] {
            aged(bases.path(), key, age, 1);
        }
        remove_old(bases.path(), "d", 2, 1000);
        assert_eq!(names(bases.path()), ["c", "d"]);
        aged(bases.path(), "e", 100, 1);
        let used = take(bases.path(), "e");
        let file = File::options().write(true).open(bases.path().join("e/use"));
        file.unwrap()
            .set_modified(now() - Duration::from_secs(100))
            .unwrap();
        remove_old(bases.path(), "d", 1, 1000);
        assert_eq!(names(bases.path()), ["d", "e"]);
        drop(used);
        remove_old(bases.path(), "d", 1, 1000);
        assert_eq!(names(bases.path()), ["d"]);
    }

    #[test]
    fn heavy_ones_go_too_and_the_taken_one_never() {
        let bases = tempfile::tempdir().unwrap();
        for (key, age) in [("a", 40), ("b", 30), ("c", 20)] {
            aged(bases.path(), key, age, 100);
        }
        remove_old(bases.path(), "c", 10, 250);
        assert_eq!(names(bases.path()), ["b", "c"]);
        remove_old(bases.path(), "c", 10, 50);
        assert_eq!(names(bases.path()), ["c"]);
    }

    #[test]
    fn what_a_killed_removal_left_is_removed() {
        let bases = tempfile::tempdir().unwrap();
        fs::create_dir_all(bases.path().join(".trash-a/target")).unwrap();
        let _slot = take(bases.path(), "b");
        assert_eq!(names(bases.path()), ["b"]);
    }

    #[test]
    fn one_prepares_and_the_others_wait_until_they_are_stopped() {
        let bases = tempfile::tempdir().unwrap();
        let (one, other) = (take(bases.path(), "a"), take(bases.path(), "a"));
        let stop = AtomicBool::new(false);
        let lock = one
            .prepare(&stop, || panic!("nobody else is here"))
            .unwrap();
        stop.store(true, Ordering::Relaxed);
        let mut waited = false;
        let refused = other.prepare(&stop, || waited = true);
        assert!(matches!(refused, Err(ShelfError::Interrupted)));
        assert!(waited);
        drop(lock);
        stop.store(false, Ordering::Relaxed);
        other.prepare(&stop, || panic!("it is free")).unwrap();
    }
}

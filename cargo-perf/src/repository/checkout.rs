//! Which files of the working tree are objects of git, unpacked already.

use std::fs::Metadata;
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use git2::{IndexEntry, Oid};

use super::Repository;

impl Repository {
    /// The file at `path` in the repository if it is `blob` as git checked it out: by size and time, as git itself
    /// judges without reading it. Reading a file costs a hundredth of unpacking and hashing an object.
    pub(crate) fn checked_out(&self, path: &str, blob: Oid) -> Option<PathBuf> {
        let entry = self.git.index().ok()?.get_path(path.as_ref(), 0)?;
        let file = self.workdir.join(path);
        let metadata = file.symlink_metadata().ok()?;
        (entry.id == blob && metadata.is_file() && is_untouched(&entry, &metadata)).then_some(file)
    }
}

fn is_untouched(entry: &IndexEntry, metadata: &Metadata) -> bool {
    let modified = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let seconds = i64::from(entry.mtime.seconds());
    let nanoseconds = entry.mtime.nanoseconds();
    u64::from(entry.file_size) == metadata.len()
        && modified.is_some_and(|time| {
            // Git built without nanoseconds leaves zero.
            i64::try_from(time.as_secs()) == Ok(seconds)
                && [0, time.subsec_nanos()].contains(&nanoseconds)
        })
}

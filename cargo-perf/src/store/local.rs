//! The folder `.perf/` in the workspace root: everything of this machine alone, which git does not see.

use std::path::{Path, PathBuf};

use super::atomic::{self, WriteError};
use crate::repository::LOCAL;

/// The folder `.perf/PART` of the workspace at `root`, made if it is not there.
///
/// # Errors
/// When it cannot be made, or something else has its name.
pub fn local_folder(root: &Path, part: &str) -> Result<PathBuf, WriteError> {
    atomic::folder(&local_root(root)?, &[part])
}

/// The folder `.perf` itself, made if it is not there.
pub(super) fn local_root(root: &Path) -> Result<PathBuf, WriteError> {
    let local = atomic::folder(root, &[LOCAL])?;
    ignore(&local)?;
    Ok(local)
}

/// Keeps git away from the folder. Someone's own `.gitignore` in its place is left alone.
fn ignore(local: &Path) -> Result<(), WriteError> {
    match atomic::write_new(local, ".gitignore", b"*\n") {
        Ok(_) | Err(WriteError::Taken(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

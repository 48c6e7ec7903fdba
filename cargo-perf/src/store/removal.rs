//! Taking away a file of the store.

use std::fs;
use std::io;
use std::path::Path;

use super::atomic::WriteError;

/// Removes a file that was listed below `root`; one that is gone already is fine. Says whether it was there.
///
/// # Errors
/// When the system refuses.
pub fn remove(root: &Path, file: &str) -> Result<bool, WriteError> {
    let path = root.join(file);
    match fs::remove_file(&path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(WriteError::Io { path, source }),
    }
}

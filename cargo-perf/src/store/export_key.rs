//! `.perf/export-key`: what names are hashed with where they leave this machine. Made at random when it is first asked for.
//!
//! It is no part of the history: copied to another machine, exports from there have the same hashes; deleted, the next have others.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::Reason;
use super::atomic::WriteError;
use super::entry::read_regular;
use super::local::local_root;
use crate::hash::hex;
use crate::repository::LOCAL;
use crate::secret::Secret;

/// The file, in `.perf/`.
const FILE: &str = "export-key";

/// Bytes of the key: as many as its hash has.
const BYTES: usize = 32;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file is no key.
    #[error("{LOCAL}/{FILE} is no key of 64 hexadecimal digits; remove it for a new one")]
    Damaged,
    /// The file cannot be read.
    #[error("{LOCAL}/{FILE} cannot be used: {0}")]
    Unreadable(Reason),
    /// The system has no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Random(getrandom::Error),
    /// The system refused.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// The key of the workspace at `root`.
///
/// # Errors
/// When it cannot be read, or not be made.
pub fn export_key(root: &Path) -> Result<Secret, KeyError> {
    let path = local_root(root)?.join(FILE);
    if path.symlink_metadata().is_err() {
        make(&path)?;
    }
    // What stands there counts: somebody else may have made one meanwhile.
    let bytes = read_regular(&path).map_err(KeyError::Unreadable)?;
    let text = String::from_utf8(bytes).map_err(|_| KeyError::Damaged)?;
    let digits = text.trim_end();
    let is_key = digits.len() == 2 * BYTES && digits.bytes().all(|b| b.is_ascii_hexdigit());
    Secret::of(is_key.then(|| digits.to_owned())).ok_or(KeyError::Damaged)
}

/// Makes a key, whole or not at all, that only this user may read.
fn make(path: &Path) -> Result<(), KeyError> {
    let mut key = [0; BYTES];
    getrandom::fill(&mut key).map_err(KeyError::Random)?;
    let folder = path.parent().unwrap_or(path);
    let write = || -> std::io::Result<()> {
        // Temporary files are for their owner only, and stay so under their new name. Not named like those of a writer of records,
        // which another one removes if it finds them without a lock.
        let mut file = tempfile::Builder::new()
            .prefix(".export-key-")
            .tempfile_in(folder)?;
        writeln!(file, "{}", hex(&key))?;
        file.as_file().sync_all()?;
        match file.persist_noclobber(path) {
            Err(error) if error.error.kind() != std::io::ErrorKind::AlreadyExists => {
                Err(error.error)
            }
            _ => Ok(()),
        }
    };
    let path: PathBuf = path.to_owned();
    write().map_err(|source| KeyError::Write(WriteError::Io { path, source }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_for_its_owner_and_is_another_elsewhere() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let key = export_key(here.path()).unwrap();
        assert_eq!(export_key(here.path()).unwrap(), key);
        assert_ne!(export_key(there.path()).unwrap(), key);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let file = here.path().join(LOCAL).join(FILE).metadata().unwrap();
            assert_eq!(file.permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn many_at_once_agree() {
        let root = tempfile::tempdir().unwrap();
        let keys: Vec<Secret> = std::thread::scope(|scope| {
            let all: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| export_key(root.path()).unwrap()))
                .collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert!(keys.windows(2).all(|pair| pair[0] == pair[1]));
    }

    #[test]
    fn what_is_no_key_is_never_used() {
        let root = tempfile::tempdir().unwrap();
        export_key(root.path()).unwrap();
        let file = root.path().join(LOCAL).join(FILE);
        for damage in ["", "abc", &"g".repeat(64), &"a".repeat(63)] {
            std::fs::write(&file, damage).unwrap();
            assert!(matches!(export_key(root.path()), Err(KeyError::Damaged)));
        }
        #[cfg(unix)]
        {
            std::fs::remove_file(&file).unwrap();
            let elsewhere = root.path().join("elsewhere");
            std::fs::write(&elsewhere, "a".repeat(64)).unwrap();
            std::os::unix::fs::symlink(&elsewhere, &file).unwrap();
            assert!(matches!(
                export_key(root.path()),
                Err(KeyError::Unreadable(Reason::Link))
            ));
        }
    }
}

//! Files that are there whole or not at all.
//!
//! The bytes go to a temporary file in the same folder, to the disk, and only then to their name, which must not be
//! taken. Killed at any point, a writer leaves at most a temporary file: readers pass over it, and the next writer
//! removes it. A living writer holds a lock on its file, by which the two are told apart.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::entry::read_regular;
use super::shelf::TEMPORARY;

/// How a file came to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    New,
    /// It was there, with the same content.
    AlreadyThere,
}

/// Why a file could not be written. The message names the path.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A link would lead the file elsewhere.
    #[error("{} is a symbolic link, and records are not written through links; replace it by a folder", .0.display())]
    Link(PathBuf),
    /// Something else has the name of a folder.
    #[error("{} is not a folder; move it out of the way", .0.display())]
    NotAFolder(PathBuf),
    /// Something else has the name of the record.
    #[error("{} exists with other content: it is damaged; restore it with `git checkout` or remove it", .0.display())]
    Taken(PathBuf),
    /// The system refused.
    #[error("cannot write {}: {source}{}", path.display(), help(source))]
    Io {
        /// What was being written.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

fn help(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; free some space and try again"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "; make the folder writable for this user"
        }
        _ => "",
    }
}

/// Makes the folders `parts` below `root`, one in the other, none of them a link.
pub(super) fn folder(root: &Path, parts: &[&str]) -> Result<PathBuf, WriteError> {
    let mut path = root.to_owned();
    for part in parts {
        path.push(part);
        match fs::create_dir(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => check_folder(&path)?,
            Err(source) => return Err(WriteError::Io { path, source }),
        }
    }
    Ok(path)
}

fn check_folder(path: &Path) -> Result<(), WriteError> {
    let metadata = path.symlink_metadata().map_err(|source| WriteError::Io {
        path: path.to_owned(),
        source,
    })?;
    if metadata.is_symlink() {
        return Err(WriteError::Link(path.to_owned()));
    }
    if !metadata.is_dir() {
        return Err(WriteError::NotAFolder(path.to_owned()));
    }
    Ok(())
}

/// Writes a file that must not be there, unless it is there with these very bytes.
pub(super) fn write_new(folder: &Path, name: &str, bytes: &[u8]) -> Result<Written, WriteError> {
    let path = folder.join(name);
    remove_left_over(folder);
    if let Some(there) = compare(&path, bytes) {
        return there;
    }
    // Another writer may take the new temporary file for a left-over before it is locked: then once more.
    for _ in 0..3 {
        match try_write(folder, &path, bytes) {
            Ok(()) => return Ok(Written::New),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => {
                return compare(&path, bytes).unwrap_or(Err(WriteError::Io { path, source }));
            }
        }
    }
    let source = io::Error::other("its temporary file vanished again and again");
    Err(WriteError::Io { path, source })
}

/// Writes a file, in the place of one that may be there: readers see the old bytes or the new ones.
pub(super) fn replace(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), WriteError> {
    let path = folder.join(name);
    remove_left_over(folder);
    if path
        .symlink_metadata()
        .is_ok_and(|there| there.is_symlink())
    {
        return Err(WriteError::Link(path));
    }
    let write = || -> io::Result<()> {
        let mut temporary = builder().tempfile_in(folder)?;
        // Not every file system has locks. Without them left-overs stay, which readers pass over.
        let _ = temporary.as_file().try_lock();
        temporary.write_all(bytes)?;
        temporary.as_file().sync_all()?;
        temporary.persist(&path).map_err(|e| e.error)?;
        // The name is on the disk when the folder is. Where a folder cannot be opened there is nothing to be done.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
        Ok(())
    };
    write().map_err(|source| WriteError::Io {
        path: path.clone(),
        source,
    })
}

/// `None` when nothing has that name.
fn compare(path: &Path, bytes: &[u8]) -> Option<Result<Written, WriteError>> {
    if matches!(path.symlink_metadata(), Err(error) if error.kind() == io::ErrorKind::NotFound) {
        return None;
    }
    Some(match read_regular(path) {
        Ok(there) if there == bytes => Ok(Written::AlreadyThere),
        Err(super::Reason::Link) => Err(WriteError::Link(path.to_owned())),
        _ => Err(WriteError::Taken(path.to_owned())),
    })
}

fn try_write(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut temporary = builder().tempfile_in(folder)?;
    // Not every file system has locks. Without them left-overs stay, which readers pass over.
    let _ = temporary.as_file().try_lock();
    temporary.write_all(bytes)?;
    temporary.as_file().sync_all()?;
    temporary.persist_noclobber(path).map_err(|e| e.error)?;
    // The name is on the disk when the folder is. Where a folder cannot be opened there is nothing to be done.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

fn builder() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY).rand_bytes(12);
    #[cfg(unix)]
    {
        // As readable as any other file of the working tree: the user's mask still applies.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder
}

/// Removes temporary files whose writer is dead. Best effort: what stays does no harm.
fn remove_left_over(folder: &Path) {
    let Ok(items) = fs::read_dir(folder) else {
        return;
    };
    for item in items.flatten() {
        let is_ours = item
            .file_name()
            .as_encoded_bytes()
            .starts_with(TEMPORARY.as_bytes());
        if is_ours
            && item.file_type().is_ok_and(|kind| kind.is_file())
            && is_abandoned(&item.path())
        {
            let _ = fs::remove_file(item.path());
        }
    }
}

fn is_abandoned(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| file.try_lock().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|item| item.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_written_once_and_never_changed() {
        let folder = tempfile::tempdir().unwrap();
        let write = |bytes| write_new(folder.path(), "x", bytes);
        assert_eq!(write(b"one").unwrap(), Written::New);
        assert_eq!(write(b"one").unwrap(), Written::AlreadyThere);
        let error = write(b"two").unwrap_err();
        assert!(matches!(error, WriteError::Taken(_)), "{error}");
        assert_eq!(fs::read(folder.path().join("x")).unwrap(), b"one");
        assert_eq!(names(folder.path()), ["x"]);
    }

    #[test]
    fn what_a_killed_writer_left_is_removed_and_what_a_living_one_has_is_not() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".tmp-dead"), "half a rec").unwrap();
        let living = builder().tempfile_in(folder.path()).unwrap();
        living.as_file().try_lock().unwrap();
        write_new(folder.path(), "x", b"one").unwrap();
        let living = living.path().file_name().unwrap().to_str().unwrap();
        assert_eq!(names(folder.path()), [living, "x"]);
    }

    #[test]
    fn many_writers_of_one_file_agree() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = vec![b'x'; 100_000];
        let new = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| write_new(folder.path(), "x", &bytes).unwrap()))
                .collect();
            writers
                .into_iter()
                .map(|writer| writer.join().unwrap())
                .filter(|written| *written == Written::New)
                .count()
        });
        assert_eq!(new, 1);
        assert_eq!(names(folder.path()), ["x"]);
    }

    #[test]
    fn a_file_where_a_folder_should_be_is_named() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("baselines"), "").unwrap();
        let error = folder(root.path(), &["baselines", "main"]).unwrap_err();
        assert!(matches!(error, WriteError::NotAFolder(_)), "{error}");
        assert!(error.to_string().contains("baselines is not a folder"));
    }

    #[cfg(unix)]
    #[test]
    fn no_link_is_followed() {
        let root = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), root.path().join("baselines")).unwrap();
        let error = folder(root.path(), &["baselines", "main"]).unwrap_err();
        assert!(matches!(error, WriteError::Link(_)), "{error}");
        let target = elsewhere.path().join("target");
        std::os::unix::fs::symlink(&target, root.path().join("x")).unwrap();
        let error = write_new(root.path(), "x", b"one").unwrap_err();
        assert!(matches!(error, WriteError::Link(_)), "{error}");
        assert_eq!(names(elsewhere.path()), Vec::<String>::new());
    }

    #[test]
    fn a_full_disk_says_what_to_do() {
        let source = io::Error::from(io::ErrorKind::StorageFull);
        let path = PathBuf::from("baselines/main/c/x.json");
        let text = WriteError::Io { path, source }.to_string();
        assert!(
            text.starts_with("cannot write baselines/main/c/x.json: no storage space"),
            "{text}"
        );
        assert!(text.ends_with("free some space and try again"), "{text}");
    }
}

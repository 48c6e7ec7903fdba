//! Opening the database: its settings, its version, and what is done with one that cannot be used.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::IndexError;
use crate::repository::LOCAL;
use crate::store::atomic::WriteError;
use crate::store::date::stamp;
use crate::store::local::local_root;

/// The file, in `.perf/`.
pub const FILE: &str = "history.db";

/// The newest version of the database that is known, and the `user_version` of a database of [`SCHEMA`].
pub const NEWEST: u32 = 2;

/// All tables of the newest version.
const SCHEMA: &str = include_str!("schema.sql");

/// What brings a database of a known version to the newest one. A version that needs what earlier ones did not keep lets go of the
/// tables, and they are filled again from the files.
const fn steps_from(version: i64) -> Option<&'static [&'static str]> {
    match version {
        0 => Some(&[SCHEMA]),
        1 => Some(&[include_str!("from_1.sql"), SCHEMA]),
        2 => Some(&[]),
        _ => None,
    }
}

/// How long a writer waits for another.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// What SQLite holds in memory of the file, in KiB.
const CACHE_KIB: i64 = 64 << 10;

/// The lock that is held while a damaged database is set aside.
const LOCK: &str = "history.lock";

/// The index as an SQLite database.
#[derive(Debug)]
pub struct Database {
    pub(super) connection: Connection,
}

impl Database {
    /// The database of the workspace at `root`, made if it is not there, of the newest version.
    ///
    /// # Errors
    /// [`IndexError::Damaged`] when it has to be set aside, otherwise why it cannot be used.
    pub fn open(root: &Path) -> Result<Self, IndexError> {
        let path = local_root(root)?.join(FILE);
        match path.symlink_metadata() {
            Ok(there) if !there.is_file() => return Err(IndexError::NotAFile),
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(IndexError::Other(error.to_string()));
            }
            _ => {}
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&path, flags)?;
        connection.busy_timeout(PATIENCE)?;
        // Readers go on while somebody writes, and a killed writer leaves what was there.
        connection.pragma_update(None, "journal_mode", "wal")?;
        // What a power cut may take is in the files.
        connection.pragma_update(None, "synchronous", "normal")?;
        Self::ready(connection)
    }

    /// A database in memory, gone with the process.
    ///
    /// # Errors
    /// When SQLite has no memory.
    pub fn in_memory() -> Result<Self, IndexError> {
        Self::ready(Connection::open_in_memory()?)
    }

    fn ready(connection: Connection) -> Result<Self, IndexError> {
        // The file may have been put there by somebody: what its schema says runs nothing, and breaks nothing.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "temp_store", "memory")?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        let mut database = Self { connection };
        database.migrate()?;
        Ok(database)
    }

    fn migrate(&mut self) -> Result<(), IndexError> {
        let known = i64::from(NEWEST);
        if self.version()? == known {
            return Ok(());
        }
        // Looked at again once nobody else can write: two may have come here at the same time.
        let change = self
            .connection
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let found: i64 = change.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if found > known {
            return Err(IndexError::TooNew { found, known });
        }
        let Some(steps) = steps_from(found) else {
            return Err(IndexError::nonsense(format!("its version is {found}")));
        };
        for step in steps {
            change
                .execute_batch(step)
                .map_err(|error| match IndexError::from(error) {
                    // What is made exists already, or what is changed does not.
                    IndexError::Other(said) => IndexError::Damaged(said),
                    other => other,
                })?;
        }
        change.pragma_update(None, "user_version", known)?;
        Ok(change.commit()?)
    }

    fn version(&self) -> Result<i64, IndexError> {
        Ok(self
            .connection
            .pragma_query_value(None, "user_version", |row| row.get(0))?)
    }

    /// Reads the whole file and checks that its parts fit together.
    ///
    /// # Errors
    /// [`IndexError::Damaged`] when they do not.
    pub fn check(&self) -> Result<(), IndexError> {
        let said: String = self
            .connection
            .pragma_query_value(None, "quick_check", |row| row.get(0))?;
        if said == "ok" {
            Ok(())
        } else {
            Err(IndexError::Damaged(said))
        }
    }

    /// Lets the database grow to so many pages only, as a full disk does.
    #[cfg(test)]
    pub(super) fn limit_pages(&self, pages: i64) {
        self.connection
            .pragma_update(None, "max_page_count", pages)
            .unwrap();
    }
}

/// What tells a database from another of the same name; `None` where there is none, or the system does not tell.
pub(super) fn identity(root: &Path) -> Option<u64> {
    let found = root.join(LOCAL).join(FILE).symlink_metadata().ok()?;
    // Its name may be given to another, its number on the disk not while it is there.
    #[cfg(unix)]
    let number = std::os::unix::fs::MetadataExt::ino(&found);
    #[cfg(not(unix))]
    let number = u64::from(found.is_file());
    Some(number)
}

/// Moves the database that was found damaged out of the way, with what belongs to it; nothing is deleted. `None` if somebody else
/// did so meanwhile.
///
/// # Errors
/// When it cannot be moved.
pub(super) fn set_aside(
    root: &Path,
    damaged: Option<u64>,
    now: i64,
) -> Result<Option<String>, IndexError> {
    let local = local_root(root)?;
    let path = local.join(FILE);
    let moving = |path: &Path| {
        let path = path.to_owned();
        move |source| WriteError::Io { path, source }
    };
    let lock = local.join(LOCK);
    let lock_file = File::create(&lock).map_err(moving(&lock))?;
    // Where there are no locks two may set aside at once: then the second moves a new database, which is filled again.
    let _ = lock_file.lock();
    if identity(root) != damaged {
        return Ok(None);
    }
    let aside = free_name(&local, now);
    for suffix in ["", "-wal", "-shm"] {
        let with = |name: &str| local.join(format!("{name}{suffix}"));
        match fs::rename(with(FILE), with(&aside)) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            moved => moved.map_err(moving(&path))?,
        }
    }
    Ok(Some(format!("{LOCAL}/{aside}")))
}

/// A name that nothing has, with the time in it.
fn free_name(local: &Path, now: i64) -> String {
    let stamp = stamp(now).unwrap_or_default();
    let name = |number: u32| match number {
        0 => format!("history-damaged-{stamp}.db"),
        number => format!("history-damaged-{stamp}-{number}.db"),
    };
    let is_free = |name: &String| {
        let path: PathBuf = local.join(name);
        path.symlink_metadata().is_err()
    };
    let mut names = (0..u32::MAX).map(name);
    names.find(is_free).unwrap_or_else(|| name(u32::MAX))
}

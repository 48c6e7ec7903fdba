//! What is wrong with a file that should be a record.

use std::fmt;

use perf_schema::RecordError;

/// A file that was not taken, and why. Everything else is still read.
#[derive(Debug)]
pub struct Fault {
    /// The file, as a path that a person can type.
    pub file: String,
    /// Why it was not taken.
    pub reason: Reason,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The name may come from a hostile repository and go to a terminal.
        for c in self.file.chars().take(300) {
            if c.is_control() {
                write!(f, "{}", c.escape_unicode())?;
            } else {
                write!(f, "{c}")?;
            }
        }
        write!(f, ": {}", self.reason)
    }
}

impl std::error::Error for Fault {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.reason.source()
    }
}

/// Why a file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum Reason {
    /// A symbolic link, which may lead anywhere.
    #[error("it is a symbolic link, and records are read from regular files only")]
    Link,
    /// A folder, pipe, device, submodule or executable file.
    #[error("it is not a regular file")]
    NotAFile,
    /// Something that does not belong into the folder.
    #[error(
        "it is not named like a record; move it out of the folder, or give it a name that begins with README"
    )]
    Name,
    /// Above [`MAX_RECORD`](super::MAX_RECORD).
    #[error("it is larger than the {} MiB a record may have", super::MAX_RECORD >> 20)]
    TooLarge,
    /// The same of a small file, of which it is said what it is.
    #[error("it is larger than the {} KiB {_0} may have", super::by_content::LARGEST >> 10)]
    TooLargeOf(&'static str),
    /// More small files than are read, of which it is said what they are.
    #[error(
        "the folder holds more than {} {_0}, and no more are read; remove those that are of no use any more",
        super::by_content::MOST
    )]
    TooManyOf(&'static str),
    /// More files than are read.
    #[error(
        "the folder holds more than {} records, and no more are read; remove old ones",
        super::MAX_ENTRIES
    )]
    TooMany,
    /// Its bytes are not a record.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// Its id is absent or not the hash of its content.
    #[error(
        "its content does not match its id: it was changed or cut short; restore it with `git checkout` or remove it"
    )]
    Id,
    /// Its name or folder says something else than its content.
    #[error(
        "its {what} does not match its content: it was renamed or moved; restore it with `git checkout`"
    )]
    Misplaced {
        /// The part of the path.
        what: &'static str,
    },
    /// Its bytes are not the sessions of a calibration.
    #[error("it is no calibration ({0}); `cargo perf calibrate` sets it aside and makes a new one")]
    Calibration(String),
    /// The system could not read it.
    #[error("it cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// Git could not read it.
    #[error("it cannot be read from git: {0}")]
    Git(#[from] git2::Error),
}

impl Reason {
    /// Whether a newer `cargo perf` wrote the file.
    #[must_use]
    pub const fn is_too_new(&self) -> bool {
        matches!(self, Self::Record(RecordError::TooNew { .. }))
    }
}

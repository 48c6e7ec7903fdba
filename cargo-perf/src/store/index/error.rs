//! What may go wrong with the index.

use rusqlite::ErrorCode;

use crate::store::atomic::WriteError;

/// Why the index cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// A later release wrote it.
    #[error(
        "it has version {found}, newer than the {known} that this cargo perf knows; update cargo perf to use it"
    )]
    TooNew {
        /// The version it has.
        found: i64,
        /// The newest that is known.
        known: i64,
    },
    /// It is no database, or not ours, or its parts do not fit together.
    #[error("it is damaged ({0})")]
    Damaged(String),
    /// It leads elsewhere.
    #[error("it is a symbolic link or no regular file")]
    NotAFile,
    /// The disk is full.
    #[error("the disk is full; free some space")]
    Full,
    /// It cannot be written.
    #[error("it cannot be written: {0}")]
    ReadOnly(String),
    /// Somebody else has been writing for as long as one waits.
    #[error("another process has been writing to it for {} s", super::open::PATIENCE.as_secs())]
    Busy,
    /// Its folder cannot be made.
    #[error(transparent)]
    Folder(#[from] WriteError),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl IndexError {
    /// What is stored makes no sense.
    pub(super) fn nonsense(what: impl std::fmt::Display) -> Self {
        Self::Damaged(what.to_string())
    }
}

impl From<rusqlite::Error> for IndexError {
    fn from(error: rusqlite::Error) -> Self {
        let said = error.to_string();
        match &error {
            rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Damaged(said),
                // A table or column that every version has is gone.
                ErrorCode::Unknown if said.contains("no such") => Self::Damaged(said),
                ErrorCode::DiskFull => Self::Full,
                ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen => {
                    Self::ReadOnly(said)
                }
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy,
                _ => Self::Other(said),
            },
            rusqlite::Error::SqlInputError { .. } if said.contains("no such") => {
                Self::Damaged(said)
            }
            rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::Utf8Error(..) => Self::Damaged(said),
            _ => Self::Other(said),
        }
    }
}

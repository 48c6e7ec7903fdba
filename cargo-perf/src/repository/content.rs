//! What git would store for a file of the working tree, as an id. Nothing is stored.

use std::fs::Metadata;
use std::path::Path;

use git2::{ObjectType, Oid};

use super::RepositoryError;

/// Files above this size are hashed as they are, in pieces. Filters are for text, and no text is that long.
const STREAMED: u64 = 64 << 20;

/// Hashes files as git would store them, through the filters of the repository (line ends, `ident`).
pub(super) struct Hasher {
    /// A handle of its own: the in-memory backend below must not serve the repository the rest of the program uses.
    git: git2::Repository,
}

impl Hasher {
    pub(super) fn of(repository: &git2::Repository) -> Result<Self, RepositoryError> {
        let git = git2::Repository::open(repository.path())
            .map_err(|source| RepositoryError::opening(repository.path(), source))?;
        Ok(Self { git })
    }

    /// The blob id of the file or symbolic link at `path`, which is absolute.
    pub(super) fn blob(&self, path: &Path, metadata: &Metadata) -> Result<Oid, RepositoryError> {
        let file = |source| RepositoryError::File {
            path: path.to_owned(),
            source,
        };
        let reading = RepositoryError::reading(path.display().to_string());
        if metadata.is_symlink() {
            let target = std::fs::read_link(path).map_err(file)?;
            let bytes = target.as_os_str().as_encoded_bytes();
            return Oid::hash_object(ObjectType::Blob, bytes).map_err(reading);
        }
        if metadata.len() > STREAMED {
            return Oid::hash_file(ObjectType::Blob, path).map_err(reading);
        }
        self.filtered(path).map_err(reading)
    }

    fn filtered(&self, path: &Path) -> Result<Oid, git2::Error> {
        let odb = self.git.odb()?;
        // Of the backends the one with the highest number is written to. Emptied at once, it holds one file at a time.
        let memory = odb.add_new_mempack_backend(1000)?;
        let id = self.git.blob_path(path)?;
        memory.reset()?;
        Ok(id)
    }
}

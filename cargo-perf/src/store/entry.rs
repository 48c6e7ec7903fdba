//! One record file, found but not yet read. Its name says which commit and record it is; its bytes are read when needed.

use std::fs::{File, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};

use perf_schema::{Commit, Machine, RecordHeader, RecordId, RunRecord};

use super::record_file::{decode, decode_header, header_in_head};
use super::{Fault, MAX_RECORD, Reason, RecordName, StoredRecord};
use crate::repository::Repository;

/// How much of the beginning of a file is read in search of the header, which is some hundreds of bytes long.
const HEAD: u64 = 64 << 10;

/// Where the bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A file of the working tree.
    File(PathBuf),
    /// An object of git.
    Blob(git2::Oid),
}

/// A committed record, or one about to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordEntry {
    /// Path from the workspace root, with `/`.
    pub file: String,
    /// Folder of the branch.
    pub branch_folder: String,
    /// The machine class, as the folder says.
    pub class: String,
    /// Name of the file.
    pub name: RecordName,
    /// Where to read it.
    pub place: Place,
}

impl RecordEntry {
    /// Reads what the record is about, passing over its benchmarks. Cheap for files, also for objects that are
    /// checked out; other objects have to be unpacked.
    ///
    /// # Errors
    /// When the file is not a record, or not the one that its path says.
    pub fn header(&self, repository: Option<&Repository>) -> Result<RecordHeader, Fault> {
        self.header_and_bytes(repository).map(|(header, _)| header)
    }

    /// The same with all bytes, if they had to be unpacked for it.
    pub(super) fn header_and_bytes(
        &self,
        repository: Option<&Repository>,
    ) -> Result<(RecordHeader, Option<Vec<u8>>), Fault> {
        self.try_header(repository)
            .map_err(|reason| self.fault(reason))
    }

    /// Reads the whole record and checks its id.
    ///
    /// # Errors
    /// When the file is not a record, was changed, or is not the one that its path says.
    pub fn load(&self, repository: Option<&Repository>) -> Result<StoredRecord, Fault> {
        let bytes = self.bytes(repository);
        let loaded = bytes.and_then(|bytes| self.decoded(&bytes));
        loaded.map_err(|reason| self.fault(reason))
    }

    /// The record of bytes that were read from this place.
    pub(super) fn decoded(&self, bytes: &[u8]) -> Result<StoredRecord, Reason> {
        let stored = decode(bytes)?;
        let RunRecord {
            machine, commit, ..
        } = &*stored.record;
        self.check(&stored.id, machine, commit.as_ref())?;
        Ok(stored)
    }

    pub(super) fn fault(&self, reason: Reason) -> Fault {
        Fault {
            file: self.file.clone(),
            reason,
        }
    }

    fn try_header(
        &self,
        repository: Option<&Repository>,
    ) -> Result<(RecordHeader, Option<Vec<u8>>), Reason> {
        let file = match &self.place {
            Place::File(path) => Some(path.clone()),
            Place::Blob(id) => self.checked_out(repository, *id),
        };
        let (header, bytes) = match file {
            Some(path) => (header_of_file(&path)?, None),
            None => {
                let bytes = self.bytes(repository)?;
                (decode_header(&bytes)?, Some(bytes))
            }
        };
        let id = header.id.as_ref().ok_or(Reason::Id)?;
        self.check(id, &header.machine, header.commit.as_ref())?;
        Ok((header, bytes))
    }

    /// The bytes, no more of them than a record may have.
    pub(super) fn bytes(&self, repository: Option<&Repository>) -> Result<Vec<u8>, Reason> {
        match (&self.place, repository) {
            (Place::File(path), _) => read_regular(path),
            (Place::Blob(id), Some(git)) => match self.checked_out(repository, *id) {
                Some(path) => read_regular(&path),
                None => read_blob(git, *id, MAX_RECORD),
            },
            (Place::Blob(_), None) => Err(Reason::Git(git2::Error::from_str(
                "there is no repository to read it from",
            ))),
        }
    }

    /// How large the file is, in bytes; `None` where that cannot be seen.
    #[must_use]
    pub fn size(&self, repository: Option<&Repository>) -> Option<u64> {
        match &self.place {
            Place::File(path) => path.symlink_metadata().ok().map(|metadata| metadata.len()),
            Place::Blob(id) => {
                let (size, _) = repository?.git().odb().ok()?.read_header(*id).ok()?;
                u64::try_from(size).ok()
            }
        }
    }

    /// Whether this file of the working tree is what a commit has: as it was checked out, or byte for byte.
    #[must_use]
    pub fn is_same_as(&self, committed: &Self, repository: &Repository) -> bool {
        let Place::Blob(id) = committed.place else {
            return false;
        };
        let is_these_bytes = || {
            let bytes = self.bytes(None).ok()?;
            git2::Oid::hash_object(git2::ObjectType::Blob, &bytes).ok()
        };
        self.file == committed.file
            && (self.checked_out(Some(repository), id).is_some() || is_these_bytes() == Some(id))
    }

    fn checked_out(&self, repository: Option<&Repository>, id: git2::Oid) -> Option<PathBuf> {
        let repository = repository?;
        repository.checked_out(&repository.path_in_git(&self.file), id)
    }

    fn check(
        &self,
        id: &RecordId,
        machine: &Machine,
        commit: Option<&Commit>,
    ) -> Result<(), Reason> {
        let misplaced = |what| Err(Reason::Misplaced { what });
        let Some(commit) = commit else {
            return misplaced("commit");
        };
        if RecordName::new(&commit.sha, id) != self.name {
            return misplaced("name");
        }
        if machine.class != self.class {
            return misplaced("folder of the machine class");
        }
        Ok(())
    }
}

/// Reads the header of a file from its beginning if possible.
pub(super) fn header_of_file(path: &Path) -> Result<RecordHeader, Reason> {
    let (file, _) = open_regular(path)?;
    let mut head = Vec::new();
    file.take(HEAD).read_to_end(&mut head)?;
    match header_in_head(&head) {
        Some(header) => Ok(header),
        None => decode_header(&read_regular(path)?),
    }
}

/// Reads a regular file that is no larger than a record may be.
pub(super) fn read_regular(path: &Path) -> Result<Vec<u8>, Reason> {
    read_up_to(path, MAX_RECORD)
}

/// Reads a regular file of so many bytes at most.
pub(super) fn read_up_to(path: &Path, most: usize) -> Result<Vec<u8>, Reason> {
    let (file, _) = open_regular(path)?;
    let mut bytes = Vec::new();
    // It may grow while it is read.
    file.take(most as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > most {
        return Err(Reason::TooLarge);
    }
    Ok(bytes)
}

fn open_regular(path: &Path) -> Result<(File, Metadata), Reason> {
    // Looked at before it is opened: opening a pipe would wait for ever.
    let metadata = path.symlink_metadata()?;
    if metadata.is_symlink() {
        return Err(Reason::Link);
    }
    if !metadata.is_file() {
        return Err(Reason::NotAFile);
    }
    if metadata.len() > MAX_RECORD as u64 {
        return Err(Reason::TooLarge);
    }
    Ok((File::open(path)?, metadata))
}

/// Reads an object of so many bytes at most.
pub(super) fn read_blob(
    repository: &Repository,
    id: git2::Oid,
    most: usize,
) -> Result<Vec<u8>, Reason> {
    let odb = repository.git().odb()?;
    // The size comes first: a few hundred bytes of an object may unpack to gigabytes.
    let (size, kind) = odb.read_header(id)?;
    if kind != git2::ObjectType::Blob {
        return Err(Reason::NotAFile);
    }
    if size > most {
        return Err(Reason::TooLarge);
    }
    Ok(odb.read(id)?.data().to_vec())
}

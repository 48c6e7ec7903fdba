//! Bringing the index up to date with the files, and doing without it where it cannot be had.

use std::path::Path;

use super::open::{identity, set_aside};
use super::{Database, FILE, Incoming, IndexError, RunIndex};
use crate::repository::{LOCAL, Repository};
use crate::store::{Fault, Listing, load_all, readers};

/// Records that are taken in at once, at most: as many as a crash may cost.
const AT_ONCE: usize = 64;

/// Benchmarks of records that are held at once: records of large suites are some 10 KB for each of theirs.
const BENCHMARKS_AT_ONCE: usize = 4_000;

fn is_enough(batch: &[Incoming]) -> bool {
    let benchmarks = batch.iter().map(|one| one.stored.record.benchmarks.len());
    batch.len() >= AT_ONCE || benchmarks.sum::<usize>() >= BENCHMARKS_AT_ONCE
}

/// What bringing up to date came to.
#[derive(Debug, Default)]
pub struct Synced {
    /// Records that are new.
    pub added: usize,
    /// Files that were known.
    pub known: usize,
    /// Files that could not be read.
    pub faults: Vec<Fault>,
}

impl Synced {
    /// Reads the files of `listing` that `index` does not know, and lets it forget those of the local history that are gone.
    ///
    /// # Errors
    /// When the index cannot be read or written.
    pub fn with(
        index: &mut dyn RunIndex,
        listing: &Listing,
        repository: Option<&Repository>,
    ) -> Result<Self, IndexError> {
        let known = index.files()?;
        index.forget(&listing.gone(&known))?;
        let (mut files, all) = (listing.files(), listing.records.len() + listing.runs.len());
        files.retain(|file| !known.contains(&file.file()));
        let mut synced = Self {
            known: all - files.len(),
            ..Self::default()
        };
        let mut batch = Vec::new();
        for some in files.chunks(readers()) {
            for (file, loaded) in some.iter().zip(load_all(some, repository)) {
                match loaded {
                    Ok(stored) => batch.push(Incoming {
                        stored,
                        file: file.file(),
                        kept: file.kept().map(str::to_owned),
                    }),
                    Err(fault) => synced.faults.push(fault),
                }
            }
            if is_enough(&batch) {
                synced.added += index.add(&batch)?;
                batch.clear();
            }
        }
        synced.added += index.add(&batch)?;
        Ok(synced)
    }
}

/// Does something with the database on the disk. One that turns out damaged is set aside, and it is done again with a new one;
/// then the answer comes with a sentence about it.
///
/// # Errors
/// When it cannot be used, or what is done fails for another reason.
pub fn on_disk<T>(
    root: &Path,
    now: i64,
    mut work: impl FnMut(&mut Database) -> Result<T, IndexError>,
) -> Result<(T, Option<String>), IndexError> {
    let found = identity(root);
    let damage = match Database::open(root).and_then(|mut database| work(&mut database)) {
        Err(IndexError::Damaged(damage)) => damage,
        done => return Ok((done?, None)),
    };
    let aside = set_aside(root, found, now)?;
    let done = work(&mut Database::open(root)?)?;
    let note = aside.map(|aside| {
        format!("{LOCAL}/{FILE} was damaged ({damage}); it is now {aside}, and a new one is built from the files")
    });
    Ok((done, note))
}

/// The same, and where there is none that can be used, with one in memory; then the answer comes with the reason.
///
/// # Errors
/// When what is done fails with both.
pub fn with_index<T>(
    root: &Path,
    now: i64,
    is_trusted: bool,
    mut work: impl FnMut(&mut Database) -> Result<T, IndexError>,
) -> Result<(T, Option<String>), IndexError> {
    let why = if is_trusted {
        match on_disk(root, now, &mut work) {
            Ok(done) => return Ok(done),
            Err(error) => error.to_string(),
        }
    } else {
        "it is committed, so it may not be of this machine".to_owned()
    };
    let done = work(&mut Database::in_memory()?)?;
    let note = format!("{LOCAL}/{FILE} was not used: {why}; the files were read anew");
    Ok((done, Some(note)))
}

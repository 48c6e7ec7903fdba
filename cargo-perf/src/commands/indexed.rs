//! The runs of the index along a line of commits, as every command asks for them that looks at the past.

use std::path::Path;

use perf_schema::Sha;

use super::measuring::{Place, repository_failure};
use super::run::fault_notes_of;
use crate::failure::{Failure, Kind};
use crate::repository::Repository;
use crate::series::{Order, RunHeader};
use crate::store::index::{IndexError, RunIndex, RunNumber, Synced, with_index};
use crate::store::{Listing, order};

/// Which runs are asked for: those of a workspace along a line of commits.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    /// The workspace.
    pub(super) root: &'a Path,
    /// Its repository.
    pub(super) repository: Option<&'a Repository>,
    /// The end of the line; none outside git and before the first commit.
    pub(super) tip: Option<&'a Sha>,
}

impl Place {
    /// The line that ends at `tip`.
    pub(super) fn line<'a>(&'a self, tip: Option<&'a Sha>) -> Line<'a> {
        Line {
            root: &self.workspace.root,
            repository: self.repository.as_ref(),
            tip,
        }
    }
}

/// The index, with every file of the line brought in.
pub(super) struct Indexed<'a> {
    pub(super) index: &'a dyn RunIndex,
    pub(super) listing: &'a Listing,
    pub(super) runs: Vec<(RunNumber, RunHeader)>,
    pub(super) order: Order,
}

/// Brings the index up to date with the files along the line, and asks it. The answer comes with what else
/// should be known. It may be asked twice: a damaged index is built anew.
///
/// # Errors
/// When neither the index nor the files can be read, or git cannot.
pub(super) fn ask_along<T>(
    now: i64,
    line: &Line<'_>,
    mut ask: impl FnMut(Indexed<'_>) -> Result<T, IndexError>,
) -> Result<(T, Vec<String>), Failure> {
    let Line {
        root,
        repository,
        tip,
    } = *line;
    let listing = Listing::at(root, repository, tip).map_err(repository_failure)?;
    let (found, note) = with_index(root, now, listing.is_local, |index| {
        let synced = Synced::with(index, &listing, repository)?;
        let runs = index.runs()?;
        let headers: Vec<&RunHeader> = runs.iter().map(|(_, header)| header).collect();
        // What git cannot answer is no fault of the index.
        let (order, notes) = match order(repository, tip, &headers) {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        let found = ask(Indexed {
            index,
            listing: &listing,
            runs,
            order,
        })?;
        Ok(Ok((found, notes, synced.faults)))
    })
    .map_err(|error| Failure::said(Kind::Store, error))?;
    let (found, mut notes, faults) = found.map_err(repository_failure)?;
    notes.extend(fault_notes_of(&faults));
    notes.extend(fault_notes_of(&listing.faults));
    notes.extend(listing.notes);
    notes.extend(note);
    Ok((found, notes))
}

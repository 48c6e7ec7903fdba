//! Keeping a run: in the local history, and in its index.

use std::path::Path;

use perf_schema::{RecordId, RunRecord};

use crate::store::History;
use crate::store::index::{Incoming, RunIndex, on_disk};

/// A run that was to be kept.
pub(super) struct Kept {
    /// Its id, if it is.
    pub(super) id: Option<RecordId>,
    /// What went wrong, in sentences. What was measured is shown and judged all the same.
    pub(super) notes: Vec<String>,
}

/// Keeps a run. The file comes first: whatever becomes of the index, it is filled from the files again.
pub(super) fn keep(root: &Path, record: &RunRecord, now: i64) -> Kept {
    let stored = match History::at(root).keep(record, now) {
        Ok(stored) => stored,
        Err(error) => {
            return Kept {
                id: None,
                notes: vec![format!(
                    "this run is not kept in the local history: {error}"
                )],
            };
        }
    };
    let id = stored.id().clone();
    let incoming: [Incoming; 1] = [stored];
    let note = match on_disk(root, now, |index| index.add(&incoming)) {
        Ok((_, note)) => note,
        Err(error) => Some(format!(
            "this run is kept in {}, but not in the index of all runs: {error}",
            incoming[0].file
        )),
    };
    Kept {
        id: Some(id),
        notes: note.into_iter().collect(),
    }
}

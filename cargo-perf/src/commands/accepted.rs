//! The accepted regressions that count along a line of commits.

use perf_schema::Accept;

use super::indexed::Line;
use super::measuring::repository_failure;
use super::run::fault_notes_of;
use crate::context::Context;
use crate::failure::Failure;
use crate::store::{Baselines, CommittedBaselines};
use crate::trend::AcceptedPoints;

/// Those that are committed at the end of the line, and where no line was named those of the working tree, too: whoever agrees to
/// something sees at once what comes of it. The answer comes with what could not be read.
///
/// # Errors
/// When git cannot be read.
pub(super) fn accepted(
    cx: &Context,
    line: &Line<'_>,
    is_named: bool,
) -> Result<(AcceptedPoints, Vec<String>), Failure> {
    let mut notes = Vec::new();
    let mut points: Vec<Accept> = Vec::new();
    let mut take = |found: crate::store::Accepts| {
        notes.extend(fault_notes_of(&found.faults));
        for stored in found.accepts {
            if !points.contains(&stored.accept) {
                points.push(stored.accept);
            }
        }
    };
    if let Some((repository, tip)) = line.repository.zip(line.tip) {
        let committed = CommittedBaselines::of(repository, tip).map_err(repository_failure)?;
        take(committed.accepts());
    }
    if !is_named {
        take(Baselines::at(line.root).accepts());
    }
    // What lies in both places is wrong once.
    notes.sort();
    notes.dedup();
    let today = cx.today();
    Ok((AcceptedPoints { points, today }, notes))
}

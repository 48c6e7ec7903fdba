//! `last`: the newest run of the local history, of whatever code, dirty or not.

use super::candidates::Candidates;
use super::gathered::{COMMITTED_RUNS, runs};
use super::selection::{Offer, Place, Selection};
use super::{Matched, Query, Resolution, Sources};
use crate::repository::RepositoryError;
use crate::store::disguise;

pub(super) fn resolve(
    query: &Query<'_>,
    sources: &Sources<'_>,
) -> Result<Resolution, RepositoryError> {
    let head = query.measured.and_then(|state| state.commit.as_ref());
    let committed = match (sources.repository, head) {
        (Some(repository), Some(head)) => disguise::look(repository, &head.sha)?.runs,
        _ => false,
    };
    let mut faults = Vec::new();
    let newest_first = if committed {
        Vec::new()
    } else {
        runs(sources.history, &mut faults)
    };
    let candidates = Candidates::new(query, sources.repository, newest_first);
    let mut selection = Selection::new(query);
    for number in candidates.numbers() {
        if selection.is_complete(0) {
            break;
        }
        let header = candidates.header(number);
        let commit = header.and_then(|header| header.commit.as_ref());
        let place = Place {
            commit: commit.map(|commit| commit.sha.clone()),
            distance: None,
        };
        let matched = Matched::Named;
        selection.offer(&candidates, &place, &[Offer { number, matched }]);
    }
    let mut resolution = Resolution::taken(query, selection, candidates, faults);
    if committed {
        resolution.notes.push(COMMITTED_RUNS.to_owned());
    }
    Ok(resolution)
}

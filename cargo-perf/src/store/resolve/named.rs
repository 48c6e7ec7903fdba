//! `record:<id>` and files: one record, taken as it is.

use std::collections::BTreeMap;
use std::path::Path;

use perf_schema::RecordId;

use super::candidates::{Candidate, Candidates, named_header};
use super::gathered::runs;
use super::selection::{Offer, Place, Selection};
use super::{Matched, Query, Resolution, ResolveError, Sources};
use crate::repository::{Repository, RepositoryError};
use crate::store::{CommittedBaselines, Fault};

/// Fewer digits than this name no record.
const FEWEST: usize = 4;

/// Branches whose tips are searched.
const BRANCHES: usize = 200;

pub(super) fn by_id(
    query: &Query<'_>,
    sources: &Sources<'_>,
    prefix: &str,
) -> Result<Resolution, ResolveError> {
    let unknown = || ResolveError::NoSuchRecord {
        prefix: prefix.chars().take(80).collect(),
    };
    let digits = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    if !(FEWEST..=64).contains(&prefix.len()) || !prefix.bytes().all(digits) {
        return Err(unknown());
    }
    let query = &as_named(query);
    let mut faults = Vec::new();
    let all = everywhere(sources, prefix, &mut faults)?;
    let candidates = Candidates::new(query, sources.repository, all);
    let mut found: BTreeMap<RecordId, usize> = BTreeMap::new();
    for number in candidates.numbers() {
        let id = candidates
            .header(number)
            .and_then(|header| header.id.clone());
        if let Some(id) = id.filter(|id| id.as_str().starts_with(prefix)) {
            found.entry(id).or_insert(number);
        }
    }
    let numbers: Vec<usize> = found.into_values().collect();
    match &numbers[..] {
        [] => Err(unknown()),
        [number] => Ok(take(query, candidates, *number, faults)),
        several => Err(ResolveError::AmbiguousRecord {
            prefix: prefix.to_owned(),
            files: several
                .iter()
                .take(3)
                .map(|&number| candidates.get(number).file())
                .collect(),
        }),
    }
}

pub(super) fn by_path(
    query: &Query<'_>,
    sources: &Sources<'_>,
    path: &Path,
) -> Result<Resolution, ResolveError> {
    let fault = |source: std::io::Error| {
        ResolveError::File(Fault {
            file: path.display().to_string(),
            reason: source.into(),
        })
    };
    // Whoever names a link means what it leads to.
    let path = path.canonicalize().map_err(fault)?;
    let header = named_header(&path).map_err(ResolveError::File)?;
    let query = &as_named(query);
    let all = vec![Candidate::file_named(path, header)];
    let candidates = Candidates::new(query, sources.repository, all);
    let mut resolution = take(query, candidates, 0, Vec::new());
    // It is the only file there is: what is wrong with it is wrong with what was typed.
    match resolution.faults.pop() {
        Some(fault) => Err(ResolveError::File(fault)),
        None => Ok(resolution),
    }
}

/// What was named is used, be it the measured record itself.
fn as_named<'a>(query: &Query<'a>) -> Query<'a> {
    Query {
        exclude: &[],
        ..*query
    }
}

fn take(
    query: &Query<'_>,
    candidates: Candidates<'_>,
    number: usize,
    faults: Vec<Fault>,
) -> Resolution {
    let mut selection = Selection::new(query);
    let header = candidates.header(number);
    let commit = header.and_then(|header| header.commit.as_ref());
    let place = Place {
        commit: commit.map(|commit| commit.sha.clone()),
        distance: None,
    };
    let matched = Matched::Named;
    selection.offer(&candidates, &place, &[Offer { number, matched }]);
    Resolution::taken(query, selection, candidates, faults)
}

/// Records whose name fits: of the local history, the working tree, HEAD and the tips of all branches.
fn everywhere(
    sources: &Sources<'_>,
    prefix: &str,
    faults: &mut Vec<Fault>,
) -> Result<Vec<Candidate>, RepositoryError> {
    let mut all = runs(sources.history, faults);
    let working = sources.baselines.read_working_tree();
    all.extend(working.entries.into_iter().map(Candidate::uncommitted));
    if let Some(repository) = sources.repository {
        for commit in tips(repository)? {
            let index = CommittedBaselines::of(repository, &commit)?.index();
            all.extend(index.entries.into_iter().map(Candidate::committed));
        }
    }
    all.retain(|candidate| candidate.may_be(prefix));
    Ok(all)
}

fn tips(repository: &Repository) -> Result<Vec<perf_schema::Sha>, RepositoryError> {
    let mut tips: Vec<_> = repository
        .branches()?
        .iter()
        .take(BRANCHES)
        .filter_map(|branch| repository.tip_of(branch))
        .collect();
    tips.extend(repository.tip_of("HEAD"));
    tips.sort();
    tips.dedup();
    Ok(tips)
}

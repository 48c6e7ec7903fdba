//! Records of the code that is here, held against a baseline without building anything.

use perf_schema::{RecordId, RunRecord};

use super::known_noise::KnownNoise;
use super::measuring::{Place, repository_failure, resolve_failure};
use crate::failure::Failure;
use crate::repository::State;
use crate::store::resolve::{self, Limits, Query, Resolution, Sources};
use crate::store::{Baselines, History};

/// What git says of the files that are here; `None` outside git.
///
/// # Errors
/// When git cannot be read.
pub(super) fn state(place: &Place) -> Result<Option<State>, Failure> {
    let repository = place.repository.as_ref();
    let state = repository.map(|repository| repository.state().map_err(repository_failure));
    state.transpose()
}

/// What a record of this code is to be compared with.
///
/// # Errors
/// When the baseline's name means nothing, or the repository cannot be read.
pub(super) fn resolve(
    place: &Place,
    state: Option<&State>,
    record: &RunRecord,
    baseline: &str,
    exclude: &[RecordId],
) -> Result<Resolution, Failure> {
    asking(place, state, record, baseline, exclude, |query, sources| {
        resolve::resolve(query, sources).map_err(resolve_failure)
    })
}

/// What sessions of the record's machine are known to differ by.
pub(super) fn known_noise(
    place: &Place,
    state: Option<&State>,
    record: &RunRecord,
    resolution: &Resolution,
) -> KnownNoise {
    let root = &place.workspace.root;
    let typed = &resolution.typed;
    asking(place, state, record, typed, &[], |query, sources| {
        KnownNoise::read(query, sources, resolution, root)
    })
}

fn asking<T>(
    place: &Place,
    state: Option<&State>,
    record: &RunRecord,
    baseline: &str,
    exclude: &[RecordId],
    ask: impl FnOnce(&Query<'_>, &Sources<'_>) -> T,
) -> T {
    let benchmarks = record.benchmarks.iter();
    let wanted: Vec<_> = benchmarks
        .map(|benchmark| (benchmark.id.clone(), benchmark.definition.clone()))
        .collect();
    let query = Query {
        baseline,
        measured: state,
        exclude,
        class: &record.machine.class,
        build: &record.environment.build,
        rustc: &record.environment.rustc,
        clock: &record.environment.clock,
        wanted: &wanted,
        limits: Limits::default(),
    };
    let root = &place.workspace.root;
    let (baselines, history) = (Baselines::at(root), History::at(root));
    let sources = Sources {
        repository: place.repository.as_ref(),
        baselines: &baselines,
        history: &history,
    };
    ask(&query, &sources)
}

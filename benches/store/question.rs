//! `cargo perf compare --baseline main` on records that are there, without building and measuring.

use std::path::Path;

use cargo_perf::commands::pairing;
use cargo_perf::compare::noise::{PastRun, learn};
use cargo_perf::compare::{Comparison, DecisionRule, compare};
use cargo_perf::repository::Repository;
use cargo_perf::store::resolve::{Limits, Query, Sources, past, resolve};
use cargo_perf::store::{Baselines, History};
use perf_schema::RunRecord;

use super::data;

/// Made-up measurements of uncommitted code in the repository at `root`.
pub fn candidate(root: &Path, benchmarks: usize) -> RunRecord {
    let repository = Repository::discover(root)
        .expect("a repository")
        .expect("there is one");
    let state = repository.state().expect("it has a state");
    let other_code = "0123456789abcdef0123456789abcdef01234567"
        .parse()
        .expect("forty digits");
    data::record(
        state.commit.expect("a commit"),
        other_code,
        benchmarks,
        usize::MAX,
    )
}

/// Finds the baseline, reads it, judges.
pub fn answer(root: &Path, candidate: &RunRecord) -> Comparison {
    let repository = Repository::discover(root)
        .expect("a repository")
        .expect("there is one");
    let mut state = repository.state().expect("it has a state");
    state.source_tree = candidate.source_tree.clone().expect("it has a source tree");
    if let Some(commit) = &mut state.commit {
        commit.dirty = true;
    }
    let wanted: Vec<_> = candidate
        .benchmarks
        .iter()
        .map(|b| (b.id.clone(), b.definition.clone()))
        .collect();
    let query = Query {
        baseline: "main",
        measured: Some(&state),
        exclude: &[],
        class: data::records::CLASS,
        build: &candidate.environment.build,
        rustc: &candidate.environment.rustc,
        clock: &candidate.environment.clock,
        wanted: &wanted,
        limits: Limits::default(),
    };
    let (baselines, history) = (Baselines::at(root), History::at(root));
    let sources = Sources {
        repository: Some(&repository),
        baselines: &baselines,
        history: &history,
    };
    let resolution = resolve(&query, &sources).expect("main is there");
    let runs: Vec<PastRun> = past(&query, &sources, &resolution)
        .into_iter()
        .map(|past| PastRun::new(past.record, past.day, past.step))
        .collect();
    compare(
        &pairing::pairs(&resolution, candidate, &[], |benchmark| {
            learn(
                &runs,
                &benchmark.id,
                &benchmark.definition,
                &DecisionRule::screen(),
            )
        }),
        &DecisionRule::screen(),
    )
}

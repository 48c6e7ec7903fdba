//! A project with records, and the question put to it.

use std::path::PathBuf;

use perf_schema::{BenchId, Build, Definition, RecordId, RunRecord, Sha};

use crate::repository::fixture::{EPOCH, Project};
use crate::repository::{Repository, State};
use crate::store::fixture::{CLASS, RUSTC, Sample, bench, build, wanted};
use crate::store::resolve::{Choice, Limits, Query, Resolution, ResolveError, Sources, resolve};
use crate::store::{Baselines, History};

/// Who asks, from where.
pub(super) struct Asker {
    pub(super) root: PathBuf,
    pub(super) class: String,
    pub(super) build: Build,
    pub(super) rustc: String,
    pub(super) exclude: Vec<RecordId>,
    pub(super) wanted: Vec<(BenchId, Definition)>,
    pub(super) limits: Limits,
}

impl Asker {
    pub(super) fn at(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            class: CLASS.to_owned(),
            build: build(),
            rustc: RUSTC.to_owned(),
            exclude: Vec::new(),
            wanted: wanted(&["a"]),
            limits: Limits::default(),
        }
    }

    pub(super) fn wanting(mut self, names: &[&str]) -> Self {
        self.wanted = wanted(names);
        self
    }

    pub(super) fn try_ask(&self, baseline: &str) -> Result<Resolution, ResolveError> {
        let repository = Repository::discover(&self.root).unwrap();
        let state: Option<State> = repository.as_ref().map(|r| r.state().unwrap());
        let query = Query {
            baseline,
            measured: state.as_ref(),
            exclude: &self.exclude,
            class: &self.class,
            build: &self.build,
            rustc: &self.rustc,
            clock: "monotonic",
            wanted: &self.wanted,
            limits: self.limits,
        };
        let sources = Sources {
            repository: repository.as_ref(),
            baselines: &Baselines::at(&self.root),
            history: &History::at(&self.root),
        };
        resolve(&query, &sources)
    }

    pub(super) fn ask(&self, baseline: &str) -> Resolution {
        self.try_ask(baseline).unwrap()
    }
}

pub(super) fn ask(project: &Project, baseline: &str) -> Resolution {
    Asker::at(project.root()).ask(baseline)
}

impl Project {
    /// Changes the code and commits it.
    pub(super) fn change(&self, text: &str) -> Sha {
        self.write("code.rs", text);
        self.commit(text)
    }

    /// `cargo perf run --save`, without the history.
    pub(super) fn save(&self, shape: impl FnOnce(Sample) -> Sample) -> RunRecord {
        let record = shape(Sample::of(&self.state())).record();
        Baselines::at(self.root()).save(&record, true).unwrap();
        record
    }

    /// Saves a record and commits nothing but that.
    pub(super) fn save_and_commit(&self, shape: impl FnOnce(Sample) -> Sample) -> RunRecord {
        let record = self.save(shape);
        self.commit("record");
        record
    }

    /// `cargo perf run`: a record in the local history, `second` seconds after the beginning.
    pub(super) fn run(&self, second: i64, shape: impl FnOnce(Sample) -> Sample) -> RecordId {
        let record = shape(Sample::of(&self.state())).record();
        History::at(self.root())
            .save(&record, EPOCH + second)
            .unwrap()
    }
}

impl Resolution {
    /// The choice for the benchmark of that name.
    pub(super) fn of(&self, name: &str) -> &Choice {
        self.choices.get(&bench(name)).unwrap_or_else(|| {
            let explanation = self.explanation().map(|e| e.to_string());
            panic!(
                "no baseline for {name}: {explanation:?} {:?}",
                self.rejected
            )
        })
    }

    pub(super) fn text(&self) -> String {
        self.explanation().expect("nothing was found").to_string()
    }
}

impl Choice {
    /// Seeds of the pooled records, by which tests know them.
    pub(super) fn seeds(&self) -> Vec<u64> {
        let mut seeds: Vec<_> = self.records.iter().map(|r| r.record.plan.seed).collect();
        seeds.sort_unstable();
        seeds
    }
}

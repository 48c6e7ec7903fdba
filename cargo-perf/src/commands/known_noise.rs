//! What sessions of this machine are known to differ by, read when a comparison needs it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;

use perf_schema::metric::names;
use perf_schema::{BenchId, BenchmarkRecord};

use crate::compare::noise::{Noise, PastRun, SessionNoise, learn};
use crate::compare::{Comparison, DecisionRule};
use crate::report::printable;
use crate::store::Calibrations;
use crate::store::resolve::{
    Past, Query, Resolution, Sources, of_calibrations, past, trusts_local,
};

/// What a comparison took sessions to differ by in their wall time, in a sentence. `None` where nothing was judged by it.
pub(super) fn note(comparison: &Comparison) -> Option<String> {
    let metrics = comparison
        .benchmarks
        .iter()
        .flat_map(|judged| &judged.metrics);
    let used: Vec<SessionNoise> = metrics
        .filter(|metric| metric.metric == names::WALL)
        .filter_map(|metric| metric.sessions)
        .collect();
    let (learned, assumed): (Vec<_>, Vec<_>) = used.into_iter().partition(|noise| noise.runs > 0);
    let mut said = Vec::new();
    if let Some(first) = learned.first() {
        let least = learned
            .iter()
            .min_by(|a, b| a.spread.sd.total_cmp(&b.spread.sd))
            .unwrap_or(first);
        let most = learned
            .iter()
            .max_by(|a, b| a.spread.sd.total_cmp(&b.spread.sd))
            .unwrap_or(first);
        said.push(match learned.len() {
            1 => first.words(),
            count if least == most => format!("{} for {count} benchmarks", first.words()),
            count => format!(
                "{} to {} for {count} benchmarks",
                least.words(),
                most.words()
            ),
        });
    }
    if let Some(first) = assumed.first() {
        said.push(match assumed.len() {
            count if learned.is_empty() && count > 0 => {
                format!("{}, as too few runs are known to learn it from (`cargo perf calibrate` makes some)", first.words())
            }
            1 => format!("{} for 1 benchmark", first.words()),
            count => format!("{} for {count} benchmarks", first.words()),
        });
    }
    (!said.is_empty()).then(|| format!("noise between sessions: {}", said.join(", ")))
}

/// Past runs, and what was learned from them so far.
pub(super) struct KnownNoise {
    runs: Vec<PastRun>,
    notes: Vec<String>,
    learned: RefCell<HashMap<BenchId, Noise>>,
}

impl KnownNoise {
    /// Reads the past runs.
    pub(super) fn read(
        query: &Query<'_>,
        sources: &Sources<'_>,
        resolution: &Resolution,
        root: &Path,
    ) -> Self {
        let mut runs = past(query, sources, resolution);
        let mut notes = Vec::new();
        if trusts_local(query, sources) {
            match Calibrations::at(root).read() {
                Ok(sessions) => runs.extend(of_calibrations(query, sessions)),
                Err(fault) => notes.push(printable(&format!("left out: {fault}"))),
            }
        }
        let run = |past: Past| PastRun::new(past.record, past.day, past.step);
        Self {
            runs: runs.into_iter().map(run).collect(),
            notes,
            learned: RefCell::default(),
        }
    }

    #[cfg(test)]
    pub(super) fn of_runs(runs: Vec<PastRun>) -> Self {
        Self {
            runs,
            notes: Vec::new(),
            learned: RefCell::default(),
        }
    }

    /// With more runs.
    pub(super) fn and(mut self, runs: impl Iterator<Item = PastRun>) -> Self {
        self.runs.extend(runs);
        self.learned.get_mut().clear();
        self
    }

    /// What should be known of how it was learned.
    pub(super) fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    /// What is known of one benchmark.
    pub(super) fn of(&self, benchmark: &BenchmarkRecord) -> Noise {
        let rule = DecisionRule::screen();
        let learn = || learn(&self.runs, &benchmark.id, &benchmark.definition, &rule);
        let mut learned = self.learned.borrow_mut();
        let known = learned.entry(benchmark.id.clone()).or_insert_with(learn);
        known.clone()
    }
}

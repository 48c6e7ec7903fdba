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
    if !learned.is_empty() {
        said.push(learned_words(&learned));
    }
    if let Some(first) = assumed.first() {
        said.push(match assumed.len() {
            _ if learned.is_empty() => {
                format!("{}, as too few runs are known to learn it from (`cargo perf calibrate` makes some)", first.words())
            }
            1 => format!("{} for 1 benchmark", first.words()),
            count => format!("{} for {count} benchmarks", first.words()),
        });
    }
    (!said.is_empty()).then(|| format!("noise between sessions: {}", said.join("; ")))
}

/// From the least to the most of what was learned, each once.
fn learned_words(learned: &[SessionNoise]) -> String {
    let percents = learned.iter().map(|noise| noise.spread.sd.exp_m1() * 100.0);
    let mut percents: Vec<f64> = percents.collect();
    percents.sort_by(f64::total_cmp);
    let percents = percents.iter().map(|percent| format!("{percent:.1}"));
    let mut runs: Vec<usize> = learned.iter().map(|noise| noise.runs).collect();
    runs.sort_unstable();
    let (percents, runs) = (ends(percents), ends(runs.iter().map(usize::to_string)));
    format!("{percents} %, learned from {runs} runs")
}

/// The first and the last, or the one.
fn ends(mut words: impl Iterator<Item = String>) -> String {
    let first = words.next().unwrap_or_default();
    match words.last() {
        Some(last) if last != first => format!("{first} to {last}"),
        _ => first,
    }
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

#[cfg(test)]
mod tests {
    use perf_stats::Spread;

    use super::*;

    #[test]
    fn what_was_learned_is_told_from_end_to_end() {
        let noise = |sd: f64, runs| SessionNoise {
            spread: Spread {
                sd,
                degrees_of_freedom: 4.0,
            },
            runs,
        };
        let all = [noise(0.0149, 5), noise(0.0119, 12), noise(0.0119, 5)];
        assert_eq!(
            learned_words(&all),
            "1.2 to 1.5 %, learned from 5 to 12 runs"
        );
        assert_eq!(learned_words(&all[..1]), "1.5 %, learned from 5 runs");
    }
}

//! The choice for each benchmark, from groups of records offered nearest first.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use perf_schema::{BenchId, BenchmarkRecord, Definition, Metric, RecordId, Sha};

use super::candidates::Candidates;
use super::rejection::{Why, comparable};
use super::{Choice, Matched, Nearest, Query, Rejected, Standing};
use crate::store::StoredRecord;

/// Records of one commit that are pooled at most. More add nothing to an estimate but time to read them.
const POOLED: usize = 64;

/// Where a group of candidates was placed.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) commit: Option<Sha>,
    pub(super) distance: Option<usize>,
}

/// A candidate at a place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Offer {
    pub(super) number: usize,
    pub(super) matched: Matched,
}

/// What was chosen so far.
pub(super) struct Selection<'a> {
    query: &'a Query<'a>,
    choices: BTreeMap<BenchId, Choice>,
    obstacles: BTreeMap<BenchId, Rejected>,
    pub(super) nearest: Option<Nearest>,
    pub(super) rejected: Vec<Rejected>,
    loaded: HashSet<RecordId>,
}

/// A comparable record in memory.
struct Loaded {
    file: String,
    matched: Matched,
    stored: Arc<StoredRecord>,
}

impl<'a> Selection<'a> {
    pub(super) fn new(query: &'a Query<'a>) -> Self {
        Self {
            query,
            choices: BTreeMap::new(),
            obstacles: BTreeMap::new(),
            nearest: None,
            rejected: Vec::new(),
            loaded: HashSet::new(),
        }
    }

    /// Whether nothing at this distance can change anything any more.
    pub(super) fn is_complete(&self, distance: usize) -> bool {
        if self.query.wanted.is_empty() {
            return self.nearest.is_some();
        }
        let wanted = self.query.wanted;
        wanted.iter().all(|(id, _)| !self.is_open(id, distance))
    }

    /// Whether a record at this distance could be chosen. One of the same compiler is waited for, but not for long.
    fn is_open(&self, id: &BenchId, distance: usize) -> bool {
        self.choices.get(id).is_none_or(|choice| {
            choice.other_rustc.is_some()
                && choice.distance.is_some()
                && distance <= self.query.limits.gating
        })
    }

    /// Takes from records of one commit what is still to be found.
    pub(super) fn offer(&mut self, candidates: &Candidates<'_>, place: &Place, group: &[Offer]) {
        let fit = self.comparable(candidates, place, group);
        let pool = self.load(candidates, place, &fit);
        if pool.is_empty() {
            return;
        }
        for (id, definition) in self.query.wanted {
            if self.is_open(id, place.distance.unwrap_or(usize::MAX)) {
                self.choose(id, definition, place, &pool);
            }
        }
        if self.nearest.is_none() {
            self.nearest = Some(Nearest {
                commit: place.commit.clone(),
                distance: place.distance,
                records: pool.into_iter().map(|loaded| loaded.stored).collect(),
            });
        }
    }

    fn comparable(
        &mut self,
        candidates: &Candidates<'_>,
        place: &Place,
        group: &[Offer],
    ) -> Vec<Offer> {
        let mut fit = Vec::new();
        for offer in group {
            let Some(header) = candidates.header(offer.number) else {
                continue;
            };
            match comparable(self.query, &header.machine, &header.environment) {
                Ok(()) => fit.push(*offer),
                Err(why) => {
                    let rejected = candidates.rejected(offer.number, place.distance, why);
                    self.rejected.push(rejected);
                }
            }
        }
        fit.truncate(POOLED);
        fit
    }

    fn load(&mut self, candidates: &Candidates<'_>, place: &Place, fit: &[Offer]) -> Vec<Loaded> {
        let distance = place.distance.unwrap_or(usize::MAX);
        let open: HashSet<&BenchId> = self
            .query
            .wanted
            .iter()
            .map(|(id, _)| id)
            .filter(|id| self.is_open(id, distance))
            .collect();
        let mut pool = Vec::new();
        for offer in fit {
            let known = candidates.header(offer.number).and_then(|h| h.id.as_ref());
            if known.is_some_and(|id| self.loaded.contains(id)) {
                continue;
            }
            // The nearest is loaded in any case: it tells what is missing now.
            if self.nearest.is_some() && !candidates.mentions(offer.number, &|id| open.contains(id))
            {
                continue;
            }
            if let Some(stored) = candidates.load(offer.number) {
                self.loaded.insert(stored.id.clone());
                pool.push(Loaded {
                    file: candidates.get(offer.number).file(),
                    matched: offer.matched,
                    stored,
                });
            }
        }
        pool
    }

    fn choose(&mut self, id: &BenchId, definition: &Definition, place: &Place, pool: &[Loaded]) {
        let mut fit = Vec::new();
        for loaded in pool {
            let benchmarks = &loaded.stored.record.benchmarks;
            let Ok(at) = benchmarks.binary_search_by(|bench| bench.id.cmp(id)) else {
                continue;
            };
            match usable(&benchmarks[at], definition) {
                Ok(()) => fit.push(loaded),
                Err(why) => self.obstruct(id, place, loaded, why),
            }
        }
        let rustc = |loaded: &Loaded| loaded.stored.record.environment.rustc == self.query.rustc;
        let same: Vec<_> = fit.iter().copied().filter(|loaded| rustc(loaded)).collect();
        let pooled = match (same.is_empty(), self.choices.contains_key(id)) {
            (false, _) => same,
            // What is there already is nearer, and of another compiler too.
            (true, true) => return,
            (true, false) => fit,
        };
        if let Some(choice) = self.choice(place, &pooled) {
            self.choices.insert(id.clone(), choice);
        }
    }

    fn choice(&self, place: &Place, pooled: &[&Loaded]) -> Option<Choice> {
        let first = pooled.first()?;
        let other_rustc = pooled
            .iter()
            .map(|loaded| &loaded.stored.record.environment.rustc)
            .find(|rustc| *rustc != self.query.rustc)
            .cloned();
        let measured = self.query.measured.map(|state| &state.source_tree);
        let same_code = measured.is_some()
            && pooled
                .iter()
                .all(|loaded| loaded.stored.record.source_tree.as_ref() == measured);
        let matched = pooled
            .iter()
            .map(|loaded| loaded.matched)
            .max()
            .unwrap_or(first.matched);
        let far = place
            .distance
            .is_some_and(|distance| distance > self.query.limits.gating);
        let standing = match (matched, &other_rustc) {
            (Matched::Approximate, _) => Standing::Approximate,
            (_, Some(_)) => Standing::OtherToolchain,
            _ if far => Standing::Far,
            _ => Standing::Firm,
        };
        Some(Choice {
            records: pooled
                .iter()
                .map(|loaded| Arc::clone(&loaded.stored))
                .collect(),
            commit: place.commit.clone(),
            distance: place.distance,
            matched,
            other_rustc,
            same_code,
            standing,
        })
    }

    fn obstruct(&mut self, id: &BenchId, place: &Place, loaded: &Loaded, why: Why) {
        self.obstacles
            .entry(id.clone())
            .or_insert_with(|| Rejected {
                file: loaded.file.clone(),
                commit: place.commit.clone(),
                distance: place.distance,
                bench: Some(id.clone()),
                why,
            });
    }

    /// The choices, and of the wanted benchmarks without one the nearest obstacle.
    pub(super) fn finish(
        mut self,
    ) -> (
        BTreeMap<BenchId, Choice>,
        BTreeMap<BenchId, Option<Rejected>>,
    ) {
        let unmatched = self
            .query
            .wanted
            .iter()
            .filter(|(id, _)| !self.choices.contains_key(id))
            .map(|(id, _)| (id.clone(), self.obstacles.remove(id)))
            .collect();
        (self.choices, unmatched)
    }
}

fn usable(bench: &BenchmarkRecord, definition: &Definition) -> Result<(), Why> {
    if bench.definition != *definition {
        return Err(Why::OtherDefinition);
    }
    let measured = |metric: &Metric| matches!(metric, Metric::Measured { .. });
    if bench.metrics.values().any(measured) {
        Ok(())
    } else {
        Err(Why::Failed)
    }
}

//! The two ends of a period: what stands at its end, what stood at its beginning, and what changed in between.

use std::sync::Arc;

use perf_schema::{BenchId, BenchmarkRecord, RunRecord};

use super::super::pairing::{benchmark_of, gates_where};
use crate::compare::noise::{PastRun, learn};
use crate::compare::rules::Rules;
use crate::compare::{Comparison, DecisionRule, NoBaseline, Pair, Session, Side, compare};
use crate::series::{Order, RunHeader, build_digest};
use crate::store::day;

/// Runs back from the newest that are read whole: for their launches, and to learn what sessions differ by.
const RECENT: usize = 10;

/// A run that was read whole.
#[derive(Clone, Debug)]
pub(super) struct Whole {
    /// Its number in the index's list.
    pub(super) run: usize,
    /// Its place on the line.
    pub(super) position: usize,
    /// What it says, of the benchmarks that are asked for.
    pub(super) record: Arc<RunRecord>,
}

/// A period.
#[derive(Debug)]
pub(super) struct Period {
    /// The newest runs of the newest one's machine and build, newest first; at least one.
    pub(super) recent: Vec<Whole>,
    /// What stood at the beginning.
    pub(super) first: Option<Whole>,
    /// Runs on the line.
    pub(super) runs: usize,
    /// Commit times of the oldest and the newest of them.
    pub(super) days: (Option<i64>, Option<i64>),
    /// The number of the first run in the period and later ones.
    pub(super) within: usize,
}

/// Where each run stands, oldest first: place and number.
fn placed(order: &Order, headers: &[RunHeader]) -> Vec<(usize, usize)> {
    let numbered = headers.iter().enumerate();
    let mut placed: Vec<(usize, Option<&str>, usize)> = match order {
        Order::Ancestry(line) => numbered
            .filter_map(|(run, header)| {
                let place = line.place(header).ok()?;
                Some((place.position, header.kept.as_deref(), run))
            })
            .collect(),
        Order::Time => {
            let mut numbered: Vec<_> = numbered.collect();
            numbered.sort_by_key(|(_, header)| &header.kept);
            let in_order = numbered.into_iter().enumerate();
            in_order
                .map(|(at, (run, header))| (at, header.kept.as_deref(), run))
                .collect()
        }
    };
    placed.sort_unstable();
    placed
        .into_iter()
        .map(|(position, _, run)| (position, run))
        .collect()
}

impl Period {
    /// Finds the ends of the last `days` days before the newest run. `None` where nothing is on the line. `read` gives the whole
    /// records of some runs, in their order, and nothing for what cannot be read any more: that is left out, and its points stay.
    pub(super) fn find(
        order: &Order,
        headers: &[RunHeader],
        days: i64,
        read: impl FnOnce(&[usize]) -> Vec<Option<RunRecord>>,
    ) -> Option<Self> {
        let placed = placed(order, headers);
        let newest = &headers[placed.last()?.1];
        let alike: Vec<(usize, usize)> = placed
            .iter()
            .copied()
            .filter(|&(_, run)| is_alike(&headers[run], newest))
            .collect();
        let time = |run: usize| headers[run].commit.as_ref().map(|commit| commit.committed);
        let begin =
            time(alike.last()?.1).map(|newest| newest.saturating_sub(days.saturating_mul(86_400)));
        let last = alike.last()?.0;
        let mut earlier = alike.iter().filter(|&&(position, _)| position < last);
        let before = |&&(_, run): &&(usize, usize)| {
            begin
                .zip(time(run))
                .is_some_and(|(begin, time)| time <= begin)
        };
        let oldest = earlier.clone().next();
        let first = earlier.rfind(before).or(oldest).copied();
        let recent = alike.iter().rev().take(RECENT).copied();
        let mut wanted: Vec<(usize, usize)> = recent.collect();
        let recent = wanted.len();
        wanted.extend(first.filter(|first| !wanted.contains(first)));
        let runs: Vec<usize> = wanted.iter().map(|&(_, run)| run).collect();
        let whole = |(&(position, run), record): (&(usize, usize), Option<RunRecord>)| {
            let record = Arc::new(record?);
            Some(Whole {
                run,
                position,
                record,
            })
        };
        let read: Vec<Option<Whole>> = wanted.iter().zip(read(&runs)).map(whole).collect();
        let is_first = |whole: &&Whole| first.is_some_and(|(_, run)| run == whole.run);
        let first = read.iter().flatten().find(is_first).cloned();
        let recent: Vec<Whole> = read.into_iter().take(recent).flatten().collect();
        let within = placed.iter().filter(|&&(_, run)| {
            begin
                .zip(time(run))
                .is_none_or(|(begin, time)| time > begin)
        });
        let times = placed.iter().filter_map(|&(_, run)| time(run));
        (!recent.is_empty()).then(|| Self {
            first,
            runs: placed.len(),
            days: (times.clone().min(), times.max()),
            within: within.count(),
            recent,
        })
    }

    /// The newest run with those benchmarks that only runs before it had, and how many those are: whoever measures one benchmark
    /// again takes none away.
    pub(super) fn candidate(&self) -> (RunRecord, usize) {
        let mut record = (*self.recent[0].record).clone();
        let mut older = 0;
        for whole in &self.recent[1..] {
            let benchmarks = whole.record.benchmarks.iter();
            let more = benchmarks.filter(|older| benchmark_of(&record, &older.id).is_none());
            let more: Vec<BenchmarkRecord> = more.cloned().collect();
            older += more.len();
            if !more.is_empty() {
                record.add(more);
            }
        }
        (record, older)
    }

    /// Judges the end by the beginning, as stored records are judged: what sessions differ by is learned from the newest runs.
    pub(super) fn compare(&self, candidate: &RunRecord, rules: &Rules) -> Option<Comparison> {
        let first = self.first.as_ref()?;
        let rule = DecisionRule::screen();
        let runs: Vec<PastRun> = self.recent.iter().map(past).collect();
        let (before, now) = (Session::of(&first.record), Session::of(candidate));
        let of = |id: &BenchId| benchmark_of(&first.record, id);
        let pair = |benchmark: &BenchmarkRecord| Pair {
            id: benchmark.id.clone(),
            baseline: match of(&benchmark.id) {
                None => Err(NoBaseline::New),
                Some(was) if was.definition != benchmark.definition => Err(
                    NoBaseline::Incomparable("it was declared anew since".to_owned()),
                ),
                Some(was) => Ok(Side::pooled([was], before)),
            },
            candidate: Some(Side::pooled([benchmark], now)),
            caveat: None,
            noise: learn(&runs, &benchmark.id, &benchmark.definition, &rule),
            drift: None,
        };
        let mut pairs: Vec<Pair> = candidate.benchmarks.iter().map(pair).collect();
        let is_gone = |was: &&BenchmarkRecord| benchmark_of(candidate, &was.id).is_none();
        let gone = first.record.benchmarks.iter().filter(is_gone);
        pairs.extend(gone.map(|was| Pair {
            id: was.id.clone(),
            baseline: Err(NoBaseline::New),
            candidate: None,
            caveat: None,
            noise: Default::default(),
            drift: None,
        }));
        let mut comparison = compare(&pairs, &rule);
        comparison.gate(&gates_where(candidate, |id| of(id)?.gate).0);
        comparison.apply(rules);
        Some(comparison)
    }
}

/// Whether two runs may be set beside each other.
fn is_alike(one: &RunHeader, other: &RunHeader) -> bool {
    one.class == other.class
        && build_digest(&one.build, &one.clock) == build_digest(&other.build, &other.clock)
}

fn past(whole: &Whole) -> PastRun {
    let committed = whole.record.commit.as_ref().map(|commit| commit.committed);
    let day = committed.and_then(day).unwrap_or_default();
    PastRun::new(Arc::clone(&whole.record), day, Some(whole.position))
}

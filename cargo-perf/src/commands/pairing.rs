//! Setting a record beside the baseline that was resolved for it.

use std::collections::{BTreeMap, HashMap};

use perf_schema::{BenchId, BenchmarkRecord, Gate, RecordId, RunRecord};

use crate::compare::noise::Noise;
use crate::compare::rules::{Bounds, BudgetsThen};
use crate::compare::steadiness::{Drift, drift};
use crate::compare::{DecisionRule, Gates, NoBaseline, Pair, Session, Side};
use crate::run::Candidate;
use crate::store::StoredRecord;
use crate::store::resolve::{Choice, Resolution, Standing};

/// The pairs to judge: every benchmark of `record`, and every one in `gone`, which the baseline has and this code has not.
/// `noise` knows what sessions differ by for a benchmark.
pub fn pairs(
    resolution: &Resolution,
    record: &RunRecord,
    gone: &[BenchId],
    noise: impl Fn(&BenchmarkRecord) -> Noise,
) -> Vec<Pair> {
    let mut sessions = Sessions::default();
    let candidate_session = Session::of(record);
    let mut pairs: Vec<Pair> = record
        .benchmarks
        .iter()
        .map(|benchmark| {
            let choice = resolution.choices.get(&benchmark.id);
            Pair {
                id: benchmark.id.clone(),
                baseline: match choice {
                    Some(choice) => Ok(sessions.side(choice, &benchmark.id)),
                    None => Err(why_none(resolution, &benchmark.id)),
                },
                candidate: Some(Side::pooled([benchmark], candidate_session)),
                caveat: choice.and_then(|choice| caveat(choice, record)),
                noise: noise(benchmark),
                drift: most_drift(choice, &mut sessions, benchmark, candidate_session),
            }
        })
        .collect();
    pairs.extend(gone.iter().map(|id| Pair {
        id: id.clone(),
        baseline: Err(NoBaseline::New),
        candidate: None,
        caveat: None,
        noise: Noise::new(),
        drift: None,
    }));
    pairs
}

/// Benchmarks of the nearest records that this code no longer has.
pub fn gone(resolution: &Resolution, known: &[BenchId]) -> Vec<BenchId> {
    let records = resolution
        .nearest
        .iter()
        .flat_map(|nearest| &nearest.records);
    let had: BTreeMap<&BenchId, ()> = records
        .flat_map(|stored| &stored.record.benchmarks)
        .map(|benchmark| (&benchmark.id, ()))
        .collect();
    let known: std::collections::HashSet<&BenchId> = known.iter().collect();
    had.into_keys()
        .filter(|id| !known.contains(id))
        .cloned()
        .collect()
}

/// The gates of a record's benchmarks: the baseline's, since nobody is to be judged by the rules they bring along; and the
/// benchmarks that have one where the baseline has none.
pub fn gates(resolution: &Resolution, record: &RunRecord) -> (Gates, Vec<BenchId>) {
    gates_where(record, |id| {
        let records = resolution.choices.get(id).into_iter();
        let mut had = records.flat_map(|choice| &choice.records);
        had.find_map(|stored| benchmark_in(stored, id)?.gate)
    })
}

/// The same, where `then` knows what gate the baseline has.
pub fn gates_where(
    record: &RunRecord,
    then: impl Fn(&BenchId) -> Option<Gate>,
) -> (Gates, Vec<BenchId>) {
    let mut gates = Gates::new();
    let mut brought = Vec::new();
    for benchmark in &record.benchmarks {
        let had = then(&benchmark.id);
        if had.is_none() && benchmark.gate.is_some() {
            brought.push(benchmark.id.clone());
        }
        // A change is not judged by what it brings along itself.
        let Some(gate) = had else {
            continue;
        };
        gates.insert(benchmark.id.clone(), gate);
    }
    (gates, brought)
}

/// The budgets of the baseline of a record's benchmarks.
pub fn budgets(resolution: &Resolution, record: &RunRecord) -> BudgetsThen {
    let of = |benchmark: &BenchmarkRecord| {
        let records = &resolution.choices.get(&benchmark.id)?.records;
        let mut had = records.iter();
        let then = had.find_map(|stored| benchmark_in(stored, &benchmark.id))?;
        Some((benchmark.id.clone(), Bounds::recorded(then)))
    };
    record.benchmarks.iter().filter_map(of).collect()
}

/// The benchmarks of which this code raises or removes a budget that the baseline has.
pub fn raised(record: &RunRecord, then: &BudgetsThen) -> Vec<BenchId> {
    let is_raised = |benchmark: &&BenchmarkRecord| {
        let had = then.get(&benchmark.id);
        had.is_some_and(|had| Bounds::recorded(benchmark).is_looser_than(had))
    };
    let raised = record.benchmarks.iter().filter(is_raised);
    raised.map(|benchmark| benchmark.id.clone()).collect()
}

/// The batch size of a case's baseline, which measuring anew should keep.
pub fn batch_of(resolution: &Resolution, case: &Candidate) -> Option<u64> {
    let choice = resolution.choices.get(&case.id)?;
    choice
        .records
        .iter()
        .find_map(|stored| benchmark_in(stored, &case.id)?.batch)
}

pub(super) fn benchmark_in<'a>(
    stored: &'a StoredRecord,
    id: &BenchId,
) -> Option<&'a BenchmarkRecord> {
    benchmark_of(&stored.record, id)
}

/// A benchmark of a record.
pub(super) fn benchmark_of<'a>(record: &'a RunRecord, id: &BenchId) -> Option<&'a BenchmarkRecord> {
    // A record that was read is sorted by id.
    let found = record
        .benchmarks
        .binary_search_by(|benchmark| benchmark.id.cmp(id));
    record.benchmarks.get(found.ok()?)
}

fn why_none(resolution: &Resolution, id: &BenchId) -> NoBaseline {
    match resolution.unmatched.get(id) {
        Some(Some(rejected)) => NoBaseline::Incomparable(rejected.why.to_string()),
        _ => NoBaseline::New,
    }
}

/// How far a benchmark moved within one of the sessions that are compared, where it moved most.
fn most_drift(
    choice: Option<&Choice>,
    sessions: &mut Sessions,
    benchmark: &BenchmarkRecord,
    session: Option<Session>,
) -> Option<Drift> {
    let rule = DecisionRule::screen();
    let stored = choice.into_iter().flat_map(|choice| &choice.records);
    let then = stored.filter_map(|stored| {
        let session = sessions.of(stored);
        drift(benchmark_in(stored, &benchmark.id)?, session, &rule)
    });
    then.chain(drift(benchmark, session, &rule))
        .max_by(|a, b| a.log.total_cmp(&b.log))
}

/// Why a difference of `record` from this baseline would decide nothing.
fn caveat(choice: &Choice, record: &RunRecord) -> Option<String> {
    if choice.same_code {
        let binaries = &record.environment.binaries;
        let same = choice
            .records
            .iter()
            .any(|stored| stored.record.environment.binaries == *binaries);
        let reason = if same {
            "the baseline is of this very code, so a difference is noise"
        } else {
            "the source is the baseline's and the binaries are not: something outside the repository differs, or they \
             were built elsewhere"
        };
        return Some(reason.to_owned());
    }
    match choice.standing {
        Standing::Firm => None,
        Standing::Far => Some("the baseline is too many commits back to decide".to_owned()),
        Standing::OtherToolchain => Some("the baseline was built by another compiler".to_owned()),
        Standing::Approximate => Some(
            "in this shallow clone the baseline is a guess; type `git fetch --unshallow`"
                .to_owned(),
        ),
    }
}

/// The session of each record, computed once: many benchmarks share one.
#[derive(Default)]
struct Sessions(HashMap<RecordId, Option<Session>>);

impl Sessions {
    fn side(&mut self, choice: &Choice, id: &BenchId) -> Side {
        let sessions: Vec<Session> = choice
            .records
            .iter()
            .filter_map(|stored| self.of(stored))
            .collect();
        let benchmarks = choice
            .records
            .iter()
            .filter_map(|stored| benchmark_in(stored, id));
        Side::pooled(benchmarks, Session::quietest(sessions))
    }

    fn of(&mut self, stored: &StoredRecord) -> Option<Session> {
        *self
            .0
            .entry(stored.id.clone())
            .or_insert_with(|| Session::of(&stored.record))
    }
}

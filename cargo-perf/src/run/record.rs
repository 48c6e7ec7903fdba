//! Writing down what was seen.

use std::collections::BTreeMap;

use perf_runner::{CaseRun, Count, Launch, Settings};
use perf_schema::metric::names;
use perf_schema::{
    BenchmarkRecord, Better, Commit, Environment, Failure, LimitRecord, Machine, Meaning, Metric,
    MetricName, Observed, Outcome, Plan, RunRecord, Samples, TreeId, Unit,
};

use super::discover::Candidate;

/// What surrounds the samples in a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Surroundings {
    /// The commit that is checked out.
    pub commit: Option<Commit>,
    /// The content that was measured.
    pub source_tree: Option<TreeId>,
    /// The machine.
    pub machine: Machine,
    /// Everything else.
    pub environment: Environment,
    /// What the benchmarks were selected by.
    pub filters: Vec<String>,
    /// The user's home folder, which the record must not name.
    pub home: Option<String>,
}

/// The record of a run. `runs` are in the order of `cases`.
#[must_use]
pub fn record(
    surroundings: Surroundings,
    settings: &Settings,
    cases: &[Candidate],
    runs: &[CaseRun],
) -> RunRecord {
    let mut benchmarks: Vec<BenchmarkRecord> = cases
        .iter()
        .zip(runs)
        .map(|(case, run)| benchmark(case, run, surroundings.home.as_deref()))
        .collect();
    benchmarks.sort_by(|a, b| a.id.cmp(&b.id));
    RunRecord {
        schema: RunRecord::version_for(&benchmarks),
        commit: surroundings.commit,
        source_tree: surroundings.source_tree,
        machine: surroundings.machine,
        environment: surroundings.environment,
        plan: Plan {
            seed: settings.seed,
            launches: settings.launches,
            samples: settings.samples,
            sample_ns: u64::try_from(settings.sample.as_nanos()).unwrap_or(u64::MAX),
            filters: surroundings.filters,
        },
        benchmarks,
    }
}

fn benchmark(case: &Candidate, run: &CaseRun, home: Option<&str>) -> BenchmarkRecord {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    BenchmarkRecord {
        id: case.id.clone(),
        definition: case.definition.clone(),
        kind: case.description.kind,
        parameters: case.description.parameters.clone(),
        budgets: case.description.budgets.clone(),
        floors: case.description.floors.clone(),
        gate: case.description.gate,
        fit: case.description.fit.clone(),
        batch: run.batch,
        throughput: run.throughput,
        limit: run
            .limit
            .as_ref()
            .map(|limit| limit_without_home(limit, home)),
        metrics: metrics(run),
        outcome: Outcome {
            passed: count(run.launches.len() + answered(run)),
            failed: count(run.failures.len()),
            failures: run
                .failures
                .iter()
                .map(|failure| without_home(failure, home))
                .collect(),
        },
    }
}

/// Probes of a limit that gave an answer.
fn answered(run: &CaseRun) -> usize {
    let levels = run.limit.iter().flat_map(|limit| &limit.levels);
    levels.filter(|level| level.failure.is_none()).count()
}

fn limit_without_home(limit: &LimitRecord, home: Option<&str>) -> LimitRecord {
    let mut limit = limit.clone();
    for level in &mut limit.levels {
        level.failure = level
            .failure
            .as_ref()
            .map(|failure| without_home(failure, home));
        if let (Some(traffic), Some(home)) = (&mut level.traffic, home) {
            let errors = std::mem::take(&mut traffic.errors).into_iter();
            for (kind, count) in errors {
                *traffic.errors.entry(kind.replace(home, "~")).or_default() += count;
            }
        }
    }
    limit
}

/// What a benchmark said when it failed may name a file of the user's.
fn without_home(failure: &Failure, home: Option<&str>) -> Failure {
    let message = match home {
        Some(home) => failure.message.replace(home, "~"),
        None => failure.message.clone(),
    };
    Failure {
        message,
        ..failure.clone()
    }
}

fn metrics(run: &CaseRun) -> BTreeMap<MetricName, Metric> {
    if let Some(limit) = &run.limit {
        return BTreeMap::from([(names::LIMIT.to_owned(), limit_metric(limit))]);
    }
    let batch = run.batch.unwrap_or(1).max(1) as f64;
    let each = |pick: fn(&Launch) -> &[u64]| -> Vec<Vec<f64>> {
        run.launches
            .iter()
            .map(|launch| pick(launch).iter().map(|&ns| ns as f64 / batch).collect())
            .collect()
    };
    // One number for each launch is what the gauge is asked for later: how quiet it was, at its quietest.
    let quietest = |launch: &Launch| launch.gauge_ns.iter().min().map(|&ns| ns as f64);
    let gauge: Vec<Vec<f64>> = run
        .launches
        .iter()
        .map(|launch| quietest(launch).into_iter().collect())
        .collect();
    let time = |better| Meaning {
        unit: Unit::NANOSECONDS,
        better,
        exact: false,
    };
    let mut metrics = observed(&run.launches);
    for (name, better, launches) in [
        (names::WALL, Better::Lower, each(|launch| &launch.wall_ns)),
        (names::CPU, Better::Lower, each(|launch| &launch.cpu_ns)),
        (names::GAUGE, Better::Neither, gauge),
    ] {
        metrics.insert(name.to_owned(), metric(time(better), &launches));
    }
    if let Some(count) = &run.count {
        metrics.insert(names::INSTRUCTIONS_VALGRIND.to_owned(), counted(count));
    }
    metrics
}

/// The largest level that passed. How well it is known stands beside it.
fn limit_metric(limit: &LimitRecord) -> Metric {
    let meaning = Meaning {
        unit: Unit::COUNT,
        better: Better::Higher,
        exact: false,
    };
    match limit.largest_pass {
        Some(pass) => metric(meaning, &[vec![pass as f64]]),
        None => Metric::Absent {
            reason: "no level passed".to_owned(),
        },
    }
}

/// One value for each launch under Valgrind. If they do not agree it is no property of the code alone.
fn counted(count: &Count) -> Metric {
    match count {
        Count::Counted(launches) => {
            let meaning = Meaning {
                unit: Unit::COUNT,
                better: Better::Lower,
                exact: count.agreed().is_some(),
            };
            let launches: Vec<Vec<f64>> = launches.iter().map(|&each| vec![each]).collect();
            metric(meaning, &launches)
        }
        Count::Absent(reason) => Metric::Absent {
            reason: reason.clone(),
        },
    }
}

/// What the launches saw besides time: the values of each, where there are some. A metric that no launch could measure is
/// absent for the reason that the first one gave.
fn observed(launches: &[Launch]) -> BTreeMap<MetricName, Metric> {
    let mut values: BTreeMap<&str, (Meaning, Vec<Vec<f64>>)> = BTreeMap::new();
    let mut reasons: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, seen) in launches.iter().flat_map(|launch| &launch.observed) {
        match seen {
            Observed::Value {
                meaning,
                values: each,
            } => {
                let (first, seen) = values
                    .entry(name)
                    .or_insert_with(|| (meaning.clone(), Vec::new()));
                // A metric that changes its meaning from launch to launch is several, of which the first one counts.
                if first == meaning {
                    seen.push(each.clone());
                }
            }
            Observed::Absent { reason } => {
                reasons.entry(name).or_insert(reason);
            }
        }
    }
    let absent = reasons.into_iter().map(|(name, reason)| {
        let reason = reason.to_owned();
        (name.to_owned(), Metric::Absent { reason })
    });
    let mut metrics: BTreeMap<MetricName, Metric> = absent.collect();
    metrics.extend(
        values
            .into_iter()
            .map(|(name, (meaning, seen))| (name.to_owned(), metric(meaning, &seen))),
    );
    metrics
}

fn metric(meaning: Meaning, launches: &[Vec<f64>]) -> Metric {
    let samples = if meaning.exact {
        Samples::exactly(launches)
    } else {
        Samples::quantise(launches)
    };
    match samples {
        Ok(samples) => Metric::Measured {
            unit: meaning.unit,
            better: meaning.better,
            exact: meaning.exact,
            samples,
        },
        Err(error) => Metric::Absent {
            reason: error.to_string(),
        },
    }
}

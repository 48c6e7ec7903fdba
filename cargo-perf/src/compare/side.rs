//! One side of a comparison: the launches of a benchmark, and how quiet the machine was meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use perf_schema::{BenchmarkRecord, Meaning, Metric, MetricName, RunRecord};

use super::limit::Bracket;

/// How quiet the machine was during a run, by the gauge beside each sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Session {
    /// The fastest gauge: the machine at its quietest.
    pub floor_ns: f64,
    /// The median gauge.
    pub typical_ns: f64,
}

impl Session {
    /// The session of a record; `None` when it has no gauge.
    #[must_use]
    pub fn of(record: &RunRecord) -> Option<Self> {
        let gauges: Vec<f64> = record.benchmarks.iter().flat_map(gauges_of).collect();
        let typical_ns = perf_stats::median(&gauges).ok()?;
        let floor_ns = gauges.into_iter().fold(f64::INFINITY, f64::min);
        Some(Self {
            floor_ns,
            typical_ns,
        })
    }

    /// The quietest of several.
    #[must_use]
    pub fn quietest(sessions: impl IntoIterator<Item = Self>) -> Option<Self> {
        sessions
            .into_iter()
            .min_by(|a, b| a.floor_ns.total_cmp(&b.floor_ns))
    }
}

/// What is known of one benchmark on one side. Records of the same code are pooled.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    pub(super) metrics: BTreeMap<MetricName, Values>,
    /// Why others are absent.
    pub(super) absent: BTreeMap<MetricName, String>,
    /// Iterations in each sample; `None` where that is not known, or not the same in all records.
    pub(super) batch: Option<u64>,
    pub(super) failure: Option<String>,
    pub(super) session: Option<Session>,
    /// Of a limit, what the searches found, or why they found nothing.
    pub(super) limit: Option<Result<Bracket, String>>,
}

/// The samples of one metric, by launch.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Values {
    pub(super) meaning: Meaning,
    pub(super) launches: Vec<Launch>,
    /// Where the values cannot be told from what measuring costs: what they are below of.
    pub(super) below: Option<f64>,
}

/// The samples of one launch, and the gauge beside them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Launch {
    pub(super) samples: Vec<f64>,
    pub(super) gauge_ns: Option<f64>,
}

impl Values {
    /// The launches during which the gauge was at most `limit_ns`; all of them where there is no gauge.
    pub(super) fn quiet(&self, limit_ns: f64) -> Vec<&[f64]> {
        self.launches
            .iter()
            .filter(|launch| launch.gauge_ns.is_none_or(|gauge| gauge <= limit_ns))
            .map(|launch| launch.samples.as_slice())
            .collect()
    }
}

impl Side {
    /// Pools what several records say of the same benchmark.
    #[must_use]
    pub fn pooled<'a>(
        benchmarks: impl IntoIterator<Item = &'a BenchmarkRecord>,
        session: Option<Session>,
    ) -> Self {
        let mut side = Self {
            metrics: BTreeMap::new(),
            absent: BTreeMap::new(),
            batch: None,
            failure: None,
            session,
            limit: None,
        };
        let mut batches = BTreeSet::new();
        for benchmark in benchmarks {
            batches.insert(benchmark.batch);
            if let Some(failure) = benchmark.outcome.failures.first() {
                side.failure.get_or_insert_with(|| failure.message.clone());
            }
            side.limit = match (side.limit.take(), Bracket::of(benchmark)) {
                (Some(Ok(one)), Some(Ok(two))) => Some(Ok(one.or(&two))),
                (_, Some(found @ Ok(_))) => Some(found),
                (before, found) => before.or(found),
            };
            let gauges = gauges_of(benchmark);
            for (name, metric) in &benchmark.metrics {
                side.add(name, metric, &gauges);
            }
        }
        if batches.len() == 1 {
            side.batch = batches.pop_first().flatten();
        }
        side
    }

    fn add(&mut self, name: &str, metric: &Metric, gauges: &[f64]) {
        let (meaning, samples) = match metric {
            Metric::Measured {
                unit,
                better,
                exact,
                samples,
            } => {
                let (better, exact) = (*better, *exact);
                let unit = unit.clone();
                let meaning = Meaning {
                    unit,
                    better,
                    exact,
                };
                (meaning, samples)
            }
            Metric::Absent { reason } => {
                self.absent.insert(name.to_owned(), reason.clone());
                return;
            }
        };
        let values = self
            .metrics
            .entry(name.to_owned())
            .or_insert_with(|| Values {
                meaning: meaning.clone(),
                launches: Vec::new(),
                below: None,
            });
        // A metric that changed its meaning is another metric of the same name, and cannot be pooled.
        if values.meaning != meaning {
            return;
        }
        let launches = samples.launches();
        // A metric that is not taken in every launch cannot be matched with the gauge's launches.
        let matched = launches.len() == gauges.len();
        values
            .launches
            .extend(launches.into_iter().enumerate().map(|(i, samples)| Launch {
                samples,
                gauge_ns: gauges.get(i).copied().filter(|_| matched),
            }));
    }
}

/// The median of each launch, where the metric was measured.
pub(super) fn launch_medians(case: &BenchmarkRecord, metric: &str) -> Option<Vec<f64>> {
    let Some(Metric::Measured { samples, .. }) = case.metrics.get(metric) else {
        return None;
    };
    let launches = samples.launches();
    let medians = launches.iter().map(|launch| perf_stats::median(launch));
    Some(medians.filter_map(Result::ok).collect())
}

/// The gauge of each launch.
pub(super) fn gauges_of(benchmark: &BenchmarkRecord) -> Vec<f64> {
    match benchmark.metrics.get("gauge") {
        Some(Metric::Measured { samples, .. }) => {
            samples.launches().into_iter().flatten().collect()
        }
        _ => Vec::new(),
    }
}

//! A benchmark over its runs, and a suite of them. Nothing is averaged over benchmarks: their times have nothing in common.

use std::collections::BTreeMap;

use perf_schema::metric::names;
use perf_schema::{BenchId, Unit};
use perf_stats::{adjacent_difference_sd, median, quantile};
use serde::Serialize;

use super::class::Class;
use super::examine::Runs;
use super::health::{Evidence, Health, Reliability, Status};
use super::settle::Trend;
use crate::compare::Severity;

/// Runs below which a 95th percentile is but the largest of them.
const TAIL: usize = 20;

/// Alerts that are open for a benchmark, as whoever keeps them counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OpenAlerts {
    /// How many.
    pub count: usize,
    /// The gravest of them.
    pub gravest: Severity,
}

/// A benchmark on one machine class and build, over its runs.
#[derive(Clone, Debug, Serialize)]
pub struct Profile {
    /// Which benchmark.
    pub benchmark: BenchId,
    /// The machine class.
    pub class: String,
    /// Digest of the build.
    pub build: String,
    /// How its runs went.
    pub runs: Runs,
    /// Share of runs that went well; absent without a run.
    pub success: Option<f64>,
    /// What that comes to.
    pub reliability: Option<Reliability>,
    /// The metric it is about.
    pub metric: String,
    /// What that is counted in.
    pub unit: Unit,
    /// The median over runs of its newest comparable stretch.
    pub median: Option<f64>,
    /// The 95th percentile over them, of twenty and more.
    pub p95: Option<f64>,
    /// The newest largest memory, in bytes, if it was measured.
    pub memory: Option<f64>,
    /// The worst class among its metrics.
    pub trend: Class,
    /// Alerts that are open.
    pub alerts: OpenAlerts,
    /// 0 to 100; absent without a run.
    pub health: Option<Health>,
    /// What that comes to.
    pub status: Option<Status>,
}

/// How many benchmarks are how: the answer for a suite.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Benchmarks, on each machine class and build by itself.
    pub benchmarks: usize,
    /// Of each class, the worst first.
    pub classes: BTreeMap<Class, usize>,
    /// Of each status, the worst first.
    pub statuses: BTreeMap<Status, usize>,
    /// Of each reliability, the worst first.
    pub reliabilities: BTreeMap<Reliability, usize>,
    /// Benchmarks of which some run failed.
    pub with_failures: usize,
    /// Benchmarks whose newest run failed.
    pub failing: usize,
}

impl Profile {
    /// Of the trends of one benchmark, machine class and build; `None` without any.
    #[must_use]
    pub fn of(trends: &[&Trend], alerts: OpenAlerts) -> Option<Self> {
        let headline = trends.iter().find(|trend| trend.is_headline());
        let headline = headline.or(trends.first())?;
        let runs = headline.runs;
        let ran = runs.passed + runs.failed;
        let success = (ran > 0).then(|| runs.passed as f64 / ran as f64);
        let class = trends.iter().map(|trend| trend.class).min()?;
        let evidence = |success| Evidence {
            success,
            class,
            noise: noise(headline),
            alerts: alerts.count,
            gravest: alerts.gravest,
        };
        let health = success.map(|success| Health::of(&evidence(success)));
        let memory = trends
            .iter()
            .find(|trend| trend.key.metric == names::PEAK_RSS);
        let values = &headline.values;
        Some(Self {
            benchmark: headline.key.id.clone(),
            class: headline.key.class.clone(),
            build: headline.key.build.clone(),
            runs,
            success,
            reliability: success.map(Reliability::of),
            metric: headline.key.metric.clone(),
            unit: headline.unit.clone(),
            median: median(values).ok(),
            p95: quantile(values, 0.95).ok().filter(|_| values.len() >= TAIL),
            memory: memory.and_then(|trend| Some(trend.latest.as_ref()?.figure.value)),
            trend: class,
            alerts,
            health,
            status: health.map(Health::status),
        })
    }
}

/// What neighbouring runs differ by, relative, steps and drift not counted.
fn noise(trend: &Trend) -> Option<f64> {
    let logs: Vec<f64> = trend.values.iter().map(|value| value.ln()).collect();
    Some(adjacent_difference_sd(&logs).ok()?.sd)
}

/// Counts how profiles are.
#[must_use]
pub fn summary(profiles: &[Profile], trends: &[Trend]) -> Summary {
    let mut summary = Summary {
        benchmarks: profiles.len(),
        ..Summary::default()
    };
    for profile in profiles {
        *summary.classes.entry(profile.trend).or_default() += 1;
        if let Some(status) = profile.status {
            *summary.statuses.entry(status).or_default() += 1;
        }
        if let Some(reliability) = profile.reliability {
            *summary.reliabilities.entry(reliability).or_default() += 1;
        }
        summary.with_failures += usize::from(profile.runs.failed > 0);
    }
    let failing = trends.iter().filter(|trend| trend.failing.is_some());
    let failing: std::collections::BTreeSet<_> = failing
        .map(|trend| (&trend.key.id, &trend.key.class, &trend.key.build))
        .collect();
    summary.failing = failing.len();
    summary
}

#[cfg(test)]
mod tests {
    use perf_schema::RunRecord;

    use super::super::{TrendRule, examine, settle};
    use super::*;
    use crate::compare::rules::Rules;
    use crate::series::fixture::{assembled, record};
    use crate::store::fixture::Sample;

    fn trends(records: &[RunRecord]) -> Vec<Trend> {
        let found = assembled(records.len(), records).series;
        let rule = TrendRule::default();
        let examined = found.iter().filter_map(|series| examine(series, &rule));
        settle(examined.collect(), &rule, &Rules::default())
    }

    fn profile(records: &[RunRecord], alerts: OpenAlerts) -> Profile {
        let trends = trends(records);
        Profile::of(&trends.iter().collect::<Vec<_>>(), alerts).unwrap()
    }

    fn runs(count: usize) -> Vec<RunRecord> {
        let time = |at: usize| 100.0 + (at % 3) as f64 * 0.1;
        (0..count)
            .map(|at| record(at, &[("a", time(at))]))
            .collect()
    }

    #[test]
    fn a_tail_is_told_where_there_is_one() {
        let few = profile(&runs(19), OpenAlerts::default());
        assert_eq!((few.p95, few.runs.executions), (None, 19));
        let many = profile(&runs(20), OpenAlerts::default());
        assert!(many.p95.unwrap() >= many.median.unwrap());
        assert_eq!(many.status, Some(Status::Excellent));
        assert_eq!(many.reliability, Some(Reliability::Excellent));
    }

    #[test]
    fn failures_count_in_the_success_rate() {
        let mut records = runs(10);
        for record in &mut records[8..] {
            *record = Sample {
                record: record.clone(),
            }
            .failed()
            .record();
        }
        let found = profile(&records, OpenAlerts::default());
        assert!((found.success.unwrap() - 0.8).abs() < 1e-12);
        assert_eq!(found.reliability, Some(Reliability::Good));
        assert!(found.health.unwrap() < profile(&runs(10), OpenAlerts::default()).health.unwrap());
        let of_suite = summary(std::slice::from_ref(&found), &trends(&records));
        assert_eq!((of_suite.with_failures, of_suite.failing), (1, 1));
        assert_eq!(of_suite.classes.values().sum::<usize>(), 1);
        let none = |record| Sample { record }.failed().record();
        let never: Vec<RunRecord> = runs(3).into_iter().map(none).collect();
        let all_failed = profile(&never, OpenAlerts::default());
        assert_eq!(all_failed.status, Some(Status::Critical));
        assert_eq!((all_failed.median, all_failed.p95), (None, None));
    }

    #[test]
    fn an_open_critical_alert_is_not_excellent() {
        let alerts = OpenAlerts {
            count: 1,
            gravest: Severity::Critical,
        };
        assert_eq!(profile(&runs(30), alerts).status, Some(Status::Poor));
        assert!(
            Profile::of(&[], alerts).is_none(),
            "without data there is nothing to say"
        );
    }
}

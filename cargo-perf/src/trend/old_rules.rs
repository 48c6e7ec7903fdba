//! Rules by which other trackers judged, written down as they were, each on a series or benchmark on which it is known to go wrong,
//! and what is said here of the same. docs/FAULTS.md lists them.

use perf_schema::{BenchmarkRecord, Better, Metric, RunRecord, Samples, Unit};

use super::*;
use crate::compare::Severity;
use crate::compare::rules::{Preset, Rules};
use crate::series::Series;
use crate::series::fixture::{assembled, record, series, timed};
use crate::store::fixture::Sample;

/// The threshold that these rules had, in parts of what was before.
const ALARM: f64 = 0.15;

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The three oldest runs against the three newest, by their means, as if nothing else had been measured.
fn ends_alarm(times: &[f64]) -> bool {
    let oldest = mean(&times[..3]);
    mean(&times[times.len() - 3..]) > oldest * (1.0 + ALARM)
}

fn settled(all: &[Series]) -> Vec<Trend> {
    let rule = TrendRule::default();
    let rules = Rules {
        preset: Preset::Pyodide,
        ..Rules::default()
    };
    let examined = all.iter().filter_map(|series| examine(series, &rule));
    settle(examined.collect(), &rule, &rules)
}

fn of(times: &[f64]) -> Trend {
    settled(&[series(times)]).remove(0)
}

fn of_records(records: &[RunRecord]) -> Vec<Trend> {
    settled(&assembled(records.len(), records).series)
}

fn profile(trends: &[Trend], alerts: OpenAlerts) -> Profile {
    Profile::of(&trends.iter().collect::<Vec<_>>(), alerts).unwrap()
}

/// About a level, scattered a little, the same each time.
fn level(count: usize, ns: f64) -> impl Iterator<Item = f64> {
    (0..count).map(move |i| ns * (1.0 + ((i * 37 % 11) as f64 - 5.0) * 4e-4))
}

fn failed(record: RunRecord) -> RunRecord {
    Sample { record }.failed().record()
}

#[test]
fn the_oldest_runs_are_no_standard_for_ever() {
    let times: Vec<f64> = level(6, 34.0)
        .chain(level(10, 5.3))
        .chain(level(3, 20.0))
        .collect();
    assert!(!ends_alarm(&times), "nearly four times slower, and silent");
    assert_eq!(of(&times).class, Class::Regression);
}

#[test]
fn newest_runs_that_are_among_the_oldest_too_hide_nothing() {
    for times in [&[100.0, 100.0, 130.0][..], &[100.0, 100.0, 100.0, 140.0]] {
        assert!(!ends_alarm(times), "{times:?}");
        assert_eq!(of(times).class, Class::Regression, "{times:?}");
    }
    let after_four = [100.0, 100.0, 100.0, 100.0, 140.0];
    assert!(!ends_alarm(&after_four));
    assert_eq!(of(&after_four).class, Class::Regression);
}

#[test]
fn a_run_of_failures_is_not_the_fastest_there_is() {
    let good = || (0..9).map(|at| record(at, &[("a", 100.0)]));
    let records: Vec<RunRecord> = good()
        .chain((9..12).map(|at| failed(record(at, &[("a", 1.0)]))))
        .collect();
    // What failed took no time, was written as none, and read back as the best ever.
    let as_zero: Vec<f64> = level(9, 100.0).chain([0.0; 3]).collect();
    assert!(!ends_alarm(&as_zero));
    let found = of_records(&records);
    let profile = profile(&found, OpenAlerts::default());
    assert_eq!(
        (found[0].runs.failed, profile.reliability),
        (3, Some(Reliability::NeedsAttention))
    );
    assert!(found[0].failing.is_some());
    assert!(
        (found[0].level.unwrap() - 100.0).abs() < 0.5,
        "no failure is in a figure"
    );
}

/// A search for a limit that got this far.
fn searched(at: usize, limit: f64) -> RunRecord {
    let mut benchmark: BenchmarkRecord = timed("a", 1.0);
    benchmark.kind = perf_schema::Kind::Limit;
    benchmark.metrics.clear();
    let metric = Metric::Measured {
        unit: Unit::COUNT,
        better: Better::Higher,
        exact: false,
        samples: Samples::exactly(&[vec![limit]]).unwrap(),
    };
    benchmark.metrics.insert("limit".to_owned(), metric);
    let mut record = record(at, &[]);
    record.benchmarks = vec![benchmark];
    record
}

#[test]
fn a_limit_that_rises_is_an_improvement_though_its_levels_take_longer() {
    // One level of five seconds passed, later the one of fifteen too: the mean of what passed doubled.
    let pooled: Vec<f64> = [5.0; 6].into_iter().chain([10.0; 6]).collect();
    assert!(
        ends_alarm(&pooled),
        "the old rule calls more capacity a regression"
    );
    let records: Vec<RunRecord> = (0..24)
        .map(|at| searched(at, if at < 12 { 5.0 } else { 15.0 }))
        .collect();
    let found = of_records(&records);
    assert_eq!((found.len(), found[0].class), (1, Class::Improvement));
    let fallen: Vec<RunRecord> = (0..24)
        .map(|at| searched(at, if at < 12 { 15.0 } else { 5.0 }))
        .collect();
    assert_eq!(of_records(&fallen)[0].class, Class::Regression);
}

#[test]
fn sizes_are_series_of_their_own_and_the_suite_has_no_mean() {
    // The small size became three times slower, and the mean of both hardly moved.
    let records: Vec<RunRecord> = (0..24)
        .map(|at| {
            record(
                at,
                &[
                    ("f[n=50]", if at < 12 { 5.0 } else { 15.0 }),
                    ("f[n=150]", 1000.0),
                ],
            )
        })
        .collect();
    let pooled: Vec<f64> = (0..24)
        .map(|at| mean(&[if at < 12 { 5.0 } else { 15.0 }, 1000.0]))
        .collect();
    assert!(!ends_alarm(&pooled));
    let classes: Vec<(String, Class)> = of_records(&records)
        .into_iter()
        .map(|trend| (trend.key.id.name().to_owned(), trend.class))
        .collect();
    assert!(
        classes.contains(&("f[n=50]".to_owned(), Class::Regression)),
        "{classes:?}"
    );
    assert!(
        classes.contains(&("f[n=150]".to_owned(), Class::Stable)),
        "{classes:?}"
    );
    // A slow benchmark that is new makes nothing slower.
    let records: Vec<RunRecord> = (0..24)
        .map(|at| match at {
            0..12 => record(at, &[("a", 5.0)]),
            _ => record(at, &[("a", 5.0), ("slow", 9000.0)]),
        })
        .collect();
    let found = of_records(&records);
    let profiles: Vec<Profile> = found
        .iter()
        .map(|trend| profile(std::slice::from_ref(trend), OpenAlerts::default()))
        .collect();
    let whole = summary(&profiles, &found);
    assert_eq!(whole.classes.get(&Class::Regression), None, "{whole:?}");
}

#[test]
fn noise_of_ten_per_cent_is_no_regression_however_often_one_looks() {
    let mut rng = fastrand::Rng::with_seed(17);
    let mut normal = || (0..12).map(|_| rng.f64()).sum::<f64>() - 6.0;
    let mut noisy = || -> Vec<f64> { (0..6).map(|_| 100.0 * (0.1 * normal()).exp()).collect() };
    let all: Vec<Vec<f64>> = (0..300).map(|_| noisy()).collect();
    let by_means = all.iter().filter(|times| ends_alarm(times)).count();
    assert!(by_means >= 6, "{by_means} of 300");
    let series: Vec<Series> = all.iter().map(|times| series(times)).collect();
    let found = settled(&series);
    let alarms = found.iter().filter(|trend| trend.class.is_worse()).count();
    assert!(alarms <= 1, "{alarms} of 300");
}

#[test]
fn a_baseline_that_follows_the_mean_would_take_a_slowdown_for_its_own() {
    // Held against the mean of the newest twenty runs before it, each of them is soon what one is used to.
    let times: Vec<f64> = level(14, 100.0).chain(level(25, 200.0)).collect();
    let used_to = mean(&times[times.len() - 21..times.len() - 1]);
    assert!(times[times.len() - 1] <= used_to * (1.0 + ALARM));
    assert_eq!(
        of(&times).class,
        Class::Regression,
        "until somebody agrees to it, or it is mended"
    );
}

#[test]
fn what_costs_less_is_better_and_what_costs_more_is_worse_of_any_metric() {
    // A rule that took the sign of the slope for that of the money had it the wrong way round.
    let cost = |values: [f64; 2], better: Better| {
        let mut series = series(
            &level(12, values[0])
                .chain(level(12, values[1]))
                .collect::<Vec<_>>(),
        );
        series.better = better;
        series.key.metric = "cost".to_owned();
        settled(&[series]).remove(0).class
    };
    assert_eq!(cost([100.0, 70.0], Better::Lower), Class::Improvement);
    assert_eq!(cost([70.0, 100.0], Better::Lower), Class::Regression);
    assert_eq!(cost([70.0, 100.0], Better::Higher), Class::Improvement);
    assert_eq!(cost([100.0, 70.0], Better::Higher), Class::Regression);
}

/// A score that adds what has nothing to do with each other: half of all it has for nothing at all, and a fifth for being steady.
fn summed_score(success: f64, variation: f64, trends: f64, grave_alerts: f64) -> f64 {
    let steady = 20.0 * (2.0 - variation.min(2.0));
    (50.0 + 30.0 * success + trends.clamp(-25.0, 25.0) + steady - (7.0 * grave_alerts).min(15.0))
        .clamp(0.0, 100.0)
}

#[test]
fn what_fails_what_is_not_known_and_what_is_critical_is_not_in_good_health() {
    assert!(
        summed_score(0.0, 0.0, 0.0, 0.0) >= 85.0,
        "all runs failed: excellent"
    );
    let never: Vec<RunRecord> = (0..6).map(|at| failed(record(at, &[("a", 1.0)]))).collect();
    let dead = profile(&of_records(&never), OpenAlerts::default());
    assert_eq!(dead.status, Some(Status::Critical));

    assert!(
        summed_score(0.0, 1.5, 10.0, 0.0) >= 70.0,
        "nothing known: good"
    );
    assert!(Profile::of(&[], OpenAlerts::default()).is_none());

    assert!(
        summed_score(1.0, 0.0, -8.0, 1.0) >= 85.0,
        "five times slower, with a critical alert: excellent"
    );
    let times: Vec<f64> = level(12, 100.0).chain(level(12, 500.0)).collect();
    let alerts = OpenAlerts {
        count: 1,
        gravest: Severity::Critical,
    };
    let slow = profile(&[of(&times)], alerts);
    assert_eq!(slow.trend, Class::Regression);
    assert!(
        matches!(slow.status, Some(Status::Poor | Status::Critical)),
        "{:?}",
        slow.health
    );
}

#[test]
fn what_always_fails_now_and_then_is_told_every_time() {
    // Three of four runs go well, in every week alike: nothing changes, and nobody was told.
    let records: Vec<RunRecord> = (0..12)
        .map(|at| {
            let record = record(at, &[("a", 100.0)]);
            if at % 4 == 3 { failed(record) } else { record }
        })
        .collect();
    let found = profile(&of_records(&records), OpenAlerts::default());
    // A rate of success that is taken over successes only is always whole.
    assert!((found.success.unwrap() - 0.75).abs() < 1e-12);
    assert_eq!(found.reliability, Some(Reliability::NeedsAttention));
    let alerts = crate::alert::of_past(&[found], &crate::alert::AlertTerms::default());
    assert!(
        alerts
            .iter()
            .any(|alert| alert.kind == crate::alert::AlertKind::Reliability && alert.fails)
    );
}

#[test]
fn a_tail_of_few_runs_is_not_the_largest_of_them() {
    let few: Vec<f64> = level(12, 100.0).collect();
    let sorted_at = few.len() * 95 / 100;
    assert_eq!(
        sorted_at,
        few.len() - 1,
        "the old percentile is the maximum"
    );
    assert_eq!(profile(&[of(&few)], OpenAlerts::default()).p95, None);
}

#[test]
fn a_change_below_thirty_per_cent_is_no_secret_and_four_runs_are_enough_to_act() {
    let found = of(&level(12, 100.0).chain(level(12, 129.0)).collect::<Vec<_>>());
    assert_eq!(found.class, Class::Regression);
    let (low, high) = found.change.unwrap().interval.unwrap();
    assert!(
        low < 1.29 && 1.29 < high && high - low < 0.05,
        "an interval, no constant: {low} {high}"
    );
    let four = of(&[100.0, 100.1, 99.9, 201.0]);
    assert_eq!(four.class, Class::Regression);
    assert!(four.steps[0].p_value.is_some_and(|p| p > 0.0 && p < 0.01));
}

//! What series amount to. Several of these are cases in which rules of other tools went wrong.

use perf_schema::{RunRecord, Unit};

use super::*;
use crate::compare::rules::{BudgetRule, Preset, Selector};
use crate::series::Series;
use crate::series::fixture::{assembled, measure, record, series, sha, timed};
use crate::store::fixture::Sample;
use crate::trend::examine;

fn rules() -> Rules {
    Rules {
        preset: Preset::Pyodide,
        ..Rules::default()
    }
}

fn trends(series: &[Series], rule: &TrendRule) -> Vec<Trend> {
    let examined = series.iter().filter_map(|series| examine(series, rule));
    settle(examined.collect(), rule, &rules())
}

fn of_series(series: &Series) -> Trend {
    trends(std::slice::from_ref(series), &TrendRule::default()).remove(0)
}

fn of(times: &[f64]) -> Trend {
    of_series(&series(times))
}

/// Times about a level that scatter a little, the same each time.
fn level(count: usize, ns: f64) -> Vec<f64> {
    let scatter = |i: usize| 1.0 + ((i * 37 % 11) as f64 - 5.0) * 4e-4;
    (0..count).map(|i| ns * scatter(i)).collect()
}

fn levels_of(parts: &[(usize, f64)]) -> Vec<f64> {
    parts
        .iter()
        .flat_map(|&(count, ns)| level(count, ns))
        .collect()
}

fn noisy(count: usize, deviation: f64, rng: &mut fastrand::Rng) -> Vec<f64> {
    let mut normal = || (0..12).map(|_| rng.f64()).sum::<f64>() - 6.0;
    (0..count)
        .map(|_| 100.0 * (deviation * normal()).exp())
        .collect()
}

#[test]
fn a_change_at_an_edge_is_of_the_class_below() {
    for (to, class) in [
        (110.0, Class::Stable),
        (111.0, Class::Degraded),
        (115.0, Class::Degraded),
        (115.5, Class::Regression),
        (90.0, Class::Stable),
        (89.0, Class::Improvement),
    ] {
        let found = of(&levels_of(&[(11, 100.0), (11, to)]));
        assert_eq!(found.class, class, "{to}: {:?}", found.change);
        assert_eq!(found.steps.len(), 1, "{to}");
    }
}

#[test]
fn a_change_says_where_it_came_about_and_when_it_is_certain() {
    let found = of(&levels_of(&[(12, 100.0), (4, 125.0)]));
    let step = &found.steps[0];
    assert!(step.provisional && found.change.unwrap().provisional);
    assert_eq!(step.after.as_ref().unwrap().sha, sha(11));
    assert_eq!(step.by.as_ref().unwrap().sha, sha(12));
    assert_eq!(step.commits, 1);
    let (low, high) = step.interval.unwrap();
    assert!(low < 1.25 && 1.25 < high && high - low < 0.2);
    let found = of(&levels_of(&[(12, 100.0), (8, 125.0)]));
    assert!(!found.steps[0].provisional);
    assert_eq!(found.class, Class::Regression);
}

#[test]
fn commits_without_a_run_are_in_the_range_that_may_be_to_blame() {
    let mut records: Vec<RunRecord> = Vec::new();
    for (i, ns) in levels_of(&[(12, 100.0), (8, 130.0)])
        .into_iter()
        .enumerate()
    {
        let place = if i < 12 { i } else { i + 5 };
        records.push(record(place, &[("a", ns)]));
    }
    let found = of_series(&assembled(30, &records).series[0]);
    let step = &found.steps[0];
    assert_eq!(step.commits, 6);
    assert_eq!(step.by.as_ref().unwrap().sha, sha(17));
}

#[test]
fn what_was_gained_and_lost_again_is_a_regression_although_the_oldest_runs_were_slower() {
    // Held against the oldest runs for ever, times may treble unseen.
    let found = of(&levels_of(&[(6, 34.0), (10, 5.3), (3, 20.0)]));
    assert_eq!(found.class, Class::Regression);
    assert!((found.change.unwrap().from - 5.3).abs() < 0.05);
}

#[test]
fn one_slow_newest_run_after_few_good_ones_is_seen_at_once() {
    // The mean of the last three, or a baseline that overlaps with them, hides it.
    for times in [vec![100.0, 100.0, 130.0], vec![100.0, 100.0, 100.0, 140.0]] {
        let found = of(&times);
        assert_eq!(found.class, Class::Regression, "{times:?}");
        assert!(found.change.unwrap().provisional);
        assert_eq!(
            found.steps[0].by.as_ref().unwrap().sha,
            sha(times.len() - 1)
        );
    }
}

#[test]
fn two_runs_do_not_tell_what_runs_differ_by() {
    let found = of(&[100.0, 201.0]);
    assert_eq!((found.class, found.steps.len()), (Class::Unknown, 0));
    assert!(found.reason.unwrap().contains("two comparable runs"));
}

#[test]
fn few_runs_of_a_noisy_machine_are_not_taken_for_those_of_a_quiet_one() {
    let mut rng = fastrand::Rng::with_seed(11);
    let alarms = (0..200).filter(|_| !of(&noisy(4, 0.1, &mut rng)).steps.is_empty());
    // Of 200 by chance 2; what is assumed of a quiet machine would alarm ten times and more.
    assert!(alarms.count() <= 4);
}

#[test]
fn a_run_like_earlier_single_ones_is_no_step() {
    let mut times = level(20, 100.0);
    times[7] = 139.0;
    times.push(140.0);
    assert!(of(&times).steps.is_empty());
    // Three in a row never were before.
    times.extend([140.0, 140.0]);
    assert_eq!(of(&times).steps.len(), 1);
}

#[test]
fn a_spike_that_goes_back_is_no_change() {
    let mut times = level(30, 100.0);
    times[17] = 150.0;
    let found = of(&times);
    assert_eq!((found.class, found.steps.len()), (Class::Stable, 0));
}

#[test]
fn ten_per_cent_of_noise_alarms_nobody() {
    // Three runs against three by their means call one such suite in three worse.
    let mut rng = fastrand::Rng::with_seed(5);
    for runs in [6, 12, 40] {
        let all: Vec<Series> = (0..100)
            .map(|_| series(&noisy(runs, 0.1, &mut rng)))
            .collect();
        let found = trends(&all, &TrendRule::default());
        let alarms = found.iter().filter(|trend| trend.class.is_worse()).count();
        assert!(alarms <= 1, "{alarms} of 100 series of {runs} runs");
    }
}

#[test]
fn among_many_series_the_clearest_chance_is_none() {
    let mut rng = fastrand::Rng::with_seed(6);
    let mut all: Vec<Series> = (0..200)
        .map(|_| series(&noisy(40, 0.01, &mut rng)))
        .collect();
    all.push(series(&levels_of(&[(20, 100.0), (20, 107.0)])));
    let found = trends(&all, &TrendRule::default());
    let with_steps = found.iter().filter(|trend| !trend.steps.is_empty()).count();
    assert!(with_steps <= 3, "{with_steps}");
    assert_eq!(found[200].steps.len(), 1, "the one that is there stands");
}

#[test]
fn failures_do_not_make_it_faster() {
    // A run that fails altogether, read as no time at all, would be the fastest there is.
    let mut records: Vec<RunRecord> = (0..12).map(|at| record(at, &[("a", 100.0)])).collect();
    for failing in &mut records[9..] {
        *failing = Sample {
            record: failing.clone(),
        }
        .failed()
        .record();
    }
    let found = of_series(&assembled(12, &records).series[0]);
    assert_eq!(found.class, Class::Stable);
    assert!((found.level.unwrap() - 100.0).abs() < 0.1);
    assert_eq!((found.runs.passed, found.runs.failed), (9, 3));
    assert_eq!(found.failing.as_ref().unwrap().message, "no");
}

#[test]
fn nothing_known_is_not_the_same_as_nothing_wrong() {
    let failed = Sample {
        record: record(0, &[("a", 1.0)]),
    };
    let never = of_series(&assembled(1, &[failed.failed().record()]).series[0]);
    assert_eq!((never.class, never.level), (Class::Unknown, None));
    assert!(never.reason.unwrap().contains("no run"));
    let once = of(&[100.0]);
    assert_eq!(once.class, Class::Unknown);
    let mut rng = fastrand::Rng::with_seed(7);
    let wild = of(&noisy(12, 0.3, &mut rng));
    assert_eq!(wild.class, Class::Unknown);
    assert!(wild.reason.unwrap().contains("not be seen"));
}

#[test]
fn nothing_is_compared_across_a_new_compiler() {
    let times = levels_of(&[(15, 100.0), (15, 140.0)]);
    let mut records: Vec<RunRecord> = Vec::new();
    for (at, ns) in times.into_iter().enumerate() {
        let mut record = record(at, &[("a", ns)]);
        if at >= 15 {
            record.environment.rustc = "rustc 1.96.0".to_owned();
        }
        records.push(record);
    }
    let found = of_series(&assembled(30, &records).series[0]);
    assert_eq!((found.class, found.steps.len()), (Class::Stable, 0));
    assert_eq!(found.values.len(), 15);
    assert_eq!(found.begins_with[0].to, "rustc 1.96.0");
    assert_eq!(found.runs.executions, 30);
}

#[test]
fn more_of_what_is_good_is_better_and_less_is_worse() {
    let higher = |parts: &[(usize, f64)]| {
        let mut series = series(&levels_of(parts));
        series.better = Better::Higher;
        let rule = TrendRule {
            window_days: 90,
            ..TrendRule::default()
        };
        trends(&[series], &rule).remove(0).class
    };
    assert_eq!(higher(&[(10, 100.0), (10, 150.0)]), Class::Improvement);
    assert_eq!(higher(&[(10, 100.0), (10, 70.0)]), Class::Regression);
    // Of three levels the best is the highest.
    assert_eq!(
        higher(&[(20, 50.0), (20, 100.0), (20, 80.0)]),
        Class::Regression
    );
}

#[test]
fn a_window_holds_what_happened_in_it() {
    // Commits are a day apart: the step is twenty days old, its place exactly so.
    let series = series(&levels_of(&[(20, 100.0), (21, 130.0)]));
    let with = |window_days| {
        let rule = TrendRule {
            window_days,
            ..TrendRule::default()
        };
        trends(std::slice::from_ref(&series), &rule).remove(0)
    };
    assert_eq!(with(21).class, Class::Regression);
    assert_eq!(with(20).class, Class::Stable);
    assert_eq!(with(20).steps.len(), 1, "it is told all the same");
}

#[test]
fn a_slow_slide_is_found_with_its_slope_per_commit_and_day() {
    let mut rng = fastrand::Rng::with_seed(8);
    let noise = noisy(30, 0.004, &mut rng);
    let slid = (0..).zip(&noise).map(|(i, ns)| ns * 1.006_f64.powi(i));
    let times: Vec<f64> = slid.collect();
    let found = of(&times);
    let slope = found.slope.unwrap();
    assert!(
        slope.drifts && slope.r_squared > 0.9 && slope.runs == 30,
        "{slope:?}"
    );
    let (low, high) = slope.per_commit.interval;
    assert!(
        low < 0.006 && 0.006 < high && high - low < 0.002,
        "{slope:?}"
    );
    let per_day = slope.per_day.unwrap();
    assert!(
        (per_day.value - slope.per_commit.value).abs() < 1e-9,
        "a commit a day"
    );
    assert!(found.change.unwrap().slow);
    assert_eq!(found.class, Class::Regression);
    assert!(
        of(&level(30, 100.0))
            .slope
            .is_some_and(|slope| !slope.drifts)
    );
}

#[test]
fn a_slide_too_slow_for_the_window_shows_against_a_pinned_anchor() {
    let times: Vec<f64> = level(200, 100.0)
        .into_iter()
        .enumerate()
        .map(|(i, ns)| ns * 1.001_f64.powi(i32::try_from(i).unwrap()))
        .collect();
    let series = series(&times);
    let with = |anchor| {
        let rule = TrendRule {
            anchor,
            ..TrendRule::default()
        };
        trends(std::slice::from_ref(&series), &rule).remove(0)
    };
    let unpinned = with(None);
    assert_eq!(unpinned.class, Class::Stable, "{:?}", unpinned.change);
    assert!(unpinned.since.unwrap().ratio > 1.15);
    let pinned = with(Some(20));
    assert_eq!(pinned.class, Class::Regression);
    let since = pinned.since.unwrap();
    assert!(since.pinned && since.stands && since.position == 20);
}

#[test]
fn a_budget_is_forecast_only_where_it_will_be_crossed() {
    let rising: Vec<f64> = (0..30).map(|i| 100.0 * 1.004_f64.powi(i)).collect();
    let with = |times: &[f64], max: f64| {
        let rules = Rules {
            budgets: vec![BudgetRule {
                select: Selector::new("*").unwrap(),
                metric: "wall".to_owned(),
                max: Some(perf_schema::Amount::new(max).unwrap()),
                min: None,
                warn: None,
            }],
            ..rules()
        };
        let examined = examine(&series(times), &TrendRule::default()).unwrap();
        settle(vec![examined], &TrendRule::default(), &rules)
            .remove(0)
            .forecast
    };
    let forecast = with(&rising, 130.0).unwrap();
    // From the middle of the series, where its median is.
    assert!(
        (forecast.commits - (1.3_f64.ln() / 1.004_f64.ln() - 14.5)).abs() < 1.0,
        "{forecast:?}"
    );
    assert!(forecast.between.0 <= forecast.commits && forecast.days.is_some());
    assert_eq!(with(&rising, 100.0), None, "it is crossed already");
    assert_eq!(with(&rising, 1e6), None, "too far away to be told");
    assert_eq!(with(&level(30, 100.0), 130.0), None);
    let falling: Vec<f64> = rising.iter().rev().copied().collect();
    assert_eq!(with(&falling, 130.0), None);
}

#[test]
fn what_is_exact_changes_with_the_first_run_that_differs() {
    let counted = |counts: &[f64]| {
        let count = |(at, &count): (usize, &f64)| {
            let mut bench = timed("a", 100.0);
            measure(
                &mut bench,
                "allocs",
                &Unit::COUNT,
                true,
                &[vec![count], vec![count]],
            );
            let mut record = record(at, &[]);
            record.benchmarks = vec![bench];
            record
        };
        let records: Vec<RunRecord> = counts.iter().enumerate().map(count).collect();
        let found = assembled(counts.len(), &records).series;
        let allocs = found.iter().find(|series| series.key.metric == "allocs");
        of_series(allocs.unwrap())
    };
    let found = counted(&[3.0, 3.0, 4.0]);
    assert_eq!(found.class, Class::Regression);
    assert!(!found.steps[0].provisional && found.steps[0].p_value.is_none());
    assert_eq!(counted(&[0.0, 0.0, 1.0]).class, Class::Regression);
    assert_eq!(counted(&[5.0, 0.0]).class, Class::Improvement);
    assert_eq!(counted(&[3.0, 3.0, 3.0]).class, Class::Stable);
    assert_eq!(counted(&[100.0, 101.0]).class, Class::Stable);
}

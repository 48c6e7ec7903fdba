//! Kept runs made by hand, and what is learned of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use perf_schema::{Better, Metric, RunRecord, Samples, Unit};

use super::*;
use crate::compare::{Pair, Side, Verdict, compare};
use crate::store::fixture::{Sample, bench, definition};

fn normal(rng: &mut fastrand::Rng) -> f64 {
    (0..12).map(|_| rng.f64()).sum::<f64>() - 6.0
}

fn measured(values: &[Vec<f64>]) -> Metric {
    Metric::Measured {
        unit: Unit::NANOSECONDS,
        better: Better::Lower,
        exact: false,
        samples: Samples::quantise(values).unwrap(),
    }
}

/// A run of one benchmark around this centre, the gauge beside it.
fn run_of(centre: f64, gauge: f64, rng: &mut fastrand::Rng) -> RunRecord {
    let mut record = Sample::new().benches(&["a"]).record();
    let launches: Vec<Vec<f64>> = (0..12)
        .map(|_| {
            let luck = centre * (0.002 * normal(rng)).exp();
            (0..4)
                .map(|i| luck * (1.0 + 0.0005 * f64::from(i)))
                .collect()
        })
        .collect();
    let gauges: Vec<Vec<f64>> = vec![vec![gauge]; 12];
    let benchmark = &mut record.benchmarks[0];
    benchmark.metrics = BTreeMap::from([
        ("wall".to_owned(), measured(&launches)),
        ("gauge".to_owned(), measured(&gauges)),
    ]);
    record
}

/// A kept run of this code on this day.
fn past(record: RunRecord, code: &str, day: u32, step: Option<usize>) -> PastRun {
    let mut record = record;
    record.environment.binaries = Some(code.to_owned());
    PastRun::new(Arc::new(record), format!("2026{day:04}"), step)
}

fn learned_of(runs: &[PastRun]) -> Option<SessionNoise> {
    let rule = DecisionRule::screen();
    learn(runs, &bench("a"), &definition(1), &rule)
        .get("wall")
        .copied()
}

/// Sessions of equal code, `each` on each of so many days, that differ by this standard deviation.
fn sessions(days: u32, each: u32, sd: f64, seed: u64) -> Vec<PastRun> {
    let mut rng = fastrand::Rng::with_seed(seed);
    (0..days * each)
        .map(|i| {
            let centre = 1000.0 * (sd * normal(&mut rng)).exp();
            past(run_of(centre, 1000.0, &mut rng), "code", i / each, None)
        })
        .collect()
}

#[test]
fn nothing_is_learned_from_nothing_and_little_from_little() {
    assert_eq!(learned_of(&[]), None);
    assert_eq!(learned_of(&sessions(3, 1, 0.003, 1)), None);
    let few = learned_of(&sessions(4, 1, 0.003, 1)).unwrap();
    let many = learned_of(&sessions(20, 1, 0.003, 1)).unwrap();
    assert_eq!((few.runs, many.runs), (4, 20));
    assert!(many.spread.sd < 0.75 * few.spread.sd, "{few:?} {many:?}");
    assert!((many.spread.degrees_of_freedom - 23.0).abs() < 1e-9);
    assert_eq!(many.words(), "0.9 % learned from 20 runs");
}

#[test]
fn one_day_says_only_so_much_of_others() {
    let hour = learned_of(&sessions(1, 20, 0.003, 2)).unwrap();
    let weeks = learned_of(&sessions(20, 1, 0.003, 2)).unwrap();
    assert!((hour.spread.degrees_of_freedom - 8.0).abs() < 1e-9);
    assert!(hour.spread.sd > 1.4 * weeks.spread.sd);
}

#[test]
fn a_day_is_one_day_of_however_many_codes() {
    let mut rng = fastrand::Rng::with_seed(21);
    let runs: Vec<PastRun> = (0..30)
        .map(|i| {
            let centre = 1000.0 * (0.003 * normal(&mut rng)).exp();
            let code = (i / 5).to_string();
            past(run_of(centre, 1000.0, &mut rng), &code, 1, Some(i))
        })
        .collect();
    // Six codes, and a line through them: four degrees for the day, and those of the assumption.
    let learned = learned_of(&runs).unwrap();
    assert!(
        (learned.spread.degrees_of_freedom - 8.0).abs() < 1e-9,
        "{learned:?}"
    );
}

#[test]
fn a_noisy_machine_is_known_as_one() {
    assert!(learned_of(&sessions(20, 1, 0.06, 3)).unwrap().spread.sd > 0.04);
}

#[test]
fn other_code_other_definitions_and_other_batches_say_nothing() {
    let mut rng = fastrand::Rng::with_seed(4);
    let of_code =
        |code: &str, rng: &mut fastrand::Rng| past(run_of(1000.0, 1000.0, rng), code, 1, None);
    let others: Vec<PastRun> = (0..10).map(|i| of_code(&i.to_string(), &mut rng)).collect();
    assert_eq!(learned_of(&others), None);
    let rule = DecisionRule::screen();
    let runs = sessions(10, 1, 0.003, 4);
    assert!(learn(&runs, &bench("a"), &definition(2), &rule).is_empty());
    assert!(learn(&runs, &bench("b"), &definition(1), &rule).is_empty());
    let batches: Vec<PastRun> = runs
        .iter()
        .enumerate()
        .map(|(i, run)| {
            let mut record = (*run.record).clone();
            record.benchmarks[0].batch = Some(i as u64 + 1);
            PastRun::new(Arc::new(record), run.day.clone(), None)
        })
        .collect();
    assert_eq!(learned_of(&batches), None);
}

#[test]
fn neighbours_on_a_line_of_commits_teach_and_a_real_change_among_them_does_not() {
    let line = |step_by: f64, seed| {
        let mut rng = fastrand::Rng::with_seed(seed);
        let runs: Vec<PastRun> = (0..20)
            .map(|i| {
                let level = if i < 10 { 1.0 } else { step_by };
                let centre = 1000.0 * level * (0.004 * normal(&mut rng)).exp();
                past(
                    run_of(centre, 1000.0, &mut rng),
                    &i.to_string(),
                    100 + i,
                    Some(i as usize),
                )
            })
            .collect();
        learned_of(&runs).unwrap()
    };
    let (calm, changed) = (line(1.0, 5), line(1.5, 5));
    assert_eq!(calm.runs, 20);
    assert!(
        changed.spread.sd < 1.2 * calm.spread.sd,
        "{calm:?} {changed:?}"
    );
    assert!(calm.spread.sd < 0.017);
}

#[test]
fn a_session_of_a_slow_machine_is_not_one_of_this() {
    let mut runs = sessions(10, 1, 0.003, 6);
    let calm = learned_of(&runs).unwrap();
    let mut rng = fastrand::Rng::with_seed(60);
    for (centre, gauge) in [(1500.0, 1500.0), (700.0, 700.0)] {
        runs.push(past(run_of(centre, gauge, &mut rng), "code", 200, None));
    }
    assert_eq!(learned_of(&runs), Some(calm));
    // Were the gauge not to know of it, it would be noise, and much of it.
    runs.push(past(run_of(1500.0, 1000.0, &mut rng), "code", 201, None));
    assert!(learned_of(&runs).unwrap().spread.sd > 4.0 * calm.spread.sd);
}

/// What is said of a candidate that is this much slower than its baseline.
fn judged(ratio: f64, noise: &Noise) -> (Verdict, String) {
    let mut rng = fastrand::Rng::with_seed(7);
    let side = |centre, rng: &mut fastrand::Rng| {
        let record = run_of(centre, 1000.0, rng);
        Side::pooled(&record.benchmarks, Session::of(&record))
    };
    let pair = Pair {
        id: bench("a"),
        baseline: Ok(side(1000.0, &mut rng)),
        candidate: Some(side(1000.0 * ratio, &mut rng)),
        caveat: None,
        noise: noise.clone(),
        drift: None,
    };
    let judged = compare(&[pair], &DecisionRule::screen())
        .benchmarks
        .remove(0);
    (judged.verdict, judged.reason)
}

#[test]
fn what_was_learned_narrows_the_verdict() {
    let rule = DecisionRule::screen();
    let learn = |runs: &[PastRun]| learn(runs, &bench("a"), &definition(1), &rule);
    let (quiet, noisy) = (
        learn(&sessions(20, 1, 0.002, 8)),
        learn(&sessions(20, 1, 0.06, 8)),
    );
    assert_eq!(judged(1.06, &quiet).0, Verdict::Regressed);
    let (verdict, reason) = judged(1.06, &Noise::new());
    assert_eq!(verdict, Verdict::CannotTell);
    assert!(
        reason.contains("assumed 2.0 %") && reason.contains("--paired"),
        "{reason}"
    );
    assert_eq!(judged(1.2, &noisy).0, Verdict::CannotTell);
    assert_eq!(judged(1.2, &Noise::new()).0, Verdict::Regressed);
}

#[test]
fn equal_code_is_seldom_called_changed_however_few_sessions_taught() {
    for (sd, seed) in [(0.003, 1), (0.01, 2), (0.02, 3)] {
        for taught in [4, 20] {
            let mut alarms = 0;
            for repetition in 0..30 {
                let runs = sessions(taught, 1, sd, 1000 * seed + repetition);
                let noise = learn(&runs, &bench("a"), &definition(1), &DecisionRule::screen());
                let mut rng = fastrand::Rng::with_seed(repetition);
                let ratio = (sd * std::f64::consts::SQRT_2 * normal(&mut rng)).exp();
                let called = matches!(
                    judged(ratio, &noise).0,
                    Verdict::Regressed | Verdict::Improved
                );
                alarms += u32::from(called);
            }
            // One per cent either way; the rates are in `tests/screen_coverage.rs` of perf-stats.
            assert!(alarms <= 3, "{alarms} of 30 at {sd}, {taught} taught");
        }
    }
}

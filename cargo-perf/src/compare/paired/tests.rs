//! Runs of pairs made by hand, and what is to be thought of them.

use std::time::Duration;

use perf_runner::{BySide, End, Launch, Look, PairedLaunch, PairedRun};
use perf_schema::{BenchId, Failure, FailureKind, Observed, Unit};

use super::super::verdict::{Comparison, Judged, Verdict};
use super::control::{self, Control};
use super::{PairedRule, judge};

const BATCH: u64 = 1000;

/// A standard normal value (Box & Muller).
fn normal(rng: &mut fastrand::Rng) -> f64 {
    (-2.0 * (1.0 - rng.f64()).ln()).sqrt() * (std::f64::consts::TAU * rng.f64()).cos()
}

/// Launches of a body that takes `ns`, on both sides moved by a machine that is twice as slow now and then.
struct Made {
    ns: f64,
    ratio: f64,
    /// Standard deviation of one launch.
    spread: f64,
    rng: fastrand::Rng,
}

impl Made {
    fn new(ratio: f64, spread: f64) -> Self {
        Self {
            ns: 1000.0,
            ratio,
            spread,
            rng: fastrand::Rng::with_seed(1),
        }
    }

    fn launch(&mut self, ns: f64) -> Launch {
        let luck = ns * (self.spread * normal(&mut self.rng)).exp();
        let samples: Vec<u64> = (0..4)
            .map(|_| whole(luck * BATCH as f64 * (1.0 + 0.001 * self.rng.f64())))
            .collect();
        Launch {
            cpu_ns: samples.clone(),
            gauge_ns: vec![1000; 4],
            wall_ns: samples,
            ..Launch::default()
        }
    }

    fn pair(&mut self) -> PairedLaunch {
        let machine = if self.rng.u8(0..5) == 0 { 2.0 } else { 1.0 };
        let ns = self.ns * machine;
        PairedLaunch {
            baseline: self.launch(ns),
            candidate: self.launch(ns * self.ratio),
            baseline_first: self.rng.bool(),
        }
    }

    /// Takes pairs of ten milliseconds a side until the rule has seen enough or its limit is reached.
    fn run(&mut self, rule: &PairedRule) -> PairedRun {
        let mut run = PairedRun {
            batch: Some(BATCH),
            ..PairedRun::default()
        };
        while run.spent < rule.limit {
            run.launches.push(self.pair());
            run.spent += Duration::from_millis(10);
            if rule.look(&run) == Look::Enough {
                run.end = End::Enough;
                break;
            }
        }
        run
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a time of some milliseconds"
)]
fn whole(ns: f64) -> u64 {
    ns.round() as u64
}

fn judge_one(run: PairedRun, rule: &PairedRule) -> Judged {
    let id = BenchId::new("p", "t", "f").unwrap();
    judge(&[(id, run)], rule).benchmarks.remove(0)
}

fn verdict_of(ratio: f64, spread: f64) -> (Verdict, PairedRun) {
    let rule = PairedRule::standard(20);
    let run = Made::new(ratio, spread).run(&rule);
    (judge_one(run.clone(), &rule).verdict, run)
}

#[test]
fn two_per_cent_are_found_within_a_second_where_launches_repeat_within_one() {
    for (ratio, verdict) in [(1.02, Verdict::Regressed), (1.0 / 1.02, Verdict::Improved)] {
        let (seen, run) = verdict_of(ratio, 0.01);
        assert_eq!(seen, verdict);
        assert!(run.spent <= Duration::from_secs(1), "{:?}", run.spent);
    }
}

#[test]
fn one_per_cent_is_found_within_four_seconds() {
    let (seen, run) = verdict_of(1.01, 0.007);
    assert_eq!(seen, Verdict::Regressed);
    assert!(run.spent <= Duration::from_secs(4), "{:?}", run.spent);
}

#[test]
fn a_change_between_the_floor_and_half_the_margin_is_pursued() {
    let rule = PairedRule::standard(20);
    for seed in 0..10 {
        let mut made = Made::new(1.008, 0.003);
        made.rng = fastrand::Rng::with_seed(seed);
        let judged = judge_one(made.run(&rule), &rule);
        assert_eq!(judged.verdict, Verdict::Regressed, "{}", judged.reason);
    }
    // One below the floor is none, and nothing to wait for.
    let (seen, run) = verdict_of(1.003, 0.002);
    assert_eq!(seen, Verdict::Unchanged);
    assert!(run.spent < Duration::from_millis(400), "{:?}", run.spent);
}

#[test]
fn unchanged_code_ends_early_and_is_called_unchanged() {
    let (seen, run) = verdict_of(1.0, 0.003);
    assert_eq!((seen, run.end), (Verdict::Unchanged, End::Enough));
    assert!(run.spent < Duration::from_millis(300), "{:?}", run.spent);
    let judged = judge_one(run, &PairedRule::standard(20));
    assert!(
        judged.reason.starts_with("no change beyond 2.0 %") && judged.reason.contains("0.5 %"),
        "{}",
        judged.reason
    );
}

#[test]
fn what_more_pairs_cannot_settle_ends_with_the_budget_and_says_what_it_would_take() {
    let (seen, run) = verdict_of(1.0, 0.4);
    assert_eq!((seen, run.end), (Verdict::CannotTell, End::Enough));
    assert!(run.spent < Duration::from_secs(2), "{:?}", run.spent);
    let judged = judge_one(run, &PairedRule::standard(20));
    assert!(
        judged.reason.contains("could not have been seen")
            && judged.reason.contains("it would take about"),
        "{}",
        judged.reason
    );
}

#[test]
fn the_last_look_at_the_end_of_the_time_is_the_sharper_one() {
    let rule = PairedRule::standard(20);
    let mut made = Made::new(1.02, 0.01);
    let launches: Vec<PairedLaunch> = (0..24).map(|_| made.pair()).collect();
    let p_worse = |end| {
        let run = PairedRun {
            batch: Some(BATCH),
            launches: launches.clone(),
            end,
            ..PairedRun::default()
        };
        let effect = judge_one(run, &rule).metrics[0].effect.unwrap();
        (effect.p_worse, effect.confidence)
    };
    let (planned, last) = (p_worse(End::Enough), p_worse(End::Budget));
    assert!(
        last.0 < planned.0 && last.1 < planned.1,
        "{planned:?} {last:?}"
    );
}

#[test]
fn unchanged_code_is_hardly_ever_called_changed() {
    // One in a thousand would be allowed; a floor and looks that hang together leave far fewer.
    let mut rule = PairedRule::standard(1);
    rule.limit = Duration::from_millis(500);
    rule.budget = Duration::from_millis(300);
    let mut alarms = 0;
    for seed in 0..60 {
        let mut made = Made::new(1.0, 0.02);
        made.rng = fastrand::Rng::with_seed(seed);
        let run = made.run(&rule);
        let verdict = judge_one(run, &rule).verdict;
        alarms += u32::from(matches!(verdict, Verdict::Regressed | Verdict::Improved));
    }
    assert_eq!(alarms, 0);
}

#[test]
fn a_tenth_of_a_nanosecond_is_not_spoken_of() {
    let rule = PairedRule::standard(20);
    let mut made = Made::new(1.08, 0.002);
    made.ns = 1.0;
    assert_eq!(
        judge_one(made.run(&rule), &rule).verdict,
        Verdict::Unchanged
    );
    made.ns = 10.0;
    assert_eq!(
        judge_one(made.run(&rule), &rule).verdict,
        Verdict::Regressed
    );
}

/// A run whose launches observed `old` and `new` besides time.
fn observing(old: &Observed, new: &Observed) -> PairedRun {
    let mut run = Made::new(1.0, 0.002).run(&PairedRule::standard(1));
    for pair in &mut run.launches {
        pair.baseline
            .observed
            .insert("allocs".to_owned(), old.clone());
        pair.candidate
            .observed
            .insert("allocs".to_owned(), new.clone());
    }
    run
}

fn of_allocs(run: PairedRun) -> (Verdict, Verdict, String) {
    let judged = judge_one(run, &PairedRule::standard(1));
    let metric = judged
        .metrics
        .iter()
        .find(|m| m.metric == "allocs")
        .unwrap();
    (judged.verdict, metric.verdict, metric.reason.clone())
}

#[test]
fn what_repeats_exactly_is_compared_exactly() {
    let exact = |value| Observed::exact(Unit::COUNT, value);
    let verdict = |old, new| of_allocs(observing(&exact(old), &exact(new))).1;
    assert_eq!(verdict(1000.0, 1000.0), Verdict::Unchanged);
    assert_eq!(verdict(1000.0, 1001.0), Verdict::Regressed);
    assert_eq!(verdict(1000.0, 999.0), Verdict::Improved);
    assert_eq!(verdict(0.0, 1.0), Verdict::Regressed);
    // One of any metric is one of the benchmark.
    assert_eq!(
        of_allocs(observing(&exact(0.0), &exact(1.0))).0,
        Verdict::Regressed
    );
}

#[test]
fn what_should_repeat_and_does_not_is_judged_as_noise() {
    let exact = |value| Observed::exact(Unit::COUNT, value);
    let mut run = observing(&exact(1000.0), &exact(1000.0));
    for (i, pair) in run.launches.iter_mut().enumerate() {
        let value = if i % 2 == 0 { 1001.0 } else { 999.0 };
        pair.candidate
            .observed
            .insert("allocs".to_owned(), exact(value));
    }
    assert_eq!(of_allocs(run).1, Verdict::Unchanged);
}

#[test]
fn what_one_side_could_not_measure_is_said() {
    let absent = Observed::Absent {
        reason: "no counter here".to_owned(),
    };
    let value = Observed::exact(Unit::COUNT, 3.0);
    let (_, verdict, reason) = of_allocs(observing(&value, &absent));
    assert_eq!(verdict, Verdict::Incomparable);
    assert!(reason.ends_with("no counter here"), "{reason}");
    let judged = judge_one(observing(&absent, &absent), &PairedRule::standard(1));
    assert!(judged.metrics.iter().all(|m| m.metric != "allocs"));
}

fn failed(failures: BySide<Vec<Failure>>) -> Judged {
    let run = PairedRun {
        failures,
        end: End::Failed,
        ..Made::new(1.0, 0.01).run(&PairedRule::standard(1))
    };
    judge_one(run, &PairedRule::standard(1))
}

#[test]
fn a_failure_is_that_of_its_side() {
    let failure = Failure {
        kind: FailureKind::Panic,
        signal: None,
        launch: 3,
        elapsed_ms: 1,
        message: "it panicked".to_owned(),
    };
    let candidate = failed(BySide {
        baseline: Vec::new(),
        candidate: vec![failure.clone()],
    });
    assert_eq!(
        (candidate.verdict, candidate.reason.as_str()),
        (Verdict::Failed, "it panicked")
    );
    let baseline = failed(BySide {
        baseline: vec![failure],
        candidate: Vec::new(),
    });
    assert_eq!(baseline.verdict, Verdict::Incomparable);
    assert_eq!(baseline.reason, "the baseline failed: it panicked");
}

#[test]
fn nothing_measured_is_nothing_told() {
    let judged = judge_one(PairedRun::default(), &PairedRule::standard(1));
    assert_eq!(judged.verdict, Verdict::CannotTell);
    let none: Comparison = judge(&[], &PairedRule::standard(0));
    assert!(none.benchmarks.is_empty());
}

#[test]
fn the_settings_allow_a_decision_however_large_the_suite() {
    for benchmarks in [0, 1, 20, 1000, 1_000_000] {
        let rule = PairedRule::standard(benchmarks);
        let settings = rule.settings(0);
        assert!(
            (12..=40).contains(&settings.min_pairs),
            "{benchmarks}: {}",
            settings.min_pairs
        );
        let mut made = Made::new(1.2, 0.001);
        let run = PairedRun {
            batch: Some(BATCH),
            launches: (0..settings.min_pairs).map(|_| made.pair()).collect(),
            ..PairedRun::default()
        };
        assert_eq!(
            judge_one(run, &rule).verdict,
            Verdict::Regressed,
            "{benchmarks}"
        );
    }
}

#[test]
fn a_control_that_differs_takes_back_the_times_and_nothing_else() {
    let rule = PairedRule::standard(20);
    let id = BenchId::new("p", "t", "control").unwrap();
    let control = |ratio| Control::of(&id, &Made::new(ratio, 0.003).run(&rule), &rule).unwrap();
    let steady = control(1.0);
    assert_eq!((steady.doubt(), steady.could_tell), (None, true));
    assert!(
        steady.words().ends_with("did not differ"),
        "{}",
        steady.words()
    );
    let doubt = control(1.06).doubt().unwrap();
    assert!(
        doubt.contains("came out as +")
            && doubt.contains("t::control")
            && doubt.contains("a fault in cargo perf")
            && !doubt.contains("machine"),
        "{doubt}"
    );

    let exact = |value| Observed::exact(Unit::COUNT, value);
    let runs = [
        (id.clone(), observing(&exact(1000.0), &exact(1001.0))),
        (
            BenchId::new("p", "t", "calm").unwrap(),
            observing(&exact(5.0), &exact(5.0)),
        ),
    ];
    let mut comparison = judge(&runs, &rule);
    comparison.disbelieve_times(&doubt);
    let verdicts: Vec<Verdict> = comparison.benchmarks.iter().map(|b| b.verdict).collect();
    // More allocations stay a regression; of the other only its time could have been told, and cannot.
    assert_eq!(verdicts, [Verdict::Regressed, Verdict::CannotTell]);
    assert_eq!(comparison.benchmarks[1].reason, doubt);
    let times = comparison
        .benchmarks
        .iter()
        .flat_map(|b| &b.metrics)
        .filter(|m| m.unit == Unit::NANOSECONDS);
    assert!(times.clone().count() > 0 && times.clone().all(|m| m.verdict == Verdict::CannotTell));
}

#[test]
fn a_limit_that_a_deadline_ended_is_not_believed_either() {
    let rule = PairedRule::standard(1);
    let id = BenchId::new("p", "t", "deepest").unwrap();
    let exact = |value| Observed::exact(Unit::COUNT, value);
    let runs = [(id, observing(&exact(1000.0), &exact(1000.0)))];
    let verdict = |confidence: f64, said: Verdict| {
        let mut comparison = judge(&runs, &rule);
        let judged = &mut comparison.benchmarks[0];
        let mut limit = judged.metrics[0].clone();
        limit.metric = perf_schema::metric::names::LIMIT.to_owned();
        limit.unit = Unit::COUNT;
        limit.verdict = said;
        let effect = limit.effect.as_mut().unwrap();
        effect.confidence = confidence;
        judged.metrics = vec![limit];
        judged.verdict = said;
        comparison.disbelieve_times("a doubt");
        comparison.benchmarks[0].verdict
    };
    assert_eq!(verdict(0.99, Verdict::Regressed), Verdict::CannotTell);
    assert_eq!(verdict(0.99, Verdict::Layout), Verdict::CannotTell);
    assert_eq!(verdict(1.0, Verdict::Regressed), Verdict::Regressed);
}

#[test]
fn a_control_is_hardly_ever_alarmed_and_takes_no_long_time() {
    let rule = PairedRule::standard(20);
    let id = BenchId::new("p", "t", "control").unwrap();
    for seed in 0..30 {
        let mut made = Made::new(1.0, 0.02);
        made.rng = fastrand::Rng::with_seed(seed);
        let mut run = PairedRun {
            batch: Some(BATCH),
            ..PairedRun::default()
        };
        while control::look(&run, &rule) == Look::GoOn {
            run.launches.push(made.pair());
            run.spent += Duration::from_millis(10);
        }
        assert!(run.spent <= Duration::from_millis(510), "{:?}", run.spent);
        run.end = End::Enough;
        let control = Control::of(&id, &run, &rule).unwrap();
        assert_eq!(control.alarm, None, "seed {seed}");
    }
}

#[test]
fn a_machine_that_became_another_is_told_by_the_gauge_and_a_busy_moment_is_none() {
    let id = BenchId::new("p", "t", "b").unwrap();
    let rule = PairedRule::standard(1);
    let launches = Made::new(1.0, 0.003).run(&rule).launches;
    let with = |gauge: &dyn Fn(usize) -> u64, count: usize| {
        let mut run = PairedRun::default();
        for place in 0..count {
            let mut pair = launches[place % launches.len()].clone();
            pair.baseline.gauge_ns = vec![gauge(place); 4];
            pair.candidate.gauge_ns = vec![gauge(place); 4];
            run.launches.push(pair);
        }
        (id.clone(), run)
    };
    let slower = |place: usize| if place < 20 { 1000_u64 } else { 1400 };
    let said = control::unsteady(&[with(&|_| 1000, 20), with(&slower, 30)]).unwrap();
    assert!(said.contains("40 % slower"), "{said}");
    // A burst in the middle or at an end, a drift of less, and too few pairs.
    for (gauge, count) in [
        (
            &(|place: usize| if place < 3 { 3000_u64 } else { 1000 }) as &dyn Fn(usize) -> u64,
            30,
        ),
        (&|place| 1000 + 5 * place as u64, 30),
        (&slower, 14),
        (&|_| 1000, 30),
    ] {
        assert_eq!(control::unsteady(&[with(gauge, count)]), None);
    }
    assert_eq!(control::unsteady(&[]), None);
}

#[test]
fn a_control_that_failed_says_nothing() {
    let rule = PairedRule::standard(1);
    let id = BenchId::new("p", "t", "control").unwrap();
    assert_eq!(Control::of(&id, &PairedRun::default(), &rule), None);
    let few = PairedRun {
        launches: Made::new(1.5, 0.001).run(&rule).launches[..2].to_vec(),
        batch: Some(BATCH),
        ..PairedRun::default()
    };
    let few = Control::of(&id, &few, &rule).unwrap();
    assert_eq!((few.alarm.clone(), few.could_tell), (None, false));
    assert!(few.words().contains("too slow"), "{}", few.words());
}

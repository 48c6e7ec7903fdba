//! Runs over link orders made by hand, and what is to be thought of them.

use std::collections::BTreeMap;

use perf_runner::{End, Launch, PairedLaunch, PairedRun};
use perf_schema::{Corrected, Observed, Unit};

use super::*;

const BATCH: u64 = 1000;
const NS: f64 = 1000.0;

fn rule() -> PairedRule {
    PairedRule::standard(1)
}

fn launch(ns: f64) -> Launch {
    let sample = format!("{:.0}", ns * BATCH as f64).parse().unwrap();
    Launch {
        wall_ns: vec![sample; 4],
        cpu_ns: vec![sample; 4],
        gauge_ns: vec![1000; 4],
        ..Launch::default()
    }
}

/// Rounds over orders of these speeds, on a machine that is half as slow again every other round.
fn seen(baseline: &[f64], candidate: &[f64]) -> OrderedRun {
    let mut rng = fastrand::Rng::with_seed(4);
    let mut seen = OrderedRun::default();
    seen.run.batch = Some(BATCH);
    seen.run.end = End::Budget;
    for round in 0..6 {
        let machine = if round % 2 == 0 { NS } else { 1.5 * NS };
        let mut partners: Vec<usize> = (0..candidate.len()).collect();
        rng.shuffle(&mut partners);
        for (one, other) in partners.into_iter().enumerate() {
            let mut luck = || machine * (1.0 + 0.001 * rng.f64());
            seen.run.launches.push(PairedLaunch {
                baseline: launch(baseline[one] * luck()),
                candidate: launch(candidate[other] * luck()),
                baseline_first: true,
            });
            seen.orders.push(BySide {
                baseline: one,
                candidate: other,
            });
        }
    }
    seen
}

/// An alarm: so many times as slow as it was built.
fn alarm(ratio: f64) -> Judged {
    let pair = PairedLaunch {
        baseline: launch(NS),
        candidate: launch(ratio * NS),
        baseline_first: true,
    };
    let run = PairedRun {
        batch: Some(BATCH),
        launches: vec![pair; 40],
        end: End::Enough,
        ..PairedRun::default()
    };
    let id = BenchId::new("p", "t", "f").unwrap();
    judge(&[(id, run)], &rule()).benchmarks.remove(0)
}

fn settled(ratio: f64, baseline: &[f64], candidate: &[f64]) -> (Verdict, String) {
    let mut judged = alarm(ratio);
    assert_eq!(judged.verdict, Verdict::Regressed);
    let same = Instructions {
        baseline: 100.0,
        candidate: 100.0,
    };
    let seen = seen(baseline, candidate);
    let orders = judged.settle_by_orders(&seen, Some(same), &rule()).unwrap();
    assert_eq!((orders.orders, orders.pairs), (10, 60));
    // Wall and CPU time were given alike.
    assert!(judged.metrics.iter().all(|m| m.verdict == judged.verdict));
    (judged.verdict, judged.reason)
}

fn steady(by: f64) -> Vec<f64> {
    (0..10).map(|i| by * (1.0 + 1e-4 * f64::from(i))).collect()
}

fn two_speeds(by: f64, slow: u32) -> Vec<f64> {
    let speed = |i| if i < slow { 1.3 } else { 1.0 };
    (0..10)
        .map(|i| by * speed(i) * (1.0 + 1e-4 * f64::from(i)))
        .collect()
}

#[test]
fn of_an_improvement_in_time_alone_it_is_said_that_it_may_be_layout() {
    let told = |ratio: f64, instructions: Option<(f64, f64)>, can_be_asked: bool| {
        let mut judged = alarm(ratio);
        if let Some((baseline, candidate)) = instructions {
            let wall = judged.metrics[0].clone();
            judged.metrics.push(MetricVerdict {
                metric: names::INSTRUCTIONS.to_owned(),
                unit: Unit::COUNT,
                baseline: Some(Corrected::About(baseline)),
                candidate: Some(Corrected::About(candidate)),
                verdict: Verdict::Unchanged,
                ..wall
            });
        }
        let mut comparison = Comparison {
            benchmarks: vec![judged],
        };
        comparison.doubt_improvements(|_| can_be_asked);
        let judged = comparison.benchmarks.remove(0);
        judged
            .reason
            .contains("perhaps by no more than where the linker")
    };
    assert!(told(0.9, None, true));
    assert!(told(0.9, Some((100.0, 100.0)), true));
    // Fewer instructions, enough to be the reason; and beyond what layout does.
    assert!(!told(0.9, Some((100.0, 95.0)), true));
    assert!(!told(0.4, None, true));
    assert!(!told(0.9, None, false), "asked, or not to be asked");
    assert!(!told(1.1, None, true), "it is worse");
    assert!(!told(1.0, None, true), "it is neither");
}

#[test]
fn an_alarm_stands_if_the_orders_bear_it_out() {
    let (verdict, reason) = settled(1.02, &steady(1.0), &steady(1.02));
    assert_eq!(verdict, Verdict::Regressed, "{reason}");
    assert!(
        reason.contains(", and over 10 link orders of each side +2.0 %"),
        "{reason}"
    );
    let (verdict, reason) = settled(1.05, &two_speeds(1.0, 5), &two_speeds(1.05, 4));
    assert_eq!(verdict, Verdict::Regressed, "{reason}");
    assert!(
        reason.contains("+5.0 % where orders of like speed are compared"),
        "{reason}"
    );
}

#[test]
fn what_other_orders_do_not_show_is_layout() {
    let (verdict, reason) = settled(1.05, &steady(1.0), &steady(1.0));
    assert_eq!(verdict, Verdict::Layout);
    assert!(
        reason.starts_with("slower in this link order only: over 10 link orders of each side"),
        "{reason}"
    );
    assert!(
        reason.ends_with(", and it executes the same instructions"),
        "{reason}"
    );
    let (verdict, reason) = settled(1.3, &two_speeds(1.0, 5), &two_speeds(1.0, 5));
    assert_eq!(verdict, Verdict::Layout, "{reason}");
    let (verdict, _) = settled(1.05, &steady(1.0), &steady(0.99));
    assert_eq!(
        verdict,
        Verdict::Layout,
        "faster in other orders is not slower"
    );
}

#[test]
fn what_orders_neither_bear_out_nor_explain_cannot_be_told() {
    // Most orders are slower, and not surely so.
    let mut candidate = steady(1.03);
    candidate[0] = 0.98;
    candidate[1] = 0.99;
    candidate[2] = 0.985;
    let (verdict, reason) = settled(1.03, &steady(1.0), &candidate);
    assert_eq!(verdict, Verdict::CannotTell, "{reason}");
    assert!(
        reason.contains("neither bears it out nor explains it"),
        "{reason}"
    );
}

#[test]
fn what_orders_cannot_explain_stays_a_regression() {
    // All orders have one speed, and launches differ much more than that.
    let mut rng = fastrand::Rng::with_seed(9);
    let mut seen = OrderedRun::default();
    seen.run.batch = Some(BATCH);
    for round in 0..3 {
        for order in 0..10 {
            let mut launch_of = |by: f64| launch(by * NS * (1.0 + 0.05 * (rng.f64() - 0.5)));
            seen.run.launches.push(PairedLaunch {
                baseline: launch_of(1.0),
                candidate: launch_of(1.02),
                baseline_first: true,
            });
            seen.orders.push(BySide {
                baseline: order,
                candidate: (order + round) % 10,
            });
        }
    }
    let mut judged = alarm(1.02);
    judged.settle_by_orders(&seen, None, &rule()).unwrap();
    assert_eq!(judged.verdict, Verdict::Regressed, "{}", judged.reason);
    assert!(
        judged
            .reason
            .ends_with("too little for layout to explain it"),
        "{}",
        judged.reason
    );
}

#[test]
fn an_alarm_of_any_time_may_be_layout() {
    let latency = |ns: f64| {
        let mut launch = launch(NS);
        let value = Observed::noisy(Unit::NANOSECONDS, ns);
        launch.observed = BTreeMap::from([("latency-p50".to_owned(), value)]);
        launch
    };
    let with_latency = |launches: usize, by: f64| PairedRun {
        batch: Some(BATCH),
        launches: (0..launches)
            .map(|_| PairedLaunch {
                baseline: latency(500.0),
                candidate: latency(500.0 * by),
                baseline_first: true,
            })
            .collect(),
        end: End::Enough,
        ..PairedRun::default()
    };
    let id = BenchId::new("p", "t", "f").unwrap();
    let mut judged = judge(&[(id, with_latency(80, 1.2))], &rule())
        .benchmarks
        .remove(0);
    assert_eq!(judged.verdict, Verdict::Regressed, "{}", judged.reason);
    assert!(judged.may_be_layout().is_some());
    let mut other = seen(&steady(1.0), &steady(1.0));
    other.run = with_latency(60, 1.0);
    let before = judged.clone();
    let found = judged.settle_by_orders(&other, None, &rule());
    assert!(found.is_ok(), "{found:?}");
    let latency = |judged: &Judged| {
        let mut metrics = judged.metrics.iter();
        let metric = metrics.find(|metric| metric.metric == "latency-p50");
        metric.unwrap().verdict
    };
    assert_eq!(latency(&judged), Verdict::Layout);
    // Wall time speaks again, which was the same from the start.
    assert_eq!(judged.verdict, Verdict::Unchanged, "{}", judged.reason);
    // Launches without a value decide nothing, and change nothing.
    let mut gone = before.clone();
    other.run.launches[3].candidate.observed.clear();
    assert!(gone.settle_by_orders(&other, None, &rule()).is_err());
    assert_eq!(gone, before);
}

#[test]
fn another_metric_that_cannot_be_told_does_not_outrank_layout() {
    let mut judged = alarm(1.05);
    let mut other = judged.metrics[0].clone();
    other.metric = "allocations".to_owned();
    other.unit = Unit::COUNT;
    other.verdict = Verdict::CannotTell;
    judged.metrics.push(other);
    let same = seen(&steady(1.0), &steady(1.0));
    judged.settle_by_orders(&same, None, &rule()).unwrap();
    assert_eq!(judged.verdict, Verdict::Layout, "{}", judged.reason);
}

#[test]
fn a_regression_by_speeds_has_a_ratio_above_one() {
    let speeds = |by: f64, slow: u32| -> Vec<f64> {
        (0..12)
            .map(|i| by * if i < slow { 1.3 } else { 1.0 } * (1.0 + 1e-4 * f64::from(i)))
            .collect()
    };
    let id = BenchId::new("p", "t", "f").unwrap();
    // Most orders of the baseline are slow and few of the candidate, which is slower in either speed.
    let runs = [(id, seen(&speeds(1.0, 9), &speeds(1.05, 3)))];
    let (comparison, figures) = judge_orders(&runs, &rule());
    let judged = &comparison.benchmarks[0];
    assert_eq!(judged.verdict, Verdict::Regressed, "{}", judged.reason);
    let effect = judged.metrics[0].effect.unwrap();
    assert!((effect.ratio.get() - 1.05).abs() < 0.005, "{effect:?}");
    assert!(
        effect.low.get() > 1.04 && effect.high.get() < 1.06,
        "{effect:?}"
    );
    assert_eq!(figures[0].1.ratio, effect.ratio);
}

#[test]
fn two_directions_share_the_error_that_one_has_for_itself() {
    // A chance of 0.00032: six of a hundred differences are below the floor.
    let old: Vec<f64> = (0..10).map(|i| 1.0 + 0.002 * f64::from(i)).collect();
    let mut new = steady(1.1);
    new[0] = 1.005 * 1.007;
    let (verdict, reason) = settled(1.1, &old, &new);
    assert_eq!(verdict, Verdict::Regressed, "{reason}");
    assert!(reason.contains(", and over 10 link orders"), "{reason}");
    let id = BenchId::new("p", "t", "f").unwrap();
    let (comparison, _) = judge_orders(&[(id, seen(&old, &new))], &rule());
    let judged = &comparison.benchmarks[0];
    assert_eq!(judged.verdict, Verdict::CannotTell, "{}", judged.reason);
}

#[test]
fn a_larger_suite_needs_more_orders() {
    let needed = |questions| PairedRule::standard(questions).orders_needed();
    assert_eq!((needed(1), needed(1000)), (9, 12));
    assert!(needed(1) <= ORDERS);
}

#[test]
fn few_orders_say_so() {
    let few = |n: usize| {
        let sides = [steady(1.0)[..n].to_vec(), steady(1.5)[..n].to_vec()];
        alarm(1.5).settle_by_orders(&seen(&sides[0], &sides[1]), None, &rule())
    };
    let why = few(7).unwrap_err();
    assert_eq!(
        why,
        "7 link orders of each side are too few to decide anything, 8 would be the least"
    );
    assert!(few(8).is_ok());
    assert!(
        alarm(1.5)
            .settle_by_orders(&OrderedRun::default(), None, &rule())
            .is_err()
    );
}

#[test]
fn only_a_slowdown_of_nothing_but_time_may_be_layout() {
    let time = alarm(1.2).may_be_layout().map(Ratio::get);
    assert!(
        time.is_some_and(|time| (time - 1.2).abs() < 1e-9),
        "{time:?}"
    );
    assert_eq!(alarm(2.5).may_be_layout(), None);
    assert_eq!(alarm(1.0).may_be_layout(), None);
    let mut judged = alarm(1.2);
    let mut allocations = judged.metrics[0].clone();
    allocations.metric = "allocs".to_owned();
    allocations.unit = Unit::COUNT;
    judged.metrics.push(allocations);
    assert_eq!(judged.may_be_layout(), None);
}

#[test]
fn instructions_explain_what_is_not_out_of_proportion() {
    let explains = |candidate: f64, time: f64| {
        let count = Instructions {
            baseline: 1000.0,
            candidate,
        };
        count.explain(Ratio::new(time).unwrap())
    };
    assert!(explains(1050.0, 1.05));
    assert!(explains(1013.0, 1.05));
    assert!(!explains(1011.0, 1.05));
    assert!(!explains(1000.0, 1.05));
    assert!(!explains(990.0, 1.05));
    assert!(!explains(1000.9, 1.001), "below the floor");
    let told = |candidate| {
        let count = Instructions {
            baseline: 1000.0,
            candidate,
        };
        count.told()
    };
    assert_eq!(told(1000.9), "it executes the same instructions");
    assert_eq!(told(1042.0), "it executes 4.2 % more instructions");
    assert_eq!(told(880.0), "it executes 12 % fewer instructions");
}

#[test]
fn instructions_that_the_processor_counted_are_taken() {
    let mut pair = PairedLaunch {
        baseline: launch(NS),
        candidate: launch(NS),
        baseline_first: true,
    };
    for (side, count) in [(&mut pair.baseline, 500.0), (&mut pair.candidate, 600.0)] {
        let counted = Observed::noisy(Unit::COUNT, count);
        side.observed = BTreeMap::from([(names::INSTRUCTIONS.to_owned(), counted)]);
    }
    let run = PairedRun {
        batch: Some(BATCH),
        launches: vec![pair; 40],
        end: End::Enough,
        ..PairedRun::default()
    };
    let id = BenchId::new("p", "t", "f").unwrap();
    let judged = judge(&[(id, run)], &rule()).benchmarks.remove(0);
    let counted = judged.counted().unwrap();
    assert!((counted.ratio() - 1.2).abs() < 1e-9);
    assert_eq!(alarm(1.2).counted(), None);
}

#[test]
fn from_the_start_orders_decide_times_and_nothing_else() {
    let judged = |baseline: &[f64], candidate: &[f64]| {
        let id = BenchId::new("p", "t", "f").unwrap();
        let (comparison, figures) = judge_orders(&[(id, seen(baseline, candidate))], &rule());
        (comparison.benchmarks[0].verdict, figures.len())
    };
    assert_eq!(judged(&steady(1.0), &steady(1.02)), (Verdict::Regressed, 1));
    assert_eq!(judged(&steady(1.0), &steady(0.97)), (Verdict::Improved, 1));
    assert_eq!(judged(&steady(1.0), &steady(1.0)), (Verdict::Unchanged, 1));
    assert_eq!(
        judged(&two_speeds(1.0, 5), &two_speeds(1.0, 5)),
        (Verdict::CannotTell, 1)
    );
    assert_eq!(
        judged(&steady(1.0)[..5], &steady(1.5)[..5]),
        (Verdict::CannotTell, 0)
    );
}

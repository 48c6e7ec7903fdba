//! Sides made by hand, and the verdicts they get.

use super::super::side::{Launch, Session, Values};
use super::*;
use perf_schema::{Corrected, Meaning};
use std::collections::BTreeMap;

/// Launches around `centre`, each a little off, the same each time.
fn values(centre: f64, better: Better) -> Values {
    let launches = (0..20)
        .map(|i| {
            vec![
                centre * (1.0 + 0.002 * f64::from(i * 7 % 11) / 11.0),
                centre * 1.01,
            ]
        })
        .map(|samples| Launch {
            samples,
            gauge_ns: None,
        })
        .collect();
    Values {
        meaning: Meaning {
            unit: perf_schema::Unit::NANOSECONDS,
            better,
            exact: false,
        },
        launches,
        below: None,
    }
}

fn side(centre: f64) -> Side {
    side_of(centre, Better::Lower, 1000.0)
}

fn side_of(centre: f64, better: Better, gauge: f64) -> Side {
    let mut values = values(centre, better);
    for launch in &mut values.launches {
        launch.gauge_ns = Some(gauge);
    }
    Side {
        metrics: BTreeMap::from([("wall".to_owned(), values)]),
        absent: BTreeMap::new(),
        batch: Some(100),
        failure: None,
        session: Some(Session {
            floor_ns: gauge,
            typical_ns: gauge,
        }),
        limit: None,
    }
}

fn pair(name: &str, baseline: Side, candidate: Side) -> Pair {
    Pair {
        id: BenchId::new("p", "t", name).unwrap(),
        baseline: Ok(baseline),
        candidate: Some(candidate),
        caveat: None,
        noise: Noise::new(),
        drift: None,
    }
}

fn verdict_of(pair: Pair) -> Verdict {
    compare(&[pair], &DecisionRule::screen()).benchmarks[0].verdict
}

#[test]
fn a_fifth_slower_is_a_regression_and_a_fifth_faster_is_none() {
    assert_eq!(
        verdict_of(pair("f", side(100.0), side(120.0))),
        Verdict::Regressed
    );
    assert_eq!(
        verdict_of(pair("f", side(120.0), side(100.0))),
        Verdict::Improved
    );
    assert_eq!(
        verdict_of(pair("f", side(100.0), side(100.0))),
        Verdict::Unchanged
    );
    assert_eq!(
        verdict_of(pair("f", side(100.0), side(102.0))),
        Verdict::Unchanged
    );
}

#[test]
fn where_more_is_better_less_is_a_regression() {
    let higher = |centre| side_of(centre, Better::Higher, 1000.0);
    assert_eq!(
        verdict_of(pair("f", higher(120.0), higher(100.0))),
        Verdict::Regressed
    );
    assert_eq!(
        verdict_of(pair("f", higher(100.0), higher(120.0))),
        Verdict::Improved
    );
}

#[test]
fn between_the_floor_and_certainty_it_says_so() {
    let comparison = compare(
        &[pair("f", side(100.0), side(107.0))],
        &DecisionRule::screen(),
    );
    let judged = &comparison.benchmarks[0];
    assert_eq!(judged.verdict, Verdict::CannotTell);
    assert!(
        judged.reason.contains("could not have been seen"),
        "{}",
        judged.reason
    );
    assert!(judged.metrics[0].effect.unwrap().low.get() < 1.07);
}

#[test]
fn a_machine_in_another_state_raises_no_alarm() {
    let slow = side_of(140.0, Better::Lower, 1400.0);
    let comparison = compare(&[pair("f", side(100.0), slow)], &DecisionRule::screen());
    assert_eq!(comparison.benchmarks[0].verdict, Verdict::CannotTell);
    assert!(
        comparison.benchmarks[0].reason.contains("40 % slower"),
        "{}",
        comparison.benchmarks[0].reason
    );
}

/// Half of the launches slowed down by a neighbour, as the gauge beside them says.
fn half_busy(centre: f64) -> Side {
    let mut side = side(centre);
    for (i, launch) in side
        .metrics
        .get_mut("wall")
        .unwrap()
        .launches
        .iter_mut()
        .enumerate()
    {
        let busy = i % 2 == 0;
        launch.gauge_ns = Some(if busy { 1300.0 } else { 1001.0 });
        if busy {
            launch.samples.iter_mut().for_each(|sample| *sample *= 1.3);
        }
    }
    side
}

#[test]
fn launches_with_a_busy_neighbour_do_not_count_where_others_are_left() {
    let ratio = |candidate| {
        let comparison = compare(
            &[pair("f", side(100.0), candidate)],
            &DecisionRule::screen(),
        );
        (
            comparison.benchmarks[0].verdict,
            comparison.benchmarks[0].metrics[0]
                .effect
                .unwrap()
                .ratio
                .get(),
        )
    };
    let (verdict, same) = ratio(half_busy(100.0));
    assert_eq!(verdict, Verdict::Unchanged);
    assert!((same - 1.0).abs() < 0.002, "{same}");
    let (verdict, slower) = ratio(half_busy(120.0));
    assert_eq!(verdict, Verdict::Regressed);
    assert!((slower - 1.2).abs() < 0.002, "{slower}");
}

#[test]
fn a_change_that_no_machine_explains_is_called_on_any() {
    let slow_machine = |centre| side_of(centre, Better::Lower, 1030.0);
    assert_eq!(
        verdict_of(pair("f", side(100.0), slow_machine(300.0))),
        Verdict::Regressed
    );
    assert_eq!(
        verdict_of(pair("f", side(100.0), slow_machine(20.0))),
        Verdict::Improved
    );
    assert_eq!(
        verdict_of(pair("f", side(100.0), slow_machine(140.0))),
        Verdict::CannotTell
    );
}

#[test]
fn a_machine_that_was_busy_all_the_time_raises_no_alarm() {
    let mut busy = side(120.0);
    for launch in &mut busy.metrics.get_mut("wall").unwrap().launches {
        launch.gauge_ns = Some(1300.0);
    }
    let comparison = compare(&[pair("f", side(100.0), busy)], &DecisionRule::screen());
    let judged = &comparison.benchmarks[0];
    assert_eq!(judged.verdict, Verdict::CannotTell);
    assert!(
        judged.reason.contains("all but 0 launches now"),
        "{}",
        judged.reason
    );
}

#[test]
fn a_metric_that_is_gone_or_was_redefined_is_not_passed_over() {
    let mut without = side(100.0);
    without.metrics.clear();
    assert_eq!(
        verdict_of(pair("f", side(100.0), without)),
        Verdict::Incomparable
    );
    let turned = side_of(100.0, Better::Higher, 1000.0);
    assert_eq!(
        verdict_of(pair("f", side(100.0), turned)),
        Verdict::Incomparable
    );
}

#[test]
fn changes_below_a_tenth_of_a_nanosecond_are_not_spoken_of() {
    assert_eq!(
        verdict_of(pair("f", side(0.25), side(0.33))),
        Verdict::Unchanged
    );
    // The centres are near each other, and hardly known.
    let scattered = |least: f64| {
        let mut side = side(0.4);
        let values = side.metrics.get_mut("wall").unwrap();
        for (i, launch) in (0_u8..).zip(&mut values.launches) {
            launch.samples = vec![least + 0.03 * f64::from(i)];
        }
        side
    };
    assert_eq!(
        verdict_of(pair("f", scattered(0.2), scattered(0.207))),
        Verdict::CannotTell
    );
    assert_eq!(
        verdict_of(pair("f", side(25.0), side(33.0))),
        Verdict::Regressed
    );
}

#[test]
fn the_suite_as_a_whole_is_corrected_for() {
    let weak = |i: usize| pair(&format!("f{i}"), side(100.0), side(109.9));
    let alone = compare(&[weak(0)], &DecisionRule::screen()).benchmarks[0].metrics[0]
        .effect
        .unwrap()
        .p_worse;
    let many: Vec<Pair> = (0..50).map(weak).collect();
    let among = compare(&many, &DecisionRule::screen()).benchmarks[0].metrics[0]
        .effect
        .unwrap()
        .p_worse;
    assert!(
        (among / alone - 50.0).abs() < 1e-6,
        "{alone} became {among}"
    );
}

#[test]
fn few_launches_in_a_large_suite_say_that_they_are_too_few() {
    let mut few = side(130.0);
    few.metrics.get_mut("wall").unwrap().launches.truncate(5);
    few.session = None;
    let among = |count: usize| {
        let pairs: Vec<Pair> = (0..count)
            .map(|i| pair(&format!("f{i}"), side(100.0), few.clone()))
            .collect();
        compare(&pairs, &DecisionRule::screen())
            .benchmarks
            .remove(0)
    };
    assert_eq!(among(1).verdict, Verdict::Regressed);
    let judged = among(1000);
    assert_eq!(judged.verdict, Verdict::CannotTell);
    assert!(
        judged.reason.contains("one of 1000 questions"),
        "{}",
        judged.reason
    );
}

/// The same side with another metric, of which each launch saw these values.
fn with<L: AsRef<[f64]>>(mut side: Side, metric: &str, meaning: &Meaning, launches: &[L]) -> Side {
    let launches = launches
        .iter()
        .map(|samples| Launch {
            samples: samples.as_ref().to_vec(),
            gauge_ns: None,
        })
        .collect();
    let values = Values {
        meaning: meaning.clone(),
        launches,
        below: None,
    };
    side.metrics.insert(metric.to_owned(), values);
    side
}

fn exact() -> Meaning {
    Meaning {
        unit: perf_schema::Unit::COUNT,
        better: Better::Lower,
        exact: true,
    }
}

fn judged_with<L: AsRef<[f64]>>(old: &[L], new: &[L]) -> Judged {
    let baseline = with(side(100.0), "allocs", &exact(), old);
    // The machine is in another state, which a count does not mind.
    let candidate = with(
        side_of(140.0, Better::Lower, 1400.0),
        "allocs",
        &exact(),
        new,
    );
    compare(&[pair("f", baseline, candidate)], &DecisionRule::screen())
        .benchmarks
        .remove(0)
}

#[test]
fn one_allocation_more_is_a_regression_on_any_machine() {
    let judged = judged_with(&[[1000.0]; 3], &[[1001.0]; 3]);
    assert_eq!(judged.verdict, Verdict::Regressed);
    assert_eq!(judged.metrics[0].verdict, Verdict::CannotTell, "wall time");
    assert_eq!(
        (judged.metrics[1].baseline, judged.metrics[1].candidate),
        (
            Some(Corrected::About(1000.0)),
            Some(Corrected::About(1001.0))
        )
    );
    let judged = judged_with(&[[1000.0]; 3], &[[999.0]; 3]);
    assert_eq!(judged.metrics[1].verdict, Verdict::Improved);
    assert_eq!(judged.verdict, Verdict::CannotTell, "as wall time says");
    let judged = judged_with(&[[0.0]; 3], &[[0.0]; 3]);
    assert_eq!(judged.metrics[1].verdict, Verdict::Unchanged);
}

#[test]
fn a_baseline_that_cannot_decide_does_not_decide_what_is_exact_either() {
    let baseline = with(side(100.0), "allocs", &exact(), &[[3.0]; 3]);
    let candidate = with(side(100.0), "allocs", &exact(), &[[5.0]; 3]);
    let mut pair = pair("f", baseline, candidate);
    pair.caveat = Some("another compiler".to_owned());
    let judged = compare(&[pair], &DecisionRule::screen())
        .benchmarks
        .remove(0);
    assert_eq!(judged.metrics[1].verdict, Verdict::CannotTell);
    assert_eq!(judged.metrics[1].reason, "another compiler");
}

#[test]
fn what_is_not_the_same_each_time_is_judged_as_noise_and_says_so() {
    let wavering = [[3.0], [4.0], [3.0], [5.0], [4.0], [3.0]];
    let judged = judged_with(&[[3.0]; 3], &wavering);
    let allocs = &judged.metrics[1];
    assert_eq!(allocs.verdict, Verdict::CannotTell);
    assert!(
        allocs
            .reason
            .starts_with("it is not the same each time (3 to 5 now): "),
        "{}",
        allocs.reason
    );
    // Twenty launches of each side tell a large change from so much noise.
    let many = |scale: f64| -> Vec<Vec<f64>> {
        (0..20)
            .map(|i| vec![scale * (100.0 + f64::from(i % 3)), scale * 101.0])
            .collect()
    };
    let (old, new) = (many(1.0), many(2.0));
    let judged = judged_with(&old, &new);
    assert_eq!(judged.metrics[1].verdict, Verdict::Regressed);
    let judged = judged_with(&old, &old);
    assert_eq!(judged.metrics[1].verdict, Verdict::Unchanged);
}

#[test]
fn one_launch_does_not_show_that_a_value_is_exact() {
    let judged = judged_with(&[[3.0]; 3], &[[4.0]]);
    assert_eq!(judged.metrics[1].verdict, Verdict::CannotTell);
    assert!(judged.metrics[1].reason.contains("one launch"));
}

#[test]
fn a_metric_that_is_absent_now_says_why() {
    let baseline = with(side(100.0), "allocs", &exact(), &[[3.0]; 3]);
    let mut candidate = side(100.0);
    let reason = "nobody counts".to_owned();
    candidate.absent.insert("allocs".to_owned(), reason);
    let judged = compare(&[pair("f", baseline, candidate)], &DecisionRule::screen())
        .benchmarks
        .remove(0);
    assert_eq!(judged.metrics[1].verdict, Verdict::Incomparable);
    assert!(
        judged.metrics[1]
            .reason
            .ends_with("this time: nobody counts")
    );
}

#[test]
fn memory_has_a_floor_of_its_own_and_no_gauge() {
    let meaning = Meaning {
        unit: perf_schema::Unit::BYTES,
        better: Better::Lower,
        exact: false,
    };
    let mib = f64::from(1 << 20);
    let of = |old: f64, new: f64| {
        let launches = |bytes: f64| -> Vec<Vec<f64>> { vec![vec![bytes * mib]; 20] };
        let (old, new) = (launches(old), launches(new));
        let baseline = with(side(100.0), "peak-rss", &meaning, &old);
        let busy = side_of(140.0, Better::Lower, 1400.0);
        let candidate = with(busy, "peak-rss", &meaning, &new);
        let pairs = [pair("f", baseline, candidate)];
        compare(&pairs, &DecisionRule::screen()).benchmarks[0].metrics[1].verdict
    };
    assert_eq!(of(3.0, 3.0), Verdict::Unchanged);
    assert_eq!(
        of(3.0, 3.2),
        Verdict::Unchanged,
        "less than the kernel sums up late"
    );
    assert_eq!(of(100.0, 101.0), Verdict::Unchanged);
    assert_eq!(of(100.0, 104.0), Verdict::CannotTell);
    assert_eq!(of(3.0, 4.0), Verdict::Regressed);
    assert_eq!(of(200.0, 150.0), Verdict::Improved);
}

#[test]
fn memory_is_not_compared_between_batches_of_different_size() {
    let meaning = Meaning {
        unit: perf_schema::Unit::BYTES,
        exact: false,
        ..exact()
    };
    let of = |mib: f64| with(side(100.0), "peak-rss", &meaning, &[[mib * 1e6]; 20]);
    let larger = Side {
        batch: Some(10_000),
        ..of(5.0)
    };
    let judged = compare(&[pair("f", of(3.0), larger)], &DecisionRule::screen())
        .benchmarks
        .remove(0);
    assert_eq!(judged.verdict, Verdict::Unchanged, "as wall time says");
    let memory = &judged.metrics[1];
    assert_eq!(memory.verdict, Verdict::Incomparable);
    assert!(
        memory
            .reason
            .contains("100 iterations then and has 10000 now"),
        "{}",
        memory.reason
    );
}

#[test]
fn context_is_not_judged() {
    let meaning = Meaning {
        better: Better::Neither,
        ..exact()
    };
    let of = |value: f64| with(side(100.0), "minor-faults", &meaning, &[[value]; 3]);
    let comparison = compare(&[pair("f", of(1.0), of(9.0))], &DecisionRule::screen());
    let names: Vec<&str> = comparison.benchmarks[0]
        .metrics
        .iter()
        .map(|m| m.metric.as_str())
        .collect();
    assert_eq!(names, ["wall"]);
}

#[test]
fn failures_and_gaps_are_named_and_counted() {
    let mut broken = side(100.0);
    broken.failure = Some("it panicked".to_owned());
    let id = |name: &str| BenchId::new("p", "t", name).unwrap();
    let pairs = [
        pair("failed", side(100.0), broken),
        Pair {
            id: id("new"),
            baseline: Err(NoBaseline::New),
            candidate: Some(side(1.0)),
            caveat: None,
            noise: Noise::new(),
            drift: None,
        },
        Pair {
            id: id("gone"),
            baseline: Ok(side(1.0)),
            candidate: None,
            caveat: None,
            noise: Noise::new(),
            drift: None,
        },
        pair("same", side(100.0), side(100.0)),
    ];
    let comparison = compare(&pairs, &DecisionRule::screen());
    let verdicts: Vec<Verdict> = comparison.benchmarks.iter().map(|b| b.verdict).collect();
    assert_eq!(
        verdicts,
        [
            Verdict::Failed,
            Verdict::New,
            Verdict::Missing,
            Verdict::Unchanged
        ]
    );
    assert_eq!(
        code(&comparison, false, false),
        perf_schema::ExitCode::Benchmark
    );
}

fn code(comparison: &Comparison, allow_missing: bool, decision: bool) -> perf_schema::ExitCode {
    let demands = super::super::verdict::Demands {
        allow_missing,
        decision,
    };
    let rules = super::super::rules::Rules::default();
    comparison.exit_code(&comparison.assess(&rules), demands)
}

#[test]
fn exit_codes_follow_the_gravest_verdict() {
    use perf_schema::ExitCode::{Coverage, Fine, Regression, Undecided};
    let of = |pairs: &[Pair]| compare(pairs, &DecisionRule::screen());
    let same = pair("a", side(100.0), side(100.0));
    let worse = pair("b", side(100.0), side(150.0));
    let gone = Pair {
        candidate: None,
        ..pair("c", side(1.0), side(1.0))
    };
    let unsure = pair("d", side(100.0), side(107.0));
    assert_eq!(code(&of(std::slice::from_ref(&same)), false, true), Fine);
    assert_eq!(
        code(&of(&[same.clone(), gone.clone()]), false, false),
        Coverage
    );
    assert_eq!(code(&of(&[same.clone(), gone.clone()]), true, false), Fine);
    assert_eq!(code(&of(&[worse, gone]), false, false), Regression);
    assert_eq!(
        code(&of(&[same.clone(), unsure.clone()]), false, false),
        Fine
    );
    assert_eq!(code(&of(&[same, unsure]), false, true), Undecided);
}

#[test]
fn too_few_launches_are_said_to_be() {
    let mut few = side(100.0);
    few.metrics.get_mut("wall").unwrap().launches.truncate(2);
    let comparison = compare(&[pair("f", side(100.0), few)], &DecisionRule::screen());
    assert_eq!(comparison.benchmarks[0].verdict, Verdict::CannotTell);
    assert!(!comparison.benchmarks[0].reason.is_empty());
}

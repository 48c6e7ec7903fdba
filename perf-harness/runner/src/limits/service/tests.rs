use perf_schema::{Caps, Generator, Processor, SearchEnd};

use super::*;
use crate::limits::search::{Answer, Found, Quest, search};

const MS: u64 = 1_000_000;

fn plan(pace: Pace, service: ServiceLevel) -> LimitPlan {
    LimitPlan {
        kind: match pace {
            Pace::Users => LimitKind::Concurrency,
            Pace::Rate => LimitKind::Load,
        },
        axis: "users".to_owned(),
        first: 1,
        last: 100_000,
        caps: Caps {
            service: Some(service),
            ..Caps::default()
        },
        precision_ppm: 50_000,
        repeats: 3,
        budget_ms: 10_000,
        fit: None,
        traffic: Some(TrafficPlan {
            pace,
            warm_up_ns: 50 * MS,
            window_ns: 200 * MS,
            ramp_ns: 0,
            think_ns: 0,
            clients: 64,
        }),
    }
}

fn latency(ns: u64) -> Latency {
    Latency {
        p50_ns: Some(ns / 2),
        p90_ns: Some(ns),
        p99_ns: Some(ns),
        max_ns: Some(ns),
    }
}

/// A level that did so much, with no errors.
fn traffic(done: u64, latency_ns: u64) -> Traffic {
    Traffic {
        window_ns: 200 * MS,
        begun: done,
        unstarted: 0,
        done,
        errors: [].into(),
        latency: latency(latency_ns),
        processor: None,
        generator: None,
    }
}

fn judged(pace: Pace, service: ServiceLevel, n: u64, traffic: Traffic, before: &[Level]) -> Level {
    let mut level = Level {
        traffic: Some(traffic),
        ..Level::untried(n)
    };
    judge(&mut level, &plan(pace, service), before);
    level
}

#[test]
fn each_cap_breaks_by_itself() {
    let service = ServiceLevel {
        p50_ns: Some(10 * MS),
        p99_ns: Some(10 * MS),
        errors_ppm: Some(10_000),
        efficiency_ppm: Some(500_000),
        ..ServiceLevel::default()
    };
    let first = Level {
        traffic: Some(traffic(200, MS)),
        ..Level::untried(1)
    };
    let of = |n, traffic| {
        judged(
            Pace::Users,
            service,
            n,
            traffic,
            std::slice::from_ref(&first),
        )
    };
    assert!(of(4, traffic(400, 10 * MS)).passed());
    assert_eq!(of(4, traffic(399, MS)).broke, Some(Cap::Efficiency));
    assert_eq!(of(4, traffic(800, 10 * MS + 1)).broke, Some(Cap::P99));
    assert_eq!(of(4, traffic(800, 21 * MS)).broke, Some(Cap::P50));
    let failing = |count| Traffic {
        errors: [("full".to_owned(), count)].into(),
        ..traffic(800, MS)
    };
    assert!(of(4, failing(8)).passed());
    assert_eq!(of(4, failing(9)).broke, Some(Cap::Errors));
    // What is too slow although too few to tell the percentile breaks it.
    let few = Traffic {
        latency: Latency {
            max_ns: Some(11 * MS),
            ..Latency::default()
        },
        ..traffic(1, MS)
    };
    assert_eq!(of(1, few).broke, Some(Cap::P50));
    let none = of(2, traffic(0, MS)).failure.expect("nothing was seen");
    assert_eq!(none.kind, FailureKind::Misuse);
    assert!(none.message.contains("within the 200 ms"), "{none:?}");
}

#[test]
fn the_first_level_is_what_the_others_are_measured_by() {
    let level = |n, done| Level {
        traffic: Some(traffic(done, MS)),
        ..Level::untried(n)
    };
    assert_eq!(base(1, &[]), None);
    let levels = [level(1, 100), level(1, 300), level(2, 9), level(1, 120)];
    assert_eq!(base(1, &levels), Some(600.0));
    assert_eq!(base(1, &levels[..2]), Some(1000.0));
    let starved = |done| Level {
        disturbed: true,
        ..level(1, done)
    };
    assert_eq!(
        base(1, &[starved(10), level(1, 100), starved(12)]),
        Some(500.0)
    );
    assert_eq!(base(1, &[starved(10), starved(12)]), Some(55.0));
    // Its own efficiency is whole.
    let service = ServiceLevel {
        efficiency_ppm: Some(WHOLE_PPM),
        ..ServiceLevel::default()
    };
    assert!(judged(Pace::Users, service, 1, traffic(10, MS), &levels).passed());
}

#[test]
fn what_the_generator_could_not_deliver_is_no_limit_of_the_body() {
    let service = ServiceLevel {
        p99_ns: Some(10 * MS),
        achieved_ppm: Some(980_000),
        ..ServiceLevel::default()
    };
    let at_rate = |latency_ns, done, generator| Traffic {
        begun: 1000,
        generator: Some(generator),
        ..traffic(done, latency_ns)
    };
    let kept_up = Generator {
        late_p99_ns: Some(60_000),
        busy_ppm: 990_000,
        without: latency(12 * MS),
    };
    let of = |traffic| judged(Pace::Rate, service, 5000, traffic, &[]);
    assert!(of(at_rate(9 * MS, 980, kept_up)).passed());
    assert_eq!(of(at_rate(12 * MS, 1000, kept_up)).broke, Some(Cap::P99));
    assert_eq!(of(at_rate(9 * MS, 978, kept_up)).broke, Some(Cap::Rate));
    // Late though the body was idle.
    let late = Generator {
        late_p99_ns: Some(12 * MS),
        without: latency(MS),
        ..kept_up
    };
    let failure = of(at_rate(12 * MS, 1000, late))
        .failure
        .expect("it was late");
    assert_eq!(failure.kind, FailureKind::Saturated);
    assert_eq!(
        failure.message,
        "generator saturated: it began operations late though a client was free, one in a hundred by 12000 µs or more; \
         without that p99 would have held"
    );
    // Busy with itself.
    let busy = Generator {
        busy_ppm: 499_999,
        ..kept_up
    };
    for (latency_ns, done) in [(12 * MS, 900), (9 * MS, 900)] {
        let level = of(at_rate(latency_ns, done, busy));
        assert!(is_untold(&level) && level.broke.is_none(), "{level:?}");
    }
    assert!(of(at_rate(9 * MS, 1000, busy)).passed());
    // The rate was achieved: something else than issuing them kept operations waiting.
    assert_eq!(of(at_rate(12 * MS, 1000, busy)).broke, Some(Cap::P99));
}

/// A level of a rate in 250 ms of two processors: the CPU time it had, and what it lost to others of what it was ready for.
fn on_a_machine(traffic: Traffic, cpu_ms: u64, lost_ms: u64) -> Level {
    let service = ServiceLevel {
        p99_ns: Some(10 * MS),
        achieved_ppm: Some(980_000),
        ..ServiceLevel::default()
    };
    let mut level = Level {
        wall_ns: Some(250 * MS),
        cpu_ns: Some(cpu_ms * MS),
        traffic: Some(Traffic {
            processor: Some(Processor {
                waited_ns: 3 * lost_ms * MS,
                others_ns: lost_ms * MS,
            }),
            ..traffic
        }),
        ..Level::untried(5000)
    };
    judge(&mut level, &plan(Pace::Rate, service), &[]);
    level
}

#[test]
fn a_generator_that_others_kept_from_the_processor_is_not_accused() {
    let late = Traffic {
        generator: Some(Generator {
            late_p99_ns: Some(30 * MS),
            busy_ppm: WHOLE_PPM,
            without: latency(MS),
        }),
        ..traffic(1000, 30 * MS)
    };
    let starved = on_a_machine(late.clone(), 10, 300);
    assert_eq!(
        (starved.broke, &starved.failure),
        (Some(Cap::P99), &None),
        "whose fault it is says somebody else"
    );
    // With a processor for whatever it was ready for, it was the generator.
    let accused = |level: &Level| {
        assert_eq!(level.broke, None, "{level:?}");
        level.failure.as_ref().map(|failure| failure.kind) == Some(FailureKind::Saturated)
    };
    assert!(accused(&on_a_machine(late.clone(), 10, 2)));
    assert!(accused(&on_a_machine(late.clone(), 400, 20)));
    let mut silent = late;
    silent.processor = None;
    assert!(accused(&judged(
        Pace::Rate,
        ServiceLevel {
            p99_ns: Some(10 * MS),
            ..ServiceLevel::default()
        },
        5000,
        silent,
        &[]
    )));
    // Busy with itself, so that only a part of the rate was issued.
    let busy = |done| Traffic {
        begun: 1000,
        generator: Some(Generator {
            late_p99_ns: None,
            busy_ppm: 100_000,
            without: latency(50 * MS),
        }),
        ..traffic(done, 50 * MS)
    };
    let half = on_a_machine(busy(500), 200, 220);
    assert_eq!((half.broke, half.failure), (Some(Cap::P99), None));
    // Twice as much could have been done with what was lost, and it takes ten times as much.
    assert!(accused(&on_a_machine(busy(98), 200, 220)));
}

#[test]
fn where_nothing_began_another_attempt_is_for_a_starved_level_only() {
    let starved = on_a_machine(traffic(0, MS), 1, 300);
    let quiet = on_a_machine(traffic(0, MS), 1, 0);
    for level in [&starved, &quiet] {
        let kind = level.failure.as_ref().map(|failure| failure.kind);
        assert_eq!(kind, Some(FailureKind::Misuse));
    }
    assert!(is_untold(&starved) && !is_untold(&quiet));
}

/// A search whose levels are what a model says of them.
fn sought(plan: &LimitPlan, model: &mut dyn FnMut(u64) -> Traffic) -> Found {
    let quest = Quest {
        first: plan.first,
        last: plan.last,
        precision: plan.precision(),
        repeats: plan.repeats,
    };
    let mut levels = Vec::new();
    let found = search(&quest, &mut |n| {
        let mut level = Level {
            traffic: Some(model(n)),
            ..Level::untried(n)
        };
        judge(&mut level, plan, &levels);
        let answer = match (&level.failure, level.broke) {
            (Some(_), _) => Answer::Fault,
            (None, Some(_)) => Answer::Broke,
            (None, None) => Answer::Passed(None),
        };
        levels.push(level);
        Ok::<_, ()>(answer)
    });
    found.unwrap()
}

#[track_caller]
fn assert_near(found: Found, truth: f64) {
    let (pass, fail) = (found.largest_pass.unwrap(), found.smallest_fail.unwrap());
    assert_eq!(found.end, SearchEnd::Found);
    assert!(pass as f64 <= truth * 1.05, "{found:?} around {truth}");
    assert!(fail as f64 >= truth * 0.95, "{found:?} around {truth}");
}

/// Whole operations of so many seconds' worth, give or take one per cent.
fn noisy(value: f64, rng: &mut fastrand::Rng) -> u64 {
    let luck = 1.0 + (rng.f64() - 0.5) * 0.02;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positive and small"
    )]
    let whole = (value * luck).round() as u64;
    whole
}

#[test]
fn the_permits_of_a_semaphore_are_found_on_twenty_seeds() {
    let service = ServiceLevel {
        efficiency_ppm: Some(950_000),
        ..ServiceLevel::default()
    };
    for seed in 0..20 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let permits = rng.u64(2..=12);
        let found = sought(&plan(Pace::Users, service), &mut |users| {
            // An operation holds a permit for a millisecond.
            let at_work = users.min(permits) as f64;
            let wait = (users as f64 / permits as f64).max(1.0);
            let done = noisy(200.0 * at_work, &mut rng);
            traffic(done, noisy(1e6 * wait, &mut rng))
        });
        assert_near(found, permits as f64);
    }
}

#[test]
fn the_rate_of_a_bucket_of_tokens_is_found_on_twenty_seeds() {
    let service = ServiceLevel {
        p99_ns: Some(5 * MS),
        achieved_ppm: Some(980_000),
        ..ServiceLevel::default()
    };
    for seed in 0..20 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let truth = 100.0 * 100.0_f64.powf(rng.f64());
        let found = sought(&plan(Pace::Rate, service), &mut |rate| {
            // What is above the rate of tokens waits, and longer from moment to moment.
            let over = (rate as f64 / truth - 1.0).max(0.0);
            let waited = noisy(1e5 + over * 250e6, &mut rng);
            let due = (rate as f64 * 0.2).ceil();
            let done = noisy(due.min(truth * 0.2), &mut rng);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "positive and small"
            )]
            let begun = due as u64;
            Traffic {
                begun,
                generator: Some(Generator {
                    late_p99_ns: None,
                    busy_ppm: WHOLE_PPM,
                    without: latency(waited),
                }),
                ..traffic(done.min(begun), waited)
            }
        });
        assert_near(found, truth);
    }
}

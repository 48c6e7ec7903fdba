//! Levels and whole searches on machines that are busy by script.

use super::*;
use crate::limits::search::{Answer, Found, Quest, search};
use perf_schema::{Caps, Generator, Latency, Pace, SearchEnd, ServiceLevel, Traffic, TrafficPlan};

const DEADLINE: u64 = 100_000_000;
const GRAIN: u64 = 20_000_000;

fn plan(kind: LimitKind) -> LimitPlan {
    LimitPlan {
        kind,
        axis: "n".to_owned(),
        first: 1,
        last: 1 << 40,
        caps: Caps {
            wall_ns: Some(DEADLINE),
            ..Caps::default()
        },
        precision_ppm: 50_000,
        repeats: 3,
        budget_ms: 10_000,
        fit: None,
        traffic: None,
    }
}

/// A level that came to its own end.
fn level(n: u64, wall: u64, cpu: u64) -> Level {
    Level {
        broke: (wall > DEADLINE).then_some(Cap::Wall),
        wall_ns: Some(wall),
        cpu_ns: Some(cpu),
        ..Level::untried(n)
    }
}

/// One that was killed at the deadline.
fn killed(cpu: u64) -> Level {
    Level {
        broke: Some(Cap::Wall),
        cpu_ns: Some(cpu),
        late_ns: Some(6_000_000),
        ..Level::untried(1)
    }
}

fn after(passes: &[(u64, u64)], kind: LimitKind) -> Processor {
    let mut processor = Processor::of(&plan(kind));
    for &(wall, cpu) in passes {
        assert!(!processor.judge(&mut level(1, wall, cpu), GRAIN));
    }
    processor
}

#[test]
fn only_a_body_that_computes_and_could_not_is_disturbed() {
    let computes = [(50_000_000, 49_900_000)];
    let judged = |passes: &[(u64, u64)], mut level: Level| {
        let again = after(passes, LimitKind::Cpu).judge(&mut level, GRAIN);
        assert_eq!(again, level.disturbed);
        again
    };
    assert!(judged(&computes, level(1, 150_000_000, 80_000_000)));
    assert!(!judged(&computes, level(1, 150_000_000, 149_000_000)));
    assert!(!judged(&computes, level(1, 150_000_000, 101_000_000)));
    assert!(!judged(&computes, level(1, 104_000_000, 97_000_000)));
    assert!(judged(&computes, killed(55_000_000)));
    assert!(!judged(&computes, killed(104_000_000)));
    // What was seen may be short of the truth by a grain.
    assert!(!judged(&computes, killed(75_000_000)));
    // It waits by its nature.
    assert!(!judged(
        &[(50_000_000, 1_000_000)],
        level(1, 110_000_000, 2_000_000)
    ));
    // On two threads the same CPU time is half the time.
    let two = [(40_000_000, 79_000_000)];
    assert!(judged(&two, level(1, 150_000_000, 160_000_000)));
    assert!(!judged(&two, level(1, 110_000_000, 216_000_000)));
    // Nothing is known of it.
    assert!(!judged(&[], level(1, 150_000_000, 80_000_000)));
    assert!(!judged(&[(1000, 10)], level(1, 150_000_000, 80_000_000)));
    let timeout = after(&computes, LimitKind::Timeout).judge(&mut killed(1), GRAIN);
    assert!(!timeout, "waiting is the matter");
    let mut memory = level(1, 50_000_000, 10_000_000);
    memory.broke = Some(Cap::Memory);
    assert!(!judged(&computes, memory));
}

/// Searches as `plan` says, where `probe` tells what became of a level after those before, each again for as long as it was disturbed.
fn search_of(
    plan: &LimitPlan,
    mut probe: impl FnMut(u64, &[Level]) -> Level,
) -> (Found, Vec<Level>) {
    let mut processor = Processor::of(plan);
    let mut levels: Vec<Level> = Vec::new();
    let quest = Quest {
        first: plan.first,
        last: plan.last,
        precision: 0.05,
        repeats: 3,
    };
    let found = search(&quest, &mut |n| {
        loop {
            let mut level = probe(n, &levels);
            let again = processor.judge(&mut level, GRAIN);
            let share = plan.caps.wall_ns.zip(level.wall_ns);
            let answer = if level.passed() {
                Answer::Passed(share.map(|(cap, wall)| wall as f64 / cap as f64))
            } else {
                Answer::Broke
            };
            levels.push(level);
            if !again {
                return Ok::<_, ()>(answer);
            }
        }
    });
    (found.expect("nothing fails"), levels)
}

/// Searches a body whose level `n` takes a microsecond each, on a machine that is slower by what `busy` says of each probe.
fn searched(busy: impl Fn(usize) -> f64) -> (Found, Vec<Level>) {
    search_of(&plan(LimitKind::Cpu), |n, levels| {
        let cpu = n * 1000;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a time"
        )]
        let wall = (cpu as f64 * busy(levels.len())) as u64;
        level(n, wall, cpu)
    })
}

#[test]
fn a_machine_that_is_busy_for_a_while_moves_no_limit() {
    let quiet = searched(|_| 1.0);
    assert!(quiet.1.iter().all(|level| !level.disturbed));
    let brackets = |found: &Found| {
        let (pass, fail) = (found.largest_pass.unwrap(), found.smallest_fail.unwrap());
        assert!(pass <= 100_000 && fail > 100_000, "{found:?}");
    };
    brackets(&quiet.0);
    for from in 0..quiet.1.len() {
        let (found, levels) = searched(|probe| {
            if (from..from + 2).contains(&probe) {
                3.0
            } else {
                1.0
            }
        });
        brackets(&found);
        assert!(levels.len() <= quiet.1.len() + 12, "{}", levels.len());
    }
}

#[test]
fn on_a_machine_that_stays_busy_the_search_ends_and_says_so() {
    // Quiet for long enough to see that the body computes.
    let (found, levels) = searched(|probe| if probe < 12 { 1.0 } else { 3.0 });
    let fail = found.smallest_fail.unwrap();
    assert!(fail < 100_000, "{found:?}");
    let at = levels.iter().filter(|level| level.n == fail);
    assert!(at.clone().count() > 1 && at.clone().all(|level| level.disturbed));
    let again = levels.iter().filter(|level| level.disturbed).count();
    assert!(again <= 30, "{again}");
}

/// A level of users that broke a cap, or not, in 200 ms: the CPU time they had, and how long they waited while others had so much.
fn of_users(broke: Option<Cap>, cpu_ms: u64, waited_ms: u64, others_ms: u64) -> Level {
    const MS: u64 = 1_000_000;
    Level {
        broke,
        wall_ns: Some(200 * MS),
        cpu_ns: Some(cpu_ms * MS),
        traffic: Some(Traffic {
            window_ns: 150 * MS,
            begun: 100,
            unstarted: 0,
            done: 100,
            errors: [].into(),
            latency: Latency::default(),
            processor: Some(perf_schema::Processor {
                waited_ns: waited_ms * MS,
                others_ns: others_ms * MS,
            }),
            generator: None,
        }),
        ..Level::untried(4)
    }
}

#[test]
fn users_that_others_kept_from_the_processor_are_disturbed() {
    let judged = |mut level: Level| {
        let mut users = plan(LimitKind::Concurrency);
        users.caps = Caps::default();
        let again = Processor::of(&users).judge(&mut level, GRAIN);
        assert_eq!(again, level.disturbed);
        again
    };
    let late = Some(Cap::P99);
    // They sleep most of the time, and each time they are to go on somebody else is there.
    assert!(judged(of_users(late, 10, 60, 380)));
    assert!(judged(of_users(Some(Cap::Efficiency), 10, 60, 380)));
    assert!(judged(of_users(Some(Cap::Rate), 100, 900, 290)));
    // They wait for each other, and nobody else is there.
    assert!(!judged(of_users(late, 395, 3000, 5)));
    // Others have a processor, and nobody waits for it.
    assert!(!judged(of_users(late, 190, 3, 180)));
    // What is always there: a few per cent of a processor.
    assert!(!judged(of_users(late, 10, 9, 9)));
    // The system itself, on a machine of many processors that are all busy.
    assert!(!judged(of_users(late, 10_000, 90_000, 600)));
    // Who passed in spite of it has passed, unless others are measured by that; and memory is no matter of time.
    assert!(!judged(of_users(None, 10, 60, 380)));
    assert!(judged(Level {
        n: 1,
        ..of_users(None, 10, 60, 380)
    }));
    assert!(!judged(of_users(Some(Cap::Memory), 10, 60, 380)));
    // Nothing is known of it.
    let mut silent = of_users(late, 10, 60, 380);
    silent.traffic.as_mut().unwrap().processor = None;
    assert!(!judged(silent));
    let nothing = Level {
        wall_ns: Some(0),
        ..of_users(late, 0, 0, 380)
    };
    assert!(!judged(nothing));
}

/// Looks for the permits of a semaphore while others have the processor in some of the probes: then throughput is a quarter.
fn permits_found(is_busy: impl Fn(usize) -> bool) -> (Found, Vec<Level>) {
    const PERMITS: u64 = 4;
    let mut users = plan(LimitKind::Concurrency);
    users.caps = Caps::default();
    (users.first, users.last) = (1, 64);
    search_of(&users, |n, levels| {
        let busy = n > 1 && is_busy(levels.len());
        let served = n.min(PERMITS) as f64 / if busy { 4.0 } else { 1.0 };
        let broke = (served < 0.95 * n as f64).then_some(Cap::Efficiency);
        let mut level = match busy {
            true => of_users(broke, 5, 120, 390),
            false => of_users(broke, 20, 4, 6),
        };
        level.n = n;
        level
    })
}

#[test]
fn a_machine_that_is_busy_for_a_while_takes_no_permits() {
    let (_, quiet) = permits_found(|_| false);
    for from in 0..quiet.len() {
        let (found, _) = permits_found(|probe| (from..from + 2).contains(&probe));
        assert_eq!(
            (found.largest_pass, found.smallest_fail),
            (Some(4), Some(5))
        );
    }
}

#[test]
fn permits_that_were_never_seen_for_want_of_a_processor_are_no_limit() {
    let (found, levels) = permits_found(|_| true);
    assert_eq!(
        (found.largest_pass, found.smallest_fail),
        (Some(1), Some(2))
    );
    let mut at = levels.iter().filter(|level| level.n == 2);
    assert!(at.all(|level| level.disturbed));
    assert!(levels.len() < 30, "{}", levels.len());
}

/// Looks for the rate of a bucket of a thousand tokens in a second, while others have the processors in some of the probes: then
/// its generator begins every operation 40 ms late.
fn rate_found(is_busy: impl Fn(usize) -> bool) -> (Found, Vec<Level>) {
    const MS: u64 = 1_000_000;
    const TOKENS: u64 = 1000;
    let mut at_rate = plan(LimitKind::Load);
    at_rate.first = 100;
    at_rate.caps = Caps {
        service: Some(ServiceLevel {
            p99_ns: Some(10 * MS),
            achieved_ppm: Some(980_000),
            ..ServiceLevel::default()
        }),
        ..Caps::default()
    };
    at_rate.traffic = Some(TrafficPlan {
        pace: Pace::Rate,
        warm_up_ns: 0,
        window_ns: 200 * MS,
        ramp_ns: 0,
        think_ns: 0,
        clients: 64,
    });
    at_rate.last = 1 << 20;
    search_of(&at_rate, |rate, levels| {
        let busy = is_busy(levels.len());
        // Who comes when no token is left waits, and longer from moment to moment.
        let own_ns = MS + rate.saturating_sub(TOKENS) * 250 * MS / TOKENS;
        let late_ns = if busy { 40 * MS } else { 0 };
        let latency = |ns| Latency {
            p99_ns: Some(ns),
            max_ns: Some(ns),
            ..Latency::default()
        };
        let base = of_users(
            None,
            20,
            if busy { 900 } else { 4 },
            if busy { 380 } else { 6 },
        );
        let mut level = Level { n: rate, ..base };
        if let Some(traffic) = &mut level.traffic {
            traffic.window_ns = 200 * MS;
            traffic.begun = rate / 5;
            traffic.done = rate.min(TOKENS) / 5;
            traffic.latency = latency(own_ns + late_ns);
            traffic.generator = Some(Generator {
                late_p99_ns: Some(late_ns),
                busy_ppm: WHOLE_PPM,
                without: latency(own_ns),
            });
        }
        service::judge(&mut level, &at_rate, levels);
        assert_eq!(level.failure, None, "the machine is no failure: {level:?}");
        level
    })
}

#[test]
fn a_machine_that_is_busy_for_a_while_moves_no_rate() {
    let within = |found: Found| {
        let (pass, fail) = (found.largest_pass.unwrap(), found.smallest_fail.unwrap());
        assert!(pass <= 1050 && fail >= 950, "{found:?}");
    };
    let (found, quiet) = rate_found(|_| false);
    within(found);
    assert!(quiet.iter().all(|level| !level.disturbed));
    for from in 0..quiet.len() {
        let (found, levels) = rate_found(|probe| (from..from + 2).contains(&probe));
        within(found);
        assert!(levels.iter().any(|level| level.disturbed), "{from}");
    }
}

#[test]
fn a_rate_on_a_machine_that_stays_busy_is_below_its_range_and_disturbed() {
    let (found, levels) = rate_found(|_| true);
    assert_eq!(found.end, SearchEnd::BelowRange);
    assert!(levels.iter().all(|level| level.disturbed), "{levels:?}");
    assert!(levels.len() < 30, "{}", levels.len());
}

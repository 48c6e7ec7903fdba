//! Both generators, with bodies whose answers are known.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::scripted::{alone, now_ns, spend};

const MS: u64 = 1_000_000;

fn plan(pace: Pace) -> TrafficPlan {
    TrafficPlan {
        pace,
        warm_up_ns: 20 * MS,
        window_ns: 200 * MS,
        ramp_ns: 0,
        think_ns: 0,
        clients: 64,
    }
}

fn scripted(
    plan: TrafficPlan,
    level: u64,
    operate: impl Fn() -> Result<(), String> + Sync,
) -> Traffic {
    let course = Course {
        plan,
        level,
        seed: 1,
    };
    let work = Work {
        make: &|_| (),
        operate: &|(), _| operate(),
    };
    traffic(&course, Clock::Scripted, &work)
}

/// The first of `permits` to be free is taken, for a millisecond.
fn semaphore(permits: usize) -> impl Fn() -> Result<(), String> + Sync {
    let free = Mutex::new(vec![0; permits]);
    move || {
        let mut free = free.lock().unwrap();
        let first = free.iter_mut().min().unwrap();
        let end = (*first).max(now_ns()) + MS;
        spend(end - now_ns());
        *first = end;
        Ok(())
    }
}

#[test]
fn users_share_what_permits_there_are() {
    let _turn = alone();
    for (users, each_second) in [(1, 1000.0), (2, 2000.0), (4, 4000.0), (8, 4000.0)] {
        let traffic = scripted(plan(Pace::Users), users, semaphore(4));
        let seen = traffic.per_second();
        assert!(
            (seen / each_second - 1.0_f64).abs() < 0.01,
            "{users}: {seen}"
        );
        let p50_ms = traffic.latency.p50_ns.unwrap() as f64 / 1e6;
        let wait = (users as f64 / 4.0).max(1.0);
        assert!((p50_ms / wait - 1.0).abs() < 0.01, "{users}: {p50_ms}");
        assert_eq!(traffic.generator, None);
    }
}

#[test]
fn thinking_and_a_ramp_are_no_part_of_latency() {
    let _turn = alone();
    let plan = TrafficPlan {
        ramp_ns: 10 * MS,
        think_ns: 9 * MS,
        ..plan(Pace::Users)
    };
    let course = Course {
        plan,
        level: 10,
        seed: 1,
    };
    assert_eq!(course.window().opens_ns, 110 * MS);
    let traffic = scripted(plan, 10, semaphore(10));
    assert_eq!(traffic.latency.p99_ns.map(|ns| ns / 10_000), Some(100));
    // Ten users, an operation of a millisecond in ten each.
    assert!(
        (900.0..=1100.0).contains(&traffic.per_second()),
        "{traffic:?}"
    );
}

#[test]
fn latency_at_a_rate_begins_when_an_operation_is_due() {
    let _turn = alone();
    // One client, and one operation in the middle that takes a tenth of a second: those due meanwhile wait for it.
    let plan = TrafficPlan {
        clients: 1,
        warm_up_ns: 0,
        ..plan(Pace::Rate)
    };
    let calls = AtomicU64::new(0);
    let traffic = scripted(plan, 1000, || {
        let number = calls.fetch_add(1, Ordering::Relaxed);
        spend(if number == 50 { 100 * MS } else { MS / 10 });
        Ok(())
    });
    assert_eq!((traffic.begun, traffic.unstarted), (200, 0));
    // 100 ms for the slow one, and nearly as much for those behind it: half of all waited.
    assert!(traffic.latency.p50_ns > Some(MS), "{traffic:?}");
    assert!(traffic.latency.p90_ns > Some(60 * MS), "{traffic:?}");
    let from_the_start = traffic.done as f64 / traffic.begun as f64;
    assert!(from_the_start > 0.95, "{traffic:?}");
}

#[test]
fn what_a_rate_is_too_high_for_is_left_unstarted() {
    let _turn = alone();
    let plan = TrafficPlan {
        clients: 2,
        ..plan(Pace::Rate)
    };
    let traffic = scripted(plan, 10_000, || {
        spend(MS);
        Ok(())
    });
    assert_eq!(traffic.begun, 2000);
    assert!(
        (1800.0..=2000.0).contains(&traffic.per_second()),
        "{traffic:?}"
    );
    assert!(traffic.unstarted > 1500, "{traffic:?}");
    assert!(traffic.latency.max_ns > Some(170 * MS), "{traffic:?}");
    assert_eq!(traffic.generator.unwrap().busy_ppm, 1_000_000);
}

#[test]
fn an_operation_that_spends_nothing_ends_nevertheless() {
    let _turn = alone();
    let plan = TrafficPlan {
        warm_up_ns: 0,
        window_ns: MS,
        ..plan(Pace::Users)
    };
    let traffic = scripted(plan, 1, || Err("full".to_owned()));
    assert_eq!((traffic.begun, traffic.done), (1000, 0));
    assert_eq!(traffic.errors["full"], 1000);
    assert_eq!(traffic.latency.max_ns, None);
}

#[test]
fn every_thread_has_its_own_state_and_operates() {
    for pace in [Pace::Users, Pace::Rate] {
        let plan = TrafficPlan {
            warm_up_ns: 0,
            window_ns: 50 * MS,
            clients: 3,
            ..plan(pace)
        };
        let course = Course {
            plan,
            level: if pace == Pace::Rate { 20_000 } else { 3 },
            seed: 1,
        };
        let made = Mutex::new(Vec::new());
        let operated = AtomicU64::new(0);
        let work = Work {
            make: &|thread| {
                made.lock().unwrap().push((thread.index(), thread.count()));
                thread.index()
            },
            operate: &|state: &mut usize, thread| {
                assert_eq!(*state, thread.index());
                operated.fetch_add(1, Ordering::Relaxed);
                Ok(())
            },
        };
        let traffic = traffic(&course, Clock::Monotonic, &work);
        let mut made = made.into_inner().unwrap();
        made.sort_unstable();
        assert_eq!(made, [(0, 3), (1, 3), (2, 3)]);
        let operated = operated.into_inner();
        assert!(traffic.begun >= traffic.unstarted && operated > 0);
        assert_eq!(traffic.begun - traffic.unstarted, operated);
        assert_eq!(traffic.generator.is_some(), pace == Pace::Rate);
    }
}

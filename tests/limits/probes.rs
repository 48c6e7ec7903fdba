//! Whatever a level does to its process: memory and stacks end where they should, the others have their limits, nothing runs on.

use serde_json::Value;

use super::{assert_near, project, run};
use crate::support::process::{is_alive, pid_in};
use crate::support::record::row;

#[test]
fn memory_and_stacks_end_where_they_should() {
    let project = project(
        r#"
use std::hint::black_box;

const CAP: u64 = 32 << 20;

#[perf::limit(n in 1..=1_000_000_000, rss = "32MiB")]
fn touched(p: perf::Probe, n: u64) {
    let held = p.measure(|| vec![1_u8; n as usize]);
    p.check(held.iter().all(|&byte| byte == 1));
}

#[perf::limit(n in 1_000..=1_000_000_000, rss = "32MiB")]
fn input_counts(p: perf::Probe, n: u64) {
    let held = p.untimed(|| vec![1_u8; n as usize]);
    p.measure(|| black_box(&held).len());
}

#[perf::limit(n in 1_000..=1_000_000_000, rss = "32MiB")]
fn freed(p: perf::Probe, n: u64) {
    // What is gone before the end was there all the same.
    p.measure(|| drop(black_box(vec![1_u8; n as usize])));
}

#[perf::limit(n in 64..=65, rss = "16MiB")]
fn reserved(p: perf::Probe, n: u64) {
    // Asked for and never touched: stacks of threads, and a vector.
    let room: Vec<u8> = Vec::with_capacity(48 << 20);
    p.measure(|| {
        let threads: Vec<_> = (0..n).map(|_| std::thread::spawn(std::thread::park)).collect();
        for thread in threads { thread.thread().unpark(); thread.join().unwrap(); }
    });
    drop(black_box(room));
}

#[perf::limit(depth in 1..=2, stack = "256MiB", rss = "32MiB")]
fn wide_stack(p: perf::Probe, depth: u64) {
    p.measure(|| black_box(depth));
}

#[perf::limit(n in 1..=4, rss = "4MiB")]
fn endless(p: perf::Probe, n: u64) {
    p.measure(|| {
        let mut held = Vec::new();
        while n > 1 { held.push(vec![1_u8; 1 << 20]); }
        black_box(held);
    });
}

/// So much of the stack for each level, and a little more.
const FRAME: usize = 16 << 10;

fn descend(n: u64) -> u64 {
    let mut frame = [n as u8; FRAME];
    black_box(&mut frame);
    if n == 0 { 0 } else { descend(n - 1) + 1 + u64::from(frame[7] == 255 && n == 3) }
}

#[perf::limit(depth in 1..=1_000_000, stack = "16MiB")]
fn deep(p: perf::Probe, depth: u64) {
    let reached = p.measure(|| descend(black_box(depth)));
    p.check(reached == depth);
}
"#,
    );
    let (output, report) = run(&project);
    output.code(0);
    let cap = f64::from(32 << 20);
    for name in ["touched", "input_counts", "freed"] {
        let limit = &row(&report, name)["limit"];
        assert_near(limit, cap);
        assert_eq!(limit["plan"]["kind"], "memory");
        let fail = limit["smallest_fail"].as_u64();
        let levels = limit["levels"].as_array().expect("levels");
        let broke = levels.iter().find(|level| level["n"].as_u64() == fail);
        assert_eq!(broke.expect("it was probed")["broke"], "memory");
    }
    for name in ["reserved", "wide_stack"] {
        assert_eq!(row(&report, name)["limit"]["end"], "not-reached", "{name}");
    }
    let endless = &row(&report, "endless")["limit"];
    assert_eq!(endless["largest_pass"], 1);
    assert_eq!(endless["smallest_fail"], 2);
    let deep = &row(&report, "deep")["limit"];
    assert_near(deep, f64::from(16 << 20) / f64::from(16 << 10));
    assert_eq!(deep["plan"]["kind"], "recursion");
}

#[test]
fn whatever_a_level_does_the_others_have_their_limits_and_nothing_runs_on() {
    let project = project(
        r#"
use std::process::{Command, Stdio};

#[perf::limit(n in 1..=10, wall = "300ms")]
fn hangs(p: perf::Probe, n: u64) {
    p.measure(|| while n >= 3 { std::thread::yield_now(); });
}

#[perf::limit(n in 1..=10, wall = "300ms", repeats = 1)]
fn has_a_child_that_ignores_everything(p: perf::Probe, n: u64) {
    p.measure(|| if n >= 2 {
        let script = "trap '' TERM INT HUP; echo $$ > child.pid; while :; do sleep 600; done";
        let mut child = Command::new("sh").args(["-c", script]).stdin(Stdio::null()).spawn().unwrap();
        child.wait().unwrap();
    });
}

#[perf::limit(n in 1..=100, wall = "30s")]
fn leaves(p: perf::Probe, n: u64) {
    p.measure(|| if n >= 4 {
        let script = "setsid sh -c 'echo $$ > left.pid; exec sleep 600' &\nwhile [ ! -s left.pid ]; do sleep 0.01; done";
        Command::new("sh").args(["-c", script]).status().unwrap();
    });
}

#[perf::limit(n in 1..=100, wall = "30s")]
fn exits(p: perf::Probe, n: u64) {
    p.measure(|| if n >= 4 { std::process::exit(0) });
}

#[perf::limit(n in 1..=100, wall = "30s")]
fn panics(p: perf::Probe, n: u64) {
    p.measure(|| assert!(n < 8, "too much"));
}

#[perf::limit(n in 1..=100, wall = "30s")]
fn is_wrong(p: perf::Probe, n: u64) {
    let sum = p.measure(|| n + n / 16);
    p.check(sum == n);
}

#[perf::limit(n in 1..=1_000_000, wall = "30s")]
fn overflows(p: perf::Probe, n: u64) {
    fn descend(n: u64) -> u64 {
        let frame = std::hint::black_box([n; 512]);
        if n == 0 { 0 } else { descend(n - 1) + frame[9] / n }
    }
    p.measure(|| descend(n));
}

#[perf::limit(n in 1..=8, wall = "30s")]
fn closes_its_output(p: perf::Probe, n: u64) {
    p.measure(|| {
        close(1);
        close(2);
        println!("level {n}");
    });
}

#[perf::limit(n in 1..=8, wall = "30s")]
fn closes_all(p: perf::Probe, n: u64) {
    p.measure(|| if n >= 2 {
        (3..64).for_each(close);
        loop { std::thread::park(); }
    });
}

/// Takes a file away from whoever has it.
fn close(number: i32) {
    use std::os::fd::FromRawFd;
    drop(unsafe { std::fs::File::from_raw_fd(number) });
}

#[perf::limit(n in 1..=8, wall = "30s")]
fn measures_nothing(_p: perf::Probe, n: u64) { drop(n.to_string()) }

#[perf::limit(n in 1..=8, wall = "30s")]
fn measures_twice(p: perf::Probe, n: u64) {
    p.measure(|| n);
    p.measure(|| n);
}

#[perf::limit(n in 1..=20, wall = "30s")]
fn fine(p: perf::Probe, n: u64) {
    p.measure(|| n);
}

#[perf::bench]
fn neighbour() -> u64 { 1 }
"#,
    );
    let (output, report) = run(&project);
    output.code(12);
    let limit = |name: &str| &row(&report, name)["limit"];
    assert_eq!(
        (
            &limit("hangs")["largest_pass"],
            &limit("hangs")["smallest_fail"]
        ),
        (&Value::from(2), &Value::from(3))
    );
    let levels = limit("hangs")["levels"].as_array().expect("levels");
    let killed = levels.iter().filter(|level| level["broke"] == "wall");
    assert!(
        killed.clone().count() > 0 && killed.clone().all(|level| level["late_ns"].is_u64()),
        "{levels:#?}"
    );
    let stubborn = limit("has_a_child_that_ignores_everything");
    assert_eq!(
        (&stubborn["largest_pass"], &stubborn["smallest_fail"]),
        (&Value::from(1), &Value::from(2))
    );
    for (name, kind, level, message) in [
        (
            "leaves",
            "leftover",
            4,
            "it left processes behind, which were killed: 1",
        ),
        ("exits", "exit", 4, "it ended by itself with code 0"),
        ("panics", "panic", 8, "too much at benches/cpu.rs"),
        ("is_wrong", "check", 16, "does not hold"),
        ("overflows", "stack-overflow", 512, "overflowed its stack"),
        (
            "closes_all",
            "protocol",
            2,
            "it closed its channel and went on",
        ),
        ("measures_nothing", "misuse", 1, "it measures nothing"),
        ("measures_twice", "misuse", 1, "measures once"),
    ] {
        let benchmark = row(&report, name);
        assert_eq!(benchmark["verdict"], "failed", "{name}");
        let reason = benchmark["reason"].as_str().expect("a reason");
        assert!(
            reason.contains(message) && reason.starts_with("at level "),
            "{name}: {reason}"
        );
        let limit = &benchmark["limit"];
        assert_eq!(limit["end"], "failed", "{name}");
        let last = limit["levels"]
            .as_array()
            .and_then(|levels| levels.last())
            .expect("levels");
        assert_eq!(last["failure"]["kind"], kind, "{name}: {last:#}");
        assert!(
            last["n"].as_u64().is_some_and(|n| n >= level),
            "{name}: {last:#}"
        );
    }
    for name in ["fine", "closes_its_output"] {
        assert_eq!(limit(name)["end"], "not-reached", "{name}");
    }
    let neighbour = row(&report, "neighbour");
    assert!(
        neighbour["metrics"][0]["value"].is_number()
            || neighbour["metrics"][0]["below"].is_number()
    );
    for file in ["child.pid", "left.pid"] {
        assert!(!is_alive(&pid_in(&project.path(file))), "{file}");
    }
}

#[test]
fn a_timeout_is_seen_to_kill() {
    let project = project(
        r#"
use std::time::Duration;

#[perf::limit(ms in 1..=100_000, wall = "100ms", kind = timeout)]
fn sleep(p: perf::Probe, ms: u64) {
    p.measure(|| std::thread::sleep(Duration::from_millis(ms)));
}
"#,
    );
    let (output, report) = run(&project);
    output.code(0);
    let limit = &row(&report, "sleep")["limit"];
    // Sleeping takes no less than was asked for; how much more is the machine's affair.
    let pass = limit["largest_pass"]
        .as_u64()
        .expect("a millisecond passes");
    assert!((1..=100).contains(&pass), "{pass}");
    assert_eq!(limit["plan"]["kind"], "timeout");
    let levels = limit["levels"].as_array().expect("levels");
    assert!(
        levels.iter().any(|level| level["late_ns"].is_u64()),
        "{levels:#?}"
    );
    project.perf(&["limits"]).code(0).says("after the deadline");
}

//! `#[perf::limit]`: the bracket holds the truth where that is known, whatever a level does to its process.

use serde_json::Value;

use crate::support::process::{is_alive, pid_in};
use crate::support::record::{benchmark, saved_record};
use crate::support::{Output, Project, Target};

/// A project whose benchmarks are `benches`, committed.
fn project(benches: &str) -> Project {
    let project = Project::new();
    project.write(
        "benches/cpu.rs",
        &format!("use perf_harness as perf;\nuse perf_harness::scripted::spend;\n{benches}\nperf::main!();\n"),
    );
    project.commit("limits");
    project
}

/// The limits of a record, run with time that is real.
fn run(project: &Project) -> (Output, Value) {
    let mut command = project.perf_command();
    command
        .env_remove("PERF_HARNESS_CLOCK")
        .args(["run", "--format", "json"]);
    let output = Output::of(command.output().expect("cargo-perf starts"));
    let report = output.json();
    (output, report)
}

/// A limit in a JSON report.
fn found<'a>(report: &'a Value, name: &str) -> &'a Value {
    let benchmarks = report["benchmarks"].as_array().expect("benchmarks");
    let of_name = |benchmark: &&Value| {
        benchmark["id"]
            .as_str()
            .is_some_and(|id| id.ends_with(name))
    };
    let found = benchmarks.iter().find(of_name);
    found.unwrap_or_else(|| panic!("{name} is not in {report:#}"))
}

#[track_caller]
fn assert_near(limit: &Value, truth: f64) {
    let end = |name: &str| {
        limit[name]
            .as_f64()
            .unwrap_or_else(|| panic!("no {name}: {limit:#}"))
    };
    let (pass, fail) = (end("largest_pass"), end("smallest_fail"));
    assert!(pass < fail && fail <= pass * 1.05 + 1.0, "{pass} to {fail}");
    // The truth lies inside, or within five per cent of it.
    assert!(
        pass <= truth * 1.05 && fail >= truth * 0.95,
        "{pass} to {fail} around {truth}"
    );
}

#[test]
fn a_deadline_is_found_to_its_precision_recorded_and_listed() {
    let project = project(
        r#"
#[perf::limit(n in 1..=1_000_000_000, wall = "10ms", algo = [1_000, 2_000])]
fn linear(p: perf::Probe, n: u64, algo: u64) {
    // What is made beforehand may take as long as it likes.
    p.untimed(|| spend(1_000_000_000));
    p.measure(|| spend(n * algo));
}

#[perf::limit(n in 1..=50, wall = "10ms")]
fn short(p: perf::Probe, n: u64) {
    p.measure(|| spend(n));
}

#[perf::limit(n in 100..=500, wall = "10ms")]
fn long(p: perf::Probe, n: u64) {
    p.measure(|| spend(n * 1_000_000));
}

#[perf::bench]
fn timed() -> u64 { spend(1_000); 1 }
"#,
    );
    let record = saved_record(&project);
    assert_eq!(record["schema"], 2);
    // Each launch stretches the scripted clock by up to half a per cent.
    for (algo, truth) in [(1_000, 10_000.0), (2_000, 5_000.0)] {
        let linear = benchmark(&record, &format!("linear[algo={algo}]"));
        assert_eq!(linear["kind"], "limit");
        assert_near(&linear["limit"], truth);
        assert_eq!(linear["limit"]["end"], "found");
        let levels = linear["limit"]["levels"].as_array().expect("levels");
        assert!((10..40).contains(&levels.len()), "{levels:#?}");
        assert_eq!(linear["outcome"]["passed"], levels.len());
        assert_eq!(linear["metrics"]["limit"]["better"], "higher");
    }
    let short = &benchmark(&record, "short")["limit"];
    assert_eq!(
        (&short["end"], &short["largest_pass"]),
        (&Value::from("not-reached"), &Value::from(50))
    );
    let long = benchmark(&record, "long");
    assert_eq!(long["limit"]["end"], "below-range");
    assert_eq!(long["limit"]["smallest_fail"], 100);
    assert_eq!(long["metrics"]["limit"]["absent"], "no level passed");
    assert!(benchmark(&record, "timed")["metrics"]["wall"]["samples"].is_object());

    let listed = project.perf(&["limits", "linear", "--format", "json"]);
    let listed = listed.code(0).json();
    assert_eq!(listed["limits"].as_array().expect("limits").len(), 2);
    assert_eq!(listed["limits"][0]["broke"], "wall");
    project
        .perf(&["limits"])
        .code(0)
        .says("cpu::linear[algo=1000]")
        .says("wall (10.00 ms)")
        .says("not reached")
        .says("below range")
        .does_not_say("timed");
    let markdown = project.perf(&["limits", "--format", "markdown"]);
    markdown
        .code(0)
        .says("| `cpu::short` | cpu | 50 | not reached |");
    // With no run at hand they are searched.
    project.forget_runs();
    project
        .perf(&["limits", "short"])
        .code(0)
        .says("cpu::short")
        .complains("searching 1 limit");
    project
        .perf(&["limits", "timed"])
        .code(4)
        .complains("none of these benchmarks is a limit");
}

#[test]
fn a_limit_that_falls_is_a_regression_and_one_that_rises_is_none() {
    const LIMITS: &str = r#"
#[perf::limit(n in 1..=20_000, wall = "10ms")]
fn tied(p: perf::Probe, n: u64) {
    p.measure(|| for _ in 0..n { demo::parse(); });
}
"#;
    let project = project(LIMITS);
    project.times(1_000, 1);
    project.commit("a microsecond each");
    project.save_baseline();
    let verdict = |expected: &str, code: i32| {
        let compared = project.compare("main", &[]);
        compared.code(code).gives(&[("cpu::tied", expected)]);
        compared.json()
    };
    project.branch("work");
    project.times(1_250, 1);
    project.commit("a fifth less");
    let regressed = verdict("regressed", 1);
    let tied = found(&regressed, "tied");
    assert_eq!(tied["method"], "side by side");
    let ratio = tied["metrics"][0]["ratio"].as_f64().expect("a ratio");
    assert!((0.76..0.84).contains(&ratio), "{ratio}");
    project
        .perf(&["compare", "--baseline", "main"])
        .code(1)
        .says("both sides searched now");
    project.times(800, 1);
    project.commit("a quarter more");
    verdict("improved", 0);
    // Beyond the range.
    project.times(400, 1);
    project.commit("more than the range");
    verdict("improved", 0);
    project.times(1_000, 1);
    project.commit("as it was");
    verdict("unchanged", 0);
    let paired = project.compare("main", &["--paired"]);
    paired.code(0).gives(&[("cpu::tied", "unchanged")]);
    // A level that panics hides its limit, and stops everybody.
    project.edit(
        "src/lib.rs",
        "spend(1000); 1",
        "spend(1000); panic!(\"no\")",
    );
    project.commit("it panics");
    let failed = verdict("failed", 12);
    let reason = found(&failed, "tied")["reason"].to_string();
    assert!(reason.contains("at level 1: no at"), "{reason}");
}

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

#[perf::limit(n in 1..=16, rss = "32MiB")]
fn reserved(p: perf::Probe, n: u64) {
    // Asked for and never touched: stacks of threads, and a vector.
    let room: Vec<u8> = Vec::with_capacity(48 << 20);
    p.measure(|| {
        let threads: Vec<_> = (0..n).map(|_| std::thread::spawn(std::thread::park)).collect();
        for thread in threads { thread.thread().unpark(); thread.join().unwrap(); }
    });
    drop(black_box(room));
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
        let limit = &found(&report, name)["limit"];
        assert_near(limit, cap);
        assert_eq!(limit["plan"]["kind"], "memory");
        let fail = limit["smallest_fail"].as_u64();
        let levels = limit["levels"].as_array().expect("levels");
        let broke = levels.iter().find(|level| level["n"].as_u64() == fail);
        assert_eq!(broke.expect("it was probed")["broke"], "memory");
    }
    assert_eq!(found(&report, "reserved")["limit"]["end"], "not-reached");
    let endless = &found(&report, "endless")["limit"];
    assert_eq!(endless["largest_pass"], 1);
    assert_eq!(endless["smallest_fail"], 2);
    let deep = &found(&report, "deep")["limit"];
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
    let limit = |name: &str| &found(&report, name)["limit"];
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
        let benchmark = found(&report, name);
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
    let neighbour = found(&report, "neighbour");
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
    let limit = &found(&report, "sleep")["limit"];
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

#[test]
fn a_bench_target_by_itself_finds_limits_too() {
    let target = Target::with_benches(Some(
        r#"
use perf_harness as perf;
use perf_harness::scripted::spend;

#[perf::limit(n in 3..=1_000_000, wall = "10ms", step = [1_000, 4_000])]
fn linear(p: perf::Probe, n: u64, step: u64) {
    eprintln!("probed at {n}");
    p.measure(|| spend(n * step));
}

#[perf::limit(depth in 5..=1_000_000, stack = "64MiB")]
fn deep(p: perf::Probe, depth: u64) {
    fn descend(n: u64) -> u64 {
        let frame = std::hint::black_box([n; 128]);
        if n == 0 { 0 } else { descend(n - 1) + frame[9] / n }
    }
    // More than any other stack here has, at the smallest level.
    p.measure(|| descend(depth * 4_000));
}

#[perf::limit(n in 4..=8, wall = "10ms", ignore = "it is tired")]
fn panics(p: perf::Probe, n: u64) {
    p.measure(|| assert!(n < 5, "too much"));
}

perf::main!();
"#,
    ));
    let list = target.run(&["--list", "--format", "terse"]);
    list.code(0);
    assert_eq!(
        list.stdout,
        "linear[step=1000]: benchmark\nlinear[step=4000]: benchmark\ndeep: benchmark\npanics: benchmark\n"
    );
    assert!(!list.stderr.contains("probed"), "{}", list.stderr);
    let smoke = target.run(&["--test-threads", "1", "--no-capture"]);
    smoke
        .code(0)
        .complains("probed at 3")
        .complains("panics is ignored: it is tired");
    assert_eq!(
        smoke.stderr.matches("probed").count(),
        1,
        "{}",
        smoke.stderr
    );
    let measured = target.run(&["--bench", "linear"]);
    measured
        .code(0)
        .complains("searching 2 limits")
        .complains("breaks wall");
    measured.says("linear[step=1000]");
    target
        .run(&["--bench", "--include-ignored", "panics"])
        .code(101)
        .complains("FAILED: at level")
        .complains("too much");
}

/// Limits whose levels take times of known growth, on the scripted clock.
const GROWING: &str = r#"
fn n_log_n(n: u64) -> u64 { (n as f64 * (n as f64 + 1.0).ln() * 1000.0) as u64 }

#[perf::limit(n in 1..=1_000_000_000, wall = "1s", fit = "n log n")]
fn in_proportion(p: perf::Probe, n: u64) { p.measure(|| spend(n * 1000)); }

#[perf::limit(n in 1..=1_000_000_000, wall = "1s", fit = "n log n")]
fn sorted(p: perf::Probe, n: u64) { p.measure(|| spend(n_log_n(n))); }

#[perf::limit(n in 1..=1_000_000_000, wall = "1s", fit = "N Log N")]
fn squared(p: perf::Probe, n: u64) { p.measure(|| spend(n * n * 1000)); }

#[perf::limit(n in 1..=4, wall = "1s", fit = "n")]
fn short(p: perf::Probe, n: u64) { p.measure(|| spend(n * n * 5000)); }

#[perf::limit(n in 1..=1_000_000_000, wall = "1s")]
fn unpromised(p: perf::Probe, n: u64) { p.measure(|| spend(n * n * 1000)); }
"#;

#[test]
fn a_limit_that_grows_faster_than_promised_fails_a_run_and_a_comparison() {
    let project = project(GROWING);
    let run = project.perf(&["run"]);
    run.code(1)
        .says("over budget: time grows as n^2.0")
        .says(", n², promised n log n")
        .says("growth: promised n: too few levels with a time (3 of 5)")
        .says("5 benchmarks measured; 1 over budget");
    project
        .perf(&["run", "in_proportion", "sorted", "short", "unpromised"])
        .code(0);
    let json = project.perf(&["run", "--format", "json"]);
    let report = json.code(1).json();
    assert_eq!(report["failures"], 1, "{report:#}");
    for (name, law, standing) in [
        ("in_proportion", "n", "kept"),
        ("sorted", "n log n", "kept"),
        ("squared", "n²", "broken"),
    ] {
        let limit = found(&report, name);
        assert_eq!(limit["growth"]["laws"], serde_json::json!([law]), "{name}");
        assert_eq!(limit["fit"]["law"], "n log n", "{name}");
        assert_eq!(limit["fit"]["standing"], standing, "{name}");
        assert_eq!(limit["fails"], standing == "broken", "{name}");
    }
    let square = &found(&report, "unpromised")["growth"];
    let end = |name: &str| square[name].as_f64().expect("a number");
    assert!(end("low") <= 2.0 && end("high") >= 2.0, "{square:#}");
    assert_eq!(found(&report, "short")["growth"], Value::Null);
    assert_eq!(found(&report, "short")["fit"]["standing"], "cannot tell");
    assert_eq!(found(&report, "unpromised")["fit"], Value::Null);

    let listed = project.perf(&["limits"]);
    listed
        .code(0)
        .says("time grows as n^1.0")
        .says(", n; promised n log n: kept")
        .says(", n²; promised n log n: broken")
        .says("growth: too few levels with a time (3 of 5); promised n: cannot be told");
    let listed = project.perf(&["limits", "unpromised", "--format", "json"]);
    let listed = listed.code(0).json();
    assert_eq!(listed["limits"][0]["growth"]["best"], "n²");
    let markdown = project.perf(&["limits", "--format", "markdown"]);
    markdown.code(0).says("n²; promised n log n: broken");

    // No baseline is needed for a promise, and one does not excuse it.
    project.forget_runs();
    let compare = project.compare("main", &[]);
    compare.code(1);
    let measured = compare.json()["benchmarks"].as_array().map(Vec::len);
    assert_eq!(measured, Some(4), "those with one: {}", compare.stdout);
    project.perf(&["run", "--save"]).code(1);
    project.commit("baseline");
    let unchanged = project.compare("main", &["--remeasure", "squared", "sorted"]);
    unchanged
        .code(1)
        .gives(&[("cpu::sorted", "unchanged"), ("cpu::squared", "unchanged")]);
    let compare = project.perf(&["compare", "--baseline", "main", "--format", "markdown"]);
    compare.code(1).says("over budget: time grows as n^2.0");
}

#[test]
fn growth_that_became_faster_is_told_and_fails_nothing() {
    let line = r#"
#[perf::limit(n in 1..=1_000_000_000, wall = "100ms")]
fn grows(p: perf::Probe, n: u64) { p.measure(|| spend(n * 10_000)); }
"#;
    let project = project(line);
    project.perf(&["run", "--save"]).code(0);
    project.commit("baseline");
    // As far as before, to the same level.
    project.edit("benches/cpu.rs", "n * 10_000", "n * n");
    project.commit("a square");
    let faster = "cpu::grows: time grows faster than it did: as n^2.0";
    let stored = project.perf(&["compare", "--baseline", "HEAD~1"]);
    stored.code(0).says(faster).says(", n for the baseline");
    let paired = project.perf(&["compare", "--baseline", "HEAD~1", "--paired"]);
    paired.code(0).says(faster).says(", n for the baseline");
    let run = project.perf(&["run"]);
    run.code(0).does_not_say("over budget");
    // And the other way round there is nothing to be told.
    project.edit("benches/cpu.rs", "n * n", "n * 10_000");
    project.commit("a line");
    let back = project.perf(&["compare", "--baseline", "HEAD~1", "--paired"]);
    back.code(0).does_not_say("grows faster");
}

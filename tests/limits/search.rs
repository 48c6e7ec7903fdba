//! The bracket holds the truth where that is known; it is recorded, listed and compared.

use serde_json::Value;

use super::{assert_near, project};
use crate::support::Target;
use crate::support::record::{benchmark, row, saved_record};

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
    let tied = row(&regressed, "tied");
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
    let reason = row(&failed, "tied")["reason"].to_string();
    assert!(reason.contains("at level 1: no at"), "{reason}");
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

//! Benchmarks that look at single calls.

use crate::support::Project;
use crate::support::record::{benchmark, range, saved_record};

const BENCHES: &str = r#"
use perf_harness as perf;
use perf_harness::scripted::spend;

/// One call in fifty takes fifty times as long.
#[perf::bench]
fn uneven(b: perf::Bench) {
    let mut count = 0;
    b.latency().run(|| { count += 1; spend(if count % 50 == 0 { 100_000 } else { 2_000 }) });
}

#[perf::bench]
fn seldom(b: perf::Bench) {
    b.latency().input(|| spend(10_500_000)).run(|()| spend(1_000_000));
}

#[perf::bench(threads = [1])]
fn shared(b: perf::Bench) {
    b.latency().run_shared(&(), |(), _| spend(5_000));
}

#[perf::bench]
fn not_asked_for() { spend(1_000); }

perf::main!();
"#;

#[test]
fn percentiles_of_single_calls_are_kept_launch_by_launch() {
    let project = Project::without_git();
    project.edit(
        "Cargo.toml",
        "perf-harness = { ",
        "perf-harness = { features = [\"latency\"], ",
    );
    project.write("benches/cpu.rs", BENCHES);
    project.put_under_git();
    let record = saved_record(&project);

    let uneven = &benchmark(&record, "::uneven")["metrics"];
    // Each launch has its luck of half a per cent, and a histogram three digits.
    let near = |metric: &serde_json::Value, ns: f64| {
        let (least, largest) = range(metric);
        assert!(
            least >= 0.99 * ns && largest <= 1.01 * ns,
            "{least} {largest}"
        );
        assert_eq!(metric["better"], "lower");
        assert_eq!(metric["exact"], false);
        assert!(
            metric["samples"]["launches"]
                .as_array()
                .is_some_and(|l| l.len() >= 8)
        );
    };
    near(&uneven["latency-p50"], 2_000.0);
    near(&uneven["latency-p90"], 2_000.0);
    near(&uneven["latency-p99"], 100_000.0);
    near(&uneven["latency-p99.9"], 100_000.0);
    near(&uneven["latency-max"], 100_000.0);
    assert_eq!(range(&uneven["latency-clock"]), (0.0, 0.0));
    assert_eq!(uneven["latency-clock"]["better"], "neither");

    let seldom = &benchmark(&record, "::seldom")["metrics"];
    near(&seldom["latency-p50"], 1e6);
    for (name, needs) in [("p90", 10), ("p99", 100), ("p99.9", 1000)] {
        assert_eq!(
            seldom[format!("latency-{name}")]["absent"],
            format!("it needs {needs} calls, and a launch made 5 in 50 ms")
        );
    }

    near(
        &benchmark(&record, "::shared[threads=1]")["metrics"]["latency-p99.9"],
        5_000.0,
    );
    let metrics = benchmark(&record, "::not_asked_for")["metrics"]
        .as_object()
        .expect("metrics are a map");
    assert!(
        metrics.keys().all(|name| !name.starts_with("latency")),
        "{metrics:?}"
    );
}

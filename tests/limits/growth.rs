//! How time grows with the level: read, promised, held and set beside the baseline's.

use serde_json::Value;

use super::project;
use crate::support::record::row;

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
        let limit = row(&report, name);
        assert_eq!(limit["growth"]["laws"], serde_json::json!([law]), "{name}");
        assert_eq!(limit["fit"]["law"], "n log n", "{name}");
        assert_eq!(limit["fit"]["standing"], standing, "{name}");
        assert_eq!(limit["fails"], standing == "broken", "{name}");
    }
    let square = &row(&report, "unpromised")["growth"];
    let end = |name: &str| square[name].as_f64().expect("a number");
    assert!(end("low") <= 2.0 && end("high") >= 2.0, "{square:#}");
    assert_eq!(row(&report, "short")["growth"], Value::Null);
    assert_eq!(row(&report, "short")["fit"]["standing"], "cannot tell");
    assert_eq!(row(&report, "unpromised")["fit"], Value::Null);

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

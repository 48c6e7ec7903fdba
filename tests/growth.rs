//! Growth over an axis of `#[perf::bench]`, and variants beside each other: read, promised, held and listed.

use serde_json::Value;

use crate::support::Project;

const BENCHES: &str = r#"
use perf_harness as perf;
use perf_harness::scripted::spend;

fn ns(time: f64) -> u64 { time as u64 }

#[perf::bench(n = perf::log_range(10..=10_000, 7), way = ["once", "twice"], fit = "n log n")]
fn kept(n: u64, way: &str) { spend(40 + n * if way == "twice" { 20 } else { 10 }); }

#[perf::bench(n = perf::log_range(10..=10_000, 7), fit = "n log n")]
fn squared(n: u64) { spend(40 + n * n); }

#[perf::bench(n = [10, 20, 40], fit = "n")]
fn short(n: u64) { spend(n * n); }

#[perf::bench(size = perf::log_range(10..=10_000, 7))]
fn unpromised(size: u64) { spend(ns(size as f64 * (size as f64).ln())); }

#[perf::bench(way = ["push", "join", "format"])]
fn ways(way: &str) { spend(match way { "join" => 1_000, "push" => 1_000, _ => 1_500 }); }

perf::main!();
"#;

fn project() -> Project {
    let project = Project::new();
    project.write("benches/cpu.rs", BENCHES);
    project.commit("sweeps");
    project
}

fn growth<'a>(report: &'a Value, benchmark: &str) -> &'a Value {
    let all = report["growth"].as_array().expect("growth is a list");
    let of_name = |swept: &&Value| {
        let id = swept["benchmark"].as_str();
        id.is_some_and(|id| id.ends_with(benchmark))
    };
    let found = all.iter().find(of_name);
    found.unwrap_or_else(|| panic!("{benchmark} is not in {report:#}"))
}

#[test]
fn growth_over_an_axis_is_told_and_a_broken_promise_fails_with_no_baseline() {
    let project = project();
    let run = project.perf(&["run", "--quick", "--format", "json"]);
    let report = run.code(1).json();
    assert_eq!(report["growth"].as_array().expect("a list").len(), 5);
    for (name, standing) in [
        ("::kept[way=once]", "kept"),
        ("::kept[way=twice]", "kept"),
        ("::squared", "broken"),
        ("::short", "cannot tell"),
    ] {
        let found = growth(&report, name);
        assert_eq!(found["fit"]["standing"], standing, "{found:#}");
    }
    let kept = growth(&report, "::kept[way=once]");
    assert_eq!(
        (&kept["levels"], &kept["from"], &kept["to"]),
        (&7.into(), &10.0.into(), &10_000.0.into())
    );
    let unpromised = growth(&report, "::unpromised");
    assert_eq!(unpromised["growth"]["best"], "n log n");
    assert_eq!(unpromised["fit"], Value::Null);
    assert_eq!(growth(&report, "::short")["growth"], Value::Null);
    assert_eq!(report["failures"], 1);

    // The same run, listed: with no limit at all the growth and the ranking are what there is.
    project
        .perf(&["limits"])
        .code(0)
        .says("cpu::squared over n: time grows as n^2.0")
        .says("promised n log n: broken")
        .says("cpu::short over n: growth: too few levels with a time (3 of 5)")
        .says("ranking of cpu::ways by way, the shortest time first")
        .says("of the first");
    let listed = project.perf(&["limits", "ways", "--format", "json"]);
    let listed = listed.code(0).json();
    let ranking = &listed["rankings"][0];
    let places: Vec<(&str, u64, u64)> = ranking["variants"]
        .as_array()
        .expect("variants")
        .iter()
        .map(|variant| {
            let place = |name: &str| variant[name].as_u64().expect("a place");
            let value = variant["value"].as_str().expect("a value");
            (value, place("best_place"), place("worst_place"))
        })
        .collect();
    assert_eq!(places[2], ("format", 3, 3));
    assert!(places[..2].iter().all(|place| (place.1, place.2) == (1, 2)));
    let of_last = &ranking["pairs"][1];
    assert_eq!(of_last["is_sure"], true);
    let ratio = of_last["ratio"].as_f64().expect("a ratio");
    assert!((1.49..1.51).contains(&ratio), "{ratio}");
    assert_eq!(ranking["pairs"][0]["is_sure"], false);

    let markdown = project.perf(&["limits", "--format", "markdown"]);
    markdown
        .code(0)
        .says("- `cpu::squared over n`: time grows as n^2.0")
        .says("| 3 | `format` |");
    // A check raises an alert of it, which counts for each case, shown or not.
    let check = [
        "check",
        "--no-run",
        "--baseline",
        "main",
        "--format",
        "json",
    ];
    let checked = project.perf(&check).code(1).json();
    let alerts = checked["alerts"].as_array().expect("alerts");
    let of_growth: Vec<&Value> = alerts.iter().filter(|a| a["kind"] == "growth").collect();
    assert_eq!(of_growth.len(), 1, "{checked:#}");
    let alert = of_growth[0];
    let text = |member: &str| alert[member].as_str().unwrap_or_default().to_owned();
    assert!(
        text("summary").contains("cpu::squared over n: time grows as n^2.0"),
        "{alert}"
    );
    assert!(
        text("recommendation").contains("cpu::squared[n=10000]"),
        "{alert}"
    );
    assert!(text("profile").ends_with("squared[n=10000]'"), "{alert}");
    assert_eq!(
        (&alert["severity"], &alert["fails"]),
        (&"high".into(), &true.into())
    );
    let hidden = [&check[..], &["--kind", "failure", "--severity", "critical"]].concat();
    let hidden = project.perf(&hidden).code(1).json();
    assert_eq!(hidden["alerts"], Value::Array(Vec::new()));
    assert_eq!(hidden["alerts_left_out"], alerts.len());
    assert_eq!(hidden["failures"], checked["failures"]);

    // A promise is held where there is no baseline to compare with, too.
    project.forget_runs();
    let compared = project.perf(&[
        "compare",
        "squared",
        "--baseline",
        "main",
        "--format",
        "json",
    ]);
    let report = compared.code(1).json();
    assert_eq!(growth(&report, "::squared")["fit"]["standing"], "broken");
}

#[test]
fn growth_that_became_faster_over_an_axis_is_told_beside_the_baseline() {
    let project = project();
    project.perf(&["run", "unpromised", "--quick"]).code(0);
    project.edit(
        "benches/cpu.rs",
        "size as f64 * (size as f64).ln()",
        "size as f64 * size as f64 * 0.2",
    );
    project
        .perf(&["run", "unpromised", "--quick"])
        .code(0)
        .says("cpu::unpromised over size: time grows faster than it did: as n^2.0");
}

#[test]
fn a_promise_over_no_axis_or_over_two_is_refused_with_what_to_write() {
    let project = Project::new();
    for (axes, told) in [
        (
            r#"n = [1, 10], m = [2, 20], fit = "n""#,
            "over which of its axes does it promise growth? Write `… over n` or `… over m`",
        ),
        (
            r#"n = [0, 10], m = [0, 20], fit = "n""#,
            "it promises growth, and no axis has numbers from 1 up",
        ),
        (
            r#"n = [1, 10], m = [0, 20], fit = "n over m""#,
            "time cannot be said to grow over `m`",
        ),
    ] {
        project.write(
            "benches/cpu.rs",
            &format!(
                "#[perf_harness::bench({axes})]\nfn sum(n: u64, m: u64) -> u64 {{ n + m }}\nperf_harness::main!();\n"
            ),
        );
        project
            .perf(&["run", "--quick"])
            .code(2)
            .complains("benchmark `sum` (benches/cpu.rs:1): ")
            .complains(told);
    }
}

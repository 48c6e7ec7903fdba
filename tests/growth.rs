//! Growth over an axis of `#[perf::bench]`, scaling over its threads, and variants beside each other: read, promised, held and listed.

use serde_json::Value;

use crate::support::Project;
use crate::support::record::{entry, row};

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
    entry(report, "growth", "benchmark", benchmark)
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
    project.commit("a square");
    // The same side by side.
    project
        .perf(&["compare", "unpromised", "--baseline", "HEAD~1", "--paired"])
        .says("cpu::unpromised over size: time grows faster than it did: as n^2.0")
        .says(", n log n for the baseline");
}

#[test]
fn a_change_does_not_rid_itself_of_a_promise_of_growth() {
    let project = Project::new();
    project.write(
        "benches/cpu.rs",
        r#"
use perf_harness as perf;
use perf_harness::scripted::spend;

#[perf::bench(n = perf::log_range(10..=10_000, 7), fit = "n log n")]
fn swept(n: u64) { spend(40 + n * 20); }

#[perf::limit(n in 1..=1_000_000, wall = "1s", fit = "n log n")]
fn searched(p: perf::Probe, n: u64) { p.measure(|| spend(n * 1000)); }

perf::main!();
"#,
    );
    project.commit("promises");
    project.perf(&["run", "--quick", "--save"]).code(0);
    project.commit("baseline");
    project.branch("work");
    project.edit("benches/cpu.rs", "40 + n * 20", "40 + n * n");
    project.edit("benches/cpu.rs", "n * 1000", "n * n * 1000");
    // Weakened, then removed.
    for (old, new) in [("\"n log n\"", "\"n^2\""), (", fit = \"n^2\"", "")] {
        project.edit("benches/cpu.rs", old, new);
        project.commit("a square, and less is promised");
        for method in ["--no-confirm", "--paired"] {
            let compared = project.compare("main", &[method]);
            compared.code(1).notes_that(
                "those of the baseline are held until this code is part of it: cpu::searched over n, cpu::swept over n",
            );
            let report = compared.json();
            let swept = &growth(&report, "::swept")["fit"];
            assert_eq!(
                (&swept["law"], &swept["standing"]),
                (&"n log n".into(), &"broken".into())
            );
            let fit = &row(&report, "::searched")["fit"];
            assert_eq!(
                (&fit["law"], &fit["standing"]),
                (&"n log n".into(), &"broken".into())
            );
        }
    }
}

#[test]
fn scaling_over_threads_is_listed_with_its_law_or_why_there_is_none() {
    let project = Project::new();
    // What all threads spend adds up on the scripted clock: each takes its part of what the law says.
    project.write(
        "benches/cpu.rs",
        r#"
use perf_harness as perf;
use perf_harness::scripted::spend;

#[perf::bench(threads = [1, 2, 4, 8], way = ["a"])]
fn shared(b: perf::Bench, way: &str) {
    assert_eq!(way, "a");
    b.run_shared(&(), |_, thread| {
        let n = thread.count() as f64;
        spend((10_000.0 * (1.0 + 0.1 * (n - 1.0) + 0.01 * n * (n - 1.0)) / n) as u64)
    });
}

#[perf::bench(threads = [1, 2])]
fn few(b: perf::Bench) { b.run_shared(&(), |_, thread| spend(10_000 / thread.count() as u64)); }

perf::main!();
"#,
    );
    project.commit("threads");
    project
        .perf(&["limits", "--quick"])
        .code(0)
        .says("scaling\n")
        .says("cpu::shared[way=a] over threads\n")
        .says("most is done at threads = 8: ")
        .says("scaling: cannot tell; it takes 4 levels with successes, and there are 2")
        .says("threads       done  efficiency");
    let listed = project.perf(&["limits", "--format", "json"]);
    let listed = listed.code(0).json();
    let all = listed["threaded"].as_array().expect("a list");
    let shared = all
        .iter()
        .find(|one| {
            one["benchmark"]
                .as_str()
                .is_some_and(|id| id.contains("shared"))
        })
        .expect("it is there");
    let levels = shared["levels"].as_array().expect("levels");
    for (level, n) in levels.iter().zip([1.0, 2.0, 4.0, 8.0]) {
        let truth = 1.0 / (1.0 + 0.1 * (n - 1.0) + 0.01 * n * (n - 1.0));
        let number = |name: &str| level[name].as_f64().expect("a number");
        assert!((number("threads") - n).abs() < 1e-9, "{level:#}");
        assert!((number("share") / truth - 1.0).abs() < 0.02, "{level:#}");
        let per_second = 1e5 * n * truth;
        assert!(
            (number("per_second") / per_second - 1.0).abs() < 0.02,
            "{level:#}"
        );
        assert!(level["beyond_threads"].is_boolean(), "{level:#}");
    }
    let scaling = &shared["scaling"];
    match scaling["sigma"]["value"].as_f64() {
        Some(sigma) => assert!((0.05..0.15).contains(&sigma), "{scaling:#}"),
        // One in twenty draws says of any law that it does not hold.
        None => assert!(
            scaling["reason"]
                .as_str()
                .is_some_and(|why| why.contains("do not follow")),
            "{scaling:#}"
        ),
    }
    project
        .perf(&["limits", "shared", "--format", "markdown"])
        .code(0)
        .says("`cpu::shared[way=a] over threads`: scaling: ")
        .says("| threads | done | efficiency |  |");
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

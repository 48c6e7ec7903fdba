//! How grave a change is, told alike by table, Markdown, JSON and exit code.

use crate::support::{Output, Project};

fn side_by_side(project: &Project, arguments: &[&str]) -> Output {
    project.compare("main", &[&["--paired", "n=10"], arguments].concat())
}

#[test]
fn a_change_is_as_grave_as_it_is_large_and_fails_from_there_on() {
    let project = Project::new();
    project.branch("slow");
    // Two microseconds an item; by default it matters from 5 % and most from 15 %.
    for (item, severity) in [
        (2060, "low"),
        (2150, "medium"),
        (2250, "high"),
        (2400, "critical"),
    ] {
        project.times(1000, item);
        let output = side_by_side(&project, &[]);
        let report = output.code(1).json();
        let found = &report["benchmarks"][0];
        assert_eq!(found["severity"], severity, "{item}: {report}");
        assert_eq!(
            (&found["fails"], &found["actionable"]),
            (&true.into(), &true.into())
        );
        let metrics = found["metrics"].as_array().expect("a list");
        let wall = metrics
            .iter()
            .find(|metric| metric["name"] == "wall")
            .expect("it is measured");
        assert_eq!(wall["severity"], severity);
        assert!(
            wall["certainty"]
                .as_f64()
                .is_some_and(|certainty| certainty > 0.99),
            "{wall}"
        );
        assert_eq!(
            (&wall["warning"], &wall["critical"]),
            (&0.05.into(), &0.15.into())
        );
    }
    side_by_side(&project, &["--fail-on", "critical"]).code(1);
    let none = side_by_side(&project, &["--fail-on", "none"]);
    none.code(0)
        .notes_that("not grave enough to fail: cpu::sort[n=10] (critical)");
    assert_eq!(none.json()["benchmarks"][0]["fails"], false);
    let lenient = [
        "compare",
        "--paired",
        "--quick",
        "--baseline=main",
        "n=10",
        "--fail-on=none",
        "--format=markdown",
    ];
    project
        .perf(&lenient)
        .code(0)
        .says("### cargo perf: nothing that fails, 1 regressed and not grave enough to fail");
    assert_eq!(
        none.verdicts()[0].1,
        "regressed",
        "that nothing fails makes nothing unchanged"
    );

    project.times(1000, 2250);
    side_by_side(&project, &["--fail-on", "critical"]).code(0);
    side_by_side(&project, &["--preset", "pyodide"]).code(0);
    let human = project.perf(&[
        "compare",
        "--paired",
        "--quick",
        "--baseline",
        "main",
        "n=10",
    ]);
    human.code(1).says("regressed, high");
    let markdown = [
        "compare",
        "--paired",
        "--quick",
        "--baseline",
        "main",
        "n=10",
        "--format",
        "markdown",
    ];
    project
        .perf(&markdown)
        .code(1)
        .says("regressed, high (side by side, ")
        .says("- look at what this change does to the time of cpu::sort\\[n=10\\]");
}

#[test]
fn what_was_claimed_and_does_not_show_in_records_is_measured_side_by_side() {
    let project = Project::with_baseline();
    project.branch("work");
    project.times(940, 2000);
    let compare = |arguments: &[&str]| {
        let claim = ["parse", "--expect", "parse=faster:20%"];
        project.compare("main", &[&claim[..], arguments].concat())
    };
    let standing = |output: &Output| output.json()["expectations"][0]["standing"].clone();
    let by_records = compare(&["--no-confirm"]);
    by_records
        .code(0)
        .notes_that("claims are not called unmet without measuring side by side");
    assert_eq!(standing(&by_records), "cannot tell");
    assert_eq!(by_records.json()["failures"], 0);
    compare(&["--no-confirm", "--require-baseline"]).code(3);
    let confirmed = compare(&[]);
    let report = confirmed.code(1).json();
    assert_eq!(standing(&confirmed), "not met");
    let parse = &report["benchmarks"][0];
    assert_eq!(
        (&parse["verdict"], &parse["method"], &parse["fails"]),
        (&"improved".into(), &"side by side".into(), &true.into())
    );
    assert_eq!(report["failures"], 1, "{report}");
    let markdown = [
        "compare",
        "--quick",
        "--baseline=main",
        "--paired",
        "parse",
        "--expect=faster:20%",
        "--format=markdown",
    ];
    project
        .perf(&markdown)
        .code(1)
        .says("### cargo perf: 1 claim not met");
}

#[test]
fn a_claim_is_told_where_there_is_no_baseline() {
    let project = Project::new();
    let compare = |arguments: &[&str]| {
        let claim = ["sort", "--expect", "n=10=faster:20%"];
        project.compare("main", &[&claim[..], arguments].concat())
    };
    let report = compare(&[]).code(0).json();
    let claims = report["expectations"].as_array().expect("a list");
    assert_eq!(claims.len(), 1, "{report}");
    assert_eq!(claims[0]["standing"], "cannot tell");
    compare(&["--require-baseline"]).code(3);
}

#[test]
fn what_the_author_claims_is_held_against_what_was_found() {
    let project = Project::new();
    project.branch("work");
    project.times(800, 2080);
    let outcome = |claim: &str| {
        let output = project.compare("main", &["--paired", "n=10", "parse", "--expect", claim]);
        let standing = output.json()["expectations"][0]["standing"].clone();
        (output.code, standing.as_str().unwrap_or("none").to_owned())
    };
    let is = |code: i32, standing: &str| (code, standing.to_owned());
    // Parsing takes a fifth less, sorting 4 % more.
    assert_eq!(
        outcome("parse=faster:15%"),
        is(1, "met"),
        "sorting regressed all the same"
    );
    let both = [
        "--paired",
        "n=10",
        "parse",
        "--expect",
        "parse=faster:15%",
        "--expect",
        "sort=slower:10%",
    ];
    let met = project.compare("main", &both);
    met.code(0)
        .gives(&[("cpu::parse", "improved"), ("cpu::sort[n=10]", "tolerated")]);
    let expected = &met.json()["expectations"];
    assert_eq!(expected[0]["claim"], "faster:15%");
    for claim in [&expected[0], &expected[1]] {
        assert_eq!(claim["standing"], "met", "{expected}");
    }
    assert_eq!(
        met.json()["benchmarks"][1]["reason"],
        "expected: slower:10%"
    );
    let only = |claim: &str| {
        let compare = ["compare", "--paired", "--quick", "--baseline", "main"];
        project.perf(&[&compare[..], &["parse", "--expect", claim]].concat())
    };
    only("faster:30%")
        .code(1)
        .says("note: cpu::parse was expected to be faster:30%: not met");
    only("unchanged").code(1).says("unchanged: not met");
    only("sort=faster:1%")
        .code(2)
        .complains("is of no benchmark that is compared");
    only("quicker:1%")
        .code(2)
        .complains("write it as faster:10%");
}

//! `cargo perf check`: everything that has to hold before a change is taken, in one exit code and one file.

use serde_json::Value;

use crate::support::{Output, Project};

fn check(project: &Project, arguments: &[&str]) -> Output {
    let usual = [
        "check",
        "--quick",
        "--no-relink",
        "--baseline=main",
        "--format=json",
    ];
    project.perf(&[&usual, arguments].concat())
}

/// The report files there are, and the newest of them.
fn reports(project: &Project) -> (usize, Value) {
    let files = project.files(".perf/reports");
    for file in &files {
        let name = file.trim_start_matches(".perf/reports/check-");
        let time = name.get(..15).expect("a time");
        assert!(
            time.bytes().enumerate().all(|(at, b)| if at == 8 {
                b == b'-'
            } else {
                b.is_ascii_digit()
            }),
            "{file}"
        );
    }
    let newest = files
        .iter()
        .max_by_key(|file| (file.len(), (*file).clone()));
    let text = project.read(newest.expect("a report"));
    (
        files.len(),
        serde_json::from_str(&text).expect("it is JSON"),
    )
}

fn alerts(document: &Value, kind: &str) -> Vec<Value> {
    let all = document["alerts"].as_array().expect("a list");
    let of_kind = all.iter().filter(|alert| alert["kind"] == kind);
    of_kind.cloned().collect()
}

#[test]
fn unchanged_is_fine_slower_is_not_and_both_are_on_file() {
    let project = Project::with_baseline();
    project.branch("change");
    project.edit("src/lib.rs", "pub fn parse", "/// Parses.\npub fn parse");
    let calm = check(&project, &[]);
    calm.code(0).complains("report: .perf/reports/check-");
    let document = calm.json();
    assert_eq!(document["system_health"], "healthy", "{document:#}");
    assert_eq!(
        (
            &document["failures"],
            &document["total_tests"],
            &document["exit_code"]
        ),
        (&0.into(), &3.into(), &0.into())
    );
    assert_eq!(document["alerts"], Value::Array(Vec::new()));
    let (count, kept) = reports(&project);
    assert_eq!(
        (count, &kept),
        (1, &document),
        "what is shown is what is kept"
    );

    project.times(1400, 2000);
    project.commit("parse takes 1400");
    let slow = check(&project, &[]);
    let document = slow.code(1).json();
    assert_eq!(document["system_health"], "issues_detected");
    let found = alerts(&document, "regression");
    assert_eq!(found.len(), 1, "{document:#}");
    let alert = &found[0];
    assert!(
        alert["benchmark"]
            .as_str()
            .is_some_and(|id| id.ends_with("cpu::parse")),
        "{alert}"
    );
    assert_eq!(alert["severity"], "critical");
    assert_eq!(
        (&alert["fails"], &alert["actionable"]),
        (&true.into(), &true.into())
    );
    let change = alert["change_percent"].as_f64().expect("a change");
    assert!((change - 40.0).abs() < 2.0, "{change}");
    let text = |member: &str| alert[member].as_str().unwrap_or_default().to_owned();
    assert!(
        text("profile").starts_with("samply record cargo bench"),
        "{alert}"
    );
    assert!(
        text("recommendation").contains("baseline accept"),
        "{alert}"
    );
    assert_eq!(document["commits"]["to"], project.commit_id("HEAD"));
    assert_eq!(reports(&project).0, 2);

    // What is stored says the same without building, and says of which run.
    let stored = project.perf(&["check", "--no-run", "--baseline=main", "--format=json"]);
    let document = stored.code(1).json();
    assert_eq!(document["from_store"], true);
    let notes = document["comparison"]["notes"].to_string();
    assert!(notes.contains("nothing was measured now"), "{notes}");
    assert_eq!(alerts(&document, "regression").len(), 1);
    let part = project.perf(&["check", "--no-run", "--baseline=main", "--tests", "sort"]);
    part.code(0).says("no alert").does_not_say("cpu::parse");
    // The severity lets it pass, the threshold does not; a lenient one does.
    let lenient = ["check", "--no-run", "--baseline=main", "--fail-on=none"];
    project
        .perf(&lenient)
        .code(1)
        .says("critical regression: cpu::parse regressed")
        .says("beyond the alert threshold of 15 %")
        .says("samply record cargo bench");
    let more = [&lenient[..], &["--alert-threshold", "60"]].concat();
    project
        .perf(&more)
        .code(0)
        .does_not_say("critical regression");
    let markdown = [&lenient[..], &["--format=markdown"]].concat();
    project
        .perf(&markdown)
        .code(1)
        .says("**critical regression**");
    project
        .perf(&["check", "--no-run", "--quick", "--baseline=main"])
        .code(2);

    // Nothing looked at is never all well.
    let none = project.perf(&["check", "--no-run", "--baseline=main", "--tests", "no-such"]);
    none.code(4).complains("no such benchmark");
    check(&project, &["--tests", "no-such"]).code(4);
    project.edit("src/lib.rs", "1400", "1401");
    project
        .perf(&["check", "--no-run", "--baseline=main"])
        .code(4)
        .complains("no run of this code is stored");
    assert_eq!(project.git(&["status", "--porcelain"]), " M src/lib.rs");
}

#[test]
fn a_failure_is_12_and_what_cannot_be_told_is_not_fine_where_it_has_to_be() {
    let project = Project::new();
    // The first check of all: it measures, and says that there is nothing to compare with.
    project.branch("change");
    let first = check(&project, &["--require-baseline"]);
    let document = first.code(3).json();
    assert_eq!(document["system_health"], "unknown", "{document:#}");
    assert_eq!(document["total_tests"], 3);
    project.edit("benches/cpu.rs", "demo::parse()", "panic!(\"no luck\")");
    let failed = check(&project, &["--require-baseline"]);
    let document = failed.code(12).json();
    let failures = alerts(&document, "failure");
    assert_eq!(failures.len(), 1, "{document:#}");
    assert_eq!(failures[0]["severity"], "critical");
    assert_eq!(
        document["alerts"][0]["kind"], "failure",
        "the gravest first"
    );
    assert!(
        document["failures"]
            .as_u64()
            .is_some_and(|count| count >= 1)
    );
    assert_eq!(reports(&project).1["exit_code"], 12);
    let shown = project.perf(&["check", "--no-run", "--baseline=main"]);
    shown.code(12).says("critical failure: cpu::parse failed");
}

#[test]
fn rules_are_those_of_the_target_and_may_ask_for_several_commits() {
    let project = Project::with_baseline();
    project.write(
        ".config/perf.toml",
        "[[alerts]]\nwhen = \"wall > 900ns\"\nselect = \"cpu::parse\"\nfor = 3\nseverity = \"critical\"\nmessage = \"the index waits for it\"\n\n\
         [[alerts]]\nwhen = \"wall > 1us\"\nselect = \"cpu::sort*\"\nseverity = \"medium\"\n",
    );
    project.commit("alerts");
    project.branch("change");
    project.edit("src/lib.rs", "pub fn parse", "/// Parses.\npub fn parse");
    project.commit("a comment");
    // One commit before, this one: not three in a row.
    let two = check(&project, &[]).code(0).json();
    assert_eq!(alerts(&two, "rule").len(), 2, "{two:#}");
    assert!(
        alerts(&two, "rule")
            .iter()
            .all(|alert| alert["fails"] == false)
    );
    project.edit("src/lib.rs", "pub fn sort", "/// Sorts.\npub fn sort");
    project.commit("another comment");
    let three = check(&project, &[]).code(1).json();
    let found = &three["alerts"][0];
    assert_eq!(
        (&found["kind"], &found["severity"]),
        (&"rule".into(), &"critical".into())
    );
    assert_eq!(found["message"], "the index waits for it");
    assert_eq!(found["values"].as_array().map(Vec::len), Some(3));
    // A change does not rid itself of them.
    project.write(".config/perf.toml", "");
    project.commit("no more alerts");
    let output = check(&project, &[]);
    let document = output.code(1).json();
    let notes = document["comparison"]["notes"].to_string();
    assert!(notes.contains("it differs in alerts"), "{notes}");
}

//! `cargo perf export`: what is known of runs, as other programs read it.

use serde_json::Value;

use crate::support::{Output, Project};

/// The rows of a table by name of the column, as another program reads them.
fn rows(output: &Output) -> Vec<Vec<(String, String)>> {
    let mut reader = csv::Reader::from_reader(output.stdout.as_bytes());
    let headings = reader.headers().expect("headings").clone();
    let rows = reader.records().map(|row| row.expect("a row"));
    rows.map(|row| {
        let cells = headings.iter().zip(row.iter());
        cells
            .map(|(name, cell)| (name.to_owned(), cell.to_owned()))
            .collect()
    })
    .collect()
}

fn cell<'a>(row: &'a [(String, String)], column: &str) -> &'a str {
    let found = row.iter().find(|(name, _)| name == column);
    &found.unwrap_or_else(|| panic!("{column} is a column")).1
}

/// The rows of wall time of `parse`.
fn parse(output: &Output) -> Vec<Vec<(String, String)>> {
    let mut rows = rows(output);
    rows.retain(|row| {
        cell(row, "benchmark").ends_with("cpu::parse") && cell(row, "metric") == "wall"
    });
    rows
}

#[test]
fn every_run_leaves_as_a_row_and_as_an_entry_and_a_failure_is_one() {
    let project = Project::new();
    // Nothing is a table without rows, and not the same as well.
    let nothing = project.perf(&["export", "csv"]);
    nothing.code(4).complains("no run is known");
    assert_eq!(
        (nothing.stdout.lines().count(), rows(&nothing).len()),
        (1, 0)
    );
    let nothing = project.perf(&["export", "json"]);
    assert_eq!(nothing.code(4).json()["tests"], serde_json::json!({}));

    project.perf(&["run", "--quick"]).code(0);
    let first = project.commit_id("HEAD");
    project.edit("benches/cpu.rs", "demo::parse()", "panic!(\"=no luck\")");
    project.commit("a benchmark that fails");
    project.perf(&["run", "--quick", "--save"]).code(12);
    project.commit("baseline");
    project.branch("experiment");
    project.times(1000, 9000);
    project.commit("elsewhere");
    project.perf(&["run", "--quick", "sort"]).code(0);
    project.switch("main");

    let table = project.perf(&["export", "csv"]);
    table.code(0).complains(
        "runs left out: 1 of commits that are not on this line; --all exports them, too",
    );
    let parse = parse(&table);
    let [well, failed] = parse.as_slice() else {
        panic!("two runs on main: {parse:?}")
    };
    assert_eq!(
        (cell(well, "commit"), cell(well, "status")),
        (first.as_str(), "measured")
    );
    assert_eq!((cell(well, "branch"), cell(well, "unit")), ("main", "ns"));
    let value: f64 = cell(well, "value").parse().expect("a number");
    assert!((value / 1000.0 - 1.0).abs() < 0.01, "{value}");
    assert_eq!(
        (cell(failed, "status"), cell(failed, "value")),
        ("failed", "")
    );
    assert!(
        cell(failed, "reason").starts_with("'=no luck"),
        "no formula"
    );
    let all = project.perf(&["export", "csv", "--all", "sort[n=10]", "--metric", "wall"]);
    let lines: Vec<String> = rows(all.code(0))
        .iter()
        .map(|row| format!("{} {}", cell(row, "branch"), cell(row, "on_line")))
        .collect();
    assert_eq!(lines, ["main true", "main true", "experiment false"]);

    let compat = project.perf(&["export", "csv", "--compat", "--exact", "cpu::parse"]);
    let compat = rows(compat.code(0));
    let names: Vec<&str> = compat[0].iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "timestamp",
            "test_name",
            "success_count",
            "failure_count",
            "success_rate",
            "execution_time_mean",
            "execution_time_max",
            "response_time_mean"
        ]
    );
    assert_eq!(cell(&compat[0], "success_rate"), "1.000");
    assert!(cell(&compat[0], "execution_time_mean").starts_with("0.00"));
    assert_eq!(
        (
            cell(&compat[1], "success_rate"),
            cell(&compat[1], "execution_time_mean")
        ),
        ("0.000", "")
    );

    let published: Value = project.perf(&["export", "json", "--schema"]).code(0).json();
    let validator = jsonschema::validator_for(&published).expect("a schema");
    for arguments in [
        &["export", "json"][..],
        &["export", "json", "--samples", "--all"],
    ] {
        let document = project.perf(arguments).code(0).json();
        let faults: Vec<String> = validator
            .iter_errors(&document)
            .map(|fault| fault.to_string())
            .collect();
        assert!(faults.is_empty(), "{faults:#?}");
    }
    let document = project
        .perf(&["export", "json", "cpu::parse"])
        .code(0)
        .json();
    let tests = document["tests"].as_object().expect("tests");
    let (name, entries) = tests.iter().next().expect("one");
    assert!(tests.len() == 1 && name.ends_with("cpu::parse"), "{name}");
    assert_eq!(
        (&entries[0]["success_rate"], &entries[1]["success_rate"]),
        (&1.0.into(), &0.0.into())
    );
    assert_eq!(
        (&entries[1]["execution_time_mean"], &entries[1]["status"]),
        (&Value::Null, &"failed".into())
    );
    let said = entries[1]["errors"][0]["message"]
        .as_str()
        .expect("a message");
    assert!(said.starts_with("=no luck"), "{said}");

    // Into a file, whole, in the place of what was there; nothing is left beside it.
    project.write("out/runs.csv", "old");
    project
        .perf(&["export", "csv", "-o", "out/runs.csv"])
        .code(0);
    assert_eq!(project.read("out/runs.csv"), table.stdout);
    assert_eq!(project.files("out"), ["out/runs.csv"]);
    project
        .perf(&["export", "csv", "-o", "/dev/null"])
        .code(0)
        .says("");
    project
        .perf(&["export", "csv", "-o", "Cargo.toml/x.csv"])
        .code(10)
        .complains("could not be written to");

    // Hashed, with a key that stays here: the same each time, and nothing that anybody could look up.
    let secrets = ["parse", "sort", "main", first.as_str(), "fails", "luck"];
    let hashed = |format: &str| {
        let output = project.perf(&["export", format, "--hash-names", "--ref", "main"]);
        output.code(0);
        for secret in secrets {
            output.does_not_say(secret);
        }
        output.stdout
    };
    let table = hashed("csv");
    assert_eq!(hashed("csv"), table);
    hashed("json");
    std::fs::remove_file(project.path(".perf/export-key")).expect("it is there");
    assert_ne!(hashed("csv"), table, "with another key");
    // As in a fresh clone: what is in git is all there is, and of it nobody knows when it was measured.
    project.forget_runs();
    let parse = self::parse(project.perf(&["export", "csv"]).code(0));
    assert_eq!((parse.len(), cell(&parse[0], "status")), (1, "failed"));
    assert_eq!(
        (cell(&parse[0], "measured"), cell(&parse[0], "committed")),
        ("", "2026-01-01T00:00:00Z")
    );
    assert_eq!(
        project.git(&["status", "--porcelain", "--", "baselines", ".perf"]),
        ""
    );
}

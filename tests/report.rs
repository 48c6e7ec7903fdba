//! `cargo perf report`, and the formats of a comparison that other programs read.

use std::fs;

use serde_json::Value;

use crate::support::{Output, Project};

#[test]
fn the_records_of_a_line_are_reported_in_every_format() {
    let project = Project::with_baseline();
    project.times(1000, 3000);
    project.commit("slower sorting");
    project.save_baseline();

    let report = project.perf(&[
        "report",
        "--html",
        "out",
        "--format",
        "json",
        "--output",
        "markdown=out/deep/report.md",
    ]);
    let json = report.code(0).json();
    assert_eq!(
        (json["command"].as_str(), json["version"].as_u64()),
        (Some("report"), Some(1))
    );
    assert_eq!(json["commits"]["from"].as_str().map(str::len), Some(40));
    let page = project.read("out/index.html");
    let (_, data) = page.split_once("id=\"data\">").expect("its data");
    let data: Value =
        serde_json::from_str(data.split_once("</script>").expect("its end").0).expect("JSON");
    let markdown = project.read("out/deep/report.md");
    for benchmark in json["benchmarks"].as_array().expect("a list") {
        let rows = data["rows"].as_array().expect("a list");
        let row = rows
            .iter()
            .find(|row| row["id"] == benchmark["id"])
            .expect("the same benchmark");
        assert_eq!(row["value"], benchmark["metrics"][0]["value"]);
        assert_eq!(row["ratio"], benchmark["metrics"][0]["ratio"]);
        // Both commits are drawn.
        assert_eq!(row["series"][0]["c"].as_array().map(Vec::len), Some(2));
        for text in ["now", "change"] {
            assert!(
                markdown.contains(row[text].as_str().expect("a text")),
                "{text} of {row} in {markdown}"
            );
        }
    }
    assert_eq!(data["commits"]["subject"].as_array().map(Vec::len), Some(2));

    project
        .perf(&["report", "--severity", "low"])
        .code(0)
        .says("cpu::sort[n=10]")
        .says("--severity low: 1 benchmark with less left out")
        .does_not_say("cpu::parse");
    project
        .perf(&["report", "no such benchmark"])
        .code(4)
        .says("no record on this line has a benchmark of that name");
    project.perf(&["report", "--ref", "no-such-branch"]).code(2);
    let schema = project.perf(&["report", "--schema"]);
    assert_eq!(
        schema.code(0).json()["$defs"]["report"]["properties"]["version"]["const"],
        1
    );
}

#[test]
fn a_regression_is_annotated_at_the_line_of_its_benchmark() {
    let project = Project::with_baseline();
    project.times(1000, 3000);
    let mut command = project.perf_command();
    command.args([
        "compare",
        "--baseline",
        "main",
        "--no-confirm",
        "--format",
        "github",
        "--output",
        "junit=junit.xml",
        "--output",
        "openmetrics=perf.prom",
    ]);
    for (variable, file) in [
        ("GITHUB_STEP_SUMMARY", "summary.md"),
        ("GITHUB_OUTPUT", "output.txt"),
    ] {
        command.env(variable, project.path(file));
    }
    command.env("GITHUB_ACTIONS", "true");
    let output = Output::of(command.output().expect("it runs"));
    let source = project.read("benches/cpu.rs");
    let line = source
        .lines()
        .position(|line| line.starts_with("#[perf::bench(n"))
        .expect("it is there");
    output.code(1).says(&format!(
        "::error file=benches/cpu.rs,line={},title=",
        line + 1
    ));
    assert!(
        project
            .read("summary.md")
            .starts_with("### cargo perf: 2 benchmarks regressed")
    );
    let outputs = project.read("output.txt");
    assert!(
        outputs.contains("\nfailures=2\n") && outputs.starts_with("exit-code=1\n"),
        "{outputs}"
    );
    let junit = fs::read_to_string(project.path("junit.xml")).expect("a file");
    assert!(
        junit.contains("failures=\"2\"") && junit.contains("<testcase name=\"sort[n=10]\""),
        "{junit}"
    );
    let metrics = project.read("perf.prom");
    assert!(
        metrics.ends_with("# EOF\n") && metrics.contains("measured_in=\"GitHub Actions\""),
        "{metrics}"
    );
}

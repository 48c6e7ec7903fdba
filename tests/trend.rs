//! `cargo perf trend`: how benchmarks developed, from runs that are kept.

use serde_json::Value;

use crate::support::{Output, Project};

/// Commits code in which `parse` takes so long, and runs it.
fn measured(project: &Project, parse: u64) {
    project.times(parse, 2000);
    project.commit(&format!("parse takes {parse}"));
    project.perf(&["run", "--quick"]).code(0);
}

fn trend<'a>(json: &'a Value, name: &str) -> &'a Value {
    let trends = json["trends"].as_array().expect("a list");
    let is_it = |trend: &&Value| {
        let id = trend["benchmark"].as_str().expect("an id");
        id.ends_with(name) && trend["metric"] == "wall"
    };
    trends
        .iter()
        .find(is_it)
        .unwrap_or_else(|| panic!("{name} is not in {json:#}"))
}

fn json(project: &Project, arguments: &[&str]) -> Value {
    let all = [&["trend", "--format", "json"], arguments].concat();
    let output = project.perf(&all);
    output.code(0);
    output.json()
}

fn fits_a_terminal(output: &Output) {
    let too_long: Vec<&str> = output
        .stdout
        .lines()
        .filter(|line| line.chars().count() > 80)
        .collect();
    assert!(too_long.is_empty(), "{too_long:#?}");
}

#[test]
fn a_slowdown_is_seen_with_the_commit_that_brought_it_and_branches_are_not_mixed() {
    let project = Project::new();
    // Without a run there is nothing to say, and that is not the same as nothing wrong.
    project
        .perf(&["trend"])
        .code(4)
        .complains("no run is kept yet");
    for parse in [1002, 1001, 1000, 1400] {
        measured(&project, parse);
    }
    let commit = project.commit_id("HEAD");
    project.branch("experiment");
    measured(&project, 9000);
    project.switch("main");

    let found = json(&project, &[]);
    let parse = trend(&found, "cpu::parse");
    assert_eq!(parse["trend"], "regression");
    assert_eq!(parse["values"].as_array().expect("values").len(), 4);
    let step = &parse["steps"][0];
    assert_eq!(step["by"]["sha"], *commit);
    assert_eq!(step["by"]["subject"], "parse takes 1400");
    assert_eq!(
        (&step["commits"], &step["provisional"]),
        (&1.into(), &true.into())
    );
    let ratio = step["ratio"].as_f64().expect("a ratio");
    assert!((ratio - 1.4).abs() < 0.03, "{ratio}");
    assert_eq!(
        trend(&found, "sort[n=10]")["steps"],
        Value::Array(Vec::new())
    );
    assert_eq!(found["left_out"]["elsewhere"], 1, "the run of the branch");
    // On the branch its run goes on from there.
    let there = json(&project, &["--ref", "experiment", "parse"]);
    let shown = there["trends"].as_array().expect("a list");
    let is_asked = |trend: &Value| {
        trend["benchmark"]
            .as_str()
            .is_some_and(|id| id.ends_with("::parse"))
    };
    assert!(shown.iter().all(is_asked), "{there:#}");
    assert_eq!(
        trend(&there, "cpu::parse")["values"]
            .as_array()
            .expect("values")
            .len(),
        5
    );

    let shown = project.perf(&["trend"]);
    shown
        .code(0)
        .says("cpu::parse")
        .says("regression")
        .says(&format!("at {} parse takes 1400", &commit[..7]))
        .says("provisional")
        .says("1 of commits that are not on this line")
        .says("3 benchmarks: 1 regression");
    fits_a_terminal(&shown);
    let latest = project.perf(&["trend", "--latest", "parse"]);
    latest
        .code(0)
        .says(&commit[..7])
        .says("4/4")
        .does_not_say("regression ");
    fits_a_terminal(&latest);
    let profile = project.perf(&["trend", "--profile"]);
    profile.code(0).says("4/4 excellent").says("health");
    fits_a_terminal(&profile);
    project
        .perf(&["trend", "--format", "markdown"])
        .code(0)
        .says("### cargo perf trend: 3 benchmarks")
        .says("|---|---|");
    // Thresholds are those of the preset: at 10 and 15 % a change of 40 % is what it was.
    let lenient = json(&project, &["--preset", "detector", "parse"]);
    assert_eq!(trend(&lenient, "cpu::parse")["trend"], "degraded");

    // The metric that a benchmark is about comes before others that moved with it.
    let all = json(&project, &["parse", "--metric", "cpu", "--metric", "wall"]);
    let metrics: Vec<&Value> = all["trends"].as_array().expect("a list").iter().collect();
    let metrics: Vec<&str> = metrics
        .iter()
        .filter_map(|t| t["metric"].as_str())
        .collect();
    assert_eq!(metrics, ["wall", "cpu"]);

    // What somebody agreed to is the level that what follows is held against, and says so.
    let (from, to) = ("1us", "1400ns");
    let accept = [
        "--metric",
        "wall",
        "--from",
        from,
        "--to",
        to,
        "--reason",
        "it checks now",
    ];
    project
        .perf(&[&["baseline", "accept", "cpu::parse"][..], &accept].concat())
        .code(0);
    let found = json(&project, &["parse"]);
    let parse = trend(&found, "cpu::parse");
    assert_eq!(parse["steps"][0]["accepted"], "it checks now", "{parse:#}");
    assert_eq!(parse["change"], Value::Null);
    assert!(
        matches!(parse["trend"].as_str(), Some("stable" | "unknown")),
        "{parse:#}"
    );
    let shown = project.perf(&["trend", "parse"]);
    shown.code(0).says("accepted: it checks now");
    fits_a_terminal(&shown);
    // A line that was named has the points that it has itself.
    let there = json(&project, &["--ref", "main", "parse"]);
    assert_eq!(trend(&there, "cpu::parse")["trend"], "regression");
    project.git(&["clean", "--force", "-d", "baselines"]);

    // What is not there is named, never shown as all well.
    project
        .perf(&["trend", "nothing-of-the-kind"])
        .code(4)
        .complains("no kept run");
    project.perf(&["trend", "--ref", "no-such-branch"]).code(2);
    project
        .perf(&["trend", "--window", "30"])
        .code(2)
        .complains("30d");
    assert_eq!(project.git(&["status", "--porcelain"]), "");
}

#[test]
fn a_failure_is_told_and_committed_baselines_are_enough() {
    let project = Project::with_baseline();
    // As in a fresh clone: what is in git is all there is.
    project.forget_runs();
    let found = json(&project, &[]);
    assert_eq!(trend(&found, "cpu::parse")["runs"]["executions"], 1);
    assert_eq!(trend(&found, "cpu::parse")["trend"], "unknown");
    project.edit("benches/cpu.rs", "demo::parse()", "panic!(\"no luck\")");
    project.commit("a benchmark that fails");
    project.perf(&["run", "--quick"]).code(12);
    let found = json(&project, &[]);
    let parse = trend(&found, "cpu::parse");
    let message = parse["failing"]["message"].as_str().expect("it says why");
    assert!(message.starts_with("no luck"), "{message}");
    assert_eq!(
        (&parse["runs"]["passed"], &parse["runs"]["failed"]),
        (&1.into(), &1.into())
    );
    assert_eq!(
        parse["values"].as_array().map(Vec::len),
        Some(1),
        "no figure of what failed"
    );
    assert_eq!(found["summary"]["failing"], 1);
    project
        .perf(&["trend"])
        .code(0)
        .says("the newest run failed: no luck")
        .says("1 failing now");
    project
        .perf(&["trend", "--profile", "parse"])
        .code(0)
        .says("1/2 needs attention");
}

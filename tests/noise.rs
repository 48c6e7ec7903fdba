//! What sessions differ by: assumed, learned from runs and from the target's records, never from what a branch brings.

use std::fs;

use crate::support::{Output, Project};

/// Runs of unchanged code, each moved to a day of its own.
fn runs_on_days(project: &Project, count: usize) {
    for day in 1..=count {
        project.perf(&["run", "--quick"]).code(0);
        let newest = project.files(".perf/runs").pop().expect("a run");
        let (folder, name) = newest.rsplit_once('/').expect("a folder");
        // Names begin with the time, and today's sort behind those of another year.
        let moved = format!("{folder}/202001{day:02}T120000Z{}", &name[16..]);
        fs::rename(project.path(&newest), project.path(&moved)).expect("moved");
    }
}

/// What sessions were taken to differ by for the wall time of `parse`, and from how many runs that is known.
fn of_parse(output: &Output) -> (f64, u64) {
    let json = output.json();
    let benchmarks = json["benchmarks"].as_array().expect("a list");
    let parse = benchmarks
        .iter()
        .find(|benchmark| {
            benchmark["id"]
                .as_str()
                .is_some_and(|id| id.ends_with("cpu::parse"))
        })
        .expect("parse");
    let metrics = parse["metrics"].as_array().expect("a list");
    let wall = metrics
        .iter()
        .find(|metric| metric["name"] == "wall")
        .expect("wall time");
    (
        wall["session_sd"].as_f64().expect("a number"),
        wall["session_runs"].as_u64().expect("a count"),
    )
}

#[test]
fn runs_of_unchanged_code_narrow_the_verdict() {
    let project = Project::with_baseline();
    project.branch("slower");
    project.times(1080, 2000);
    project.commit("a little slower");
    let no_confirm = ["--no-confirm", "--remeasure"];
    let assumed = project.compare("main", &no_confirm);
    assumed
        .code(0)
        .notes_that("noise between sessions: assumed 2.0 %")
        .gives(&[
            ("cpu::parse", "cannot tell"),
            ("cpu::sort[n=10]", "unchanged"),
            ("cpu::sort[n=20]", "unchanged"),
        ]);
    let (sd, runs) = of_parse(&assumed);
    assert!(runs == 0 && (sd - 0.02).abs() < 1e-9, "{sd} from {runs}");
    let reason = assumed.json()["benchmarks"][0]["reason"]
        .as_str()
        .expect("text")
        .to_owned();
    assert!(reason.contains("--paired"), "{reason}");

    // The same machine, known by sessions on many days.
    runs_on_days(&project, 16);
    let learned = project.compare("main", &no_confirm);
    learned.code(1).notes_that("%, learned from ").gives(&[
        ("cpu::parse", "regressed"),
        ("cpu::sort[n=10]", "unchanged"),
        ("cpu::sort[n=20]", "unchanged"),
    ]);
    let (sd, runs) = of_parse(&learned);
    assert!(runs >= 10 && sd < 0.012, "{sd} from {runs}");
}

#[test]
fn what_a_branch_brings_teaches_nothing() {
    let project = Project::with_baseline();
    project.branch("generous");
    // Records of main's own commit whose times are all over the place: whoever learned from them would call nothing changed.
    let genuine = project.files("baselines");
    for time in [600, 1400, 800, 1900, 1000] {
        project.times(time, 2000);
        project
            .perf(&["run", "--quick", "--save", "--allow-dirty"])
            .code(0);
    }
    project.times(1500, 2000);
    project.commit("slower, with records");
    assert!(
        project.files("baselines").len() > genuine.len(),
        "it brings records"
    );
    project.forget_runs();
    let compared = project.compare("main", &["--no-confirm"]);
    assert_eq!(of_parse(&compared).1, 0, "nothing was learned");
    compared.code(1).notes_that("assumed 2.0 %");
}

#[test]
fn a_calibration_of_other_machines_or_none_is_no_evidence_and_a_damaged_one_is_told_of() {
    let project = Project::with_baseline();
    project.write(".perf/calibrations/sessions.json", "{\"version\":1,");
    let run = project.perf(&["run", "--quick", "--format", "json"]);
    run.code(0)
        .notes_that("left out: .perf/calibrations/sessions.json");
    assert_eq!(of_parse(&run).1, 0);
}

//! `cargo perf calibrate`: code against itself.

use crate::support::Project;

const FILE: &str = ".perf/calibrations/sessions.json";

#[test]
fn unchanged_code_is_called_unchanged_and_what_was_learned_is_used() {
    let project = Project::with_baseline();
    let calibrated = project.perf(&["calibrate", "--quick", "--format", "json"]);
    calibrated.code(0);
    let json = calibrated.json();
    assert_eq!(json["alarms"], 0);
    assert_eq!(json["sessions"], 4);
    let benchmarks = json["benchmarks"].as_array().expect("a list");
    assert_eq!(benchmarks.len(), 3);
    for benchmark in benchmarks {
        let number = |name: &str| {
            benchmark[name]
                .as_f64()
                .unwrap_or_else(|| panic!("{name} of {benchmark}"))
        };
        assert!(number("launch_spread") < 0.01);
        assert!(number("session_runs") >= 4.0 && number("session_sd") < 0.02);
        assert!(number("smallest_detectable_side_by_side") < 1.02);
        assert!(
            number("smallest_detectable_by_records") > number("smallest_detectable_side_by_side")
        );
        assert!(number("seconds_for_two_per_cent") >= 0.0);
    }
    assert!(project.path(FILE).is_file());
    // A run after it knows of its sessions.
    project
        .perf(&["run", "--quick"])
        .code(0)
        .says("%, learned from ");
    // git does not see any of it.
    assert_eq!(project.git(&["status", "--porcelain"]), "");
}

#[test]
fn a_part_is_calibrated_and_shown_as_a_table_or_as_markdown() {
    let project = Project::new();
    project
        .perf(&["calibrate", "--quick", "--sessions", "2", "parse"])
        .code(0)
        .says("seen by --paired")
        .says("cpu::parse")
        .says("no false alarm")
        .says(&format!("note: kept in {FILE}"))
        .does_not_say("cpu::sort");
    project
        .perf(&[
            "calibrate",
            "--quick",
            "--sessions",
            "2",
            "parse",
            "--format",
            "markdown",
        ])
        .code(0)
        .says("### cargo perf calibrate: no false alarm")
        .says("|---|--:|");
    project.perf(&["calibrate", "--sessions", "1"]).code(2);
}

#[test]
fn limits_are_left_out() {
    let project = Project::new();
    project.write(
        "benches/cpu.rs",
        "use perf_harness as perf;\nuse perf_harness::scripted::spend;\n\
         #[perf::bench]\nfn parse() { spend(1000) }\n\
         #[perf::limit(n in 1..=9, wall = \"1s\")]\nfn depth(p: perf::Probe, n: u64) { p.measure(|| spend(n)) }\n\
         perf::main!();\n",
    );
    project.commit("a limit");
    project
        .perf(&["calibrate", "--quick", "--sessions", "2"])
        .code(0)
        .says("cpu::parse")
        .says("note: cpu::depth is a limit, and is not calibrated")
        .does_not_say("searching");
    project
        .perf(&["calibrate", "depth"])
        .code(4)
        .complains("there is nothing to calibrate: all of these benchmarks are limits");
}

#[test]
fn a_damaged_calibration_is_set_aside() {
    let project = Project::new();
    project.write(FILE, "not JSON");
    project
        .perf(&["calibrate", "--quick", "--sessions", "2", "parse"])
        .code(0)
        .says("left out: .perf/calibrations/sessions.json")
        .says("what was there could not be read and is now .perf/calibrations/damaged-");
    let damaged = project.files(".perf/calibrations");
    assert_eq!(damaged.len(), 2, "{damaged:?}");
    assert_eq!(project.read(&damaged[0]), "not JSON");
    project
        .perf(&["run", "--quick", "parse"])
        .code(0)
        .does_not_say("left out");
}

#[test]
fn a_benchmark_that_fails_is_named() {
    let project = Project::new();
    project.edit("benches/cpu.rs", "demo::parse()", "panic!(\"no luck\")");
    project
        .perf(&["calibrate", "--quick", "--sessions", "2"])
        .code(12)
        .says("cpu::parse failed")
        .says("no luck");
}

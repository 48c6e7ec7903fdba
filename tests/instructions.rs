//! `--metric instructions`: counted by Valgrind, exactly, or absent with the reason.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use perf_runner::{BothCounts, Case, Program, Valgrind, count_both, describe};
use serde_json::Value;

use crate::support::record::{self, read_record, row};
use crate::support::{Output, Project, process};

/// Benchmarks of known instructions: `count` has a loop of two for each of `demo::STEPS`, and little besides.
const BENCHES: &str = r#"
use perf_harness as perf;

#[perf::bench]
fn count() { demo::count(perf::input(demo::STEPS)) }

// Making and dropping an input is a thousand times as much as looking at it.
#[perf::bench]
fn look(b: perf::Bench) {
    b.input(|| { demo::count(100_000); Box::new(7_u64) }).run_mut(|x| **x += 1);
}

// Copies memory, which takes more or less instructions, depending on where it lies.
#[perf::bench]
fn sort(b: perf::Bench) {
    b.input(|| (0..100_u64).map(|n| n * 37 % 101).collect::<Vec<_>>()).run_mut(|v| v.sort());
}

#[perf::bench(threads = [2])]
fn shared(b: perf::Bench) { b.run_shared(&(), |(), _| demo::count(demo::STEPS)) }

// Another number in each process.
#[perf::bench]
fn drawn(b: perf::Bench) {
    use std::hash::BuildHasher;
    let steps = std::hash::RandomState::new().hash_one(1) % 10_000_000;
    b.run(|| demo::count(10_000 + steps));
}

perf::main!();
"#;

fn project(steps: u64) -> Project {
    let project = Project::without_git();
    project.write("benches/cpu.rs", BENCHES);
    write_loop(&project, steps);
    project.put_under_git();
    project
}

fn write_loop(project: &Project, steps: u64) {
    project.write(
        "src/lib.rs",
        &format!(
            r#"
pub const STEPS: u64 = {steps};

/// Two instructions for each step.
#[inline(never)]
pub fn count(steps: u64) {{
    // SAFETY: it counts a register down to zero.
    unsafe {{
        #[cfg(target_arch = "x86_64")]
        std::arch::asm!("2:", "sub {{0}}, 1", "jnz 2b", inout(reg) steps => _);
        #[cfg(target_arch = "aarch64")]
        std::arch::asm!("2:", "subs {{0}}, {{0}}, #1", "b.ne 2b", inout(reg) steps => _);
    }}
}}
"#
        ),
    );
}

const RUN: [&str; 6] = [
    "run",
    "--quick",
    "--metric",
    "instructions",
    "--format",
    "json",
];

/// The figure of a metric of a benchmark in a report.
#[track_caller]
fn value(output: &Output, benchmark: &str, metric: &str) -> Option<f64> {
    let report = output.json();
    let metrics = row(&report, benchmark)["metrics"]
        .as_array()
        .expect("metrics");
    let figure = metrics.iter().find(|found| found["name"] == metric)?;
    assert_eq!(
        (&figure["unit"], &figure["better"]),
        (&"1".into(), &"lower".into())
    );
    figure["value"].as_f64()
}

/// What the last kept record says of a metric of a benchmark.
#[track_caller]
fn recorded(project: &Project, benchmark: &str, metric: &str) -> Value {
    let files = project.files(".perf/runs");
    let record = read_record(project, files.last().expect("a run is kept"));
    record::benchmark(&record, benchmark)["metrics"][metric].clone()
}

/// Whether two numbers are within a share of the second.
fn within(share: f64, found: f64, expected: f64) -> bool {
    (found / expected - 1.0).abs() < share
}

#[test]
fn an_iteration_has_the_instructions_it_was_written_with() {
    let project = project(100_000);
    let folder = project.path("temporary");
    std::fs::create_dir(&folder).expect("a new folder");
    let run = || {
        let mut command = project.perf_command();
        command.args(RUN).env("TMPDIR", &folder);
        Output::of(command.output().expect("it starts"))
    };
    let (first, second) = (run(), run());
    first
        .code(0)
        .complains("then counting instructions for up to about 10 s")
        .complains("counting the instructions of 5 benchmarks under Valgrind for about 10 s");
    let name = "instructions-valgrind";
    let count = |output: &Output, benchmark| value(output, benchmark, name).expect("it is counted");
    let one = count(&first, "::count");
    assert!(within(0.001, one, 200_000.0), "{one}");
    assert!(one > 200_000.0, "with the loop around it: {one}");
    assert!(
        (one - count(&second, "::count")).abs() < 1e-9,
        "twice the same"
    );
    assert_eq!(recorded(&project, "::count", name)["exact"], true);
    let look = count(&first, "::look");
    assert!((1.0..50.0).contains(&look), "no input is in it: {look}");
    // Two threads, and what it takes to wait for each other, shared out among the iterations.
    let shared = count(&first, "::shared[threads=2]");
    assert!(within(0.01, shared, 400_000.0), "{shared}");
    first
        .notes_that("the instructions of cpu::drawn")
        .notes_that("differ from launch to launch, so they are not exact");
    assert_eq!(recorded(&project, "::drawn", name)["exact"], false);
    assert!(count(&first, "::drawn") > 20_000.0);
    assert_eq!(project.files("temporary"), [""; 0], "nothing stays");

    let table = project.perf(&[
        "run",
        "--quick",
        "--metric",
        "instructions",
        "--exact",
        "count",
    ]);
    table
        .code(0)
        .says("instructions (valgrind)")
        .says("200.0 k");
}

#[test]
fn it_is_not_counted_unless_it_is_asked_for() {
    let project = project(1000);
    let output = project.perf(&["run", "--quick", "--format", "json", "::count"]);
    assert_eq!(
        value(output.code(0), "::count", "instructions-valgrind"),
        None
    );
    assert!(!output.stderr.contains("Valgrind"), "{}", output.stderr);
    // The processor's own count needs not be asked for: it is there, or there is a reason.
    let hardware = recorded(&project, "::count", "instructions");
    let counted = hardware["unit"] == "1" && hardware["exact"] == false;
    let reason = hardware["absent"].as_str().unwrap_or_default();
    assert!(counted != (reason.len() > 10), "{hardware}");
    project
        .perf(&["run", "--metric", "cycles"])
        .code(2)
        .complains("instructions");
}

#[test]
fn a_count_that_one_side_alone_has_is_told_of() {
    let project = project(1000);
    project.save_baseline();
    let compare = |more: &[&str]| {
        let common = [
            "compare",
            "--quick",
            "--baseline",
            "last",
            "--format",
            "json",
            "::count",
        ];
        project.perf(&[&common[..], more].concat())
    };
    let without = compare(&[]);
    assert!(
        !without.notes().contains("instructions"),
        "{}",
        without.notes()
    );
    write_loop(&project, 1001);
    compare(&["--metric", "instructions"]).notes_that(
        "the baseline has no instructions-valgrind of cpu::count, so this is compared with nothing",
    );
    write_loop(&project, 1002);
    compare(&[]).notes_that(
        "the baseline has instructions-valgrind of cpu::count, which were not counted this time: nothing is said of them",
    );
}

#[test]
fn half_a_per_cent_that_takes_no_longer_is_found_by_the_count() {
    let project = project(2000);
    let counted = ["--metric", "instructions", "::count"];
    let run = [&["run", "--quick"], &counted[..]].concat();
    project.perf(&run).code(0);
    write_loop(&project, 2010);
    let output = project.compare("last", &[&["--no-confirm"], &counted[..]].concat());
    output.code(1).gives(&[("cpu::count", "regressed")]);
    let report = output.json();
    let metrics = report["benchmarks"][0]["metrics"].as_array();
    let metrics = metrics.expect("it has metrics");
    let regressed = metrics.iter().filter(|m| m["verdict"] == "regressed");
    let names: Vec<&Value> = regressed.map(|metric| &metric["name"]).collect();
    // The scripted clock stands still: no time could tell.
    assert_eq!(names, ["instructions-valgrind"], "{metrics:?}");
}

/// The bench binary, apart from where the next build will put it.
fn kept_binary(project: &Project, name: &str) -> PathBuf {
    let output = project.cargo(&["bench", "--no-run", "--message-format=json"]);
    let executable = output
        .code(0)
        .stdout
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .expect("cargo names what it has built");
    let kept = project.path(name);
    std::fs::copy(executable, &kept).expect("it can be copied");
    kept
}

fn case(binary: &Path, name: &str, stop: &AtomicBool) -> Case {
    let program = Program {
        path: binary.to_owned(),
        directory: binary.parent().expect("a folder").to_owned(),
        variables: Vec::new(),
        show_output: false,
    };
    let description = describe(&program, stop).expect("it describes itself");
    let mut cases = description.cases.into_iter();
    let description = cases.find(|case| case.name == name).expect("it is there");
    Case {
        program,
        description,
        batch: None,
    }
}

#[test]
fn two_builds_that_differ_by_half_a_per_cent_are_told_apart() {
    let project = project(2000);
    let before = kept_binary(&project, "before");
    write_loop(&project, 2010);
    let after = kept_binary(&project, "after");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let valgrind = Valgrind::find(folder.path()).expect("tests/all.sh installs it");
    let stop = AtomicBool::new(false);
    let count = |name: &str, baseline: &Path, candidate: &Path| -> BothCounts {
        let [baseline, candidate] = [baseline, candidate].map(|side| case(side, name, &stop));
        let minute = Duration::from_secs(60);
        count_both(&baseline, &candidate, &valgrind, minute, &stop).expect("nobody interrupts")
    };
    let changed = count("count", &before, &after);
    let counts = [&changed.baseline, &changed.candidate].map(perf_runner::Count::agreed);
    let [Some(old), Some(new)] = counts else {
        panic!("{changed:?}");
    };
    assert!(
        (new - old - 20.0).abs() < 1e-9,
        "ten steps of two: {old} {new}"
    );
    let ratio = changed.ratio().expect("both are exact").get();
    assert!((1.0049..1.0051).contains(&ratio), "{ratio}");
    // Where a binary lies, and how much else is in its environment, must not move its instructions.
    let elsewhere = project.path("a/folder/with/a/longer/name/before");
    std::fs::create_dir_all(elsewhere.parent().expect("a folder")).expect("new folders");
    std::fs::copy(&before, &elsewhere).expect("it can be copied");
    for name in ["count", "sort"] {
        let same = count(name, &before, &elsewhere);
        let ratio = same.ratio().expect("both are exact").get();
        assert!((ratio - 1.0).abs() < f64::EPSILON, "{name}: {same:?}");
    }
    assert_eq!(folder.path().read_dir().expect("it is there").count(), 0);
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a search path that lacks one program is made of the real one"
)]
fn what_cannot_be_counted_has_its_reason() {
    let project = project(1000);
    let mut stripped = project.perf_command();
    stripped
        .args(RUN)
        .args(["::count"])
        .env("CARGO_PROFILE_BENCH_STRIP", "symbols");
    let stripped = Output::of(stripped.output().expect("it starts"));
    stripped
        .code(0)
        .notes_that("the instructions of cpu::count were not counted: the binary has no symbols");
    let reason = recorded(&project, "::count", "instructions-valgrind");
    let reason = reason["absent"].as_str().expect("a reason");
    assert!(reason.starts_with("the binary has no symbols"), "{reason}");

    // All programs there are but one.
    let programs = project.path("programs");
    std::fs::create_dir(&programs).expect("a new folder");
    let path = std::env::var_os("PATH").expect("a search path");
    for program in std::env::split_paths(&path)
        .flat_map(std::fs::read_dir)
        .flatten()
        .flatten()
    {
        if !program.file_name().to_string_lossy().contains("valgrind") {
            // The first of a name is the one that is found.
            let _taken = symlink(program.path(), programs.join(program.file_name()));
        }
    }
    let mut without = project.perf_command();
    without.args(RUN).args(["::count"]).env("PATH", &programs);
    let without = Output::of(without.output().expect("it starts"));
    without
        .code(0)
        .notes_that("the instructions of cpu::count were not counted: valgrind is not installed");
    assert_eq!(value(&without, "::count", "instructions-valgrind"), None);
}

#[test]
fn a_failure_under_valgrind_alone_is_a_reason_and_an_interruption_leaves_nothing() {
    let project = project(1000);
    project.write(
        "benches/cpu.rs",
        r#"
use perf_harness as perf;

/// Valgrind puts a library of its own before all others.
fn is_watched() -> bool {
    std::env::var("LD_PRELOAD").is_ok_and(|libraries| libraries.contains("valgrind"))
}

#[perf::bench]
fn shy() { assert!(!is_watched(), "not like this"); demo::count(10) }

#[perf::bench]
fn stubborn(b: perf::Bench) {
    if is_watched() {
        std::fs::write("pid", format!("{}\n", std::process::id())).unwrap();
        loop { std::thread::park() }
    }
    b.run(|| demo::count(10))
}

perf::main!();
"#,
    );
    project.commit("benchmarks that know");
    let output = project.perf(&[&RUN[..], &["::shy"]].concat());
    output
        .code(0)
        .notes_that("the instructions of cpu::shy were not counted: under Valgrind it failed: ")
        .notes_that("not like this");
    let folder = project.path("temporary");
    std::fs::create_dir(&folder).expect("a new folder");
    let mut command = project.perf_command();
    let child = process::start(command.args(RUN).arg("::stubborn").env("TMPDIR", &folder));
    let pid = process::pid_in(&project.path("pid"));
    assert!(process::is_alive(&pid));
    process::signal(&child, "INT");
    process::end(child).code(130);
    assert!(!process::is_alive(&pid), "the worker is gone");
    assert_eq!(project.files("temporary"), [""; 0]);
}

//! `cargo perf chaos`: stress takes effect, is told of, is no part of anything else, and nothing of it stays.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

use crate::support::process::{signal, wait_until};
use crate::support::record::row;
use crate::support::{Output, Project};

/// Marks what one test has started, wherever it went.
const MARK: &str = "CHAOS_TEST";

fn project(benches: &str) -> Project {
    let project = Project::new();
    project.write(
        "benches/cpu.rs",
        &format!("use perf_harness as perf;\n{benches}\nperf::main!();\n"),
    );
    project.commit("under stress");
    project
}

/// The processes that were started with this mark, and whether each of them is a stressor at work.
fn marked(mark: &str) -> Vec<(String, bool)> {
    let entry = format!("{MARK}={mark}");
    let mut found = Vec::new();
    for process in fs::read_dir("/proc").expect("processes").flatten() {
        let variables = fs::read(process.path().join("environ")).unwrap_or_default();
        if variables
            .split(|&byte| byte == 0)
            .any(|variable| variable == entry.as_bytes())
        {
            let threads = fs::read_dir(process.path().join("task"))
                .into_iter()
                .flatten()
                .flatten();
            let mut names = threads.map(|thread| fs::read_to_string(thread.path().join("comm")));
            let is_stressor = names.any(|name| name.is_ok_and(|name| name.trim() == "stress"));
            found.push((
                process.file_name().to_string_lossy().into_owned(),
                is_stressor,
            ));
        }
    }
    found
}

fn chaos(project: &Project, mark: &str, arguments: &[&str]) -> Command {
    let mut command = project.perf_command();
    command.env(MARK, mark).arg("chaos").args(arguments);
    command
}

/// A run that has built its benchmark, which may take longer than a test waits for anything else, and begins to disturb it.
fn begun(project: &Project, mark: &str, name: &str) -> Child {
    // Not in the repository, whose files must not change while they are built.
    let said = project.path("../said.txt");
    let mut command = chaos(project, mark, &[name]);
    command.env_remove("PERF_HARNESS_CLOCK");
    command.stdout(Stdio::null());
    command.stderr(fs::File::create(&said).expect("a file"));
    let mut child = command.spawn().expect("cargo-perf starts");
    let has_begun = || fs::read_to_string(&said).is_ok_and(|said| said.contains("disturbing"));
    while !has_begun() {
        let ended = child.try_wait().expect("it is ours");
        assert!(
            ended.is_none(),
            "it ended before: {}",
            project.read("../said.txt")
        );
        sleep(Duration::from_millis(5));
    }
    child
}

fn code_of(mut child: Child) -> Option<i32> {
    child.wait().expect("it ends").code()
}

const BENCHES: &str = r#"
use perf_harness::scripted::spend;
use std::cell::Cell;
use std::rc::Rc;

#[perf::bench]
fn quiet() -> u64 { spend(1_000); 1 }

#[perf::bench(under = [cpu(2), mem("16MiB"), io])]
fn steady() -> u64 { spend(1_000); 1 }

#[perf::bench(under = [fault])]
fn faulty(b: perf::Bench) {
    let cost = Rc::new(Cell::new(1_000));
    let (worse, better) = (Rc::clone(&cost), Rc::clone(&cost));
    b.inject(move || worse.set(3_000)).recover(move || better.set(1_000)).run(|| spend(cost.get()));
}

#[perf::bench(under = [fault], recovery = "50ms")]
fn stuck(b: perf::Bench) {
    let cost = Rc::new(Cell::new(1_000));
    let worse = Rc::clone(&cost);
    // So slow that a batch of as many iterations as in quiet would last for half a second.
    b.inject(move || worse.set(2_000_000)).recover(|| ()).run(|| spend(cost.get()));
}

#[perf::bench(under = [fault])]
fn without_a_hook() -> u64 { spend(1_000); 1 }

#[perf::bench(under = [mem("900000GiB")])]
fn greedy() -> u64 { spend(1_000); 1 }
"#;

#[test]
fn stress_takes_effect_and_is_no_part_of_anything_else() {
    let project = project(BENCHES);
    let mark = "takes-effect";
    let output = Output::of(
        chaos(&project, mark, &["--format", "json"])
            .output()
            .expect("it starts"),
    );
    // What failed says so, and the others have their results.
    let report = output.code(12).json();
    assert_eq!(
        report["benchmarks"].as_array().expect("benchmarks").len(),
        5
    );

    let steady = row(&report, "steady");
    assert_eq!(steady["failure"], Value::Null, "{steady:#}");
    let ratio = |name: &str| row(&report, name)["ratio"].as_f64().expect("a ratio");
    assert!((ratio("steady") - 1.0).abs() < 0.01, "{steady:#}");
    let effects = steady["effects"].as_array().expect("effects");
    let least = [("cpu(2)", 10_000_000), ("mem(16MiB)", 15 << 20), ("io", 1)];
    for (effect, (stress, least)) in effects.iter().zip(least) {
        assert_eq!(effect["stress"], stress);
        assert!(
            effect["amount"].as_u64().expect("an amount") >= least,
            "{effect:#}"
        );
    }
    assert_eq!(effects.len(), 3);

    assert!((ratio("faulty") - 3.0).abs() < 0.05, "{report:#}");
    assert_eq!(row(&report, "faulty")["recovery"]["not_within"], 0);
    let stuck = &row(&report, "stuck")["recovery"];
    assert_eq!(
        (&stuck["not_within"], &stuck["median_ns"]),
        (&Value::from(8), &Value::Null)
    );
    assert!((ratio("stuck") - 2000.0).abs() < 50.0, "{report:#}");
    let why = |name: &str| {
        row(&report, name)["failure"]
            .as_str()
            .expect("a failure")
            .to_owned()
    };
    assert!(why("without_a_hook").contains("b.inject"), "{report:#}");
    assert!(why("greedy").contains("must be left"), "{report:#}");
    assert_eq!(marked(mark), []);

    // None of it is measured, kept or compared as a time.
    assert!(
        project
            .files(".perf")
            .iter()
            .all(|file| !file.ends_with(".json")),
        "nothing is kept"
    );
    let run = project.perf(&["run", "--quick", "--save", "--format", "json"]);
    assert_eq!(
        run.code(0).json()["benchmarks"]
            .as_array()
            .expect("benchmarks")
            .len(),
        1
    );
    project.commit("baseline");
    project.branch("work");
    project.times(900, 1);
    project.commit("other code");
    project
        .compare("main", &["--paired"])
        .code(0)
        .gives(&[("cpu::quiet", "unchanged")]);
    project
        .perf(&["run", "steady"])
        .code(4)
        .complains("no benchmark matches");
    project.perf(&["chaos", "quiet"]).code(4);
    project
        .perf(&["chaos", "faulty"])
        .code(0)
        .says("cpu::faulty")
        .says("×3.00")
        .says("as fast as before within")
        .complains("cpu::faulty: done");

    // The target by itself does the same, and only when asked.
    let bench = |arguments: &[&str]| {
        let mut command = project.command("cargo");
        command
            .env("PERF_HARNESS_CLOCK", "scripted")
            .args(["bench", "--bench", "cpu", "--"])
            .args(arguments);
        Output::of(command.output().expect("cargo starts"))
    };
    bench(&[])
        .code(0)
        .says("0 failed; 0 ignored; 1 measured; 5 filtered out");
    bench(&["--chaos", "--skip", "hook", "--skip", "greedy"])
        .code(0)
        .complains("faulty: ")
        .complains("×3.00")
        .complains("did not recover within 50.00 ms");
    // Once each, in quiet, to show that they work.
    project
        .cargo(&["test", "--bench", "cpu"])
        .code(0)
        .says("6 passed");
}

#[test]
fn a_fault_that_nobody_would_inject_is_an_error() {
    let project = project(
        r#"
#[perf::bench]
fn forgotten(b: perf::Bench) {
    b.inject(|| ()).recover(|| ()).run(|| 1);
}
"#,
    );
    let why = "`b.inject` is never called: the benchmark does not run `under = [fault]`";
    project
        .cargo(&["test", "--bench", "cpu"])
        .code(101)
        .says(why);
    project
        .perf(&["run", "--quick", "--format", "json"])
        .code(12)
        .says(why);
}

#[test]
fn nothing_of_it_stays_when_it_is_stopped() {
    let project = project(
        r#"
#[perf::bench(under = [cpu(1), mem("16MiB"), io])]
fn slow() { std::thread::sleep(std::time::Duration::from_millis(100)); }

#[perf::bench(under = [fault, cpu(1)])]
fn outside(b: perf::Bench) {
    b.inject(|| std::fs::write("fault", "there").unwrap())
        .recover(|| std::fs::remove_file("fault").unwrap())
        .run(|| std::thread::sleep(std::time::Duration::from_millis(100)));
}
"#,
    );
    let started = |mark: &str, name: &str| begun(&project, mark, name);
    let is_under_way = |mark: &str, stressors: usize| {
        wait_until("all stressors are at work", || {
            marked(mark)
                .iter()
                .filter(|(_, is_stressor)| *is_stressor)
                .count()
                == stressors
        });
    };
    let is_over = |mark: &str| wait_until("everything is gone", || marked(mark).is_empty());

    let child = started("interrupted", "slow");
    is_under_way("interrupted", 3);
    signal(&child, "INT");
    assert_eq!(code_of(child), Some(130));
    assert_eq!(marked("interrupted"), []);

    // A conductor that is killed cannot end anything, so all of it ends by itself.
    let child = started("killed", "slow");
    is_under_way("killed", 3);
    signal(&child, "KILL");
    assert_eq!(code_of(child), None);
    is_over("killed");

    // The fault lies outside of the process, and is taken away all the same.
    let child = started("recovered", "outside");
    wait_until("the fault is there", || project.path("fault").exists());
    signal(&child, "INT");
    assert_eq!(code_of(child), Some(130));
    assert!(!project.path("fault").exists(), "the fault is still there");
    is_over("recovered");
}

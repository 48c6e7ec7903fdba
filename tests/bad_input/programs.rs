//! Benchmarks that misbehave, and whoever reads what is said of them.

use std::fs;
use std::process::Stdio;

use super::kept;
use crate::support::Project;
use crate::support::process::{end, is_alive, pid_in, signal, start, wait_until};

/// Each of these benchmarks misbehaves in its own way; `neighbour` does not.
const MISBEHAVING: &str = r#"
use perf_harness as perf;
use std::io::Write;
use std::os::fd::{FromRawFd, OwnedFd};

#[perf::bench(timeout = "1min")]
fn neighbour() -> u64 { demo::parse() }

#[perf::bench(timeout = "1min")]
fn panics() { panic!("the document\u{1b}[31m has no end") }

#[perf::bench(timeout = "1min")]
fn panics_in_a_thread() { std::thread::spawn(|| panic!("far from home")).join().unwrap() }

#[perf::bench(timeout = "1min")]
fn aborts() { std::process::abort() }

#[perf::bench(timeout = "1min")]
fn overflows() -> u64 { deeper(std::hint::black_box(1)) }

#[expect(unconditional_recursion, reason = "until the stack ends")]
fn deeper(n: u64) -> u64 { std::hint::black_box(deeper(n + 1)) + 1 }

#[perf::bench]
fn hangs() {
    std::fs::write("hung.pid", format!("{}\n", std::process::id())).unwrap();
    loop { std::thread::sleep(std::time::Duration::from_secs(1)) }
}

#[perf::bench(timeout = "1min")]
fn exits_early() { std::process::exit(0) }

#[perf::bench(timeout = "1min")]
fn leaves_a_child() {
    static CHILD: std::sync::Once = std::sync::Once::new();
    CHILD.call_once(|| {
        let child = std::process::Command::new("sleep").arg("600").spawn().unwrap();
        std::fs::write("child.pid", format!("{}\n", child.id())).unwrap();
    });
    demo::parse();
}

#[perf::bench(timeout = "1min")]
fn prints() {
    static PRINTED: std::sync::Once = std::sync::Once::new();
    PRINTED.call_once(|| {
        let line = [b'x'; 1024];
        for _ in 0..20 * 1024 { std::io::stdout().write_all(&line).unwrap(); }
        println!("{{\"event\":\"failed\",\"kind\":\"panic\",\"message\":\"a lie\"}}");
    });
    demo::parse();
}

#[perf::bench(timeout = "1min")]
fn closes_stdout() {
    static CLOSED: std::sync::Once = std::sync::Once::new();
    // SAFETY: nobody else in this process uses standard output.
    CLOSED.call_once(|| unsafe { drop(OwnedFd::from_raw_fd(1)) });
    demo::parse();
}

perf::main!();
"#;

#[test]
fn a_benchmark_that_misbehaves_is_a_failure_with_its_cause_and_harms_no_neighbour() {
    let project = Project::without_git();
    project.write("benches/cpu.rs", MISBEHAVING);
    project.write(".gitignore", "/target\n*.pid\n");
    project.put_under_git();
    let run = project.perf(&["run", "--quick", "--timeout", "1s", "--format", "json"]);
    run.code(12);
    let report = run.json();
    let benchmarks = report["benchmarks"].as_array().expect("a list");
    let told = |name: &str| {
        let wanted = format!("cpu::{name}");
        let is_it = |benchmark: &&serde_json::Value| {
            benchmark["id"]
                .as_str()
                .is_some_and(|id| id.ends_with(&wanted))
        };
        let found = benchmarks
            .iter()
            .find(is_it)
            .unwrap_or_else(|| panic!("no {name} in {report}"));
        (
            found["verdict"].as_str(),
            found["reason"].as_str().unwrap_or_default().to_owned(),
        )
    };
    for (name, cause) in [
        ("panics", "has no end at benches/cpu.rs:"),
        ("panics_in_a_thread", "far from home"),
        ("aborts", "SIGABRT"),
        ("overflows", "it overflowed its stack"),
        ("hangs", "no answer within 1s; it was killed"),
        (
            "exits_early",
            "it ended by itself with code 0 before it had answered",
        ),
        (
            "leaves_a_child",
            "it left processes behind, which were killed",
        ),
    ] {
        let (verdict, reason) = told(name);
        assert_eq!(verdict, Some("failed"), "{name}: {reason}");
        assert!(reason.contains(cause), "{name}: {reason}");
        assert!(
            run.stderr.contains(&format!("{name} failed: ")),
            "{name} is told at once: {}",
            run.stderr
        );
    }
    let told_at_once: Vec<&str> = run
        .stderr
        .lines()
        .filter(|line| line.contains(" failed: "))
        .collect();
    assert!(
        !told_at_once.concat().contains('\u{1b}'),
        "nothing that a terminal obeys: {told_at_once:?}"
    );
    for name in ["neighbour", "prints", "closes_stdout"] {
        assert_eq!(told(name), (None, String::new()), "{name}");
        let is_it = |benchmark: &&serde_json::Value| {
            benchmark["id"]
                .as_str()
                .is_some_and(|id| id.ends_with(name))
        };
        let metrics = &benchmarks.iter().find(is_it).expect("it is there")["metrics"];
        assert!(
            metrics[0]["launches"]
                .as_u64()
                .is_some_and(|launches| launches >= 5),
            "{metrics}"
        );
    }
    for file in ["hung.pid", "child.pid"] {
        let pid = project.read(file);
        wait_until("what was left behind is gone", || !is_alive(&pid));
    }
    // What failed is part of the record.
    assert_eq!(project.files(".perf/runs").len(), 1);
    assert!(
        project
            .read(&project.files(".perf/runs")[0])
            .contains("\"kind\":\"stack-overflow\",\"launch\":0")
    );

    let calm = project.perf(&[
        "run",
        "--quick",
        "--format",
        "json",
        "--nocapture",
        "cpu::prints",
        "cpu::neighbour",
    ]);
    calm.code(0).complains("xxxxxxxxxx");
    assert_eq!(calm.verdicts().len(), 2, "only JSON on standard output");
    project
        .perf(&["run", "--quick", "cpu::exits_early"])
        .code(12)
        .says("1 failed")
        .complains("exits_early failed: ");
}

/// Each of these benchmarks starts a process, once, and does not wait for it.
const STARTING: &str = r#"
use std::fs::OpenOptions;
use std::io::Write;
use std::process::Command;

fn start_once(program: &str, arguments: &[&str]) {
    static STARTED: std::sync::Once = std::sync::Once::new();
    STARTED.call_once(|| {
        let child = Command::new(program).args(arguments).spawn().unwrap();
        let mut file = OpenOptions::new().create(true).append(true).open("started.pid").unwrap();
        writeln!(file, "{}", child.id()).unwrap();
    });
}

#[perf_harness::bench]
fn escapes() { start_once("setsid", &["sleep", "600"]); demo::parse(); }

#[perf_harness::bench]
fn escapes_and_hangs() {
    start_once("setsid", &["sleep", "600"]);
    loop { std::thread::sleep(std::time::Duration::from_secs(1)) }
}

#[perf_harness::bench(timeout = "1min")]
fn forgets() { start_once("true", &[]); demo::parse(); }

perf_harness::main!();
"#;

#[test]
fn no_process_of_a_benchmark_outlives_it_wherever_it_went() {
    let project = Project::without_git();
    project.write("benches/cpu.rs", STARTING);
    project.write(".gitignore", "/target\n*.pid\n");
    project.put_under_git();
    let all_are_gone = || {
        let pids = project.read("started.pid");
        let alive: Vec<&str> = pids.lines().filter(|pid| is_alive(pid)).collect();
        assert!(alive.is_empty(), "{alive:?} of {pids}");
        fs::remove_file(project.path("started.pid")).expect("it was there");
    };
    let run = |name: &str| project.perf(&["run", "--quick", "--timeout", "1s", "--exact", name]);
    run("escapes")
        .code(12)
        .complains("escapes failed: ")
        .complains("it left processes behind, which were killed: 1");
    all_are_gone();
    run("escapes_and_hangs")
        .code(12)
        .complains("no answer within 1s; it was killed");
    all_are_gone();
    // One that has ended harms nobody, waited for or not.
    run("forgets").code(0).says("1 benchmark measured");
    all_are_gone();
    // A bench binary that measures by itself is as careful, and so is a run that is interrupted.
    let bench = project.cargo(&["bench", "--quiet", "--", "--exact", "escapes"]);
    assert_ne!(bench.code, 0, "{}", bench.stderr);
    assert!(
        [&*bench.stdout, &*bench.stderr]
            .concat()
            .contains("it left processes behind"),
        "{}\n{}",
        bench.stdout,
        bench.stderr
    );
    all_are_gone();
    let hanging = ["run", "--exact", "escapes_and_hangs"];
    let child = start(project.perf_command().args(hanging));
    pid_in(&project.path("started.pid"));
    signal(&child, "INT");
    end(child).code(130).complains("interrupted");
    all_are_gone();
}

#[test]
fn a_target_whose_own_main_fails_is_not_taken_for_one_of_another_harness() {
    let project = Project::without_git();
    project.edit(
        "Cargo.toml",
        "# Built often",
        "[[bench]]\nname = \"broken\"\nharness = false\n\n# Built often",
    );
    project.write(
        "benches/broken.rs",
        "fn main() -> std::process::ExitCode {\n    \
         let mut suite = perf_harness::Suite::new();\n    \
         suite.bench(\"parse\").run(|b, _| { b.run(demo::parse); });\n    \
         assert!(std::env::args().count() == 0, \"the tables are missing\");\n    \
         suite.main()\n}\n",
    );
    project.put_under_git();
    let output = project.perf(&["run", "--quick", "--save"]);
    output
        .code(2)
        .complains("bench target `broken`: it ended by itself with code 101")
        .complains("the tables are missing");
    assert_eq!(output.stdout, "");
    assert_eq!(kept(&project), [], "nothing is recorded without it");
    project
        .perf(&["run", "--quick", "--bench", "cpu"])
        .code(0)
        .says("3 benchmarks measured");
}

const HANGING: &str = r#"
#[perf_harness::bench]
fn parse() -> u64 { demo::parse() }

#[perf_harness::bench]
fn hangs() {
    std::fs::write("hung.pid", format!("{}\n", std::process::id())).unwrap();
    loop { std::thread::sleep(std::time::Duration::from_secs(1)) }
}

perf_harness::main!();
"#;

#[test]
fn an_interrupted_run_leaves_no_worker_and_no_record() {
    let project = Project::without_git();
    project.write("benches/cpu.rs", HANGING);
    project.write(".gitignore", "/target\n*.pid\n");
    project.put_under_git();
    project.perf(&["run", "--quick", "--save", "parse"]).code(0);
    let before = kept(&project);
    for name in ["INT", "TERM", "KILL"] {
        let child = start(project.perf_command().args(["run", "--save"]));
        let pid = pid_in(&project.path("hung.pid"));
        signal(&child, name);
        let output = end(child);
        if name != "KILL" {
            output.code(130).complains("interrupted");
            assert_eq!(output.stdout, "");
        }
        wait_until("the worker is gone", || !is_alive(&pid));
        assert_eq!(
            kept(&project),
            before,
            "{name}: nothing is recorded, nothing is lost"
        );
        fs::remove_file(project.path("hung.pid")).expect("it was there");
    }
}

#[test]
fn a_reader_who_has_seen_enough_is_no_failure() {
    let project = Project::with_baseline();
    let into_nothing = |arguments: &[&str]| {
        let mut command = project.perf_command();
        let mut child = command
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        drop(child.stdout.take());
        let output = end(child);
        output.code(0);
        assert!(
            !output.stderr.contains("error") && !output.stderr.contains("panicked"),
            "{}",
            output.stderr
        );
    };
    into_nothing(&["run", "--quick"]);
    into_nothing(&["run", "--quick", "--format", "json"]);
    into_nothing(&["baseline", "list"]);
    into_nothing(&["compare", "--quick", "--baseline", "main"]);
    into_nothing(&["--help"]);
    into_nothing(&["--version"]);
}

//! A bench target of ours beside one of libtest itself: the same names, the same flags, the same answers.
//!
//! libtest's `#[bench]` is not stable, so its target is compiled with the compiler told to look away. What must differ is
//! taken out by [`alike`] and by nothing else; what differs on purpose has a test of its own that says why.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::support::{Output, Project, Target};

// In the order of the alphabet, which is libtest's; ours is that of the declarations.
const OURS: &str = r#"
use perf_harness as perf;
#[perf::bench] fn alpha() { perf::input(1); }
mod words {
    use super::perf;
    #[perf::bench] fn count() { perf::input(1); }
    #[perf::bench(ignore)] fn slow() { perf::input(1); }
}
#[perf::bench] fn zeta() { perf::input(1); }
perf::main!();
"#;

const REAL: &str = r#"
#![feature(test)]
extern crate test;
use test::Bencher;
#[bench] fn alpha(b: &mut Bencher) { b.iter(|| 1) }
mod words {
    use super::Bencher;
    #[bench] fn count(b: &mut Bencher) { b.iter(|| 1) }
    #[bench] #[ignore] fn slow(b: &mut Bencher) { b.iter(|| 1) }
}
#[bench] fn zeta(b: &mut Bencher) { b.iter(|| 1) }
"#;

/// Two targets that hold benchmarks of the same names.
struct Pair {
    ours: Target,
    real: PathBuf,
}

impl Pair {
    fn new() -> Self {
        Self::of(OURS, REAL)
    }

    fn of(ours: &str, real: &str) -> Self {
        let ours = Target::with_benches(Some(ours));
        ours.project.write("real.rs", real);
        let binary = ours.project.path("real");
        let mut rustc = ours.project.command("rustc");
        rustc.args(["--test", "--edition", "2024", "real.rs", "-o"]);
        rustc.arg(&binary).env("RUSTC_BOOTSTRAP", "1");
        Output::of(rustc.output().expect("rustc starts")).code(0);
        Self { ours, real: binary }
    }

    /// What libtest answers.
    fn real(&self, arguments: &[&str]) -> Output {
        Self::answer(self.real_command().args(arguments))
    }

    /// The same with those options that only a nightly libtest takes.
    fn nightly(&self, arguments: &[&str]) -> Output {
        let command = &mut self.real_command();
        Self::answer(command.args(arguments).env("RUSTC_BOOTSTRAP", "1"))
    }

    fn real_command(&self) -> Command {
        self.ours
            .project
            .command(self.real.to_str().expect("a path in UTF-8"))
    }

    fn answer(command: &mut Command) -> Output {
        // Where a panic came from differs, of course.
        command.env_remove("RUST_BACKTRACE");
        Output::of(command.output().expect("the target starts"))
    }

    /// Asserts that both give this exit code and, but for [`alike`], say the same on standard output.
    #[track_caller]
    fn agree(&self, line: &str, code: i32) {
        let arguments: Vec<&str> = line.split_whitespace().collect();
        let (real, ours) = (self.real(&arguments), self.ours.run(&arguments));
        real.code(code);
        ours.code(code);
        assert_eq!(alike(&ours.stdout), alike(&real.stdout), "asked {line:?}");
    }
}

/// A text without what must differ between the two.
///
/// The time it took and the figures of a measurement are not the same twice. libtest-mimic, which prints ours, pads
/// names in every run; libtest pads them only under `--bench`.
fn alike(text: &str) -> String {
    let line = |line: &str| {
        let line = match line.split_once("finished in ") {
            Some((before, _)) => format!("{before}finished in SECONDS"),
            None => line.to_owned(),
        };
        match line.split_once(" ... ") {
            Some((name, outcome)) => {
                let outcome = outcome
                    .split_once("bench: ")
                    .map_or(outcome, |(before, figures)| {
                        assert_eq!(before, "");
                        assert!(figures.contains(" ns/iter (+/- "), "{figures}");
                        "bench: FIGURES"
                    });
                format!("{} ... {outcome}\n", name.trim_end())
            }
            None => format!("{line}\n"),
        }
    };
    text.lines().map(line).collect()
}

#[test]
fn lists_are_the_same_to_the_byte() {
    let pair = Pair::new();
    for line in [
        "--list",
        "--list --format terse",
        "--list --format=terse --bench",
        "--list --quiet",
        "-q --list",
        "--list --quiet --format pretty",
        "--list --test",
        "--list --bench",
        "--list --ignored",
        "--list --ignored --format terse",
        "--list --include-ignored",
        "--list words",
        "--list words::count",
        "--list alpha zeta nothing",
        "--list nothing",
        "--list --format terse nothing",
        "--list --exact alpha",
        "--list --exact words",
        "--list --exact alpha words::slow",
        "--list --skip words",
        "--list --skip words --skip=zeta",
        "--list --exact --skip alpha",
        "--list words --skip slow --ignored",
        "-- --list",
    ] {
        let arguments: Vec<&str> = line.split_whitespace().collect();
        let (real, ours) = (pair.real(&arguments), pair.ours.run(&arguments));
        let of = |output: &Output| (output.code, output.stderr.clone());
        assert_eq!(of(&ours), of(&real), "asked {line:?}");
        // `-- --list` is a filter and no list.
        assert_eq!(
            alike(&ours.stdout),
            alike(&real.stdout),
            "asked {line:?}, leaving out times"
        );
        if !line.starts_with("-- ") {
            assert_eq!(ours.stdout, real.stdout, "asked {line:?}");
        }
    }
}

#[test]
fn running_once_selects_and_says_the_same() {
    let pair = Pair::new();
    for line in [
        "",
        "--test",
        "alpha",
        "alpha count",
        "nothing",
        "--exact alpha",
        "--exact words",
        "--exact words::count zeta",
        "--skip words",
        "--skip words --skip alp",
        "words --skip count",
        "--ignored",
        "--ignored alpha",
        "--include-ignored",
        "--exact words::slow --ignored",
        "--exact words::slow --nocapture",
        "--quiet",
        "-q --include-ignored",
        "--format terse",
        "--format pretty --quiet",
        "--color never",
    ] {
        pair.agree(&format!("{line} --test-threads 1"), 0);
    }
    // With more threads than benchmarks the order is that of chance, unless there is but one.
    pair.agree("alpha --test-threads 4", 0);
    pair.agree("alpha --test-threads=2", 0);
}

#[test]
fn measuring_selects_and_says_the_same() {
    let pair = Pair::new();
    for line in [
        "--bench",
        "--include-ignored alpha slow --bench",
        "--exact zeta --nocapture --bench",
        "nothing --bench",
    ] {
        pair.agree(line, 0);
    }
    // Where libtest shortens outcomes to letters, it still gives figures with names; so does ours. Only then libtest leaves
    // out the blank line before the result.
    let arguments = ["--bench", "--quiet", "--skip", "slow"];
    let (real, ours) = (pair.real(&arguments), pair.ours.run(&arguments));
    let result = |text: &str| alike(text).replace("\n\ntest result", "\ntest result");
    assert_eq!(result(&ours.stdout), result(&real.stdout));
    assert_eq!(ours.stderr, "", "quiet is quiet");
}

#[test]
fn a_failure_has_the_same_lines_and_exit_code() {
    let pair = Pair::of(
        "use perf_harness as perf;\n#[perf::bench] fn alpha() {}\n\
         #[perf::bench] fn broken() { panic!(\"on purpose\") }\nperf::main!();\n",
        "#![feature(test)]\nextern crate test;\nuse test::Bencher;\n#[bench] fn alpha(b: &mut Bencher) { b.iter(|| 1) }\n\
         #[bench] fn broken(_: &mut Bencher) { panic!(\"on purpose\") }\n",
    );
    for line in ["--test-threads 1", "--bench", "--bench broken"] {
        let arguments: Vec<&str> = line.split_whitespace().collect();
        let (real, ours) = (pair.real(&arguments), pair.ours.run(&arguments));
        real.code(101);
        ours.code(101);
        real.says("on purpose");
        assert!((ours.stdout.clone() + &ours.stderr).contains("on purpose"));
        // Between the two lists of failures each has its own way to say what a panic said, and where.
        let outside = |text: &str| {
            let (before, rest) = text.split_once("\nfailures:\n").expect("failures");
            let (_, names) = rest.rsplit_once("\nfailures:\n").expect("their names");
            format!("{before}{names}")
        };
        assert_eq!(
            outside(&alike(&ours.stdout)),
            outside(&alike(&real.stdout)),
            "asked {line:?}"
        );
    }
    pair.agree("alpha --test-threads 1", 0);
}

#[test]
fn what_libtest_refuses_is_refused() {
    let pair = Pair::new();
    for (line, named) in [
        ("--unheard-of", "unheard-of"),
        ("-x", "x"),
        ("-qx", "x"),
        ("--exact=1", "exact"),
        ("--skip", "skip"),
        ("--test-threads", "test-threads"),
        ("--test-threads 0", "test-threads"),
        ("--test-threads x", "test-threads"),
        ("--format xml", "format"),
        ("--color sometimes", "color"),
        ("--ignored --include-ignored", "include-ignored"),
        ("-Z nonsense", "Z"),
        ("--shuffle-seed x -Z unstable-options", "shuffle-seed"),
    ] {
        let arguments: Vec<&str> = line.split_whitespace().collect();
        for output in [pair.nightly(&arguments), pair.ours.run(&arguments)] {
            output.code(101).complains("error: ").complains(named);
            assert_eq!(output.stdout.trim_end(), "", "asked {line:?}");
        }
    }
}

#[test]
fn every_option_of_libtest_is_taken() {
    let pair = Pair::new();
    let help = pair.real(&["--help"]);
    help.code(0);
    pair.ours.run(&["--help"]).code(0).says("--include-ignored");
    pair.ours.run(&["-qh"]).code(0).says("--include-ignored");
    let options: Vec<&str> = help
        .stdout
        .lines()
        .filter_map(|line| {
            let words = &mut line.split_whitespace();
            // `-h, --help`
            words.find(|word| !(word.len() == 3 && word.ends_with(',')))
        })
        .filter(|word| word.starts_with("--"))
        .collect();
    assert!(options.len() > 18, "{options:?}");
    for option in options {
        let value: &[&str] = match option {
            "--logfile" => &["log"],
            "--test-threads" | "--shuffle-seed" => &["1"],
            "--skip" => &["zeta"],
            "--color" => &["never"],
            "--format" => &["terse"],
            _ => &[],
        };
        pair.ours
            .run(&[&["--list", option], value].concat())
            .code(0);
    }
}

/// What the option means to libtest, too: printing at once.
#[test]
fn what_a_benchmark_prints_is_shown_as_by_nocapture() {
    let pair = Pair::of(
        "use perf_harness as perf;\n#[perf::bench] fn talks() { println!(\"said aloud\") }\nperf::main!();\n",
        "#![feature(test)]\nextern crate test;\nuse test::Bencher;\n\
         #[bench] fn talks(b: &mut Bencher) { b.iter(|| println!(\"said aloud\")) }\n",
    );
    pair.agree("--nocapture --test-threads 1", 0);
    pair.agree("--no-capture --test-threads 1", 0);
    // Standard output can be captured by libtest only. Ours never holds back what a benchmark prints when it runs once,
    pair.ours.run(&[]).code(0).says("said aloud");
    // unless events have standard output for themselves.
    let output = pair.ours.run(&["--format", "json"]);
    output.code(0).complains("said aloud");
    assert_eq!(
        events(&output),
        events(&pair.nightly(&["--format=json", "-Zunstable-options"]))
    );
}

/// The events of a JSON output, without those members that only one of the two can have or that change from run to run.
#[track_caller]
fn events(output: &Output) -> Vec<Value> {
    let event = |line: &str| -> Value {
        let mut event: Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let members = event.as_object_mut().expect("an event is an object");
        for member in ["median", "deviation", "exec_time"] {
            if let Some(figure) = members.get_mut(member) {
                assert!(figure.as_f64().is_some_and(|figure| figure >= 0.0));
                *figure = Value::Null;
            }
        }
        // The two lie in different files, and ours does not know where a function ends.
        for member in [
            "source_path",
            "start_line",
            "start_col",
            "end_line",
            "end_col",
        ] {
            members.remove(member);
        }
        event
    };
    output.stdout.lines().map(event).collect()
}

#[test]
fn events_are_those_of_a_nightly_libtest() {
    let pair = Pair::new();
    for line in [
        "--list",
        "--list --ignored",
        "--list nothing",
        "--test-threads 1",
        "--include-ignored --show-output --test-threads 1",
        "--bench alpha slow",
    ] {
        let mut arguments: Vec<&str> = line.split_whitespace().collect();
        arguments.extend(["--format=json", "-Z", "unstable-options"]);
        let (real, ours) = (pair.nightly(&arguments), pair.ours.run(&arguments));
        real.code(0);
        ours.code(0);
        assert_eq!(events(&ours), events(&real), "asked {line:?}");
    }
    let listed = pair.ours.run(&["--list", "--format", "json"]);
    let first = listed.stdout.lines().nth(1).expect("a benchmark");
    let first: Value = serde_json::from_str(first).expect("an event");
    assert_eq!(first["source_path"], "benches/cpu.rs");
    assert_eq!(first["start_line"], 3);
}

/// Ours on purpose, with the reason.
#[test]
fn differences_that_are_meant() {
    let pair = Pair::new();
    let ours = |line: &str| pair.ours.run(&line.split(' ').collect::<Vec<_>>());
    // `cargo bench -- --test` says both and means a quick check; libtest measures.
    ours("--test --bench").code(0).says("3 passed");
    pair.real(&["--test", "--bench"]).code(0).says("3 measured");
    // A flag may stand in an alias and be said again; the last one wins.
    ours("--list --list").code(0);
    ours("alpha --test-threads 1 --test-threads 2").code(0);
    pair.real(&["--list", "--list"]).code(101);
    // What is unstable in libtest has no other shape here, so nothing has to unlock it.
    ours("--shuffle --shuffle-seed 1").code(0).says("3 passed");
    pair.real(&["--shuffle"]).code(101);
}

/// nextest sees both kinds of target in one package, and selects in both alike.
#[test]
fn nextest_treats_both_alike() {
    let project = Project::new();
    project.write("benches/cpu.rs", OURS);
    project.write(
        "tests/real.rs",
        "#[test] fn alpha() {}\nmod words {\n#[test] fn count() {}\n#[test] #[ignore] fn slow() {}\n}\n#[test] fn zeta() {}\n",
    );
    let nextest = |arguments: &str| {
        let mut command = project.command("cargo");
        command
            .env("PERF_HARNESS_CLOCK", "scripted")
            .env("NEXTEST_EXPERIMENTAL_BENCHMARKS", "1")
            .args(["nextest"])
            .args(arguments.split(' '))
            .args([
                "--all-targets",
                "--cargo-profile",
                "bench",
                "--color",
                "never",
            ]);
        let output = Output::of(command.output().expect("cargo-nextest is installed"));
        output.code(0);
        output
    };
    nextest("run").complains("6 tests run: 6 passed, 2 skipped");
    nextest("run words").complains("2 tests run: 2 passed, 6 skipped");
    nextest("run -E test(=words::count)").complains("2 tests run: 2 passed, 6 skipped");
    nextest("run --run-ignored only").complains("2 tests run: 2 passed, 6 skipped");
    nextest("run --run-ignored all").complains("8 tests run: 8 passed");
    // Of the other target there is nothing to measure.
    nextest("bench").complains("3 benchmarks run: 3 passed");
    nextest("bench words --run-ignored all").complains("2 benchmarks run: 2 passed");

    let list = nextest("list --message-format json").json();
    let names = |kind: &str| -> Vec<(String, Value)> {
        let suites = list["rust-suites"].as_object().expect("suites");
        let suite = suites.values().find(|suite| suite["kind"] == kind);
        let cases = suite.expect("a suite of that kind")["testcases"].as_object();
        let cases = cases.expect("cases").iter();
        cases
            .map(|(name, case)| (name.clone(), case["ignored"].clone()))
            .collect()
    };
    assert_eq!(names("bench"), names("test"));
    assert_eq!(names("bench").len(), 4);
}

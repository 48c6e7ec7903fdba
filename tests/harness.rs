//! A bench target by itself: what `cargo bench`, `cargo test` and nextest ask of it.

use crate::support::{Output, Project, Target};

const ALL: &str = "parse: benchmark\nsort[n=10]: benchmark\nsort[n=20]: benchmark\n";

#[test]
fn the_list_is_exact() {
    let target = Target::new();
    let list = |arguments: &[&str]| {
        let output = target.run(arguments);
        output.code(0);
        assert_eq!(output.stderr, "");
        output.stdout
    };
    assert_eq!(list(&["--list", "--format", "terse"]), ALL);
    assert_eq!(list(&["--list", "--format=terse", "--bench"]), ALL);
    assert_eq!(list(&["--list", "--format", "terse", "--ignored"]), "");
    assert_eq!(list(&["--list"]), format!("{ALL}\n0 tests, 3 benchmarks\n"));
    assert_eq!(
        list(&["--list", "--format", "terse", "--exact", "sort[n=20]"]),
        "sort[n=20]: benchmark\n"
    );
    assert_eq!(
        list(&["--list", "--format", "terse", "par", "n=10"]),
        "parse: benchmark\nsort[n=10]: benchmark\n"
    );
    assert_eq!(
        list(&["--list", "--format", "terse", "--skip", "sort"]),
        "parse: benchmark\n"
    );
}

#[test]
fn without_bench_each_benchmark_runs_once_on_its_smallest_case() {
    let target = Target::new();
    let output = target.run(&["--test-threads", "1"]);
    output
        .code(0)
        .says("test parse      ... ok\n")
        .says("test sort[n=10] ... ok\n");
    output.says("2 passed; 0 failed; 0 ignored; 0 measured; 1 filtered out");
    // A case asked for by its whole name is run, however large.
    target
        .run(&["--exact", "sort[n=20]"])
        .code(0)
        .says("1 passed; 0 failed; 0 ignored; 0 measured; 2 filtered out");
    // So is the smallest of those that a part of the name selects.
    target
        .run(&["sort[n=20"])
        .code(0)
        .says("1 passed; 0 failed; 0 ignored; 0 measured; 2 filtered out");
    target.run(&["--test", "--bench"]).code(0).says("2 passed");
    target
        .run(&["no such benchmark"])
        .code(0)
        .says("0 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out");
}

#[test]
fn with_bench_they_are_measured_in_the_format_others_parse() {
    let output = Target::new().run(&["--bench"]);
    output
        .code(0)
        .says("running 3 tests")
        .says("0 passed; 0 failed; 0 ignored; 3 measured; 0 filtered out");
    let line = output
        .stdout
        .lines()
        .find(|line| line.starts_with("test parse"))
        .expect("a line for parse");
    // The scripted clock lets each launch be off by up to half a per cent.
    let (_, figure) = line.split_once("... bench:").expect("libtest's words");
    let ns: u64 = figure
        .split_whitespace()
        .next()
        .expect("a figure")
        .replace(',', "")
        .parse()
        .expect("whole nanoseconds");
    assert!((995..=1005).contains(&ns), "{line}");
    assert!(line.contains("ns/iter (+/- "), "{line}");
}

#[test]
fn json_has_one_event_a_line_and_nothing_else() {
    let target = Target::new();
    for arguments in [
        &[
            "--bench",
            "--format=json",
            "-Z",
            "unstable-options",
            "--show-output",
        ][..],
        &["--format=json"],
    ] {
        let output = target.run(arguments);
        output.code(0);
        for line in output.stdout.lines() {
            let event: serde_json::Value =
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            assert!(
                ["suite", "test", "bench"].contains(&event["type"].as_str().unwrap_or_default()),
                "{line}"
            );
        }
    }
}

#[test]
fn what_it_does_not_know_it_refuses() {
    let target = Target::new();
    target
        .run(&["--unheard-of"])
        .code(101)
        .complains("unknown option `--unheard-of`");
    target
        .run(&["--test-threads", "0"])
        .code(101)
        .complains("above 0");
    target.run(&["--help"]).code(0).says("--include-ignored");
}

#[test]
fn ignored_benchmarks_are_listed_and_run_only_when_asked_for() {
    let benches = "#[perf_harness::bench(ignore)]\nfn slow() -> u8 { 1 }\n\
                   #[perf_harness::bench]\nfn quick() -> u8 { 1 }\nperf_harness::main!();\n";
    let target = Target::with_benches(Some(benches));
    target
        .run(&["--list", "--format", "terse", "--ignored"])
        .code(0);
    assert_eq!(
        target
            .run(&["--list", "--format", "terse", "--ignored"])
            .stdout,
        "slow: benchmark\n"
    );
    target
        .run(&[])
        .code(0)
        .says("1 passed; 0 failed; 1 ignored");
    target
        .run(&["--ignored"])
        .code(0)
        .says("1 passed; 0 failed; 0 ignored; 0 measured; 1 filtered out");
    target
        .run(&["--include-ignored"])
        .code(0)
        .says("2 passed; 0 failed; 0 ignored");
}

#[test]
fn a_failing_benchmark_fails_the_target_and_no_other_benchmark() {
    let benches = "#[perf_harness::bench]\nfn broken() { panic!(\"on purpose\") }\n\
                   #[perf_harness::bench]\nfn wrong(b: perf_harness::Bench) { b.run(|| 1).check(|n| *n == 2) }\n\
                   #[perf_harness::bench]\nfn nothing(_b: perf_harness::Bench) {}\n\
                   #[perf_harness::bench]\nfn fine() { demo::parse(); }\nperf_harness::main!();\n";
    let target = Target::with_benches(Some(benches));
    for arguments in [&["--bench"][..], &["--test-threads=1"]] {
        let output = target.run(arguments);
        output
            .code(101)
            .says("on purpose")
            .says("the check of the benchmark's result does not hold");
        output.says("it measures nothing").says("3 failed");
    }
    target.run(&["--bench"]).says("1 measured");
}

#[test]
fn a_suite_that_cannot_be_one_says_which_benchmark_is_at_fault() {
    let benches = "fn main() -> std::process::ExitCode {\n\
                   let mut suite = perf_harness::Suite::new();\n\
                   for name in [\"twice\", \"twice\"] { suite.bench(name).run(|b, _| { b.run(|| 1); }); }\n\
                   suite.main() }\n";
    let target = Target::with_benches(Some(benches));
    target
        .run(&["--list", "--format", "terse"])
        .code(101)
        .complains("`twice`")
        .complains("stands for two cases");
    target.project.perf(&["run"]).code(2).complains("`twice`");
}

#[test]
fn nextest_lists_runs_and_measures() {
    let project = Project::new();
    let nextest = |arguments: &[&str]| {
        let mut command = project.command("cargo");
        command
            .env("PERF_HARNESS_CLOCK", "scripted")
            .env("NEXTEST_EXPERIMENTAL_BENCHMARKS", "1");
        command.arg("nextest").args(arguments).args([
            "--cargo-profile",
            "bench",
            "--benches",
            "--color",
            "never",
        ]);
        Output::of(command.output().expect("cargo-nextest is installed"))
    };
    let list = nextest(&["list"]);
    list.code(0);
    let run = nextest(&["run"]);
    run.code(0).complains("3 tests run: 3 passed");
    let bench = nextest(&["bench"]);
    bench.code(0).complains("3 benchmarks run: 3 passed");
}

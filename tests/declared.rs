//! What a benchmark can declare of itself: instances of generic functions, figures of its own, reasons to be left out.

use crate::support::{Output, Project};

const GENERIC: &str = r#"
use std::collections::VecDeque;

use perf_harness as perf;

trait Named {
    const NAME: &str;
}

impl Named for Vec<u8> {
    const NAME: &str = "vec";
}

impl Named for VecDeque<u8> {
    const NAME: &str = "deque";
}

#[perf::bench(types = [Vec<u8>, VecDeque< u8 >], n = perf::log_range(1..=100, 3), consts = [2, 4])]
fn instances<T: Named, const N: u64>(b: perf::Bench, n: u64) {
    eprintln!("this is {} {N} {n}", T::NAME);
    b.run(|| perf::scripted::spend(1000 * N));
}

#[perf::bench(ignore = "needs a GPU")]
fn render() {}

perf::main!();
"#;

fn project(benches: &str) -> Project {
    let project = Project::without_git();
    project.write("benches/cpu.rs", benches);
    project.put_under_git();
    project
}

#[test]
fn every_case_of_a_generic_function_runs_its_own_instance() {
    let project = project(GENERIC);
    let bench = |arguments: &[&str]| project.cargo(&[&["bench", "--"], arguments].concat());
    let list = bench(&["--list", "--format", "terse"]);
    list.code(0);
    let names: Vec<&str> = list.stdout.lines().collect();
    assert_eq!(names.len(), 13, "{names:?}");
    assert_eq!(names[0], "instances[T=Vec<u8>,n=1,N=2]: benchmark");
    assert_eq!(names[1], "instances[T=Vec<u8>,n=1,N=4]: benchmark");
    assert_eq!(names[11], "instances[T=VecDeque<u8>,n=100,N=4]: benchmark");
    for (name, instance) in [
        ("instances[T=Vec<u8>,n=10,N=4]", "this is vec 4 10\n"),
        ("instances[T=VecDeque<u8>,n=10,N=2]", "this is deque 2 10\n"),
        (
            "instances[T=VecDeque<u8>,n=100,N=4]",
            "this is deque 4 100\n",
        ),
    ] {
        bench(&["--test", "--exact", name])
            .code(0)
            .complains(instance);
    }
    bench(&["--test"])
        .code(0)
        .says("1 passed; 0 failed; 1 ignored")
        .complains("note: render is ignored: needs a GPU");

    let run = project.perf(&[
        "run", "--quick", "--format", "json", "deque", "n=10,", "render",
    ]);
    run.code(0)
        .notes_that("cpu::render is ignored: needs a GPU");
    let report = run.json();
    let benchmarks = report["benchmarks"].as_array().expect("a list");
    assert_eq!(benchmarks.len(), 4, "{report}");
    for benchmark in benchmarks {
        let id = benchmark["id"].as_str().expect("an id");
        let wall = benchmark["metrics"][0]["value"].as_f64().expect("a time");
        let expected = if id.ends_with("N=4]") { 4000.0 } else { 2000.0 };
        assert!((wall / expected - 1.0).abs() < 0.01, "{id}: {wall}");
    }
}

const FIGURES: &str = r#"
use perf_harness as perf;
use perf::Better;

#[perf::bench]
fn compress(b: perf::Bench) {
    b.record("lost", 2.0, "requests", Better::Lower)
        .run(|| { perf::scripted::spend(1000); vec![0_u8; 40] })
        .record_exact("ratio", |out| 100.0 / out.len() as f64, "1", Better::Higher)
        .check(|out| out.len() == 40);
}

#[perf::bench(value = [f64::NAN, f64::INFINITY, -1.0])]
fn no_figure(b: perf::Bench, value: f64) {
    b.run(|| value).record("ratio", |&out| out, "1", Better::Higher);
}

#[perf::bench]
fn taken(b: perf::Bench) {
    b.record("wall", 1.0, "1", Better::Lower).run(|| ());
}

#[perf::bench]
fn no_input(b: perf::Bench) {
    b.input(|| -> u64 { panic!("there is nothing to work on") }).run(|n| n);
}

perf::main!();
"#;

#[test]
fn a_figure_of_ones_own_is_kept_like_any_other_and_one_that_is_none_is_a_failure() {
    let project = project(FIGURES);
    let good = project.perf(&["run", "--quick", "--format", "json", "compress"]);
    good.code(0);
    let report = good.json();
    let metrics = report["benchmarks"][0]["metrics"]
        .as_array()
        .expect("a list");
    let figure = |name: &str| {
        let found = metrics.iter().find(|metric| metric["name"] == name);
        found.unwrap_or_else(|| panic!("no {name} in {report}"))
    };
    let ratio = figure("ratio");
    assert_eq!(
        (&ratio["value"], &ratio["unit"], &ratio["better"]),
        (&2.5.into(), &"1".into(), &"higher".into())
    );
    let lost = figure("lost");
    assert_eq!(
        (&lost["value"], &lost["unit"], &lost["better"]),
        (&2.0.into(), &"requests".into(), &"lower".into())
    );
    let record = project.read(&project.files(".perf/runs")[0]);
    assert!(
        record.contains(r#""ratio":{"better":"higher","exact":true,"#)
            && record.contains(r#""lost":{"better":"lower","exact":false,"#),
        "{record}"
    );

    let bad = project.perf(&["run", "--quick"]);
    bad.code(12)
        .complains("no_figure[value=NaN] failed: metric `ratio` is NaN: ")
        .complains("no_figure[value=inf] failed: metric `ratio` is inf: ")
        .complains("no_figure[value=-1.0] failed: metric `ratio` is -1: ")
        .complains("no_input failed: there is nothing to work on")
        .complains("taken failed: metric `wall` is one that the harness itself measures");
    project
        .cargo(&["test", "--benches", "--", "taken", "no_input"])
        .code(101)
        .says("there is nothing to work on")
        .says("metric `wall` is one that the harness itself measures");
}

#[test]
fn values_of_an_axis_that_cannot_be_made_name_the_benchmark() {
    let project = project(
        "#[perf_harness::bench(n = perf_harness::log_range(0..=10, 3))]\n\
         fn from_zero(n: u64) -> u64 { n }\n\
         perf_harness::main!();\n",
    );
    let what = "benchmark `from_zero` (benches/cpu.rs:1): making the values of its axes panicked";
    project.perf(&["run", "--quick"]).code(2).complains(what);
    project
        .cargo(&["test", "--benches"])
        .code(101)
        .complains(what)
        .complains("the range must begin at 1 or above");
}

/// The suite is at fault in the way that the environment says.
const FAULTY: &str = r#"
use std::process::ExitCode;
use std::time::Duration;

use perf_harness::{Bench, Suite};

fn body(b: Bench) { b.run(|| ()); }

fn main() -> ExitCode {
    let mut suite = Suite::new();
    let name = |name| name;
    match std::env::var("FAULT").unwrap_or_default().as_str() {
        "empty" => suite.bench("odd").axis("n", 0..0_u8).run(|b, _| body(b)),
        "labels" => suite.bench("odd").axis("n", ["a", "a"]).run(|b, _| body(b)),
        "line" => suite.bench(name("odd\nline")).run(|b, _| body(b)),
        "listing" => suite.bench(name("odd: test")).run(|b, _| body(b)),
        "timeout" => suite.bench("odd").timeout(Duration::ZERO).run(|b, _| body(b)),
        "threads" => suite.bench("odd").threads([0]).run(|b, _| body(b)),
        "budget" => suite.bench("odd").at_most("wall", f64::NAN).run(|b, _| body(b)),
        "amount" => suite.bench("odd").at_most("allocs", -1).run(|b, _| body(b)),
        "gate" => suite.bench("odd").gate("5").run(|b, _| body(b)),
        _ => {
            suite.bench("odd").run(|b, _| body(b));
            suite.bench("odd").run(|b, _| body(b));
        }
    }
    suite.main()
}
"#;

#[test]
fn a_declaration_that_is_none_names_the_benchmark_and_the_fault() {
    let project = project(FAULTY);
    for (fault, told) in [
        (
            "twice",
            "benchmark `odd` (benches/cpu.rs:24): its name stands for two cases",
        ),
        (
            "empty",
            "benchmark `odd` (benches/cpu.rs:13): axis `n` has no values",
        ),
        (
            "labels",
            "benchmark `odd` (benches/cpu.rs:14): its name stands for two cases",
        ),
        ("line", "it holds a line break"),
        ("listing", "benchmark `odd: test` (benches/cpu.rs:16): "),
        (
            "timeout",
            "benchmark `odd` (benches/cpu.rs:17): a timeout must be at least a millisecond",
        ),
        (
            "threads",
            "benchmark `odd` (benches/cpu.rs:18): the values of `threads` must be numbers",
        ),
        (
            "budget",
            "benchmark `odd` (benches/cpu.rs:19): the budget for `wall` is a time",
        ),
        (
            "amount",
            "benchmark `odd` (benches/cpu.rs:20): the budget for `allocs` is -1",
        ),
        (
            "gate",
            "benchmark `odd` (benches/cpu.rs:21): \"5\" is not a gate",
        ),
    ] {
        let perf = project
            .perf_command()
            .args(["run", "--quick"])
            .env("FAULT", fault)
            .output();
        let perf = Output::of(perf.expect("cargo-perf starts"));
        perf.code(2).complains(told);
        assert_eq!(perf.stdout, "", "{fault}");
    }
    let mut listing = project.command("cargo");
    listing
        .args(["bench", "--", "--list"])
        .env("FAULT", "empty");
    let listing = Output::of(listing.output().expect("cargo starts"));
    listing.code(101).complains("axis `n` has no values");
}

//! Metrics besides time: what is counted, how it is compared, and what is said where it could not be had.

use serde_json::Value;

use crate::support::{Output, Project};

/// The first benchmark of a JSON report.
fn first(output: &Output) -> Value {
    output.json()["benchmarks"][0].clone()
}

fn metric(benchmark: &Value, name: &str) -> Value {
    let metrics = benchmark["metrics"].as_array().expect("a list");
    let found = metrics.iter().find(|metric| metric["name"] == name);
    found
        .unwrap_or_else(|| panic!("no {name} in {benchmark}"))
        .clone()
}

/// A project whose `parse` gets so many blocks, in a target whose allocator counts.
fn counting(blocks: u32) -> Project {
    let project = Project::without_git();
    project.edit(
        "benches/cpu.rs",
        "perf::main!();",
        "perf::main!(alloc = counting);",
    );
    allocate(&project, blocks);
    project.put_under_git();
    project
}

fn allocate(project: &Project, blocks: u32) {
    project.times(1000, 2000);
    project.edit(
        "src/lib.rs",
        "spend(1000); 1",
        &format!(
            "spend(1000); for _ in 0..{blocks} {{ drop(std::hint::black_box(vec![0_u8; 4096])); }} 1"
        ),
    );
}

#[test]
fn two_allocations_more_are_a_regression_by_themselves() {
    let project = counting(3);
    project.save_baseline();
    project.branch("hungry");
    allocate(&project, 5);
    project.commit("hungrier");

    let output = project.compare("main", &["parse"]);
    output.code(1).gives(&[("cpu::parse", "regressed")]);
    let parse = first(&output);
    let allocs = metric(&parse, "allocs");
    assert_eq!(
        (&allocs["baseline"], &allocs["value"], &allocs["exact"]),
        (&3.0.into(), &5.0.into(), &true.into())
    );
    assert_eq!(allocs["verdict"], "regressed");
    let bytes = metric(&parse, "alloc-bytes");
    assert_eq!(
        (&bytes["value"], &bytes["verdict"]),
        (&20_480.0.into(), &"regressed".into())
    );
    let peak = metric(&parse, "peak");
    assert_eq!(
        (&peak["value"], &peak["verdict"]),
        (&4096.0.into(), &"unchanged".into())
    );
    assert_eq!(metric(&parse, "wall")["verdict"], "unchanged");
    assert_eq!(metric(&parse, "io-read")["verdict"], Value::Null, "context");

    let human = project.perf(&["compare", "--quick", "--baseline", "main", "parse"]);
    human
        .code(1)
        .says("allocs 3 → 5")
        .says("alloc-bytes 12.00 KiB → 20.00 KiB");
    let compare = [
        "compare",
        "--quick",
        "--baseline",
        "main",
        "--format",
        "markdown",
        "parse",
    ];
    project
        .perf(&compare)
        .code(1)
        .says("allocs 3 → 5")
        .says("| `cpu::parse` | peak | ");
}

#[test]
fn fewer_allocations_are_told_and_fail_nothing() {
    let project = counting(5);
    project.save_baseline();
    project.branch("lean");
    allocate(&project, 3);
    project.commit("leaner");
    let output = project.perf(&["compare", "--quick", "--baseline", "main", "parse"]);
    output.code(0).says("allocs 5 → 3");
}

#[test]
fn who_does_not_count_is_told_how_to_once() {
    let project = Project::new();
    let output = project.perf(&["run", "--quick", "--format", "json", "parse"]);
    let parse = first(output.code(0));
    let absent = parse["absent"].as_array().expect("a list");
    // A machine may have no counters of instructions either.
    let of_memory: Vec<_> = absent
        .iter()
        .filter(|metric| metric["name"] != "instructions")
        .collect();
    let [allocs] = of_memory[..] else {
        panic!("{absent:?}");
    };
    assert_eq!(allocs["name"], "allocs");
    let reason = allocs["reason"].as_str().expect("a text");
    assert!(reason.contains("perf::main!(alloc = counting)"), "{reason}");
    assert!(metric(&parse, "peak-rss")["value"].as_f64() > Some(0.0));
}

#[test]
fn a_baseline_that_counted_is_not_passed_over_in_silence() {
    let project = counting(3);
    project.save_baseline();
    project.branch("blind");
    project.edit("benches/cpu.rs", "(alloc = counting)", "()");
    project.commit("no longer counts");
    let output = project.compare("main", &["parse"]);
    output.code(0).gives(&[("cpu::parse", "unchanged")]);
    let human = project.perf(&["compare", "--quick", "--baseline", "main", "parse"]);
    human
        .code(0)
        .says("allocs: it was not measured this time: ");
}

#[test]
fn no_metric_takes_more_than_a_kilobyte() {
    let project = counting(3);
    project.perf(&["run"]).code(0);
    let file = project.files(".perf/runs").remove(0);
    let record: Value = serde_json::from_str(&project.read(&file)).expect("a record is JSON");
    for benchmark in record["suite"].as_array().expect("a list") {
        let metrics = benchmark["metrics"].as_object().expect("an object");
        assert!(metrics.len() >= 15, "{metrics:?}");
        for (name, metric) in metrics {
            assert!(metric.to_string().len() <= 1024, "{name}: {metric}");
        }
        // A thousand metrics of benchmarks in a megabyte, with room for what surrounds them.
        let each = benchmark.to_string().len() / metrics.len();
        assert!(each <= 512, "{each} bytes for each metric");
    }
}

#[test]
fn a_budget_of_allocations_is_held_under_cargo_test() {
    let project = counting(3);
    project.edit(
        "benches/cpu.rs",
        "#[perf::bench]\nfn parse",
        "#[perf::bench(allocs <= 3, peak <= \"4KiB\")]\nfn parse",
    );
    project.cargo(&["test", "--benches"]).code(0);
    allocate(&project, 4);
    project
        .cargo(&["test", "--benches"])
        .code(101)
        .says("over budget: allocs is 4, and its budget 3")
        .does_not_say("peak is");
}

//! Budgets: what a benchmark may take at most fails it with no baseline at all, and never passes unseen.

use crate::support::Project;

/// Times are scripted: `fast` keeps its budget, `slow` is far above it, `near` too near to tell.
const TIMES: &str = r#"
use perf_harness as perf;
use perf::scripted::spend;

#[perf::bench(wall <= "10us")]
fn fast() { spend(9_200) }

#[perf::bench(wall <= "10us", cpu <= "1s")]
fn near() { spend(10_100) }

#[perf::bench(wall <= "10us")]
fn slow() { spend(LENGTH) }

perf::main!();
"#;

fn project(benches: &str) -> Project {
    let project = Project::without_git();
    project.write("benches/cpu.rs", benches);
    project.put_under_git();
    project
}

fn slow_takes(nanoseconds: u64) -> String {
    TIMES.replace("LENGTH", &nanoseconds.to_string())
}

#[test]
fn a_broken_budget_fails_a_run_and_a_comparison() {
    let project = project(&slow_takes(12_500));
    let run = project.perf(&["run", "--quick"]);
    run.code(1)
        .says("over budget: wall 12.")
        .says(" µs, at most 10.00 µs")
        .says("3 benchmarks measured; 1 over budget\n")
        .says("budget: wall 10.")
        .says("too near to it to tell");
    let json = project.perf(&["run", "--quick", "--format", "json"]);
    let report = json.code(1).json();
    assert_eq!(report["failures"], 1, "{report}");
    let standing = |index: usize, metric: &str| {
        let budgets = report["benchmarks"][index]["budgets"].as_array();
        let mut budgets = budgets.expect("a list").iter();
        let found = budgets.find(|budget| budget["metric"] == metric);
        found.expect("it has one")["standing"].clone()
    };
    // By name: fast, near, slow.
    assert_eq!(standing(0, "wall"), "kept");
    assert_eq!(standing(1, "wall"), "cannot tell");
    assert_eq!(standing(1, "cpu"), "kept");
    assert_eq!(standing(2, "wall"), "over budget");
    project
        .perf(&["run", "--quick", "--format", "markdown"])
        .code(1)
        .says("`cpu::slow` over budget")
        .says("over budget: wall 12.");
    project.perf(&["run", "--quick", "fast", "near"]).code(0);

    // A tier below: shown, no failure, and not said of what is over its budget anyway.
    project.write(
        ".config/perf.toml",
        "[[budgets]]\nselect = \"*\"\nmetric = \"wall\"\nwarn = \"8us\"\n",
    );
    let warned = project.perf(&["run", "--quick"]);
    warned
        .says("warning: wall 9.")
        .does_not_say("warning: wall 12");
    let output = project.perf(&["run", "--quick", "--format", "json", "fast"]);
    output.code(0);
    let warning = &output.json()["benchmarks"][0]["warnings"][0];
    assert_eq!(
        (&warning["warned"], &warning["above"]),
        (&true.into(), &8000.0.into())
    );
    std::fs::remove_file(project.path(".config/perf.toml")).expect("it was there");

    // No baseline is needed for a budget, and one does not excuse it.
    let compare = project.compare("main", &[]);
    compare.code(1);
    let measured = compare.json()["benchmarks"].as_array().map(Vec::len);
    assert_eq!(measured, Some(3), "those with a budget: {}", compare.stdout);
    project.perf(&["run", "--quick", "--save"]).code(1);
    project.commit("baseline");
    let unchanged = project.compare("main", &["--remeasure"]);
    unchanged.code(1).gives(&[
        ("cpu::fast", "unchanged"),
        ("cpu::near", "unchanged"),
        ("cpu::slow", "unchanged"),
    ]);
}

#[test]
fn a_budget_is_no_part_of_what_is_measured() {
    let project = project(&slow_takes(9_000));
    project.save_baseline();
    project.edit(
        "benches/cpu.rs",
        "#[perf::bench(wall <= \"10us\")]\nfn slow",
        "#[perf::bench(wall <= \"5us\")]\nfn slow",
    );
    project.commit("a stricter budget");
    let compare = project.compare("main", &["slow"]);
    compare.code(1).gives(&[("cpu::slow", "unchanged")]);
}

#[test]
fn a_change_does_not_rid_itself_of_a_budget() {
    let project = project(&slow_takes(9_000));
    project.save_baseline();
    project.branch("work");
    project.edit("benches/cpu.rs", "spend(9000)", "spend(12500)");
    let looser = [
        ("\"10us\")]\nfn slow", "\"20us\")]\nfn slow"),
        (
            "#[perf::bench(wall <= \"20us\")]\nfn slow",
            "#[perf::bench]\nfn slow",
        ),
    ];
    for (old, new) in looser {
        project.edit("benches/cpu.rs", old, new);
        for method in [&["--no-confirm"][..], &["--paired"]] {
            let compare = project.compare("main", &[&["slow"], method].concat());
            compare.code(1).notes_that(
                "those of the baseline are held until this code is part of it: cpu::slow",
            );
            let budget = &compare.json()["benchmarks"][0]["budgets"][0];
            assert_eq!(budget["at_most"], 10_000.0);
            assert_eq!(budget["standing"], "over budget");
        }
    }
}

#[test]
fn cargo_bench_fails_where_a_budget_is_broken() {
    let project = project(&slow_takes(12_500));
    let bench = |filter: &str| {
        let mut command = project.command("cargo");
        command
            .args(["bench", "--", filter])
            .env("PERF_HARNESS_CLOCK", "scripted");
        crate::support::Output::of(command.output().expect("cargo starts"))
    };
    bench("slow")
        .code(101)
        .complains("slow: over budget: wall is 12.")
        .says("1 failed");
    bench("near").code(0).complains("note: near: wall is 10.");
    bench("fast").code(0);
}

const EXACT: &str = r#"
use perf_harness as perf;
use perf::Better;

#[perf::bench(words <= 3, wall <= "1ns")]
fn counted(b: perf::Bench) {
    b.run(|| perf::scripted::spend(1000)).record_exact("words", |_| WORDS, "1", Better::Lower);
}

const WORDS: f64 = 3.0;

perf::main!();
"#;

#[test]
fn what_is_exact_is_held_to_its_budget_under_cargo_test_too() {
    let project = project(EXACT);
    // Time is noisy, and one unoptimised iteration tells nothing of it.
    project.cargo(&["test", "--benches"]).code(0);
    project.edit("benches/cpu.rs", "WORDS: f64 = 3.0", "WORDS: f64 = 4.0");
    project
        .cargo(&["test", "--benches"])
        .code(101)
        .says("over budget: words is 4, and its budget 3");
}

#[test]
fn a_budget_that_nobody_can_hold_is_not_passed() {
    let project = project(
        "#[perf_harness::bench(allocs <= 3)]\nfn counted() { perf_harness::scripted::spend(1000) }\n\
         #[perf_harness::bench(alocs <= 3)]\nfn misspelt() { perf_harness::scripted::spend(1000) }\n\
         perf_harness::main!();\n",
    );
    project
        .perf(&["run", "--quick"])
        .code(1)
        .says("budget: allocs at most 3: it was not measured: ")
        .says("budget: alocs at most 3: it was not measured: nothing recorded it")
        .says("2 over budget");
    project
        .cargo(&["test", "--benches"])
        .code(101)
        .says("allocs was not measured: ")
        .says("alocs was not measured: ");
}

const COUNTED: &str = r#"
use perf_harness as perf;

#[perf::bench(allocs <= 1, alloc_bytes <= 64, peak <= "64B")]
fn vector() -> Vec<u8> { perf::input(Vec::with_capacity(SIZE)) }

const SIZE: usize = 64;

perf::main!(alloc = counting);
"#;

#[test]
fn allocations_are_held_by_every_command() {
    let project = project(COUNTED);
    project.cargo(&["test", "--benches"]).code(0);
    project.perf(&["run", "--quick"]).code(0);
    project.edit("benches/cpu.rs", "SIZE: usize = 64", "SIZE: usize = 65");
    project
        .cargo(&["test", "--benches"])
        .code(101)
        .says("over budget: alloc-bytes is 65 B, and its budget 64 B; over budget: peak is 65 B");
    project
        .perf(&["run", "--quick"])
        .code(1)
        .says("over budget: alloc-bytes 65")
        .says("over budget: peak 65");
}

const GATED: &str = r#"
use perf_harness as perf;

#[perf::bench(gate = "50%")]
fn wide() { demo::parse(); }

#[perf::bench(gate = "never")]
fn watched() { demo::parse(); }

#[perf::bench]
fn plain() { demo::parse(); }

perf::main!();
"#;

#[test]
fn a_gate_lets_pass_what_the_baseline_says_it_may() {
    let project = project(GATED);
    project.save_baseline();
    project.branch("slower");
    project.times(1300, 2000);
    project.commit("slower");
    let slower = project.compare("main", &[]);
    slower.code(1).gives(&[
        ("cpu::plain", "regressed"),
        ("cpu::watched", "tolerated"),
        ("cpu::wide", "tolerated"),
    ]);
    let report = slower.json();
    assert_eq!(
        (&report["failures"], &report["benchmarks"][2]["gate"]),
        (&1.into(), &"50%".into())
    );
    project.compare("main", &["wide", "watched"]).code(0);
    // Rules that a change brings along do not judge it.
    project.edit("benches/cpu.rs", "50%", "500%");
    project.edit(
        "benches/cpu.rs",
        "#[perf::bench]\nfn plain",
        "#[perf::bench(gate = \"never\")]\nfn plain",
    );
    project.times(4000, 2000);
    project.commit("slower still, with wider gates");
    let wider = project.compare("main", &[]);
    wider
        .code(1)
        .gives(&[
            ("cpu::plain", "regressed"),
            ("cpu::watched", "tolerated"),
            ("cpu::wide", "regressed"),
        ])
        .notes_that("gates that the baseline does not have yet, and that count once they are part of it: cpu::plain");
}

/// What is the better the more there is of it: a rate that follows from the time, and figures of one's own.
const FLOORS: &str = r#"
use perf_harness as perf;
use perf::Better;

#[perf::bench(items >= 10_000_000, bytes >= "1KiB")]
fn rate(b: perf::Bench) {
    b.items(100_u64).bytes(4096_u64).run(|| perf::scripted::spend(LENGTH));
}

#[perf::bench(ratio >= 3)]
fn packed(b: perf::Bench) {
    b.run(|| perf::scripted::spend(1000)).record_exact("ratio", |_| RATIO, "1", Better::Higher);
}

const LENGTH: u64 = 8000;
const RATIO: f64 = 3.0;

perf::main!();
"#;

#[test]
fn a_floor_is_held_by_every_command_and_every_format() {
    let project = project(FLOORS);
    project.cargo(&["test", "--benches"]).code(0);
    project.save_baseline();
    let warn = "[[budgets]]\nselect = \"*\"\nmetric = \"ratio\"\nwarn = 4\n";
    project.write(".config/perf.toml", warn);
    project
        .perf(&["run", "--quick"])
        .code(0)
        .says("warning: ratio 3, below 4")
        .does_not_say("under budget");
    std::fs::remove_file(project.path(".config/perf.toml")).expect("it was there");

    // A change does not rid itself of a floor either, by lowering it or by taking it away.
    project.branch("work");
    project.edit(
        "benches/cpu.rs",
        "LENGTH: u64 = 8000",
        "LENGTH: u64 = 16000",
    );
    project.edit("benches/cpu.rs", "RATIO: f64 = 3.0", "RATIO: f64 = 2.0");
    project.edit("benches/cpu.rs", "10_000_000", "1_000_000");
    project.edit("benches/cpu.rs", "(ratio >= 3)", "");
    project.perf(&["run", "--quick"]).code(0);
    for method in ["--no-confirm", "--paired"] {
        let compare = project.compare("main", &[method]);
        compare.code(1).notes_that(
            "those of the baseline are held until this code is part of it: cpu::packed, cpu::rate",
        );
        let report = compare.json();
        let budget = |index: usize, metric: &str| {
            let budgets = report["benchmarks"][index]["budgets"].as_array();
            let mut budgets = budgets.expect("a list").iter();
            let found = budgets.find(|budget| budget["metric"] == metric);
            found.expect("it has one").clone()
        };
        for (index, metric, least, unit) in [(0, "ratio", 3.0, "1"), (1, "items", 10e6, "items/s")]
        {
            let found = budget(index, metric);
            assert_eq!(found["standing"], "under budget", "{found}");
            assert_eq!(found["at_least"], least, "{found}");
            assert!(
                found["at_most"].is_null() && found["unit"] == unit,
                "{found}"
            );
        }
        assert_eq!(budget(1, "bytes")["standing"], "kept");
    }
    let told = [
        ("human", "under budget: ratio 2, at least 3"),
        ("markdown", "under budget: ratio 2, at least 3"),
        ("github", "under budget: items 6."),
        ("junit", "type=\"under budget\""),
    ];
    let common = ["compare", "--baseline", "main", "--no-confirm", "--format"];
    for (format, text) in told {
        let output = project.perf(&[&common[..], &[format]].concat());
        output.code(1).says(text);
    }
    let check = project.perf(&["check", "--no-run", "--baseline", "main"]);
    check.code(1).says("under budget");
}

#[test]
fn a_budget_the_wrong_way_is_an_error() {
    let project = project(FLOORS);
    // Of a figure of one's own the direction is known once it is recorded.
    project.edit("benches/cpu.rs", "ratio >= 3", "ratio <= 300");
    project
        .cargo(&["test", "--benches"])
        .code(101)
        .says("more of `ratio` is better, so its budget is the least there has to be");
    project
        .perf(&["run", "--quick"])
        .code(1)
        .says("more of `ratio` is better");
    // Of all others it is known before anything is built.
    project.write(
        ".config/perf.toml",
        "[[budgets]]\nselect = \"*\"\nmetric = \"wall\"\nmin = \"1us\"\n",
    );
    project
        .perf(&["run", "--quick"])
        .code(2)
        .complains("perf.toml:4:7: less of `wall` is better");
}

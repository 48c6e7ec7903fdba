//! Whether a slowdown is the code's doing or comes only from where the linker put it: both codes in several link orders.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::thread::sleep;
use std::time::Duration;

use crate::support::{CALM, Output, Project, SORT_IS_SLOWER, process};

const SIDE_BY_SIDE: &[&str] = &["compare", "--quick", "--paired", "--baseline", "main"];

fn paired(project: &Project, arguments: &[&str]) -> Output {
    project.perf(&[SIDE_BY_SIDE, &["--format", "json"], arguments].concat())
}

/// Functions that nothing calls, named by these numbers, and a `parse` whose time depends on where they lie: `slow` is an
/// expression over `at`, their addresses in this order; beside all that is executed it takes next to nothing. The compiler sorts functions by name, so other names are other places. They
/// do not do the same, lest one of them stands for all.
fn whose_time_depends_on_places(names: &[u32], slow: &str) -> String {
    let function = |(i, n): (usize, &u32)| {
        format!("#[inline(never)]\npub fn f{n}(x: u64) -> u64 {{ x.rotate_left({i}) ^ 5 }}\n")
    };
    let functions: String = names.iter().enumerate().map(function).collect();
    let addresses: Vec<String> = names
        .iter()
        .map(|n| format!("std::hint::black_box(f{n} as fn(u64) -> u64) as usize"))
        .collect();
    format!(
        "use perf_harness::scripted::spend;\n{functions}\
         pub fn parse() -> u64 {{\n    let at = [{}];\n    spend(1000 + 200 * u64::from({slow}));\n    \
         (0..10_000_u64).fold(1, |sum, i| std::hint::black_box(sum ^ i)) & 1\n}}\n\
         pub fn sort(v: &mut [u64]) {{ spend(2000 * v.len() as u64); v.sort(); }}\n",
        addresses.join(", ")
    )
}

const UPWARDS: [u32; 8] = [1, 2, 3, 4, 5, 6, 7, 8];
const DOWNWARDS: [u32; 8] = [8, 7, 6, 5, 4, 3, 2, 1];

/// No order of eight functions is likely to be this one but that by names that fall.
const LIE_DOWNWARDS: &str = "at.windows(2).map(|two| u64::from(two[0] > two[1])).sum::<u64>() == 7";

/// A project whose candidate has the same functions by other names, which makes `parse` slower as it is built.
fn moved() -> Project {
    let project = Project::without_git();
    project.write(
        "src/lib.rs",
        &whose_time_depends_on_places(&UPWARDS, LIE_DOWNWARDS),
    );
    project.put_under_git();
    project.branch("moved");
    project.write(
        "src/lib.rs",
        &whose_time_depends_on_places(&DOWNWARDS, LIE_DOWNWARDS),
    );
    project.commit("functions by other names");
    project
}

const PARSE_IS_LAYOUT: [(&str, &str); 3] = [("cpu::parse", "layout"), CALM[1], CALM[2]];

#[test]
fn what_is_slower_in_one_link_order_only_is_layout() {
    let project = moved();
    // As it is built, it is slower; that is what everyone sees who does not link again.
    let as_built = [("cpu::parse", "regressed"), CALM[1], CALM[2]];
    paired(&project, &["--no-relink"])
        .code(1)
        .gives(&as_built)
        .notes_that("cpu::parse: it was not looked into");
    let output = paired(&project, &["--require-baseline"]);
    output
        .code(0)
        .gives(&PARSE_IS_LAYOUT)
        .complains("linking `cpu` of both sides in 10 orders");
    let parse = &output.json()["benchmarks"][0];
    let reason = parse["reason"].as_str().expect("a reason");
    assert!(
        reason.starts_with("slower in this link order only: over 10 link orders of each side"),
        "{reason}"
    );
    assert!(
        reason.ends_with("it executes the same instructions"),
        "{reason}"
    );
    let layout = &parse["layout"];
    assert_eq!(layout["orders"], 10);
    let number = |name: &str| layout[name].as_f64().unwrap_or_else(|| panic!("{name}"));
    assert!(number("pairs") >= 30.0);
    assert!((0.99..1.01).contains(&number("ratio")), "{layout}");
    assert!(number("low") <= number("ratio") && number("ratio") <= number("high"));
    assert!((1.0..1.02).contains(&number("spread")), "{layout}");
    assert!(number("instructions") > 0.0);
    // What this build shows is shown all the same.
    let wall = &parse["metrics"][0];
    assert_eq!(wall["verdict"], "layout");
    assert!(
        wall["ratio"].as_f64().is_some_and(|ratio| ratio > 1.15),
        "{wall}"
    );
    assert!(output.json()["benchmarks"][1]["layout"].is_null());
    assert_eq!(output.json()["failures"], 0);

    let human = project.perf(SIDE_BY_SIDE);
    human
        .code(0)
        .says("layout")
        .says("slower in this link order only")
        .says("in 10 link orders of each side")
        .says("3 benchmarks: 1 layout, 2 unchanged");
    let markdown = project.perf(&[SIDE_BY_SIDE, &["--format", "markdown"]].concat());
    markdown
        .code(0)
        .says("no regression found, 1 slower by layout alone")
        .says("| layout (side by side");
    assert_eq!(project.git(&["status", "--porcelain"]), "");
}

#[test]
fn what_is_faster_in_one_link_order_only_is_not_called_the_codes_doing() {
    let project = Project::without_git();
    let code = |names: &[u32]| whose_time_depends_on_places(names, LIE_DOWNWARDS);
    project.write("src/lib.rs", &code(&DOWNWARDS));
    project.put_under_git();
    project.branch("moved-back");
    project.write("src/lib.rs", &code(&UPWARDS));
    project.commit("functions by other names");
    // It fails nothing, so nothing is linked for it; but the verdict says what it does not know.
    let perhaps =
        "perhaps by no more than where the linker put the code, which --relink would tell";
    let output = paired(&project, &[]);
    output
        .code(0)
        .gives(&[("cpu::parse", "improved"), CALM[1], CALM[2]]);
    assert!(
        !output.stderr.contains("linking `cpu`"),
        "{}",
        output.stderr
    );
    let reason = output.json()["benchmarks"][0]["reason"].clone();
    assert!(
        reason.as_str().is_some_and(|why| why.ends_with(perhaps)),
        "{reason}"
    );
    project
        .perf(SIDE_BY_SIDE)
        .code(0)
        .says("perhaps by no more");
    let asked = paired(&project, &["--relink", "10", "parse"]);
    asked.code(0).does_not_say("perhaps by no more");
    let verdict = asked.json()["benchmarks"][0]["verdict"].clone();
    assert_ne!(verdict, "improved");
}

#[test]
fn an_alarm_of_the_screen_may_be_layout_too() {
    let project = moved();
    project.switch("main");
    project.save_baseline();
    project.git(&["switch", "--quiet", "moved"]);
    project.git(&["rebase", "--quiet", "main"]);
    let confirmed = [
        "compare",
        "--quick",
        "--format",
        "json",
        "--baseline",
        "main",
    ];
    project.perf(&confirmed).code(0).gives(&PARSE_IS_LAYOUT);
}

#[test]
fn what_is_slower_in_every_order_is_a_regression() {
    let project = Project::new();
    project.branch("slow");
    project.times(1000, 2100);
    project.commit("slow sort");
    let output = paired(&project, &[]);
    output.code(1).gives(&SORT_IS_SLOWER);
    let sort = &output.json()["benchmarks"][1];
    let reason = sort["reason"].as_str().expect("a reason");
    assert!(
        reason.contains(", and over 10 link orders of each side +5.") || reason.contains("+4.9"),
        "{reason}"
    );
    assert!(
        reason.ends_with("it executes the same instructions"),
        "{reason}"
    );
    assert_eq!(sort["layout"]["orders"], 10);
    assert!(sort["layout"]["low"].as_f64().is_some_and(|low| low > 1.03));
    // The profile leaves the compiler free to do otherwise with code that nobody touched.
    output.notes_that(
        "cpu::sort[n=10], cpu::sort[n=20]: if the change does not touch what this calls",
    );
    // What is twice as slow is not asked.
    project.times(1000, 4100);
    let output = paired(&project, &[]);
    output.code(1).gives(&SORT_IS_SLOWER);
    assert!(output.json()["benchmarks"][1]["layout"].is_null());
}

#[test]
fn more_instructions_explain_more_time() {
    let project = Project::new();
    let work = |steps: u32, ns: u32| {
        format!("spend({ns}); (0..{steps}_u64).fold(1, |sum, i| std::hint::black_box(sum ^ i)) & 1")
    };
    project.edit("src/lib.rs", "spend(1000); 1", &work(10_000, 1000));
    project.commit("with work");
    project.branch("slow");
    project.edit("src/lib.rs", &work(10_000, 1000), &work(11_000, 1100));
    project.commit("more work");
    let output = paired(&project, &["parse"]);
    output.code(1).gives(&[("cpu::parse", "regressed")]);
    let parse = &output.json()["benchmarks"][0];
    let reason = parse["reason"].as_str().expect("a reason");
    assert!(reason.ends_with(" % more instructions"), "{reason}");
    assert!(parse["layout"]["orders"].is_null());
    assert!(!output.stderr.contains("linking"), "{}", output.stderr);
    let count = |name: &str| parse["layout"][name].as_f64().expect("a count");
    assert!(count("instructions") > 1.09 * count("baseline_instructions"));
}

/// The same where what the compiler calls to link is this script, and then the real one.
fn paired_with_linker(project: &Project, script: &str, arguments: &[&str]) -> Output {
    let script = format!("#!/bin/sh\n{script}\nPATH=${{PATH#*:}} exec cc \"$@\"\n");
    project.write("../bin/cc", &script);
    let executable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(project.path("../bin/cc"), executable).expect("it is ours");
    let mut command = project.command("sh");
    command
        .env("PERF_HARNESS_CLOCK", "scripted")
        // What cargo complains is understood in colour, too.
        .env("CARGO_TERM_COLOR", "always")
        .args(["-c", "PATH=$PWD/../bin:$PATH exec \"$0\" \"$@\""])
        .args([env!("CARGO_BIN_EXE_cargo-perf"), "perf"])
        .args([SIDE_BY_SIDE, &["--format", "json"], arguments].concat());
    Output::of(command.output().expect("a shell starts"))
}

#[test]
fn a_linker_that_cannot_shuffle_is_said() {
    for (script, said) in [
        (
            "for a in \"$@\"; do case $a in *shuffle*) echo unknown option >&2; exit 1 ;; esac; done",
            "the linker cannot put functions in another order",
        ),
        (
            "for a in \"$@\"; do shift; case $a in *shuffle*) ;; *) set -- \"$@\" \"$a\" ;; esac; done",
            "the linker takes the option for it and puts the functions in the same order all the same",
        ),
    ] {
        let project = Project::new();
        project.branch("slow");
        project.times(1000, 2200);
        project.commit("slow sort");
        let output = paired_with_linker(&project, script, &["sort[n=10]"]);
        output
            .code(1)
            .gives(&[SORT_IS_SLOWER[1]])
            .notes_that("may be no more than where the linker put the code")
            .notes_that(said);
        let reason = output.json()["benchmarks"][0]["reason"].to_string();
        assert!(reason.contains("layout could not be excluded"), "{reason}");
        // Asked for, it is measured all the same.
        paired_with_linker(&project, script, &["sort[n=10]", "--relink", "10"])
            .code(1)
            .gives(&[SORT_IS_SLOWER[1]])
            .notes_that(&format!(
                "cpu::sort[n=10] was measured in one link order: {said}"
            ));
    }
}

#[test]
fn every_benchmark_is_judged_in_many_orders_if_one_wants_to() {
    let project = moved();
    project.edit("src/lib.rs", "spend(2000 *", "spend(2100 *");
    let output = paired(&project, &["--relink", "10"]);
    output
        .code(1)
        .gives(&SORT_IS_SLOWER)
        .notes_that("self-control");
    for benchmark in output.json()["benchmarks"].as_array().expect("three") {
        assert_eq!(benchmark["layout"]["orders"], 10);
        assert_eq!(benchmark["method"], "side by side");
        assert_eq!(benchmark["pairs"], 0);
    }
    let few = paired(&project, &["--relink", "4", "--require-baseline"]);
    few.code(1).gives(&SORT_IS_SLOWER).notes_that(
        "link orders of each side were taken instead of 4: fewer decide nothing in a suite of this size",
    );
    for wrong in ["1", "33", "x"] {
        paired(&project, &["--relink", wrong]).code(2);
    }
    paired(&project, &["--relink", "10", "--no-relink"]).code(2);
}

#[test]
fn both_sides_have_orders_of_their_own() {
    let project = Project::new();
    project.branch("slow");
    project.times(1000, 2100);
    project.commit("slow sort");
    let seeds = project.path("../seeds");
    let script = format!(
        "for a in \"$@\"; do case $a in *shuffle*) echo \"${{a##*=}}\" >>'{}' ;; esac; done",
        seeds.display()
    );
    paired_with_linker(&project, &script, &["sort[n=10]"])
        .code(1)
        .gives(&[SORT_IS_SLOWER[1]]);
    let seeds = fs::read_to_string(seeds).expect("it was linked again");
    let mut seeds: Vec<u32> = seeds
        .lines()
        .map(|seed| seed.parse().expect("a number"))
        .collect();
    seeds.sort_unstable();
    // The script may be called more than once for a link.
    seeds.dedup();
    assert_eq!(seeds, (1..=20).collect::<Vec<u32>>());
}

#[test]
fn a_function_more_never_fails_whatever_it_moves() {
    let project = Project::without_git();
    // Two speeds, and about every other order has the slow one.
    let slow = "at[0] > at[1]";
    project.write("src/lib.rs", &whose_time_depends_on_places(&[1, 2], slow));
    project.put_under_git();
    project.branch("more");
    project.write(
        "src/lib.rs",
        &whose_time_depends_on_places(&[2, 1, 3], slow),
    );
    project.commit("a function more, and the others moved");
    let output = paired(&project, &["parse"]);
    output.code(0);
    let parse = &output.json()["benchmarks"][0];
    assert_ne!(parse["verdict"], "regressed");
    let spread = parse["layout"]["spread"]
        .as_f64()
        .expect("it was slower as built");
    assert!(spread > 1.15, "{parse}");
}

#[test]
fn killed_while_it_links_it_leaves_nothing_that_stands_in_the_way() {
    let project = moved();
    paired(&project, &["--no-relink"]).code(1);
    let arguments = [SIDE_BY_SIDE, &["--format", "json"]].concat();
    for round in 0..4 {
        let child = process::start(project.perf_command().args(&arguments));
        sleep(Duration::from_millis(1500 + 900 * round));
        process::signal(&child, "KILL");
        process::end(child);
    }
    paired(&project, &[]).code(0).gives(&PARSE_IS_LAYOUT);
}

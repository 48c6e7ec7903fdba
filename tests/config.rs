//! `.config/perf.toml`: what it says holds, what is wrong with it is named, and a change does not write its own rules.

use crate::support::{Output, Project};

const FILE: &str = ".config/perf.toml";

#[test]
fn what_is_wrong_is_named_with_its_place_before_anything_is_built() {
    let project = Project::new();
    for (text, place) in [
        ("\nfail_on = \"low\"\n", ".config/perf.toml:2:1: "),
        (
            "[[rules]]\nselect = \"cpu::*\"\nwarnig = \"5%\"\n",
            ".config/perf.toml:3:1: ",
        ),
        (
            "[[budgets]]\nselect = \"*\"\nmetric = \"wall\"\nmax = 3\n",
            ".config/perf.toml:4:7: ",
        ),
    ] {
        project.write(FILE, text);
        for command in [&["run"][..], &["compare", "--baseline", "main"]] {
            let output = project.perf(command);
            output.code(2).complains(place);
            assert!(!output.stderr.contains("Compiling"), "{}", output.stderr);
        }
    }
    project.write(FILE, "[[rules]]\nselect = \"cpu::*\"\nwarnig = \"5%\"\n");
    let json = project.perf(&["run", "--format", "json"]);
    let error = &json.code(2).complains("did you mean `warning`?").json()["error"];
    assert_eq!(error["kind"], "usage");
    let message = error["message"].as_str().expect("a message");
    assert!(message.contains("perf.toml:3:1"), "{message}");
    let typo = project
        .perf(&["run", "--format", "json", "--qick"])
        .code(2)
        .json();
    assert_eq!(typo["error"]["exit_code"], 2, "{typo}");
}

#[test]
fn a_flag_goes_before_the_environment_and_that_before_the_file() {
    let project = Project::new();
    project.write(
        FILE,
        "baseline = \"main\"\nformat = \"json\"\nmachine = \"fixed\"\n",
    );
    project.commit("settings");
    let record = project.save_baseline();
    assert!(record.starts_with("baselines/main/fixed/"), "{record}");
    project.branch("work");
    project.times(1000, 2001);
    let compare = project.perf(&["compare", "--quick", "parse"]);
    assert_eq!(compare.code(0).json()["command"], "compare");
    let in_environment = |arguments: &[&str]| {
        let mut command = project.perf_command();
        command.env("CARGO_PERF_FORMAT", "markdown").args(arguments);
        Output::of(command.output().expect("cargo-perf starts"))
    };
    in_environment(&["compare", "--quick", "parse"])
        .code(0)
        .says("### cargo perf: ");
    in_environment(&["compare", "--quick", "parse", "--format", "human"])
        .code(0)
        .says("1 benchmark: 1 unchanged");
    project.edit(FILE, "baseline = \"main\"\n", "");
    project
        .perf(&["compare"])
        .code(2)
        .complains("--baseline is missing");
}

#[test]
fn a_change_does_not_choose_what_it_is_compared_with() {
    let project = Project::new();
    project.branch("slow");
    project.times(1000, 2400);
    project.write(FILE, "baseline = \"slow\"\n");
    project.commit("slower, and compared with something as slow");
    project.branch("work");
    for name in ["main", "slow~1", "HEAD", "last"] {
        project.write(FILE, &format!("baseline = {name:?}\n"));
        let compare = project.perf(&["compare", "--quick"]);
        compare
            .code(2)
            .complains("a change does not choose what it is compared with")
            .complains(" says it, or CARGO_PERF_BASELINE");
        assert!(!compare.stderr.contains("Compiling"), "{}", compare.stderr);
    }
    project
        .compare("main", &["--paired", "n=10"])
        .code(1)
        .notes_that("it differs in baseline, and that counts once it is there");
    // What names itself is what a project has agreed on.
    project.write(FILE, "baseline = \"slow\"\n");
    project.perf(&["compare", "--quick", "parse"]).code(0);
}

#[test]
fn a_preset_that_is_asked_for_brings_what_it_fails_on() {
    let project = Project::new();
    project.write(FILE, "fail-on = \"low\"\nallow-missing = true\n");
    project.commit("rules");
    project.branch("work");
    // Ten per cent and a half: beyond the warning of `pyodide`, and not critical.
    project.times(1000, 2210);
    let compare =
        |arguments: &[&str]| project.compare("main", &[&["--paired", "n=10"], arguments].concat());
    compare(&[]).code(1);
    compare(&["--preset", "pyodide"]).code(0);
    compare(&["--preset", "pyodide", "--fail-on", "low"]).code(1);
    project.edit(
        "benches/cpu.rs",
        "#[perf::bench]\nfn parse() -> u64 { demo::parse() }",
        "",
    );
    project.times(1000, 2000);
    project.compare("main", &["--paired"]).code(0);
    project
        .compare("main", &["--paired", "--allow-missing=false"])
        .code(4);
}

const LENIENT: &str = r#"
fail-on = "critical"

[[rules]]
select = "cpu::sort[n=10]"
ignore = true
reason = "it is about to be replaced"

[[rules]]
select = "cpu::sort*"
warning = "10%"
critical = "50%"

[[rules]]
select = "cpu::gone"
floor = "5%"
"#;

#[test]
fn a_change_is_judged_by_the_rules_of_what_it_is_compared_with() {
    let project = Project::with_baseline();
    project.branch("work");
    project.times(1000, 2400);
    project.write(FILE, LENIENT);
    project.commit("slower, and its own leave to be");
    let own = project.compare("main", &["--no-confirm"]);
    own.code(1)
        .notes_that("main has no .config/perf.toml, which is what counts")
        .notes_that("it differs in fail-on, rules, and that counts once it is there");
    let severity =
        |output: &Output, index: usize| output.json()["benchmarks"][index]["severity"].clone();
    assert_eq!(severity(&own, 1), "critical");

    project.switch("main");
    project.git(&["checkout", "work", "--", FILE]);
    project.commit("rules");
    project.switch("work");
    let theirs = project.compare("main", &["--no-confirm"]);
    theirs
        .code(0)
        .gives(&[
            ("cpu::parse", "unchanged"),
            ("cpu::sort[n=10]", "tolerated"),
            ("cpu::sort[n=20]", "regressed"),
        ])
        .notes_that("regressed, and not grave enough to fail: cpu::sort[n=20] (medium)")
        .notes_that("rules or budgets for benchmarks that there are not: `cpu::gone`");
    assert!(
        !theirs.notes().contains("which is what counts"),
        "{}",
        theirs.notes()
    );
    assert_eq!(severity(&theirs, 2), "medium");
    let report = theirs.json();
    assert_eq!(report["failures"], 0);
    let ignored = &report["benchmarks"][1];
    assert_eq!(
        ignored["reason"],
        "ignored by the rule for `cpu::sort[n=10]`: it is about to be replaced"
    );
    // The caller's word goes before the rules.
    project
        .compare("main", &["--no-confirm", "--fail-on", "medium"])
        .code(1);
    // A change that takes the rules away is judged by them all the same.
    project.write(FILE, "fail-on = \"low\"\n");
    project
        .compare("main", &["--no-confirm"])
        .code(0)
        .notes_that(".config/perf.toml is not the one of main");
}

#[test]
fn a_target_whose_rules_cannot_be_read_gives_no_leave() {
    let project = Project::with_baseline();
    project.write(FILE, "fail-on = \"nothing\"\n");
    project.commit("broken rules");
    project.branch("work");
    project.times(1000, 2400);
    project.write(FILE, "fail-on = \"none\"\n");
    project
        .compare("main", &["--no-confirm"])
        .code(1)
        .notes_that("the rules of main cannot be read, so none of them counts");
    // Parsing did not change, and takes more than it may.
    project.write(
        FILE,
        "[[budgets]]\nselect = \"parse\"\nmetric = \"wall\"\nmax = \"500ns\"\n",
    );
    let budget = project.compare("main", &["--no-confirm", "parse"]);
    budget.code(1).gives(&[("cpu::parse", "unchanged")]);
    assert_eq!(budget.json()["failures"], 1);
    project.write(FILE, "");
    project.compare("main", &["--no-confirm", "parse"]).code(0);
    project.edit("benches/cpu.rs", "demo::parse()", "demo::parse() + 1");
    project.edit("benches/cpu.rs", "fn parse", "fn peruse");
    project.compare("main", &["--no-confirm", "peruse"]).code(3);
    project
        .compare(
            "main",
            &["--no-confirm", "--require-baseline=false", "peruse"],
        )
        .code(0);
}

#[test]
fn a_rule_for_a_metric_that_there_is_not_is_named() {
    let project = Project::new();
    project.write(
        FILE,
        "[[rules]]\nselect = \"sort\"\nmetric = \"wal\"\nfloor = \"5%\"\n",
    );
    project
        .perf(&["run", "--quick"])
        .code(0)
        .says("rules for metrics that their benchmarks do not have: the rule for `wal` of `sort`");
}

#[test]
fn a_budget_of_the_file_holds_like_one_of_the_code() {
    let project = Project::new();
    project.write(
        FILE,
        "[[budgets]]\nselect = \"cpu::sort*\"\nmetric = \"wall\"\nmax = \"30us\"\n",
    );
    project.commit("budget");
    // Ten items take 20 µs, twenty take 40.
    let run = project.perf(&["run", "--quick"]);
    run.code(1)
        .says("    over budget: wall ")
        .says("at most 30.00 µs")
        .says("3 benchmarks measured; 1 over budget");
    project.perf(&["run", "--quick", "parse", "n=10"]).code(0);
    // No change is needed for it either.
    let compare = project.compare("main", &["n=20"]);
    let report = compare.code(1).json();
    let budget = &report["benchmarks"][0]["budgets"][0];
    assert_eq!(budget["standing"], "over budget", "{report}");
    assert_eq!(budget["at_most"], 30_000.0);
}

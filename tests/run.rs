//! `cargo perf run`: measuring, keeping, showing.

use crate::support::{Output, Project};

#[test]
fn a_run_measures_every_benchmark_and_shows_the_table() {
    let project = Project::new();
    let output = project.perf(&["run"]);
    output
        .code(0)
        .says("cpu::parse")
        .says("cpu::sort[n=10]")
        .says("cpu::sort[n=20]")
        .says("3 benchmarks measured");
    assert_eq!(project.files(".perf/runs").len(), 1);
    assert_eq!(
        project.git(&["status", "--porcelain"]),
        "",
        "the local history ignores itself"
    );
}

#[test]
fn the_second_run_says_what_changed_since_the_first() {
    let project = Project::new();
    project.perf(&["run"]).code(0);
    project.times(1000, 3000);
    let output = project.perf(&["run", "--format", "json"]);
    output.code(0);
    assert_eq!(
        output.verdicts(),
        [
            ("cpu::parse".to_owned(), "unchanged".to_owned()),
            ("cpu::sort[n=10]".to_owned(), "regressed".to_owned()),
            ("cpu::sort[n=20]".to_owned(), "regressed".to_owned()),
        ]
    );
}

#[test]
fn quiet_is_what_changed_and_the_verdict() {
    let project = Project::new();
    let first = project.perf(&["run", "--quick", "--quiet"]);
    first.code(0);
    assert_eq!(first.stdout, "3 benchmarks measured\n");
    assert!(!first.stderr.contains("measuring"), "{}", first.stderr);
    project.times(1000, 3000);
    project
        .perf(&["run", "-q"])
        .code(0)
        .says("cpu::sort[n=10]")
        .says("cpu::sort[n=20]")
        .says("3 benchmarks: 2 regressed, 1 unchanged\n")
        .does_not_say("cpu::parse")
        .does_not_say("again:")
        .does_not_say("note:");
}

/// The names of the benchmarks in a JSON report.
#[track_caller]
fn names(output: &Output) -> Vec<String> {
    output.code(0);
    output
        .verdicts()
        .into_iter()
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn only_what_was_asked_for_is_measured() {
    let project = Project::new();
    let run = |arguments: &[&str]| {
        project.perf(&[&["run", "--quick", "--format", "json"], arguments].concat())
    };
    let (parse, ten, twenty) = ("cpu::parse", "cpu::sort[n=10]", "cpu::sort[n=20]");
    assert_eq!(names(&run(&["cpu::sort"])), [ten, twenty]);
    assert_eq!(names(&run(&["n=20", "cpu::parse"])), [parse, twenty]);
    assert_eq!(names(&run(&["--exact", "sort[n=10]"])), [ten]);
    assert_eq!(names(&run(&["--exact", "cpu::parse", "nothing"])), [parse]);
    assert_eq!(names(&run(&["--bench", "cpu"])), [parse, ten, twenty]);
    assert_eq!(project.files(".perf/runs").len(), 5, "each is kept");
}

#[test]
fn a_quick_run_is_shorter_and_a_seed_repeats_it() {
    let project = Project::new();
    let launches = |arguments: &[&str]| {
        let output =
            project.perf(&[&["run", "--format", "json", "--exact", "parse"], arguments].concat());
        let report = output.code(0).json();
        let wall = &report["benchmarks"][0]["metrics"][0];
        (
            wall["launches"].as_u64().expect("a count"),
            wall["value"].as_f64().expect("a time"),
        )
    };
    let (quick, first) = launches(&["--quick", "--seed", "7"]);
    assert!((5..=8).contains(&quick), "{quick}");
    let (standard, _) = launches(&["--seed", "7"]);
    // A busy machine makes for fewer launches, never for less than five.
    assert!((5..=30).contains(&standard), "{standard}");
    let (again, second) = launches(&["--quick", "--seed", "7"]);
    // The scripted clock draws each launch's luck from the seed.
    if again == quick {
        assert!((first - second).abs() < 1e-9, "{first} {second}");
    }
}

#[test]
fn the_formats_carry_the_same_numbers() {
    let project = Project::new();
    let json = project.perf(&["run", "--quick", "--format", "json"]);
    let report = json.code(0).json();
    assert_eq!(
        (&report["command"], &report["exit_code"]),
        (&"run".into(), &0.into())
    );
    assert_eq!(report["failures"], 0);
    let wall = &report["benchmarks"][1]["metrics"][0];
    assert_eq!(
        (&wall["name"], &wall["unit"]),
        (&"wall".into(), &"ns".into())
    );
    let value = wall["value"].as_f64().expect("a time");
    assert!((19_900.0..=20_100.0).contains(&value), "{value}");
    assert_eq!(report["benchmarks"][1]["items"], 10);

    let id = project.files(".perf/runs").remove(0);
    let id = id
        .rsplit_once('-')
        .expect("a record's name")
        .1
        .trim_end_matches(".json");
    let shown = format!("{:.2} µs", value / 1000.0);
    project
        .perf(&["baseline", "show", id])
        .code(0)
        .says(&shown)
        .says("k items/s");
    let markdown = project.perf(&["baseline", "show", id, "--format", "markdown"]);
    markdown
        .code(0)
        .says(&format!("| `cpu::sort[n=10]` | – | {shown} |"));
    markdown
        .says("### cargo perf: 3 benchmarks measured\n")
        .does_not_say("unchanged");
    assert_eq!(
        project
            .perf(&["baseline", "show", id, "--format", "json"])
            .code(0)
            .json()["benchmarks"][1]["metrics"][0],
        *wall
    );
    project
        .perf(&["run", "--quick", "--format", "markdown"])
        .code(0)
        .says("### cargo perf: ")
        .says("| `cpu::parse` |");
    // The variable that a CI sets once.
    let mut command = project.perf_command();
    command
        .args(["run", "--quick"])
        .env("CARGO_PERF_FORMAT", "json");
    assert_eq!(
        Output::of(command.output().expect("it starts"))
            .verdicts()
            .len(),
        3
    );
}

#[test]
fn every_package_of_a_workspace_takes_part_from_wherever_it_is_called() {
    let project = Project::without_git();
    let tools = project.add_package("tools");
    project.put_under_git();
    let demo = tools.trim_end_matches("-tools");
    let ids = |output: &Output| -> Vec<String> {
        let report = output.code(0).json();
        let benchmarks = report["benchmarks"].as_array().expect("a list").clone();
        benchmarks
            .iter()
            .map(|benchmark| benchmark["id"].as_str().expect("an id").to_owned())
            .collect()
    };
    let of_demo =
        ["cpu::parse", "cpu::sort[n=10]", "cpu::sort[n=20]"].map(|name| format!("{demo}/{name}"));
    let of_tools = [format!("{tools}/cpu::print")];
    // Sorted by name, whatever the order of the packages.
    let all = [&of_tools[..], &of_demo].concat();
    let run = ["run", "--quick", "--format", "json"];
    let with = |arguments: &[&str]| project.perf(&[&run, arguments].concat());
    assert_eq!(ids(&with(&[])), all);
    assert_eq!(ids(&with(&["-p", &tools])), of_tools);
    assert_eq!(ids(&with(&["--package", demo])), of_demo);
    assert_eq!(
        ids(&with(&["--bench", "cpu"])),
        all,
        "both have a target of that name"
    );
    assert_eq!(ids(&with(&[&format!("{tools}/cpu")])), of_tools);

    assert_eq!(ids(&project.perf_in("tools/benches", &run)), all);
    let manifest = project.path("tools/Cargo.toml");
    let mut command = project.perf_command();
    command
        .current_dir("/")
        .args(run)
        .arg("--manifest-path")
        .arg(manifest);
    assert_eq!(ids(&Output::of(command.output().expect("it starts"))), all);
    assert_eq!(
        project.files(".perf/runs").len(),
        7,
        "all in the workspace's one history"
    );
    assert_eq!(project.files("tools/.perf"), [""; 0]);

    project
        .perf_in("tools", &["run", "--quick", "--save"])
        .code(0)
        .says("saved as baselines/main/");
    project.commit("baseline");
    project.forget_runs();
    project.branch("slow");
    project.times(1000, 2400);
    project.commit("slow sort");
    let compare = [
        "compare",
        "--no-relink",
        "--quick",
        "--baseline",
        "main",
        "--format",
        "json",
    ];
    let output = project.perf_in("tools/src", &compare);
    let regressed = |name: &'static str| (name, "regressed");
    output.code(1).gives(&[
        ("cpu::print", "unchanged"),
        ("cpu::parse", "unchanged"),
        regressed("cpu::sort[n=10]"),
        regressed("cpu::sort[n=20]"),
    ]);
    // One package alone is compared without the other being missed.
    project
        .perf(&[&compare[..], &["-p", &tools]].concat())
        .code(0)
        .gives(&[("cpu::print", "unchanged")]);
}

#[test]
fn targets_of_another_harness_are_left_out_with_a_note() {
    let project = Project::without_git();
    project.edit(
        "Cargo.toml",
        "# Built often",
        "[[bench]]\nname = \"plain\"\nharness = false\n\n[[bench]]\nname = \"standard\"\n\n# Built often",
    );
    project.write(
        "benches/plain.rs",
        "fn main() { println!(\"a plain program\") }\n",
    );
    project.write(
        "benches/standard.rs",
        "#[test]\nfn works() { panic!(\"it must not be run\") }\n",
    );
    project.put_under_git();
    let output = project.perf(&["run", "--quick", "--format", "json"]);
    assert_eq!(
        names(&output),
        ["cpu::parse", "cpu::sort[n=10]", "cpu::sort[n=20]"]
    );
    for name in ["plain", "standard"] {
        output.says(&format!(
            "bench target `{name}` is left out, as it is not one of perf-harness"
        ));
    }
    assert!(
        !output.stderr.contains("it must not be run"),
        "{}",
        output.stderr
    );
    project
        .perf(&["run", "--quick", "--bench", "plain"])
        .code(4)
        .complains("none of the bench targets is one of perf-harness");
}

#[test]
fn a_run_of_some_benchmarks_does_not_make_a_later_one_forget_the_others() {
    let project = Project::with_baseline();
    project.times(1200, 2000);
    project.commit("slow parse");
    project
        .perf(&["run", "--quick", "--save", "cpu::sort"])
        .code(0)
        .says("cpu::sort[n=10]")
        .does_not_say("cpu::parse");
    project.commit("a baseline of sort alone");

    // The last run has no `parse`; the one before has.
    let run = project.perf(&["run", "--quick", "--format", "json"]);
    let (ten, twenty) = (
        ("cpu::sort[n=10]", "unchanged"),
        ("cpu::sort[n=20]", "unchanged"),
    );
    run.code(0)
        .gives(&[("cpu::parse", "regressed"), ten, twenty]);

    project.forget_runs();
    project.branch("topic");
    project.write("README.md", "Words.\n");
    project.commit("words");
    let output = project.compare("main", &["--require-baseline", "--no-confirm"]);
    output
        .code(1)
        .gives(&[("cpu::parse", "regressed"), ten, twenty]);
    // The older baseline is of earlier code than the branch began with: it is not the branch that is slower.
    let output = project.compare("main", &["--require-baseline"]);
    output
        .code(0)
        .gives(&[("cpu::parse", "unchanged"), ten, twenty])
        .notes_that("cpu::parse: worse than the record, which is of earlier code");
    // Nor does it hide that a benchmark is gone which only the older baseline has.
    project.edit(
        "benches/cpu.rs",
        "#[perf::bench]\nfn parse() -> u64 { demo::parse() }\n",
        "",
    );
    project.commit("without parse");
    project
        .compare("main", &[])
        .code(4)
        .gives(&[("cpu::parse", "missing"), ten, twenty]);
}

#[test]
fn a_workspace_may_be_a_folder_of_its_repository() {
    let project = Project::without_git();
    project.settle();
    project.git(&["init", "--quiet", "--initial-branch=main", ".."]);
    project.commit("first");
    project.save_baseline();
    assert_eq!(
        project.files("baselines").len(),
        1,
        "beside the workspace, not at the top"
    );
    project
        .perf(&["baseline", "list", "--ref", "main"])
        .code(0)
        .says("baselines/main/");
    project.forget_runs();
    project.branch("slow");
    project.times(1000, 2400);
    project.commit("slow sort");
    let output = project.compare("main", &["--require-baseline"]);
    let (ten, twenty) = (
        ("cpu::sort[n=10]", "regressed"),
        ("cpu::sort[n=20]", "regressed"),
    );
    output
        .code(1)
        .gives(&[("cpu::parse", "unchanged"), ten, twenty]);
}

#[test]
fn a_target_that_needs_a_feature_is_left_out_unless_it_is_asked_for() {
    let project = Project::without_git();
    project.edit(
        "Cargo.toml",
        "# Built often",
        "[features]\nextra = []\n\n[[bench]]\nname = \"more\"\nharness = false\nrequired-features = [\"extra\"]\n\n# Built often",
    );
    project.write(
        "benches/more.rs",
        "#[perf_harness::bench]\nfn parse_more() -> u64 { demo::parse() }\nperf_harness::main!();\n",
    );
    project.put_under_git();
    let output = project.perf(&["run", "--quick"]);
    output
        .code(0)
        .says("bench target `more` is left out, as it needs --features 'extra'");
    output.does_not_say("parse_more");
    project
        .perf(&["run", "--quick", "--features", "extra"])
        .code(0)
        .says("more::parse_more");
    project
        .perf(&["run", "--bench", "more"])
        .code(11)
        .complains("extra");
}

#[test]
fn a_body_that_cannot_be_told_from_its_loop_has_a_bound_and_a_hint() {
    let project = Project::new();
    project.write(
        "benches/cpu.rs",
        "#[perf_harness::bench]\nfn gone() {}\n#[perf_harness::bench]\nfn parse() -> u64 { demo::parse() }\n\
         perf_harness::main!();\n",
    );
    let hint = "cpu::gone takes 0.000 ns with the loop around it and 0.000 ns without";
    let human = project.perf(&["run", "--quick"]);
    human.code(0).says(hint).says("< 1.000 ns");
    human.does_not_say("cpu::parse takes");
    let markdown = project.perf(&["run", "--quick", "--format", "markdown"]);
    markdown.code(0).says("with the loop around it");
    let json = project.perf(&["run", "--quick", "--format", "json"]);
    let benchmarks = json.code(0).json()["benchmarks"].clone();
    let wall = |index: usize| benchmarks[index]["metrics"][0].clone();
    assert_eq!(wall(0)["value"], serde_json::Value::Null);
    assert_eq!(wall(0)["below"], 1.0);
    assert!(benchmarks[0]["hint"].is_string());
    assert_eq!(wall(1)["below"], serde_json::Value::Null);
    assert!(wall(1)["value"].is_number() && benchmarks[1]["hint"].is_null());
}

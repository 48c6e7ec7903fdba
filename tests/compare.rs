//! `cargo perf compare`: verdicts against a baseline, and a plain answer where there is none.

use crate::support::{CALM, Project, SORT_IS_SLOWER};

#[test]
fn a_slowdown_is_found_named_and_gone_when_it_is_reverted() {
    let project = Project::with_baseline();
    project.branch("slow");
    project.times(1000, 2400);
    project.compare("main", &[]).code(1).gives(&SORT_IS_SLOWER);

    project.commit("slow sort");
    project.compare("main", &[]).code(1).gives(&SORT_IS_SLOWER);
    let human = project.perf(&["compare", "--no-relink", "--baseline", "main"]);
    human
        .code(1)
        .says("3 benchmarks: 2 regressed, 1 unchanged")
        .says("slow ")
        .says("merge base");
    let line = |name: &str| {
        human
            .stdout
            .lines()
            .find(|line| line.starts_with(name))
            .expect("a line")
            .to_owned()
    };
    assert!(
        line("cpu::sort[n=10]").contains("regressed, critical"),
        "{}",
        human.stdout
    );
    assert!(
        line("cpu::parse").ends_with("unchanged"),
        "{}",
        human.stdout
    );
    human
        .says("    worse by more than 0.5 % in ")
        .says("    side by side; a change of ")
        .says("again: cargo perf compare --baseline=main --");
    assert!(
        human
            .stdout
            .lines()
            .take_while(|line| !line.starts_with("note: "))
            .all(|line| line.chars().count() <= 80),
        "{}",
        human.stdout
    );
    let change = line("cpu::sort[n=20]");
    assert!(
        ["+19.", "+20."]
            .iter()
            .any(|change_by| change.contains(change_by)),
        "{change}"
    );

    let markdown = project.perf(&[
        "compare",
        "--no-relink",
        "--baseline",
        "main",
        "--format",
        "markdown",
    ]);
    markdown
        .code(1)
        .says("### cargo perf: 2 benchmarks regressed")
        .says("| `cpu::sort[n=10]` |");
    let (notable, calm) = markdown
        .stdout
        .split_once("<details>")
        .expect("what is calm is folded");
    assert!(
        notable.contains("`cpu::sort[n=20]`") && !notable.contains("`cpu::parse`"),
        "{notable}"
    );
    assert!(
        calm.contains("1 unchanged") && calm.contains("`cpu::parse`"),
        "{calm}"
    );

    project.times(1000, 2000);
    project.commit("as it was");
    project
        .compare("main", &["--require-baseline"])
        .code(0)
        .gives(&CALM);
}

#[test]
fn a_speedup_is_an_improvement_and_no_failure() {
    let project = Project::with_baseline();
    project.branch("fast");
    project.times(800, 2000);
    project.commit("fast parse");
    let expected = [("cpu::parse", "improved"), CALM[1], CALM[2]];
    project
        .compare("main", &["--require-baseline"])
        .code(0)
        .gives(&expected);
    let markdown = project.perf(&[
        "compare",
        "--no-relink",
        "--quick",
        "--baseline",
        "main",
        "--format",
        "markdown",
    ]);
    markdown.code(0).says("### cargo perf: no regression");
}

#[test]
fn a_baseline_is_named_in_every_way_that_git_knows_and_some_more() {
    let project = Project::new();
    let record = project.save_baseline();
    project.git(&["tag", "v1"]);
    project.branch("slow");
    project.times(1000, 2400);
    project.commit("slow sort");
    let short = project.commit_id("main")[..9].to_owned();
    let digits = record
        .rsplit_once('-')
        .expect("a record has a name")
        .1
        .trim_end_matches(".json");
    let absolute = project.path(&record);
    let named = [
        "main",
        "refs/heads/main",
        "v1",
        &short,
        "HEAD~1",
        &format!("record:{digits}"),
        &record,
        absolute.to_str().expect("a path of letters"),
    ];
    for baseline in named {
        let output = project.compare(baseline, &["--require-baseline"]);
        assert_eq!(
            output.code, 1,
            "{baseline}: {}{}",
            output.stdout, output.stderr
        );
        output.gives(&SORT_IS_SLOWER);
    }
    project
        .compare("record:0000", &[])
        .code(2)
        .complains("no record begins with \"0000\"");
    project
        .compare("no/such.json", &[])
        .code(2)
        .complains("no/such.json");
    project.compare("Cargo.toml.json", &[]).code(2);
}

#[test]
fn a_branch_means_what_the_remote_has_and_says_so() {
    let project = Project::with_baseline();
    project.git(&["init", "--quiet", "--bare", "../origin.git"]);
    project.git(&["remote", "add", "origin", "../origin.git"]);
    project.git(&["push", "--quiet", "origin", "main"]);
    project.git(&["fetch", "--quiet", "origin"]);
    project.branch("slow");
    project.times(1000, 2400);
    project.commit("slow sort");
    project
        .compare("origin/main", &[])
        .code(1)
        .gives(&SORT_IS_SLOWER);
    let output = project.compare("main", &[]);
    output
        .code(1)
        .gives(&SORT_IS_SLOWER)
        .notes_that("main means the remote-tracking branch origin/main");
}

#[test]
fn the_last_run_is_a_baseline_that_nobody_has_to_save() {
    let project = Project::new();
    project.perf(&["run", "--quick"]).code(0);
    project.times(1000, 2400);
    // Asked twice it says the same: what was measured for the first answer is no baseline for the second.
    for _ in 0..2 {
        project.compare("last", &[]).code(1).gives(&SORT_IS_SLOWER);
    }
    project.times(1000, 2000);
    project.compare("last", &[]).code(0).gives(&[
        CALM[0],
        ("cpu::sort[n=10]", "improved"),
        ("cpu::sort[n=20]", "improved"),
    ]);
}

#[test]
fn without_a_baseline_it_says_what_it_looked_for_and_how_to_make_one() {
    let project = Project::new();
    project.branch("slow");
    project.times(1000, 2400);
    project.commit("slow sort");
    let words = [
        "no comparable baseline for main",
        "there is no record",
        "`cargo perf run --save`",
    ];
    for (arguments, code) in [(&[][..], 0), (&["--require-baseline"], 3)] {
        let output = project.perf(
            &[
                &["compare", "--no-relink", "--quick", "--baseline", "main"],
                arguments,
            ]
            .concat(),
        );
        output.code(code);
        words.iter().for_each(|words| {
            output.says(words);
        });
        let json = project.compare("main", arguments);
        json.code(code).gives(&[]);
        words.iter().for_each(|words| {
            json.notes_that(words);
        });
        assert_eq!(json.json()["exit_code"], code);
    }
    let markdown = project.perf(&[
        "compare",
        "--no-relink",
        "--baseline",
        "main",
        "--format",
        "markdown",
    ]);
    markdown
        .code(0)
        .says("### cargo perf: no baseline to compare with")
        .says("there is no record");
    project
        .compare("last", &["--require-baseline"])
        .code(3)
        .notes_that("type `cargo perf run`");
}

#[test]
fn a_benchmark_that_is_gone_is_missing_and_a_new_one_is_new() {
    let project = Project::with_baseline();
    project.branch("renamed");
    project.edit("benches/cpu.rs", "fn parse()", "fn read()");
    project.commit("another name");
    let expected = [
        ("cpu::parse", "missing"),
        ("cpu::read", "new"),
        CALM[1],
        CALM[2],
    ];
    project.compare("main", &[]).code(4).gives(&expected);
    project
        .compare("main", &["--allow-missing"])
        .code(0)
        .gives(&expected);
    // A new one is no failure, unless each must have something to be compared with.
    project
        .compare("main", &["--allow-missing", "--require-baseline"])
        .code(3);

    project.branch("only-new");
    project.edit(
        "benches/cpu.rs",
        "fn read()",
        "fn parse() -> u64 { demo::parse() }\n#[perf::bench]\nfn read()",
    );
    project.commit("both names");
    project
        .compare("main", &[])
        .code(0)
        .gives(&[CALM[0], ("cpu::read", "new"), CALM[1], CALM[2]]);
    // What was not asked for is not missing, and a run of this very code is no baseline of main.
    project
        .compare("main", &["read"])
        .code(0)
        .gives(&[])
        .notes_that("none has one of these benchmarks");
    project
        .compare("main", &["read", "--require-baseline"])
        .code(3);
}

#[test]
fn a_benchmark_that_fails_now_outweighs_everything_else() {
    let project = Project::with_baseline();
    project.branch("broken");
    project.times(1000, 2400);
    project.edit(
        "benches/cpu.rs",
        "{ demo::parse() }",
        "{ panic!(\"no such document\") }",
    );
    project.commit("broken parse");
    let output = project.compare("main", &[]);
    output.code(12).gives(&[
        ("cpu::parse", "failed"),
        SORT_IS_SLOWER[1],
        SORT_IS_SLOWER[2],
    ]);
    output.says("no such document");
    let human = project.perf(&["compare", "--no-relink", "--quick", "--baseline", "main"]);
    human
        .code(12)
        .says("no such document")
        .says("1 failed, 2 regressed");
}

#[test]
fn the_same_code_is_called_an_a_a_check_and_never_a_regression() {
    let project = Project::new();
    let record = project.save_baseline();
    let digits = record
        .rsplit_once('-')
        .expect("a record has a name")
        .1
        .trim_end_matches(".json");
    for baseline in ["main", "HEAD", "last", &format!("record:{digits}")] {
        let output = project.compare(baseline, &["--require-baseline"]);
        output.code(0).gives(&CALM).notes_that("A/A");
    }
    // Measured anew, be it slower for reasons that are not in the code.
    let output = project.compare("HEAD", &["--remeasure", "--require-baseline"]);
    output.code(0).gives(&CALM).notes_that("A/A");
}

#[test]
fn what_was_built_differently_is_not_compared() {
    let project = Project::without_git();
    project.edit("Cargo.toml", "[lib]", "[features]\nfast = []\n\n[lib]");
    project.put_under_git();
    project.save_baseline();
    project.branch("slow");
    project.times(1000, 2400);
    project.commit("slow sort");
    for (build, difference) in [
        (["--features", "fast"], "features none ≠ fast"),
        (["--profile", "dev"], "profile bench ≠ dev"),
    ] {
        let output = project.compare("main", &build);
        output
            .code(0)
            .gives(&[])
            .notes_that("all were built differently")
            .notes_that(difference);
        let arguments = [&build[..], &["--require-baseline"]].concat();
        project.compare("main", &arguments).code(3).gives(&[]);
    }
    project.compare("main", &[]).code(1).gives(&SORT_IS_SLOWER);
}

#[test]
fn a_record_of_another_machine_is_not_compared() {
    let project = Project::with_baseline();
    project.branch("slow");
    project.times(1000, 2400);
    project.commit("slow sort");
    let elsewhere = |arguments: &[&str]| {
        let mut command = project.perf_command();
        command.env("CARGO_PERF_MACHINE", "other").args([
            "compare",
            "--no-relink",
            "--quick",
            "--format",
            "json",
            "--baseline",
            "main",
        ]);
        crate::support::Output::of(command.args(arguments).output().expect("cargo-perf starts"))
    };
    let output = elsewhere(&[]);
    output
        .code(0)
        .gives(&[])
        .notes_that("none of machine class other")
        .notes_that("measured on machine class");
    elsewhere(&["--require-baseline"]).code(3).gives(&[]);
}

#[test]
fn a_name_that_means_nothing_is_a_usage_error_with_names_that_do() {
    let project = Project::new();
    let output = project.compare("mian", &[]);
    output
        .code(2)
        .complains("there is no branch, tag or commit \"mian\"")
        .complains("did you mean main?");
    let error = &output.json()["error"];
    assert_eq!(
        (&error["kind"], &error["exit_code"]),
        (&"usage".into(), &2.into())
    );
    assert!(
        !output.stderr.contains("Compiling"),
        "a name is looked up before anything is built: {}",
        output.stderr
    );
    for hostile in [
        "",
        "--upload-pack=touch x",
        "-rf",
        "main:Cargo.toml",
        ":/first",
        "@{-1}",
        "main..main",
        "a\nb",
    ] {
        let output = project.perf(&[
            "compare",
            "--no-relink",
            "--quick",
            &format!("--baseline={hostile}"),
        ]);
        assert_eq!(
            output.code, 2,
            "{hostile:?}: {}{}",
            output.stdout, output.stderr
        );
    }
}

#[test]
fn a_large_suite_with_few_launches_is_not_passed_over() {
    let project = Project::new();
    let suite = |cost: u32| {
        format!(
            "fn main() -> std::process::ExitCode {{\n\
             let mut suite = perf_harness::Suite::new();\n\
             for i in 0..70 {{ suite.bench(format!(\"f{{i}}\")).run(|b, _| {{ b.run(|| perf_harness::scripted::spend({cost})); }}); }}\n\
             suite.main() }}\n"
        )
    };
    project.write("benches/cpu.rs", &suite(1_000_000));
    project.commit("seventy benchmarks");
    project.perf(&["run", "--quick", "--save"]).code(0);
    project.commit("baseline");
    project.branch("slow");
    project.write("benches/cpu.rs", &suite(10_000_000));
    let output = project.compare("main", &[]);
    output.code(1);
    let verdicts = output.verdicts();
    assert_eq!(verdicts.len(), 70);
    assert!(
        verdicts.iter().all(|(_, verdict)| verdict == "regressed"),
        "{verdicts:?}"
    );
}

#[test]
fn a_benchmark_that_was_redefined_is_not_compared_and_not_called_new() {
    let project = Project::with_baseline();
    project.branch("redefined");
    project.edit(
        "benches/cpu.rs",
        "#[perf::bench]\nfn parse",
        "#[perf::bench(version = 2)]\nfn parse",
    );
    let output = project.compare("main", &[]);
    output.code(0).gives(&[
        ("cpu::parse", "incomparable"),
        ("cpu::sort[n=10]", "unchanged"),
        ("cpu::sort[n=20]", "unchanged"),
    ]);
    output.says("defined differently");
    project.compare("main", &["--require-baseline"]).code(3);
    let markdown = project.perf(&[
        "compare",
        "--no-relink",
        "--baseline",
        "main",
        "--format",
        "markdown",
    ]);
    markdown
        .code(0)
        .says("no regression found, 1 could not be compared");
}

#[test]
fn a_dependency_beside_the_repository_is_part_of_what_is_measured() {
    let project = Project::new();
    let cost = |ns: u32| {
        project.write(
            "../beside/src/lib.rs",
            &format!("pub const COST: u64 = {ns};\n"),
        );
    };
    cost(1000);
    project.write(
        "../beside/Cargo.toml",
        "[package]\nname = \"beside\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    );
    project.edit(
        "Cargo.toml",
        "[dependencies]\n",
        "[dependencies]\nbeside = { path = \"../beside\" }\n",
    );
    project.edit("src/lib.rs", "spend(1000)", "spend(beside::COST)");
    project.settle();
    project.commit("a dependency outside");
    project.save_baseline();
    cost(10_000);
    let output = project.compare("main", &[]);
    output.code(0).notes_that("A/A check");
    assert_eq!(
        output.verdicts()[0],
        ("cpu::parse".to_owned(), "cannot tell".to_owned())
    );
    output.says("something outside the repository differs");
    assert!(
        !output.notes().contains("was measured before"),
        "{}",
        output.notes()
    );
}

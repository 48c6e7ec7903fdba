//! `cargo perf compare --paired`, and alarms confirmed side by side: the baseline's commit is built and measured beside this
//! code.

use std::fs;
use std::thread::sleep;
use std::time::Duration;

use crate::support::{CALM, Output, Project, SORT_IS_SLOWER, process};

pub(crate) fn paired(project: &Project, arguments: &[&str]) -> Output {
    project.compare("main", &[&["--paired"], arguments].concat())
}

/// The method of each benchmark of a JSON report, in its order.
pub(crate) fn methods(output: &Output) -> Vec<String> {
    let report = output.json();
    let benchmarks = report["benchmarks"]
        .as_array()
        .expect("a report has benchmarks");
    let method = |b: &serde_json::Value| b["method"].as_str().unwrap_or("none").to_owned();
    benchmarks.iter().map(method).collect()
}

#[test]
fn a_slowdown_is_found_without_any_record() {
    let project = Project::new();
    project.branch("slow");
    project.times(1000, 2400);
    let dirty = paired(&project, &[]);
    dirty.code(1).gives(&SORT_IS_SLOWER);
    project.commit("slow sort");
    let output = paired(&project, &[]);
    output.code(1).gives(&SORT_IS_SLOWER);
    assert_eq!(methods(&output), ["side by side"; 3]);
    let pairs = output.json()["benchmarks"][1]["pairs"].as_u64();
    assert!(pairs.is_some_and(|pairs| pairs >= 5), "{pairs:?}");
    let human = project.perf(&[
        "compare",
        "--no-relink",
        "--paired",
        "--quick",
        "--baseline",
        "main",
    ]);
    human
        .code(1)
        .says("(merge base), side by side")
        .says("pairs of launches");
    let markdown = [
        "compare",
        "--no-relink",
        "--paired",
        "--quick",
        "--baseline",
        "main",
        "--format",
        "markdown",
    ];
    project
        .perf(&markdown)
        .code(1)
        .says("regressed, critical (side by side, ");
    // The folder of the base is this machine's own.
    assert_eq!(project.git(&["status", "--porcelain"]), "");
    assert_eq!(project.git(&["worktree", "list"]).lines().count(), 1);
}

#[test]
fn unchanged_code_is_the_same_machine_code_and_is_not_measured() {
    let project = Project::without_git();
    // A build script's folder gets into what panics in its code.
    project.write(
        "build.rs",
        "fn main() {\n    let folder = std::env::var(\"OUT_DIR\").unwrap();\n    let code = \"pub fn made(v: &[u64], i: usize) -> u64 { v[i] }\";\n    std::fs::write(folder + \"/made.rs\", code).unwrap();\n}\n",
    );
    let lib = project.read("src/lib.rs");
    let code = "include!(concat!(env!(\"OUT_DIR\"), \"/made.rs\"));\npub fn first(v: &[u64]) -> u64 { made(v, v.len() / 2) }\n";
    project.write("src/lib.rs", &format!("{lib}{code}"));
    project.edit(
        "src/lib.rs",
        "spend(1000); 1",
        "spend(1000); first(&std::env::args().map(|_| 1).collect::<Vec<u64>>())",
    );
    project.put_under_git();
    project.branch("remark");
    project.write(
        "src/lib.rs",
        &(project.read("src/lib.rs") + "// A remark at the end.\n"),
    );
    project.write("README.md", "Words.\n");
    let output = paired(&project, &["--require-baseline"]);
    output.code(0).gives(&CALM);
    assert_eq!(methods(&output), ["machine code"; 3]);
    assert!(!output.stderr.contains("measuring "), "{}", output.stderr);
    output.says("the same machine code");

    // What a benchmark may read is not in the machine code.
    project.write("words.txt", "a few");
    let output = paired(&project, &[]);
    output.code(0).gives(&CALM).notes_that("words.txt changed");
    assert_eq!(methods(&output), ["side by side"; 3]);
    fs::remove_file(project.path("words.txt")).expect("it is there");

    // Another constant is another program, and no other speed to speak of.
    project.edit("src/lib.rs", "spend(1000)", "spend(1001)");
    let output = paired(&project, &["--require-baseline"]);
    output.code(0).gives(&CALM);
    assert_eq!(methods(&output), ["side by side"; 3]);
}

#[test]
fn a_base_that_does_not_build_is_named() {
    let project = Project::with_baseline();
    project.write("src/lib.rs", "this is no Rust\n");
    project.commit("broken");
    let broken = project.commit_id("HEAD");
    project.branch("slow");
    project.times(1000, 2400);
    project.commit("mended, and slow");
    paired(&project, &[])
        .code(11)
        .complains(&format!("the baseline {} does not build", &broken[..12]))
        .complains("--harness-from head");
    // An alarm of the screen, which has a record of an earlier commit, is looked into in another way.
    let output = project.compare("main", &[]);
    output
        .code(1)
        .gives(&SORT_IS_SLOWER)
        .notes_that("does not build")
        .notes_that("measured again instead");
    assert_eq!(methods(&output), ["records"; 3]);
}

#[test]
fn alarms_are_confirmed_side_by_side_unless_one_does_not_want_to() {
    let project = Project::with_baseline();
    project.branch("slow");
    project.times(1000, 2400);
    project.commit("slow sort");
    let output = project.compare("main", &[]);
    output
        .code(1)
        .gives(&SORT_IS_SLOWER)
        .complains("2 seem worse; measuring side by side");
    assert_eq!(
        methods(&output),
        ["records", "side by side", "side by side"]
    );
    let output = project.compare("main", &["--no-confirm"]);
    output
        .code(1)
        .gives(&SORT_IS_SLOWER)
        .notes_that("not measured again (--no-confirm)");
    assert_eq!(methods(&output), ["records"; 3]);
    project
        .compare("main", &["--no-confirm", "--paired"])
        .code(2);
}

#[test]
fn an_alarm_that_the_code_does_not_bear_out_is_none() {
    let project = Project::without_git();
    // What both sides take is decided outside of either, as a slow day would.
    project.write("../cost", "2000");
    let cost = format!(
        "std::fs::read_to_string({:?}).unwrap().parse::<u64>().unwrap()",
        project.path("../cost")
    );
    project.edit("src/lib.rs", "spend(2000 *", &format!("spend({cost} *"));
    project.put_under_git();
    project.save_baseline();
    project.branch("remark");
    project.write(
        "src/lib.rs",
        &(project.read("src/lib.rs") + "// A remark.\n"),
    );
    project.commit("a remark");
    project.write("../cost", "2400");
    let output = project.compare("main", &["--no-confirm"]);
    output.code(1).gives(&SORT_IS_SLOWER);
    let output = project.compare("main", &["--require-baseline"]);
    output.code(0).gives(&CALM);
    assert_eq!(
        methods(&output),
        ["records", "machine code", "machine code"]
    );
    project.edit("src/lib.rs", "spend(1000)", "spend(1001)");
    let output = project.compare("main", &["--require-baseline"]);
    output.code(0).gives(&CALM);
    assert_eq!(
        methods(&output),
        ["records", "side by side", "side by side"]
    );
}

#[test]
fn of_uncommitted_code_there_is_nothing_to_build() {
    let project = Project::new();
    project.times(1000, 1500);
    project.perf(&["run", "--quick"]).code(0);
    project.times(1000, 2000);
    let output = project.compare("last", &[]);
    output
        .code(1)
        .gives(&SORT_IS_SLOWER)
        .notes_that("uncommitted changes, which are in no commit that could be built")
        .notes_that("measured again instead");
    project
        .compare("last", &["--paired"])
        .code(2)
        .complains("name a branch, tag or commit");
}

#[test]
fn what_the_base_does_not_have_is_new_and_what_it_alone_has_is_missing() {
    let project = Project::without_git();
    let (manifest, benches) = (project.read("Cargo.toml"), project.read("benches/cpu.rs"));
    project.edit(
        "Cargo.toml",
        "[[bench]]\nname = \"cpu\"\nharness = false\n",
        "",
    );
    fs::remove_dir_all(project.path("benches")).expect("it is there");
    project.put_under_git();
    project.branch("with-benches");
    project.write("Cargo.toml", &manifest);
    project.write("benches/cpu.rs", &benches);
    project.commit("benchmarks");
    let new = CALM.map(|(name, _)| (name, "new"));
    paired(&project, &[]).code(0).gives(&new);
    paired(&project, &["--require-baseline"])
        .code(3)
        .gives(&new);

    project.git(&["branch", "--force", "main", "HEAD"]);
    project.branch("renamed");
    project.edit("benches/cpu.rs", "fn parse()", "fn read()");
    project.commit("another name");
    let expected = [
        ("cpu::parse", "missing"),
        ("cpu::read", "new"),
        CALM[1],
        CALM[2],
    ];
    paired(&project, &[]).code(4).gives(&expected);
    paired(&project, &["--allow-missing"])
        .code(0)
        .gives(&expected);
    paired(&project, &["parse", "sort[n=10]"])
        .code(4)
        .gives(&[expected[0], CALM[1]]);

    // A bench target by another name: all that was in it is gone, and all that is in it is new.
    project.git(&["switch", "--quiet", "main"]);
    project.branch("retargeted");
    project.git(&["mv", "benches/cpu.rs", "benches/speed.rs"]);
    project.edit("Cargo.toml", "name = \"cpu\"", "name = \"speed\"");
    project.commit("another target");
    let gone = CALM.map(|(name, _)| (name, "missing"));
    let new = [
        ("speed::parse", "new"),
        ("speed::sort[n=10]", "new"),
        ("speed::sort[n=20]", "new"),
    ];
    paired(&project, &[]).code(4).gives(&[gone, new].concat());
}

#[test]
fn benchmarks_of_now_measure_the_code_of_then() {
    let project = Project::new();
    project.branch("redefined");
    project.times(1000, 2400);
    project.edit(
        "benches/cpu.rs",
        "#[perf::bench]\nfn parse",
        "#[perf::bench(version = 2)]\nfn parse",
    );
    project.edit("benches/cpu.rs", "n = [10, 20]", "n = [10, 30]");
    project.commit("other benchmarks, and slow sort");
    let output = paired(&project, &[]);
    output.code(1).gives(&[
        ("cpu::parse", "incomparable"),
        ("cpu::sort[n=10]", "regressed"),
        ("cpu::sort[n=20]", "missing"),
        ("cpu::sort[n=30]", "new"),
    ]);
    output.says("--harness-from head");
    paired(&project, &["--harness-from", "head"])
        .code(1)
        .gives(&[
            ("cpu::parse", "unchanged"),
            ("cpu::sort[n=10]", "regressed"),
            ("cpu::sort[n=30]", "regressed"),
        ]);
    project.compare("main", &["--harness-from", "head"]).code(2);
}

#[test]
fn budgets_and_gates_hold_side_by_side_too() {
    let project = Project::new();
    project.edit(
        "benches/cpu.rs",
        "#[perf::bench]\nfn parse",
        "#[perf::bench(wall <= \"500ns\")]\nfn parse",
    );
    project.edit(
        "benches/cpu.rs",
        "n = [10, 20]",
        "n = [10, 20], gate = \"50%\"",
    );
    project.commit("a budget and a gate");
    project.branch("remark");
    project.write(
        "src/lib.rs",
        &(project.read("src/lib.rs") + "// A remark.\n"),
    );
    // The same machine code is over its budget all the same.
    let output = paired(&project, &[]);
    output.code(1).gives(&CALM);
    let standing = &output.json()["benchmarks"][0]["budgets"][0]["standing"];
    assert_eq!(standing, "over budget");
    project.times(400, 2400);
    paired(&project, &[]).code(0).gives(&[
        ("cpu::parse", "improved"),
        ("cpu::sort[n=10]", "tolerated"),
        ("cpu::sort[n=20]", "tolerated"),
    ]);
}

#[test]
fn without_a_commit_before_this_one_it_says_so() {
    let project = Project::new();
    let output = paired(&project, &["--require-baseline"]);
    output
        .code(3)
        .gives(&[])
        .notes_that("nothing comes before HEAD");
    project
        .compare("HEAD", &["--paired"])
        .code(0)
        .gives(&CALM)
        .notes_that("A/A check");
}

#[test]
fn two_at_once_do_not_get_in_each_others_way() {
    let project = Project::new();
    project.branch("slow");
    project.times(1000, 2400);
    let arguments = [
        "compare",
        "--no-relink",
        "--paired",
        "--quick",
        "--format",
        "json",
        "--baseline",
        "main",
    ];
    let start = || process::start(project.perf_command().args(arguments));
    let both = [start(), start()];
    for child in both {
        process::end(child).code(1).gives(&SORT_IS_SLOWER);
    }
    let kept = fs::read_dir(project.path(".perf/bases"))
        .expect("a folder")
        .flatten();
    assert_eq!(kept.filter(|item| item.path().is_dir()).count(), 1);
}

#[test]
fn killed_at_any_point_it_leaves_nothing_that_stands_in_the_way() {
    let project = Project::new();
    project.branch("slow");
    project.times(1000, 2400);
    project.commit("slow sort");
    let arguments = [
        "compare",
        "--no-relink",
        "--paired",
        "--format",
        "json",
        "--baseline",
        "main",
    ];
    let mut random = 12_345_u64;
    for round in 0..8 {
        if round % 3 == 0 {
            // From the beginning: the files have to be written, and built.
            let _absent = fs::remove_dir_all(project.path(".perf"));
        }
        let child = process::start(project.perf_command().args(arguments));
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        sleep(Duration::from_millis((random >> 33) % 2000));
        process::signal(&child, "KILL");
        process::end(child);
        process::wait_until("every process of it is gone", || {
            process::at_work_in(&project.path("")).is_empty()
        });
        assert!(!project.path(".git/index.lock").exists());
        assert!(!project.path(".git/worktrees").exists());
    }
    let output = paired(&project, &[]);
    output.code(1).gives(&SORT_IS_SLOWER);
    assert!(
        !output.stderr.contains("waiting for another"),
        "{}",
        output.stderr
    );
    let bases = fs::read_dir(project.path(".perf/bases"))
        .expect("a folder")
        .flatten();
    for base in bases.filter(|item| item.path().is_dir()) {
        assert!(!base.path().join("tree.half").exists());
        assert!(!base.path().join("target.half").exists());
    }
    assert_eq!(project.git(&["status", "--porcelain"]), "");
}

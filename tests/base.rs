//! What is built of the baseline's commit: submodules, what lies outside of the repository, workspaces with several packages, and
//! what cannot be built alike.

use std::fs;

use crate::paired::{methods, paired};
use crate::support::{CALM, Project, SORT_IS_SLOWER};

#[test]
fn a_submodule_is_built_at_its_recorded_commit() {
    let project = Project::new();
    let inner = |cost: u32| {
        project.write(
            "../inner/src/lib.rs",
            &format!("pub const COST: u64 = {cost};\n"),
        );
    };
    inner(1000);
    project.write(
        "../inner/Cargo.toml",
        "[package]\nname = \"inner\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    );
    let git = |arguments: &[&str]| {
        project.git(&[&["-C", "../inner"], arguments].concat());
    };
    git(&["init", "--quiet", "--initial-branch=main"]);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message", "first"]);
    let allow = ["-c", "protocol.file.allow=always"];
    let from = project.path("../inner");
    let from = from.to_str().expect("a path of letters");
    project.git(&[&allow[..], &["submodule", "--quiet", "add", from, "lib"]].concat());
    project.edit(
        "Cargo.toml",
        "[dependencies]\n",
        "[dependencies]\ninner = { path = \"lib\" }\n",
    );
    project.edit("src/lib.rs", "spend(1000)", "spend(inner::COST)");
    project.settle();
    project.commit("a submodule");
    inner(1500);
    git(&["commit", "--quiet", "--all", "--message", "slower"]);
    project.branch("slow");
    project.git(
        &[
            &allow[..],
            &["-C", "lib", "pull", "--quiet", "origin", "main"],
        ]
        .concat(),
    );
    project.commit("a newer submodule");
    let slower = [("cpu::parse", "regressed"), CALM[1], CALM[2]];
    paired(&project, &[]).code(1).gives(&slower);
    // Not checked out, it is still where git keeps it; gone from there, it is asked for.
    project.git(&["submodule", "--quiet", "deinit", "--force", "lib"]);
    fs::remove_dir_all(project.path(".git/modules")).expect("it is there");
    project.git(&["rm", "--quiet", "--cached", "lib"]);
    project.write(
        "lib/Cargo.toml",
        "[package]\nname = \"inner\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    );
    project.write("lib/src/lib.rs", "pub const COST: u64 = 1000;\n");
    project.forget_runs();
    paired(&project, &[])
        .code(10)
        .complains("submodule lib at ")
        .complains("git submodule update --init lib");
}

#[test]
fn what_lies_outside_the_repository_is_the_same_for_both() {
    let project = Project::new();
    // In a workspace of its own, from which it inherits.
    project.write(
        "../beside/Cargo.toml",
        "[workspace]\nmembers = [\"part\"]\n[workspace.package]\nversion = \"0.1.0\"\n",
    );
    project.write(
        "../beside/part/Cargo.toml",
        "[package]\nname = \"beside\"\nversion.workspace = true\nedition = \"2024\"\n",
    );
    project.write(
        "../beside/part/src/lib.rs",
        "pub fn cost(v: &[u64], i: usize) -> u64 { v[i] }\n",
    );
    project.edit(
        "Cargo.toml",
        "[dependencies]\n",
        "[dependencies]\nbeside = { path = \"../beside/part\" }\n",
    );
    project.edit(
        "src/lib.rs",
        "spend(1000)",
        "spend(beside::cost(&[1000, 2000], std::env::args().count() / 99))",
    );
    // Kept to oneself.
    project.write(".gitignore", "/target\nCargo.lock\n");
    project.git(&["rm", "--quiet", "--cached", "Cargo.lock"]);
    project.settle();
    project.commit("a dependency outside");
    project.branch("remark");
    project.write(
        "src/lib.rs",
        &(project.read("src/lib.rs") + "// A remark.\n"),
    );
    let output = paired(&project, &["--require-baseline"]);
    output
        .code(0)
        .gives(&CALM)
        .notes_that("../beside/part lies outside the repository")
        .notes_that("Cargo.lock is not in git");
    assert_eq!(methods(&output), ["machine code"; 3]);
    project.times(1000, 2400);
    paired(&project, &[]).code(1).gives(&SORT_IS_SLOWER);
}

#[test]
fn packages_of_a_workspace_are_told_apart_also_below_the_top_of_the_repository() {
    let project = Project::without_git();
    let other = project.add_package("two");
    project.git(&["init", "--quiet", "--initial-branch=main", ".."]);
    project.settle();
    project.commit("first");
    project.branch("slow");
    project.edit("two/benches/cpu.rs", "spend(3000)", "spend(3600)");
    project.write("two/src/lib.rs", "pub fn more() {}\n");
    project.commit("slow print");
    let output = paired(&project, &[]);
    output.code(1);
    let verdicts: Vec<(String, String)> = output.verdicts();
    let regressed: Vec<&String> = verdicts
        .iter()
        .filter(|(_, verdict)| verdict == "regressed")
        .map(|(name, _)| name)
        .collect();
    assert_eq!(regressed, ["cpu::print"], "{verdicts:?}");
    // The first package's binary did not change, and the second's did.
    let mut methods = methods(&output);
    methods.sort();
    assert_eq!(
        methods,
        [
            "machine code",
            "machine code",
            "machine code",
            "side by side"
        ]
    );
    paired(&project, &["--package", &other])
        .code(1)
        .gives(&[("cpu::print", "regressed")]);
    let inside = [
        "compare",
        "--no-relink",
        "--paired",
        "--quick",
        "--format",
        "json",
        "--baseline",
        "main",
    ];
    project.perf_in("two", &inside).code(1);
}

#[test]
fn a_base_from_before_there_was_a_workspace_is_none_of_its_members() {
    let project = Project::new();
    project.branch("two");
    project.add_package("two");
    project.settle();
    project.times(1000, 2400);
    project.commit("a second package, and slow sort");
    let output = paired(&project, &[]);
    output.code(1);
    let verdicts = output.verdicts();
    let count = |word: &str| {
        verdicts
            .iter()
            .filter(|(_, verdict)| verdict == word)
            .count()
    };
    assert_eq!((count("new"), count("regressed")), (1, 2), "{verdicts:?}");
}

#[test]
fn sides_that_would_not_be_built_alike_are_not_compared() {
    let project = Project::with_baseline();
    project.branch("configured");
    project.times(1000, 2400);
    project.write(".cargo/config.toml", "[alias]\nb = \"build\"\n");
    project.commit("an alias, and slow sort");
    paired(&project, &[]).code(1).gives(&SORT_IS_SLOWER);
    project.write(".cargo/config.toml", "[env]\nFLAVOUR = \"other\"\n");
    project.commit("a variable");
    paired(&project, &[])
        .code(10)
        .complains(".cargo/config.toml is another one there");
    project
        .compare("main", &[])
        .code(1)
        .gives(&SORT_IS_SLOWER)
        .notes_that(".cargo/config.toml is another one there");
}

#[test]
fn a_shallow_clone_has_what_it_has() {
    let project = Project::new();
    project.branch("slow");
    project.times(1000, 2400);
    project.commit("slow sort");
    project.write("src/more.rs", "");
    project.commit("more");
    project.switch("main");
    project.write("src/other.rs", "");
    project.commit("other work");
    project.switch("slow");
    let from = format!("file://{}", project.path("").display());
    let clone = [
        "clone",
        "--quiet",
        "--depth",
        "1",
        "--no-single-branch",
        "--branch",
        "slow",
    ];
    project.git(&[&clone[..], &[&from, "../shallow"]].concat());
    let shallow = project.beside("shallow");
    let output = paired(&shallow, &["--require-baseline"]);
    output
        .code(3)
        .gives(&[])
        .notes_that("git fetch --unshallow");
    // What was named and is here needs no history.
    let main = project.commit_id("main");
    shallow
        .compare(&main, &["--paired"])
        .code(1)
        .gives(&SORT_IS_SLOWER);
}

//! `cargo perf init` and `cargo perf new`: an empty crate becomes one that is measured.

use std::fs;
use std::path::Path;

use crate::support::Project;

/// The kinds of `cargo perf new`.
const KINDS: [&str; 6] = [
    "cpu",
    "memory",
    "timeout",
    "recursion",
    "concurrency",
    "load",
];

const MANIFEST: &str =
    "# Words.\n[package]\nname = \"PACKAGE\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";

/// What `cargo new --lib` makes, with the versions that this repository was tested with.
fn empty_crate(name: &str) -> Project {
    let project = Project::without_git();
    fs::remove_dir_all(project.path("benches")).expect("a project has benchmarks");
    project.write("Cargo.toml", &MANIFEST.replace("PACKAGE", name));
    project.write("src/lib.rs", "//! Words.\n");
    project
}

#[test]
fn an_empty_crate_is_made_ready_and_every_kind_of_bench_runs_as_it_is_written() {
    let project = empty_crate("scaffold-empty");
    let before = (project.read("Cargo.toml"), project.files("."));
    project
        .perf(&["init", "--dry-run"])
        .code(0)
        .says("would write a first benchmark (benches/speed.rs)")
        .says("would set codegen-units = 1 in [profile.bench] (Cargo.toml)");
    assert_eq!((project.read("Cargo.toml"), project.files(".")), before);

    let made = project.perf(&["init"]);
    made.code(0)
        .says("add perf-harness = { path = ")
        .says("declare the bench target `speed` with harness = false (Cargo.toml)")
        .says("add [lib] with bench = false")
        .says("exclude baselines/ from what is published")
        .says("keep git from turning line endings in baselines/ (.gitattributes)")
        .says("next: cargo perf run");
    let manifest = project.read("Cargo.toml");
    assert!(manifest.starts_with("# Words.\n"), "{manifest}");
    project
        .perf(&["init"])
        .code(0)
        .says("all of it is there\nnext: cargo perf run\n");
    assert_eq!(project.read("Cargo.toml"), manifest);

    for kind in KINDS {
        let name = format!("{kind}_bench");
        project
            .perf(&["new", &name, "--kind", kind])
            .code(0)
            .says(&format!(
                "write a benchmark to start from (benches/{name}.rs)"
            ))
            .says(&format!("next: cargo perf run --bench {name}"));
    }
    project
        .perf(&["new", "cpu_bench", "--kind", "cpu"])
        .code(2)
        .complains("there is a bench target `cpu_bench` already");
    project
        .perf(&["new", "../up", "--kind", "cpu"])
        .code(2)
        .complains("cannot name a bench target");

    project.settle();
    let tried = project.cargo(&["test", "--benches"]);
    tried.code(0);
    let passed = tried.stdout.matches(" ... ok").count();
    assert!(passed > KINDS.len(), "{}", tried.stdout);
    project
        .cargo(&["clippy", "--benches", "--offline", "--", "-D", "warnings"])
        .code(0);
    project
        .perf(&["run", "--quick", "--bench", "speed"])
        .code(0)
        .says("speed::sum[n=100]")
        .says("5 benchmarks measured");
}

#[test]
fn what_cannot_be_made_ready_is_refused_and_nothing_is_written() {
    let nowhere = empty_crate("scaffold-nowhere");
    fs::remove_file(nowhere.path("Cargo.toml")).expect("a manifest");
    nowhere
        .perf(&["init"])
        .code(10)
        .complains("go to the folder of a cargo package");

    let project = empty_crate("scaffold-member");
    let member = MANIFEST.replace("PACKAGE", "scaffold-a");
    project.write("a/Cargo.toml", &member);
    project.write("a/src/lib.rs", "");
    project.write("b/Cargo.toml", &member.replace("scaffold-a", "scaffold-b"));
    project.write("b/src/main.rs", "fn main() {}\n");
    project.write(
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"a\", \"b\"]\n",
    );
    project
        .perf(&["init"])
        .code(2)
        .complains("a workspace of several packages")
        .complains("name one with --package; there is: scaffold-a, scaffold-b");
    project
        .perf(&["init", "--package", "scaffold-c"])
        .code(2)
        .complains("there is no package `scaffold-c` here");
    project
        .perf(&["new", "speed", "--kind", "cpu", "--package", "scaffold-a"])
        .code(2)
        .complains("does not depend on perf-harness")
        .complains("cargo perf init");
    for (spec, told) in [
        ("nowhere at all", "is no source of perf-harness"),
        ("a", "is not the folder of perf-harness"),
    ] {
        project
            .perf(&["init", "--package", "scaffold-a", "--harness", spec])
            .code(2)
            .complains(told);
    }
    assert!(!Path::new(&project.path("a/benches")).exists());

    // Of a member the profile goes to the workspace, and what is published is the member's own folder.
    let address = "https://host.invalid/cargo-perf";
    project
        .perf(&["init", "--package", "scaffold-b", "--harness", address])
        .code(0)
        .says(&format!("add perf-harness = {{ git = \"{address}\" }}"))
        .says("(b/benches/speed.rs)")
        .does_not_say("exclude")
        .does_not_say("[lib]");
    assert!(
        project
            .read("Cargo.toml")
            .contains("[profile.bench]\ncodegen-units = 1")
    );
    assert_eq!(project.read("a/Cargo.toml"), member);
}

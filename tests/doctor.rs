//! `cargo perf doctor`: looks, tells, changes nothing.

use crate::support::Project;

/// The findings by name, each with its level.
fn levels(project: &Project) -> Vec<(String, String)> {
    let json = project.perf(&["doctor", "--format", "json"]).json();
    let findings = json["findings"].as_array().expect("a list").clone();
    let text =
        |finding: &serde_json::Value, name: &str| finding[name].as_str().expect("text").to_owned();
    findings
        .iter()
        .map(|finding| (text(finding, "name"), text(finding, "level")))
        .collect()
}

fn level(project: &Project, name: &str) -> String {
    let levels = levels(project);
    let found = levels.into_iter().find(|(found, _)| found == name);
    found
        .unwrap_or_else(|| panic!("nothing is said of {name}"))
        .1
}

#[test]
fn a_set_up_that_is_well_is_told_so_and_left_alone() {
    let project = Project::with_baseline();
    project.write(
        ".gitattributes",
        "baselines/** text eol=lf linguist-generated\n",
    );
    project.commit("attributes");
    let before = project.files("");
    project
        .perf(&["doctor"])
        .code(0)
        .says("machine class")
        .says("0 problems, ");
    for name in [
        "git",
        "baselines",
        "damaged records",
        "line endings",
        "bench targets",
        "compiler",
        "local history",
    ] {
        assert_eq!(level(&project, name), "ok", "{name}");
    }
    project
        .perf(&["doctor", "--format", "markdown"])
        .code(0)
        .says("### cargo perf doctor: 0 problems")
        .says("| ok | git |");
    let files = |all: Vec<String>| -> Vec<String> {
        all.into_iter()
            .filter(|file| !file.starts_with(".git/") && !file.starts_with("target/"))
            .collect()
    };
    assert_eq!(files(project.files("")), files(before));
}

#[test]
fn what_keeps_records_from_being_found_is_told_with_what_helps() {
    let project = Project::with_baseline();
    project
        .perf(&["doctor"])
        .code(0)
        .says("echo 'baselines/** text eol=lf linguist-generated' >> .gitattributes");
    let record = project.files("baselines").remove(0);
    project.write(&record, "{}");
    project
        .perf(&["doctor"])
        .code(0)
        .says("1 problem, ")
        .says(&record)
        .says("git checkout -- baselines");
    assert_eq!(level(&project, "damaged records"), "problem");
}

#[test]
fn without_git_and_without_benchmarks() {
    let project = Project::without_git();
    assert_eq!(level(&project, "git"), "advice");
    assert_eq!(level(&project, "baselines"), "advice");

    project.write(
        "Cargo.toml",
        "[package]\nname = \"nothing-to-measure\"\nedition = \"2021\"\n",
    );
    project
        .perf(&["doctor"])
        .code(10)
        .says("bench targets")
        .says("nothing can be measured");
    assert_eq!(level(&project, "bench targets"), "problem");

    project.write("Cargo.toml", "this is no manifest");
    project.perf(&["doctor"]).code(10).says("workspace");
}

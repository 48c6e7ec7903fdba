//! `cargo perf baseline accept`: what is agreed to on the branch that changes are compared with is let pass, that far and
//! that long.

use sha2::{Digest, Sha256};

use crate::support::Project;

/// A project whose sorting became a fifth slower on a branch, measured there.
fn slower() -> Project {
    let project = Project::with_baseline();
    project.branch("work");
    project.times(1000, 2400);
    project.commit("slower");
    project.perf(&["run", "--quick", "sort"]).code(0);
    project
}

/// The files of what is accepted: wall and processor time, which go together.
fn accept(project: &Project, bench: &str, arguments: &[&str]) -> Vec<String> {
    let before = project.files("baselines/accepts");
    let fixed = [
        "baseline",
        "accept",
        bench,
        "--baseline",
        "main",
        "--reason",
        "it is stable now",
    ];
    project.perf(&[&fixed[..], arguments].concat()).code(0);
    let mut files = project.files("baselines/accepts");
    files.retain(|file| !before.contains(file));
    assert_eq!(files.len(), 2, "{files:?}");
    files
}

/// Takes files of the working tree to `main`.
fn carry_to_main(project: &Project, files: &[String]) {
    project.commit("accepted");
    project.switch("main");
    for file in files {
        project.git(&["checkout", "work", "--", file]);
    }
    project.commit("accepted on main");
    project.switch("work");
}

#[test]
fn an_accepted_regression_counts_once_it_is_on_the_target_and_only_that_far() {
    let project = slower();
    let files = [
        accept(&project, "sort[n=10]", &["--expires", "30d"]),
        accept(&project, "cpu::sort[n=20]", &[]),
    ]
    .concat();
    let own = project.compare("main", &["--no-confirm", "sort"]);
    own.code(1)
        .gives(&[
            ("cpu::sort[n=10]", "regressed"),
            ("cpu::sort[n=20]", "regressed"),
        ])
        .notes_that(
            "accepted here and not in main, so it counts once it is there: cpu of cpu::sort[n=10], cpu of cpu::sort[n=20], wall of cpu::sort[n=10], wall of ",
        );
    carry_to_main(&project, &files);
    let theirs = project.compare("main", &["--no-confirm", "sort"]);
    theirs.code(0).gives(&[
        ("cpu::sort[n=10]", "tolerated"),
        ("cpu::sort[n=20]", "tolerated"),
    ]);
    let report = theirs.json();
    assert_eq!(
        report["benchmarks"][0]["reason"],
        "accepted: it is stable now"
    );
    assert_eq!(
        report["benchmarks"][0]["severity"], "critical",
        "it is what it is"
    );
    let side_by_side = project.compare("main", &["--paired", "n=10"]);
    side_by_side
        .code(0)
        .gives(&[("cpu::sort[n=10]", "tolerated")]);
    let list = project.perf(&["baseline", "accept", "--list", "--ref", "main"]);
    list.code(0)
        .says("(+")
        .says("it is stable now; until 20")
        .says(&files[1]);

    project.times(1000, 3000);
    project
        .compare("main", &["--no-confirm", "sort"])
        .code(1)
        .notes_that("wall of cpu::sort[n=10] is regressed, and what was accepted of it is of a smaller change than this one");
}

#[test]
fn the_step_is_accepted_once() {
    let project = slower();
    let files = accept(&project, "sort[n=10]", &[]);
    // Another run of the same step has other digits, and says nothing new; one that is to count for ever does.
    project.perf(&["run", "--quick"]).code(0);
    let again = |reason: &str| {
        let fixed = ["baseline", "accept", "sort[n=10]", "--baseline", "main"];
        project.perf(&[&fixed[..], &["--reason", reason]].concat())
    };
    again("once more")
        .code(0)
        .complains("is accepted that far and that long already, by baselines/accepts/")
        .does_not_say("it counts once it is committed");
    assert_eq!(project.files("baselines/accepts"), files);
    carry_to_main(&project, &files);
    project.switch("main");
    project.git(&["merge", "--quiet", "--no-edit", "work"]);
    project.save_baseline();
    project.branch("again");
    project.times(1000, 2880);
    project
        .compare("main", &["--no-confirm", "n=10"])
        .code(1)
        .notes_that("is used up: the baseline is at the accepted level already");
}

/// Writes the file anew as if it had been for a day that has passed; its path.
fn expire(project: &Project, file: &str) -> String {
    let mut value: serde_json::Value =
        serde_json::from_str(&project.read(file)).expect("it is JSON");
    let members = value.as_object_mut().expect("an object");
    members.remove("id");
    members.insert("expires".to_owned(), "2020-01-01".into());
    let canonical = perf_schema::canonical_text(&value).expect("a canonical form");
    let digest = Sha256::digest(canonical);
    let id: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let text = perf_schema::file_text(&value, &id).expect("a text");
    std::fs::remove_file(project.path(file)).expect("it was there");
    let name = format!("baselines/accepts/{}.json", &id[..12]);
    project.write(&name, &text);
    name
}

#[test]
fn what_expired_and_what_is_none_is_named_and_does_not_count() {
    let project = slower();
    let files = accept(&project, "sort[n=10]", &["--expires", "2099-01-01"]);
    // Nothing is accepted for a day that has passed, but days pass.
    let mut files: Vec<String> = files.iter().map(|file| expire(&project, file)).collect();
    let strange = "baselines/accepts/0123456789ab.json".to_owned();
    project.write(&strange, &project.read(&files[0]).replace("2020", "2120"));
    files.push(strange);
    carry_to_main(&project, &files);
    project
        .compare("main", &["--no-confirm", "n=10"])
        .code(1)
        .notes_that("what was accepted of it expired on 2020-01-01")
        .notes_that(
            "left out: baselines/accepts/0123456789ab.json: its content does not match its id",
        );
    let list = project.perf(&["baseline", "accept", "--list"]);
    list.code(13)
        .says("expired on 2020-01-01")
        .complains("0123456789ab.json");
    // It is no record, and no fault among them.
    project.perf(&["baseline", "list"]).code(0).says(" KiB");
}

#[test]
fn nothing_is_accepted_that_is_not_known_or_not_worse() {
    let project = slower();
    let accept = |arguments: &[&str]| {
        let fixed = ["baseline", "accept", "--reason", "x", "--baseline", "main"];
        project.perf(&[&fixed[..], arguments].concat())
    };
    accept(&["nothing"])
        .code(2)
        .complains("no run of this code is kept that has `nothing`");
    accept(&["sotr[n=10]"])
        .code(2)
        .complains("did you mean `sort[n=10]`?");
    accept(&["sort[n=10]", "--metric", "speed"])
        .code(2)
        .complains("has no `speed`");
    let step = |from: &str, to: &str| {
        accept(&["sort[n=10]", "--metric", "wall", "--from", from, "--to", to])
    };
    step("24us", "20us").code(2).complains("no worse");
    step("20", "24us").code(2).complains("is a time");
    for (day, why) in [
        ("soon", "YYYY-MM-DD"),
        ("2099-02-31", "no day"),
        ("2020-01-01", "has passed"),
    ] {
        accept(&["sort[n=10]", "--expires", day])
            .code(2)
            .complains(why);
    }
    accept(&[
        "sort[n=10]",
        "--metric=wall",
        "--from=20us",
        "--to=30us",
        "--expires=2020-01-01",
    ])
    .code(2)
    .complains("has passed");
    project
        .perf(&["baseline", "accept", "sort[n=10]"])
        .code(2)
        .complains("--reason");
    assert_eq!(project.files("baselines/accepts"), Vec::<String>::new());
    accept(&[
        "sort[n=10]",
        "--from",
        "20us",
        "--to",
        "30us",
        "--metric",
        "wall",
        "--who",
        "Ada",
    ])
    .code(0)
    .says("20.00 µs → 30.00 µs (+50.0 %)")
    .says("accepted by Ada");
    project.times(1000, 2000);
    project.perf(&["run", "--quick", "sort"]).code(0);
    accept(&["sort[n=10]"])
        .code(2)
        .complains("nothing of ")
        .complains(" is regressed in the last run of this code");
}

//! `cargo perf baseline`: what is saved, where, and how it is shown.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::support::{Output, Project};

/// The part of a file's name after `-`: the first digits of the record's id.
fn digits_of(record: &str) -> &str {
    let (_, digits) = record
        .rsplit_once('-')
        .expect("a record's name has two parts");
    digits.trim_end_matches(".json")
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

#[test]
fn a_baseline_lies_where_its_branch_machine_and_commit_say() {
    let project = Project::new();
    project.branch("feature/fast-path");
    let commit = project.commit_id("HEAD");
    let file = project.save_baseline();
    let [baselines, branch, class, name] = file.split('/').collect::<Vec<_>>()[..] else {
        panic!("{file} is not four names deep");
    };
    assert_eq!((baselines, branch), ("baselines", "feature-fast-path"));
    let (architecture, digits) = class.rsplit_once('-').expect("a class has two parts");
    assert!(is_hex(digits, 8) && !architecture.is_empty(), "{class}");
    let (sha, record) = name
        .strip_suffix(".json")
        .and_then(|name| name.split_once('-'))
        .expect("two parts");
    assert_eq!(sha, &commit[..12]);
    assert!(is_hex(record, 8), "{name}");

    let nicknamed = project.perf(&["run", "--quick", "--save", "--machine", "CI runner/2"]);
    nicknamed
        .code(0)
        .says("saved as baselines/feature-fast-path/ci-runner-2-6d0e5412/");
}

/// JSON whose objects are sorted whenever they are written.
#[derive(Deserialize, Serialize)]
#[serde(untagged)]
enum Sorted {
    Object(BTreeMap<String, Sorted>),
    List(Vec<Sorted>),
    Other(serde_json::Value),
}

#[test]
fn a_record_is_made_for_review_and_names_nobody() {
    let project = Project::new();
    let mut command = project.perf_command();
    for variable in ["USER", "LOGNAME", "HOSTNAME", "EMAIL"] {
        command.env(variable, "ada-lovelace");
    }
    command
        .env("SECRET_TOKEN", "ada-lovelace")
        .env("GIT_AUTHOR_NAME", "ada-lovelace");
    command.args(["run", "--save"]);
    Output::of(command.output().expect("cargo-perf starts")).code(0);
    let text = project.read(&project.files("baselines")[0]);

    // What the record is about comes first, a member on each line; then the benchmarks, one on each line.
    let lines: Vec<&str> = text.lines().collect();
    let start = lines
        .iter()
        .position(|line| *line == "\"suite\":[")
        .expect("a list of benchmarks");
    let members = lines[1..=start]
        .iter()
        .map(|line| line.split(':').next().expect("a key"));
    assert!(members.is_sorted(), "{text}");
    let names = ["cpu::parse", "cpu::sort[n=10]", "cpu::sort[n=20]"];
    for (line, name) in lines[start + 1..].iter().zip(names) {
        assert!(line.contains(&format!("/{name}\"")), "{name}: {line}");
        let line = line.trim_end_matches(',');
        let benchmark: Sorted = serde_json::from_str(line).expect("a line is a value");
        let sorted = serde_json::to_string(&benchmark).expect("JSON");
        assert_eq!(sorted, line, "sorted and compact");
    }
    assert_eq!(lines[start + 4..], ["]", "}"]);
    assert!(
        text.ends_with("}\n") && !text.contains('\r'),
        "it ends in a line end"
    );
    assert!(
        text.len() < 3 * 4 * 1024,
        "{} bytes for three benchmarks of a dozen metrics",
        text.len()
    );

    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let folder = project.path("").display().to_string();
    for private in ["ada-lovelace", "a@example.com", host.trim(), &folder] {
        assert!(
            private.is_empty() || !text.contains(private),
            "{private:?} is in the record:\n{text}"
        );
    }
}

#[test]
fn baselines_are_listed_by_place_and_shown_by_name() {
    let project = Project::new();
    project
        .perf(&["baseline", "list"])
        .code(0)
        .says("no baseline is saved")
        .says("`cargo perf run --save`");
    assert_eq!(
        project
            .perf(&["baseline", "list", "--format", "json"])
            .code(0)
            .json(),
        serde_json::json!([])
    );
    let on_main = project.save_baseline();
    project.branch("topic");
    project.times(1000, 1600);
    project.commit("fast sort");
    let on_topic = project.save_baseline();

    project
        .perf(&["baseline", "list"])
        .code(0)
        .says(&on_main)
        .says(&on_topic)
        .says("main ")
        .says("topic ");
    project
        .perf(&["baseline", "list", "--ref", "main"])
        .code(0)
        .says(&on_main)
        .does_not_say(&on_topic);
    project
        .perf(&["baseline", "list", "--ref", "topic"])
        .code(0)
        .says(&on_main)
        .says(&on_topic);
    project
        .perf(&["baseline", "list", "--ref", "mian"])
        .code(2)
        .complains("did you mean main?");
    let listed = project
        .perf(&["baseline", "list", "--format", "json"])
        .code(0)
        .json();
    assert_eq!(listed[0]["file"], *on_main);
    assert_eq!(listed[1]["record"], *digits_of(&on_topic));
    assert_eq!(listed.as_array().map(Vec::len), Some(2));

    let id = digits_of(&on_main);
    for name in [id, &id[..6], &on_main] {
        let output = project.perf(&["baseline", "show", name]);
        output
            .code(0)
            .says(&format!("record {id}: main "))
            .says("cpu::sort[n=20]")
            .says("built with profile bench");
    }
    // From a branch where the file is not checked out.
    project.switch("main");
    let show = [
        "baseline",
        "show",
        digits_of(&on_topic),
        "--ref",
        "topic",
        "--format",
        "json",
    ];
    assert_eq!(project.perf(&show).code(0).verdicts().len(), 3);
    project
        .perf(&["baseline", "show", "000000"])
        .code(2)
        .complains("no record begins with `000000`");
    project.perf(&["baseline", "show", ""]).code(2);
}

#[test]
fn the_last_run_becomes_a_baseline_of_the_commit_that_holds_its_code() {
    let project = Project::new();
    project
        .perf(&["baseline", "save"])
        .code(2)
        .complains("no kept run of the whole suite of this code");
    project.perf(&["run", "--quick", "sort"]).code(0);
    project
        .perf(&["baseline", "save"])
        .code(2)
        .complains("no kept run of the whole suite of this code");

    // Measured first, committed then.
    project.times(1000, 1600);
    project.perf(&["run", "--quick"]).code(0);
    project
        .perf(&["baseline", "save"])
        .code(2)
        .complains("commit, stash or ignore");
    project.commit("fast sort");
    let saved = project.perf(&["baseline", "save"]);
    saved.code(0).says("saved as baselines/main/");
    let files = project.files("baselines");
    assert_eq!(files.len(), 1);
    assert!(
        files[0].contains(&project.commit_id("HEAD")[..12]),
        "{files:?}"
    );
    assert!(project.read(&files[0]).contains("\"dirty\":false"));
    project
        .perf(&["baseline", "save"])
        .code(0)
        .says("was there already");
    assert_eq!(project.files("baselines"), files);

    project.times(1000, 2000);
    project
        .perf(&["baseline", "save"])
        .code(2)
        .complains("no kept run of the whole suite of this code");
}

#[test]
fn a_dirty_tree_is_refused_before_it_is_measured_or_marked() {
    let project = Project::new();
    project.times(1000, 1600);
    let refused = project.perf(&["run", "--quick", "--save"]);
    refused
        .code(2)
        .complains("the working tree differs from commit")
        .complains("--allow-dirty");
    assert_eq!(
        (project.files("baselines"), project.files(".perf")),
        (vec![], vec![]),
        "nothing was measured for nothing"
    );

    let allowed = project.perf(&["run", "--quick", "--save", "--allow-dirty"]);
    allowed
        .code(0)
        .says("saved as baselines/main/")
        .says("a poor baseline: it is a quick look of 8 launches");
    let files = project.files("baselines");
    assert_eq!(files.len(), 1);
    assert!(project.read(&files[0]).contains("\"dirty\":true"));
    project.perf(&["baseline", "list"]).code(0).says("(dirty)");
    // New files count as well; the saved baseline itself does not.
    project.git(&["checkout", "--quiet", "src"]);
    project.perf(&["run", "--quick", "--save"]).code(0);
    project.write("src/new.rs", "");
    project.perf(&["run", "--quick", "--save"]).code(2);
    project
        .perf(&["run", "--quick", "--allow-dirty"])
        .code(2)
        .complains("--save");
}

#[test]
fn no_name_of_a_branch_leaves_the_folder() {
    let project = Project::new();
    project.perf(&["run", "--quick"]).code(0);
    let refused_by_git = [
        "a b",
        "../../x",
        "feature/x..y",
        ".hidden",
        "a\\b",
        "x.lock",
        "~",
        "",
    ];
    for name in refused_by_git {
        let reference = format!("refs/heads/{name}");
        let update = project
            .command("git")
            .args(["update-ref", &reference, "HEAD"])
            .output();
        assert!(
            !update.expect("git starts").status.success(),
            "git takes {name:?} after all"
        );
    }
    let long = "x".repeat(200);
    let accepted = [
        "-rf",
        "--save",
        &long,
        "größe/日本",
        "accepts",
        "detached",
        "CON",
        "nul",
        "com1",
        "Main",
        "x-0123abcd",
        "a/-/b",
        "$(touch${IFS}x)",
        "`id`",
        "\"quoted\"",
        "%2e%2e/x",
        "x;y&z|w",
        "baselines",
        "x.json",
        "a/b/c/d/e/f",
        "\u{202e}txt",
    ];
    for name in accepted {
        let reference = format!("refs/heads/{name}");
        // Names like these come with somebody else's clone; `git branch` itself would refuse some of them.
        project.git(&["update-ref", &reference, "main"]);
        project.git(&["symbolic-ref", "HEAD", &reference]);
        let saved = project.perf(&["baseline", "save"]);
        assert_eq!(saved.code, 0, "{name:?}: {}", saved.stderr);
        let file = saved
            .stdout
            .lines()
            .find_map(|line| line.strip_prefix("saved as "))
            .and_then(|text| text.split(';').next())
            .expect("the file's name");
        let folder = file.split('/').nth(1).expect("the folder of the branch");
        let plain = folder
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        assert!(
            plain && folder.len() <= 57 && !folder.starts_with('-'),
            "{name:?} has the folder {folder:?}"
        );
        assert!(
            !["accepts", "detached", "con", "nul", "com1", "main"].contains(&folder),
            "{name:?}: {folder}"
        );
        assert!(
            project.read(file).contains("\"branch\":"),
            "the true name is in the record"
        );
    }
    assert_eq!(
        project.files("baselines").len(),
        accepted.len(),
        "each has a file of its own"
    );
    project.git(&["symbolic-ref", "HEAD", "refs/heads/main"]);
    assert_eq!(project.git(&["status", "--porcelain"]), "?? baselines/");
    let beside: Vec<_> = std::fs::read_dir(project.path(".."))
        .expect("a folder")
        .collect();
    assert_eq!(beside.len(), 1, "nothing beside the project: {beside:?}");
    let list = project.perf(&["baseline", "list", "--format", "json"]);
    assert_eq!(
        list.code(0).json().as_array().map(Vec::len),
        Some(accepted.len())
    );
    project
        .perf(&["baseline", "list"])
        .code(0)
        .does_not_say("\u{1b}");

    // A repository made by hand, whose HEAD no git would have written.
    project.write(".git/HEAD", "ref: refs/heads/../../x\n");
    let hostile = project.perf(&["baseline", "save"]);
    assert!(
        [2, 10].contains(&hostile.code),
        "{}: {}",
        hostile.code,
        hostile.stderr
    );
    assert_eq!(project.files("baselines").len(), accepted.len());
}

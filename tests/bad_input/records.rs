//! Files that are no records, and records made to be believed.

use std::fs;
use std::os::unix::fs::symlink;

use sha2::{Digest, Sha256};

use super::is_one_message;
use crate::support::Project;

/// Two good records of one commit, and around them whatever may lie in a folder.
fn good_among_bad() -> (Project, Vec<String>, Vec<String>) {
    let project = Project::with_baseline();
    project.save_baseline();
    let good = project.files("baselines");
    let folder = good[0].rsplit_once('/').expect("a path").0.to_owned();
    let sha = &good[0][folder.len() + 1..folder.len() + 13];
    let text = project.read(&good[0]);
    let named = |digits: &str| format!("{folder}/{sha}-{digits}.json");
    let (changed, damaged, empty, cut, newer) = (
        named("00000000"),
        named("00000001"),
        named("00000002"),
        named("00000003"),
        named("00000004"),
    );
    project.write(&changed, &text.replacen("\"failed\":0", "\"failed\":1", 1));
    project.write(&damaged, "{ this is no JSON");
    project.write(&empty, "");
    project.write(&cut, &text[..text.len() / 2]);
    project.write(&newer, "{\"schema\": 99, \"flux\": true}\n");
    let misplaced = format!("baselines/main/elsewhere/{}", &good[0][folder.len() + 1..]);
    project.write(&misplaced, &text);
    let link = named("00000005");
    symlink(project.path(&good[0]), project.path(&link)).expect("a link");
    let foreign = format!("{folder}/notes.txt");
    project.write(&foreign, "hello");
    let at_the_top = "baselines/sneaky.json".to_owned();
    project.write(&at_the_top, &text);
    let control = format!("{folder}/\u{1b}[31mred.json");
    project.write(&control, &text);
    (
        project,
        good,
        vec![
            changed, damaged, empty, cut, newer, misplaced, link, foreign, at_the_top, control,
        ],
    )
}

/// How a file is named on a terminal.
fn shown(file: &str) -> String {
    file.replace('\u{1b}', "\\u{1b}")
}

#[test]
fn files_that_are_no_records_are_named_one_by_one_and_the_others_used() {
    let (project, good, bad) = good_among_bad();
    let pipe = format!("{}.pipe", good[0]);
    assert!(
        project
            .command("mkfifo")
            .arg(&pipe)
            .status()
            .expect("mkfifo starts")
            .success()
    );
    let list = project.perf(&["baseline", "list"]);
    list.code(13);
    good.iter().for_each(|file| {
        list.says(file);
    });
    for file in bad.iter().chain([&pipe]) {
        list.complains(&format!("error: {}: ", shown(file)));
        assert!(
            !list.stdout.contains(&shown(file)),
            "{file:?} is listed:\n{}",
            list.stdout
        );
    }
    list.complains("it has schema version 99, newer than")
        .complains("update cargo perf")
        .complains("symbolic link");
    assert!(!list.stderr.contains('\u{1b}') && !list.stdout.contains('\u{1b}'));
    let json = project.perf(&["baseline", "list", "--format", "json"]);
    assert_eq!(
        json.code(13).json().as_array().map(Vec::len),
        Some(good.len())
    );

    let shown_alone = project.perf(&["baseline", "show", &bad[1]]);
    let told = "it is not a record of cargo perf";
    is_one_message(&shown_alone, 13).complains(told);
    assert_eq!(
        shown_alone.stderr.matches("line 1 column 3").count(),
        1,
        "told once: {}",
        shown_alone.stderr
    );

    project.commit("with all that");
    project.forget_runs();
    project.branch("slow");
    project.times(1000, 2400);
    project.commit("slow sort");
    let committed = project.perf(&["baseline", "list", "--ref", "main"]);
    committed.code(13);
    bad.iter().for_each(|file| {
        committed.complains(&format!("error: {}: ", shown(file)));
    });
    let output = project.compare("main", &["--require-baseline"]);
    output.code(1).gives(&[
        ("cpu::parse", "unchanged"),
        ("cpu::sort[n=10]", "regressed"),
        ("cpu::sort[n=20]", "regressed"),
    ]);
    for file in &bad {
        // A record of another machine class is none that was looked for.
        if !file.contains("elsewhere") {
            output.notes_that(&format!("left out: {}: ", shown(file)));
        }
    }
    // Nobody tidied up, and a new baseline is saved beside them.
    project.perf(&["run", "--quick", "--save"]).code(0);
    bad.iter().chain(&good).chain([&pipe]).for_each(|file| {
        assert!(
            project.path(file).symlink_metadata().is_ok(),
            "{file} is still there"
        );
    });
}

/// A record with a line changed, and the id and name that go with it: made to be believed.
fn forged(project: &Project, file: &str, old: &str, new: &str) -> String {
    let text = project.read(file);
    let is_content = |line: &&str| !line.starts_with("\"id\":");
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let canonical: String = lines.iter().copied().filter(is_content).collect();
    assert!(canonical.contains(old), "{old} is in {canonical}");
    let canonical = canonical.replace(old, new);
    let digest = Sha256::digest(&canonical);
    let id: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let place = canonical.find("\"machine\":").expect("a machine");
    let (before, after) = canonical.split_at(place);
    let (start, _) = file.rsplit_once('-').expect("a record has a name");
    let forged = format!("{start}-{}.json", &id[..8]);
    project.write(&forged, &format!("{before}\"id\":\"{id}\",\n{after}"));
    forged
}

#[test]
fn nothing_in_a_record_is_obeyed_by_a_terminal() {
    let project = Project::new();
    let record = project.save_baseline();
    let escapes = r"\u001b]0;owned\u0007\u001b[2J\nerror: none\r\u202emain";
    for (old, new) in [
        ("\"branch\":\"main\"", format!("\"branch\":\"{escapes}\"")),
        ("\"rustc\":\"rustc", format!("\"rustc\":\"{escapes}")),
        ("\"cpu\":\"", format!("\"cpu\":\"{escapes}")),
        (
            "\"profile\":\"bench\"",
            format!("\"profile\":\"{escapes}\""),
        ),
        (
            "\"subject\":\"first\"",
            format!("\"subject\":\"{escapes}\""),
        ),
        ("\"kind\":\"time\"", format!("\"kind\":\"{escapes}\"")),
        ("\"unit\":\"ns\"", format!("\"unit\":\"{escapes}\"")),
        ("\"wall\":{", format!("\"{escapes}\":{{")),
        ("/cpu::parse\"", format!("/cpu::{escapes}\"")),
    ] {
        let file = forged(&project, &record, old, &new);
        for arguments in [
            &["baseline", "list"][..],
            &["baseline", "show", &file],
            &["compare", "--quick", "--baseline", &file],
            &["compare", "--quick", "--baseline", "HEAD"],
        ] {
            let output = project.perf(arguments);
            assert_ne!(output.code, 70, "{old}: {}", output.stderr);
            for stream in [&output.stdout, &output.stderr] {
                let obeyed = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
                assert!(!stream.contains(obeyed), "{old}: {arguments:?}: {stream:?}");
                assert!(
                    !stream.contains("\nerror: none"),
                    "{old}: {arguments:?}: a line of its own:\n{stream}"
                );
            }
        }
        fs::remove_file(project.path(&file)).expect("the forged record");
    }
}

#[test]
fn nothing_in_a_record_is_obeyed_by_whoever_renders_the_comment() {
    let project = Project::new();
    let record = project.save_baseline();
    let markup = "<img src=x>|@all **x** [y](z)";
    for (old, new) in [
        ("\"branch\":\"main\"", format!("\"branch\":\"{markup}\"")),
        ("\"rustc\":\"rustc", format!("\"rustc\":\"{markup}")),
        ("\"profile\":\"bench\"", format!("\"profile\":\"{markup}\"")),
        ("\"unit\":\"ns\"", format!("\"unit\":\"{markup}\"")),
    ] {
        let file = forged(&project, &record, old, &new);
        let show = ["baseline", "show", &file, "--format", "markdown"];
        let text = project.perf(&show).code(0).stdout.clone();
        assert!(text.contains("img src"), "{old} is shown:\n{text}");
        for markup in ["<img", "@all", "**x", "[y](", "&gt;|"] {
            assert!(!text.contains(markup), "{old}: {markup}:\n{text}");
        }
        fs::remove_file(project.path(&file)).expect("the forged record");
    }
}

#[test]
fn a_damaged_local_history_costs_what_is_damaged_and_no_more() {
    let project = Project::new();
    project.perf(&["run", "--quick"]).code(0);
    let run = project.files(".perf/runs").remove(0);
    let text = project.read(&run);
    let damaged = [
        ".perf/runs/20990101T000000Z-00000000.json",
        ".perf/runs/20990101T000001Z-00000001.json",
        ".perf/runs/notes",
    ];
    project.write(damaged[0], &text[..text.len() / 2]);
    project.write(damaged[1], &text);
    project.write(damaged[2], "hello");
    project.times(1000, 2400);
    let output = project.compare("last", &["--require-baseline"]);
    output.code(1).gives(&[
        ("cpu::parse", "unchanged"),
        ("cpu::sort[n=10]", "regressed"),
        ("cpu::sort[n=20]", "regressed"),
    ]);
    damaged.iter().for_each(|file| {
        output.notes_that(&format!("left out: {file}: "));
    });
    project
        .perf(&["run", "--quick"])
        .code(0)
        .says("left out: .perf/runs/notes: ");
    assert_eq!(project.read(&run), text);
}

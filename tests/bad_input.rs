//! What goes wrong is told in one clear message with the right exit code, and costs nothing that was there.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::support::process::{end, is_alive, pid_in, signal, start, wait_until};
use crate::support::{Output, Project};

/// Everything that was kept so far.
fn kept(project: &Project) -> Vec<(String, String)> {
    let files = [project.files("baselines"), project.files(".perf/runs")].concat();
    files
        .into_iter()
        .map(|file| (project.read(&file), file))
        .map(|(text, file)| (file, text))
        .collect()
}

/// One error, with one line of help at most, and nothing on standard output.
#[track_caller]
fn is_one_message(output: &Output, code: i32) -> &Output {
    output.code(code);
    assert_eq!(output.stdout, "");
    assert_eq!(
        output
            .stderr
            .lines()
            .filter(|line| line.starts_with("error: "))
            .count(),
        1,
        "{}",
        output.stderr
    );
    for noise in ["panicked", "RUST_BACKTRACE", "Os {", "Error {"] {
        assert!(!output.stderr.contains(noise), "{}", output.stderr);
    }
    output
}

#[test]
fn a_folder_without_a_workspace_is_told_what_it_lacks() {
    let folder = tempfile::tempdir().expect("a folder");
    let perf = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-perf"));
        command
            .arg("perf")
            .args(arguments)
            .current_dir(folder.path());
        Output::of(command.output().expect("cargo-perf starts"))
    };
    for arguments in [
        &["run"][..],
        &["compare", "--baseline", "main"],
        &["baseline", "list"],
        &["baseline", "save"],
    ] {
        is_one_message(&perf(arguments), 10)
            .complains("cargo finds no workspace")
            .complains("--manifest-path");
    }
    fs::write(folder.path().join("Cargo.toml"), "[package\n").expect("a file");
    is_one_message(&perf(&["run"]), 10).complains("Cargo.toml");
    is_one_message(&perf(&["run", "--manifest-path", "no/Cargo.toml"]), 10)
        .complains("no/Cargo.toml");
    fs::write(
        folder.path().join("Cargo.toml"),
        "[package]\nname = \"empty\"\n",
    )
    .expect("a file");
    fs::create_dir(folder.path().join("src")).expect("a folder");
    fs::write(folder.path().join("src/lib.rs"), "").expect("a file");
    is_one_message(&perf(&["run"]), 4)
        .complains("depends on perf-harness")
        .complains("[dev-dependencies]");
}

#[test]
fn what_was_asked_for_and_is_not_there_is_named_beside_what_is() {
    let project = Project::with_baseline();
    let before = kept(&project);
    let run = |arguments: &[&str]| project.perf(&[&["run", "--quick"], arguments].concat());
    let nothing = run(&["quicksort"]);
    nothing
        .code(4)
        .complains("no benchmark matches `quicksort`")
        .complains("cpu::parse, cpu::sort[n=10], cpu::sort[n=20]");
    run(&["--exact", "sort"])
        .code(4)
        .complains("no benchmark matches `sort`");
    project
        .perf(&["compare", "--baseline", "main", "quicksort"])
        .code(4)
        .complains("no benchmark matches");
    is_one_message(&run(&["--package", "nobody"]), 2)
        .complains("there is no package `nobody` here")
        .complains("there is: ");
    is_one_message(&run(&["--bench", "gpu"]), 2)
        .complains("there is no bench target `gpu` here")
        .complains("there is: cpu");
    run(&["--features", "warp"]).code(11).complains("warp");
    run(&["--profile", "warp"]).code(11).complains("warp");
    for usage in [
        &["--timeout", "5"][..],
        &["--format", "xml"],
        &["--unheard-of"],
        &["--seed", "x"],
    ] {
        run(usage).code(2).complains("error: ");
    }
    project.perf(&["compare"]).code(2).complains("--baseline");
    project.perf(&[]).code(2);
    project.perf(&["--help"]).code(0).says("Exit codes:");

    project.write("src/lib.rs", "pub fn parse() -> u64 { \"five\" }\n");
    let broken = run(&["--save", "--allow-dirty"]);
    broken
        .code(11)
        .complains("mismatched types")
        .complains("src/lib.rs:1")
        .complains("error: the benchmarks do not build");
    assert_eq!(broken.stdout, "");
    assert_eq!(kept(&project), before, "nothing of it is lost or new");
}

/// Each of these benchmarks misbehaves in its own way; `neighbour` does not.
const MISBEHAVING: &str = r#"
use perf_harness as perf;
use std::io::Write;
use std::os::fd::{FromRawFd, OwnedFd};

#[perf::bench(timeout = "1min")]
fn neighbour() -> u64 { demo::parse() }

#[perf::bench(timeout = "1min")]
fn panics() { panic!("the document\u{1b}[31m has no end") }

#[perf::bench(timeout = "1min")]
fn panics_in_a_thread() { std::thread::spawn(|| panic!("far from home")).join().unwrap() }

#[perf::bench(timeout = "1min")]
fn aborts() { std::process::abort() }

#[perf::bench(timeout = "1min")]
fn overflows() -> u64 { deeper(std::hint::black_box(1)) }

#[expect(unconditional_recursion, reason = "until the stack ends")]
fn deeper(n: u64) -> u64 { std::hint::black_box(deeper(n + 1)) + 1 }

#[perf::bench]
fn hangs() {
    std::fs::write("hung.pid", format!("{}\n", std::process::id())).unwrap();
    loop { std::thread::sleep(std::time::Duration::from_secs(1)) }
}

#[perf::bench(timeout = "1min")]
fn exits_early() { std::process::exit(0) }

#[perf::bench(timeout = "1min")]
fn leaves_a_child() {
    static CHILD: std::sync::Once = std::sync::Once::new();
    CHILD.call_once(|| {
        let child = std::process::Command::new("sleep").arg("600").spawn().unwrap();
        std::fs::write("child.pid", format!("{}\n", child.id())).unwrap();
    });
    demo::parse();
}

#[perf::bench(timeout = "1min")]
fn prints() {
    static PRINTED: std::sync::Once = std::sync::Once::new();
    PRINTED.call_once(|| {
        let line = [b'x'; 1024];
        for _ in 0..20 * 1024 { std::io::stdout().write_all(&line).unwrap(); }
        println!("{{\"event\":\"failed\",\"kind\":\"panic\",\"message\":\"a lie\"}}");
    });
    demo::parse();
}

#[perf::bench(timeout = "1min")]
fn closes_stdout() {
    static CLOSED: std::sync::Once = std::sync::Once::new();
    // SAFETY: nobody else in this process uses standard output.
    CLOSED.call_once(|| unsafe { drop(OwnedFd::from_raw_fd(1)) });
    demo::parse();
}

perf::main!();
"#;

#[test]
fn a_benchmark_that_misbehaves_is_a_failure_with_its_cause_and_harms_no_neighbour() {
    let project = Project::without_git();
    project.write("benches/cpu.rs", MISBEHAVING);
    project.write(".gitignore", "/target\n*.pid\n");
    project.put_under_git();
    let run = project.perf(&["run", "--quick", "--timeout", "1s", "--format", "json"]);
    run.code(12);
    let report = run.json();
    let benchmarks = report["benchmarks"].as_array().expect("a list");
    let told = |name: &str| {
        let wanted = format!("cpu::{name}");
        let is_it = |benchmark: &&serde_json::Value| {
            benchmark["id"]
                .as_str()
                .is_some_and(|id| id.ends_with(&wanted))
        };
        let found = benchmarks
            .iter()
            .find(is_it)
            .unwrap_or_else(|| panic!("no {name} in {report}"));
        (
            found["verdict"].as_str(),
            found["reason"].as_str().unwrap_or_default().to_owned(),
        )
    };
    for (name, cause) in [
        ("panics", "has no end at benches/cpu.rs:"),
        ("panics_in_a_thread", "far from home"),
        ("aborts", "SIGABRT"),
        ("overflows", "it overflowed its stack"),
        ("hangs", "no answer within 1s; it was killed"),
        (
            "exits_early",
            "it ended by itself with code 0 before it had answered",
        ),
        (
            "leaves_a_child",
            "it left processes behind, which were killed",
        ),
    ] {
        let (verdict, reason) = told(name);
        assert_eq!(verdict, Some("failed"), "{name}: {reason}");
        assert!(reason.contains(cause), "{name}: {reason}");
        assert!(
            run.stderr.contains(&format!("{name} failed: ")),
            "{name} is told at once: {}",
            run.stderr
        );
    }
    let told_at_once: Vec<&str> = run
        .stderr
        .lines()
        .filter(|line| line.contains(" failed: "))
        .collect();
    assert!(
        !told_at_once.concat().contains('\u{1b}'),
        "nothing that a terminal obeys: {told_at_once:?}"
    );
    for name in ["neighbour", "prints", "closes_stdout"] {
        assert_eq!(told(name), (None, String::new()), "{name}");
        let is_it = |benchmark: &&serde_json::Value| {
            benchmark["id"]
                .as_str()
                .is_some_and(|id| id.ends_with(name))
        };
        let metrics = &benchmarks.iter().find(is_it).expect("it is there")["metrics"];
        assert!(
            metrics[0]["launches"]
                .as_u64()
                .is_some_and(|launches| launches >= 5),
            "{metrics}"
        );
    }
    for file in ["hung.pid", "child.pid"] {
        let pid = project.read(file);
        wait_until("what was left behind is gone", || !is_alive(&pid));
    }
    // What failed is part of the record.
    assert_eq!(project.files(".perf/runs").len(), 1);
    assert!(
        project
            .read(&project.files(".perf/runs")[0])
            .contains("\"kind\":\"stack-overflow\",\"launch\":0")
    );

    let calm = project.perf(&[
        "run",
        "--quick",
        "--format",
        "json",
        "--nocapture",
        "cpu::prints",
        "cpu::neighbour",
    ]);
    calm.code(0).complains("xxxxxxxxxx");
    assert_eq!(calm.verdicts().len(), 2, "only JSON on standard output");
    project
        .perf(&["run", "--quick", "cpu::exits_early"])
        .code(12)
        .says("1 failed")
        .complains("exits_early failed: ");
}

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

#[test]
fn a_blocked_folder_is_an_error_of_the_store_and_the_run_is_kept() {
    let project = Project::new();
    project.write("baselines", "in the way");
    let save = project.perf(&["run", "--quick", "--save"]);
    save.code(13)
        .complains("the baseline was not saved")
        .complains("baselines is not a folder");
    assert_eq!(project.read("baselines"), "in the way");
    assert_eq!(project.files(".perf/runs").len(), 1, "the run is kept");
    project
        .perf(&["baseline", "list"])
        .code(13)
        .complains("baselines: it is not a regular file");

    fs::remove_file(project.path("baselines")).expect("a file");
    symlink("/tmp", project.path("baselines")).expect("a link");
    project
        .perf(&["baseline", "save"])
        .code(13)
        .complains("symbolic link");
    fs::remove_file(project.path("baselines")).expect("a link");
    project
        .perf(&["baseline", "save"])
        .code(0)
        .says("saved as baselines/main/");

    // Without a place for the local history a run is still shown, with the reason why it is not kept.
    fs::remove_dir_all(project.path(".perf")).expect("a folder");
    project.write(".perf", "in the way");
    project
        .perf(&["run", "--quick"])
        .code(0)
        .says("3 benchmarks measured")
        .says("not kept in the local history");
}

/// Runs a script with mounts of its own, which vanish with it. `None` where this user may not have any.
fn with_own_mounts(project: &Project, script: &str) -> Option<Output> {
    let unshare = |options: &[&str], script: &str| {
        let mut command = project.command("unshare");
        command
            .env("PERF_HARNESS_CLOCK", "scripted")
            .env("PERF", env!("CARGO_BIN_EXE_cargo-perf"));
        command
            .args(options)
            .args(["sh", "-euc", script])
            .output()
            .ok()
            .map(Output::of)
    };
    let probe = "mkdir -p probe; mount -t tmpfs -o size=16k tmpfs probe";
    [&["--mount"][..], &["--user", "--map-root-user", "--mount"]]
        .into_iter()
        .find(|options| unshare(options, probe).is_some_and(|output| output.code == 0))
        .and_then(|options| unshare(options, script))
}

#[test]
fn a_full_disk_leaves_no_half_record_and_does_not_lose_the_run() {
    let project = Project::with_baseline();
    project.write(".gitignore", "/target\n/probe\n");
    project.commit("a folder for the mount");
    project.forget_runs();
    let full = "mount -t tmpfs -o size=16k tmpfs baselines; mkdir -p baselines/main; \
                head -c 1M /dev/zero >baselines/README-full 2>/dev/null || true; ";
    let script = format!(
        "{full} code=0; \"$PERF\" perf run --quick --save || code=$?; find baselines -type f; exit $code"
    );
    let output = with_own_mounts(&project, &script)
        .expect("`unshare` can mount a small disk, as root or in a namespace of the user's own");
    output
        .code(13)
        .complains("the baseline was not saved")
        .complains("No space left on device")
        .complains("free some space");
    output.says("3 benchmarks measured");
    output.complains("`cargo perf baseline save` saves it without measuring again");
    let (_, left) = output
        .stdout
        .rsplit_once("benchmarks measured\n")
        .expect("what was found comes last");
    assert_eq!(
        left, "baselines/README-full\n",
        "nothing half written is left"
    );
    assert_eq!(project.files(".perf/runs").len(), 1, "the run is kept");
    // There is space again: the run that was kept is saved, nothing has to be measured twice.
    project
        .perf(&["baseline", "save"])
        .code(0)
        .says("saved as baselines/main/");

    let script = "mount -t tmpfs -o size=16k tmpfs .perf; \
                  head -c 1M /dev/zero >.perf/full 2>/dev/null || true; \
                  \"$PERF\" perf run --quick --save; find .perf -name '*.json' | wc -l";
    let output = with_own_mounts(&project, script).expect("it could a moment ago");
    output
        .code(0)
        .says("not kept in the local history")
        .says("saved as baselines/main/");
    assert!(output.stdout.ends_with("\n0\n"), "{}", output.stdout);

    let script = "mount -t tmpfs -o ro tmpfs baselines; \"$PERF\" perf baseline save";
    let output = with_own_mounts(&project, script).expect("it could a moment ago");
    output
        .code(13)
        .complains("the baseline was not saved")
        .complains("make the folder writable");
}

/// Numbers that look like chance and are the same each time.
fn chance(seed: u64) -> u64 {
    let mut x = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x ^= x >> 31;
    x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^ (x >> 29)
}

/// The baselines without what a killed writer left.
fn whole(project: &Project) -> Vec<String> {
    let mut files = project.files("baselines");
    files.retain(|file| !file.contains("/.tmp-"));
    files
}

#[test]
fn killed_at_any_moment_a_save_leaves_whole_records_only() {
    let project = Project::new();
    project.perf(&["run", "--quick"]).code(0);
    // Most attempts only save what was measured, and so die more often in the middle of that.
    let attempts: [(&[&str], u64); 4] = [
        (&["baseline", "save"], 25),
        (&["baseline", "save"], 25),
        (&["baseline", "save"], 25),
        (&["run", "--quick", "--save", "--exact", "parse"], 150),
    ];
    for (attempt, (arguments, longest_ms)) in (0..80).zip(attempts.into_iter().cycle()) {
        let mut child = start(project.perf_command().args(arguments));
        sleep(Duration::from_micros(chance(attempt) % (1000 * longest_ms)));
        child.kill().expect("it can be killed");
        end(child);
        for file in whole(&project) {
            project.perf(&["baseline", "show", &file]).code(0);
            // What is there already would not be written once more.
            fs::remove_file(project.path(&file)).expect("a file");
        }
    }
    project.perf(&["baseline", "list"]).code(0);
    project
        .perf(&["run", "--quick", "--save"])
        .code(0)
        .says("saved as baselines/main/");
    assert_eq!(
        whole(&project),
        project.files("baselines"),
        "the next save clears away what the killed ones left"
    );
    project
        .perf(&["run", "--quick"])
        .code(0)
        .does_not_say("left out");
}

/// Each of these benchmarks starts a process, once, and does not wait for it.
const STARTING: &str = r#"
use std::fs::OpenOptions;
use std::io::Write;
use std::process::Command;

fn start_once(program: &str, arguments: &[&str]) {
    static STARTED: std::sync::Once = std::sync::Once::new();
    STARTED.call_once(|| {
        let child = Command::new(program).args(arguments).spawn().unwrap();
        let mut file = OpenOptions::new().create(true).append(true).open("started.pid").unwrap();
        writeln!(file, "{}", child.id()).unwrap();
    });
}

#[perf_harness::bench]
fn escapes() { start_once("setsid", &["sleep", "600"]); demo::parse(); }

#[perf_harness::bench]
fn escapes_and_hangs() {
    start_once("setsid", &["sleep", "600"]);
    loop { std::thread::sleep(std::time::Duration::from_secs(1)) }
}

#[perf_harness::bench(timeout = "1min")]
fn forgets() { start_once("true", &[]); demo::parse(); }

perf_harness::main!();
"#;

#[test]
fn no_process_of_a_benchmark_outlives_it_wherever_it_went() {
    let project = Project::without_git();
    project.write("benches/cpu.rs", STARTING);
    project.write(".gitignore", "/target\n*.pid\n");
    project.put_under_git();
    let all_are_gone = || {
        let pids = project.read("started.pid");
        let alive: Vec<&str> = pids.lines().filter(|pid| is_alive(pid)).collect();
        assert!(alive.is_empty(), "{alive:?} of {pids}");
        fs::remove_file(project.path("started.pid")).expect("it was there");
    };
    let run = |name: &str| project.perf(&["run", "--quick", "--timeout", "1s", "--exact", name]);
    run("escapes")
        .code(12)
        .complains("escapes failed: ")
        .complains("it left processes behind, which were killed: 1");
    all_are_gone();
    run("escapes_and_hangs")
        .code(12)
        .complains("no answer within 1s; it was killed");
    all_are_gone();
    // One that has ended harms nobody, waited for or not.
    run("forgets").code(0).says("1 benchmark measured");
    all_are_gone();
    // A bench binary that measures by itself is as careful, and so is a run that is interrupted.
    let bench = project.cargo(&["bench", "--quiet", "--", "--exact", "escapes"]);
    assert_ne!(bench.code, 0, "{}", bench.stderr);
    assert!(
        [&*bench.stdout, &*bench.stderr]
            .concat()
            .contains("it left processes behind"),
        "{}\n{}",
        bench.stdout,
        bench.stderr
    );
    all_are_gone();
    let hanging = ["run", "--exact", "escapes_and_hangs"];
    let child = start(project.perf_command().args(hanging));
    pid_in(&project.path("started.pid"));
    signal(&child, "INT");
    end(child).code(130).complains("interrupted");
    all_are_gone();
}

#[test]
fn a_target_whose_own_main_fails_is_not_taken_for_one_of_another_harness() {
    let project = Project::without_git();
    project.edit(
        "Cargo.toml",
        "# Built often",
        "[[bench]]\nname = \"broken\"\nharness = false\n\n# Built often",
    );
    project.write(
        "benches/broken.rs",
        "fn main() -> std::process::ExitCode {\n    \
         let mut suite = perf_harness::Suite::new();\n    \
         suite.bench(\"parse\").run(|b, _| { b.run(demo::parse); });\n    \
         assert!(std::env::args().count() == 0, \"the tables are missing\");\n    \
         suite.main()\n}\n",
    );
    project.put_under_git();
    let output = project.perf(&["run", "--quick", "--save"]);
    output
        .code(2)
        .complains("bench target `broken`: it ended by itself with code 101")
        .complains("the tables are missing");
    assert_eq!(output.stdout, "");
    assert_eq!(kept(&project), [], "nothing is recorded without it");
    project
        .perf(&["run", "--quick", "--bench", "cpu"])
        .code(0)
        .says("3 benchmarks measured");
}

const HANGING: &str = r#"
#[perf_harness::bench]
fn parse() -> u64 { demo::parse() }

#[perf_harness::bench]
fn hangs() {
    std::fs::write("hung.pid", format!("{}\n", std::process::id())).unwrap();
    loop { std::thread::sleep(std::time::Duration::from_secs(1)) }
}

perf_harness::main!();
"#;

#[test]
fn an_interrupted_run_leaves_no_worker_and_no_record() {
    let project = Project::without_git();
    project.write("benches/cpu.rs", HANGING);
    project.write(".gitignore", "/target\n*.pid\n");
    project.put_under_git();
    project.perf(&["run", "--quick", "--save", "parse"]).code(0);
    let before = kept(&project);
    for name in ["INT", "TERM", "KILL"] {
        let child = start(project.perf_command().args(["run", "--save"]));
        let pid = pid_in(&project.path("hung.pid"));
        signal(&child, name);
        let output = end(child);
        if name != "KILL" {
            output.code(130).complains("interrupted");
            assert_eq!(output.stdout, "");
        }
        wait_until("the worker is gone", || !is_alive(&pid));
        assert_eq!(
            kept(&project),
            before,
            "{name}: nothing is recorded, nothing is lost"
        );
        fs::remove_file(project.path("hung.pid")).expect("it was there");
    }
}

#[test]
fn a_reader_who_has_seen_enough_is_no_failure() {
    let project = Project::with_baseline();
    let into_nothing = |arguments: &[&str]| {
        let mut command = project.perf_command();
        let mut child = command
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        drop(child.stdout.take());
        let output = end(child);
        output.code(0);
        assert!(
            !output.stderr.contains("error") && !output.stderr.contains("panicked"),
            "{}",
            output.stderr
        );
    };
    into_nothing(&["run", "--quick"]);
    into_nothing(&["run", "--quick", "--format", "json"]);
    into_nothing(&["baseline", "list"]);
    into_nothing(&["compare", "--quick", "--baseline", "main"]);
    into_nothing(&["--help"]);
    into_nothing(&["--version"]);
}

//! A store that cannot be written, is full, or loses its writer.

use std::fs;
use std::os::unix::fs::symlink;
use std::thread::sleep;
use std::time::Duration;

use crate::support::process::{end, start};
use crate::support::{Output, Project};

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

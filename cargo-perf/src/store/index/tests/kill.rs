//! A writer that is killed, a hundred times, each time somewhere else.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::*;

/// Where the child finds its workspace.
const ROOT: &str = "PERF_TEST_KILLED_ROOT";

const RUNS: usize = 30;

#[expect(clippy::disallowed_methods, reason = "the test is its own child")]
fn child_of() -> Option<PathBuf> {
    std::env::var_os(ROOT).map(PathBuf::from)
}

#[test]
fn a_killed_writer_leaves_a_database_that_is_whole_and_every_run() {
    const NAME: &str =
        "store::index::tests::kill::a_killed_writer_leaves_a_database_that_is_whole_and_every_run";
    if let Some(root) = child_of() {
        loop {
            sync(&root).unwrap();
            // Begun anew, as often as it takes to be killed.
            Database::open(&root)
                .unwrap()
                .connection
                .execute("DELETE FROM runs", [])
                .unwrap();
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let all: Vec<RunRecord> = (0..RUNS)
        .map(|at| record(at, &[("a", 1.0), ("b", 2.0), ("c", 3.0)]))
        .collect();
    keep(root, &all);
    let mut rng = fastrand::Rng::with_seed(4);
    for _ in 0..100 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", NAME, "--nocapture"])
            .env(ROOT, root)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_micros(rng.u64(2_000..60_000)));
        child.kill().unwrap();
        child.wait().unwrap();
        let database = Database::open(root).unwrap();
        database.check().unwrap();
        // What is said to be known is there, with all its results.
        let runs = database.runs().unwrap();
        assert_eq!(runs.len(), database.files().unwrap().len());
        for (benchmark, _) in database.benchmarks().unwrap() {
            assert_eq!(database.seen(benchmark).unwrap().len(), runs.len());
        }
    }
    let (synced, note) = sync(root).unwrap();
    assert_eq!((synced.added + synced.known, note), (RUNS, None));
    assert_eq!(Database::open(root).unwrap().runs().unwrap().len(), RUNS);
}

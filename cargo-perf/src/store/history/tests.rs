//! Keeping runs and finding them again.

use std::fs;

use super::*;
use crate::store::fixture::Sample;

const NOW: i64 = 1_700_000_000;

fn history() -> (tempfile::TempDir, History) {
    let root = tempfile::tempdir().unwrap();
    let history = History::at(root.path());
    (root, history)
}

#[test]
fn every_run_is_a_file_that_git_does_not_see() {
    let (root, history) = history();
    let record = Sample::new().benches(&["a"]).record();
    let id = history.save(&record, NOW).unwrap();
    let name = format!("20231114T221320Z-{}.json", id.short(8));
    assert!(root.path().join(".perf/runs").join(&name).is_file());
    let ignore = root.path().join(".perf/.gitignore");
    assert_eq!(fs::read_to_string(&ignore).unwrap(), "*\n");
    let (entries, faults) = history.entries();
    assert!(faults.is_empty());
    assert_eq!(entries[0].file(), format!(".perf/runs/{name}"));
    assert_eq!(
        entries[0].load().unwrap(),
        StoredRecord {
            id: id.clone(),
            record: record.clone().into()
        }
    );
    fs::write(&ignore, "own rules").unwrap();
    assert_eq!(history.save(&record, NOW).unwrap(), id);
    assert_eq!(fs::read_to_string(&ignore).unwrap(), "own rules");
}

#[test]
fn the_newest_comes_first() {
    let (_root, history) = history();
    for (seed, after) in [(1, 60), (2, 0), (3, 86_400)] {
        history
            .save(&Sample::new().seed(seed).record(), NOW + after)
            .unwrap();
    }
    let (entries, _) = history.entries();
    let seeds: Vec<_> = entries
        .iter()
        .map(|e| e.load().unwrap().record.plan.seed)
        .collect();
    assert_eq!(seeds, [3, 1, 2]);
    let (latest, faults) = history.latest(|_| true);
    assert_eq!((latest.unwrap().record.plan.seed, faults.len()), (3, 0));
    assert!(history.latest(|_| false).0.is_none());
}

#[test]
fn damaged_files_are_reported_and_passed_over() {
    let (root, history) = history();
    history.save(&Sample::new().seed(1).record(), NOW).unwrap();
    let newest = history
        .save(&Sample::new().seed(2).record(), NOW + 1)
        .unwrap();
    let runs = root.path().join(".perf/runs");
    let damaged = format!("20231114T221321Z-{}.json", newest.short(8));
    fs::write(runs.join(&damaged), "{").unwrap();
    fs::write(runs.join("notes.txt"), "").unwrap();
    fs::write(runs.join(".tmp-half"), "{").unwrap();
    let (latest, faults) = history.latest(|_| true);
    assert_eq!(latest.unwrap().record.plan.seed, 1);
    let files: Vec<_> = faults.iter().map(|fault| fault.file.as_str()).collect();
    assert_eq!(
        files,
        [".perf/runs/notes.txt", &format!(".perf/runs/{damaged}")]
    );
}

#[test]
fn there_may_be_no_history() {
    let (root, history) = history();
    let (entries, faults) = history.entries();
    assert!(entries.is_empty() && faults.is_empty());
    assert!(!root.path().join(".perf").exists(), "reading makes nothing");
}

#[test]
fn a_folder_in_the_way_and_a_wrong_clock_are_named() {
    let (root, history) = history();
    let error = history.save(&Sample::new().record(), -1).unwrap_err();
    assert!(matches!(error, HistoryError::Clock(-1)), "{error}");
    fs::write(root.path().join(".perf"), "").unwrap();
    let error = history.save(&Sample::new().record(), NOW).unwrap_err();
    assert!(
        error.to_string().contains(".perf is not a folder"),
        "{error}"
    );
}

#[cfg(unix)]
#[test]
fn a_link_is_neither_written_nor_read_through() {
    let (root, history) = history();
    let elsewhere = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), root.path().join(".perf")).unwrap();
    let error = history.save(&Sample::new().record(), NOW).unwrap_err();
    assert!(error.to_string().contains("is a symbolic link"), "{error}");
    let (entries, faults) = history.entries();
    assert!(entries.is_empty());
    assert!(matches!(faults[0].reason, Reason::Link));
}

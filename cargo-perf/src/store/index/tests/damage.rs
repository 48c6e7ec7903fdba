//! Databases that cannot be used.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;

fn path(root: &Path) -> PathBuf {
    root.join(".perf").join(FILE)
}

/// Files beside the database that were set aside.
fn aside(root: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(root.join(".perf")).unwrap().flatten();
    let is_aside = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("history-damaged-") && name.ends_with(".db")
    };
    entries.map(|entry| entry.path()).filter(is_aside).collect()
}

/// A folder with six runs, all in the database.
fn workspace() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    keep(folder.path(), &records());
    assert_eq!(sync(folder.path()).unwrap().0.added, 6);
    folder
}

#[test]
fn a_damaged_database_is_set_aside_and_built_anew_without_losing_a_run() {
    let whole = {
        let folder = workspace();
        fs::read(path(folder.path())).unwrap()
    };
    let garbage = |bytes: usize| vec![0xa5_u8; bytes];
    let mut overwritten = whole.clone();
    overwritten[4096..].fill(0x5a);
    let mut unheaded = whole.clone();
    unheaded[..100].fill(0);
    let cut = whole[..whole.len() / 2].to_vec();
    for damaged in [garbage(10_000), garbage(10), overwritten, unheaded, cut] {
        let folder = workspace();
        let root = folder.path();
        fs::write(path(root), &damaged).unwrap();
        let (synced, note) = sync(root).unwrap();
        let note = note.expect("damage is told");
        assert!(
            note.contains("was damaged") && note.contains("history-damaged-"),
            "{note}"
        );
        assert_eq!(synced.added, 6, "all runs are there again");
        let aside = aside(root);
        assert_eq!(aside.len(), 1);
        // What was there is kept as it was, whatever it was.
        assert_eq!(fs::read(&aside[0]).unwrap(), damaged);
        let (synced, note) = sync(root).unwrap();
        assert_eq!((synced.known, note), (6, None), "the next time all is well");
    }
}

#[test]
fn values_that_make_no_sense_are_damage_too() {
    let folder = workspace();
    let database = Database::open(folder.path()).unwrap();
    let change = |sql: &str| database.connection.execute(sql, []).unwrap();
    change("UPDATE runs SET record = 'x' || id");
    assert!(matches!(database.runs(), Err(IndexError::Damaged(_))));
    change("UPDATE cases SET kind = 'time'");
    change("UPDATE metrics SET unit = 'a unit that is far too long'");
    let benchmark = database.benchmarks().unwrap()[0].0;
    assert!(matches!(
        database.seen(benchmark),
        Err(IndexError::Damaged(_))
    ));
    drop(database);
    let ask = |database: &mut Database| {
        let listing = Listing::at(folder.path(), None, None).unwrap();
        Synced::with(database, &listing, None)?;
        database.runs()
    };
    let (runs, note) = on_disk(folder.path(), 1_800_000_000, ask).unwrap();
    assert_eq!(runs.len(), 6);
    assert!(note.is_some() && aside(folder.path()).len() == 1);
}

#[test]
fn a_newer_database_is_left_alone_and_done_without() {
    let folder = workspace();
    let connection = rusqlite::Connection::open(path(folder.path())).unwrap();
    connection
        .pragma_update(None, "user_version", NEWEST + 1)
        .unwrap();
    drop(connection);
    let before = fs::read(path(folder.path())).unwrap();
    let said = Database::open(folder.path()).unwrap_err().to_string();
    assert!(
        said.contains("newer") && said.contains("update cargo perf"),
        "{said}"
    );
    let listing = Listing::at(folder.path(), None, None).unwrap();
    let ask = |database: &mut Database| Synced::with(database, &listing, None);
    let (synced, note) = with_index(folder.path(), 1_800_000_000, true, ask).unwrap();
    assert_eq!(synced.added, 6, "in memory");
    assert!(note.unwrap().contains("update cargo perf"));
    assert_eq!(fs::read(path(folder.path())).unwrap(), before);
    assert!(aside(folder.path()).is_empty());
}

#[test]
fn a_full_disk_loses_nothing_and_the_next_run_works() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let many: Vec<(String, f64)> = (0..200).map(|i| (format!("b{i}"), 10.0)).collect();
    let times: Vec<(&str, f64)> = many.iter().map(|(name, ns)| (name.as_str(), *ns)).collect();
    keep(root, &[record(0, &times), record(1, &times)]);
    let listing = Listing::at(root, None, None).unwrap();
    let with_little_room = |database: &mut Database| {
        database.limit_pages(26);
        Synced::with(database, &listing, None)
    };
    let said = on_disk(root, 1_800_000_000, with_little_room).unwrap_err();
    assert!(matches!(said, IndexError::Full), "{said}");
    assert!(said.to_string().contains("free some space"), "{said}");
    // The same asked by who can do without answers all the same.
    let mut asked = 0;
    let ask = |database: &mut Database| {
        asked += 1;
        if asked == 1 {
            database.limit_pages(26)
        }
        Synced::with(database, &listing, None)
    };
    let (synced, note) = with_index(root, 1_800_000_000, true, ask).unwrap();
    assert_eq!(synced.added, 2);
    assert!(note.unwrap().contains("the disk is full"));
    assert!(aside(root).is_empty(), "a full disk is no damage");
    let (synced, note) = sync(root).unwrap();
    assert_eq!((synced.added, note), (2, None));
}

#[test]
fn what_cannot_be_written_is_told_and_done_without() {
    let folder = workspace();
    keep(folder.path(), &[record(5, &[("new", 1.0)])]);
    let read_only = |database: &mut Database| {
        database
            .connection
            .pragma_update(None, "query_only", true)?;
        let listing = Listing::at(folder.path(), None, None).unwrap();
        Synced::with(database, &listing, None)
    };
    let said = on_disk(folder.path(), 1_800_000_000, read_only).unwrap_err();
    assert!(matches!(said, IndexError::ReadOnly(_)), "{said}");
    // A folder or a link in its place is not followed.
    for put in [
        (|path: &Path| fs::create_dir(path).unwrap()) as fn(&Path),
        |path: &Path| std::os::unix::fs::symlink("/dev/null", path).unwrap(),
    ] {
        let other = tempfile::tempdir().unwrap();
        keep(other.path(), &records());
        put(&path(other.path()));
        assert!(matches!(
            Database::open(other.path()),
            Err(IndexError::NotAFile)
        ));
        let listing = Listing::at(other.path(), None, None).unwrap();
        let ask = |database: &mut Database| Synced::with(database, &listing, None);
        let (synced, note) = with_index(other.path(), 1_800_000_000, true, ask).unwrap();
        assert_eq!(synced.added, 6);
        assert!(note.unwrap().contains("was not used"));
    }
}

#[test]
fn two_writers_wait_for_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let write = |from: usize| {
        for at in (from..40).step_by(2) {
            let mut database = Database::open(root).unwrap();
            let record = record(at, &[("a", 1.0)]);
            let incoming = [incoming(&record, &format!("baselines/{at}"))];
            assert_eq!(database.add(&incoming).unwrap(), 1);
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| write(0));
        scope.spawn(|| write(1));
    });
    let database = Database::open(root).unwrap();
    assert_eq!(database.runs().unwrap().len(), 40);
    database.check().unwrap();
}

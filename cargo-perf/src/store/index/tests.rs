//! What goes in comes out, and whatever happens to the database, no run is lost.

mod damage;
mod kill;

use std::path::Path;
use std::sync::Arc;

use perf_schema::{
    BenchmarkRecord, Better, Cap, Caps, Kind, Level, LimitKind, LimitPlan, LimitRecord, Metric,
    RunRecord, SearchEnd, Unit,
};

use super::*;
use crate::series::fixture::{line, record, sha};
use crate::series::{Assembly, Run, Series, of_runs};
use crate::store::fixture::{Sample, bench};
use crate::store::history::History;
use crate::store::record_file::encode;
use crate::store::{Fault, Listing};

/// As if read from a file of the local history.
fn incoming(record: &RunRecord, file: &str) -> Incoming {
    let id = encode(record).unwrap().id;
    Incoming {
        stored: StoredRecord {
            id,
            record: Arc::new(record.clone()),
        },
        file: file.to_owned(),
        kept: Some("20260101T000000Z".to_owned()),
    }
}

/// A limit that lies between 40 and 50.
fn limit() -> BenchmarkRecord {
    let level = |n: u64, broke| Level {
        broke,
        wall_ns: Some(n),
        memory_bytes: Some(u64::MAX),
        ..Level::untried(n)
    };
    let mut benchmark = crate::store::fixture::benchmark("limit");
    benchmark.kind = Kind::Limit;
    benchmark.metrics.clear();
    let samples = perf_schema::Samples::exactly(&[vec![40.0]]).unwrap();
    let metric = Metric::Measured {
        unit: Unit::COUNT,
        better: Better::Higher,
        exact: false,
        samples,
    };
    benchmark.metrics.insert("limit".to_owned(), metric);
    benchmark.limit = Some(LimitRecord {
        plan: LimitPlan {
            kind: LimitKind::Cpu,
            axis: "n".to_owned(),
            first: 1,
            last: 100,
            caps: Caps {
                wall_ns: Some(45),
                ..Caps::default()
            },
            precision_ppm: 50_000,
            repeats: 3,
            budget_ms: 10_000,
            fit: None,
            traffic: None,
        },
        end: SearchEnd::Found,
        largest_pass: Some(40),
        smallest_fail: Some(50),
        backstop: None,
        levels: vec![level(40, None), level(50, Some(Cap::Wall))],
    });
    benchmark
}

/// Records of every kind: times, a limit, a failure, one without a commit.
fn records() -> Vec<RunRecord> {
    let mut records: Vec<RunRecord> = (0..6)
        .map(|at: usize| record(at, &[("a", 100.0), ("b", 7.0 + at as f64)]))
        .collect();
    records[1].add(vec![limit()]);
    records[2] = Sample {
        record: records[2].clone(),
    }
    .failed()
    .record();
    records[3].benchmarks[0].metrics.insert(
        "allocs".to_owned(),
        Metric::Absent {
            reason: "nobody counts".to_owned(),
        },
    );
    (records[4].commit, records[4].source_tree) = (None, None);
    records
}

fn filled(records: &[RunRecord]) -> Database {
    let mut database = Database::in_memory().unwrap();
    let incoming: Vec<Incoming> = records
        .iter()
        .enumerate()
        .map(|(at, record)| incoming(record, &format!("baselines/{at}")))
        .collect();
    assert_eq!(database.add(&incoming).unwrap(), records.len());
    database
}

/// All series, from the database alone.
fn series_in(database: &Database, commits: usize) -> Vec<Series> {
    let order = line(commits);
    let runs = database.runs().unwrap();
    let places: std::collections::HashMap<RunNumber, usize> = runs
        .iter()
        .enumerate()
        .map(|(at, (number, _))| (*number, at))
        .collect();
    let headers = runs.into_iter().map(|(_, header)| header).collect();
    let assembly = Assembly::new(&order, headers);
    let benchmarks = database.benchmarks().unwrap();
    let of = |(number, _): (BenchNumber, BenchId)| {
        let seen = database.seen(number).unwrap();
        assembly.series(seen.into_iter().map(|(run, seen)| (places[&run], seen)))
    };
    benchmarks.into_iter().flat_map(of).collect()
}

#[test]
fn what_goes_in_comes_out_as_if_it_were_read_from_the_records() {
    let records = records();
    let database = filled(&records);
    let runs: Vec<Run> = records
        .iter()
        .enumerate()
        .map(|(at, record)| {
            let mut run = Run::of(encode(record).unwrap().id, record);
            run.header.file = Some(format!("baselines/{at}"));
            run.header.kept = Some("20260101T000000Z".to_owned());
            run
        })
        .collect();
    let headers: Vec<RunHeader> = database
        .runs()
        .unwrap()
        .into_iter()
        .map(|(_, h)| h)
        .collect();
    let expected: Vec<RunHeader> = runs.iter().map(|run| run.header.clone()).collect();
    assert_eq!(headers, expected);
    let from_records = of_runs(&line(6), runs).series;
    assert_eq!(series_in(&database, 6), from_records);
    assert!(from_records.iter().any(|series| {
        let mut points = series.points.iter();
        series.key.metric == "limit" && points.any(|p| p.bracket.is_some())
    }));
}

#[test]
fn samples_come_back_as_they_were() {
    let records = records();
    let database = filled(&records);
    let id = encode(&records[0]).unwrap().id;
    let Metric::Measured { samples, .. } = &records[0].benchmarks[0].metrics["wall"] else {
        unreachable!("it was measured")
    };
    let found = database.samples(&id, &bench("a"), "wall").unwrap();
    assert_eq!(found.as_ref(), Some(samples));
    assert_eq!(database.samples(&id, &bench("a"), "cpu").unwrap(), None);
}

#[test]
fn samples_failures_and_probes_of_a_benchmark_come_run_by_run() {
    let records = records();
    let database = filled(&records);
    let benchmarks = database.benchmarks().unwrap();
    let number = |name: &str| {
        let found = benchmarks.iter().find(|(_, id)| *id == bench(name));
        found.unwrap().0
    };
    let samples = database.samples_of(number("a"), "wall").unwrap();
    let runs: Vec<i64> = samples.iter().map(|(run, _)| run.0).collect();
    assert_eq!(runs, [1, 2, 4, 5, 6], "the third failed");
    let Metric::Measured { samples: first, .. } = &records[0].benchmarks[0].metrics["wall"] else {
        unreachable!("it was measured")
    };
    assert_eq!(samples[0].1, *first);
    assert!(database.samples_of(number("a"), "cpu").unwrap().is_empty());
    let failures = database.failures_of(number("a")).unwrap();
    let expected = &records[2].benchmarks[0].outcome.failures[0];
    assert_eq!(failures, [(RunNumber(3), expected.clone())]);
    let probes = database.probes_of(number("limit")).unwrap();
    let told: Vec<(u64, Option<&str>, Option<u64>)> = probes
        .iter()
        .map(|(_, probe)| (probe.n, probe.broke.as_deref(), probe.memory_bytes))
        .collect();
    let most = Some(u64::MAX);
    assert_eq!(told, [(40, None, most), (50, Some(Cap::Wall.word()), most)]);
}

#[test]
fn what_is_forgotten_is_as_if_it_had_never_been_there() {
    let records = records();
    let mut database = filled(&records);
    let kept = incoming(&records[0], ".perf/runs/0");
    assert_eq!(database.add(&[kept]).unwrap(), 0);
    let files = |range: std::ops::Range<usize>| -> Vec<String> {
        range.map(|at| format!("baselines/{at}")).collect()
    };
    // One that another file is of stays, and is told by that file.
    assert_eq!(database.forget(&files(0..1)).unwrap(), 0);
    assert_eq!(database.forget(&files(1..4)).unwrap(), 3);
    assert_eq!(database.forget(&files(1..4)).unwrap(), 0, "they are gone");
    database.check().unwrap();
    let mut expected = Database::in_memory().unwrap();
    let left = [
        incoming(&records[0], ".perf/runs/0"),
        incoming(&records[4], "baselines/4"),
        incoming(&records[5], "baselines/5"),
    ];
    expected.add(&left).unwrap();
    let headers = |database: &Database| -> Vec<RunHeader> {
        let runs = database.runs().unwrap();
        runs.into_iter().map(|(_, header)| header).collect()
    };
    assert_eq!(headers(&database), headers(&expected));
    assert_eq!(series_in(&database, 6), series_in(&expected, 6));
    assert_eq!(database.files().unwrap(), expected.files().unwrap());
    let names = |database: &Database| -> Vec<BenchId> {
        let benchmarks = database.benchmarks().unwrap();
        benchmarks.into_iter().map(|(_, id)| id).collect()
    };
    assert_eq!(names(&database), names(&expected), "the limit is of none");
    // The local file gone, too: when it was made nobody knows any more.
    database.forget(&[".perf/runs/0".to_owned()]).unwrap();
    assert_eq!(database.runs().unwrap().len(), 2);
    database.compact().unwrap();
}

#[test]
fn a_record_that_comes_twice_counts_once() {
    let records = records();
    let mut database = filled(&records);
    let again = [
        incoming(&records[0], "baselines/0"),
        incoming(&records[0], ".perf/runs/0"),
    ];
    assert_eq!(database.add(&again).unwrap(), 0);
    assert_eq!(database.runs().unwrap().len(), records.len());
    assert_eq!(database.files().unwrap().len(), records.len() + 1);
    assert_eq!(database.add(&[]).unwrap(), 0);
}

#[test]
fn all_of_a_batch_goes_in_or_none() {
    let mut database = Database::in_memory().unwrap();
    let good = incoming(&record(0, &[("a", 1.0)]), "baselines/0");
    let mut bad = incoming(&record(1, &[("a", 1.0)]), "baselines/1");
    // No reader lets a benchmark through that stands twice.
    let mut doubled = record(1, &[("a", 1.0)]);
    doubled.benchmarks.push(doubled.benchmarks[0].clone());
    bad.stored.record = Arc::new(doubled);
    assert!(database.add(&[good.clone(), bad]).is_err());
    assert!(database.runs().unwrap().is_empty() && database.files().unwrap().is_empty());
    assert_eq!(database.add(&[good]).unwrap(), 1);
}

#[test]
fn a_thousand_results_take_less_than_a_megabyte() {
    let names: Vec<String> = (0..1000).map(|i| format!("bench_{i}")).collect();
    let times: Vec<(&str, f64)> = names.iter().map(|name| (name.as_str(), 1234.5)).collect();
    let mut record = record(0, &times);
    let spread = |i: u32| 1000.0 + f64::from(i * 7919 % 101);
    let launches: Vec<Vec<f64>> = (0..30)
        .map(|launch| (0..5).map(|sample| spread(5 * launch + sample)).collect())
        .collect();
    for benchmark in &mut record.benchmarks {
        let unit = Unit::NANOSECONDS;
        crate::series::fixture::measure(benchmark, "wall", &unit, false, &launches);
    }
    let database = filled(&[record]);
    let number = |pragma: &str| -> i64 {
        let read = |row: &rusqlite::Row<'_>| row.get(0);
        let connection = &database.connection;
        connection.pragma_query_value(None, pragma, read).unwrap()
    };
    let bytes = number("page_count") * number("page_size");
    assert!(bytes <= 1_000_000, "{bytes} bytes");
}

#[test]
fn every_past_version_is_brought_up_to_date() {
    // The first version, as it was written then, with a run in it.
    let first = include_str!("fixtures/v1.sql");
    let folder = tempfile::tempdir().unwrap();
    let path = crate::store::local::local_root(folder.path()).unwrap();
    let connection = rusqlite::Connection::open(path.join(FILE)).unwrap();
    connection.execute_batch(first).unwrap();
    connection.pragma_update(None, "user_version", 1).unwrap();
    drop(connection);
    let mut database = Database::open(folder.path()).unwrap();
    database.check().unwrap();
    assert_eq!(
        database.runs().unwrap()[0].1.commit.as_ref().unwrap().sha,
        sha(0)
    );
    let series = series_in(&database, 6);
    let values: Vec<f64> = series
        .iter()
        .filter_map(|s| Some(s.latest()?.1.value))
        .collect();
    assert_eq!(values, [250.0]);
    // What is new goes in beside what is old.
    let new = incoming(&record(1, &[("a", 300.0)]), "baselines/1");
    assert_eq!(database.add(&[new]).unwrap(), 1);
    assert_eq!(series_in(&database, 6)[0].points.len(), 2);
}

/// Keeps records as runs of the local history.
fn keep(root: &Path, records: &[RunRecord]) {
    for (record, now) in records.iter().zip(1_700_000_000..) {
        History::at(root).save(record, now).unwrap();
    }
}

fn sync(root: &Path) -> Result<(Synced, Option<String>), IndexError> {
    let listing = Listing::at(root, None, None).unwrap();
    assert!(listing.faults.is_empty(), "{:?}", listing.faults);
    on_disk(root, 1_800_000_000, |database| {
        Synced::with(database, &listing, None)
    })
}

#[test]
fn a_run_whose_file_is_gone_is_forgotten_and_one_that_git_has_is_not() {
    let folder = tempfile::tempdir().unwrap();
    keep(folder.path(), &records());
    sync(folder.path()).unwrap();
    let elsewhere = incoming(&record(9, &[("a", 1.0)]), "baselines/main/k3v9/x.json");
    let known = || {
        let database = Database::open(folder.path()).unwrap();
        database.runs().unwrap().len()
    };
    let mut database = Database::open(folder.path()).unwrap();
    database.add(&[elsewhere]).unwrap();
    drop(database);
    assert_eq!(known(), 7);
    let (runs, _) = History::at(folder.path()).entries();
    std::fs::remove_file(folder.path().join(runs[2].file())).unwrap();
    sync(folder.path()).unwrap();
    assert_eq!(known(), 6);
    // A folder that cannot be listed is no folder without files.
    let local = folder.path().join(".perf/runs");
    std::fs::rename(&local, folder.path().join("moved")).unwrap();
    std::fs::write(&local, "no folder").unwrap();
    let listing = Listing::at(folder.path(), None, None).unwrap();
    assert!(!listing.faults.is_empty());
    on_disk(folder.path(), 0, |database| {
        Synced::with(database, &listing, None)
    })
    .unwrap();
    assert_eq!(known(), 6);
}

#[test]
fn files_are_read_once_and_a_damaged_one_each_time() {
    let folder = tempfile::tempdir().unwrap();
    keep(folder.path(), &records());
    let (synced, note) = sync(folder.path()).unwrap();
    assert_eq!((synced.added, synced.known, note), (6, 0, None));
    let bad = folder
        .path()
        .join(".perf/runs/20260101T000000Z-01234567.json");
    std::fs::write(&bad, "no record").unwrap();
    for _ in 0..2 {
        let (synced, _) = sync(folder.path()).unwrap();
        assert_eq!((synced.added, synced.known), (0, 6));
        let [Fault { file, .. }] = synced.faults.as_slice() else {
            panic!("{:?}", synced.faults)
        };
        assert_eq!(file, ".perf/runs/20260101T000000Z-01234567.json");
    }
}

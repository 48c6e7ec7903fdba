//! A record of each version that was ever written must stay readable.

use perf_schema::{
    Cap, Kind, LimitKind, Metric, RecordError, RecordHeader, RunRecord, SCHEMA_VERSION, SearchEnd,
    canonical_text, file_text,
};

const V1: &str = include_str!("fixtures/record-v1.json");
const V2: &str = include_str!("fixtures/record-v2.json");
const V3: &str = include_str!("fixtures/record-v3.json");

#[test]
fn version_1_is_read() {
    let record = RunRecord::from_slice(V1.as_bytes()).unwrap();
    assert_eq!(record.schema, 1);
    assert_eq!(
        record.commit.as_ref().unwrap().branch.as_deref(),
        Some("main")
    );
    assert_eq!(record.machine.cores, 2);
    let names: Vec<&str> = record.benchmarks.iter().map(|b| b.id.name()).collect();
    assert_eq!(names, ["count[words=10000]", "count[words=100]", "longest"]);
    let Metric::Measured { unit, samples, .. } = &record.benchmarks[2].metrics["wall"] else {
        panic!("it was measured");
    };
    assert_eq!((unit.as_str(), samples.launch_count()), ("ns", 8));
    assert!(
        samples
            .launches()
            .iter()
            .flatten()
            .all(|&ns| (50.0..100.0).contains(&ns))
    );
}

#[test]
fn version_2_is_read() {
    let record = RunRecord::from_slice(V2.as_bytes()).unwrap();
    assert_eq!(record.schema, 2);
    assert_eq!(RunRecord::version_for(&record.benchmarks), 2);
    let limits: Vec<_> = record
        .benchmarks
        .iter()
        .map(|benchmark| {
            assert_eq!(benchmark.kind, Kind::Limit);
            let limit = benchmark.limit.as_ref().unwrap();
            let bracket = (limit.largest_pass, limit.smallest_fail);
            (benchmark.id.name(), limit.end, limit.cap(), bracket)
        })
        .collect();
    let (wall, memory) = (Some(Cap::Wall), Some(Cap::Memory));
    assert_eq!(
        limits,
        [
            ("nested", SearchEnd::Found, memory, (Some(2821), Some(2962))),
            ("hanoi", SearchEnd::Found, wall, (Some(23), Some(24))),
            (
                "concatenate[way=Push]",
                SearchEnd::Budget,
                wall,
                (Some(1_225_993), Some(1_961_367))
            ),
            ("stubborn", SearchEnd::Found, wall, (Some(1), Some(2))),
        ]
    );
}

#[test]
fn version_3_is_read() {
    let record = RunRecord::from_slice(V3.as_bytes()).unwrap();
    assert_eq!(record.schema, 3);
    assert_eq!(RunRecord::version_for(&record.benchmarks), 3);
    let limits: Vec<_> = record
        .benchmarks
        .iter()
        .map(|benchmark| {
            let limit = benchmark.limit.as_ref().unwrap();
            let bracket = (limit.largest_pass, limit.smallest_fail);
            (limit.plan.kind, limit.cap(), bracket)
        })
        .collect();
    let (semaphore, bucket) = (LimitKind::Concurrency, LimitKind::Load);
    assert_eq!(
        limits,
        [
            (semaphore, Some(Cap::Efficiency), (Some(4), Some(5))),
            (bucket, Some(Cap::P99), (Some(1296), Some(1353))),
        ]
    );
    let bucket = record.benchmarks[1].limit.as_ref().unwrap();
    let last = bucket.at_largest_pass().last().unwrap();
    let traffic = last.traffic.as_ref().unwrap();
    assert!((1280.0..1310.0).contains(&traffic.per_second()));
    assert!(traffic.latency.p99_ns < bucket.plan.caps.service.unwrap().p99_ns);
    assert!(traffic.generator.unwrap().late_p99_ns.is_some());
}

#[test]
fn every_version_is_written_as_it_was() {
    for text in [V1, V2, V3] {
        let record = RunRecord::from_slice(text.as_bytes()).unwrap();
        let header = RecordHeader::from_slice(text.as_bytes()).unwrap();
        let value = record.to_value().unwrap();
        assert_eq!(
            file_text(&value, header.id.unwrap().as_str()).unwrap(),
            text
        );
        let stored: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(
            canonical_text(&value).unwrap(),
            canonical_text(&stored).unwrap()
        );
    }
}

#[test]
fn a_record_without_limits_is_of_the_version_that_every_reader_knows() {
    let record = RunRecord::from_slice(V1.as_bytes()).unwrap();
    assert_eq!(RunRecord::version_for(&record.benchmarks), 1);
}

#[test]
fn a_newer_version_is_told_from_a_damaged_file() {
    let newer = V1.replace(
        "\"schema\":1,",
        &format!("\"schema\":{},", SCHEMA_VERSION + 1),
    );
    assert!(matches!(
        RunRecord::from_slice(newer.as_bytes()),
        Err(RecordError::TooNew { found }) if found == SCHEMA_VERSION + 1
    ));
    // A newer record need not have anything that this version knows.
    let strange = format!("{{\"schema\":{},\"unheard\":[]}}", SCHEMA_VERSION + 7);
    assert!(matches!(
        RunRecord::from_slice(strange.as_bytes()),
        Err(RecordError::TooNew { .. })
    ));
    assert!(matches!(
        RunRecord::from_slice(b"{\"schema\":0}"),
        Err(RecordError::Unknown { found: 0 })
    ));
    assert!(matches!(
        RunRecord::from_slice(&V1.as_bytes()[..900]),
        Err(RecordError::Shape(_))
    ));
}

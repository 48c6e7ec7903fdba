//! A record of each version that was ever written must stay readable.

use perf_schema::{
    Metric, RecordError, RecordHeader, RunRecord, SCHEMA_VERSION, canonical_text, file_text,
};

const V1: &str = include_str!("fixtures/record-v1.json");

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
fn version_1_is_written_as_it_was() {
    let record = RunRecord::from_slice(V1.as_bytes()).unwrap();
    let header = RecordHeader::from_slice(V1.as_bytes()).unwrap();
    let value = record.to_value().unwrap();
    assert_eq!(file_text(&value, header.id.unwrap().as_str()).unwrap(), V1);
    let stored: serde_json::Value = serde_json::from_str(V1).unwrap();
    assert_eq!(
        canonical_text(&value).unwrap(),
        canonical_text(&stored).unwrap()
    );
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

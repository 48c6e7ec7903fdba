//! The probes of limits, and what was seen of users at each.

use perf_schema::{Failure, FailureKind, Generator, Latency, Processor, Traffic};

use super::*;

/// What was seen of a rate that its generator could not quite keep up with.
fn traffic() -> Traffic {
    let latency = |ns: u64| Latency {
        p50_ns: Some(ns),
        p90_ns: Some(2 * ns),
        p99_ns: None,
        max_ns: Some(u64::MAX),
    };
    Traffic {
        window_ns: 1_000_000_000,
        begun: 50,
        unstarted: 3,
        done: 44,
        errors: [("full".to_owned(), 2), ("it \"said\"".to_owned(), 1)].into(),
        latency: latency(700),
        processor: Some(Processor {
            waited_ns: 5,
            others_ns: 6,
        }),
        generator: Some(Generator {
            late_p99_ns: None,
            busy_ppm: 990_000,
            without: latency(600),
        }),
    }
}

fn text(database: &Database, sql: &str) -> String {
    let mut statement = database.connection.prepare(sql).unwrap();
    let columns = statement.column_count();
    let mut rows = statement.query([]).unwrap();
    let mut text = String::new();
    while let Some(row) = rows.next().unwrap() {
        let value = |at| match row.get_ref(at).unwrap() {
            rusqlite::types::ValueRef::Null => "-".to_owned(),
            rusqlite::types::ValueRef::Integer(number) => number.to_string(),
            other => other.as_str().unwrap().to_owned(),
        };
        let values: Vec<String> = (0..columns).map(value).collect();
        text.push_str(&(values.join(" ") + "\n"));
    }
    text
}

#[test]
fn levels_are_kept_with_what_became_of_each_and_what_was_seen_of_users() {
    let mut searched = limit();
    let levels = &mut searched.limit.as_mut().unwrap().levels;
    levels[0].traffic = Some(traffic());
    levels[1].late_ns = Some(7);
    levels[1].disturbed = true;
    levels[1].broke = None;
    levels[1].failure = Some(Failure {
        kind: FailureKind::StackOverflow,
        signal: Some(6),
        launch: 1,
        elapsed_ms: 2,
        message: "the stack ended".to_owned(),
    });
    let mut record = record(0, &[("a", 1.0)]);
    record.add(vec![searched]);
    let database = filled(&[record]);
    assert_eq!(
        text(
            &database,
            "SELECT kind, axis, ended, largest_pass, smallest_fail FROM limits"
        ),
        "cpu n found 40 50\n"
    );
    assert_eq!(
        text(
            &database,
            "SELECT n, broke, failure_kind, failure, wall_ns, cpu_ns, memory_bytes, late_ns, disturbed FROM levels ORDER BY number"
        ),
        "40 - - - 40 - -1 - 0\n50 - stack-overflow the stack ended 50 - -1 7 1\n"
    );
    assert_eq!(
        text(
            &database,
            "SELECT number, window_ns, begun, unstarted, done, errors, p50_ns, p90_ns, p99_ns, max_ns, waited_ns, others_ns, \
             late_p99_ns, busy_ppm, own_p50_ns, own_p90_ns, own_p99_ns, own_max_ns FROM traffic"
        ),
        "0 1000000000 50 3 44 {\"full\":2,\"it \\\"said\\\"\":1} 700 1400 - -1 5 6 - 990000 600 1200 - -1\n"
    );
    // It goes with its run.
    database.connection.execute("DELETE FROM runs", []).unwrap();
    for table in [
        "levels", "traffic", "limits", "samples", "results", "cases", "sources",
    ] {
        assert_eq!(
            text(&database, &format!("SELECT count(*) FROM {table}")),
            "0\n",
            "{table}"
        );
    }
}

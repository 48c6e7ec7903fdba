//! What goes out comes back by somebody else's reader, whatever names and messages say.

use std::sync::LazyLock;

use perf_schema::{BenchId, Commit, Metric, RunRecord};
use proptest::prelude::*;
use serde_json::Value;

use super::fixture::{Owned, of};
use super::*;
use crate::report::printable;
use crate::secret::Secret;
use crate::series::LeftOut;
use crate::series::fixture::{record, timed};
use crate::store::fixture::Sample;

fn csv(entries: &[Owned], columns: Columns, names: &Names) -> String {
    let mut bytes = Vec::new();
    let mut table = Table::begin(&mut bytes, columns, names, &[]).unwrap();
    for entry in entries {
        table.entry(&entry.entry()).unwrap();
    }
    table.end().unwrap();
    String::from_utf8(bytes).unwrap()
}

/// What the document is said to be.
static PUBLISHED: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let schema: Value = serde_json::from_str(schema()).unwrap();
    jsonschema::validator_for(&schema).unwrap()
});

fn json(entries: &[Owned], names: &Names) -> Value {
    let head = Head {
        reference: Some("acme/main"),
        tip: Some("0123456789abcdef0123456789abcdef01234567"),
        generated: crate::store::instant(1_700_000_000),
        left_out: LeftOut::default(),
    };
    let mut bytes = Vec::new();
    let mut document = Document::begin(&mut bytes, &head, names).unwrap();
    for entry in entries {
        document.entry(&entry.entry()).unwrap();
    }
    document.end().unwrap();
    let document = serde_json::from_slice(&bytes).unwrap();
    let faults: Vec<String> = PUBLISHED
        .iter_errors(&document)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{faults:#?}\n{document:#}");
    document
}

/// The rows by name of the column, as another program reads them, without the guard of texts.
fn read(text: &str) -> Vec<Vec<(String, String)>> {
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let headings = reader.headers().unwrap().clone();
    let rows = reader.records().map(|row| row.unwrap());
    rows.map(|row| {
        let named = headings.iter().zip(row.iter());
        named
            .map(|(name, cell)| {
                let plain = cell.strip_prefix('\'').unwrap_or(cell);
                (name.to_owned(), plain.to_owned())
            })
            .collect()
    })
    .collect()
}

fn cell<'a>(row: &'a [(String, String)], column: &str) -> &'a str {
    let found = row.iter().find(|(name, _)| name == column);
    &found.unwrap_or_else(|| panic!("{column} is a column")).1
}

fn hashed() -> Names {
    Names::Hashed(Secret::of(Some("k".repeat(64))).unwrap())
}

/// A run of one benchmark that went well, one that failed, and one of which a metric could not be had.
fn mixed() -> RunRecord {
    let mut record = record(3, &[("a", 20_000.0), ("b", 1_400.0)]);
    record.environment.build.features = vec!["acme-feature".to_owned()];
    record.environment.build.flags = "-C acme-flag".to_owned();
    let absent = Metric::Absent {
        reason: "acme's counters are locked".to_owned(),
    };
    record.benchmarks[1]
        .metrics
        .insert("instructions".to_owned(), absent);
    let mut failed = Sample::new().benches(&["fails"]).failed().record();
    failed.benchmarks[0].outcome.failures[0].message = "=acme fell over".to_owned();
    let why = Metric::Absent {
        reason: "acme gave no samples".to_owned(),
    };
    failed.benchmarks[0].metrics.insert("wall".to_owned(), why);
    record.benchmarks.extend(failed.benchmarks);
    record
}

#[test]
fn a_row_has_what_was_seen_and_nothing_where_nothing_was() {
    let rows = read(&csv(&of(&mixed()), Columns::Full, &Names::Plain));
    let row = |name: &str, metric: &str| {
        let is_it = |row: &&Vec<(String, String)>| {
            cell(row, "benchmark").ends_with(name) && cell(row, "metric") == metric
        };
        rows.iter().find(is_it).unwrap()
    };
    assert_eq!(rows.len(), 4);
    let measured = row("::a", "wall");
    for (column, expected) in [
        ("status", "measured"),
        ("unit", "ns"),
        ("better", "lower"),
        ("launches", "10"),
        ("passed", "10"),
        ("failed", "0"),
        ("reason", ""),
        ("branch", "main"),
        ("dirty", "false"),
        ("committed", "2023-11-17T22:13:20Z"),
        ("measured", "2023-11-14T22:13:20Z"),
        ("subject", "change 3"),
        ("machine", "k3v9"),
    ] {
        assert_eq!(cell(measured, column), expected, "{column}");
    }
    let value: f64 = cell(measured, "value").parse().unwrap();
    let (low, high): (f64, f64) = (
        cell(measured, "low").parse().unwrap(),
        cell(measured, "high").parse().unwrap(),
    );
    assert!((value - 20_000.0).abs() < 20.0 && low <= value && value <= high);
    let failed = row("::fails", "wall");
    assert_eq!(
        (cell(failed, "status"), cell(failed, "reason")),
        ("failed", "=acme fell over")
    );
    let absent = row("::b", "instructions");
    assert_eq!(
        (cell(absent, "status"), cell(absent, "reason")),
        ("absent", "acme's counters are locked")
    );
    for nothing in [failed, absent] {
        for column in ["value", "low", "high", "launches", "budget"] {
            assert_eq!(cell(nothing, column), "", "{column}");
        }
    }
}

#[test]
fn the_documented_columns_are_those_and_in_that_order() {
    let text = csv(&of(&mixed()), Columns::Compat, &Names::Plain);
    let mut lines = text.lines();
    assert_eq!(
        lines.next(),
        Some(
            "timestamp,test_name,success_count,failure_count,success_rate,execution_time_mean,execution_time_max,response_time_mean"
        )
    );
    assert_eq!(
        lines.next(),
        Some("2023-11-14T22:13:20.000000Z,demo/cpu::a,10,0,1.000,0.0200,0.0200,")
    );
    let row = read(&text).pop().unwrap();
    assert_eq!(cell(&row, "test_name"), "demo/cpu::fails");
    assert_eq!(
        (cell(&row, "failure_count"), cell(&row, "success_rate")),
        ("1", "0.000")
    );
    for column in [
        "execution_time_mean",
        "execution_time_max",
        "response_time_mean",
    ] {
        assert_eq!(cell(&row, column), "", "{column}: never 0.00");
    }
}

/// The documented members, declared a second time.
#[derive(serde::Deserialize)]
struct Documented {
    test_name: String,
    timestamp: String,
    success_count: u32,
    failure_count: u32,
    success_rate: f64,
    execution_time_mean: Option<f64>,
    execution_time_median: Option<f64>,
    execution_time_max: Option<f64>,
    execution_time_min: Option<f64>,
    execution_time_stdev: Option<f64>,
}

#[test]
fn an_entry_of_json_has_the_documented_members_and_all_else() {
    let document = json(&of(&mixed()), &Names::Plain);
    let of_name = |name: &str| -> (Documented, Value) {
        let entry = document["tests"][name][0].clone();
        (serde_json::from_value(entry.clone()).unwrap(), entry)
    };
    let (a, all) = of_name("demo/cpu::a");
    assert_eq!(
        (a.test_name.as_str(), a.timestamp.as_str()),
        ("demo/cpu::a", "2023-11-14T22:13:20.000000Z")
    );
    assert_eq!((a.success_count, a.failure_count), (10, 0));
    assert!((a.success_rate - 1.0).abs() < f64::EPSILON);
    let times = [
        a.execution_time_min,
        a.execution_time_median,
        a.execution_time_max,
        a.execution_time_mean,
    ]
    .map(Option::unwrap);
    assert!(times.iter().all(|ms| (ms - 0.02).abs() < 1e-4), "{times:?}");
    assert!(times[0] < times[1] && times[1] < times[2]);
    assert!(a.execution_time_stdev.is_some_and(|ms| ms > 0.0));
    assert_eq!(all["commit"]["branch"], "main");
    assert_eq!(all["metrics"][0]["samples"].as_array().unwrap().len(), 10);
    let (fails, all) = of_name("demo/cpu::fails");
    assert_eq!((fails.success_count, fails.failure_count), (0, 1));
    assert_eq!(fails.execution_time_mean, None);
    assert_eq!(
        (&all["status"], &all["errors"][0]["message"]),
        (&"failed".into(), &"=acme fell over".into())
    );
}

#[test]
fn nothing_at_all_is_a_table_without_rows_and_a_document_without_tests() {
    for columns in [Columns::Full, Columns::Compat] {
        let text = csv(&[], columns, &Names::Plain);
        assert_eq!((text.lines().count(), read(&text).len()), (1, 0));
    }
    let document = json(&[], &Names::Plain);
    assert_eq!(document["tests"], serde_json::json!({}));
}

#[test]
fn hashed_names_say_nothing_and_fall_together_as_the_names_do() {
    let mut record = mixed();
    record.machine.class = "acme-runner".to_owned();
    record.environment.build.profile = "acme-release".to_owned();
    if let Some(commit) = &mut record.commit {
        commit.branch = Some("acme/main".to_owned());
        commit.subject = "acme, by Ada".to_owned();
    }
    for (at, benchmark) in record.benchmarks.iter_mut().enumerate() {
        benchmark.id = format!("acme/acme::acme{at}").parse().unwrap();
    }
    let wall = record.benchmarks[0].metrics["wall"].clone();
    record.benchmarks[0]
        .metrics
        .insert("acme-orders".to_owned(), wall);
    let entries = of(&record);
    let sha = record.commit.as_ref().unwrap().sha.as_str();
    let rows = csv(&entries, Columns::Full, &hashed());
    let document = json(&entries, &hashed());
    for text in [
        rows.clone(),
        csv(&entries, Columns::Compat, &hashed()),
        document.to_string(),
    ] {
        for secret in ["acme", "Ada", sha, &"ab".repeat(32)] {
            assert!(!text.contains(secret), "{secret} is in\n{text}");
        }
    }
    let rows = read(&rows);
    let benchmark = cell(&rows[0], "benchmark");
    assert!(benchmark.starts_with("benchmark-") && document["tests"][benchmark].is_array());
    assert_eq!(cell(&rows[1], "benchmark"), benchmark, "of one benchmark");
    assert_ne!(cell(&rows[2], "benchmark"), benchmark);
    assert_eq!(document["names_hashed"], true);
    assert!(document["reference"] == cell(&rows[0], "branch"));
}

/// Texts that are somebody's worst day: of everything that CSV, spreadsheets, JSON and terminals obey.
fn hostile() -> impl Strategy<Value = String> {
    let parts = prop::sample::select(vec![
        "=",
        "+",
        "-",
        "@",
        "'",
        "\"",
        ",",
        ";",
        "\n",
        "\r",
        "\t",
        "\\",
        "\0",
        "\u{1b}[31m",
        "\u{202e}",
        "</script>",
        "=cmd|' /C calc'!A0",
        "größe",
        "日本",
        "＝",
        " ",
        "a",
        "0",
    ]);
    prop_oneof![
        prop::collection::vec(parts, 0..8).prop_map(|parts| parts.concat()),
        any::<String>(),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        branch in hostile(),
        subject in hostile(),
        message in hostile(),
        cpu in hostile(),
        name in hostile(),
        ns in 1e-3..1e12_f64,
    ) {
        let mut record = record(1, &[]);
        let Some(Commit { branch: on, subject: about, .. }) = &mut record.commit else { unreachable!() };
        *on = Some(branch.clone());
        about.clone_from(&subject);
        record.machine.cpu.clone_from(&cpu);
        let mut benchmark = timed("x", ns);
        if let Ok(id) = BenchId::new("demo", "cpu", &name) {
            benchmark.id = id;
        }
        let id = benchmark.id.to_string();
        let failed = Sample::new().benches(&["y"]).failed().record().benchmarks.remove(0);
        benchmark.outcome.failed = 1;
        benchmark.outcome.failures = failed.outcome.failures;
        benchmark.outcome.failures[0].message.clone_from(&message);
        record.benchmarks = vec![benchmark];
        let entries = of(&record);
        let seen = &entries[0].seen[0];
        let text = csv(&entries, Columns::Full, &Names::Plain);
        let rows = read(&text);
        prop_assert_eq!(rows.len(), 1);
        for (column, was) in [("benchmark", &id), ("branch", &branch), ("subject", &subject), ("reason", &message), ("cpu", &cpu)] {
            prop_assert_eq!(cell(&rows[0], column), printable(was), "{}", column);
        }
        prop_assert_eq!(cell(&rows[0], "status"), "partly-failed");
        let value: f64 = cell(&rows[0], "value").parse().unwrap();
        prop_assert_eq!(value.to_bits(), seen.figure.unwrap().value.to_bits());
        // As a spreadsheet sees it: no cell is a formula. Numbers of ours have no sign.
        for row in ::csv::Reader::from_reader(text.as_bytes()).records() {
            for cell in &row.unwrap() {
                prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝']), "{cell:?}");
                let is_plain = !cell.contains(['\u{1b}', '\n']);
                prop_assert!(is_plain, "{cell:?}");
            }
        }
        let document = json(&entries, &Names::Plain);
        let entry = &document["tests"][id.as_str()][0];
        prop_assert_eq!(&entry["commit"]["subject"], &Value::from(subject));
        prop_assert_eq!(&entry["commit"]["branch"], &Value::from(branch));
        prop_assert_eq!(&entry["errors"][0]["message"], &Value::from(message));
        // The reader of JSON rounds the last digit.
        let told = entry["metrics"][0]["value"].as_f64().unwrap();
        prop_assert!((told / value - 1.0).abs() < 1e-14, "{told} {value}");
        json(&entries, &hashed());
        csv(&entries, Columns::Compat, &hashed());
    }
}

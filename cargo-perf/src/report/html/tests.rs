//! What stands in the file. How it looks and behaves is tested in a browser, end to end.

use serde_json::Value;

use super::{Besides, Packed, fill, pack, render};
use crate::report::fixture::{HOSTILE, empty, failing, hostile, populated, undecided};
use crate::report::{Look, Rendering};
use crate::series::fixture::series;
use crate::trend::{TrendRule, examine};

fn page(text: &str) -> Value {
    let (_, data) = text.split_once("id=\"data\">").unwrap();
    let (data, _) = data.split_once("</script>").unwrap();
    serde_json::from_str(data).unwrap()
}

#[test]
fn the_page_has_the_numbers_that_json_has() {
    let report = populated();
    let json = crate::report::render(&report, Rendering::Json, Look::default());
    let json: Value = serde_json::from_str(&json).unwrap();
    let page = page(&render(
        &report,
        "demo",
        Besides::default(),
        Packed::default(),
    ));
    let rows = page["rows"].as_array().unwrap();
    assert_eq!(rows.len(), json["benchmarks"].as_array().unwrap().len());
    for row in rows {
        let benchmarks = json["benchmarks"].as_array().unwrap();
        let same = benchmarks
            .iter()
            .find(|other| other["id"] == row["id"])
            .unwrap();
        assert_eq!(row["verdict"], same["verdict"]);
        assert_eq!(row["value"], same["metrics"][0]["value"]);
        assert_eq!(row["ratio"], same["metrics"][0]["ratio"]);
        assert_eq!(row["low"], same["metrics"][0]["low"]);
        assert_eq!(row["fails"], same["fails"]);
    }
    assert_eq!(
        page["headline"],
        "cpu::sort[n=10] regressed, cpu::render over budget"
    );
}

#[test]
fn hostile_text_ends_no_element_and_stays_legible() {
    let text = render(
        &hostile(),
        HOSTILE,
        Besides {
            facts: vec![(HOSTILE.to_owned(), HOSTILE.to_owned())],
            ..Besides::default()
        },
        Packed::default(),
    );
    let ends = |tag: &str| text.matches(tag).count();
    assert_eq!((ends("</script>"), ends("<script")), (3, 3));
    assert!(text.contains("<title>&lt;/script>&lt;script>alert(1)"));
    let page = page(&text);
    let reason = page["rows"][0]["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("</script><script>alert(1)</script> | `rm -rf` ]]>"),
        "{reason}"
    );
    assert!(!reason.contains(['\u{1b}', '\u{202e}', '\u{200f}']));
}

#[test]
fn the_policy_names_no_host_and_parts_are_not_looked_at_again() {
    let text = fill("{{script}}", "\"{{data}}{{nonce}}\"");
    assert!(text.contains("default-src 'none'; script-src 'nonce-"));
    assert!(!text.contains("unsafe-inline") && !text.contains("connect-src"));
    assert!(
        text.contains("<title>{{script}}</title>")
            && text.contains(">\"{{data}}{{nonce}}\"</script>")
    );
}

#[test]
fn a_series_stands_in_the_row_of_its_benchmark() {
    let mut packed = Packed::default();
    let stepped: Vec<f64> = (0..24)
        .map(|at| if at < 12 { 10.0 } else { 20.0 })
        .collect();
    let found = series(&stepped);
    packed.add(
        &found.key.id,
        std::slice::from_ref(&found),
        vec![pack(&found, &[])],
    );
    packed.mark(
        &found.key.id,
        0,
        &examine(&found, &TrendRule::default()).unwrap(),
    );
    let mut report = populated();
    report.rows[0].id = found.key.id.clone();
    let page = page(&render(&report, "demo", Besides::default(), packed));
    let id = found.key.id.to_string();
    let row = page["rows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["id"] == id.as_str())
        .unwrap();
    let drawn = &row["series"][0];
    assert_eq!(drawn["c"].as_array().unwrap().len(), 24);
    assert_eq!(drawn["steps"][0][0], 12);
    assert_eq!(page["commits"]["sha"].as_array().unwrap().len(), 24);
}

#[test]
fn users_that_follow_the_law_are_given_with_it() {
    // λ = 1000 in a second, σ = 0.05, κ = 0.001.
    let done = |n: f64| 1_000.0 * n / (1.0 + 0.05 * (n - 1.0) + 0.001 * n * (n - 1.0));
    let levels = [1_u64, 2, 4, 8, 16, 32, 64].map(|n| (n, done(n as f64)));
    let found = crate::compare::scaling::tests::limit(&levels);
    let mut report = populated();
    report.rows[0].grown = Some(crate::compare::Grown::of_limit(&found));
    report.rows[0].limit = Some(found);
    let id = report.rows[0].id.to_string();
    let page = page(&render(
        &report,
        "demo",
        Besides::default(),
        Packed::default(),
    ));
    let rows = page["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["id"] == id.as_str()).unwrap();
    let served = &row["limit"]["served"];
    assert_eq!(served["levels"].as_array().unwrap().len(), 7);
    let law = served["law"].as_array().unwrap();
    assert!(
        law.len() > 30 && law[0][0] == 1 && law[law.len() - 1][0] == 64,
        "{law:?}"
    );
    for point in law {
        let (n, per_second) = (point[0].as_f64().unwrap(), point[1].as_f64().unwrap());
        assert!(
            (per_second / done(n) - 1.0).abs() < 0.02,
            "{n}: {per_second}"
        );
    }
    let remarks = row["limit"]["remarks"].to_string();
    assert!(remarks.contains("scaling: contention "), "{remarks}");
    assert_eq!(row["limit"]["growth"], serde_json::Value::Null);
}

/// What the script is given, for every kind of report. How that looks is a matter of the browser's tests.
#[test]
fn the_page_is_given_every_kind_of_report() {
    let kinds = [
        ("populated", populated()),
        ("empty", empty()),
        ("failing", failing()),
        ("undecided", undecided()),
    ];
    for (kind, report) in kinds {
        let text = render(&report, "demo", Besides::default(), Packed::default());
        let mut page = page(&text);
        page["licence"] = "as it was published".into();
        let given = serde_json::to_string_pretty(&page).unwrap();
        insta::assert_snapshot!(format!("html_{kind}"), given);
    }
}

#[test]
fn without_data_there_is_a_page_that_says_so() {
    let page = page(&render(
        &empty(),
        "demo",
        Besides::default(),
        Packed::default(),
    ));
    assert_eq!(page["rows"].as_array().unwrap().len(), 0);
    assert_eq!(page["headline"], "no baseline to compare with");
}

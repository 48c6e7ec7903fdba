//! The same numbers in each format, and nothing in them that a terminal or a page obeys.

use perf_schema::RunRecord;

use super::*;
use crate::compare::rules::Rules;
use crate::series::Noted;
use crate::series::fixture::{assembled, record, sha};
use crate::store::fixture::Sample;
use crate::trend::{OpenAlerts, TrendRule, examine, settle, summary};

/// A second declaration: a member that stands twice is an error of its reader.
#[derive(serde::Deserialize)]
struct Members {
    class: String,
    trend: String,
}

fn report(times: &[f64], view: View) -> TrendReport {
    let mut records: Vec<RunRecord> = times
        .iter()
        .enumerate()
        .map(|(at, &ns)| record(at, &[("a", ns), ("steady[n=1|2]", 50.0)]))
        .collect();
    if let Some(last) = records.last_mut() {
        last.benchmarks
            .retain(|benchmark| benchmark.id.name() == "a");
        let mut failed = Sample {
            record: last.clone(),
        }
        .failed()
        .record();
        failed.benchmarks[0].id = "demo/cpu::fails".parse().unwrap();
        failed.benchmarks[0].outcome.failures[0].message =
            "bad \u{1b}[31m | luck\nagain".to_owned();
        last.benchmarks.extend(failed.benchmarks);
    }
    let found = assembled(times.len(), &records);
    let rule = TrendRule::default();
    let examined = found
        .series
        .iter()
        .filter_map(|series| examine(series, &rule));
    let trends = settle(examined.collect(), &rule, &Rules::default());
    let profiles: Vec<Profile> = trends
        .iter()
        .filter_map(|trend| Profile::of(&[trend], OpenAlerts::default()))
        .collect();
    TrendReport {
        reference: "main".to_owned(),
        tip: Some(sha(times.len() - 1)),
        anchor: None,
        window_days: 30,
        view,
        summary: summary(&profiles, &trends),
        profiles,
        trends,
        left_out: LeftOut {
            dirty: 2,
            ..LeftOut::default()
        },
        noted: vec![Noted {
            sha: sha(1),
            subject: "change 1".to_owned(),
            committed: 1_700_086_400,
            position: 1,
            text: "arena <b>allocator</b> \u{1b}[2J".to_owned(),
            who: Some("Ada".to_owned()),
        }],
        notes: vec!["said \u{1b}[2J".to_owned()],
    }
}

const STEPPED: [f64; 8] = [
    1000.0, 1001.0, 1000.0, 999.0, 1000.0, 1001.0, 1000.0, 1400.0,
];

#[test]
fn a_trend_is_a_line_and_its_story() {
    let text = report(&STEPPED, View::Trend).render(Format::Human, Look::default());
    for part in [
        "main at 0000000, classes over 30 days",
        "cpu::a",
        "1.400 µs",
        "+40.0 %",
        "regression",
        "▁▁▁▁▁▁▁█",
        "at 0000000 change 7; provisional, until more runs",
        "the newest run failed: bad  [31m | luck again",
        "cannot tell",
        "note: noted at 0000000 (2023-11-15): arena <b>allocator</b>  [2J – Ada",
        "note: said  [2J",
        "note: runs left out: 2 of uncommitted code",
        "3 benchmarks: 1 regression, 2 cannot tell, 1 failing now",
    ] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
}

#[test]
fn profiles_and_latest_results_have_what_is_known() {
    let text = report(&STEPPED, View::Profile).render(Format::Human, Look::default());
    for part in [
        "8/8 excellent",
        "0/1 needs attention",
        "0 critical",
        "health",
    ] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
    let text = report(&STEPPED, View::Latest).render(Format::Human, Look::default());
    assert!(
        text.contains("2023-11-21") && text.contains("8/8"),
        "{text}"
    );
    assert!(!text.contains("regression  "), "{text}");
}

#[test]
fn every_format_has_the_same_numbers() {
    let report = report(&STEPPED, View::Trend);
    let markdown = report.render(Format::Markdown, Look::default());
    for part in [
        "+40.0 %",
        "regression",
        r"cpu::steady\[n=1\|2\]",
        "3 benchmarks: 1 regression",
    ] {
        assert!(markdown.contains(part), "{part:?} is not in\n{markdown}");
    }
    assert!(!markdown.contains('\u{1b}') && !markdown.contains("<b>"));
    let json: serde_json::Value =
        serde_json::from_str(&report.render(Format::Json, Look::default())).unwrap();
    let of = |name: &str| {
        let trends = json["trends"].as_array().unwrap();
        let found = trends.iter().find(|trend| trend["benchmark"] == name);
        found.unwrap().clone()
    };
    let slower = of("demo/cpu::a");
    assert_eq!(slower["trend"], "regression");
    assert!((slower["change"]["ratio"].as_f64().unwrap() - 1.4).abs() < 0.01);
    assert_eq!(slower["latest"]["commit"]["sha"], *sha(7).as_str());
    let failing = of("demo/cpu::fails");
    assert_eq!(
        (&failing["level"], &failing["latest"]),
        (&serde_json::Value::Null, &serde_json::Value::Null)
    );
    assert_eq!(json["summary"]["classes"]["regression"], 1);
    assert_eq!(json["left_out"]["dirty"], 2);
    assert_eq!(json["noted"][0]["who"], "Ada");
}

#[test]
fn a_narrow_terminal_shows_less() {
    for width in [40, 60, 80, 120] {
        let look = Look {
            quiet: false,
            colours: false,
            width: Some(width),
        };
        for view in [View::Trend, View::Latest, View::Profile] {
            let text = report(&STEPPED, view).render(Format::Human, look);
            let too_long = text.lines().find(|line| line.chars().count() > width);
            assert_eq!(too_long, None, "{width}");
        }
    }
}

#[test]
fn the_machine_class_and_the_class_of_the_trend_are_members_of_their_own() {
    #[derive(serde::Deserialize)]
    struct Document {
        trends: Vec<Members>,
        profiles: Vec<Members>,
    }
    let text = report(&[1000.0; 6], View::Trend).render(Format::Json, Look::default());
    let document: Document = serde_json::from_str(&text).unwrap();
    assert!(!document.trends.is_empty() && !document.profiles.is_empty());
    for members in document.trends.iter().chain(&document.profiles) {
        assert!(!members.class.is_empty());
        let classes = crate::trend::Class::ALL.map(|class| serde_json::to_value(class).unwrap());
        assert!(
            classes.contains(&members.trend.as_str().into()),
            "{}",
            members.trend
        );
    }
}

//! Every format with every kind of report: as it looks, with the same numbers in each, and harmless whatever names say.

use insta::assert_snapshot;
use serde_json::Value;

use super::fixture::{HOSTILE, empty, failing, hostile, populated, undecided};
use super::markdown::MOST;
use super::{Look, Rendering, Report, github, render, schema};
use crate::compare::Verdict;

const ALL: [(&str, Rendering); 8] = [
    ("human", Rendering::Human),
    ("json", Rendering::Json),
    ("markdown", Rendering::Markdown),
    ("markdown_brief", Rendering::MarkdownBrief),
    ("github", Rendering::Github),
    ("junit", Rendering::Junit),
    ("openmetrics", Rendering::Openmetrics),
    ("traceability", Rendering::Traceability),
];

fn text(report: &Report, rendering: Rendering) -> String {
    render(report, rendering, Look::default())
}

fn json(report: &Report) -> Value {
    serde_json::from_str(&text(report, Rendering::Json)).unwrap()
}

fn kinds() -> [(&'static str, Report); 4] {
    [
        ("populated", populated()),
        ("empty", empty()),
        ("failing", failing()),
        ("undecided", undecided()),
    ]
}

#[test]
fn every_format_shows_every_kind_of_report() {
    for (kind, report) in kinds() {
        for (name, rendering) in ALL {
            assert_snapshot!(format!("{name}_{kind}"), text(&report, rendering));
        }
    }
}

#[test]
fn json_is_of_the_published_schema() {
    let schema: Value = serde_json::from_str(schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let failure = super::failure("usage", "no such branch", None, 2);
    let mut documents: Vec<Value> = kinds().iter().map(|(_, report)| json(report)).collect();
    documents.push(json(&hostile()));
    documents.push(serde_json::from_str(&failure).unwrap());
    for document in &documents {
        let faults: Vec<String> = validator
            .iter_errors(document)
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect();
        assert_eq!(faults, [""; 0]);
    }
    let mut odd = json(&populated());
    odd["benchmarks"][0]["verdict"] = "faster".into();
    assert!(!validator.is_valid(&odd));
}

/// Numbers are read back from each format and have to be those of JSON, to the digits that are shown.
#[test]
fn the_same_numbers_stand_in_every_format() {
    let report = populated();
    let sorted = &json(&report)["benchmarks"][2];
    let wall = &sorted["metrics"][0];
    assert_eq!(
        (&wall["value"], &wall["ratio"]),
        (&1234.0.into(), &1.25.into())
    );
    for (name, rendering) in ALL {
        let text = text(&report, rendering);
        let shows = |what: &str| assert!(text.contains(what), "{name} without {what}: {text}");
        match rendering {
            Rendering::Json => {}
            Rendering::Openmetrics => {
                let labels = r#"{benchmark="demo/cpu::sort[n=10]",metric="wall",unit="ns"}"#;
                shows(&format!("cargo_perf_time_seconds{labels} 0.000001234\n"));
                shows(&format!("cargo_perf_ratio{labels} 1.25\n"));
                shows("cargo_perf_benchmarks{verdict=\"regressed\"} 1\n");
            }
            _ => {
                shows("1.234 µs");
                shows("+25.0 %");
                shows("regressed");
            }
        }
    }
    let outputs = github::outputs(&report);
    assert!(
        outputs.contains("\nfailures=2\n") && outputs.contains("\nregressed=1\n"),
        "{outputs}"
    );
}

#[test]
fn hostile_text_is_harmless_and_legible_in_every_format() {
    let report = hostile();
    for (name, rendering) in ALL {
        let text = text(&report, rendering);
        let obeyed = |c: char| c.is_control() && c != '\n' || "\u{202e}\u{200f}".contains(c);
        // JSON writes control characters as escapes, which nothing obeys.
        let found: Vec<char> = text.chars().filter(|&c| obeyed(c)).collect();
        assert!(
            rendering == Rendering::Json || found.is_empty(),
            "{name}: {found:?}"
        );
        assert!(
            text.contains("alert(1)") || text.contains("alert"),
            "{name}"
        );
    }
    for rendering in [
        Rendering::Markdown,
        Rendering::MarkdownBrief,
        Rendering::Traceability,
    ] {
        let text = text(&report, rendering);
        // Inside code nothing of it has a meaning.
        let outside: String = text.split('`').step_by(2).collect();
        assert!(
            !outside.contains("<script") && !outside.contains("<b>"),
            "{text}"
        );
        assert!(!outside.contains("@everyone"), "{text}");
    }
    let junit = text(&report, Rendering::Junit);
    assert!(
        !junit.contains("<script") && !junit.contains("]]>"),
        "{junit}"
    );
}

/// The runner obeys a line that begins with `::`, spaces before it left aside: none is there but ours.
#[test]
fn nobody_else_gives_orders_to_the_runner() {
    let text = text(&hostile(), Rendering::Github);
    let lines: Vec<&str> = text.lines().collect();
    let token = lines[0].strip_prefix("::stop-commands::").unwrap();
    let end = format!("::{token}::");
    let resumed = lines.iter().position(|line| *line == end).unwrap();
    assert!(!HOSTILE.contains(token));
    let after = &lines[resumed + 1..];
    assert_eq!(after.len(), 1, "{after:?}");
    let order = after[0].strip_prefix("::error file=benches/a%2Cb%3Ac%25.rs,line=1,title=");
    assert!(order.is_some_and(|rest| !rest.contains('\n')), "{after:?}");
}

#[test]
fn an_annotation_without_a_known_line_names_none() {
    let text = text(&failing(), Rendering::Github);
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("::error "))
        .collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("::error file=benches/cpu.rs,line=7,"))
    );
    assert!(lines.iter().any(|line| line.starts_with("::error title=")));
}

/// Thousands of the longest names there may be, all regressed with a long reason each.
#[test]
fn markdown_fits_a_comment_and_says_what_it_leaves_out() {
    let one = &hostile().rows[0];
    let mut report = populated();
    report.rows = (0..600)
        .map(|n| {
            let mut row = one.clone();
            row.id = super::fixture::id(&format!("{}[n={n}]", "|".repeat(500)));
            row.verdict = Some(if n % 2 == 0 {
                Verdict::Regressed
            } else {
                Verdict::Unchanged
            });
            row
        })
        .collect();
    for rendering in [Rendering::Markdown, Rendering::MarkdownBrief] {
        let text = text(&report, rendering);
        assert!(text.len() <= MOST, "{} bytes", text.len());
        assert!(
            text.starts_with("### cargo perf: 300 benchmarks regressed"),
            "{}",
            &text[..80]
        );
        assert!(text.contains("more benchmarks left out; the JSON report has all of them"));
    }
}

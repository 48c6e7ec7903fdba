//! JUnit XML, which most CI systems show beside the tests: a suite for each bench target, a case for each benchmark.

use std::collections::BTreeMap;

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite};

use super::advice;
use super::budget::{all_told, word};
use super::model::{Report, Row};
use super::printable::{printable, printable_lines};
use super::quantity::{amount, percent_change};
use crate::compare::Verdict;

/// Renders the report. Times of cases are left out: what a benchmark measured is no duration of a test.
pub(super) fn render(report: &Report) -> String {
    let mut suites: BTreeMap<String, TestSuite> = BTreeMap::new();
    for row in &report.rows {
        let target = printable(&format!("{}/{}", row.id.package(), row.id.target()));
        let suite = suites.entry(target.clone());
        let suite = suite.or_insert_with(|| TestSuite::new(target));
        suite.add_test_case(case(row, report));
    }
    let mut document = Document::new("cargo-perf");
    document.add_test_suites(suites.into_values());
    // Written into memory, of strings that its types made fit for XML.
    document.to_string().unwrap_or_default()
}

fn case(row: &Row, report: &Report) -> TestCase {
    let mut status = status(row);
    if let Some(advice) = advice::recommendation(row, report.typed.as_deref())
        && !matches!(status, TestCaseStatus::Success { .. })
    {
        status.set_description(printable_lines(&format!("{}\n{advice}", row.reason)));
    }
    let mut case = TestCase::new(printable(row.id.name()), status);
    case.set_classname(printable(&format!(
        "{}::{}",
        row.id.package(),
        row.id.target()
    )));
    let lines: Vec<String> = row.figures.iter().map(figure).collect();
    if !lines.is_empty() {
        case.set_system_out(lines.join("\n"));
    }
    case
}

fn status(row: &Row) -> TestCaseStatus {
    let verdict = row.verdict.map_or("measured", Verdict::word);
    let mut status = match row.verdict {
        Some(Verdict::Failed) => TestCaseStatus::non_success(NonSuccessKind::Error),
        _ if row.fails => TestCaseStatus::non_success(NonSuccessKind::Failure),
        // No answer is no pass.
        Some(Verdict::CannotTell | Verdict::Incomparable | Verdict::Missing) => {
            TestCaseStatus::skipped()
        }
        _ => return TestCaseStatus::success(),
    };
    let over = all_told(row);
    let message = std::iter::once(row.reason.clone()).chain(over);
    let message: Vec<String> = message.filter(|text| !text.is_empty()).collect();
    status.set_type(word(row).unwrap_or(verdict));
    status.set_message(printable(&format!("{verdict}: {}", message.join("; "))));
    status
}

/// A metric in a line: `wall: 12.30 µs, +4.2 %, regressed`.
fn figure(figure: &super::Figure) -> String {
    let value = figure.value.map(|value| amount(value, &figure.unit));
    let change = figure.effect.map(|effect| percent_change(effect.ratio));
    let verdict = figure.verdict.map(|verdict| verdict.word().to_owned());
    let parts: Vec<String> = [value, change, verdict].into_iter().flatten().collect();
    printable(&format!("{}: {}", figure.metric, parts.join(", ")))
}

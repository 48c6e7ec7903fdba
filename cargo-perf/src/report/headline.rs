//! The answer in one sentence.

use super::budget::word;
use super::model::{Command, Report, Row};
use crate::compare::Verdict;
use crate::compare::expect::Met;

/// What came out, the worst first; `name` makes the name of a benchmark fit where the sentence stands.
pub(crate) fn headline(report: &Report, name: impl Fn(&str) -> String) -> String {
    let of = |verdict: Verdict| {
        let rows = report.rows.iter();
        rows.filter(move |row| row.verdict == Some(verdict))
    };
    // A run and a report show what changed, and fail by none of it.
    let counts = |row: &&Row| row.fails || report.command != Command::Compare;
    let names = |verdict: Verdict| -> Vec<String> {
        of(verdict)
            .filter(counts)
            .map(|row| name(&row.id.in_package()))
            .collect()
    };
    let mut parts = Vec::new();
    for (verdict, word) in [
        (Verdict::Failed, "failed"),
        (Verdict::Regressed, "regressed"),
        (Verdict::Missing, "missing"),
    ] {
        let names = names(verdict);
        match names.as_slice() {
            [] => {}
            [one] => parts.push(format!("{one} {word}")),
            many => parts.push(format!("{} benchmarks {word}", many.len())),
        }
    }
    for beyond in ["over budget", "under budget"] {
        let rows = report.rows.iter();
        let rows: Vec<&Row> = rows.filter(|row| word(row) == Some(beyond)).collect();
        match rows.as_slice() {
            [] => {}
            [one] => parts.push(format!("{} {beyond}", name(&one.id.in_package()))),
            many => parts.push(format!("{} benchmarks {beyond}", many.len())),
        }
    }
    match report.broken_sweeps() {
        0 => {}
        1 => parts.push("1 growth over budget".to_owned()),
        many => parts.push(format!("{many} growths over budget")),
    }
    parts.extend(claims(report, Met::No, "not met"));
    if !parts.is_empty() {
        return parts.join(", ");
    }
    if report.baseline.is_none() {
        return match report.command {
            Command::Run => measured(report.rows.len()),
            Command::Compare => "no baseline to compare with".to_owned(),
            Command::Report if report.rows.is_empty() => "nothing is recorded yet".to_owned(),
            Command::Report => format!(
                "{}, nothing earlier to compare with",
                measured(report.rows.len())
            ),
        };
    }
    // What was not compared is no comfort, and stands where it is seen.
    let open = [
        (Verdict::Regressed, "regressed and not grave enough to fail"),
        (Verdict::Missing, "missing, which is allowed"),
        (Verdict::CannotTell, "could not be told"),
        (Verdict::Incomparable, "could not be compared"),
        (Verdict::New, "new"),
        (Verdict::Layout, "slower by layout alone"),
        (Verdict::Tolerated, "tolerated"),
    ]
    .into_iter()
    .map(|(verdict, word)| (of(verdict).count(), word))
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| format!("{count} {word}"));
    let open: Vec<String> = open
        .chain(claims(report, Met::Open, "that cannot be told"))
        .collect();
    let is_lenient = of(Verdict::Regressed).next().is_some();
    if is_lenient {
        format!("nothing that fails, {}", open.join(", "))
    } else if open.is_empty() {
        "no regression".to_owned()
    } else {
        format!("no regression found, {}", open.join(", "))
    }
}

/// How many claims came out so.
pub(super) fn claims(report: &Report, standing: Met, words: &str) -> Option<String> {
    let outcomes = report.expectations.iter();
    match outcomes.filter(|out| out.standing == standing).count() {
        0 => None,
        1 => Some(format!("1 claim {words}")),
        many => Some(format!("{many} claims {words}")),
    }
}

/// How many benchmarks there are.
pub(super) fn measured(count: usize) -> String {
    format!(
        "{count} benchmark{} measured",
        if count == 1 { "" } else { "s" }
    )
}

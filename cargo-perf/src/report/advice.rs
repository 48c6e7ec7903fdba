//! What a verdict rests on and what to do about it, in sentences.

use std::collections::BTreeMap;

use super::method::Method;
use super::model::{Figure, Report, Row};
use super::quantity::percent_change;
use super::shell::quoted;
use crate::compare::Verdict;
use crate::compare::expect::Outcome;

/// So many benchmarks with one reason have it told once.
const REPEATED: usize = 3;

/// Shorter reasons may repeat.
const LONG: usize = 40;

/// So many names are told before the rest is counted.
const NAMED: usize = 3;

/// How a claim came out.
pub(super) fn claimed(outcome: &Outcome) -> String {
    format!(
        "{} was expected to be {}: {}",
        outcome.benchmark.in_package(),
        outcome.claim,
        outcome.standing.word()
    )
}

/// The reasons that are told once for many benchmarks, with how many they are of.
fn repeated(report: &Report) -> BTreeMap<&str, Vec<&Row>> {
    let mut rows: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in report.rows.iter().filter(|row| is_explained(row)) {
        if row.reason.chars().count() >= LONG {
            rows.entry(&row.reason).or_default().push(row);
        }
    }
    rows.retain(|_, rows| rows.len() >= REPEATED);
    rows
}

/// Those reasons as notes.
pub(super) fn folded(report: &Report) -> Vec<String> {
    let note = |(reason, rows): (&str, Vec<&Row>)| {
        let names = rows.iter().map(|row| row.id.in_package());
        let named: Vec<String> = names.take(NAMED).collect();
        let more = match rows.len() - named.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("{}{more}: {reason}", named.join(", "))
    };
    repeated(report).into_iter().map(note).collect()
}

/// Whether a note tells the row's reason.
pub(super) fn is_folded(row: &Row, report: &Report) -> bool {
    is_explained(row) && repeated(report).contains_key(row.reason.as_str())
}

/// Whether there is more to say of a row than its figures: something happened, or nobody knows.
pub(super) fn is_explained(row: &Row) -> bool {
    !matches!(row.verdict, None | Some(Verdict::Unchanged))
}

/// What a verdict rests on: `17 pairs of launches; a change of 1.2 % would be seen; 99.9 % sure`.
pub(super) fn basis(row: &Row) -> Option<String> {
    let figure = row.headline()?;
    let effect = figure.effect?;
    let mut parts: Vec<String> = vec![match row.method.and_then(Method::remark) {
        // The reason has told how many.
        Some(_) if row.reason.contains("pairs of launches") => "side by side".to_owned(),
        Some(how) => how,
        None => format!("{} launches", figure.launches),
    }];
    if !figure.exact {
        let least = 100.0 * effect.least_seen();
        parts.push(format!("a change of {least:.1} % would be seen"));
    }
    if let Some(certainty) = figure.assessed.and_then(|assessed| assessed.confidence) {
        parts.push(format!("{} sure", sure(certainty)));
    }
    Some(parts.join("; "))
}

/// A probability without claiming more than it says.
fn sure(certainty: f64) -> String {
    let percent = (certainty * 1000.0).floor() / 10.0;
    if certainty < 1.0 {
        format!("{:.1} %", percent.min(99.9))
    } else {
        "100 %".to_owned()
    }
}

/// What else moved, by which a cause is found.
pub(super) fn companions(row: &Row) -> Option<String> {
    let headline = row.headline()?;
    let moved = |figure: &&Figure| {
        figure.metric != headline.metric
            && !figure.exact
            && matches!(
                figure.verdict,
                Some(Verdict::Regressed | Verdict::Improved | Verdict::Tolerated)
            )
    };
    let told = row.figures.iter().filter(moved).filter_map(|figure| {
        let change = percent_change(figure.effect?.ratio);
        Some(format!("{} {change}", figure.metric))
    });
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| format!("with it {}", told.join(", ")))
}

/// What to do about a benchmark that became worse.
pub(super) fn recommendation(row: &Row, baseline: Option<&str>) -> Option<String> {
    if !matches!(row.verdict, Some(Verdict::Regressed)) {
        return match row.verdict? {
            Verdict::Failed => {
                Some("mend what makes it fail; nothing is known of the rest until then".to_owned())
            }
            Verdict::Missing => {
                Some("restore it, or say --allow-missing if it was removed on purpose".to_owned())
            }
            // The reason has told what would tell.
            Verdict::CannotTell if row.method == Some(Method::Searches) => None,
            Verdict::CannotTell if row.method.and_then(Method::pairs).is_some() => {
                Some("measure on a quieter machine, or for longer (not --quick)".to_owned())
            }
            Verdict::CannotTell => Some(
                "measure on a quieter machine, for longer (not --quick), or with --paired"
                    .to_owned(),
            ),
            _ => None,
        };
    }
    let baseline = baseline.map_or(String::new(), |name| {
        format!(" --baseline {}", quoted(name))
    });
    Some(format!(
        "{}; `cargo perf baseline accept {}{baseline} --reason …` if it is meant to be so",
        begin(row)?,
        quoted(&row.id.to_string())
    ))
}

/// The command that profiles a benchmark, by a profiler that draws what it found.
pub(super) fn profile(row: &Row) -> String {
    format!(
        "samply record cargo bench --package {} --bench {} -- --exact {}",
        quoted(row.id.package()),
        quoted(row.id.target()),
        quoted(row.id.name())
    )
}

/// Where to begin: what is counted exactly moves for a reason.
fn begin(row: &Row) -> Option<String> {
    let (name, metric) = (row.id.in_package(), &row.headline()?.metric);
    let counted = |is: fn(Verdict) -> bool| -> Vec<&str> {
        let figures = row.figures.iter().filter(|figure| figure.exact);
        figures
            .filter(|figure| figure.verdict.is_some_and(is))
            .map(|figure| figure.metric.as_str())
            .collect()
    };
    let worse = counted(|verdict| verdict == Verdict::Regressed);
    if !worse.is_empty() {
        return Some(format!(
            "begin with what is the same each time: {} of {name}",
            worse.join(", ")
        ));
    }
    let moved = counted(|verdict| matches!(verdict, Verdict::Improved | Verdict::Tolerated));
    let judged = counted(|_| true);
    let same = counted(|verdict| verdict == Verdict::Unchanged);
    let look = format!("look at what this change does to the {metric} of {name}");
    Some(if !moved.is_empty() {
        format!(
            "{look}: of what is counted exactly, {} moved with it",
            moved.join(", ")
        )
    } else if !judged.is_empty() && judged == same {
        format!("{look}: nothing that is counted exactly moved with it")
    } else {
        look
    })
}

/// One line for a list of alerts.
pub(super) fn summary(row: &Row) -> Option<String> {
    let verdict = row.verdict?;
    let figure = row.headline();
    let change = figure.and_then(|figure| {
        let ratio = figure.effect?.ratio;
        Some(format!(", {} {}", figure.metric, percent_change(ratio)))
    });
    Some(format!(
        "{} {}{}",
        row.id.in_package(),
        verdict.word(),
        change.unwrap_or_default()
    ))
}

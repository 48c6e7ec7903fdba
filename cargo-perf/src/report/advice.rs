//! What a verdict rests on and what to do about it, in sentences.

use std::collections::BTreeMap;

use perf_schema::metric::names;

use super::method::Method;
use super::model::{Figure, Report, Row};
use super::quantity::percent_change;
use super::shell::quoted;
use crate::compare::Verdict;
use crate::compare::expect::{Met, Outcome};

/// So many benchmarks with one reason have it told once.
const REPEATED: usize = 3;

/// Shorter reasons may repeat.
const LONG: usize = 40;

/// So many names are told before the rest is counted.
const NAMED: usize = 3;

/// How claims came out, what is not met first: those of one claim that came out alike are told at once.
pub(super) fn claimed(outcomes: &[Outcome]) -> Vec<String> {
    let alike = |a: &Outcome, b: &Outcome| a.claim == b.claim && a.standing == b.standing;
    let mut groups: Vec<Vec<&Outcome>> = Vec::new();
    for standing in [Met::No, Met::Open, Met::Yes] {
        for outcome in outcomes.iter().filter(|out| out.standing == standing) {
            match groups.iter_mut().find(|group| alike(group[0], outcome)) {
                Some(group) => group.push(outcome),
                None => groups.push(vec![outcome]),
            }
        }
    }
    let told = |group: Vec<&Outcome>| {
        let names = some_names(group.iter().map(|outcome| outcome.benchmark.in_package()));
        let was = if group.len() == 1 { "was" } else { "were" };
        let (claim, standing) = (group[0].claim, group[0].standing.word());
        format!("{names} {was} expected to be {claim}: {standing}")
    };
    groups.into_iter().map(told).collect()
}

/// A few of the names, and how many more there are.
fn some_names(names: impl ExactSizeIterator<Item = String>) -> String {
    let more = names.len().saturating_sub(NAMED);
    let named: Vec<String> = names.take(NAMED).collect();
    let more = match more {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", named.join(", "))
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
        let names = some_names(rows.iter().map(|row| row.id.in_package()));
        format!("{names}: {reason}")
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
    if !figure.exact && !row.reason.contains(LEAST_SEEN) {
        let least = 100.0 * effect.least_seen();
        parts.push(format!("a change of {least:.1} % would be seen"));
    }
    if let Some(certainty) = figure.assessed.and_then(|assessed| assessed.confidence) {
        parts.push(format!("{} sure", sure(certainty)));
    }
    Some(parts.join("; "))
}

/// With these words a reason of *cannot tell* says what the smallest change is that would have been seen.
const LEAST_SEEN: &str = "could not have been seen";

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
    let metric = match metric.as_str() {
        names::WALL => "time",
        other => other,
    };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::expect::Claim;

    fn outcome(name: &str, claim: Claim, standing: Met) -> Outcome {
        Outcome {
            benchmark: perf_schema::BenchId::new("p", "t", name).unwrap(),
            claim,
            standing,
        }
    }

    #[test]
    fn claims_that_came_out_alike_are_told_at_once_and_unmet_ones_first() {
        let faster = Claim::Faster(0.1);
        let outcomes = [
            outcome("a", faster, Met::Yes),
            outcome("b", Claim::Unchanged, Met::No),
            outcome("c", faster, Met::No),
            outcome("d", faster, Met::No),
            outcome("e", faster, Met::No),
            outcome("f", faster, Met::No),
        ];
        assert_eq!(
            claimed(&outcomes),
            [
                "t::b was expected to be unchanged: not met",
                "t::c, t::d, t::e and 1 more were expected to be faster:10%: not met",
                "t::a was expected to be faster:10%: met",
            ]
        );
        assert!(claimed(&[]).is_empty());
    }
}

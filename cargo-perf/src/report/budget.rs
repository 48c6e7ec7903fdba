//! Budgets and warnings in words: what a benchmark took or gave, beside what it may take or has to give.

use perf_schema::{BudgetKind, Unit};

use super::model::{Report, Row};
use super::quantity::quantity;
use crate::compare::{Held, Standing};

/// What there is to say of a row's budgets and warnings.
pub(super) fn all_told(row: &Row) -> impl Iterator<Item = String> {
    let budgets = row.budgets.iter().filter_map(told);
    budgets.chain(row.warnings.iter().filter_map(warning))
}

/// What a benchmark is that breaks a budget; `None` of one that breaks none. Above what it may take weighs more.
pub(super) fn word(row: &Row) -> Option<&'static str> {
    let broken = |held: &&Held| held.standing == Standing::Broken;
    let mut budgets = row.budgets.iter().filter(broken);
    let is_under = |held: &Held| held.kind == BudgetKind::AtLeast;
    match (row.breaks_a_budget(), row.grows_too_fast()) {
        (false, _) => None,
        (true, false) if budgets.all(is_under) => Some("under budget"),
        (true, _) => Some("over budget"),
    }
}

/// How many benchmarks and sweeps break a budget, by that word: `2 over budget`, `1 under budget`.
pub(super) fn counted(report: &Report) -> Vec<String> {
    let count = |wanted: &str| {
        let rows = report.rows.iter();
        rows.filter(|row| word(row) == Some(wanted)).count()
    };
    let over = count("over budget") + report.broken_sweeps();
    let both = [
        (over, "over budget"),
        (count("under budget"), "under budget"),
    ];
    let both = both.into_iter().filter(|(n, _)| *n > 0);
    both.map(|(n, word)| format!("{n} {word}")).collect()
}

/// What there is to say of a budget; nothing of one that was kept.
fn told(held: &Held) -> Option<String> {
    let Held { metric, limit, .. } = held;
    let (value, limit) = beside(held.value, *limit, held.unit.as_ref());
    let bound = match held.kind {
        BudgetKind::AtMost => "at most",
        BudgetKind::AtLeast => "at least",
    };
    match (held.standing, value) {
        (Standing::Kept, _) => None,
        (Standing::Broken, Some(value)) => Some(format!(
            "{}: {metric} {value}, {bound} {limit}",
            held.word()
        )),
        (Standing::Open, Some(value)) => Some(format!(
            "budget: {metric} {value}, {bound} {limit}: {}",
            held.reason
        )),
        (_, None) => Some(format!("budget: {metric} {bound} {limit}: {}", held.reason)),
    }
}

/// What there is to say of a warning; nothing where the benchmark stays within it, or too near to it to tell.
fn warning(held: &Held) -> Option<String> {
    let Held { metric, limit, .. } = held;
    let (value, limit) = beside(held.value, *limit, held.unit.as_ref());
    let beyond = match held.kind {
        BudgetKind::AtMost => "above",
        BudgetKind::AtLeast => "below",
    };
    match (held.standing, value) {
        (Standing::Broken, Some(value)) => {
            Some(format!("warning: {metric} {value}, {beyond} {limit}"))
        }
        (Standing::Broken | Standing::Open, None) => Some(format!(
            "warning: {metric} {beyond} {limit}: {}",
            held.reason
        )),
        _ => None,
    }
}

/// A value, if there is one, and what it is held against.
fn beside(value: Option<f64>, limit: f64, unit: Option<&Unit>) -> (Option<String>, String) {
    match (value, unit) {
        (Some(value), Some(unit)) => {
            let (value, limit) = pair(value, limit, unit);
            (Some(value), limit)
        }
        (None, Some(unit)) => (None, amount(limit, unit)),
        (_, None) => (None, format!("{limit}")),
    }
}

/// Two amounts that differ are shown so that they do: in the unit itself, where rounding would make them one.
fn pair(value: f64, limit: f64, unit: &Unit) -> (String, String) {
    let shown = (amount(value, unit), amount(limit, unit));
    if shown.0 != shown.1 {
        return shown;
    }
    let plain = |amount: f64| format!("{amount} {}", unit.as_str());
    (plain(value), plain(limit))
}

fn amount(value: f64, unit: &Unit) -> String {
    // A count of three is 3, and not 3.000.
    if *unit == Unit::COUNT && value.fract().abs() < f64::EPSILON && value < 1e6 {
        return format!("{value:.0}");
    }
    quantity(value, unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(metric: &str, unit: Unit, most: f64, value: Option<f64>, standing: Standing) -> Held {
        Held {
            metric: metric.to_owned(),
            unit: Some(unit),
            kind: BudgetKind::AtMost,
            limit: most,
            value,
            standing,
            reason: "because".to_owned(),
        }
    }

    #[test]
    fn a_budget_that_was_kept_is_not_spoken_of() {
        let kept = held("allocs", Unit::COUNT, 3.0, Some(2.0), Standing::Kept);
        assert_eq!(told(&kept), None);
    }

    #[test]
    fn a_warning_says_what_it_warns_of() {
        let text = |value, standing| warning(&held("allocs", Unit::COUNT, 3.0, value, standing));
        assert_eq!(
            text(Some(5.0), Standing::Broken).unwrap(),
            "warning: allocs 5, above 3"
        );
        assert_eq!(
            text(None, Standing::Broken).unwrap(),
            "warning: allocs above 3: because"
        );
        assert_eq!(text(Some(3.0), Standing::Kept), None);
        assert_eq!(text(Some(3.1), Standing::Open), None);
    }

    #[test]
    fn the_value_stands_beside_the_limit() {
        let text = |metric, unit, most, value, standing| {
            told(&held(metric, unit, most, value, standing)).unwrap()
        };
        assert_eq!(
            text("allocs", Unit::COUNT, 3.0, Some(5.0), Standing::Broken),
            "over budget: allocs 5, at most 3"
        );
        assert_eq!(
            text(
                "wall",
                Unit::NANOSECONDS,
                1e4,
                Some(12_300.0),
                Standing::Broken
            ),
            "over budget: wall 12.30 µs, at most 10.00 µs"
        );
        assert_eq!(
            text(
                "peak",
                Unit::BYTES,
                65536.0,
                Some(65537.0),
                Standing::Broken
            ),
            "over budget: peak 65537 B, at most 65536 B"
        );
        assert_eq!(
            text(
                "wall",
                Unit::NANOSECONDS,
                1e4,
                Some(10_100.0),
                Standing::Open
            ),
            "budget: wall 10.10 µs, at most 10.00 µs: because"
        );
        assert_eq!(
            text("peak", Unit::BYTES, 65536.0, None, Standing::Broken),
            "budget: peak at most 64.00 KiB: because"
        );
    }

    #[test]
    fn what_is_too_little_is_told_as_that() {
        let floor = |unit, least, value, standing| Held {
            kind: BudgetKind::AtLeast,
            ..held("bytes", unit, least, value, standing)
        };
        let rate = |value, standing| floor(Unit::BYTES_PER_SECOND, 104_857_600.0, value, standing);
        let under = rate(Some(52_428_800.0), Standing::Broken);
        assert_eq!(
            told(&under).unwrap(),
            "under budget: bytes 50.00 MiB/s, at least 100.0 MiB/s"
        );
        assert_eq!(
            warning(&under).unwrap(),
            "warning: bytes 50.00 MiB/s, below 100.0 MiB/s"
        );
        assert_eq!(
            told(&rate(None, Standing::Broken)).unwrap(),
            "budget: bytes at least 100.0 MiB/s: because"
        );
        let items = floor(Unit::ITEMS_PER_SECOND, 2e6, Some(1.5e6), Standing::Open);
        assert_eq!(
            told(&items).unwrap(),
            "budget: bytes 1.500 M items/s, at least 2.000 M items/s: because"
        );
    }
}

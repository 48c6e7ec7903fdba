//! Budgets and warnings in words: what a benchmark took, beside what it may take.

use perf_schema::Unit;

use super::model::Row;
use super::quantity::quantity;
use crate::compare::{Held, Standing};

/// What there is to say of a row's budgets and warnings.
pub(super) fn all_told(row: &Row) -> impl Iterator<Item = String> {
    let budgets = row.budgets.iter().filter_map(told);
    budgets.chain(row.warnings.iter().filter_map(warning))
}

/// What there is to say of a budget; nothing of one that was kept.
fn told(held: &Held) -> Option<String> {
    let Held { metric, most, .. } = held;
    let (value, most) = match (held.value, &held.unit) {
        (Some(value), Some(unit)) => {
            let (value, most) = pair(value, *most, unit);
            (Some(value), most)
        }
        (_, Some(unit)) => (None, amount(*most, unit)),
        (_, None) => (None, format!("{most}")),
    };
    match (held.standing, value) {
        (Standing::Kept, _) => None,
        (Standing::Broken, Some(value)) => {
            Some(format!("over budget: {metric} {value}, at most {most}"))
        }
        (Standing::Open, Some(value)) => Some(format!(
            "budget: {metric} {value}, at most {most}: {}",
            held.reason
        )),
        (_, None) => Some(format!("budget: {metric} at most {most}: {}", held.reason)),
    }
}

/// What there is to say of a warning; nothing where the benchmark stays below it, or too near to it to tell.
fn warning(held: &Held) -> Option<String> {
    let Held { metric, most, .. } = held;
    match (held.standing, held.value, &held.unit) {
        (Standing::Broken, Some(value), Some(unit)) => {
            let (value, most) = pair(value, *most, unit);
            Some(format!("warning: {metric} {value}, above {most}"))
        }
        (Standing::Broken | Standing::Open, None, unit) => {
            let most = unit
                .as_ref()
                .map_or(format!("{most}"), |unit| amount(*most, unit));
            Some(format!("warning: {metric} above {most}: {}", held.reason))
        }
        _ => None,
    }
}

/// Two amounts that differ are shown so that they do: in the unit itself, where rounding would make them one.
fn pair(value: f64, most: f64, unit: &Unit) -> (String, String) {
    let shown = (amount(value, unit), amount(most, unit));
    if shown.0 != shown.1 {
        return shown;
    }
    let plain = |amount: f64| format!("{amount} {}", unit.as_str());
    (plain(value), plain(most))
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
            most,
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
}

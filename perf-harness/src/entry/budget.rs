//! What a benchmark may take at most, and has to give at least, as its author says it.

use std::time::Duration;

use perf_schema::metric::{check_metric_name, is_reserved};
use perf_schema::{Amount, BudgetKind, Budgets, Unit, budget_meaning};

/// The most that an iteration may take, or the least that it has to give: a number in the metric's own unit, or a [`Duration`] for a metric that is a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    value: f64,
    is_time: bool,
}

impl From<Duration> for Limit {
    fn from(time: Duration) -> Self {
        Self {
            value: time.as_nanos() as f64,
            is_time: true,
        }
    }
}

impl From<f64> for Limit {
    fn from(value: f64) -> Self {
        Self {
            value,
            is_time: false,
        }
    }
}

impl From<i32> for Limit {
    fn from(value: i32) -> Self {
        Self::from(f64::from(value))
    }
}

impl From<u32> for Limit {
    fn from(value: u32) -> Self {
        Self::from(f64::from(value))
    }
}

impl From<u64> for Limit {
    fn from(value: u64) -> Self {
        Self::from(value as f64)
    }
}

impl From<usize> for Limit {
    fn from(value: usize) -> Self {
        Self::from(value as f64)
    }
}

/// The budgets of one kind, if they are in order.
///
/// # Errors
/// With what is wrong with one of them.
pub(super) fn budgets(kind: BudgetKind, declared: &[(String, Limit)]) -> Result<Budgets, String> {
    let mut budgets = Budgets::new();
    for (metric, limit) in declared {
        check_metric_name(metric).map_err(|error| error.to_string())?;
        let meaning = budget_meaning(metric);
        if is_reserved(metric) && meaning.is_none() {
            return Err(format!(
                "`{metric}` is shown and not judged, so it cannot have a budget"
            ));
        }
        if let Some(meaning) = &meaning {
            kind.check(metric, meaning.better)?;
        }
        let is_time = meaning.map(|meaning| meaning.unit == Unit::NANOSECONDS);
        match (is_time, limit.is_time) {
            (Some(true), false) => {
                return Err(format!(
                    "the budget for `{metric}` is a time: `Duration::from_micros(10)`, or \"10us\" in the attribute"
                ));
            }
            (Some(false) | None, true) => {
                return Err(format!(
                    "the budget for `{metric}` is a number in the unit of that metric, and no time"
                ));
            }
            _ => {}
        }
        let amount = Amount::new(limit.value).ok_or_else(|| {
            format!(
                "the budget for `{metric}` is {}: it must be a finite number from 0 up",
                limit.value
            )
        })?;
        if budgets.insert(metric.clone(), amount).is_some() {
            return Err(format!("it has two budgets for `{metric}`"));
        }
    }
    Ok(budgets)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(declared: &[(&str, Limit)]) -> Result<Budgets, String> {
        let declared: Vec<(String, Limit)> = declared
            .iter()
            .map(|(metric, limit)| ((*metric).to_owned(), *limit))
            .collect();
        budgets(BudgetKind::AtMost, &declared)
    }

    #[test]
    fn limits_come_in_the_unit_of_their_metric() {
        let budgets = of(&[
            ("allocs", 3.into()),
            ("peak", (64_usize * 1024).into()),
            ("wall", Duration::from_micros(10).into()),
            ("ratio", 0.5.into()),
        ]);
        let amount = |metric: &str| budgets.as_ref().unwrap()[metric].get();
        assert!((amount("allocs") - 3.0).abs() < 1e-9);
        assert!((amount("peak") - 65536.0).abs() < 1e-9);
        assert!((amount("wall") - 10_000.0).abs() < 1e-9);
        assert!((amount("ratio") - 0.5).abs() < 1e-9);
    }

    #[test]
    fn a_floor_is_of_what_is_better_the_more_there_is_of_it() {
        let floor = |metric: &str, limit: Limit| {
            budgets(BudgetKind::AtLeast, &[(metric.to_owned(), limit)])
        };
        for metric in ["ratio", "items", "bytes"] {
            let floors = floor(metric, 1000.into()).unwrap();
            assert!((floors[metric].get() - 1000.0).abs() < 1e-9);
            let wrong = floor(metric, Duration::from_secs(1).into()).unwrap_err();
            assert!(wrong.contains("is a number"), "{wrong}");
        }
        for (metric, limit) in [
            ("wall", Duration::from_secs(1).into()),
            ("allocs", 3.into()),
        ] {
            let wrong = floor(metric, limit).unwrap_err();
            assert!(wrong.contains("less of"), "{wrong}");
        }
        let wrong = of(&[("items", 1000.into())]).unwrap_err();
        assert!(wrong.contains("more of `items` is better"), "{wrong}");
    }

    #[test]
    fn a_limit_that_is_none_is_named() {
        for (declared, part) in [
            (&[("wall", Limit::from(10))][..], "`wall` is a time"),
            (&[("latency-p99", 10.into())], "`latency-p99` is a time"),
            (
                &[("allocs", Duration::from_secs(1).into())],
                "`allocs` is a number",
            ),
            (
                &[("ratio", Duration::from_secs(1).into())],
                "`ratio` is a number",
            ),
            (&[("allocs", (-1).into())], "`allocs` is -1"),
            (&[("ratio", f64::NAN.into())], "`ratio` is NaN"),
            (&[("ratio", f64::INFINITY.into())], "`ratio` is inf"),
            (&[("no name", 1.into())], "a metric's name"),
            (&[("peak", 1.into()), ("peak", 2.into())], "two budgets"),
        ] {
            let message = of(declared).unwrap_err();
            assert!(message.contains(part), "{message}");
        }
    }
}

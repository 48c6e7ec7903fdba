//! What a benchmark's author records of it: figures that only the author knows how to come by.

use std::cell::RefCell;
use std::collections::BTreeMap;

use perf_schema::metric::{check_metric_name, is_reserved};
use perf_schema::{Better, Meaning, MetricName, Observed, Unit};

/// The metrics of the author's own, in one launch.
#[derive(Debug, Default)]
pub(super) struct Recorded(RefCell<BTreeMap<MetricName, Observed>>);

/// A metric as its author states it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Statement<'a> {
    pub(super) name: &'a str,
    pub(super) value: f64,
    pub(super) unit: &'a str,
    pub(super) better: Better,
    pub(super) exact: bool,
}

impl Recorded {
    /// Takes a statement down.
    ///
    /// # Errors
    /// With what is wrong with it, for the author.
    pub(super) fn add(&self, statement: Statement<'_>) -> Result<(), String> {
        let Statement { name, value, .. } = statement;
        check_metric_name(name).map_err(|error| error.to_string())?;
        if is_reserved(name) {
            return Err(format!(
                "metric `{name}` is one that the harness itself measures: record it under another name"
            ));
        }
        if !value.is_finite() || value < 0.0 {
            return Err(format!(
                "metric `{name}` is {value}: what is recorded must be a finite number from 0 up"
            ));
        }
        let unit = Unit::new(statement.unit)
            .map_err(|error| format!("metric `{name}` has no proper unit: {error}"))?;
        let meaning = Meaning {
            unit,
            better: statement.better,
            exact: statement.exact,
        };
        let mut all = self.0.borrow_mut();
        if all.contains_key(name) {
            return Err(format!(
                "metric `{name}` is recorded twice: a launch has one value of each"
            ));
        }
        // 0.0 and -0.0 are one number, and are to be one text.
        let observed = Observed::once(meaning, value + 0.0);
        all.insert(name.to_owned(), observed);
        Ok(())
    }

    /// All of them.
    pub(super) fn all(&self) -> BTreeMap<MetricName, Observed> {
        self.0.borrow().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(value: f64) -> Statement<'static> {
        Statement {
            name: "ratio",
            value,
            unit: "1",
            better: Better::Higher,
            exact: true,
        }
    }

    #[test]
    fn a_statement_is_kept_as_it_was_made() {
        let recorded = Recorded::default();
        recorded.add(ratio(2.5)).unwrap();
        recorded
            .add(Statement {
                name: "requests.lost",
                value: -0.0,
                unit: "requests",
                better: Better::Lower,
                exact: false,
            })
            .unwrap();
        let meaning = |unit: &str, better, exact| Meaning {
            unit: Unit::new(unit).unwrap(),
            better,
            exact,
        };
        let expected = [
            (
                "ratio".to_owned(),
                Observed::once(meaning("1", Better::Higher, true), 2.5),
            ),
            (
                "requests.lost".to_owned(),
                Observed::once(meaning("requests", Better::Lower, false), 0.0),
            ),
        ];
        assert_eq!(recorded.all(), expected.into());
    }

    #[test]
    fn what_is_no_figure_is_refused_with_its_name() {
        let refusal = |statement| Recorded::default().add(statement).unwrap_err();
        for (value, shown) in [
            (f64::NAN, "NaN"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (-1.0, "-1"),
        ] {
            let message = refusal(ratio(value));
            assert!(
                message.contains(&format!("`ratio` is {shown}:")),
                "{message}"
            );
        }
        for name in ["wall", "cpu", "gauge", "peak-rss", "allocs"] {
            let message = refusal(Statement { name, ..ratio(1.0) });
            assert!(
                message.contains(&format!("`{name}`")) && message.contains("another name"),
                "{message}"
            );
        }
        for name in [
            "",
            "two words",
            "a\nb",
            "a_b",
            "größe",
            "-a",
            "a-name-that-is-longer-than-any-column-or-command-line-could-ever-bear",
        ] {
            let message = refusal(Statement { name, ..ratio(1.0) });
            assert!(message.contains("a metric's name"), "{message}");
        }
        for unit in ["", " ", "a\nb", "far too long for a column of units"] {
            let message = refusal(Statement { unit, ..ratio(1.0) });
            assert!(
                message.contains("`ratio`") && message.contains("unit"),
                "{message}"
            );
        }
    }

    #[test]
    fn a_launch_has_one_value_of_each() {
        let recorded = Recorded::default();
        recorded.add(ratio(1.0)).unwrap();
        let message = recorded.add(ratio(1.0)).unwrap_err();
        assert!(message.contains("`ratio` is recorded twice"), "{message}");
    }
}

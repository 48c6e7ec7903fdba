//! What a project wants to be told: `wall > 2ms`, of which benchmarks, for how many runs, how grave.

use std::fmt;

use perf_schema::MetricName;
use perf_schema::metric::names;

use crate::compare::Severity;
use crate::compare::rules::{Selector, amount, plain_number};

/// What a check is held to besides the rules of a comparison.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlertTerms {
    /// The relative change for the worse beyond which a regression is an alert, whatever its severity; 0.15 for 15 %.
    pub threshold: Option<f64>,
    /// The least severity of an alert that fails.
    pub fail_on: Option<Severity>,
    /// What is watched.
    pub rules: Vec<AlertRule>,
}

impl AlertTerms {
    /// Beyond which change for the worse a regression fails, 15 % where nothing is said.
    #[must_use]
    pub fn threshold(&self) -> f64 {
        self.threshold.unwrap_or(0.15)
    }

    /// From which severity on rules, reliability and health fail, `high` where nothing is said.
    #[must_use]
    pub fn fail_on(&self) -> Severity {
        self.fail_on.unwrap_or(Severity::High)
    }
}

/// Something that is watched.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertRule {
    /// Of which benchmarks.
    pub select: Selector,
    /// When it comes true.
    pub condition: Condition,
    /// How many of the newest commits in a row it has to be true of; at least 1.
    pub runs: usize,
    /// How grave that is.
    pub severity: Severity,
    /// What to say.
    pub message: Option<String>,
}

/// A metric on one side of a limit.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    metric: MetricName,
    operator: Operator,
    limit: f64,
    text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Above,
    AtLeast,
    Below,
    AtMost,
}

impl Condition {
    /// Reads `METRIC OPERATOR LIMIT`: the operator is `>`, `>=`, `<` or `<=`, the limit is written as budgets are.
    ///
    /// # Errors
    /// When it is not written so.
    pub fn new(text: &str) -> Result<Self, String> {
        let wrong = || {
            "write it as METRIC OPERATOR LIMIT: \"wall > 2ms\", \"allocs >= 10\", \"limit < 1000\""
                .to_owned()
        };
        let at = text.find(['<', '>']).ok_or_else(wrong)?;
        let (metric, rest) = text.split_at(at);
        let operators = [
            (">=", Operator::AtLeast),
            ("<=", Operator::AtMost),
            (">", Operator::Above),
            ("<", Operator::Below),
        ];
        let mut found = operators.into_iter();
        let (limit, operator) = found
            .find_map(|(sign, operator)| Some((rest.strip_prefix(sign)?, operator)))
            .ok_or_else(wrong)?;
        let metric = metric.trim();
        Ok(Self {
            limit: limit_of(metric, limit.trim())?,
            metric: metric.to_owned(),
            operator,
            text: text.trim().to_owned(),
        })
    }

    /// The metric it is of.
    #[must_use]
    pub fn metric(&self) -> &str {
        &self.metric
    }

    /// Whether a value, in the unit of records, is on that side.
    #[must_use]
    pub fn holds(&self, value: f64) -> bool {
        match self.operator {
            Operator::Above => value > self.limit,
            Operator::AtLeast => value >= self.limit,
            Operator::Below => value < self.limit,
            Operator::AtMost => value <= self.limit,
        }
    }
}

/// A limit as it is written. Largest passing levels have no budget, and are watched all the same.
fn limit_of(metric: &str, text: &str) -> Result<f64, String> {
    if metric == names::LIMIT {
        return plain_number(text).ok_or_else(|| format!("`{metric}` is a number: 1000"));
    }
    if matches!(metric, names::ITEMS | names::BYTES) {
        return Err(format!(
            "`{metric}` is not kept from run to run, as it follows from the time: watch `wall`, or give it a budget"
        ));
    }
    Ok(amount(metric, text)?.get())
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_a_metric_on_one_side_of_a_limit() {
        for (text, metric, inside, outside) in [
            ("wall > 2ms", "wall", 2_000_001.0, 2e6),
            ("wall>=2ms", "wall", 2e6, 1_999_999.0),
            (" limit < 1000 ", "limit", 999.0, 1000.0),
            ("peak <= 64KiB", "peak", 65_536.0, 65_537.0),
            ("ratio > 0.5", "ratio", 0.6, 0.5),
        ] {
            let condition = Condition::new(text).unwrap();
            assert_eq!(condition.metric(), metric);
            assert!(
                condition.holds(inside) && !condition.holds(outside),
                "{text}"
            );
            assert_eq!(condition.to_string(), text.trim());
        }
    }

    #[test]
    fn what_is_none_says_what_one_is() {
        for (text, part) in [
            ("", "METRIC OPERATOR LIMIT"),
            ("wall = 2ms", "METRIC OPERATOR LIMIT"),
            ("wall > ", "is a time"),
            ("wall > 2", "is a time"),
            ("wall >> 2ms", "is a time"),
            ("wall >= = 2ms", "is a time"),
            ("> 2ms", "metric"),
            ("allocs > -1", "is a number"),
            ("minor-faults > 3", "cannot have"),
        ] {
            let message = Condition::new(text).unwrap_err();
            assert!(message.contains(part), "{text:?}: {message}");
        }
    }
}

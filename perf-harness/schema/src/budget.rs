//! Budgets: what a benchmark may take at most, whatever it took before.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};

use crate::MetricName;

/// The most of each metric that an iteration may take.
pub type Budgets = BTreeMap<MetricName, Amount>;

/// So much of a metric, in the metric's own unit. Finite and not negative.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Deserialize)]
#[serde(try_from = "f64")]
pub struct Amount(f64);

/// Equality is that of numbers: there is no NaN among them.
impl Eq for Amount {}

impl Amount {
    /// `None` unless `value` is finite and not negative.
    #[must_use]
    pub fn new(value: f64) -> Option<Self> {
        // 0.0 and -0.0 are one number, and are to be one text.
        (value.is_finite() && value >= 0.0).then_some(Self(value + 0.0))
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Amount {
    type Error = &'static str;

    fn try_from(value: f64) -> Result<Self, Self::Error> {
        Self::new(value).ok_or("an amount is a finite number from 0 up")
    }
}

impl Serialize for Amount {
    /// Whole numbers without a decimal point: a budget of 3 reads `3` in a record.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if self.0.fract() > 0.0 || self.0 >= EXACT {
            return serializer.serialize_f64(self.0);
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole, not negative, and below 2^53"
        )]
        let whole = self.0 as u64;
        serializer.serialize_u64(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_written_as_one_would_write_it() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (3.0, "3"),
            (65536.0, "65536"),
            (0.5, "0.5"),
            (1e20, "1e+20"),
        ] {
            let amount = Amount::new(value).unwrap();
            assert_eq!(serde_json::to_string(&amount).unwrap(), text);
            assert_eq!(serde_json::from_str::<Amount>(text).unwrap(), amount);
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for value in [f64::NAN, f64::INFINITY, -1.0] {
            assert_eq!(Amount::new(value), None);
        }
        assert!(serde_json::from_str::<Amount>("-1").is_err());
        assert!(serde_json::from_str::<Amount>("\"3\"").is_err());
    }
}

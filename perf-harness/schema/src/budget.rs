//! Budgets: what a benchmark may take at most, and what it has to give at least, whatever it did before.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};

use crate::metric::{meaning_of, names};
use crate::{Better, Meaning, MetricName, Unit};

/// The most of each metric that an iteration may take, or the least that it has to give.
pub type Budgets = BTreeMap<MetricName, Amount>;

/// Which way a budget holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BudgetKind {
    /// So much at most, of what is the better the less there is of it.
    AtMost,
    /// So much at least, of what is the better the more there is of it.
    AtLeast,
}

impl BudgetKind {
    /// The way that a budget of a metric holds, by the direction that is good; `None` where there is none.
    #[must_use]
    pub const fn of(better: Better) -> Option<Self> {
        match better {
            Better::Lower => Some(Self::AtMost),
            Better::Higher => Some(Self::AtLeast),
            Better::Neither => None,
        }
    }

    /// What is wrong with such a budget of a metric whose good direction is `better`, if anything is. What has none may
    /// have both.
    ///
    /// # Errors
    /// With what to write instead, if a budget of this kind lets pass what is bad and stops what is good.
    pub fn check(self, metric: &str, better: Better) -> Result<(), String> {
        match (self, Self::of(better)) {
            (Self::AtMost, Some(Self::AtLeast)) => Err(format!(
                "more of `{metric}` is better, so its budget is the least there has to be: `{metric} >= …` in the attribute, `at_least`, or `min`"
            )),
            (Self::AtLeast, Some(Self::AtMost)) => Err(format!(
                "less of `{metric}` is better, so its budget is the most there may be: `{metric} <= …` in the attribute, `at_most`, or `max`"
            )),
            _ => Ok(()),
        }
    }

    /// Whether a budget of `one` asks for more than one of `other`.
    #[must_use]
    pub fn is_stricter(self, one: Amount, other: Amount) -> bool {
        match self {
            Self::AtMost => one < other,
            Self::AtLeast => one > other,
        }
    }
}

/// What a budget of this metric is counted in, if that is known before it is seen: of the harness's own metrics, and of what is
/// worked through in a second, which follows from the time.
#[must_use]
pub fn budget_meaning(metric: &str) -> Option<Meaning> {
    let rate = |unit| Meaning {
        unit,
        better: Better::Higher,
        exact: false,
    };
    match metric {
        names::ITEMS => Some(rate(Unit::ITEMS_PER_SECOND)),
        names::BYTES => Some(rate(Unit::BYTES_PER_SECOND)),
        _ => meaning_of(metric),
    }
}

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

/// A budget of a metric that was not measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmeasured {
    /// Whether that leaves it open. Otherwise it counts as broken: nobody may take it for kept.
    pub is_open: bool,
    /// Why it was not measured, as far as that is known.
    pub why: String,
}

/// What a budget comes to whose metric was not measured, for the reason that was recorded, if one was.
///
/// Only where no better can be asked for, with what is noisy, and with what is only taken on request, it is left open.
#[must_use]
pub fn unmeasured(metric: &str, reason: Option<&str>) -> Unmeasured {
    let on_request = metric == names::INSTRUCTIONS_VALGRIND;
    let noisy = meaning_of(metric).is_some_and(|meaning| !meaning.exact);
    let why = match reason {
        Some(reason) => reason,
        None if matches!(metric, names::ITEMS | names::BYTES) => {
            "nobody said how many an iteration works through, with `items` or `bytes` of `Bench`"
        }
        None if on_request => "ask `cargo perf` for it with --metric instructions",
        None => {
            "nothing recorded it; the harness itself knows wall, cpu, allocs, alloc-bytes, peak, peak-rss and instructions"
        }
    };
    Unmeasured {
        is_open: noisy || on_request,
        why: why.to_owned(),
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

    #[test]
    fn a_budget_goes_the_way_that_is_good() {
        use BudgetKind::{AtLeast, AtMost};
        for (kind, better, part) in [
            (AtMost, Better::Lower, None),
            (AtLeast, Better::Higher, None),
            (AtMost, Better::Neither, None),
            (AtLeast, Better::Neither, None),
            (AtMost, Better::Higher, Some("`x >= …`")),
            (AtLeast, Better::Lower, Some("`x <= …`")),
        ] {
            match (kind.check("x", better), part) {
                (Ok(()), None) => {}
                (Err(why), Some(part)) => assert!(why.contains(part), "{why}"),
                (answer, _) => panic!("{kind:?} {better:?}: {answer:?}"),
            }
        }
    }

    #[test]
    fn the_stricter_of_two_is_the_smaller_ceiling_and_the_higher_floor() {
        let amount = |value| Amount::new(value).unwrap();
        assert!(BudgetKind::AtMost.is_stricter(amount(1.0), amount(2.0)));
        assert!(BudgetKind::AtLeast.is_stricter(amount(2.0), amount(1.0)));
        for kind in [BudgetKind::AtMost, BudgetKind::AtLeast] {
            assert!(!kind.is_stricter(amount(1.0), amount(1.0)));
        }
    }

    #[test]
    fn what_was_not_measured_is_open_only_where_no_better_can_be_asked_for() {
        assert!(unmeasured("wall", None).is_open && unmeasured("peak-rss", None).is_open);
        assert!(!unmeasured("allocs", None).is_open && !unmeasured("alocs", None).is_open);
        let counted = unmeasured("instructions-valgrind", None);
        assert!(counted.is_open && counted.why.contains("--metric instructions"));
        assert_eq!(
            unmeasured("peak", Some("nobody counts")).why,
            "nobody counts"
        );
    }
}

//! Growth in words and for programs: the exponent, the laws that it can be, and what became of a promise.

use perf_stats::{Growth, LARGEST_EXPONENT, Law};
use serde::Serialize;

use crate::compare::{Grown, Promise, Standing};

/// More laws than this are no answer.
const MOST_LAWS: usize = 3;

/// The exponent with its interval, and the laws: `n^1.02 (0.98…1.06), n or n log n`.
#[must_use]
pub fn law(growth: &Growth) -> String {
    let exponent = &growth.exponent;
    let high = if exponent.high < LARGEST_EXPONENT {
        hundredths(exponent.high)
    } else {
        "∞".to_owned()
    };
    format!(
        "n^{} ({}…{high}), {}",
        hundredths(exponent.value),
        hundredths(exponent.low),
        laws(&growth.laws)
    )
}

/// Two decimals, and no minus before a zero.
fn hundredths(value: f64) -> String {
    format!("{:.2}", (value * 100.0).round() / 100.0 + 0.0)
}

fn laws(laws: &[Law]) -> String {
    let names: Vec<&str> = laws.iter().map(|law| law.name()).collect();
    match names.as_slice() {
        [] => "between two laws".to_owned(),
        [one] => (*one).to_owned(),
        many if many.len() > MOST_LAWS => "the law cannot be told".to_owned(),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
    }
}

/// How a limit grows, as the list of limits tells it.
pub(super) fn remark(grown: &Grown) -> String {
    let grows = match &grown.growth {
        Ok(growth) => format!("time grows as {}", law(growth)),
        Err(reason) => format!("growth: {reason}"),
    };
    match &grown.promise {
        None => grows,
        Some(Promise { law, standing, .. }) => {
            let became = match standing {
                Standing::Kept => "kept",
                Standing::Open => "cannot be told",
                Standing::Broken => "broken",
            };
            format!("{grows}; promised {law}: {became}")
        }
    }
}

/// What there is to say of a promise; nothing of one that was kept.
pub(super) fn told(grown: &Grown) -> Option<String> {
    let Promise {
        law: promised,
        standing,
        reason,
    } = grown.promise.as_ref()?;
    let grows = grown.growth.as_ref().map(law).unwrap_or_default();
    let why = reason.as_deref().unwrap_or_default();
    match standing {
        Standing::Kept => None,
        Standing::Broken => Some(format!(
            "over budget: time grows as {grows}, promised {promised}"
        )),
        Standing::Open if grows.is_empty() => Some(format!("growth: promised {promised}: {why}")),
        Standing::Open => Some(format!("growth: {grows}, promised {promised}: {why}")),
    }
}

/// A growth for programs.
#[derive(Serialize)]
pub(super) struct GrowthFigures {
    exponent: f64,
    low: f64,
    /// `null` where there is no upper end.
    high: Option<f64>,
    confidence: f64,
    /// The laws that the levels cannot tell apart; empty where it is between two.
    laws: Vec<&'static str>,
    best: &'static str,
    /// How far times scatter about that one, as a fraction.
    scatter: f64,
}

/// A promise for programs.
#[derive(Serialize)]
pub(super) struct PromiseFigures<'a> {
    law: &'a str,
    /// `kept`, `cannot tell` or `broken`.
    standing: &'static str,
    reason: Option<&'a str>,
}

/// The growth, where it could be told.
pub(super) fn figures(grown: &Grown) -> Option<GrowthFigures> {
    let growth = grown.growth.as_ref().ok()?;
    let exponent = &growth.exponent;
    Some(GrowthFigures {
        exponent: exponent.value,
        low: exponent.low,
        high: Some(exponent.high).filter(|&high| high < LARGEST_EXPONENT),
        confidence: exponent.confidence.level(),
        laws: growth.laws.iter().map(|law| law.name()).collect(),
        best: growth.best.name(),
        scatter: growth.scatter,
    })
}

/// The promise, where there is one.
pub(super) fn promised(grown: &Grown) -> Option<PromiseFigures<'_>> {
    let promise = grown.promise.as_ref()?;
    Some(PromiseFigures {
        law: &promise.law,
        standing: match promise.standing {
            Standing::Kept => "kept",
            Standing::Open => "cannot tell",
            Standing::Broken => "broken",
        },
        reason: promise.reason.as_deref(),
    })
}

#[cfg(test)]
mod tests {
    use perf_stats::{Confidence, Estimate};

    use super::*;

    fn growth(value: f64, low: f64, high: f64, laws: &[Law]) -> Growth {
        Growth {
            exponent: Estimate {
                value,
                low,
                high,
                confidence: Confidence::P99,
            },
            laws: laws.to_vec(),
            best: Law::Linear,
            scatter: 0.02,
        }
    }

    fn grown(standing: Standing, reason: Option<&str>) -> Grown {
        Grown {
            growth: Ok(growth(2.0, 1.98, 2.03, &[Law::Quadratic])),
            promise: Some(Promise {
                law: "n log n".to_owned(),
                standing,
                reason: reason.map(str::to_owned),
            }),
        }
    }

    #[test]
    fn a_growth_is_told_with_its_doubt() {
        let told = |value, low, high, laws: &[Law]| law(&growth(value, low, high, laws));
        assert_eq!(
            told(1.02, 0.98, 1.06, &[Law::Linear, Law::Linearithmic]),
            "n^1.02 (0.98…1.06), n or n log n"
        );
        assert_eq!(
            told(0.0, -0.001, 0.01, &[Law::Constant]),
            "n^0.00 (0.00…0.01), 1"
        );
        assert_eq!(
            told(1.5, 1.4, 1.6, &[]),
            "n^1.50 (1.40…1.60), between two laws"
        );
        assert_eq!(
            told(1.0, 0.0, 16.0, &Law::ALL),
            "n^1.00 (0.00…∞), the law cannot be told"
        );
    }

    #[test]
    fn a_promise_that_was_kept_is_told_in_the_list_only() {
        let kept = grown(Standing::Kept, None);
        assert_eq!(told(&kept), None);
        assert_eq!(
            remark(&kept),
            "time grows as n^2.00 (1.98…2.03), n²; promised n log n: kept"
        );
    }

    #[test]
    fn a_promise_that_was_not_kept_is_told_with_the_growth() {
        assert_eq!(
            told(&grown(Standing::Broken, None)).unwrap(),
            "over budget: time grows as n^2.00 (1.98…2.03), n², promised n log n"
        );
        assert_eq!(
            told(&grown(Standing::Open, Some("because"))).unwrap(),
            "growth: n^2.00 (1.98…2.03), n², promised n log n: because"
        );
        let unknown = Grown {
            growth: Err("because".to_owned()),
            ..grown(Standing::Open, Some("because"))
        };
        assert_eq!(told(&unknown).unwrap(), "growth: promised n log n: because");
        assert_eq!(
            remark(&unknown),
            "growth: because; promised n log n: cannot be told"
        );
    }
}

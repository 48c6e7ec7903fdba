//! How the single calls of a body are distributed, for benchmarks that ask for it.

use std::collections::BTreeMap;

use perf_schema::metric::names;
use perf_schema::{Better, Meaning, MetricName, Observed, Unit};

use crate::measure::{Batch, Clock, LIMIT_NS, Meter, Quantile, Tally, pair_ns};

/// What is told, and how many calls it takes.
const QUANTILES: [(&str, Quantile); 5] = [
    (names::LATENCY_P50, quantile(0.5, 2)),
    (names::LATENCY_P90, quantile(0.9, 10)),
    (names::LATENCY_P99, quantile(0.99, 100)),
    (names::LATENCY_P99_9, quantile(0.999, 1000)),
    (names::LATENCY_MAX, quantile(1.0, 1)),
];

const fn quantile(share: f64, least: u64) -> Quantile {
    Quantile { share, least }
}

/// Runs `body` call by call and says how long the calls took.
pub(crate) fn of(body: &mut dyn Batch, clock: Clock) -> BTreeMap<MetricName, Observed> {
    let Some(mut tally) = Tally::new(clock) else {
        return BTreeMap::new();
    };
    body.each(Meter::of_wall(clock), &mut tally);
    let mut metrics: BTreeMap<MetricName, Observed> = QUANTILES
        .iter()
        .map(|(name, quantile)| ((*name).to_owned(), told(&tally, *quantile)))
        .collect();
    metrics.insert(names::LATENCY_CLOCK.to_owned(), context(pair_ns(clock)));
    metrics
}

fn told(tally: &Tally, quantile: Quantile) -> Observed {
    match tally.quantile(quantile) {
        Some(ns) => Observed::noisy(Unit::NANOSECONDS, ns as f64),
        None => Observed::Absent {
            reason: format!(
                "it needs {} calls, and a launch made {} in {} ms",
                quantile.least,
                tally.calls(),
                LIMIT_NS / 1_000_000
            ),
        },
    }
}

/// It is not subtracted: the reads' cost varies as everything does, and a difference of two distributions is none.
fn context(ns: u64) -> Observed {
    Observed::Value {
        meaning: Meaning {
            unit: Unit::NANOSECONDS,
            better: Better::Neither,
            exact: false,
        },
        values: vec![ns as f64],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Plain;
    use crate::scripted::{alone, spend};

    #[test]
    fn what_too_few_calls_cannot_tell_is_absent_with_the_reason() {
        let _turn = alone();
        let mut body = Plain::new(|| spend(1_000_000));
        let metrics = of(&mut body, Clock::Scripted);
        assert_eq!(metrics.len(), 6);
        let absent = |name: &str| match &metrics[name] {
            Observed::Absent { reason } => reason.clone(),
            Observed::Value { .. } => String::new(),
        };
        assert_eq!(
            absent(names::LATENCY_P99),
            "it needs 100 calls, and a launch made 50 in 50 ms"
        );
        assert!(absent(names::LATENCY_P99_9).contains("needs 1000 calls"));
        for name in [names::LATENCY_P50, names::LATENCY_P90, names::LATENCY_MAX] {
            let Observed::Value { meaning, values } = &metrics[name] else {
                panic!("{name} is there");
            };
            assert_eq!((meaning.better, meaning.exact), (Better::Lower, false));
            assert!(
                matches!(values[..], [value] if (1e6..1.001e6).contains(&value)),
                "{name} {values:?}"
            );
        }
        assert_eq!(metrics[names::LATENCY_CLOCK], context(0));
    }
}

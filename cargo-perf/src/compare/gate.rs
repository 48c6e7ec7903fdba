//! Gates: what a benchmark's author lets pass. A change is judged as any other, and then it is asked whether anybody is to
//! be stopped by it.

use std::collections::BTreeMap;

use perf_schema::{BenchId, Gate};

use super::severity::{Worsening, is_beyond};
use super::verdict::{Comparison, MetricVerdict};

/// The gates of those benchmarks that have one.
pub type Gates = BTreeMap<BenchId, Gate>;

impl Comparison {
    /// Lets through what the gates let pass: a regression becomes *tolerated*.
    pub fn gate(&mut self, gates: &Gates) {
        self.excuse(|id, metric| {
            let gate = gates.get(id)?;
            lets_pass(*gate, metric).then(|| reason(*gate))
        });
    }
}

/// Whether a change is not surely larger than the gate lets be, counted as the thresholds are. No percentage applies to what
/// is exact.
fn lets_pass(gate: Gate, metric: &MetricVerdict) -> bool {
    let Some(floor) = gate.floor() else {
        return true;
    };
    let Some(effect) = metric.effect.as_ref().filter(|_| !metric.exact) else {
        return false;
    };
    !is_beyond(Worsening::of(Some(effect), metric.better).surely, floor)
}

fn reason(gate: Gate) -> String {
    match gate {
        Gate::Never => "its gate is `never`: it is looked at and stops nobody".to_owned(),
        Gate::Beyond(_) => format!("not surely beyond its gate of {gate}"),
    }
}

#[cfg(test)]
mod tests {
    use perf_schema::{Better, Corrected, Ratio, Unit};

    use super::super::verdict::{Effect, Judged, Verdict};
    use super::*;

    fn metric(name: &str, better: Better, [low, ratio, high]: [f64; 3]) -> MetricVerdict {
        let ratio_of = |value| Ratio::new(value).unwrap();
        MetricVerdict {
            metric: name.to_owned(),
            unit: Unit::NANOSECONDS,
            better,
            exact: name == "allocs",
            baseline: Some(Corrected::About(100.0)),
            candidate: Some(Corrected::About(100.0 * ratio)),
            effect: Some(Effect {
                ratio: ratio_of(ratio),
                low: ratio_of(low),
                high: ratio_of(high),
                confidence: 0.99,
                p_worse: 0.0,
                p_better: 1.0,
                smallest_detectable: ratio_of(1.05),
            }),
            verdict: Verdict::Regressed,
            reason: "worse".to_owned(),
            suspected: true,
            sessions: None,
        }
    }

    fn gated(gate: &str, metrics: Vec<MetricVerdict>) -> Judged {
        let id = BenchId::new("p", "t", "f").unwrap();
        let mut comparison = Comparison {
            benchmarks: vec![Judged {
                id: id.clone(),
                metrics,
                verdict: Verdict::Regressed,
                reason: "worse".to_owned(),
            }],
        };
        comparison.gate(&[(id, gate.parse().unwrap())].into());
        comparison.benchmarks.remove(0)
    }

    #[test]
    fn a_change_has_to_lie_beyond_the_gate_with_its_whole_interval() {
        let wall = |gate, interval| gated(gate, vec![metric("wall", Better::Lower, interval)]);
        assert_eq!(wall("5%", [1.06, 1.1, 1.14]).verdict, Verdict::Regressed);
        let within = wall("5%", [1.04, 1.1, 1.16]);
        assert_eq!(within.verdict, Verdict::Tolerated);
        assert_eq!(within.reason, "not surely beyond its gate of 5%");
        assert!(!within.metrics[0].suspected);
        assert_eq!(wall("never", [3.0, 3.1, 3.2]).verdict, Verdict::Tolerated);
    }

    #[test]
    fn where_more_is_better_the_gate_lies_below() {
        let rate = |interval| gated("5%", vec![metric("rate", Better::Higher, interval)]);
        assert_eq!(rate([0.8, 0.85, 0.9]).verdict, Verdict::Regressed);
        assert_eq!(rate([0.9, 0.94, 0.97]).verdict, Verdict::Tolerated);
        // Five per cent of the baseline, as for thresholds and floors.
        assert_eq!(rate([0.9, 0.93, 0.951]).verdict, Verdict::Tolerated);
        assert_eq!(rate([0.9, 0.93, 0.949]).verdict, Verdict::Regressed);
    }

    #[test]
    fn what_should_be_the_same_each_time_and_is_not_is_exact_all_the_same() {
        // Its interval makes it an estimate; nobody who allows for noise means to allow for one allocation more.
        let varying = vec![metric("allocs", Better::Lower, [1.01, 1.02, 1.03])];
        assert_eq!(gated("5%", varying).verdict, Verdict::Regressed);
    }

    #[test]
    fn no_percentage_applies_to_what_is_exact() {
        let both = || {
            vec![
                metric("wall", Better::Lower, [1.01, 1.02, 1.03]),
                metric("allocs", Better::Lower, [1.02, 1.02, 1.02]),
            ]
        };
        let judged = gated("5%", both());
        assert_eq!(judged.verdict, Verdict::Regressed);
        assert_eq!(judged.metrics[0].verdict, Verdict::Tolerated);
        assert_eq!(judged.metrics[1].verdict, Verdict::Regressed);
        assert_eq!(gated("never", both()).verdict, Verdict::Tolerated);
    }
}

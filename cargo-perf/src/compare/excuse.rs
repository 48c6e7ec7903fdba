//! What is let pass: a regression becomes *tolerated*, and says why. Nothing else changes: it is shown with its figures.

use perf_schema::{BenchId, Better};

use super::rules::{Rules, Standard};
use super::severity::{Worsening, is_beyond};
use super::verdict::{Comparison, Judged, MetricVerdict, Verdict};

impl Comparison {
    /// Lets pass what `why` gives a reason for, metric by metric.
    pub fn excuse(&mut self, why: impl Fn(&BenchId, &MetricVerdict) -> Option<String>) {
        for judged in &mut self.benchmarks {
            let id = judged.id.clone();
            judged.excuse(|metric| why(&id, metric));
        }
    }

    /// Lets pass what the rules ignore, and what is not surely beyond their floor.
    pub fn apply(&mut self, rules: &Rules) {
        self.excuse(|id, metric| rules.standard_of(id, metric).excuses(metric));
    }
}

impl Judged {
    pub(super) fn excuse(&mut self, why: impl Fn(&MetricVerdict) -> Option<String>) {
        let mut first = None;
        for metric in &mut self.metrics {
            let Some(reason) = why(metric) else {
                continue;
            };
            // There is nothing to be sure of in what stops nobody.
            metric.suspected = false;
            if metric.verdict == Verdict::Regressed {
                metric.verdict = Verdict::Tolerated;
                metric.reason.clone_from(&reason);
                first.get_or_insert(reason);
            }
        }
        if self.verdict != Verdict::Regressed {
            return;
        }
        let mut metrics = self.metrics.iter();
        let left = metrics.find(|metric| metric.verdict == Verdict::Regressed);
        if let Some(metric) = left {
            self.reason.clone_from(&metric.reason);
        } else if let Some(reason) = first {
            (self.verdict, self.reason) = (Verdict::Tolerated, reason);
        }
    }
}

impl Standard {
    /// Why a change of this metric is let pass, if it is.
    fn excuses(&self, metric: &MetricVerdict) -> Option<String> {
        if let Some((why, rule)) = &self.ignored {
            return Some(format!("ignored by {rule}: {why}"));
        }
        let (floor, rule) = self.floor.as_ref()?;
        // Without a ratio a side was nothing at all, and no floor is of that size.
        let effect = metric.effect.as_ref()?;
        let surely = Worsening::of(Some(effect), metric.better).surely;
        (!is_beyond(surely, *floor))
            .then(|| format!("not surely beyond the {} % of {rule}", round(100.0 * floor)))
    }
}

/// Whether a metric is so much better in this direction.
pub(super) fn is_better(value: f64, than: f64, better: Better) -> bool {
    match better {
        Better::Higher => value > than,
        Better::Lower | Better::Neither => value < than,
    }
}

/// Without digits that only binary fractions have.
pub(super) fn round(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use perf_schema::{Corrected, Ratio, Unit};

    use super::super::rules::{Ignore, Rule, Selector};
    use super::super::verdict::Effect;
    use super::*;

    pub(in crate::compare) fn regressed(name: &str, [low, ratio, high]: [f64; 3]) -> MetricVerdict {
        let of = |value| Ratio::new(value).unwrap();
        MetricVerdict {
            metric: name.to_owned(),
            unit: Unit::NANOSECONDS,
            better: Better::Lower,
            exact: false,
            baseline: Some(Corrected::About(100.0)),
            candidate: Some(Corrected::About(100.0 * ratio)),
            effect: Some(Effect {
                ratio: of(ratio),
                low: of(low),
                high: of(high),
                confidence: 0.99,
                p_worse: 0.0,
                p_better: 1.0,
                smallest_detectable: of(1.05),
            }),
            verdict: Verdict::Regressed,
            reason: "worse".to_owned(),
            suspected: true,
            sessions: None,
        }
    }

    fn after(rule: Rule, metrics: Vec<MetricVerdict>) -> Judged {
        let mut comparison = Comparison {
            benchmarks: vec![Judged {
                id: BenchId::new("p", "t", "f").unwrap(),
                metrics,
                verdict: Verdict::Regressed,
                reason: "worse".to_owned(),
            }],
        };
        comparison.apply(&Rules {
            rules: vec![rule],
            ..Rules::default()
        });
        comparison.benchmarks.remove(0)
    }

    fn rule(metric: Option<&str>) -> Rule {
        Rule {
            select: Selector::new("t::*").unwrap(),
            metric: metric.map(|metric| Selector::new(metric).unwrap()),
            given: super::super::rules::Given::default(),
            floor: None,
            fail_on: None,
            ignore: None,
        }
    }

    #[test]
    fn what_is_ignored_is_tolerated_with_its_reason() {
        let because = |metric| Rule {
            ignore: Some(Ignore::Because("it waits".to_owned())),
            ..rule(metric)
        };
        let both = || {
            vec![
                regressed("wall", [1.1, 1.2, 1.3]),
                regressed("cpu", [1.1, 1.2, 1.3]),
            ]
        };
        let judged = after(because(None), both());
        assert_eq!(judged.verdict, Verdict::Tolerated);
        assert_eq!(judged.reason, "ignored by the rule for `t::*`: it waits");
        assert!(judged.metrics.iter().all(|metric| !metric.suspected));
        let judged = after(because(Some("cpu")), both());
        assert_eq!(judged.verdict, Verdict::Regressed);
        assert_eq!(judged.metrics[1].verdict, Verdict::Tolerated);
    }

    #[test]
    fn a_floor_lets_pass_what_is_not_surely_beyond_it() {
        let floor = |interval| {
            let rule = Rule {
                floor: Some(0.05),
                ..rule(None)
            };
            after(rule, vec![regressed("wall", interval)])
        };
        assert_eq!(floor([1.06, 1.1, 1.2]).verdict, Verdict::Regressed);
        assert_eq!(floor([1.05, 1.1, 1.2]).verdict, Verdict::Tolerated);
        let within = floor([1.01, 1.04, 1.06]);
        assert_eq!(
            within.reason,
            "not surely beyond the 5 % of the rule for `t::*`"
        );
    }
}

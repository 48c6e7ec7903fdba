//! A comparison held against the rules: how grave each change is, and what fails.

use std::collections::BTreeMap;

use perf_schema::{BenchId, MetricName};

use super::rules::Rules;
use super::severity::{Severity, Thresholds, confidence_of, severity_of};
use super::verdict::{Comparison, MetricVerdict, Verdict};

/// What the rules say of each metric that was compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Assessment {
    metrics: BTreeMap<BenchId, BTreeMap<MetricName, Assessed>>,
    ignored: Vec<BenchId>,
}

/// What the rules say of a metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Assessed {
    /// How grave the change is.
    pub severity: Severity,
    /// How sure the verdict is, from 0 to 1; `None` where there is none to be sure of.
    pub confidence: Option<f64>,
    /// By which thresholds.
    pub thresholds: Thresholds,
    /// Whether it fails.
    pub fails: bool,
}

impl Comparison {
    /// Holds every metric against its rules.
    #[must_use]
    pub fn assess(&self, rules: &Rules) -> Assessment {
        let mut assessment = Assessment::default();
        for judged in &self.benchmarks {
            let metrics = judged.metrics.iter();
            let all = metrics
                .map(|metric| (metric.metric.clone(), assess(&judged.id, metric, rules)))
                .collect();
            assessment.metrics.insert(judged.id.clone(), all);
            if rules.ignores(&judged.id) {
                assessment.ignored.push(judged.id.clone());
            }
        }
        assessment
    }
}

fn assess(id: &BenchId, metric: &MetricVerdict, rules: &Rules) -> Assessed {
    let effect = metric.effect.as_ref();
    let standard = rules.standard_of(id, metric);
    let severity = severity_of(metric.verdict, effect, metric.better, standard.thresholds);
    Assessed {
        severity,
        confidence: confidence_of(metric.verdict, effect, metric.better, standard.thresholds),
        thresholds: standard.thresholds,
        fails: metric.verdict == Verdict::Regressed && severity.fails(standard.fail_on),
    }
}

impl Assessment {
    /// What is said of a metric of a benchmark.
    #[must_use]
    pub fn of(&self, id: &BenchId, metric: &str) -> Option<Assessed> {
        self.metrics.get(id)?.get(metric).copied()
    }

    /// Whether a change of a benchmark fails.
    #[must_use]
    pub fn fails(&self, id: &BenchId) -> bool {
        let metrics = self.metrics.get(id);
        metrics.is_some_and(|metrics| metrics.values().any(|assessed| assessed.fails))
    }

    /// Whether a benchmark is let pass altogether.
    #[must_use]
    pub fn ignores(&self, id: &BenchId) -> bool {
        self.ignored.contains(id)
    }

    /// How grave the gravest change of a benchmark is.
    #[must_use]
    pub fn gravest(&self, id: &BenchId) -> Severity {
        let metrics = self.metrics.get(id).into_iter().flatten();
        metrics
            .map(|(_, assessed)| assessed.severity)
            .max()
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use perf_schema::{Better, ExitCode, Ratio, Unit};

    use super::super::verdict::{Demands, Effect, Judged};
    use super::*;

    /// A benchmark that regressed by so much, exactly known.
    fn regressed(change: f64) -> Comparison {
        let ratio = Ratio::new(1.0 + change).unwrap();
        Comparison {
            benchmarks: vec![Judged {
                id: BenchId::new("p", "t", "f").unwrap(),
                metrics: vec![MetricVerdict {
                    metric: "wall".to_owned(),
                    unit: Unit::NANOSECONDS,
                    better: Better::Lower,
                    exact: false,
                    baseline: None,
                    candidate: None,
                    effect: Some(Effect {
                        ratio,
                        low: ratio,
                        high: ratio,
                        confidence: 0.99,
                        p_worse: 0.002,
                        p_better: 1.0,
                        smallest_detectable: ratio,
                    }),
                    verdict: Verdict::Regressed,
                    reason: String::new(),
                    suspected: false,
                    sessions: None,
                }],
                verdict: Verdict::Regressed,
                reason: String::new(),
            }],
        }
    }

    #[test]
    fn what_is_not_grave_enough_is_regressed_and_does_not_fail() {
        // 5 % and 15 %: low up to 5, medium up to 10, high up to 15.
        let code = |change, fail_on| {
            let comparison = regressed(change);
            let rules = Rules {
                fail_on: Some(fail_on),
                ..Rules::default()
            };
            comparison.exit_code(&comparison.assess(&rules), Demands::default())
        };
        use Severity::{Critical, High, Low, Medium, None};
        for (change, level) in [(0.05, Low), (0.1, Medium), (0.15, High), (0.16, Critical)] {
            for fail_on in [Low, Medium, High, Critical] {
                let expected = if level >= fail_on {
                    ExitCode::Regression
                } else {
                    ExitCode::Fine
                };
                assert_eq!(code(change, fail_on), expected, "{change} {fail_on:?}");
            }
            assert_eq!(code(change, None), ExitCode::Fine);
        }
    }

    #[test]
    fn what_counts_most_is_not_decided_by_what_is_let_pass_of_another() {
        for (wall, code) in [
            (Verdict::CannotTell, ExitCode::Undecided),
            (Verdict::Unchanged, ExitCode::Fine),
        ] {
            let mut comparison = regressed(0.2);
            let judged = &mut comparison.benchmarks[0];
            let cpu = MetricVerdict {
                metric: "cpu".to_owned(),
                verdict: Verdict::Tolerated,
                ..judged.metrics[0].clone()
            };
            judged.metrics[0].verdict = wall;
            judged.metrics.push(cpu);
            judged.verdict = Verdict::Tolerated;
            let demands = Demands {
                decision: true,
                ..Demands::default()
            };
            let assessment = comparison.assess(&Rules::default());
            assert_eq!(comparison.exit_code(&assessment, demands), code);
        }
    }

    #[test]
    fn each_metric_says_how_grave_and_how_sure_it_is() {
        let comparison = regressed(0.2);
        let id = &comparison.benchmarks[0].id;
        let assessment = comparison.assess(&Rules::default());
        let wall = assessment.of(id, "wall").unwrap();
        assert_eq!(
            (wall.severity, wall.confidence),
            (Severity::Critical, Some(0.998))
        );
        assert!(assessment.fails(id) && assessment.gravest(id) == Severity::Critical);
        assert_eq!(assessment.of(id, "cpu"), None);
    }
}

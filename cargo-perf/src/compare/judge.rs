//! Judging a suite: each benchmark and metric by itself, then all together.

use perf_schema::{BenchId, Better, Ratio};
use perf_stats::{Screened, holm, screen};

use super::estimate::Estimate;
use super::metric::{Finding, MetricDraft, metrics};
use super::noise::Noise;
use super::rule::DecisionRule;
use super::side::Side;
use super::steadiness::Drift;
use super::verdict::{Comparison, Effect, Judged, MetricVerdict, Verdict};

/// A benchmark with what each side knows of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// Which one.
    pub id: BenchId,
    /// The baseline, or why there is none to compare with.
    pub baseline: Result<Side, NoBaseline>,
    /// The candidate; `None` when it no longer has this benchmark.
    pub candidate: Option<Side>,
    /// Why a difference would decide nothing, if that is so.
    pub caveat: Option<String>,
    /// What sessions of this machine are known to differ by.
    pub noise: Noise,
    /// How far the same code moved within its session, on the side where it moved most.
    pub drift: Option<Drift>,
}

/// Why a benchmark has no baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoBaseline {
    /// The baseline does not know it.
    New,
    /// The baseline knows it, and cannot be compared with, for a reason.
    Incomparable(String),
}

/// Judges all pairs under one rule.
///
/// The chance of any false alarm among all of them together is held at the rule's level by Holm's correction, over every
/// metric of every benchmark that could be estimated.
#[must_use]
pub fn compare(pairs: &[Pair], rule: &DecisionRule) -> Comparison {
    let mut drafts: Vec<Draft> = pairs.iter().map(|pair| draft(pair, rule)).collect();
    let questions = correct(&mut drafts, rule);
    Comparison {
        benchmarks: drafts
            .into_iter()
            .map(|draft| draft.conclude(rule, questions))
            .collect(),
    }
}

/// A benchmark on its way to a verdict.
struct Draft {
    id: BenchId,
    outcome: Outcome,
}

enum Outcome {
    /// Decided without a look at the numbers.
    Plain(Verdict, String),
    Metrics(Vec<MetricDraft>),
}

fn draft(pair: &Pair, rule: &DecisionRule) -> Draft {
    let outcome = match (&pair.baseline, &pair.candidate) {
        (_, Some(Side { failure: Some(why), .. })) => Outcome::Plain(Verdict::Failed, why.clone()),
        (Err(NoBaseline::New), Some(_)) => {
            Outcome::Plain(Verdict::New, "the baseline does not have it".to_owned())
        }
        (Err(NoBaseline::Incomparable(why)), Some(_)) => Outcome::Plain(Verdict::Incomparable, why.clone()),
        (_, None) => Outcome::Plain(
            Verdict::Missing,
            "the baseline has it, and this code has not: it was removed, renamed or left out of the build".to_owned(),
        ),
        (Ok(baseline), Some(candidate)) => {
            let mut drafts = metrics(baseline, candidate, &pair.noise, rule);
            for draft in &mut drafts {
                draft.caveat.clone_from(&pair.caveat);
                draft.drift.clone_from(&pair.drift);
            }
            Outcome::Metrics(drafts)
        }
    };
    Draft {
        id: pair.id.clone(),
        outcome,
    }
}

/// Puts p-values that are corrected for the whole suite in the place of the raw ones, and with them the change that could
/// have been seen. Returns how many questions there were.
fn correct(drafts: &mut [Draft], rule: &DecisionRule) -> usize {
    let mut found: Vec<&mut Estimate> = drafts
        .iter_mut()
        .filter_map(|draft| match &mut draft.outcome {
            Outcome::Metrics(metrics) => Some(metrics),
            Outcome::Plain(..) => None,
        })
        .flatten()
        .filter_map(|metric| match &mut metric.finding {
            Ok(Finding::Estimate(estimate)) => Some(estimate),
            Ok(Finding::Exact(..) | Finding::Limit(..)) | Err(_) => None,
        })
        .collect();
    let questions = found.len();
    let above: Vec<f64> = found.iter().map(|e| e.screened.p_above_floor).collect();
    let below: Vec<f64> = found.iter().map(|e| e.screened.p_below_floor).collect();
    // The p-values come from `screen`, which gives probabilities; were one not, none would be believed.
    let corrected = |raw: Vec<f64>| holm(&raw).unwrap_or_else(|_| vec![1.0; raw.len()]);
    for (estimate, (above, below)) in found
        .iter_mut()
        .zip(corrected(above).into_iter().zip(corrected(below)))
    {
        estimate.screened.p_above_floor = above;
        estimate.screened.p_below_floor = below;
        let strict = rule.among(questions, estimate.floor);
        if let Ok(strictly) = screen(&estimate.shift, &estimate.session.spread, &strict) {
            estimate.screened.smallest_detectable = strictly.smallest_detectable;
        }
    }
    questions
}

impl Draft {
    fn conclude(self, rule: &DecisionRule, questions: usize) -> Judged {
        match self.outcome {
            Outcome::Plain(verdict, reason) => Judged {
                id: self.id,
                metrics: Vec::new(),
                verdict,
                reason,
            },
            Outcome::Metrics(metrics) => {
                let metrics: Vec<MetricVerdict> = metrics
                    .into_iter()
                    .map(|m| m.conclude(rule, questions))
                    .collect();
                let (verdict, reason) = overall(&metrics);
                Judged {
                    id: self.id,
                    metrics,
                    verdict,
                    reason,
                }
            }
        }
    }
}

/// A regression of any metric is one of the benchmark; otherwise the first metric speaks for it.
pub(super) fn overall(metrics: &[MetricVerdict]) -> (Verdict, String) {
    let speaker = metrics
        .iter()
        .find(|m| m.verdict == Verdict::Regressed)
        .or_else(|| metrics.first());
    match speaker {
        Some(metric) => (metric.verdict, metric.reason.clone()),
        None => (
            Verdict::Incomparable,
            "the two sides have no metric in common".to_owned(),
        ),
    }
}

pub(super) fn percent(relative: f64) -> String {
    let percent = relative * 100.0;
    if percent < 10.0 {
        format!("{percent:.1}")
    } else {
        format!("{percent:.0}")
    }
}

pub(super) fn effect(screened: &Screened, better: Better) -> Option<Effect> {
    let (p_worse, p_better) = match better {
        Better::Higher => (screened.p_below_floor, screened.p_above_floor),
        Better::Lower | Better::Neither => (screened.p_above_floor, screened.p_below_floor),
    };
    let detectable = match better {
        Better::Higher => 1.0 / screened.smallest_detectable,
        Better::Lower | Better::Neither => screened.smallest_detectable,
    };
    Some(Effect {
        ratio: Ratio::new(screened.ratio)?,
        low: Ratio::new(screened.low)?,
        high: Ratio::new(screened.high)?,
        confidence: screened.confidence.level(),
        p_worse,
        p_better,
        smallest_detectable: Ratio::new(detectable)?,
    })
}

#[cfg(test)]
mod tests;

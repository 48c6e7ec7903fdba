//! From runs of pairs to verdicts.

use perf_runner::PairedRun;
use perf_schema::{BenchId, Better, Corrected, Meaning, MetricName};

use super::super::exact::{self, Constancy};
use super::super::judge::{effect, overall, percent};
use super::super::metric::amount;
use super::super::verdict::{Comparison, Effect, Judged, MetricVerdict, Verdict};
use super::estimate::{Estimate, Finding};
use super::metrics::{Found, Values, all};
use super::rule::{Levels, PairedRule};

/// Judges what was measured side by side under one rule.
#[must_use]
pub fn judge(runs: &[(BenchId, PairedRun)], rule: &PairedRule) -> Comparison {
    Comparison {
        benchmarks: runs.iter().map(|(id, run)| judged(id, run, rule)).collect(),
    }
}

fn judged(id: &BenchId, run: &PairedRun, rule: &PairedRule) -> Judged {
    let plain = |verdict, reason| Judged {
        id: id.clone(),
        metrics: Vec::new(),
        verdict,
        reason,
    };
    if let Some(failure) = run.failures.candidate.first() {
        return plain(Verdict::Failed, failure.message.clone());
    }
    if let Some(failure) = run.failures.baseline.first() {
        let reason = format!("the baseline failed: {}", failure.message);
        return plain(Verdict::Incomparable, reason);
    }
    let found = all(run);
    // Wall time has half of the error for itself; the others share the rest.
    let others = found.len().saturating_sub(1).max(1);
    let metrics: Vec<MetricVerdict> = found
        .into_iter()
        .enumerate()
        .map(|(i, (name, found))| {
            let levels = rule.levels(run.end, if i == 0 { 1 } else { others });
            metric(name, &found, &levels, rule)
        })
        .collect();
    let (verdict, reason) = overall(&metrics);
    Judged {
        id: id.clone(),
        metrics,
        verdict,
        reason,
    }
}

fn metric(name: MetricName, found: &Found, levels: &Levels, rule: &PairedRule) -> MetricVerdict {
    let (meaning, said) = match found {
        Found::Incomparable(meaning, why) => (
            meaning,
            Said::without_values(Verdict::Incomparable, why.clone()),
        ),
        Found::Values(values) => (&values.meaning, of_values(values, levels, rule)),
    };
    let Meaning {
        unit,
        better,
        exact,
    } = meaning.clone();
    MetricVerdict {
        metric: name,
        unit,
        better,
        exact,
        baseline: said.centres.map(|(baseline, _)| baseline),
        candidate: said.centres.map(|(_, candidate)| candidate),
        effect: said.effect,
        verdict: said.verdict,
        reason: said.reason,
        suspected: false,
        sessions: None,
    }
}

/// What is said of a metric.
struct Said {
    verdict: Verdict,
    reason: String,
    centres: Option<(Corrected, Corrected)>,
    effect: Option<Effect>,
}

impl Said {
    const fn without_values(verdict: Verdict, reason: String) -> Self {
        Self {
            verdict,
            reason,
            centres: None,
            effect: None,
        }
    }
}

fn of_values(values: &Values, levels: &Levels, rule: &PairedRule) -> Said {
    let better = values.meaning.better;
    let centres = |old, new| (amount(old, values.below.0), amount(new, values.below.1));
    let constancy = |side: &[Vec<f64>]| Constancy::of(side.iter().map(Vec::as_slice));
    let certain = match (constancy(&values.baseline), constancy(&values.candidate)) {
        // Values that never differ leave no log-ratio to judge, also where they need not be the same.
        (Constancy::Always(old), Constancy::Always(new))
            if values.meaning.exact || old.to_bits() == new.to_bits() =>
        {
            Some((old, new))
        }
        _ => None,
    };
    if let Some((old, new)) = certain {
        let (verdict, reason, effect) = exact::judge(old, new, better);
        return Said {
            verdict,
            reason,
            centres: Some(centres(old, new)),
            effect,
        };
    }
    let estimate = match Estimate::of(values, levels, rule) {
        Ok(estimate) => estimate,
        Err(why) => return Said::without_values(Verdict::CannotTell, why),
    };
    let (verdict, reason) = verdict(&estimate, better);
    let effect = effect(&estimate.screened, better).map(|effect| Effect {
        p_worse: (effect.p_worse * levels.correction).min(1.0),
        p_better: (effect.p_better * levels.correction).min(1.0),
        ..effect
    });
    Said {
        verdict,
        reason,
        centres: Some(centres(estimate.baseline, estimate.candidate)),
        effect,
    }
}

fn verdict(estimate: &Estimate, better: Better) -> (Verdict, String) {
    let (floor, margin) = (percent(estimate.floor), percent(estimate.margin));
    let pairs = estimate.pairs;
    let worse = match better {
        Better::Higher => Finding::Below,
        Better::Lower | Better::Neither => Finding::Above,
    };
    match estimate.finding() {
        finding if finding == worse => (
            Verdict::Regressed,
            format!("worse by more than {floor} % in {pairs} pairs of launches"),
        ),
        Finding::Above | Finding::Below => (
            Verdict::Improved,
            format!("better by more than {floor} % in {pairs} pairs of launches"),
        ),
        Finding::Same => (
            Verdict::Unchanged,
            format!(
                "no change beyond {margin} % in {pairs} pairs of launches (one beyond {floor} % would have been called if seen)"
            ),
        ),
        Finding::Open => (Verdict::CannotTell, unsure(estimate)),
    }
}

/// Why nothing could be said, and what it would take.
fn unsure(estimate: &Estimate) -> String {
    let seen = percent(estimate.screened.smallest_detectable - 1.0);
    let said = format!(
        "a change of less than {seen} % could not have been seen in {} pairs of launches",
        estimate.pairs
    );
    match estimate.pairs_needed() {
        Some(needed) if needed > estimate.pairs as f64 => format!(
            "{said}; for one of {} % it would take about {needed:.0}",
            percent(estimate.margin)
        ),
        _ => said,
    }
}

//! Metrics that are the same each time: any difference is real.

use perf_schema::{Better, Ratio};

use super::super::verdict::{Effect, Verdict};
use super::metrics::Values;

/// The one value of each side, if neither changed from launch to launch. One launch proves nothing of the kind.
pub(super) fn constants(values: &Values) -> Option<(f64, f64)> {
    let constant = |launches: &[Vec<f64>]| {
        let mut all = launches.iter().flatten().copied();
        let first = all.next()?;
        // Equal to the last bit, as whole numbers of the same count divided by the same batch are.
        let same = all.all(|value| value.to_bits() == first.to_bits());
        (launches.len() >= 2 && same).then_some(first)
    };
    Some((constant(&values.baseline)?, constant(&values.candidate)?))
}

/// Judges one value of each side.
pub(super) fn judge(
    baseline: f64,
    candidate: f64,
    better: Better,
) -> (Verdict, String, Option<Effect>) {
    let (verdict, reason) = if baseline.to_bits() == candidate.to_bits() {
        (Verdict::Unchanged, "the same in every launch of both sides")
    } else if (candidate < baseline) == (better == Better::Lower) {
        (Verdict::Improved, IT_DIFFERS)
    } else {
        (Verdict::Regressed, IT_DIFFERS)
    };
    (
        verdict,
        reason.to_owned(),
        effect(baseline, candidate, verdict),
    )
}

const IT_DIFFERS: &str = "the same in every launch of each side, and not the same on both";

/// `None` where a side is nothing at all, of which there is no ratio.
fn effect(baseline: f64, candidate: f64, verdict: Verdict) -> Option<Effect> {
    let ratio = Ratio::new(candidate / baseline)?;
    let certain = |is_so| if is_so { 0.0 } else { 1.0 };
    Some(Effect {
        ratio,
        low: ratio,
        high: ratio,
        confidence: 1.0,
        p_worse: certain(verdict == Verdict::Regressed),
        p_better: certain(verdict == Verdict::Improved),
        smallest_detectable: Ratio::new(1.0)?,
    })
}

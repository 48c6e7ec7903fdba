//! Where an estimate leaves a question open: whether something may be there, why it was not called, and what would help.

use perf_schema::Ratio;
use perf_stats::{Screened, launches_to_settle};

use super::super::estimate::Estimate;
use super::super::judge::percent;
use super::super::rule::{DecisionRule, Floor};
use super::super::verdict::Effect;

/// Whether no change of more than twice the absolute floor can be: what is known so badly is not called unchanged.
pub(super) fn is_near_floor(effect: &Effect, estimate: &Estimate) -> bool {
    let small = |ratio: Ratio| {
        (ratio.get() - 1.0).abs() * estimate.baseline < 2.0 * estimate.floor.absolute
    };
    small(effect.low) && small(effect.high)
}

/// Whether the whole interval lies beyond the floor, on one side.
pub(super) fn looks_changed(effect: &Effect, floor: Floor) -> bool {
    let beyond = |ratio: Ratio| ratio.get().ln().abs() > floor.relative.ln_1p();
    let one_side = (effect.low.get() > 1.0) == (effect.high.get() > 1.0);
    one_side && beyond(effect.low) && beyond(effect.high)
}

/// Why a difference that may be there was not called one, and what it would take.
pub(super) fn unsure(
    effect: &Effect,
    estimate: &Estimate,
    rule: &DecisionRule,
    questions: usize,
) -> String {
    let helps = would_help(estimate, rule, questions);
    if looks_changed(effect, estimate.floor) {
        return format!(
            "it seems to have changed, but not surely enough for one of {questions} questions asked at once; {helps}, or ask for \
             fewer benchmarks"
        );
    }
    let seen = percent(effect.least_seen());
    format!("a change of less than {seen} % could not have been seen; {helps}")
}

/// What would give an answer: more launches, where it is them that are too few, or both sides at once, where it is what
/// sessions differ by.
fn would_help(estimate: &Estimate, rule: &DecisionRule, questions: usize) -> String {
    let alpha = 1.0 - rule.confidence.level();
    let single = alpha / questions.max(1) as f64;
    let settled = |screened: &Screened| {
        screened.p_within_margin < alpha
            || screened.p_above_floor.min(screened.p_below_floor) < single
    };
    let strict = rule.among(questions, estimate.floor);
    let launches = estimate.launches;
    match launches_to_settle(
        &estimate.shift,
        launches,
        &estimate.session.spread,
        &strict,
        settled,
    ) {
        Some(needed) if needed > launches => format!(
            "it would take about {needed} launches on each side (there are {launches}), or --paired"
        ),
        Some(_) | None => format!(
            "more launches would not help, since sessions differ by {}; --paired would",
            estimate.session.words()
        ),
    }
}

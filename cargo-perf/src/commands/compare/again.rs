//! Measuring this code once more, where the baseline's cannot be measured beside it.

use super::super::known_noise::KnownNoise;
use super::super::measuring::Ready;
use super::super::pairing;
use super::screen::measure_and_keep;
use crate::cli::CompareArgs;
use crate::compare::{Comparison, DecisionRule, compare};
use crate::context::Context;
use crate::failure::Failure;
use crate::run::Candidate;
use crate::store::resolve::Resolution;

/// Measures `cases` a second time, if there are any: what was called worse is to stand only if it is worse both times.
///
/// # Errors
/// When it was interrupted.
pub(super) fn look(
    cx: &Context,
    args: &CompareArgs,
    ready: &mut Ready,
    resolution: &Resolution,
    noise: &KnownNoise,
    cases: &[Candidate],
    notes: &mut Vec<String>,
) -> Result<Option<Comparison>, Failure> {
    if cases.is_empty() {
        return Ok(None);
    }
    cx.mention("measuring this code again to be sure");
    let record = measure_and_keep(cx, args, ready, cases, resolution, notes)?;
    let pairs = pairing::pairs(resolution, &record, &[], |benchmark| noise.of(benchmark));
    Ok(Some(compare(&pairs, &DecisionRule::screen())))
}

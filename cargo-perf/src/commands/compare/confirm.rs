//! What looks worse is looked at once more before anyone is alarmed.

use std::collections::BTreeMap;

use perf_schema::{BenchId, Sha};

use super::super::known_noise::KnownNoise;
use super::super::measuring::Ready;
use super::side_by_side::{Question, measure};
use super::{again, paired};
use crate::cli::CompareArgs;
use crate::compare::{Comparison, Verdict};
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::report::Method;
use crate::run::Candidate;
use crate::store::resolve::Resolution;

/// What the verdicts by records rest on.
pub(super) struct Found<'a> {
    pub(super) resolution: &'a Resolution,
    pub(super) noise: &'a KnownNoise,
    /// Benchmarks of which more was claimed than shows.
    pub(super) unmet: &'a [BenchId],
}

/// Measures the alarms of `comparison`, and the benchmarks of which more was claimed than shows, side by side with the
/// baseline's commit; where that cannot be had, measures the alarms of this code again. Returns how the verdicts came about that were settled so.
///
/// # Errors
/// When it was interrupted, or this code cannot be measured.
pub(super) fn confirm(
    cx: &Context,
    args: &CompareArgs,
    ready: &mut Ready,
    found: &Found<'_>,
    comparison: &mut Comparison,
    notes: &mut Vec<String>,
) -> Result<BTreeMap<BenchId, Method>, Failure> {
    let Found {
        resolution,
        noise,
        unmet,
    } = found;
    let alarms: Vec<BenchId> = comparison.alarms().into_iter().cloned().collect();
    let cases: Vec<Candidate> = ready
        .discovered
        .cases
        .iter()
        .filter(|case| alarms.contains(&case.id) || unmet.contains(&case.id))
        .cloned()
        .collect();
    if cases.is_empty() {
        return Ok(BTreeMap::new());
    }
    if args.no_confirm {
        notes.extend(unconfirmed_notes(&alarms, unmet));
        return Ok(BTreeMap::new());
    }
    cx.mention(format!(
        "{}; measuring side by side with the baseline to be sure",
        why(&cases, &alarms)
    ));
    let settled = paired::commit_of(resolution).and_then(|commit| {
        let question = Question {
            commit: &commit,
            cases: &cases,
            is_all: false,
        };
        Ok((measure(cx, args, ready, &question)?, commit))
    });
    let (methods, open) = match settled {
        Ok((found, commit)) => {
            notes.extend(found.notes);
            notes.extend(earlier_note(
                resolution,
                &alarms,
                &found.comparison,
                &commit,
            ));
            let open = comparison.settle(found.comparison);
            (found.methods, open)
        }
        Err(failure) if failure.kind() == Kind::Interrupted => return Err(failure),
        Err(failure) => {
            notes.push(format!(
                "what seems worse, or not as was claimed, could not be measured side by side: {}; what seems worse was measured \
                 again instead",
                failure.message()
            ));
            let all = cases.iter().map(|case| case.id.clone());
            (BTreeMap::new(), all.collect())
        }
    };
    let left: Vec<Candidate> = cases
        .into_iter()
        .filter(|case| open.contains(&case.id) && alarms.contains(&case.id))
        .collect();
    if let Some(again) = again::look(cx, args, ready, resolution, noise, &left, notes)? {
        comparison.confirm(again);
    }
    Ok(methods
        .into_iter()
        .filter(|(id, _)| !open.contains(id))
        .collect())
}

/// A record may be of a commit before the one that was built. What is worse than the record and not worse than that code is no
/// fault of this code, and is not passed over either.
fn earlier_note(
    resolution: &Resolution,
    alarms: &[BenchId],
    side_by_side: &Comparison,
    built: &Sha,
) -> Option<String> {
    let is_earlier = |id: &BenchId| {
        let choice = resolution.choices.get(id);
        choice.is_some_and(|choice| choice.commit.as_ref() != Some(built))
    };
    let mut cleared = side_by_side
        .benchmarks
        .iter()
        .filter(|judged| is_cleared(judged.verdict))
        .filter(|judged| alarms.contains(&judged.id) && is_earlier(&judged.id));
    let first = cleared.next()?;
    let more = match cleared.count() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(format!(
        "{}{more}: worse than the record, which is of earlier code, and not worse than {}; if the code is why, that change came \
         before",
        first.id.in_package(),
        built.short(12)
    ))
}

/// Why so many are measured side by side.
fn why(cases: &[Candidate], alarms: &[BenchId]) -> String {
    let worse = cases.iter().filter(|case| alarms.contains(&case.id));
    let worse = worse.count();
    let mut parts = Vec::new();
    if worse > 0 {
        parts.push(counted(worse, "1 seems worse", "seem worse"));
    }
    if cases.len() > worse {
        parts.push(counted(
            cases.len() - worse,
            "1 is not as was claimed",
            "are not as was claimed",
        ));
    }
    parts.join(", ")
}

/// What is left out by --no-confirm.
fn unconfirmed_notes(alarms: &[BenchId], unmet: &[BenchId]) -> Vec<String> {
    const WHY: &str = "against stored records alone, the machine's state may be what changed";
    let mut notes = Vec::new();
    if !alarms.is_empty() {
        notes.push(format!(
            "{} not measured again (--no-confirm): {WHY}",
            counted(alarms.len(), "what seems worse was", "that seem worse were")
        ));
    }
    if !unmet.is_empty() {
        notes.push(format!(
            "claims are not called unmet without measuring side by side (--no-confirm): {WHY}"
        ));
    }
    notes
}

/// Whether it is no fault of this code as far as the commit that was built goes.
const fn is_cleared(verdict: Verdict) -> bool {
    matches!(
        verdict,
        Verdict::Unchanged | Verdict::Improved | Verdict::Layout | Verdict::Tolerated
    )
}

fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 {
        one.to_owned()
    } else {
        format!("{count} {many}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_layout_or_the_author_explains_is_cleared_too() {
        use Verdict::{
            CannotTell, Failed, Improved, Layout, Missing, Regressed, Tolerated, Unchanged,
        };
        assert!(
            [Unchanged, Improved, Layout, Tolerated]
                .into_iter()
                .all(is_cleared)
        );
        assert!(
            ![Regressed, Failed, Missing, CannotTell]
                .into_iter()
                .any(is_cleared)
        );
    }
}

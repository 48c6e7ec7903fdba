//! Instructions of one iteration, counted by Valgrind: launches of their own, apart from those that are timed.
//!
//! Two batches in one process, one of twice as many iterations as the other. What they differ by is due to the iterations
//! alone: start-up, messages and the entry into the loop are the same in both and fall out. Nothing here depends on time,
//! so that the same program is always asked the same way.

mod dumps;
mod launch;
mod stack;
mod valgrind;

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use perf_schema::Ratio;

use crate::conduct::{Case, Interrupted};
use launch::{Counting, Trouble};
pub use valgrind::Valgrind;

/// Launches that count the same: what they disagree on is no property of the code.
const LAUNCHES: u32 = 2;

/// What was counted of one case.
#[derive(Clone, Debug, PartialEq)]
pub enum Count {
    /// Instructions of one iteration, by launch.
    Counted(Vec<f64>),
    /// It could not be counted, for a reason.
    Absent(String),
}

/// What was counted of one case in two programs.
#[derive(Clone, Debug, PartialEq)]
pub struct BothCounts {
    /// Of the baseline's program.
    pub baseline: Count,
    /// Of the candidate's program.
    pub candidate: Count,
}

impl Count {
    /// The number, if all launches agree on it.
    #[must_use]
    pub fn agreed(&self) -> Option<f64> {
        match self {
            Self::Counted(launches) => {
                let first = *launches.first()?;
                // Quotients of the same integers are the same number.
                launches
                    .iter()
                    .all(|each| each.total_cmp(&first).is_eq())
                    .then_some(first)
            }
            Self::Absent(_) => None,
        }
    }

    fn known(&self, side: &str) -> Result<f64, String> {
        match self {
            Self::Absent(reason) => Err(format!("the {side}'s were not counted: {reason}")),
            Self::Counted(launches) => self
                .agreed()
                .ok_or_else(|| format!("the {side}'s differ from launch to launch: {launches:?}")),
        }
    }
}

impl BothCounts {
    /// Candidate over baseline; exactly 1 when the change did not move the instructions.
    ///
    /// # Errors
    /// With the reason, when that is not known: a side could not be counted, or does not repeat itself.
    pub fn ratio(&self) -> Result<Ratio, String> {
        let baseline = self.baseline.known("baseline")?;
        let candidate = self.candidate.known("candidate")?;
        Ratio::new(candidate / baseline)
            .ok_or_else(|| "an iteration has no instructions".to_owned())
    }
}

/// About how long counting takes one case of which an iteration takes `iteration` without Valgrind, its set-up left aside.
#[must_use]
pub fn expected_counting(iteration: Duration) -> Duration {
    LAUNCHES * launch::expected(iteration)
}

/// Counts the instructions of one iteration of `case`. `timeout` is how long a worker may take for an answer without
/// Valgrind; under it, it gets more.
///
/// # Errors
/// Only when `stop` was set meanwhile. What cannot be counted is absent with a reason.
pub fn count_instructions(
    case: &Case,
    valgrind: &Valgrind,
    timeout: Duration,
    stop: &AtomicBool,
) -> Result<Count, Interrupted> {
    Ok(count(case, None, &Counting::new(valgrind, timeout, stop))?.0)
}

/// Counts the instructions of the same case in two programs, in batches of the same size.
///
/// # Errors
/// Only when `stop` was set meanwhile.
pub fn count_both(
    baseline: &Case,
    candidate: &Case,
    valgrind: &Valgrind,
    timeout: Duration,
    stop: &AtomicBool,
) -> Result<BothCounts, Interrupted> {
    let counting = Counting::new(valgrind, timeout, stop);
    let (baseline, iterations) = count(baseline, None, &counting)?;
    let (candidate, _) = count(candidate, iterations, &counting)?;
    Ok(BothCounts {
        baseline,
        candidate,
    })
}

/// The count, and the iterations that each launch took for it. The first launch finds them out unless they are given.
fn count(
    case: &Case,
    mut iterations: Option<u64>,
    counting: &Counting<'_>,
) -> Result<(Count, Option<u64>), Interrupted> {
    let mut launches = Vec::new();
    for launch in 0..LAUNCHES {
        match counting.launch(case, launch, iterations) {
            Ok((taken, each)) => {
                iterations = Some(taken);
                launches.push(each);
            }
            Err(Trouble::Absent(reason)) => return Ok((Count::Absent(reason), iterations)),
            Err(Trouble::Interrupted) => return Err(Interrupted),
        }
    }
    Ok((Count::Counted(launches), iterations))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(baseline: &[f64], candidate: &[f64]) -> BothCounts {
        let [baseline, candidate] = [baseline, candidate].map(|each| Count::Counted(each.to_vec()));
        BothCounts {
            baseline,
            candidate,
        }
    }

    #[test]
    fn a_ratio_is_known_where_both_sides_repeat_themselves() {
        let ratio = |both: BothCounts| both.ratio().map(Ratio::get);
        assert_eq!(ratio(both(&[200.0, 200.0], &[200.0, 200.0])), Ok(1.0));
        assert_eq!(ratio(both(&[200.0, 200.0], &[201.0, 201.0])), Ok(1.005));
        let unsteady = ratio(both(&[200.0, 200.0], &[201.0, 201.5])).unwrap_err();
        assert_eq!(
            unsteady,
            "the candidate's differ from launch to launch: [201.0, 201.5]"
        );
        assert!(ratio(both(&[0.0, 0.0], &[1.0, 1.0])).is_err());
        let absent = BothCounts {
            baseline: Count::Absent("valgrind is not installed".to_owned()),
            ..both(&[], &[1.0])
        };
        assert_eq!(
            ratio(absent).unwrap_err(),
            "the baseline's were not counted: valgrind is not installed"
        );
    }
}

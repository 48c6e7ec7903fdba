//! Metrics that are the same each time, by their nature: any lasting difference is real, however small.
//!
//! By their nature is not always in fact: a body may ask a random number, the clock or the scheduler what to do. So it is
//! looked at first whether the value was the same in all launches of a side.

use perf_schema::{Better, Ratio};

use super::verdict::{Effect, Verdict};

/// Whether one side saw the same value each time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Constancy {
    /// It did, in two launches or more.
    Always(f64),
    /// It did not.
    Differs {
        /// The least value.
        least: f64,
        /// The largest.
        most: f64,
    },
    /// One launch, or none, proves nothing of the kind.
    Unproven,
}

impl Constancy {
    /// Of these launches, each with the values of one or several iterations.
    pub(super) fn of<'a>(launches: impl IntoIterator<Item = &'a [f64]>) -> Self {
        let mut count = 0_usize;
        let mut range: Option<(f64, f64)> = None;
        for launch in launches {
            count += 1;
            for &value in launch {
                let (least, most) = range.unwrap_or((value, value));
                range = Some((least.min(value), most.max(value)));
            }
        }
        match range {
            Some((least, most)) if least < most => Self::Differs { least, most },
            Some((value, _)) if count > 1 => Self::Always(value),
            _ => Self::Unproven,
        }
    }
}

/// Judges the one value of each side.
pub(super) fn judge(
    baseline: f64,
    candidate: f64,
    better: Better,
) -> (Verdict, String, Option<Effect>) {
    let increase = candidate > baseline;
    let (verdict, reason) = if !increase && candidate >= baseline {
        (Verdict::Unchanged, "the same in every launch of both sides")
    } else if increase == (better == Better::Higher) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_launches_of_one_value_prove_that_it_is_one() {
        let of = |launches: &[&[f64]]| Constancy::of(launches.iter().copied());
        assert_eq!(of(&[&[3.0], &[3.0, 3.0]]), Constancy::Always(3.0));
        assert_eq!(of(&[&[0.0], &[0.0]]), Constancy::Always(0.0));
        assert_eq!(of(&[]), Constancy::Unproven);
        assert_eq!(of(&[&[3.0]]), Constancy::Unproven);
        let differs = Constancy::Differs {
            least: 3.0,
            most: 5.0,
        };
        assert_eq!(of(&[&[3.0], &[5.0], &[4.0]]), differs);
        assert_eq!(
            of(&[&[3.0, 5.0]]),
            differs,
            "one launch is enough to disprove it"
        );
    }

    #[test]
    fn any_difference_counts_in_the_metrics_direction() {
        let verdict = |old, new, better| judge(old, new, better).0;
        assert_eq!(verdict(3.0, 3.0, Better::Lower), Verdict::Unchanged);
        assert_eq!(verdict(1e9, 1e9 + 1.0, Better::Lower), Verdict::Regressed);
        assert_eq!(verdict(1e9 + 1.0, 1e9, Better::Lower), Verdict::Improved);
        assert_eq!(verdict(3.0, 2.0, Better::Higher), Verdict::Regressed);
        assert_eq!(verdict(2.0, 3.0, Better::Higher), Verdict::Improved);
    }

    #[test]
    fn from_or_to_nothing_is_a_change_without_a_ratio() {
        let (verdict, _, effect) = judge(0.0, 5.0, Better::Lower);
        assert_eq!((verdict, effect), (Verdict::Regressed, None));
        let (verdict, _, effect) = judge(5.0, 0.0, Better::Lower);
        assert_eq!((verdict, effect), (Verdict::Improved, None));
        let (verdict, _, effect) = judge(0.0, 0.0, Better::Lower);
        assert_eq!((verdict, effect), (Verdict::Unchanged, None));
        let effect = judge(4.0, 5.0, Better::Lower).2.unwrap();
        assert!((effect.ratio.get() - 1.25).abs() < 1e-12);
        assert_eq!((effect.low, effect.high), (effect.ratio, effect.ratio));
    }
}

//! What sessions of one machine differ by, learned from those that were kept.
//!
//! Equal code measured again is the best evidence: whatever differs is noise, its tails included. A series over commits says it
//! too, if a few real changes do not decide it ([`crate::adjacent_difference_sd`]). Few sessions say little, so what
//! they say is mixed with what is assumed of a machine that nothing is known of.

use crate::bound::UNKNOWN_SESSION_SD;
use crate::robust::Spread;
use crate::values::{self, ValueError};

/// For how many degrees of freedom the assumption counts beside what was learned.
const ASSUMED_DEGREES: f64 = 4.0;

/// Degrees of freedom below which nothing counts as learned.
const ENOUGH_DEGREES: f64 = 3.0;

/// What is never gone below, however alike the sessions were: half of the per cent by which the gauge of a launch may differ and
/// still count as that of a quiet machine.
pub const LEAST_SESSION_SD: f64 = 0.005;

/// The standard deviation of values about their own group's mean, pooled over groups.
///
/// `groups`: values of equal code, in one unit, finite, in any order; groups of one value say nothing. `None` if no group has
/// two. Degrees of freedom: one less than the values of each group. Not robust, on purpose: a session that differed wildly although the
/// code was the same is what one wants to know of. Checked in `tests/reference.rs` and `tests/screen_coverage.rs`.
///
/// # Errors
/// [`ValueError::NotFinite`].
pub fn pooled_sd<G: AsRef<[f64]>>(groups: &[G]) -> Result<Option<Spread>, ValueError> {
    let (mut squares, mut degrees_of_freedom) = (0.0, 0.0);
    for group in groups.iter().map(AsRef::as_ref) {
        if group.len() < 2 {
            continue;
        }
        values::finite(group, 2)?;
        let mean = group.iter().sum::<f64>() / group.len() as f64;
        squares += group.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
        degrees_of_freedom += (group.len() - 1) as f64;
    }
    Ok((degrees_of_freedom > 0.0).then(|| Spread {
        sd: (squares / degrees_of_freedom).sqrt(),
        degrees_of_freedom,
    }))
}

/// What sessions differ by, from independent pieces of evidence; `None` while they are too little to count.
///
/// The variance is the mean of the pieces' and of the assumed one ([`UNKNOWN_SESSION_SD`]), each weighted by its degrees of
/// freedom, of which the assumption has four; their sum is the answer's. Never below [`LEAST_SESSION_SD`]. Below three degrees of freedom of
/// evidence Student's t would make more of ignorance than the assumption does.
/// Source: moderated variances as in Smyth, Statistical Applications in Genetics and Molecular Biology 3 (2004), with the prior given
/// instead of fitted. Pieces that are no spreads (not finite, negative) are left out.
#[must_use]
pub fn learned_session_sd(evidence: &[Spread]) -> Option<Spread> {
    let usable = |piece: &&Spread| {
        (0.0..f64::INFINITY).contains(&piece.sd)
            && (0.0..f64::INFINITY).contains(&piece.degrees_of_freedom)
    };
    let (mut squares, mut degrees) = (0.0, 0.0);
    for piece in evidence.iter().filter(usable) {
        squares += piece.degrees_of_freedom * piece.sd.powi(2);
        degrees += piece.degrees_of_freedom;
    }
    if degrees < ENOUGH_DEGREES {
        return None;
    }
    let degrees_of_freedom = degrees + ASSUMED_DEGREES;
    let variance = (squares + ASSUMED_DEGREES * UNKNOWN_SESSION_SD.powi(2)) / degrees_of_freedom;
    Some(Spread {
        sd: variance.sqrt().max(LEAST_SESSION_SD),
        degrees_of_freedom,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(sd: f64, degrees_of_freedom: f64) -> Spread {
        Spread {
            sd,
            degrees_of_freedom,
        }
    }

    #[test]
    fn levels_of_groups_are_not_noise_and_single_values_say_nothing() {
        let groups = [vec![1.0, 1.2], vec![], vec![9.0], vec![5.0, 5.2, 5.1]];
        let found = pooled_sd(&groups).unwrap().unwrap();
        assert!((found.degrees_of_freedom - 3.0).abs() < 1e-12);
        assert!((found.sd - (0.04_f64 / 3.0).sqrt()).abs() < 1e-12);
        assert_eq!(pooled_sd(&[[1.0], [2.0]]).unwrap(), None);
        assert!(pooled_sd(&[[1.0, f64::NAN]]).is_err());
    }

    #[test]
    fn little_evidence_teaches_nothing_and_more_teaches_more() {
        assert_eq!(learned_session_sd(&[]), None);
        assert_eq!(learned_session_sd(&[spread(0.001, 2.9)]), None);
        let some = learned_session_sd(&[spread(0.002, 4.0)]).unwrap();
        let more = learned_session_sd(&[spread(0.002, 4.0), spread(0.002, 12.0)]).unwrap();
        assert!((some.sd - f64::midpoint(0.0004, 4e-6).sqrt()).abs() < 1e-12);
        assert!(more.sd < some.sd && more.degrees_of_freedom > some.degrees_of_freedom);
        assert!((more.degrees_of_freedom - 20.0).abs() < 1e-12);
    }

    #[test]
    fn a_noisier_machine_is_believed_and_a_silent_one_only_down_to_the_floor() {
        assert!(learned_session_sd(&[spread(0.08, 6.0)]).unwrap().sd > 0.05);
        let silent = learned_session_sd(&[spread(0.0, 1e6)]).unwrap();
        assert!((silent.sd - LEAST_SESSION_SD).abs() < 1e-15);
    }

    #[test]
    fn what_is_no_spread_is_left_out() {
        for bad in [
            spread(f64::NAN, 9.0),
            spread(-1.0, 9.0),
            spread(0.1, f64::INFINITY),
        ] {
            assert_eq!(learned_session_sd(&[bad]), None);
        }
    }
}

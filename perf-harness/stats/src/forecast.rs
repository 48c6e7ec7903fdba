//! What more pairs or launches would give: how narrow an interval, how small a change, an answer at all.

use crate::confidence::Confidence;
use crate::estimate::LogShift;
use crate::robust::Spread;
use crate::screen::{ScreenRule, Screened, screen};
use crate::student;
use crate::values::ValueError;

/// How much of a mean's precision the centre of [`crate::paired_ratio`] has when noise is normal: three over pi. It has more
/// where tails are heavier.
const EFFICIENCY: f64 = 3.0 / std::f64::consts::PI;

/// How often a change of the size asked about is to be found.
const POWER: f64 = 0.8;

/// Half the width, log scale, to expect of the interval that [`crate::paired_ratio`] makes of so many pairs.
///
/// `spread`: standard deviation of one log-ratio, finite, not negative, as in [`crate::ChosenSummary::spread`]. By the normal
/// approximation, so it is for deciding whether to go on, not for deciding: near the fewest pairs that can make an interval at
/// all, the true one is wider. Source: Hodges & Lehmann, Annals of Mathematical Statistics 27 (1956), for the efficiency.
///
/// # Errors
///
/// [`ValueError::NotFinite`] when the spread is not usable, [`ValueError::TooFew`] without pairs.
pub fn expected_half_width(
    spread: f64,
    pairs: f64,
    confidence: Confidence,
) -> Result<f64, ValueError> {
    check(spread)?;
    if !(pairs >= 1.0 && pairs.is_finite()) {
        return Err(ValueError::TooFew {
            needed: 1,
            found: 0,
        });
    }
    let z = student::normal_quantile_of_tail(confidence.tail());
    Ok(z * spread / (EFFICIENCY * pairs).sqrt())
}

/// About how many pairs it takes until an interval is clear of the floor, four times out of five, when the change lies `beyond`
/// the floor by so much, log scale, above zero.
///
/// # Errors
///
/// [`ValueError`] when the spread or the distance is not usable.
pub fn pairs_to_see(spread: f64, beyond: f64, confidence: Confidence) -> Result<f64, ValueError> {
    check(spread)?;
    if !(beyond > 0.0 && beyond.is_finite()) {
        return Err(ValueError::NotPositive {
            index: 0,
            value: beyond,
        });
    }
    let z = student::normal_quantile_of_tail(confidence.tail())
        + student::normal_quantile_of_tail(1.0 - POWER);
    let pairs = (z * spread / beyond).powi(2) / EFFICIENCY;
    let least = crate::rank::needed_in_one_sample(confidence) as f64;
    Ok(pairs.ceil().max(least))
}

/// By how much the launches are multiplied at most: who would need more needs another way.
const MOST_GROWTH: f64 = 16.0;

/// About how many launches on each side it would take until the answer is `settled`, if the ratio stays what it is and errors
/// shrink with the root of their number. `None` if up to 16 times as many would not do, as when it is the sessions that differ.
///
/// `shift`: what `launches` on the side that has fewer have shown; `session` and `rule` as for [`screen`].
/// An expectation to plan with: the next launches may say otherwise.
#[must_use]
pub fn launches_to_settle(
    shift: &LogShift,
    launches: usize,
    session: &Spread,
    rule: &ScreenRule,
    settled: impl Fn(&Screened) -> bool,
) -> Option<usize> {
    let with = |wanted: usize| {
        let growth = wanted as f64 / launches as f64;
        LogShift {
            error_below: shift.error_below / growth.sqrt(),
            error_above: shift.error_above / growth.sqrt(),
            degrees_of_freedom: shift.degrees_of_freedom * growth,
            // Arrangements of ranks grow about as fast as a power of the launches.
            least_p: shift.least_p.powf(growth),
            ..*shift
        }
    };
    let mut wanted = launches.max(1);
    while wanted as f64 <= launches as f64 * MOST_GROWTH {
        if screen(&with(wanted), session, rule).is_ok_and(|screened| settled(&screened)) {
            return Some(wanted);
        }
        wanted += wanted.div_ceil(8);
    }
    None
}

fn check(spread: f64) -> Result<(), ValueError> {
    if (0.0..=1e150).contains(&spread) {
        Ok(())
    } else {
        Err(ValueError::NotFinite {
            index: 0,
            value: spread,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(level: f64) -> Confidence {
        Confidence::new(level).unwrap()
    }

    #[test]
    fn refuses_what_would_become_a_nan() {
        for bad in [f64::NAN, f64::INFINITY, -0.1] {
            assert!(expected_half_width(bad, 10.0, at(0.99)).is_err());
            assert!(pairs_to_see(bad, 0.01, at(0.99)).is_err());
            assert!(pairs_to_see(0.01, bad, at(0.99)).is_err());
        }
        assert!(expected_half_width(0.1, 0.0, at(0.99)).is_err());
        assert!(pairs_to_see(0.01, 0.0, at(0.99)).is_err());
    }

    #[test]
    fn launches_settle_what_launches_leave_open_and_not_what_sessions_do() {
        let rule = ScreenRule {
            floor: 0.01,
            margin: 0.1,
            confidence: at(0.99),
        };
        let settled = |screened: &Screened| screened.p_within_margin < 0.01;
        let shift = LogShift::symmetric(0.0, 0.06, 10.0);
        let needed = launches_to_settle(&shift, 8, &Spread::known(0.01), &rule, settled).unwrap();
        assert!((16..40).contains(&needed), "{needed}");
        // With so many it is settled, and with fewer it is not.
        let calm = LogShift::symmetric(0.0, 0.01, 10.0);
        assert_eq!(
            launches_to_settle(&calm, 8, &Spread::NONE, &rule, settled),
            Some(8)
        );
        for session in [0.03, 0.5] {
            let session = Spread::known(session);
            assert_eq!(
                launches_to_settle(&shift, 8, &session, &rule, settled),
                None
            );
        }
        assert_eq!(
            launches_to_settle(&shift, 0, &Spread::NONE, &rule, settled),
            None
        );
    }

    #[test]
    fn no_fewer_pairs_than_an_interval_needs() {
        assert!((pairs_to_see(0.0, 0.01, at(0.99)).unwrap() - 8.0).abs() < 1e-12);
    }
}

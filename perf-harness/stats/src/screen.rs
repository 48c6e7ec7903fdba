//! Judging one ratio against an effect floor when the sides come from different sessions.
//!
//! A session moves all its launches together (another neighbour on the machine, another temperature), so launches
//! alone give an interval that is far too narrow. What sessions are known to differ by is added here. Nothing is decided
//! here: p-values come out, to be adjusted for the suite and turned into a verdict elsewhere.

use thiserror::Error;

use crate::confidence::Confidence;
use crate::estimate::{LogShift, ratio_of_log};
use crate::robust::Spread;
use crate::student;

/// How often a change of the size [`Screened::smallest_detectable`] is found.
const POWER: f64 = 0.8;

/// Log-scale values from here on are refused: e^700 is past every ratio.
const LARGEST_LOG: f64 = 700.0;

/// What counts as an effect, and how sure one wants to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScreenRule {
    /// The relative effect that is not spoken of, 0.01 for one per cent; 0 to speak of any.
    ///
    /// On the log scale it is the same upwards and downwards: from 1.01 up, from 1 / 1.01 down.
    pub floor: f64,
    /// The relative effect within which two sides count as the same, 0.02 for two per cent; above 0, measured like `floor`.
    pub margin: f64,
    /// Level of the interval, two-sided.
    pub confidence: Confidence,
}

/// What can be said of one ratio. `low <= ratio <= high`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Screened {
    /// Candidate over baseline, as it came in.
    pub ratio: f64,
    /// Lower end of the widened interval.
    pub low: f64,
    /// Upper end of the widened interval.
    pub high: f64,
    /// The level asked for.
    pub confidence: Confidence,
    /// Degrees of freedom of the widened error, by Satterthwaite; of the two directions, the smaller.
    pub degrees_of_freedom: f64,
    /// One-sided, against "the ratio is at most 1 + floor": small means above (slower, when times are compared).
    ///
    /// It is at most half of one minus the level exactly when `low` is at least 1 + floor.
    pub p_above_floor: f64,
    /// One-sided, against "the ratio is at least 1 / (1 + floor)": small means below.
    pub p_below_floor: f64,
    /// The larger of two one-sided tests against "the ratio is beyond 1 + margin" and "… below 1 / (1 + margin)":
    /// small means the same within the margin.
    pub p_within_margin: f64,
    /// The ratio above 1 whose interval would have been clear of the floor four times out of five, with the noise of this
    /// comparison. Its inverse downwards.
    pub smallest_detectable: f64,
}

/// Why nothing can be said.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum ScreenError {
    /// The log-ratio is not finite, or past all measure.
    #[error("a log-ratio must be finite and of usable size, not {0}")]
    Shift(f64),
    /// An error or standard deviation is negative, not finite, or past all measure.
    #[error("a standard error must be finite and not negative, not {0}")]
    StandardError(f64),
    /// The least p-value is not between 0 and 1.
    #[error("the least p-value must lie between 0 and 1, not {0}")]
    LeastP(f64),
    /// Degrees of freedom below 1.
    #[error("degrees of freedom must be at least 1, not {0}")]
    DegreesOfFreedom(f64),
    /// The floor is negative or not finite.
    #[error("the effect floor must be a fraction from 0 up, not {0}")]
    Floor(f64),
    /// The margin is zero, negative or not finite.
    #[error("the margin of sameness must be a fraction above 0, not {0}")]
    Margin(f64),
}

/// Judges `shift` against `rule`, when each of the two sessions was moved by `session` besides.
///
/// `shift`: log scale, from [`crate::RatioEstimate::log_shift`]. `session`: standard deviation, log scale, of one session's centre
/// about the machine's usual one; both sides carry it, so twice its square is added to the square of the error (to
/// that of the shorter end, when the two differ). [`Spread::NONE`] for sides that took turns: then the interval is the one
/// that came in, if `rule` asks for the same level. Student's t with Satterthwaite's degrees of freedom, so a session
/// spread learned from few runs widens the interval for that reason too.
///
/// No p-value is below the shift's `least_p`: t alone would draw from five launches a certainty that five launches
/// cannot give. At levels far beyond the one the ratio was estimated at, p-values still lean on t; estimate at the level
/// that the decision needs.
/// Source: Satterthwaite, Biometrics Bulletin 2 (1946); two one-sided tests: Schuirmann, J. Pharmacokinetics and
/// Biopharmaceutics 15 (1987). Checked in `tests/reference.rs` and `tests/screen_coverage.rs`.
///
/// # Errors
///
/// [`ScreenError`] when an input is not usable; no input gives a NaN.
pub fn screen(
    shift: &LogShift,
    session: &Spread,
    rule: &ScreenRule,
) -> Result<Screened, ScreenError> {
    check(shift, session, rule)?;
    let [below, above] = widened(shift, session);
    let floor = rule.floor.ln_1p();
    let margin = rule.margin.ln_1p();
    let t = student::quantile_of_tail(rule.confidence.tail(), below.degrees_of_freedom);
    let t_power = student::quantile_of_tail(1.0 - POWER, below.degrees_of_freedom);
    Ok(Screened {
        ratio: ratio_of_log(shift.value),
        low: ratio_of_log(shift.value - t * below.sd),
        high: ratio_of_log(shift.value + t * above.sd),
        confidence: rule.confidence,
        degrees_of_freedom: below.degrees_of_freedom,
        p_above_floor: below.p_beyond(shift.value - floor).max(shift.least_p),
        p_below_floor: above.p_beyond(-shift.value - floor).max(shift.least_p),
        p_within_margin: above
            .p_beyond(margin - shift.value)
            .max(below.p_beyond(margin + shift.value))
            .max(shift.least_p),
        smallest_detectable: ratio_of_log(floor + (t + t_power) * below.sd.max(above.sd)),
    })
}

/// The errors downwards and upwards, noise of both sessions included.
///
/// Variances add, so equal errors become the root of the sum of squares. Of unequal ones the shorter says how much the
/// sessions add, to both: where launches have two states, the estimate sits in one of them and the long end reaches over
/// to the other; there the session moves the end by all it has, and a root of squares over that distance would hide it
/// (5 launches a side, one in five slow, sessions 3 % apart: 2 % false alarms at 99 %).
fn widened(shift: &LogShift, session: &Spread) -> [StudentError; 2] {
    let between = 2.0 * session.sd.powi(2);
    let errors = [shift.error_below, shift.error_above];
    let shorter = errors[0].min(errors[1]);
    let added = (shorter.powi(2) + between).sqrt() - shorter;
    let degrees_of_freedom = errors
        .map(|error| {
            satterthwaite([
                (error.powi(2), shift.degrees_of_freedom),
                (between, session.degrees_of_freedom),
            ])
        })
        .into_iter()
        .fold(f64::INFINITY, f64::min);
    errors.map(|error| StudentError {
        sd: error + added,
        degrees_of_freedom,
    })
}

/// An error that follows Student's t.
struct StudentError {
    sd: f64,
    degrees_of_freedom: f64,
}

impl StudentError {
    /// How often the error alone is `excess` or more.
    fn p_beyond(&self, excess: f64) -> f64 {
        if self.sd > 0.0 {
            student::upper_tail(excess / self.sd, self.degrees_of_freedom)
        } else if excess > 0.0 {
            0.0
        } else if excess < 0.0 {
            1.0
        } else {
            0.5
        }
    }
}

/// Degrees of freedom of a sum of independent variances, each with its own; infinite when there is no variance.
fn satterthwaite(parts: [(f64, f64); 2]) -> f64 {
    let sum: f64 = parts.iter().map(|(variance, _)| variance).sum();
    if sum <= 0.0 {
        return f64::INFINITY;
    }
    // As shares of the sum, so that squares of tiny variances do not vanish.
    let inverse: f64 = parts
        .iter()
        .map(|(variance, degrees)| (variance / sum).powi(2) / degrees)
        .sum();
    inverse.recip()
}

fn check(shift: &LogShift, session: &Spread, rule: &ScreenRule) -> Result<(), ScreenError> {
    if !(-LARGEST_LOG..=LARGEST_LOG).contains(&shift.value) {
        return Err(ScreenError::Shift(shift.value));
    }
    for sd in [shift.error_below, shift.error_above, session.sd] {
        if !(0.0..=LARGEST_LOG).contains(&sd) {
            return Err(ScreenError::StandardError(sd));
        }
    }
    if !(0.0..=1.0).contains(&shift.least_p) {
        return Err(ScreenError::LeastP(shift.least_p));
    }
    for degrees in [shift.degrees_of_freedom, session.degrees_of_freedom] {
        if !(1.0..=f64::INFINITY).contains(&degrees) {
            return Err(ScreenError::DegreesOfFreedom(degrees));
        }
    }
    if !(rule.floor >= 0.0 && rule.floor.is_finite()) {
        return Err(ScreenError::Floor(rule.floor));
    }
    if !(rule.margin > 0.0 && rule.margin.is_finite()) {
        return Err(ScreenError::Margin(rule.margin));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIFT: LogShift = LogShift::symmetric(0.05, 0.003, 18.0);

    fn rule() -> ScreenRule {
        ScreenRule {
            floor: 0.01,
            margin: 0.02,
            confidence: Confidence::new(0.99).unwrap(),
        }
    }

    #[test]
    fn noise_between_sessions_widens_and_silences() {
        let side_by_side = screen(&SHIFT, &Spread::NONE, &rule()).unwrap();
        let days_apart = screen(&SHIFT, &Spread::known(0.03), &rule()).unwrap();
        assert!(side_by_side.p_above_floor < 1e-6 && side_by_side.low > 1.01);
        assert!(days_apart.p_above_floor > 0.1 && days_apart.low < 1.0);
        assert!(days_apart.high > side_by_side.high);
        assert!(days_apart.smallest_detectable > 1.1);
        assert!(side_by_side.smallest_detectable < 1.025);
    }

    #[test]
    fn noise_learned_from_few_runs_counts_for_more() {
        let known = screen(&SHIFT, &Spread::known(0.01), &rule()).unwrap();
        let learned = Spread {
            sd: 0.01,
            degrees_of_freedom: 2.1,
        };
        let learned = screen(&SHIFT, &learned, &rule()).unwrap();
        assert!(learned.p_above_floor > 2.0 * known.p_above_floor);
        assert!(learned.low < known.low);
    }

    #[test]
    fn p_value_and_interval_say_the_same() {
        // The floor is put just below and just above the interval's lower end.
        let judged = screen(&SHIFT, &Spread::known(0.01), &rule()).unwrap();
        for (step, called) in [(-1e-6, true), (1e-6, false)] {
            let mut rule = rule();
            rule.floor = judged.low - 1.0 + step;
            let p = screen(&SHIFT, &Spread::known(0.01), &rule)
                .unwrap()
                .p_above_floor;
            assert_eq!(p < 0.005, called);
        }
    }

    #[test]
    fn few_launches_give_no_great_certainty() {
        let estimate = crate::ratio(&[100.0; 5], &[140.0; 5], rule().confidence).unwrap();
        let judged = screen(&estimate.log_shift(), &Spread::NONE, &rule()).unwrap();
        assert!((judged.p_above_floor - 1.0 / 252.0).abs() < 1e-12);
    }

    #[test]
    fn side_by_side_a_lopsided_interval_stays_as_it_is() {
        // Three slow launches of six on one side.
        let baseline = [100.0, 100.1, 100.2, 100.3, 100.4, 100.5];
        let candidate = [100.1, 100.2, 100.3, 100.2, 140.1, 140.2];
        let estimate = crate::ratio(&baseline, &candidate, rule().confidence).unwrap();
        let judged = screen(&estimate.log_shift(), &Spread::NONE, &rule()).unwrap();
        assert!(estimate.error_above > 10.0 * estimate.error_below);
        assert!((judged.low - estimate.low).abs() < 1e-9);
        assert!((judged.high - estimate.high).abs() < 1e-9);
    }

    #[test]
    fn sameness_needs_precision_not_absence_of_evidence() {
        let still = LogShift {
            value: 0.001,
            ..SHIFT
        };
        let precise = screen(&still, &Spread::NONE, &rule()).unwrap();
        let vague = screen(&still, &Spread::known(0.05), &rule()).unwrap();
        assert!(precise.p_within_margin < 0.001);
        assert!(vague.p_within_margin > 0.3);
        assert!(vague.p_above_floor > 0.3 && vague.p_below_floor > 0.3);
    }

    #[test]
    fn without_any_noise_there_is_an_answer_all_the_same() {
        let exact = |value| LogShift::symmetric(value, 0.0, 8.0);
        let judged = screen(&exact(0.05), &Spread::NONE, &rule()).unwrap();
        assert!(judged.p_above_floor < 1e-300 && judged.p_below_floor > 0.999);
        assert!((judged.smallest_detectable - 1.01).abs() < 1e-12);
        let judged = screen(&exact(0.01_f64.ln_1p()), &Spread::NONE, &rule()).unwrap();
        assert!((judged.p_above_floor - 0.5).abs() < 1e-12);
    }

    #[test]
    fn refuses_what_would_become_a_nan() {
        for bad in [f64::NAN, f64::INFINITY, 1e9] {
            let shift = LogShift {
                value: bad,
                ..SHIFT
            };
            assert!(screen(&shift, &Spread::NONE, &rule()).is_err());
            assert!(screen(&SHIFT, &Spread::known(bad), &rule()).is_err());
        }
        assert!(screen(&SHIFT, &Spread::known(-0.1), &rule()).is_err());
        for degrees_of_freedom in [f64::NAN, 0.0, 0.5] {
            let shift = LogShift {
                degrees_of_freedom,
                ..SHIFT
            };
            assert!(screen(&shift, &Spread::NONE, &rule()).is_err());
        }
        for (floor, margin) in [(-0.1, 0.1), (f64::NAN, 0.1), (0.1, 0.0), (0.1, f64::NAN)] {
            let rule = ScreenRule {
                floor,
                margin,
                ..rule()
            };
            assert!(screen(&SHIFT, &Spread::NONE, &rule).is_err());
        }
    }
}

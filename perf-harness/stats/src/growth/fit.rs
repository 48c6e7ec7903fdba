//! The exponent and the laws that the data allow.

use super::curve::PRECISION;
use super::{Law, MIN_SIZES, Sweep};
use crate::confidence::Confidence;
use crate::estimate::Estimate;
use crate::minimum;
use crate::student;

/// The highest exponent that is looked at. An interval that ends here has no upper end: the overhead may hide any power.
pub const LARGEST_EXPONENT: f64 = 16.0;

/// And the lowest: time that falls with size.
pub(super) const SMALLEST_EXPONENT: f64 = -3.0;

/// No timing follows a law more closely than this: caches, layout and lower terms see to that. It keeps a few points that
/// happen to lie on a curve, or exact counts, from excluding all neighbours of that curve.
const LEAST_SCATTER: f64 = 0.01;

/// A law that is at most this share of the time at the largest size is not what is seen there.
const SHARE_THAT_COUNTS: f64 = 0.25;

/// How time grows with size, over the sizes that were measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Growth {
    /// The exponent of the power of `n` that comes nearest, beside a constant overhead. Over sizes from 100 to 10,000, `n log n` comes
    /// to about 1.15 and `log n` to about 0.15. It is 0 with the interval of a straight line of logarithms where no growth shows.
    /// Its interval ends at [`LARGEST_EXPONENT`] where it has no upper end.
    pub exponent: Estimate,
    /// The laws that the data cannot tell apart, the slowest growth first. Empty when none of them fits as well as a power between
    /// them does.
    pub laws: Vec<Law>,
    /// The one of [`Growth::laws`] that fits best for what it takes; when there is none, the best of all.
    pub best: Law,
    /// How far times scatter about [`Growth::best`], as a share of the time (one standard deviation).
    pub scatter: f64,
}

impl Growth {
    /// The law, where there is only one that the data allow.
    #[must_use]
    pub fn law(&self) -> Option<Law> {
        match self.laws[..] {
            [law] => Some(law),
            _ => None,
        }
    }
}

impl Sweep {
    /// How time grows with size.
    ///
    /// Each law of [`Law::ALL`] and the free power are fitted as `a + b·f(n)`, `a` and `b` not below zero, by least squares
    /// on logarithms. `exponent` has the interval of the profile likelihood. A law is left out of `laws` when its squared residuals
    /// exceed the least of all by more than an F test with 2 and `sizes - 4` degrees of freedom allows at `confidence`: all laws
    /// with a power are points of the family `a + b·n^p·(log n)^q`, which has two parameters more, so that the true one is left
    /// out no more often than one minus the level. No growth stays among them, and 0 in the exponent's interval, when only the
    /// largest or the smallest size speaks against it. When no growth at all is among them, laws are left out too that can be no more than a quarter
    /// of the time at the largest size. `best` is by Akaike's criterion for small samples. Scatter is never taken as less than 1 %.
    /// Source: Bates & Watts, Nonlinear Regression Analysis (1988), ch. 6; Hurvich & Tsai, Biometrika 76 (1989).
    /// Checked in `tests/reference_laws.rs` and `tests/growth.rs`.
    #[must_use]
    pub fn growth(&self, confidence: Confidence) -> Growth {
        let misfits = Law::ALL.map(|law| self.curve.misfit_of_law(law, f64::MIN_POSITIVE));
        let power = self.power(Law::Constant);
        let least_misfit = misfits.into_iter().fold(power.misfit, f64::min);
        let laws = self.allowed(&misfits, least_misfit, confidence);
        let best = self.best_of(if laws.is_empty() { &Law::ALL } else { &laws }, &misfits);
        let freedom = self.curve.len() - parameters(best);
        Growth {
            exponent: self.exponent(&power, confidence),
            best,
            scatter: (misfits[best as usize] / freedom as f64).sqrt(),
            laws,
        }
    }

    /// Laws that are not excluded.
    fn allowed(&self, misfits: &[f64; 7], least_misfit: f64, confidence: Confidence) -> Vec<Law> {
        let freedom = self.curve.len() - 4;
        let excluded = |misfit: f64| {
            exceeds(
                misfit,
                least_misfit,
                freedom,
                excess_of_two(freedom, confidence),
            )
        };
        let mut laws: Vec<Law> = Law::ALL
            .into_iter()
            .filter(|law| !excluded(misfits[*law as usize]))
            .collect();
        if !laws.contains(&Law::Constant) && self.is_flat_but_for_an_end(confidence) {
            laws.insert(0, Law::Constant);
        }
        if laws.contains(&Law::Constant) {
            laws.retain(|&law| law == Law::Constant || self.may_count(law, misfits, confidence));
        }
        laws
    }

    /// Whether a law can be as much of the time at the largest size as [`SHARE_THAT_COUNTS`].
    fn may_count(&self, law: Law, misfits: &[f64; 7], confidence: Confidence) -> bool {
        let freedom = self.curve.len() - parameters(law);
        !exceeds(
            self.curve.misfit_of_law(law, SHARE_THAT_COUNTS),
            misfits[law as usize],
            freedom,
            excess_of_one(freedom, confidence),
        )
    }

    fn best_of(&self, laws: &[Law], misfits: &[f64; 7]) -> Law {
        let count = self.curve.len() as f64;
        let criterion = |law: Law| {
            let scatter = (misfits[law as usize] / count).max(LEAST_SCATTER.powi(2));
            // One more for the scatter itself.
            let taken = parameters(law) as f64 + 1.0;
            let left = (count - taken - 1.0).max(0.5);
            count * scatter.ln() + 2.0 * taken + 2.0 * taken * (taken + 1.0) / left
        };
        laws.iter()
            .copied()
            .min_by(|&a, &b| criterion(a).total_cmp(&criterion(b)))
            .unwrap_or(Law::Constant)
    }

    /// The power of `n` that fits best beside a law and an overhead.
    pub(super) fn power(&self, beside: Law) -> Power {
        let ends = (SMALLEST_EXPONENT, LARGEST_EXPONENT);
        let (power, misfit) = minimum::least(ends, PRECISION, |power| {
            self.curve.misfit_of_power(beside, power)
        });
        Power { power, misfit }
    }

    fn exponent(&self, power: &Power, confidence: Confidence) -> Estimate {
        let count = self.curve.len();
        let line = self.curve.straight_line();
        if self.is_flat(power, confidence) {
            let scatter = (line.misfit / (count - 2) as f64).sqrt().max(LEAST_SCATTER);
            let half = student::quantile_of_tail(confidence.tail(), (count - 2) as f64) * scatter
                / line.spread.sqrt();
            return Estimate {
                value: 0.0,
                low: (line.slope - half).min(0.0),
                high: (line.slope + half).max(0.0),
                confidence,
            };
        }
        let freedom = count - 3;
        // Without need for an overhead the straight line says it best: an overhead that is fitted but not there only adds doubt.
        let needed = excess_of_one(freedom, Confidence::P95);
        let value = if exceeds(line.misfit, power.misfit, freedom, needed) {
            power.power
        } else {
            line.slope
        };
        let (low, high) = self.power_interval(Law::Constant, power, confidence);
        let flat = self.is_flat_but_for_an_end(confidence);
        let low = if flat { low.min(0.0) } else { low };
        Estimate {
            value,
            low: low.min(value),
            high: high.max(value),
            confidence,
        }
    }

    /// Whether the data need no growth at all, compared with a power beside an overhead.
    fn is_flat(&self, power: &Power, confidence: Confidence) -> bool {
        let freedom = self.curve.len() - 3;
        let flat = self.curve.misfit_of_law(Law::Constant, 1.0);
        !exceeds(
            flat,
            power.misfit,
            freedom,
            excess_of_two(freedom, confidence),
        )
    }

    /// Whether growth rests on the largest or the smallest size alone. A steep curve beside an overhead passes through any one
    /// time at an end, so a disturbance there would be a law.
    fn is_flat_but_for_an_end(&self, confidence: Confidence) -> bool {
        let left = self.curve.len() - 1;
        left >= MIN_SIZES
            && [0..left, 1..left + 1].into_iter().any(|kept| {
                let without = Self {
                    curve: self.curve.part(kept),
                };
                without.is_flat(&without.power(Law::Constant), confidence)
            })
    }

    /// All powers beside a law that the data do not exclude, from the lowest to the highest.
    pub(super) fn power_interval(
        &self,
        beside: Law,
        power: &Power,
        confidence: Confidence,
    ) -> (f64, f64) {
        let freedom = self.curve.len() - 3;
        let allowed = excess_of_one(freedom, confidence);
        let excluded = |at: f64| {
            let misfit = self.curve.misfit_of_power(beside, at);
            exceeds(misfit, power.misfit, freedom, allowed)
        };
        (
            edge(power.power, SMALLEST_EXPONENT, excluded),
            edge(power.power, LARGEST_EXPONENT, excluded),
        )
    }
}

/// A power of `n`, and the squared residuals of the curve with it.
pub(super) struct Power {
    pub(super) power: f64,
    pub(super) misfit: f64,
}

/// What each law takes from the data: factor, overhead, base.
fn parameters(law: Law) -> usize {
    match law {
        Law::Constant => 1,
        Law::Exponential => 3,
        _ => 2,
    }
}

/// Whether squared residuals exceed the least ones by more than `allowed` times the variance that those show.
fn exceeds(misfit: f64, least_misfit: f64, freedom: usize, allowed: f64) -> bool {
    let variance = (least_misfit / freedom as f64).max(LEAST_SCATTER.powi(2));
    misfit - least_misfit > allowed * variance
}

/// What one parameter less may cost, in variances: the quantile of F with 1 degree of freedom, Student's t squared.
fn excess_of_one(freedom: usize, confidence: Confidence) -> f64 {
    student::quantile_of_tail(confidence.tail(), freedom as f64).powi(2)
}

/// What two parameters less may cost, in variances: twice the quantile of F with 2 degrees of freedom, which has a closed form.
fn excess_of_two(freedom: usize, confidence: Confidence) -> f64 {
    let freedom = freedom as f64;
    let outside = 2.0 * confidence.tail();
    freedom * (outside.powf(-2.0 / freedom) - 1.0)
}

/// The farthest point from `inside` towards `end` that is not excluded. Steps of a quarter power find the last one, halving
/// the edge beyond it.
fn edge(inside: f64, end: f64, excluded: impl Fn(f64) -> bool) -> f64 {
    let steps = ((end - inside).abs() * 4.0).ceil().max(1.0);
    let step = (end - inside) / steps;
    let (mut kept, mut taken) = (inside, 0.0);
    let mut lost = None;
    while taken < steps {
        taken += 1.0;
        let at = inside + step * taken;
        if excluded(at) {
            lost = Some(at);
            break;
        }
        kept = at;
    }
    let Some(mut lost) = lost else { return end };
    while (lost - kept).abs() > 1e-5 {
        let middle = f64::midpoint(lost, kept);
        if excluded(middle) {
            lost = middle;
        } else {
            kept = middle;
        }
    }
    kept
}

//! Values of launches against a ceiling that they should keep below: no baseline, no model, and little to compute, since a
//! bench target links it.

use std::fmt;

use crate::quantile;

/// What one session's centre differs by from a machine's usual one although nothing changed, as a standard deviation on
/// the log scale. It is wide, for a machine of which nothing is known yet.
pub const UNKNOWN_SESSION_SD: f64 = 0.02;

/// The chance of calling a ceiling broken, or kept, that is not, for each of the two.
const TAIL: f64 = 0.005;

/// The normal quantile of that tail.
const NORMAL: f64 = 2.575_829_303_548_901;

/// How far above the quietest gauge a launch may be and count as quiet, as a ratio.
const QUIET: f64 = 1.01;

/// How launches stand to a ceiling.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ceiling {
    /// They are below it, or at it.
    Kept {
        /// The value that was held against it.
        value: f64,
    },
    /// They are above it.
    Broken {
        /// The value that was held against it.
        value: f64,
    },
    /// Neither is sure.
    Open {
        /// The value that was held against it.
        value: f64,
        /// Why.
        doubt: Doubt,
    },
}

/// Why nothing is sure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// The ceiling lies within the interval.
    Within,
    /// There are too few launches, or too few during which the machine was quiet.
    Few {
        /// Those that could be used.
        found: usize,
        /// Those that would do.
        needed: usize,
    },
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Within => f.write_str(
                "too near to it to tell, by what launches and sessions differ without a change",
            ),
            Self::Few { found, needed } => write!(
                f,
                "{found} launches can speak, and {needed} are needed to tell; those while the machine was busy do not count"
            ),
        }
    }
}

/// Holds values that are the same each time against `limit`: one above it is too much. `None` without a value.
#[must_use]
pub fn exact_ceiling(values: &[f64], limit: f64) -> Option<Ceiling> {
    let value = values.iter().copied().max_by(f64::total_cmp)?;
    Some(if value > limit {
        Ceiling::Broken { value }
    } else {
        Ceiling::Kept { value }
    })
}

/// Holds noisy values, one of each launch, against `limit`. `None` when there is no value, or one is not finite.
///
/// `gauges`: beside each value how slow the machine was then, in any unit; empty when nobody looked. `quietest`: the least
/// gauge of the session. Launches while the machine was busy count only in favour: they can show that a ceiling is kept in
/// spite of it, and not that it is broken.
///
/// It is broken, or kept, when the interval of the median lies wholly on one side of `limit`. That is the sign test at 0.5 %
/// each way, which assumes nothing about the shape of the noise and can decide from eight launches on; both ends are
/// moved outwards by what sessions differ by ([`UNKNOWN_SESSION_SD`], at the same level), 5.3 %.
/// Source: Thompson, Annals of Mathematical Statistics 7 (1936), as for the interval of a median.
#[must_use]
pub fn noisy_ceiling(values: &[f64], gauges: &[f64], quietest: f64, limit: f64) -> Option<Ceiling> {
    let value = quantile::median(values).ok()?;
    if side(values, limit) == Some(Side::Below) {
        return Some(Ceiling::Kept { value });
    }
    let is_quiet = |index: usize| {
        gauges
            .get(index)
            .is_none_or(|&gauge| gauge <= quietest * QUIET)
    };
    // Gauges that do not belong to these launches say nothing of them.
    let known = gauges.len() == values.len();
    let quiet: Vec<f64> = (0..values.len())
        .filter(|&index| !known || is_quiet(index))
        .map(|index| values[index])
        .collect();
    let value = quantile::median(&quiet).unwrap_or(value);
    Some(match side(&quiet, limit) {
        Some(Side::Above) => Ceiling::Broken { value },
        Some(Side::Below) => Ceiling::Kept { value },
        Some(Side::Neither) => Ceiling::Open {
            value,
            doubt: Doubt::Within,
        },
        None => Ceiling::Open {
            value,
            doubt: Doubt::Few {
                found: quiet.len(),
                needed: needed(),
            },
        },
    })
}

/// Where the interval of the median lies.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Below,
    Above,
    Neither,
}

/// `None` when there are too few values for any answer but "neither".
fn side(values: &[f64], limit: f64) -> Option<Side> {
    let apart = (NORMAL * UNKNOWN_SESSION_SD).exp();
    let count = |holds: &dyn Fn(f64) -> bool| values.iter().filter(|&&value| holds(value)).count();
    let not_above = count(&|value| value <= limit * apart);
    let not_below = count(&|value| value * apart > limit);
    if values.len() < needed() {
        None
    } else if tail(values.len(), not_above) <= TAIL {
        Some(Side::Above)
    } else if tail(values.len(), not_below) <= TAIL {
        Some(Side::Below)
    } else {
        Some(Side::Neither)
    }
}

/// The fewest values that can decide: so many all on one side are seldom enough by chance.
fn needed() -> usize {
    (1..64).find(|&n| tail(n, 0) <= TAIL).unwrap_or(64)
}

/// The chance that of `n` values, each of which is as likely above as below, at most `k` are below.
fn tail(n: usize, k: usize) -> f64 {
    // From one term to the next: C(n, i + 1) = C(n, i) (n - i) / (i + 1). On logarithms, since 2^-n may be none.
    let mut ln_term = -(n as f64) * std::f64::consts::LN_2;
    let mut sum = ln_term.exp();
    for i in 0..k.min(n) {
        ln_term += ((n - i) as f64 / (i + 1) as f64).ln();
        sum += ln_term.exp();
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_open(ceiling: Option<Ceiling>) -> bool {
        matches!(ceiling, Some(Ceiling::Open { .. }))
    }

    #[test]
    fn an_exact_value_may_reach_its_ceiling_and_not_exceed_it() {
        assert_eq!(
            exact_ceiling(&[3.0, 3.0], 3.0),
            Some(Ceiling::Kept { value: 3.0 })
        );
        assert_eq!(
            exact_ceiling(&[3.0, 4.0], 3.0),
            Some(Ceiling::Broken { value: 4.0 })
        );
        assert_eq!(
            exact_ceiling(&[0.0], 0.0),
            Some(Ceiling::Kept { value: 0.0 })
        );
        assert_eq!(exact_ceiling(&[], 3.0), None);
    }

    #[test]
    fn a_noisy_value_decides_only_when_the_whole_interval_lies_on_one_side() {
        let at = |value: f64| noisy_ceiling(&[value; 10], &[], 1.0, 100.0);
        assert_eq!(at(94.0), Some(Ceiling::Kept { value: 94.0 }));
        assert_eq!(at(106.0), Some(Ceiling::Broken { value: 106.0 }));
        for near in [95.5, 100.0, 105.0] {
            assert_eq!(
                at(near),
                Some(Ceiling::Open {
                    value: near,
                    doubt: Doubt::Within
                }),
                "{near}"
            );
        }
    }

    #[test]
    fn a_few_launches_are_never_enough_to_break_a_ceiling() {
        for n in 1..8 {
            let few = noisy_ceiling(&vec![500.0; n], &[], 1.0, 100.0);
            let doubt = Doubt::Few {
                found: n,
                needed: 8,
            };
            assert_eq!(
                few,
                Some(Ceiling::Open {
                    value: 500.0,
                    doubt
                })
            );
        }
        assert!(matches!(
            noisy_ceiling(&[500.0; 8], &[], 1.0, 100.0),
            Some(Ceiling::Broken { .. })
        ));
    }

    #[test]
    fn one_launch_in_eight_on_the_other_side_leaves_it_open() {
        let mut values = [200.0; 8];
        values[3] = 50.0;
        assert!(is_open(noisy_ceiling(&values, &[], 1.0, 100.0)));
        // Of thirty, seven may.
        let mut values = [200.0; 30];
        values[..7].fill(50.0);
        assert!(matches!(
            noisy_ceiling(&values, &[], 1.0, 100.0),
            Some(Ceiling::Broken { .. })
        ));
        values[7] = 50.0;
        assert!(is_open(noisy_ceiling(&values, &[], 1.0, 100.0)));
    }

    #[test]
    fn a_busy_machine_breaks_no_ceiling_and_hides_no_kept_one() {
        let busy = [1.5; 10];
        let over = noisy_ceiling(&[200.0; 10], &busy, 1.0, 100.0);
        let doubt = Doubt::Few {
            found: 0,
            needed: 8,
        };
        assert_eq!(
            over,
            Some(Ceiling::Open {
                value: 200.0,
                doubt
            })
        );
        let under = noisy_ceiling(&[50.0; 10], &busy, 1.0, 100.0);
        assert_eq!(under, Some(Ceiling::Kept { value: 50.0 }));
        // The quiet launches of a mixed session speak for it.
        let mut values = [200.0; 20];
        let mut gauges = [1.5; 20];
        values[..9].fill(80.0);
        gauges[..9].fill(1.005);
        let mixed = noisy_ceiling(&values, &gauges, 1.0, 100.0);
        assert_eq!(mixed, Some(Ceiling::Kept { value: 80.0 }));
    }

    #[test]
    fn what_is_no_number_has_no_answer() {
        assert_eq!(noisy_ceiling(&[], &[], 1.0, 100.0), None);
        assert_eq!(noisy_ceiling(&[1.0, f64::NAN], &[], 1.0, 100.0), None);
    }

    #[test]
    fn the_tail_is_the_binomial_one() {
        let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
        assert!(near(tail(8, 0), 1.0 / 256.0));
        assert!(near(tail(8, 1), 9.0 / 256.0));
        assert!(near(tail(5, 2), 0.5));
        assert!(near(tail(5, 5), 1.0));
        assert!(tail(5000, 2000) < 1e-40 && tail(5000, 2500) > 0.5);
    }
}

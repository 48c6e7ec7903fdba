//! Values of launches against a bound that they should keep: no baseline, no model, and little to compute, since a bench
//! target links it.

use std::fmt;

use crate::quantile;

/// What one session's centre differs by from a machine's usual one although nothing changed, as a standard deviation on
/// the log scale. It is wide, for a machine of which nothing is known yet.
pub const UNKNOWN_SESSION_SD: f64 = 0.02;

/// The chance of calling a bound broken, or kept, that is not, for each of the two.
const TAIL: f64 = 0.005;

/// The normal quantile of that tail.
const NORMAL: f64 = 2.575_829_303_548_901;

/// How far above the quietest gauge a launch may be and count as quiet, as a ratio.
const QUIET: f64 = 1.01;

/// What values should keep.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// They should be no more than this.
    AtMost(f64),
    /// They should be no less than this.
    AtLeast(f64),
}

/// How launches stand to a bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kept {
    /// They keep it, by whatever the noise is.
    Surely {
        /// The value that was held against it.
        value: f64,
    },
    /// They do not.
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
    /// The bound lies within the interval.
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

/// Holds values that are the same each time against `bound`: one beyond it is too much. `None` without a value.
///
/// The value that speaks is the one farthest to the bad side.
#[must_use]
pub fn holds_exactly(values: &[f64], bound: Bound) -> Option<Kept> {
    let values = values.iter().copied();
    let (value, is_broken) = match bound {
        Bound::AtMost(limit) => {
            let value = values.max_by(f64::total_cmp)?;
            (value, value > limit)
        }
        Bound::AtLeast(limit) => {
            let value = values.min_by(f64::total_cmp)?;
            (value, value < limit)
        }
    };
    Some(if is_broken {
        Kept::Broken { value }
    } else {
        Kept::Surely { value }
    })
}

/// Holds noisy values, one of each launch, against `bound`. `None` when there is no value, or one is not finite.
///
/// `gauges`: beside each value how slow the machine was then, in any unit; empty when nobody looked. `quietest`: the least
/// gauge of the session. Launches while the machine was busy count only in favour: they can show that a bound is kept in
/// spite of it, and not that it is broken.
///
/// It is broken, or kept, when the interval of the median lies wholly on one side of it. That is the sign test at 0.5 %
/// each way, which assumes nothing about the shape of the noise and can decide from eight launches on; both ends are
/// moved outwards by what sessions differ by ([`UNKNOWN_SESSION_SD`], at the same level), 5.3 %.
/// Source: Thompson, Annals of Mathematical Statistics 7 (1936), as for the interval of a median.
#[must_use]
pub fn holds(values: &[f64], gauges: &[f64], quietest: f64, bound: Bound) -> Option<Kept> {
    let value = quantile::median(values).ok()?;
    if side(values, bound) == Some(Side::Good) {
        return Some(Kept::Surely { value });
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
    Some(match side(&quiet, bound) {
        Some(Side::Bad) => Kept::Broken { value },
        Some(Side::Good) => Kept::Surely { value },
        Some(Side::Neither) => Kept::Open {
            value,
            doubt: Doubt::Within,
        },
        None => Kept::Open {
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
    Good,
    Bad,
    Neither,
}

/// `None` when there are too few values for any answer but "neither".
fn side(values: &[f64], bound: Bound) -> Option<Side> {
    let apart = (NORMAL * UNKNOWN_SESSION_SD).exp();
    let count = |holds: &dyn Fn(f64) -> bool| values.iter().filter(|&&value| holds(value)).count();
    // Those that do not speak for its being broken, and those that do not speak for its being kept.
    let (not_bad, not_good) = match bound {
        Bound::AtMost(limit) => (
            count(&|value| value <= limit * apart),
            count(&|value| value * apart > limit),
        ),
        Bound::AtLeast(limit) => (
            count(&|value| value * apart >= limit),
            count(&|value| value < limit * apart),
        ),
    };
    if values.len() < needed() {
        None
    } else if tail(values.len(), not_bad) <= TAIL {
        Some(Side::Bad)
    } else if tail(values.len(), not_good) <= TAIL {
        Some(Side::Good)
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
    use super::Bound::{AtLeast, AtMost};
    use super::*;

    fn is_open(ceiling: Option<Kept>) -> bool {
        matches!(ceiling, Some(Kept::Open { .. }))
    }

    #[test]
    fn an_exact_value_may_reach_its_ceiling_and_not_exceed_it() {
        assert_eq!(
            holds_exactly(&[3.0, 3.0], AtMost(3.0)),
            Some(Kept::Surely { value: 3.0 })
        );
        assert_eq!(
            holds_exactly(&[3.0, 4.0], AtMost(3.0)),
            Some(Kept::Broken { value: 4.0 })
        );
        assert_eq!(
            holds_exactly(&[0.0], AtMost(0.0)),
            Some(Kept::Surely { value: 0.0 })
        );
        assert_eq!(holds_exactly(&[], AtMost(3.0)), None);
    }

    #[test]
    fn a_noisy_value_decides_only_when_the_whole_interval_lies_on_one_side() {
        let at = |value: f64| holds(&[value; 10], &[], 1.0, AtMost(100.0));
        assert_eq!(at(94.0), Some(Kept::Surely { value: 94.0 }));
        assert_eq!(at(106.0), Some(Kept::Broken { value: 106.0 }));
        for near in [95.5, 100.0, 105.0] {
            assert_eq!(
                at(near),
                Some(Kept::Open {
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
            let few = holds(&vec![500.0; n], &[], 1.0, AtMost(100.0));
            let doubt = Doubt::Few {
                found: n,
                needed: 8,
            };
            assert_eq!(
                few,
                Some(Kept::Open {
                    value: 500.0,
                    doubt
                })
            );
        }
        assert!(matches!(
            holds(&[500.0; 8], &[], 1.0, AtMost(100.0)),
            Some(Kept::Broken { .. })
        ));
    }

    #[test]
    fn one_launch_in_eight_on_the_other_side_leaves_it_open() {
        let mut values = [200.0; 8];
        values[3] = 50.0;
        assert!(is_open(holds(&values, &[], 1.0, AtMost(100.0))));
        // Of thirty, seven may.
        let mut values = [200.0; 30];
        values[..7].fill(50.0);
        assert!(matches!(
            holds(&values, &[], 1.0, AtMost(100.0)),
            Some(Kept::Broken { .. })
        ));
        values[7] = 50.0;
        assert!(is_open(holds(&values, &[], 1.0, AtMost(100.0))));
    }

    #[test]
    fn a_busy_machine_breaks_no_ceiling_and_hides_no_kept_one() {
        let busy = [1.5; 10];
        let over = holds(&[200.0; 10], &busy, 1.0, AtMost(100.0));
        let doubt = Doubt::Few {
            found: 0,
            needed: 8,
        };
        assert_eq!(
            over,
            Some(Kept::Open {
                value: 200.0,
                doubt
            })
        );
        let under = holds(&[50.0; 10], &busy, 1.0, AtMost(100.0));
        assert_eq!(under, Some(Kept::Surely { value: 50.0 }));
        // The quiet launches of a mixed session speak for it.
        let mut values = [200.0; 20];
        let mut gauges = [1.5; 20];
        values[..9].fill(80.0);
        gauges[..9].fill(1.005);
        let mixed = holds(&values, &gauges, 1.0, AtMost(100.0));
        assert_eq!(mixed, Some(Kept::Surely { value: 80.0 }));
    }

    #[test]
    fn a_floor_is_a_ceiling_upside_down() {
        assert_eq!(
            holds_exactly(&[3.0, 4.0], AtLeast(3.0)),
            Some(Kept::Surely { value: 3.0 })
        );
        assert_eq!(
            holds_exactly(&[3.0, 2.0], AtLeast(3.0)),
            Some(Kept::Broken { value: 2.0 })
        );
        // What keeps a value below a ceiling keeps its inverse above a floor.
        let word = |kept: Option<Kept>| match kept {
            Some(Kept::Surely { .. }) => "kept",
            Some(Kept::Broken { .. }) => "broken",
            Some(Kept::Open { .. }) => "open",
            None => "nothing",
        };
        for (value, quiet) in [
            (0.5, "kept"),
            (0.94, "kept"),
            (0.96, "open"),
            (1.0, "open"),
            (1.05, "open"),
            (1.06, "broken"),
            (2.0, "broken"),
        ] {
            for (n, gauge) in [(5, 1.0), (8, 1.0), (30, 1.0), (30, 1.5)] {
                let (below, gauges) = (vec![value; n], vec![gauge; n]);
                let above = vec![1.0 / value; n];
                let ceiling = word(holds(&below, &gauges, 1.0, AtMost(1.0)));
                let floor = word(holds(&above, &gauges, 1.0, AtLeast(1.0)));
                assert_eq!(ceiling, floor, "{n} of {value}");
                if n >= 8 && gauge < 1.01 {
                    assert_eq!(floor, quiet, "{n} of {value}");
                }
            }
        }
        let nothing = holds(&[0.0; 9], &[], 1.0, AtLeast(0.0));
        assert_eq!(nothing, Some(Kept::Surely { value: 0.0 }));
    }

    #[test]
    fn what_is_no_number_has_no_answer() {
        assert_eq!(holds(&[], &[], 1.0, AtMost(100.0)), None);
        assert_eq!(holds(&[1.0, f64::NAN], &[], 1.0, AtMost(100.0)), None);
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

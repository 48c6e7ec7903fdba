//! How often the law of growth and its exponent are right, by simulation with fixed seeds.
//!
//! `cargo test --release -p perf-stats --test growth -- --nocapture` prints the figures of docs/METHOD.md.

use perf_stats::{Confidence, Growth, Law, Sweep};

const SEEDS: u64 = 100;

/// Relative noise of every time.
const NOISE: f64 = 0.05;

/// A standard normal value (Box & Muller).
fn normal(rng: &mut fastrand::Rng) -> f64 {
    (-2.0 * (1.0 - rng.f64()).ln()).sqrt() * (std::f64::consts::TAU * rng.f64()).cos()
}

#[expect(
    clippy::print_stderr,
    reason = "figures for whoever asks with --nocapture"
)]
fn figure(line: &str) {
    eprintln!("{line}");
}

fn of(law: Law, size: f64) -> f64 {
    match law {
        Law::Constant => 1.0,
        Law::Logarithmic => size.ln(),
        Law::Linear => size,
        Law::Linearithmic => size * size.ln(),
        Law::Quadratic => size.powi(2),
        Law::Cubic => size.powi(3),
        Law::Exponential => 1.6_f64.powf(size),
    }
}

/// What a simulation draws from.
#[derive(Debug, Clone, Copy)]
struct Case {
    points: u32,
    first: f64,
    last: f64,
    /// The constant overhead, as a multiple of the law's part at the size in the middle.
    overhead: f64,
}

impl Case {
    /// Geometric between the ends; evenly for an exponential, from 4 to 34.
    fn sizes(&self, law: Law) -> Vec<f64> {
        let (first, last) = match law {
            Law::Exponential => (4.0_f64, 34.0),
            _ => (self.first, self.last),
        };
        let share = |i: u32| f64::from(i) / f64::from(self.points - 1);
        (0..self.points)
            .map(|i| match law {
                Law::Exponential => (first + (last - first) * share(i)).round(),
                _ => (first * (last / first).powf(share(i))).round(),
            })
            .collect()
    }

    fn sweep(&self, law: Law, noise: f64, rng: &mut fastrand::Rng) -> Sweep {
        let sizes = self.sizes(law);
        let overhead = self.overhead * of(law, sizes[sizes.len() / 2]);
        let times: Vec<Vec<f64>> = sizes
            .iter()
            .map(|&n| vec![1e-6 * (overhead + of(law, n)) * (noise * normal(rng)).exp()])
            .collect();
        Sweep::new(&sizes, &times).expect("a sweep")
    }

    fn growths(&self, law: Law, level: Confidence) -> Vec<Growth> {
        (0..SEEDS)
            .map(|seed| {
                let mut rng = fastrand::Rng::with_seed(1000 * seed + law as u64);
                self.sweep(law, NOISE, &mut rng).growth(level)
            })
            .collect()
    }

    /// The exponent of a power; for laws with a logarithm, the power that comes nearest without any noise.
    fn exponent(&self, law: Law) -> f64 {
        match law {
            Law::Constant => 0.0,
            Law::Linear => 1.0,
            Law::Quadratic => 2.0,
            Law::Cubic => 3.0,
            _ => {
                let quiet = self.sweep(law, 0.0, &mut fastrand::Rng::with_seed(0));
                quiet.growth(Confidence::P99).exponent.value
            }
        }
    }
}

const WIDE: [Case; 4] = [
    Case {
        points: 8,
        first: 100.0,
        last: 10_000.0,
        overhead: 0.0,
    },
    Case {
        points: 10,
        first: 100.0,
        last: 10_000.0,
        overhead: 1.0,
    },
    Case {
        points: 12,
        first: 16.0,
        last: 65_536.0,
        overhead: 0.0,
    },
    Case {
        points: 12,
        first: 16.0,
        last: 65_536.0,
        overhead: 1.0,
    },
];

fn count(growths: &[Growth], holds: impl Fn(&Growth) -> bool) -> usize {
    growths.iter().filter(|growth| holds(growth)).count()
}

/// Exponent and laws hold the truth in at least 95 of 100 seeds.
fn holds_the_truth(case: Case) {
    for law in Law::ALL {
        let truth = case.exponent(law);
        let growths = case.growths(law, Confidence::P99);
        let covers = count(&growths, |growth| {
            (growth.exponent.low..=growth.exponent.high).contains(&truth)
        });
        let widths = growths.iter().map(|g| g.exponent.high - g.exponent.low);
        let width = widths.sum::<f64>() / growths.len() as f64;
        let contains = count(&growths, |growth| growth.laws.contains(&law));
        let alone = count(&growths, |growth| growth.law() == Some(law));
        let best = count(&growths, |growth| growth.best == law);
        figure(&format!(
            "{} sizes {}..{}, overhead {}: {law:<8} exponent {truth:6.3} in {covers:>3}, mean width {width:.3}; law among those allowed {contains:>3}, alone {alone:>3}, best {best:>3}",
            case.points, case.first, case.last, case.overhead
        ));
        assert!(covers >= 95, "{case:?} {law}: exponent in {covers}");
        assert!(contains >= 95, "{case:?} {law}: law in {contains}");
    }
}

#[test]
fn eight_sizes_over_two_decades() {
    holds_the_truth(WIDE[0]);
}

#[test]
fn ten_sizes_over_two_decades_with_an_overhead() {
    holds_the_truth(WIDE[1]);
}

#[test]
fn twelve_sizes_over_four_decades() {
    holds_the_truth(WIDE[2]);
}

#[test]
fn twelve_sizes_over_four_decades_with_an_overhead() {
    holds_the_truth(WIDE[3]);
}

#[test]
fn a_size_that_was_disturbed_does_not_make_a_wrong_law() {
    for law in Law::ALL {
        let held = (0..SEEDS).filter(|&seed| {
            let mut rng = fastrand::Rng::with_seed(1000 * seed + law as u64);
            let sizes = WIDE[2].sizes(law);
            let disturbed = rng.usize(..sizes.len());
            let times: Vec<Vec<f64>> = sizes
                .iter()
                .enumerate()
                .map(|(index, &n)| {
                    let factor = if index == disturbed { 1.5 } else { 1.0 };
                    vec![factor * of(law, n) * (NOISE * normal(&mut rng)).exp()]
                })
                .collect();
            let sweep = Sweep::new(&sizes, &times).unwrap();
            sweep.growth(Confidence::P99).laws.contains(&law)
        });
        let held = held.count();
        figure(&format!(
            "one size half as slow again: {law:<8} in {held:>3}"
        ));
        assert!(held >= 95, "{law}: {held}");
    }
}

#[test]
fn a_range_of_two_does_not_make_a_wrong_law() {
    for first in [100.0, 10_000.0] {
        let case = Case {
            points: 8,
            first,
            last: 2.0 * first,
            overhead: 0.0,
        };
        for law in &Law::ALL[..6] {
            let growths = case.growths(*law, Confidence::P99);
            let contains = count(&growths, |growth| growth.laws.contains(law));
            let wrong = count(&growths, |growth| {
                !growth.laws.is_empty() && !growth.laws.contains(law)
            });
            let alone = count(&growths, |growth| growth.law() == Some(*law));
            let several = count(&growths, |growth| growth.laws.len() > 1);
            figure(&format!(
                "8 sizes {first}..{}: {law:<8} among those allowed {contains:>3}, alone {alone:>3}, cannot tell {several:>3}, wrong {wrong}",
                2.0 * first
            ));
            assert!(contains >= 95, "{first} {law}: {contains}");
            assert!(wrong <= 2, "{first} {law}: {wrong}");
        }
    }
}

#[test]
fn a_power_between_the_laws_is_none_of_them() {
    let sizes = WIDE[2].sizes(Law::Linear);
    let growths: Vec<Growth> = (0..SEEDS)
        .map(|seed| {
            let mut rng = fastrand::Rng::with_seed(seed);
            let times: Vec<Vec<f64>> = sizes
                .iter()
                .map(|n| vec![n.powf(1.5) * (NOISE * normal(&mut rng)).exp()])
                .collect();
            Sweep::new(&sizes, &times).unwrap().growth(Confidence::P99)
        })
        .collect();
    let none = count(&growths, |growth| growth.laws.is_empty());
    let covers = count(&growths, |growth| {
        (growth.exponent.low..=growth.exponent.high).contains(&1.5)
    });
    figure(&format!("n^1.5: no law in {none}, exponent in {covers}"));
    assert!(none >= 95 && covers >= 95, "{none} {covers}");
}

#[test]
fn a_gate_on_growth_is_right_or_says_that_it_cannot_tell() {
    let case = WIDE[3];
    for law in Law::ALL {
        for promised in [Law::Linear, Law::Linearithmic] {
            let mut answers = [0; 3];
            for seed in 0..SEEDS {
                let mut rng = fastrand::Rng::with_seed(1000 * seed + law as u64);
                let sweep = case.sweep(law, NOISE, &mut rng);
                answers[sweep.worse_than(promised, Confidence::P99) as usize] += 1;
            }
            let [yes, no, cannot_tell] = answers;
            figure(&format!(
                "{} sizes {}..{}, overhead {}: is {law:<8} worse than {promised:<8}? yes {yes:>3}, no {no:>3}, cannot tell {cannot_tell:>3}",
                case.points, case.first, case.last, case.overhead
            ));
            let wrong = if law > promised { no } else { yes };
            assert!(wrong <= 1, "{case:?} {law} {promised}: {answers:?}");
            // Two laws or more apart there is no doubt.
            if law as u8 > promised as u8 + 1 {
                assert_eq!(yes, 100, "{case:?} {law} {promised}: {answers:?}");
            }
            if law == Law::Linearithmic && promised == law {
                assert!(no >= 95, "{case:?} {law} {promised}: {answers:?}");
            }
        }
    }
}

#[test]
fn times_without_noise_are_read_with_the_least_scatter() {
    // Sizes from 1, where a logarithm is zero; the whole time there is overhead.
    let sizes: Vec<f64> = (0..12).map(|i| 3.0_f64.powi(i)).collect();
    for law in &Law::ALL[..6] {
        let times: Vec<Vec<f64>> = sizes.iter().map(|&n| vec![2.0 + of(*law, n)]).collect();
        let growth = Sweep::new(&sizes, &times).unwrap().growth(Confidence::P99);
        assert_eq!(growth.law(), Some(*law), "{growth:?}");
        assert!(growth.scatter < 1e-3, "{growth:?}");
        assert!(growth.exponent.high > growth.exponent.low, "{growth:?}");
    }
}

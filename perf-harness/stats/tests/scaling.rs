//! How often the intervals of the Universal Scalability Law hold the truth, by simulation with fixed seeds.
//!
//! `cargo test --release -p perf-stats --test scaling -- --nocapture` prints the figures of docs/METHOD.md.

use perf_stats::{Confidence, Estimate, Scaling, ScalingError, scaling};

const SEEDS: u64 = 200;

/// Relative noise of every throughput.
const NOISE: f64 = 0.03;

const LAMBDA: f64 = 1000.0;

/// σ and κ: perfect, contended, with a peak at 31, at 9, without contention.
const TRUTHS: [(f64, f64); 5] = [
    (0.0, 0.0),
    (0.05, 0.0),
    (0.05, 0.001),
    (0.2, 0.01),
    (0.0, 0.002),
];

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

fn law(level: u32, (sigma, kappa): (f64, f64)) -> f64 {
    let n = f64::from(level);
    LAMBDA * n / (1.0 + sigma * (n - 1.0) + kappa * n * (n - 1.0))
}

fn draw(levels: &[u32], repeats: usize, truth: (f64, f64), rng: &mut fastrand::Rng) -> Scaling {
    let throughputs: Vec<Vec<f64>> = levels
        .iter()
        .map(|&level| {
            let once = |_| law(level, truth) * (NOISE * normal(rng)).exp();
            (0..repeats).map(once).collect()
        })
        .collect();
    scaling(levels, &throughputs, Confidence::P95).expect("levels")
}

fn holds(estimate: &Estimate, truth: f64) -> bool {
    estimate.low <= truth && truth <= estimate.high
}

#[test]
fn intervals_of_five_levels_hold_the_truth() {
    intervals_hold_the_truth(&[1, 2, 4, 8, 16], 5);
}

#[test]
fn intervals_of_seven_levels_hold_the_truth() {
    intervals_hold_the_truth(&[1, 2, 4, 8, 16, 32, 64], 3);
}

#[test]
fn intervals_of_ten_levels_without_repeats_hold_the_truth() {
    intervals_hold_the_truth(&[1, 2, 3, 4, 6, 8, 12, 16, 24, 32], 1);
}

fn intervals_hold_the_truth(levels: &[u32], repeats: usize) {
    for truth in TRUTHS {
        let (sigma, kappa) = truth;
        let drawn: Vec<Scaling> = (0..SEEDS)
            .map(|seed| draw(levels, repeats, truth, &mut fastrand::Rng::with_seed(seed)))
            .collect();
        let share = |holds: &dyn Fn(&Scaling) -> bool| {
            drawn.iter().filter(|fit| holds(fit)).count() as f64 / drawn.len() as f64
        };
        let covers = [
            share(&|fit| holds(&fit.lambda, LAMBDA)),
            share(&|fit| holds(&fit.sigma, sigma)),
            share(&|fit| holds(&fit.kappa, kappa)),
        ];
        let peak = ((1.0 - sigma) / kappa).sqrt();
        let seen = share(&|fit| fit.best_level.is_some());
        let right = share(&|fit| fit.best_level.is_none_or(|level| holds(&level, peak)));
        let misfit = share(&|fit| fit.p_of_fit.is_some_and(|p| p < 0.05));
        figure(&format!(
            "{} levels to {} x {repeats}, sigma {sigma} kappa {kappa}: lambda in {:.3}, sigma in {:.3}, kappa in {:.3}; a peak is seen in {seen:.3}, not wrong in {right:.3}; misfit {misfit:.3}",
            levels.len(),
            levels[levels.len() - 1],
            covers[0],
            covers[1],
            covers[2],
        ));
        assert!(
            covers.iter().all(|&share| share >= 0.93),
            "{truth:?} {covers:?}"
        );
        assert!(right >= 0.93, "{truth:?} {right}");
        assert!(misfit <= 0.075, "{truth:?} {misfit}");
        if kappa == 0.0 {
            assert!(seen <= 0.05, "{truth:?} {seen}");
        }
    }
}

#[test]
fn a_law_without_noise_is_found_again() {
    for truth in TRUTHS {
        let levels = [1, 2, 5, 16, 40];
        let exact: Vec<Vec<f64>> = levels.iter().map(|&n| vec![law(n, truth); 2]).collect();
        let fit = scaling(&levels, &exact, Confidence::P99).unwrap();
        assert!((fit.lambda.value / LAMBDA - 1.0).abs() < 1e-6, "{fit:?}");
        assert!((fit.sigma.value - truth.0).abs() < 1e-6, "{fit:?}");
        assert!((fit.kappa.value - truth.1).abs() < 1e-6, "{fit:?}");
        assert_eq!(fit.best_level.is_some(), truth.1 > 0.0, "{fit:?}");
        assert!((fit.throughput(7) / law(7, truth) - 1.0).abs() < 1e-5);
        let best = (1..=40).map(|n| law(n, truth)).fold(0.0, f64::max);
        let knee = (1..=40).find(|&n| law(n, truth) >= 0.9 * best);
        assert_eq!(Some(fit.knee), knee);
    }
}

#[test]
fn a_curve_of_another_kind_is_said_not_to_fit() {
    // Twice as fast as the law allows at eight: caches of more cores hold the whole input.
    let levels = [1, 2, 4, 8, 16];
    let mut rng = fastrand::Rng::with_seed(1);
    let throughputs: Vec<Vec<f64>> = levels
        .iter()
        .map(|&n| {
            let kink = if n >= 8 { 2.0 } else { 1.0 };
            (0..5)
                .map(|_| kink * law(n, (0.1, 0.0)) * (0.01 * normal(&mut rng)).exp())
                .collect()
        })
        .collect();
    let fit = scaling(&levels, &throughputs, Confidence::P95).unwrap();
    assert!(fit.p_of_fit.unwrap() < 1e-6, "{fit:?}");
    assert!(fit.scatter > 0.05, "{fit:?}");
}

#[test]
fn what_cannot_be_fitted_is_refused() {
    let one = vec![vec![1.0]; 4];
    assert!(scaling(&[1, 2, 3, 4], &one, Confidence::P95).is_ok());
    let refused =
        |levels: &[u32], values: &[Vec<f64>]| scaling(levels, values, Confidence::P95).unwrap_err();
    assert_eq!(
        refused(&[1, 2, 3], &one[..3]),
        ScalingError::TooFewLevels {
            needed: 4,
            found: 3
        }
    );
    assert_eq!(
        refused(&[1, 2, 3], &one),
        ScalingError::Unpaired {
            levels: 3,
            throughputs: 4
        }
    );
    assert_eq!(
        refused(&[0, 2, 3, 4], &one),
        ScalingError::Level { index: 0, level: 0 }
    );
    assert_eq!(
        refused(&[1, 3, 3, 4], &one),
        ScalingError::Level { index: 2, level: 3 }
    );
    for bad in [vec![], vec![0.0], vec![f64::NAN], vec![-1.0]] {
        let mut values = one.clone();
        values[1] = bad;
        assert!(matches!(
            refused(&[1, 2, 3, 4], &values),
            ScalingError::Throughputs { index: 1, .. }
        ));
    }
}

//! How often the intervals of slopes, of exponents, of the law of scaling and of all ratios of a ranking hold the truth, by
//! simulation with fixed seeds: over 5 to 50 runs, sizes, levels or launches, of normal, skewed and two-state noise.
//! `cargo test -p perf-stats --test curves_coverage -- --nocapture` prints the figures.

mod noise;

use noise::{Noise, at, figure, share};
use perf_stats::{Estimate, Sweep, drift, ranking, scaling};

const REPETITIONS: u32 = 1500;

fn holds(estimate: &Estimate, truth: f64) -> bool {
    estimate.low <= truth && truth <= estimate.high
}

/// Intervals that rest on an approximation: within `below` of the level, or wider than asked for.
fn covers(what: &str, noise: Noise, count: usize, level: f64, coverage: f64, below: f64) {
    figure(&format!(
        "{what:<16} {noise:<8?} n = {count:<3} asked {level:.3} covered {coverage:.4}"
    ));
    assert!(
        coverage >= level - below,
        "{what}, {noise:?}, {count}: covers {coverage}"
    );
}

#[test]
fn the_slope_of_a_series_covers() {
    for noise in Noise::ALL {
        for count in [8, 10, 20, 50] {
            let positions: Vec<f64> = (0..count).map(|at| at as f64).collect();
            let coverage = share(1, noise, REPETITIONS, |rng| {
                let series: Vec<f64> = positions
                    .iter()
                    .map(|at| 0.001 * at + noise.log(rng))
                    .collect();
                let found = drift(&positions, &series, at(0.95)).unwrap();
                holds(&found.slope, 0.001)
            });
            covers("slope", noise, count, 0.95, coverage, 0.01);
        }
    }
}

#[test]
fn the_exponent_of_growth_covers() {
    for noise in Noise::ALL {
        for count in [5, 10, 20, 50] {
            let sizes: Vec<f64> = (0..count)
                .map(|i| 100.0 * 1000.0_f64.powf(i as f64 / (count - 1) as f64))
                .collect();
            let coverage = share(2, noise, 400, |rng| {
                // As it is measured: at each size the median of some launches.
                let times: Vec<Vec<f64>> = sizes
                    .iter()
                    .map(|size| {
                        let launches = noise.launches(9, 1.5 * size.ln(), rng);
                        vec![perf_stats::median(&launches).unwrap()]
                    })
                    .collect();
                let growth = Sweep::new(&sizes, &times).unwrap().growth(at(0.95));
                holds(&growth.exponent, 1.5)
            });
            covers("exponent", noise, count, 0.95, coverage, 0.02);
        }
    }
}

#[test]
fn the_law_of_scaling_covers() {
    let (lambda, sigma, kappa) = (1000.0, 0.05, 0.001);
    for noise in Noise::ALL {
        let mut rng = fastrand::Rng::with_seed(5);
        let centre = (0..400_000).map(|_| noise.log(&mut rng)).sum::<f64>() / 400_000.0;
        for repeats in [5, 10, 20, 50] {
            let levels = [1, 2, 4, 8, 16, 32];
            let mut held = [0_u32; 3];
            let fits = 1000;
            share(3, noise, fits, |rng| {
                let throughputs: Vec<Vec<f64>> = levels
                    .iter()
                    .map(|&level| {
                        let n = f64::from(level);
                        let true_one =
                            lambda * n / (1.0 + sigma * (n - 1.0) + kappa * n * (n - 1.0));
                        // A slow launch has a lower throughput; the law is that of the mean of logarithms.
                        (0..repeats)
                            .map(|_| true_one * (centre - noise.log(rng)).exp())
                            .collect()
                    })
                    .collect();
                let fit = scaling(&levels, &throughputs, at(0.95)).unwrap();
                let found = [
                    holds(&fit.lambda, lambda),
                    holds(&fit.sigma, sigma),
                    holds(&fit.kappa, kappa),
                ];
                for (held, found) in held.iter_mut().zip(found) {
                    *held += u32::from(found);
                }
                true
            });
            for (what, held) in ["lambda", "sigma", "kappa"].into_iter().zip(held) {
                let coverage = f64::from(held) / f64::from(fits);
                covers(what, noise, repeats, 0.95, coverage, 0.02);
            }
        }
    }
}

#[test]
fn all_ratios_of_a_ranking_cover_together() {
    let centres: [f64; 4] = [0.0, 0.01, 0.02, 0.5];
    for noise in Noise::ALL {
        for count in [7, 10, 20, 50] {
            let coverage = share(4, noise, REPETITIONS, |rng| {
                let variants: Vec<Vec<f64>> = centres
                    .iter()
                    .map(|&centre| noise.launches(count, centre, rng))
                    .collect();
                let ranking = ranking(&variants, 0.01, at(0.95)).unwrap();
                ranking.pairs.iter().all(|pair| {
                    let truth = (centres[pair.other] - centres[pair.one]).exp();
                    holds(&pair.ratio, truth)
                })
            });
            covers("all of a ranking", noise, count, 0.95, coverage, 0.0);
        }
    }
}

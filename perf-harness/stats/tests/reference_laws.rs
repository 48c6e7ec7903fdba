//! Laws, scaling and drift as SciPy fits them. `reference/laws.py` asks it and writes `reference/laws.rs`.

use perf_stats::{Confidence, Sweep, drift, scaling};

#[path = "reference/laws.rs"]
#[rustfmt::skip]
mod table;

pub(crate) struct GrowthCase {
    law: &'static str,
    sizes: &'static [f64],
    times: &'static [f64],
    low: f64,
    high: f64,
}

pub(crate) struct ScalingCase {
    levels: &'static [u32],
    throughputs: &'static [f64],
    lambda: f64,
    sigma: f64,
    kappa: f64,
    lambda_low: f64,
    lambda_high: f64,
    sigma_low: f64,
    sigma_high: f64,
    kappa_low: f64,
    kappa_high: f64,
}

pub(crate) struct DriftCase {
    positions: &'static [f64],
    values: &'static [f64],
    level: f64,
    slope: f64,
    low: f64,
    high: f64,
    p_value: f64,
    r_squared: f64,
}

pub(crate) struct SlopeCase {
    sizes: &'static [f64],
    times: &'static [f64],
    slope: f64,
}

#[track_caller]
fn near(what: &str, got: f64, want: f64, tolerance: f64) {
    assert!(
        (got - want).abs() <= tolerance * want.abs().max(1.0),
        "{what}: got {got}, want {want}"
    );
}

fn sweep(sizes: &[f64], times: &[f64]) -> Sweep {
    let times: Vec<Vec<f64>> = times.iter().map(|&time| vec![time]).collect();
    Sweep::new(sizes, &times).expect("a sweep")
}

#[test]
fn the_interval_of_the_exponent_is_scipys_profile() {
    for case in table::GROWTHS {
        let growth = sweep(case.sizes, case.times).growth(Confidence::P95);
        let what = case.law;
        near(&format!("{what} low"), growth.exponent.low, case.low, 1e-3);
        near(
            &format!("{what} high"),
            growth.exponent.high,
            case.high,
            1e-3,
        );
        assert!(
            growth.laws.contains(&what.parse().unwrap()),
            "{what} {growth:?}"
        );
    }
}

#[test]
fn without_an_overhead_the_exponent_is_scipys_slope() {
    for case in table::SLOPES {
        let growth = sweep(case.sizes, case.times).growth(Confidence::P95);
        near("slope", growth.exponent.value, case.slope, 1e-9);
    }
}

#[test]
fn scaling_is_scipys_curve_fit() {
    for case in table::SCALINGS {
        let levels = case.levels;
        let throughputs: Vec<Vec<f64>> = case.throughputs.iter().map(|&x| vec![x]).collect();
        let fit = scaling(levels, &throughputs, Confidence::P95).unwrap();
        near("lambda", fit.lambda.value, case.lambda, 1e-6);
        near("sigma", fit.sigma.value, case.sigma, 1e-6);
        near("kappa", fit.kappa.value, case.kappa, 1e-6);
        near("lambda low", fit.lambda.low, case.lambda_low, 1e-5);
        near("lambda high", fit.lambda.high, case.lambda_high, 1e-5);
        near("sigma low", fit.sigma.low, case.sigma_low, 1e-5);
        near("sigma high", fit.sigma.high, case.sigma_high, 1e-5);
        near("kappa low", fit.kappa.low, case.kappa_low, 1e-6);
        near("kappa high", fit.kappa.high, case.kappa_high, 1e-6);
    }
}

#[test]
fn drift_is_scipys_theil_slope() {
    for case in table::DRIFTS {
        let level = Confidence::new(case.level).unwrap();
        let found = drift(case.positions, case.values, level).unwrap();
        near("slope", found.slope.value, case.slope, 1e-12);
        near("low", found.slope.low, case.low, 1e-12);
        near("high", found.slope.high, case.high, 1e-12);
        near("p", found.p_value, case.p_value, 1e-10);
        near("r squared", found.r_squared, case.r_squared, 1e-10);
    }
}

//! Laws, scaling and drift as SciPy fits them. `reference/laws.py` asks it and writes `reference/laws.rs`.

use perf_stats::{Confidence, Sweep};

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

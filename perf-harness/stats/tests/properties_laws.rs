//! Properties of laws of growth that hold for any times. Seeds that ever failed are kept in `properties_laws.regressions`.

use perf_stats::{Confidence, LARGEST_EXPONENT, Law, Sweep};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

fn kept() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        cases: 48,
        ..ProptestConfig::default()
    }
}

/// Sizes with times of each: any, or nearly a power.
fn sweeps() -> impl Strategy<Value = (Vec<f64>, Vec<Vec<f64>>)> {
    let gaps = vec(1.0..50.0_f64, 5..12);
    (gaps, -1.0..4.0_f64).prop_flat_map(|(gaps, power)| {
        let sizes: Vec<f64> = gaps
            .iter()
            .scan(0.0, |size, gap| {
                *size += gap.round();
                Some(*size)
            })
            .collect();
        let any = vec(vec(1e-9..1e3_f64, 1..4), sizes.len());
        let ideal: Vec<f64> = sizes.iter().map(|n| n.powf(power)).collect();
        let nearly = vec(0.9..1.1_f64, sizes.len()).prop_map(move |noise| {
            let pairs = ideal.iter().zip(noise);
            pairs.map(|(time, noise)| vec![time * noise]).collect()
        });
        (Just(sizes), prop_oneof![any, nearly])
    })
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-3 * a.abs().max(b.abs()).max(1.0)
}

proptest! {
    #![proptest_config(kept())]

    #[test]
    fn an_exponent_lies_in_its_interval((sizes, times) in sweeps()) {
        let growth = Sweep::new(&sizes, &times).unwrap().growth(Confidence::P99);
        let exponent = growth.exponent;
        prop_assert!(exponent.low <= exponent.value && exponent.value <= exponent.high, "{growth:?}");
        prop_assert!(exponent.low.is_finite() && exponent.high <= LARGEST_EXPONENT.max(exponent.value));
        prop_assert!(growth.scatter.is_finite() && growth.scatter >= 0.0);
        prop_assert!(growth.laws.is_sorted());
        prop_assert!(growth.laws.is_empty() || growth.laws.contains(&growth.best));
    }

    #[test]
    fn the_unit_of_time_and_the_order_of_repeats_do_not_matter((sizes, times) in sweeps(), scale in 1e-6..1e6_f64) {
        let growth = Sweep::new(&sizes, &times).unwrap().growth(Confidence::P95);
        let other: Vec<Vec<f64>> = times
            .iter()
            .map(|of_size| of_size.iter().rev().map(|time| time * scale).collect())
            .collect();
        let scaled = Sweep::new(&sizes, &other).unwrap().growth(Confidence::P95);
        prop_assert!(close(growth.exponent.low, scaled.exponent.low), "{growth:?} {scaled:?}");
        prop_assert!(close(growth.exponent.high, scaled.exponent.high), "{growth:?} {scaled:?}");
        prop_assert!(close(growth.scatter, scaled.scatter), "{growth:?} {scaled:?}");
        prop_assert_eq!(growth.laws, scaled.laws);
    }

    #[test]
    fn more_confidence_excludes_less((sizes, times) in sweeps()) {
        let sweep = Sweep::new(&sizes, &times).unwrap();
        let (less, more) = (sweep.growth(Confidence::P95), sweep.growth(Confidence::P99));
        // Where no growth shows any more, the exponent is read from a straight line, and laws that are too small to count are left out.
        if !more.laws.contains(&Law::Constant) {
            prop_assert!(more.exponent.low <= less.exponent.low + 1e-3, "{less:?} {more:?}");
            prop_assert!(less.laws.iter().all(|law| more.laws.contains(law)), "{less:?} {more:?}");
        }
    }
}

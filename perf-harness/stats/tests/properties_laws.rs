//! Properties of growth, scaling, change points and drift that hold for any values. Seeds that ever failed are kept in `properties_laws.regressions`.

use perf_stats::{
    ChangeRule, Confidence, LARGEST_EXPONENT, Law, Steps, Sweep, change_points, drift, scaling,
};
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

/// Series with any number of steps and any noise.
fn series() -> impl Strategy<Value = Vec<f64>> {
    let part = (10_usize..40, 0.1..10.0_f64, 0.0..0.2_f64);
    vec(part, 1..5).prop_flat_map(|parts| {
        let count = parts.iter().map(|part| part.0).sum::<usize>();
        vec(-1.0..1.0_f64, count).prop_map(move |noise| {
            let levels = parts
                .iter()
                .flat_map(|&(count, level, scatter)| std::iter::repeat_n((level, scatter), count));
            levels
                .zip(noise)
                .map(|((level, scatter), noise)| level * (scatter * noise).exp())
                .collect()
        })
    })
}

proptest! {
    #![proptest_config(kept())]

    #[test]
    fn change_points_are_in_order_and_apart(series in series(), min_segment in 2_usize..6) {
        let rule = ChangeRule { min_segment, ..ChangeRule::default() };
        let steps = change_points(&series, &rule).unwrap();
        prop_assert!((0.0..=1.0).contains(&steps.p_value));
        for point in &steps.points {
            prop_assert!(point.last_before < point.index && point.index <= point.first_after, "{point:?}");
            prop_assert!(point.first_after < series.len());
            prop_assert!(point.ratio.is_finite() && point.ratio > 0.0);
            prop_assert!((0.0..=0.01).contains(&point.p_value), "{point:?}");
        }
        for pair in steps.points.windows(2) {
            prop_assert!(pair[0].index + min_segment <= pair[1].index, "{steps:?}");
        }
    }

    #[test]
    fn the_unit_does_not_matter_and_the_inverse_is_the_inverse(series in series()) {
        let rule = ChangeRule::default();
        let steps = change_points(&series, &rule).unwrap();
        let of = |with: &dyn Fn(f64) -> f64| {
            let other: Vec<f64> = series.iter().map(|&v| with(v)).collect();
            change_points(&other, &rule).unwrap()
        };
        // By a power of two, so that no value is rounded.
        let scaled = of(&|v| 4096.0 * v);
        let places = |steps: &Steps| steps.points.iter().map(|point| point.index).collect::<Vec<_>>();
        prop_assert_eq!(places(&steps), places(&scaled));
        prop_assert!(close(steps.p_value, of(&|v| 1.0 / v).p_value));
    }

    #[test]
    fn a_slope_lies_in_its_interval_and_scales(series in series(), by in 0.01..100.0_f64) {
        let positions: Vec<f64> = (0..series.len()).map(|at| at as f64).collect();
        let found = drift(&positions, &series, Confidence::P95);
        prop_assume!(series.len() >= 8);
        let found = found.unwrap();
        prop_assert!(found.slope.low <= found.slope.value && found.slope.value <= found.slope.high);
        prop_assert!((0.0..=1.0).contains(&found.p_value) && (0.0..=1.0).contains(&found.r_squared));
        let opposite: Vec<f64> = series.iter().map(|v| -by * v).collect();
        let opposite = drift(&positions, &opposite, Confidence::P95).unwrap();
        prop_assert!((opposite.slope.value + by * found.slope.value).abs() <= 1e-9 * by * 10.0);
        prop_assert!(close(opposite.p_value, found.p_value));
    }

    #[test]
    fn scaling_lies_in_its_intervals(values in vec(vec(1e-3..1e6_f64, 1..4), 4..9)) {
        let levels: Vec<u32> = (0..values.len()).map(|at| 1 << at).collect();
        let fit = scaling(&levels, &values, Confidence::P99).unwrap();
        for part in [fit.lambda, fit.sigma, fit.kappa].into_iter().chain(fit.best_level) {
            prop_assert!(part.low <= part.value && part.value <= part.high, "{fit:?}");
        }
        prop_assert!(fit.sigma.low >= 0.0 && fit.sigma.high <= 1.0 && fit.kappa.low >= 0.0);
        prop_assert!((1..=levels[levels.len() - 1]).contains(&fit.knee));
        prop_assert!(fit.scatter.is_finite());
    }
}

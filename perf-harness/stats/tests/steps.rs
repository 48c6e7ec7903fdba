//! Change points and drift: how often unchanged series show one, what is found, and what never is. Fixed seeds.
//!
//! `examples/change_points.rs` prints the whole table; here stands what must hold.

use perf_stats::{
    ChangeRule, Confidence, Steps, ValueError, benjamini_hochberg, change_points, drift,
};

fn normal(rng: &mut fastrand::Rng) -> f64 {
    (-2.0 * (1.0 - rng.f64()).ln()).sqrt() * (std::f64::consts::TAU * rng.f64()).cos()
}

/// Runs with one per cent of noise about a level.
fn runs(count: usize, level: impl Fn(usize) -> f64, rng: &mut fastrand::Rng) -> Vec<f64> {
    (0..count)
        .map(|at| level(at) * (0.01 * normal(rng)).exp())
        .collect()
}

fn find(series: &[f64]) -> Steps {
    change_points(series, &ChangeRule::default()).expect("a series")
}

fn indices(steps: &Steps) -> Vec<usize> {
    steps.points.iter().map(|point| point.index).collect()
}

#[expect(
    clippy::print_stderr,
    reason = "figures for whoever asks with --nocapture"
)]
fn figure(line: &str) {
    eprintln!("{line}");
}

#[test]
fn unchanged_series_of_100_show_a_point_in_at_most_one_per_cent() {
    type Noise = fn(usize, &mut fastrand::Rng) -> f64;
    let noises: [(&str, Noise); 4] = [
        ("normal", |_, rng| 0.01 * normal(rng)),
        ("two speeds", |_, rng| {
            0.01 * normal(rng) + if rng.f64() < 0.2 { 0.1 } else { 0.0 }
        }),
        ("growing", |at, rng| {
            (0.005 + 0.00025 * at as f64) * normal(rng)
        }),
        ("spikes", |_, rng| {
            0.01 * normal(rng) + if rng.f64() < 0.05 { 0.4 } else { 0.0 }
        }),
    ];
    for (name, noise) in noises {
        let with_points = (0..1000).filter(|&seed| {
            let mut rng = fastrand::Rng::with_seed(seed);
            let series: Vec<f64> = (0..100).map(|at| noise(at, &mut rng).exp()).collect();
            !find(&series).points.is_empty()
        });
        let with_points = with_points.count();
        figure(&format!(
            "{name}: {with_points} of 1000 unchanged series show a point"
        ));
        assert!(with_points <= 10, "{name}: {with_points}");
    }
}

#[test]
fn a_step_is_found_with_its_size_and_its_place() {
    let (mut found, mut sized, mut in_range) = (0, 0, 0);
    for seed in 0..200 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let at = rng.usize(10..50);
        let series = runs(60, |run| if run < at { 100.0 } else { 103.0 }, &mut rng);
        let steps = find(&series);
        let near = steps.points.iter().find(|p| p.index.abs_diff(at) <= 3);
        if let Some(point) = near {
            found += 1;
            assert!(!point.provisional && point.p_value <= 0.01, "{point:?}");
            assert!(steps.p_value <= 0.01);
            let interval = point.interval.expect("enough runs");
            sized += usize::from(interval.low <= 1.03 && 1.03 <= interval.high);
            in_range += usize::from(point.last_before < at && at <= point.first_after);
        }
    }
    figure(&format!(
        "of 200 steps of 3 %: {found} found, {sized} sized, {in_range} in range"
    ));
    assert!(found >= 190 && sized * 100 >= found * 97 && in_range * 100 >= found * 95);
}

#[test]
fn a_single_spike_that_goes_back_is_never_a_change_point() {
    for seed in 0..200 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut series = runs(40, |_| 100.0, &mut rng);
        let quiet = find(&series).points.len();
        series[rng.usize(..40)] *= 3.0;
        assert!(find(&series).points.len() <= quiet, "{seed}");
        assert_eq!(quiet, 0, "{seed}");
    }
}

#[test]
fn the_last_runs_are_provisional_until_enough_follow() {
    let mut rng = fastrand::Rng::with_seed(5);
    let series = runs(66, |run| if run < 60 { 100.0 } else { 120.0 }, &mut rng);
    // The first runs after a step say nothing yet, then perhaps, then surely.
    assert!(find(&series[..62]).points.is_empty());
    let early = find(&series[..64]);
    assert_eq!(indices(&early), [60]);
    assert!(early.points[0].provisional);
    let late = find(&series[..65]);
    assert_eq!(indices(&late), [60]);
    assert!(!late.points[0].provisional);
}

#[test]
fn two_opposite_steps_do_not_hide_each_other() {
    let mut rng = fastrand::Rng::with_seed(9);
    let level = |run| {
        if (40..60).contains(&run) {
            105.0
        } else {
            100.0
        }
    };
    let steps = find(&runs(100, level, &mut rng));
    assert_eq!(indices(&steps), [40, 60]);
    assert!(steps.points[0].ratio > 1.04 && steps.points[1].ratio < 0.97);
}

#[test]
fn a_drift_is_no_step_but_has_a_slope() {
    let positions: Vec<f64> = (0..200).map(f64::from).collect();
    let mut covers = 0;
    for seed in 0..200 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let series = runs(200, |run| 100.0 * (0.001 * run as f64).exp(), &mut rng);
        assert!(find(&series).points.is_empty(), "{seed}");
        let logs: Vec<f64> = series.iter().map(|v| v.ln()).collect();
        let found = drift(&positions, &logs, Confidence::P95).unwrap();
        assert!(found.p_value < 1e-9 && found.r_squared > 0.9);
        covers += usize::from(found.slope.low <= 0.001 && 0.001 <= found.slope.high);
    }
    figure(&format!(
        "slope of a drift in {covers} of 200 intervals at 95 %"
    ));
    assert!(covers >= 184, "{covers}");
}

#[test]
fn without_a_drift_there_is_seldom_a_trend() {
    let positions: Vec<f64> = (0..30).map(|at| f64::from(at * at)).collect();
    let trends = (0..1000).filter(|&seed| {
        let mut rng = fastrand::Rng::with_seed(seed);
        let series: Vec<f64> = (0..30).map(|_| normal(&mut rng).exp()).collect();
        drift(&positions, &series, Confidence::P95).unwrap().p_value <= 0.05
    });
    let trends = trends.count();
    figure(&format!("a trend in {trends} of 1000 series without"));
    assert!(trends <= 65, "{trends}");
}

#[test]
fn over_many_series_few_false_ones_are_kept() {
    let mut rng = fastrand::Rng::with_seed(11);
    let p_values: Vec<f64> = (0..300)
        .map(|series| {
            let changed = series % 30 == 0;
            let level = |run| if changed && run >= 30 { 105.0 } else { 100.0 };
            find(&runs(60, level, &mut rng)).p_value
        })
        .collect();
    let adjusted = benjamini_hochberg(&p_values).unwrap();
    let kept: Vec<usize> = (0..300)
        .filter(|&series| adjusted[series] <= 0.01)
        .collect();
    assert_eq!(kept, (0..300).step_by(30).collect::<Vec<usize>>());
}

#[test]
fn runs_that_are_exactly_equal_make_no_trouble() {
    assert!(find(&[7.0; 50]).points.is_empty());
    let mut series = vec![7.0; 50];
    series[30..].fill(8.0);
    let steps = find(&series);
    assert_eq!(indices(&steps), [30]);
    assert_eq!(
        (steps.points[0].last_before, steps.points[0].first_after),
        (29, 30)
    );
    // Below the floor.
    series[30..].fill(7.06);
    assert!(find(&series).points.is_empty());
}

#[test]
fn what_is_no_series_is_refused() {
    let rule = ChangeRule::default();
    assert_eq!(
        change_points(&[1.0; 5], &rule),
        Err(ValueError::TooFew {
            needed: 6,
            found: 5
        })
    );
    let odd = ChangeRule {
        min_segment: 0,
        confirmed_by: 0,
        floor: -1.0,
        ..rule
    };
    assert!(change_points(&[1.0; 6], &odd).is_ok());
    let huge = ChangeRule {
        min_segment: usize::MAX,
        ..rule
    };
    assert!(change_points(&[1.0; 6], &huge).is_err());
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let mut series = [1.0; 10];
        series[4] = bad;
        assert!(change_points(&series, &rule).is_err());
    }
}

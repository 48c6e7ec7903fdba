//! How often looking while pairs come in calls unchanged code changed, over all looks, by simulation with fixed seeds.
//! `cargo test -p perf-stats --test looks_coverage -- --nocapture` prints the figures.

mod noise;

use noise::{Noise, SLACK, at, figure, normal, share};
use perf_stats::{
    Confidence, Looks, Spending, choose_summary_of_pairs, expected_half_width,
    hodges_lehmann_centre, median, paired_ratio, pairs_to_see, wilcoxon_signed_rank,
};

/// Repetitions with so many launches. Pairs of launches grow with the square, so of large runs fewer must do.
const fn repetitions(count: usize) -> u32 {
    if count < 50 { 2000 } else { 800 }
}

/// Log-ratios of pairs of launches of equal code: who is which was drawn by lot, so a sign is the toss of a coin.
#[derive(Debug, Clone, Copy)]
enum PairNoise {
    /// Of two normal launches.
    Normal,
    /// Of two skewed ones.
    Skewed,
    /// One launch in five is half as slow again.
    Bimodal,
    /// Cauchy's: no mean, no variance.
    HeavyTailed,
    /// Whoever is measured first is three per cent slower.
    Ordered,
    /// The machine's noise grows and fades in long waves.
    Wavering,
}

impl PairNoise {
    const ALL: [Self; 6] = [
        Self::Normal,
        Self::Skewed,
        Self::Bimodal,
        Self::HeavyTailed,
        Self::Ordered,
        Self::Wavering,
    ];

    fn log_ratio(self, pair: usize, rng: &mut fastrand::Rng) -> f64 {
        let mut two = |noise: Noise| noise.log(rng) - noise.log(rng);
        match self {
            Self::Normal => two(Noise::Normal),
            Self::Skewed => two(Noise::Skewed),
            Self::Bimodal => two(Noise::Bimodal),
            Self::HeavyTailed => 0.01 * (std::f64::consts::PI * (rng.f64() - 0.5)).tan(),
            Self::Ordered => {
                let slower = if rng.bool() { 0.03 } else { -0.03 };
                slower + 0.01 * normal(rng)
            }
            Self::Wavering => 0.02 * normal(rng) * (1.2 + (pair as f64 / 9.0).sin()),
        }
    }
}

/// The share of repetitions in which any planned look or the last one, at a number of pairs drawn by lot, excludes what is
/// true. Looking is done by the p-value, which agrees with the interval (`properties.rs`) and is quicker.
fn alarms_over_all_looks(noise: PairNoise, overall: Confidence, repetitions: u32) -> f64 {
    const MOST: usize = 90;
    let looks = Looks::growing(overall, MOST).expect("a level");
    let Spending { planned, last } = looks.spend(overall).expect("a level");
    let mut rng = fastrand::Rng::with_seed(100 + noise as u64);
    let mut alarms = 0;
    for _ in 0..repetitions {
        let end = rng.usize(looks.counts()[0]..=MOST);
        let all: Vec<f64> = (0..end).map(|i| noise.log_ratio(i, &mut rng)).collect();
        let excludes = |count: usize, level: Confidence| {
            wilcoxon_signed_rank(&all[..count]).expect("finite") <= 1.0 - level.level()
        };
        let mut counts = looks.counts().iter().take_while(|&&count| count <= end);
        alarms += u32::from(counts.any(|&count| excludes(count, planned)) || excludes(end, last));
    }
    f64::from(alarms) / f64::from(repetitions)
}

#[test]
fn all_looks_together_keep_the_level() {
    for noise in PairNoise::ALL {
        let alarms = alarms_over_all_looks(noise, at(0.95), 1200);
        figure(&format!(
            "looks, A/A {noise:<11?}: {alarms:.4} alarms over all looks"
        ));
        // As the looks hang together, the rate is well below the sum of the shares.
        assert!(alarms <= 0.05, "{noise:?}: {alarms}");
    }
}

#[test]
fn looking_as_often_at_the_level_meant_for_all_is_wrong_far_oftener() {
    // What sharing the error is for, and proof that the test above could fail.
    let looks = Looks::growing(at(0.95), 90).unwrap();
    let mut rng = fastrand::Rng::with_seed(10);
    let repetitions = 500;
    let alarms = (0..repetitions)
        .filter(|_| {
            let all: Vec<f64> = (0..90).map(|_| normal(&mut rng)).collect();
            let excludes = |&count: &usize| wilcoxon_signed_rank(&all[..count]).unwrap() <= 0.05;
            looks.counts().iter().any(excludes)
        })
        .count();
    figure(&format!(
        "looks, each at the level of all: {alarms} alarms in {repetitions}"
    ));
    assert!(alarms > 50, "{alarms}");
}

#[test]
fn what_is_forecast_comes_true() {
    let (spread, beyond) = (0.02, 0.01);
    let pairs = pairs_to_see(spread, beyond, at(0.99)).unwrap();
    let half_width = expected_half_width(spread, pairs, at(0.99)).unwrap();
    let mut widths = Vec::new();
    let found = share(12, Noise::Normal, repetitions(50), |rng| {
        let mut differences = Vec::new();
        while (differences.len() as f64) < pairs {
            differences.push(beyond + spread * normal(rng));
        }
        let estimate = hodges_lehmann_centre(&differences, at(0.99)).unwrap();
        widths.push((estimate.high - estimate.low) / 2.0);
        estimate.low > 0.0
    });
    let seen = median(&widths).unwrap();
    figure(&format!(
        "{pairs} pairs: found in {found:.3}, half width {seen:.5}, expected {half_width:.5}"
    ));
    assert!((0.75..0.85).contains(&found), "{found}");
    assert!((seen / half_width - 1.0).abs() < 0.05, "{seen}");
}

#[test]
fn a_summary_chosen_anew_at_each_look_keeps_the_level() {
    for noise in [Noise::Normal, Noise::Skewed, Noise::Bimodal] {
        let looks = Looks::growing(at(0.95), 24).unwrap();
        let spending = looks.spend(at(0.95)).unwrap();
        let alarms = share(11, noise, repetitions(50), |rng| {
            let mut side = || -> Vec<Vec<f64>> {
                (0..24)
                    .map(|_| {
                        let luck = noise.log(rng);
                        let sample = |_| 1000.0 * (luck + 0.03 * normal(rng).abs()).exp();
                        (0..4).map(sample).collect()
                    })
                    .collect()
            };
            let (baseline, candidate) = (side(), side());
            looks.counts().iter().any(|&count| {
                let chosen =
                    choose_summary_of_pairs(&baseline[..count], &candidate[..count]).unwrap();
                let estimate =
                    paired_ratio(&chosen.baseline, &chosen.candidate, spending.planned).unwrap();
                estimate.low > 1.0 || estimate.high < 1.0
            })
        });
        figure(&format!(
            "looks, A/A, chosen summary {noise:<8?}: {alarms:.4} alarms"
        ));
        // The planned looks have half of the error.
        assert!(alarms <= 0.025 + SLACK, "{noise:?}: {alarms}");
    }
}

//! Noise that simulations draw from, with fixed seeds; shared by the tests of this folder, each of which uses a part of it.
#![allow(dead_code, reason = "each test is a crate of its own")]

use perf_stats::Confidence;

/// How far beyond its level chance alone may put a rate of alarms.
pub const SLACK: f64 = 0.015;

/// What launches of unchanged code do, on the log scale.
#[derive(Debug, Clone, Copy)]
pub enum Noise {
    /// Two per cent either way.
    Normal,
    /// Never much below, sometimes far above.
    Skewed,
    /// One launch in five is half as slow again.
    Bimodal,
}

impl Noise {
    pub const ALL: [Self; 3] = [Self::Normal, Self::Skewed, Self::Bimodal];

    pub fn log(self, rng: &mut fastrand::Rng) -> f64 {
        match self {
            Self::Normal => 0.02 * normal(rng),
            Self::Skewed => (0.05 * normal(rng).exp()).ln_1p(),
            Self::Bimodal => {
                let unlucky = rng.f64() < 0.2;
                0.01 * normal(rng) + if unlucky { 0.4 } else { 0.0 }
            }
        }
    }

    pub fn median(self) -> f64 {
        match self {
            Self::Normal => 0.0,
            Self::Skewed => 0.05_f64.ln_1p(),
            // Half of all launches are 62.5 % of the lucky ones: the normal quantile of 0.625.
            Self::Bimodal => 0.01 * 0.318_639_363_964_375,
        }
    }

    pub fn launches(self, count: usize, log_centre: f64, rng: &mut fastrand::Rng) -> Vec<f64> {
        (0..count)
            .map(|_| 1000.0 * (log_centre + self.log(rng)).exp())
            .collect()
    }
}

/// A standard normal value (Box & Muller).
pub fn normal(rng: &mut fastrand::Rng) -> f64 {
    (-2.0 * (1.0 - rng.f64()).ln()).sqrt() * (std::f64::consts::TAU * rng.f64()).cos()
}

pub fn at(level: f64) -> Confidence {
    Confidence::new(level).expect("a level")
}

/// The share of repetitions for which `holds`. Every noise has a stream of chance of its own.
pub fn share(
    seed: u64,
    noise: Noise,
    repetitions: u32,
    mut holds: impl FnMut(&mut fastrand::Rng) -> bool,
) -> f64 {
    let mut rng = fastrand::Rng::with_seed(10 * seed + noise as u64);
    let held: u32 = (0..repetitions).map(|_| u32::from(holds(&mut rng))).sum();
    f64::from(held) / f64::from(repetitions)
}

#[expect(
    clippy::print_stderr,
    reason = "figures for whoever asks with --nocapture"
)]
pub fn figure(line: &str) {
    eprintln!("{line}");
}

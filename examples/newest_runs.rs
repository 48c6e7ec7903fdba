//! How often `cargo perf trend` calls its newest runs a step, where there is one and where there is none: generated series with
//! fixed seeds, looked at as the command does. Prints the tables of docs/METHOD.md.
//!
//! ```text
//! cargo run --release --example newest_runs
//! ```

#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use cargo_perf::series::{Figure, Point, Series, SeriesKey};
use cargo_perf::trend::{TrendRule, examine, stand};
use perf_schema::{BenchId, Better, Build, Unit};

/// Series of each kind.
const REPETITIONS: u64 = 1000;

/// Runs before the newest ones.
const BEFORE: [usize; 7] = [1, 2, 3, 5, 10, 30, 100];

/// Newest runs.
const NEW: [usize; 4] = [1, 2, 4, 8];

/// What launches leave in doubt of a run, either way.
const HALF_INTERVAL: f64 = 0.005;

/// What runs differ by, on logarithms.
#[derive(Clone, Copy)]
enum Noise {
    Normal(f64),
    /// One per cent, and one run in twenty 40 % slower.
    Spikes,
    /// One per cent, and one run in five 10 % slower.
    TwoSpeeds,
}

const NOISES: [(&str, Noise); 5] = [
    ("1 %", Noise::Normal(0.01)),
    ("3 %", Noise::Normal(0.03)),
    ("10 %", Noise::Normal(0.1)),
    ("1 %, spikes", Noise::Spikes),
    ("1 %, two speeds", Noise::TwoSpeeds),
];

fn normal(rng: &mut fastrand::Rng) -> f64 {
    (-2.0 * (1.0 - rng.f64()).ln()).sqrt() * (std::f64::consts::TAU * rng.f64()).cos()
}

impl Noise {
    fn draw(self, rng: &mut fastrand::Rng) -> f64 {
        let sometimes = |share: f64, by: f64, rng: &mut fastrand::Rng| {
            if rng.f64() < share { by.ln_1p() } else { 0.0 }
        };
        match self {
            Self::Normal(sd) => sd * normal(rng),
            Self::Spikes => 0.01 * normal(rng) + sometimes(0.05, 0.4, rng),
            Self::TwoSpeeds => 0.01 * normal(rng) + sometimes(0.2, 0.1, rng),
        }
    }
}

fn point(position: usize, value: f64) -> Point {
    Point {
        commit: None,
        position,
        records: Vec::new(),
        figure: Some(Figure {
            value,
            interval: Some((value * (-HALF_INTERVAL).exp(), value * HALF_INTERVAL.exp())),
            launches: 30,
        }),
        failure: None,
        absent: None,
        bracket: None,
        budget: None,
        passed: 30,
        failed: 0,
        definition: "0123456789abcdef".parse().expect("sixteen digits"),
        rustc: "".into(),
        marks: Vec::new(),
    }
}

fn series(points: Vec<Point>) -> Series {
    Series {
        key: SeriesKey {
            id: BenchId::new("generated", "cpu", "series").expect("a name"),
            metric: "wall".to_owned(),
            class: String::new(),
            build: String::new(),
        },
        unit: Unit::NANOSECONDS,
        better: Better::Lower,
        exact: false,
        cpu: String::new(),
        build: Build {
            profile: String::new(),
            target: String::new(),
            features: Vec::new(),
            flags: String::new(),
        },
        clock: String::new(),
        points,
    }
}

/// The places of the steps that stand in a series by itself.
fn found(
    noise: Noise,
    before: usize,
    new: usize,
    step: f64,
    rng: &mut fastrand::Rng,
) -> Vec<usize> {
    let value = |at: usize| {
        let log = noise.draw(rng) + if at < before { 0.0 } else { step.ln_1p() };
        point(at, 1000.0 * log.exp())
    };
    let points = (0..before + new).map(value).collect();
    let rule = TrendRule::default();
    let examined = examine(&series(points), &rule);
    let mut all = [examined.expect("wall time is judged")];
    stand(&mut all, &rule);
    all[0].steps.iter().map(|step| step.at).collect()
}

/// The share of series, in per cent, in which a step is found that `counts`.
fn share(
    noise: usize,
    before: usize,
    new: usize,
    per_cent: u32,
    counts: impl Fn(usize) -> bool,
) -> f64 {
    let has_one = |repetition: &u64| {
        let kind = (noise * 1000 + before) * 100 + new;
        let seed = (kind as u64) << 32 | u64::from(per_cent) << 20 | repetition;
        let mut rng = fastrand::Rng::with_seed(seed);
        let step = f64::from(per_cent) / 100.0;
        let steps = found(NOISES[noise].1, before, new, step, &mut rng);
        steps.into_iter().any(&counts)
    };
    100.0 * (0..REPETITIONS).filter(has_one).count() as f64 / REPETITIONS as f64
}

fn row(name: &str, of: impl Fn(usize) -> f64) {
    print!("| {name} |");
    for before in BEFORE {
        print!(" {:.1} |", of(before));
    }
    println!();
}

fn main() {
    println!("no change: series with any step, by the runs before the newest one");
    for (noise, (name, _)) in NOISES.iter().enumerate() {
        row(name, |before| share(noise, before, 1, 0, |_| true));
    }
    for step in [5, 10, 20] {
        println!("a step of {step} %, found where it is or a run beside");
        for (noise, (name, _)) in NOISES.iter().enumerate() {
            for new in NEW {
                row(&format!("{name}, {new} new"), |before| {
                    share(noise, before, new, step, |at| at.abs_diff(before) <= 1)
                });
            }
        }
    }
}

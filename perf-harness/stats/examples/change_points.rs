//! How often change points are found, missed and invented, on generated series with fixed seeds.
//!
//! `cargo run --release -p perf-stats --example change_points` prints the table of docs/METHOD.md. With the name of a file the
//! series are written there as well, one JSON object a line, for `tests/reference/ask_otava.py`, which asks Apache Otava about the same ones.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::time::Duration;

use perf_stats::{ChangeRule, change_points};

/// A point counts as found when it is at most so many runs away from where the level changes.
const NEAR: usize = 3;

/// Steps keep at least so many runs from the ends and from each other.
const ROOM: usize = 5;

fn normal(rng: &mut fastrand::Rng) -> f64 {
    (-2.0 * (1.0 - rng.f64()).ln()).sqrt() * (std::f64::consts::TAU * rng.f64()).cos()
}

/// What noise a series has, on logarithms.
#[derive(Debug, Clone, Copy)]
enum Noise {
    /// One per cent.
    Normal,
    /// One run in five a tenth slower.
    Bimodal,
    /// From half a per cent to three per cent along the series.
    Growing,
    /// One run in twenty half as slow again.
    Spikes,
    /// Each run keeps 0.4 of what the one before had.
    Remembering,
}

impl Noise {
    fn draw(self, count: usize, rng: &mut fastrand::Rng) -> Vec<f64> {
        let mut kept = 0.0;
        (0..count)
            .map(|at| {
                let chance = normal(rng);
                match self {
                    Self::Normal => 0.01 * chance,
                    Self::Bimodal => 0.01 * chance + if rng.f64() < 0.2 { 0.1 } else { 0.0 },
                    Self::Growing => (0.005 + 0.025 * at as f64 / count as f64) * chance,
                    Self::Spikes => 0.01 * chance + if rng.f64() < 0.05 { 0.4 } else { 0.0 },
                    Self::Remembering => {
                        kept = 0.4 * kept + 0.01 * (1.0_f64 - 0.16).sqrt() * chance;
                        kept
                    }
                }
            })
            .collect()
    }
}

/// What happens in a series.
#[derive(Debug, Clone, Copy)]
enum Event {
    Nothing,
    /// One step by this share, up or down.
    Step(f64),
    /// A step and back.
    ThereAndBack(f64),
    /// One run by this share, and back.
    Spike(f64),
    /// As much, evenly along the series.
    Drift(f64),
}

impl Event {
    /// Adds itself and says where levels change.
    fn add(self, logs: &mut [f64], rng: &mut fastrand::Rng) -> Vec<usize> {
        let count = logs.len();
        let sign = if rng.bool() { 1.0 } else { -1.0 };
        match self {
            Self::Nothing => Vec::new(),
            Self::Step(by) => {
                let at = rng.usize(ROOM..=count - ROOM);
                logs[at..].iter_mut().for_each(|v| *v += sign * by.ln_1p());
                vec![at]
            }
            Self::ThereAndBack(by) => {
                let third = count / 3;
                if third < ROOM {
                    return Vec::new();
                }
                let at = rng.usize(ROOM..=third.max(ROOM));
                let back = rng.usize((2 * third).min(count - ROOM)..=count - ROOM);
                logs[at..back]
                    .iter_mut()
                    .for_each(|v| *v += sign * by.ln_1p());
                vec![at, back]
            }
            Self::Spike(by) => {
                logs[rng.usize(..count)] += by.ln_1p();
                Vec::new()
            }
            Self::Drift(by) => {
                let slope = sign * by.ln_1p() / count as f64;
                for (at, value) in logs.iter_mut().enumerate() {
                    *value += slope * at as f64;
                }
                Vec::new()
            }
        }
    }
}

struct Kind {
    name: &'static str,
    noise: Noise,
    event: Event,
}

const fn kind(name: &'static str, noise: Noise, event: Event) -> Kind {
    Kind { name, noise, event }
}

const KINDS: [Kind; 17] = [
    kind("no change", Noise::Normal, Event::Nothing),
    kind("no change, two speeds", Noise::Bimodal, Event::Nothing),
    kind("no change, growing noise", Noise::Growing, Event::Nothing),
    kind("no change, spikes", Noise::Spikes, Event::Nothing),
    kind(
        "no change, runs remember",
        Noise::Remembering,
        Event::Nothing,
    ),
    kind("one spike of 50 %", Noise::Normal, Event::Spike(0.5)),
    kind("drift of 5 %", Noise::Normal, Event::Drift(0.05)),
    kind("drift of 20 %", Noise::Normal, Event::Drift(0.2)),
    kind("step of 2 %", Noise::Normal, Event::Step(0.02)),
    kind("step of 3 %", Noise::Normal, Event::Step(0.03)),
    kind("step of 5 %", Noise::Normal, Event::Step(0.05)),
    kind("step of 10 %", Noise::Normal, Event::Step(0.1)),
    kind("step of 20 %", Noise::Normal, Event::Step(0.2)),
    kind(
        "5 % there and back",
        Noise::Normal,
        Event::ThereAndBack(0.05),
    ),
    kind("step of 10 %, two speeds", Noise::Bimodal, Event::Step(0.1)),
    kind(
        "step of 5 %, growing noise",
        Noise::Growing,
        Event::Step(0.05),
    ),
    kind("step of 5 %, spikes", Noise::Spikes, Event::Step(0.05)),
];

const COUNTS: [usize; 6] = [10, 20, 50, 100, 300, 1000];

const fn repetitions(count: usize) -> u64 {
    if count <= 100 { 1000 } else { 200 }
}

#[derive(Default)]
struct Score {
    series: f64,
    with_points: f64,
    found: f64,
    right: f64,
    truths: f64,
    in_range: f64,
}

impl Score {
    /// Each true place takes the nearest point; a point is right once.
    fn add(&mut self, truths: &[usize], found: &[usize]) {
        self.series += 1.0;
        self.with_points += f64::from(u8::from(!found.is_empty()));
        self.found += found.len() as f64;
        self.truths += truths.len() as f64;
        let hit = |truth: &&usize| found.iter().any(|at| at.abs_diff(**truth) <= NEAR);
        self.right += truths.iter().filter(hit).count() as f64;
    }

    fn row(&self) -> String {
        let per_cent = |part: f64, whole: f64| {
            if whole > 0.0 {
                format!("{:.1} %", 100.0 * part / whole)
            } else {
                "–".to_owned()
            }
        };
        if self.truths > 0.0 {
            let precision = per_cent(self.right, self.found);
            let recall = per_cent(self.right, self.truths);
            format!(
                "{precision} / {recall} (range {})",
                per_cent(self.in_range, self.right)
            )
        } else {
            per_cent(self.with_points, self.series)
        }
    }
}

#[expect(clippy::print_stdout, reason = "this is the table that was asked for")]
fn main() -> io::Result<()> {
    let mut series_file = match std::env::args_os().nth(1) {
        Some(path) => Some(BufWriter::new(File::create(path)?)),
        None => None,
    };
    let mut spent = [Duration::ZERO; COUNTS.len()];
    print!("| series |");
    for count in COUNTS {
        print!(" n = {count} |");
    }
    println!();
    for (which, kind) in KINDS.iter().enumerate() {
        print!("| {} |", kind.name);
        for (place, &count) in COUNTS.iter().enumerate() {
            let mut score = Score::default();
            for repetition in 0..repetitions(count) {
                let seed = (which as u64) << 40 | (count as u64) << 20 | repetition;
                let mut rng = fastrand::Rng::with_seed(seed);
                let mut logs = kind.noise.draw(count, &mut rng);
                let truths = kind.event.add(&mut logs, &mut rng);
                let series: Vec<f64> = logs.iter().map(|log| 1000.0 * log.exp()).collect();
                let started = now();
                let steps =
                    change_points(&series, &ChangeRule::default()).map_err(io::Error::other)?;
                spent[place] += started.elapsed();
                let found: Vec<usize> = steps.points.iter().map(|point| point.index).collect();
                score.add(&truths, &found);
                for point in &steps.points {
                    let holds = |truth: &usize| {
                        point.index.abs_diff(*truth) <= NEAR
                            && point.last_before < *truth
                            && *truth <= point.first_after
                    };
                    score.in_range += f64::from(u8::from(truths.iter().any(holds)));
                }
                if let Some(file) = &mut series_file {
                    writeln!(
                        file,
                        "{{\"kind\": {:?}, \"count\": {count}, \"truths\": {truths:?}, \"series\": {series:?}}}",
                        kind.name
                    )?;
                }
            }
            print!(" {} |", score.row());
            io::stdout().flush()?;
        }
        println!();
    }
    for (count, spent) in COUNTS.iter().zip(spent) {
        let runs = repetitions(*count) * KINDS.len() as u64;
        let each = spent.as_secs_f64() * 1e3 / runs as f64;
        println!("{count} runs: {each:.3} ms a series");
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the one clock of this program")]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}

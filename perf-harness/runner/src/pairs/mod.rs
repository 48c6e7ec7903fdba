//! Two builds side by side: pair after pair of launches, both workers alive, never both measuring.
//!
//! What disturbs a machine for longer than a few milliseconds hits both samples of a neighbouring two alike, and cancels in
//! their ratio. What is left is the luck of each process, which only more pairs average away; so pairs are many and short,
//! each with another stack offset and seed, the same for both of its sides.
//!
//! Who is started first, who enters the case first and who is measured first are three coins, tossed anew for each pair. Each
//! of the three is an effect (the process that comes first gets other pages); a toss makes it noise that favours nobody. It
//! also makes the two sides of equal code exchangeable, whatever the machine does, which is all that a test of the signs of
//! the differences assumes.

mod launch;
mod level;
mod orders;
mod side;
#[cfg(test)]
mod tests;
mod track;

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use perf_schema::{Failure, Throughput};

use crate::conduct::{Case, Interrupted, Launch, Listener, Progress};
use track::Track;

pub use orders::{OrderedCase, OrderedRun, conduct_orders};
pub use side::{BySide, Side};

/// The same benchmark of two builds.
#[derive(Clone, Debug)]
pub struct PairedCase {
    /// As the baseline has it. Its `batch`, or else the candidate's, is kept where it fits.
    pub baseline: Case,
    /// As the candidate has it.
    pub candidate: Case,
}

/// How much is measured of each pair of cases, and how long that may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairSettings {
    /// Pairs of launches that are taken whatever they cost: fewer could not carry any decision.
    pub min_pairs: u32,
    /// Pairs of launches after which no more are taken.
    pub max_pairs: u32,
    /// Samples of each launch to aim at, a quarter of them in each turn. Fewer of samples that take longer than was aimed at.
    pub samples: u32,
    /// Length of a sample to aim at: the shorter, the more of them escape what else the machine does.
    pub sample: Duration,
    /// What a case is expected to take on each side, for the forecast alone.
    pub usual: Duration,
    /// Time for each case and side, start-up and set-up included. A case of slow launches may exceed it for `min_pairs`.
    pub budget: Duration,
    /// How long a worker may take to answer one order, where the case does not say otherwise.
    pub timeout: Duration,
    /// Seed of every random choice.
    pub seed: u64,
}

impl PairSettings {
    /// Four seconds for each case and side at most; a rule that looks on ends most cases within one.
    ///
    /// A launch is short. What is left between two sides is the luck of their processes, which samples do not average away:
    /// 16 of 0.4 ms a launch gave pairs that lay hardly closer together, and took almost three times as long.
    #[must_use]
    pub const fn standard(seed: u64) -> Self {
        Self {
            min_pairs: 12,
            max_pairs: 1000,
            samples: 8,
            sample: Duration::from_micros(200),
            usual: Duration::from_secs(1),
            budget: Duration::from_secs(4),
            timeout: Duration::from_secs(60),
            seed,
        }
    }
}

/// One launch of each side, taken beside each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PairedLaunch {
    /// What the baseline's worker gave.
    pub baseline: Launch,
    /// What the candidate's worker gave, sample by sample beside it.
    pub candidate: Launch,
    /// Whether the baseline was measured first.
    pub baseline_first: bool,
}

/// Why no more pairs were taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum End {
    /// Whoever looked on had seen enough.
    Enough,
    /// The time or the number of pairs was used up.
    #[default]
    Budget,
    /// A side failed.
    Failed,
}

/// What was seen of one pair of cases.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PairedRun {
    /// Iterations in each sample, on both sides; absent when a side failed before that was known.
    pub batch: Option<u64>,
    /// The pairs of launches that gave samples on both sides, in the order they took place.
    pub launches: Vec<PairedLaunch>,
    /// The launches that failed. A pair of cases is given up when one of its sides fails.
    pub failures: BySide<Vec<Failure>>,
    /// What one iteration of the candidate works through.
    pub throughput: Throughput,
    /// The time spent on each side: half of what all this took, the pilot, start-up and warm-up included.
    pub spent: Duration,
    /// Why it ended there.
    pub end: End,
}

/// What someone who looks on wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// More pairs.
    GoOn,
    /// No more: it is decided, or will not be.
    Enough,
}

/// Measures both sides of `cases` and returns what was seen of each, in the same order. Failures are data, not errors.
///
/// `look` is shown each run after each of its pairs, with the index of its case.
///
/// # Errors
/// Only when `stop` was set while it ran.
pub fn conduct_pairs(
    cases: &[PairedCase],
    settings: &PairSettings,
    stop: &AtomicBool,
    listener: &mut dyn Listener,
    look: &mut dyn FnMut(usize, &PairedRun) -> Look,
) -> Result<Vec<PairedRun>, Interrupted> {
    let cases: Vec<PairedCase> = cases.iter().map(level::level).collect();
    let mut rng = fastrand::Rng::with_seed(settings.seed);
    let mut tracks = Vec::with_capacity(cases.len());
    for (index, case) in cases.iter().enumerate() {
        let track = Track::pilot(case, settings, &mut rng, stop)?;
        let failure = track.last_failure();
        listener.hear(Progress::Piloted {
            case: index,
            failure,
        });
        tracks.push(track);
    }
    listener.hear(Progress::Expected(
        tracks.iter().map(|track| track.forecast(settings)).sum(),
    ));
    let mut done = 0;
    loop {
        let mut order: Vec<usize> = (0..tracks.len()).filter(|&i| tracks[i].is_open()).collect();
        if order.is_empty() {
            return Ok(tracks.into_iter().map(Track::into_run).collect());
        }
        rng.shuffle(&mut order);
        for index in order {
            tracks[index].launch(&cases[index], settings, &mut rng, stop)?;
            tracks[index].look(|run| look(index, run));
            done += 1;
            listener.hear(Progress::Launched {
                case: index,
                done,
                planned: done + tracks.iter().map(|t| t.pairs_left(settings)).sum::<u32>(),
                failure: tracks[index].last_failure(),
            });
        }
    }
}

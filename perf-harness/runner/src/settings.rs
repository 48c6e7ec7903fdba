//! How much is measured.

use std::time::Duration;

/// How much is measured of each case, and how long that may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Launches of each case to aim at.
    pub launches: u32,
    /// Launches of each case that are taken whatever they cost: with fewer than eight on each side no difference can be
    /// shown among some dozens of benchmarks, however large it is.
    pub min_launches: u32,
    /// Samples of each launch to aim at.
    pub samples: u32,
    /// Length of a sample to aim at.
    pub sample: Duration,
    /// Time for each case, start-up and set-up included. A case of slow launches may exceed it for `min_launches`; one whose
    /// centre is known well enough, or that has had its `launches`, leaves some of it.
    pub budget: Duration,
    /// How long a worker may take to answer one order, where the case does not say otherwise.
    pub timeout: Duration,
    /// Seed of every random choice.
    pub seed: u64,
}

impl Settings {
    /// About one second for each case.
    #[must_use]
    pub const fn standard(seed: u64) -> Self {
        Self {
            launches: 30,
            min_launches: 8,
            samples: 4,
            sample: Duration::from_millis(1),
            budget: Duration::from_secs(1),
            timeout: Duration::from_secs(60),
            seed,
        }
    }

    /// About a fifth of a second for each case, for a first look.
    #[must_use]
    pub const fn quick(seed: u64) -> Self {
        Self {
            launches: 8,
            budget: Duration::from_millis(200),
            ..Self::standard(seed)
        }
    }

    /// Samples that one launch takes when a sample lasts `sample_ns`: fewer of long ones, since launches tell more.
    pub(crate) fn samples_of(&self, sample_ns: u64) -> u32 {
        const LAUNCH_NS: u64 = 40_000_000;
        let fitting = LAUNCH_NS / sample_ns.max(1);
        u32::try_from(fitting)
            .unwrap_or(u32::MAX)
            .clamp(1, self.samples)
    }

    /// Longest warm-up of one launch when a sample lasts `sample_ns`; zero means none. Where one sample takes a quarter
    /// of a second, its own first moments no longer matter and a second one would only double the bill.
    pub(crate) fn warm_up_ns(&self, sample_ns: u64) -> u64 {
        const TOO_LONG_NS: u64 = 250_000_000;
        if sample_ns >= TOO_LONG_NS {
            0
        } else {
            10 * u64::try_from(self.sample.as_nanos()).unwrap_or(u64::MAX)
        }
    }
}

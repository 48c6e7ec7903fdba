//! How much is measured.

use std::time::Duration;

use perf_schema::wire::Order;

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
    ///
    /// The tick of the system's timer comes every few milliseconds and takes some hundredths of one: of samples that last a
    /// millisecond every third or so has one in it, of those that last a quarter every tenth. An odd number, so that the
    /// median is one of them.
    #[must_use]
    pub const fn standard(seed: u64) -> Self {
        Self {
            launches: 30,
            min_launches: 8,
            samples: 5,
            sample: Duration::from_micros(250),
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

    /// How a launch samples in batches of `batch` iterations, which take `sample_ns`.
    pub(crate) fn sampling(&self, batch: u64, sample_ns: u64) -> Sampling {
        Sampling::fitting(batch, sample_ns, self.samples, self.sample)
    }
}

/// How often each of two launches that are measured in turns has its turn.
const TURNS: u32 = 4;

/// How one launch samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sampling {
    /// Iterations in each sample.
    pub(crate) batch: u64,
    /// How many samples.
    pub(crate) count: u32,
    /// Longest warm-up; zero means none.
    pub(crate) warm_up_ns: u64,
}

impl Sampling {
    /// At most `samples`, where one that was meant to last `sample` lasts `sample_ns`: fewer of long ones, since launches tell
    /// more. Where one takes a quarter of a second, its own first moments no longer matter, and a warm-up would only double the
    /// bill.
    pub(crate) fn fitting(batch: u64, sample_ns: u64, samples: u32, sample: Duration) -> Self {
        const LAUNCH_NS: u64 = 40_000_000;
        const TOO_LONG_NS: u64 = 250_000_000;
        let fitting = u32::try_from(LAUNCH_NS / sample_ns.max(1)).unwrap_or(u32::MAX);
        Self {
            batch,
            count: fitting.clamp(1, samples.max(1)),
            warm_up_ns: if sample_ns >= TOO_LONG_NS {
                0
            } else {
                10 * u64::try_from(sample.as_nanos()).unwrap_or(u64::MAX)
            },
        }
    }

    /// As [`Sampling::fitting`], for launches that take turns: at least one sample for each turn where they fit, and more of short
    /// ones, up to `samples`. One of them has to escape whatever else the machine does. The warm-up of short samples is longer for
    /// their length, as what a process needs to become steady is not less for that.
    pub(crate) fn in_turns(batch: u64, sample_ns: u64, samples: u32, sample: Duration) -> Self {
        const SHORT_NS: u64 = 1_600_000;
        const WARM_UP: u64 = 2;
        let fitting = u32::try_from(SHORT_NS / sample_ns.max(1)).unwrap_or(u32::MAX);
        let samples = fitting.clamp(TURNS.min(samples), samples.max(1));
        let sampling = Self::fitting(batch, sample_ns, samples, sample);
        Self {
            warm_up_ns: WARM_UP * sampling.warm_up_ns,
            ..sampling
        }
    }

    /// How many samples to take in each turn: a quarter of them, the long ones one by one.
    pub(crate) fn turns(self) -> impl Iterator<Item = u32> {
        let each = (self.count / TURNS).max(1);
        (0..self.count.div_ceil(each)).map(move |turn| each.min(self.count - turn * each))
    }

    pub(crate) const fn order(self) -> Order {
        Order::Sample {
            batch: self.batch,
            count: self.count,
            warm_up_ns: self.warm_up_ns,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_turns(sample_us: u64) -> Vec<u32> {
        let sample = Duration::from_micros(200);
        Sampling::in_turns(1, sample_us * 1000, 8, sample)
            .turns()
            .collect()
    }

    #[test]
    fn short_samples_are_many_and_long_ones_few() {
        assert_eq!(in_turns(100), [2, 2, 2, 2]);
        assert_eq!(in_turns(200), [2, 2, 2, 2]);
        assert_eq!(in_turns(300), [1; 5]);
        assert_eq!(in_turns(400), [1; 4]);
        assert_eq!(in_turns(9_000), [1; 4]);
        assert_eq!(in_turns(15_000), [1; 2]);
        assert_eq!(in_turns(30_000), [1]);
        assert_eq!(in_turns(300_000), [1]);
    }

    #[test]
    fn no_sample_is_lost_between_turns() {
        for count in 1..40 {
            let sampling = Sampling {
                batch: 1,
                count,
                warm_up_ns: 0,
            };
            assert_eq!(sampling.turns().sum::<u32>(), count);
            assert!(sampling.turns().all(|turn| turn > 0));
        }
    }
}

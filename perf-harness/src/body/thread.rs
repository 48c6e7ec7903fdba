//! One of the threads of a `run_shared` benchmark.

/// The thread that runs an iteration; see [`Bench::run_shared`](crate::Bench::run_shared).
#[derive(Debug)]
pub struct Thread {
    index: usize,
    count: usize,
    rng: fastrand::Rng,
}

impl Thread {
    pub(crate) fn new(index: usize, count: usize, seed: u64) -> Self {
        let mut seeds = fastrand::Rng::with_seed(seed);
        let rng = (0..=index).fold(fastrand::Rng::with_seed(seed), |_, _| seeds.fork());
        Self { index, count, rng }
    }

    /// Its place among the threads, from 0.
    #[must_use]
    pub const fn index(&self) -> usize {
        self.index
    }

    /// How many threads there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// Random numbers of this thread's own, the same in each repetition of the launch.
    pub const fn rng(&mut self) -> &mut fastrand::Rng {
        &mut self.rng
    }
}

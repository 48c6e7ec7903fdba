//! Where one pair of cases stands.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use perf_schema::Failure;

use super::launch::{PairTrouble, Patience, Turns, launch, lucks, side_of};
use super::{End, Look, PairSettings, PairedCase, PairedRun, Side};
use crate::calibration::Calibration;
use crate::conduct::{Case, Interrupted};
use crate::observing::Observing;
use crate::settings::Sampling;
use crate::stopwatch::Stopwatch;
use crate::visit::{Luck, Trouble, Visit};
use crate::worker::Watch;

pub(super) struct Track {
    run: PairedRun,
    open: bool,
    sampling: Sampling,
    /// Time spent so far, on both sides together.
    spent: Duration,
    /// What of it went into looking on.
    observing: Observing,
    /// What a pair is expected to take: as long as the last one did.
    cost: Duration,
}

impl Track {
    /// One launch of each side that is not recorded: it finds the batch size, and that the case works on both.
    pub(super) fn pilot(
        case: &PairedCase,
        settings: &PairSettings,
        rng: &mut fastrand::Rng,
        stop: &AtomicBool,
    ) -> Result<Self, Interrupted> {
        let watch = Stopwatch::start();
        let mut track = Self {
            run: PairedRun::default(),
            open: true,
            sampling: Sampling::in_turns(1, 0, settings.samples, settings.sample),
            spent: Duration::ZERO,
            observing: Observing::default(),
            cost: Duration::ZERO,
        };
        let earlier = case.baseline.batch.or(case.candidate.batch);
        let calibration = Calibration::to(settings.sample, earlier);
        let mut found = Vec::new();
        for side in Side::draw(rng).then_other() {
            let luck = Luck::draw(0, rng);
            let seen = calibrate(side_of(case, side), luck, &calibration, settings, stop);
            match seen {
                Ok(seen) => found.push(seen),
                Err(Trouble::Failed(failure)) => track.fail(side, failure),
                Err(Trouble::Interrupted) => return Err(Interrupted),
            }
        }
        if let [one, other] = found[..] {
            let (batch, sample_ns) = calibration.settle(slower(one, other));
            track.sampling =
                Sampling::in_turns(batch, sample_ns, settings.samples, settings.sample);
            track.run.batch = Some(batch);
        }
        // Both were started, set up and run for some samples.
        track.cost = watch.elapsed();
        track.account(track.cost);
        Ok(track)
    }

    /// Takes one more launch of each side.
    pub(super) fn launch(
        &mut self,
        case: &PairedCase,
        settings: &PairSettings,
        rng: &mut fastrand::Rng,
        stop: &AtomicBool,
    ) -> Result<(), Interrupted> {
        let watch = Stopwatch::start();
        let number = u32::try_from(self.run.launches.len()).unwrap_or(u32::MAX);
        let (lucks, turns) = (lucks(case, number, rng), Turns::draw(rng));
        let patience = Patience {
            timeout: settings.timeout,
            stop,
        };
        let observes = self.observes();
        match launch(case, &lucks, turns, self.sampling, observes, patience) {
            Ok(visited) => {
                self.run.launches.push(visited.launch);
                self.run.throughput = visited.throughput;
                if let Some(spent) = visited.observing {
                    self.observing.launches += 1;
                    self.observing.spent += spent;
                }
            }
            Err(PairTrouble::Failed(side, failure)) => self.fail(side, failure),
            Err(PairTrouble::Interrupted) => return Err(Interrupted),
        }
        self.cost = watch.elapsed();
        self.account(self.cost);
        let taken = number.saturating_add(1);
        let is_spent = (self.spent + self.cost) / 2 > settings.budget;
        if taken >= settings.max_pairs || taken >= settings.min_pairs && is_spent {
            self.open = false;
        }
        Ok(())
    }

    /// Whether the next pair is to be looked at for more than time: if either side asks for it.
    fn observes(&self) -> bool {
        let launches = self.run.launches.iter();
        let baseline = launches.clone().map(|pair| &pair.baseline);
        let candidate = launches.map(|pair| &pair.candidate);
        self.observing.goes_on(baseline, self.spent)
            || self.observing.goes_on(candidate, self.spent)
    }

    /// Shows the run to someone who may end it.
    pub(super) fn look(&mut self, look: impl FnOnce(&PairedRun) -> Look) {
        if self.run.end != End::Failed && look(&self.run) == Look::Enough {
            self.run.end = End::Enough;
            self.open = false;
        }
    }

    pub(super) const fn is_open(&self) -> bool {
        self.open
    }

    pub(super) fn has_failed(&self) -> bool {
        self.run.end == End::Failed
    }

    pub(super) fn last_failure(&self) -> Option<&Failure> {
        let failures = &self.run.failures;
        failures.candidate.last().or(failures.baseline.last())
    }

    /// How many pairs are still to come if this case is one that takes the usual time.
    pub(super) fn pairs_left(&self, settings: &PairSettings) -> u32 {
        if !self.open {
            return 0;
        }
        let left = (2 * settings.usual).saturating_sub(self.spent).as_nanos();
        let fitting = u32::try_from(left / self.cost.as_nanos().max(1)).unwrap_or(u32::MAX);
        let taken = u32::try_from(self.run.launches.len()).unwrap_or(u32::MAX);
        let least = settings.min_pairs.saturating_sub(taken).max(1);
        fitting.clamp(least, settings.max_pairs.max(least))
    }

    /// How long this case will take if it is one that takes the usual time.
    pub(super) fn forecast(&self, settings: &PairSettings) -> Duration {
        self.cost * self.pairs_left(settings)
    }

    pub(super) fn into_run(self) -> PairedRun {
        self.run
    }

    fn account(&mut self, time: Duration) {
        self.spent += time;
        self.run.spent = self.spent / 2;
    }

    fn fail(&mut self, side: Side, failure: Failure) {
        self.run.failures.of_mut(side).push(failure);
        self.run.end = End::Failed;
        self.open = false;
    }
}

/// The batch size that one side by itself would choose, and the length of its sample.
fn calibrate(
    case: &Case,
    luck: Luck,
    calibration: &Calibration,
    settings: &PairSettings,
    stop: &AtomicBool,
) -> Result<(u64, u64), Trouble> {
    let mut visit = Visit::start(case, luck, settings.timeout, &Watch::begin(), stop)?;
    visit.enter(case, luck)?;
    let found = visit.calibrate(&calibration.order)?;
    visit.leave()?;
    visit.end()?;
    Ok(found)
}

/// What fits both sides, where each has found its own: the smaller batch, so that no sample is longer than was meant, with
/// the time that it takes the slower.
fn slower(one: (u64, u64), other: (u64, u64)) -> (u64, u64) {
    let batch = one.0.min(other.0);
    let length = |(own, length): (u64, u64)| {
        let length = u128::from(length) * u128::from(batch) / u128::from(own.max(1));
        u64::try_from(length).unwrap_or(u64::MAX)
    };
    (batch, length(one).max(length(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_batch_fits_the_slower_side() {
        assert_eq!(slower((100, 1_000), (50, 1_000)), (50, 1_000));
        assert_eq!(slower((50, 1_000), (100, 1_000)), (50, 1_000));
        assert_eq!(slower((100, 1_000), (50, 100)), (50, 500));
    }
}

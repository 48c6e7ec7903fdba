//! The order of play: a pilot launch for each case, then round after round of one launch of every case.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use perf_schema::wire::{CaseDescription, Event, Order};
use perf_schema::{Failure, FailureKind, MetricName, Observed, Throughput};

use crate::budget::Budget;
use crate::precision::{gauge, is_precise};
use crate::settings::Settings;
use crate::stopwatch::Stopwatch;
use crate::worker::{Answer, Program, Worker};

/// One case to measure.
#[derive(Clone, Debug)]
pub struct Case {
    /// The binary that has it.
    pub program: Program,
    /// What the binary says of it.
    pub description: CaseDescription,
    /// Iterations in each sample of an earlier run that this one is to be compared with.
    pub batch: Option<u64>,
}

/// What was seen of one case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CaseRun {
    /// Iterations in each sample; absent when the case failed before that was known.
    pub batch: Option<u64>,
    /// The launches that gave samples, in the order they took place.
    pub launches: Vec<Launch>,
    /// The launches that failed. A case is given up at its first failure.
    pub failures: Vec<Failure>,
    /// What one iteration works through.
    pub throughput: Throughput,
}

/// The samples of one launch, each for a whole batch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Launch {
    /// Wall time of each batch.
    pub wall_ns: Vec<u64>,
    /// CPU time of the process in each batch.
    pub cpu_ns: Vec<u64>,
    /// The gauge beside each batch.
    pub gauge_ns: Vec<u64>,
    /// What else was seen, by name of the metric.
    pub observed: BTreeMap<MetricName, Observed>,
}

/// What a listener is told, between launches and never during one.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// A case was calibrated, or failed at that. Given once for each case, before the first round.
    Piloted {
        /// Index of the case.
        case: usize,
        /// Why it will not be measured.
        failure: Option<&'a Failure>,
    },
    /// How long the rounds are expected to take.
    Expected(Duration),
    /// A launch is over.
    Launched {
        /// Index of the case.
        case: usize,
        /// Launches of all cases done so far.
        done: u32,
        /// Launches of all cases that are planned.
        planned: u32,
        /// Why it gave no samples.
        failure: Option<&'a Failure>,
    },
}

/// Someone who wants to know how it goes.
pub trait Listener {
    /// Something has happened.
    fn hear(&mut self, progress: Progress<'_>);
}

/// The run was stopped from outside. All workers are gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

/// Measures `cases` and returns what was seen of each, in the same order. Failures are data, not errors.
///
/// # Errors
/// Only when `stop` was set while it ran.
pub fn conduct(
    cases: &[Case],
    settings: &Settings,
    stop: &AtomicBool,
    listener: &mut dyn Listener,
) -> Result<Vec<CaseRun>, Interrupted> {
    let mut rng = fastrand::Rng::with_seed(settings.seed);
    let mut tracks = Vec::with_capacity(cases.len());
    for (index, case) in cases.iter().enumerate() {
        let track = Track::pilot(case, settings, &mut rng, stop)?;
        let failure = track.run.failures.first();
        listener.hear(Progress::Piloted {
            case: index,
            failure,
        });
        tracks.push(track);
    }
    listener.hear(Progress::Expected(
        tracks.iter().map(|track| track.budget.expected()).sum(),
    ));
    rounds(cases, &mut tracks, settings, &mut rng, stop, listener)?;
    Ok(tracks.into_iter().map(|track| track.run).collect())
}

fn rounds(
    cases: &[Case],
    tracks: &mut [Track],
    settings: &Settings,
    rng: &mut fastrand::Rng,
    stop: &AtomicBool,
    listener: &mut dyn Listener,
) -> Result<(), Interrupted> {
    let mut done = 0;
    let mut quietest_ns = u64::MAX;
    loop {
        let mut order: Vec<usize> = (0..tracks.len())
            .filter(|&i| tracks[i].budget.left() > 0)
            .collect();
        if order.is_empty() {
            return Ok(());
        }
        rng.shuffle(&mut order);
        for index in order {
            tracks[index].launch(&cases[index], settings, rng, stop, &mut quietest_ns)?;
            done += 1;
            listener.hear(Progress::Launched {
                case: index,
                done,
                planned: done + tracks.iter().map(|track| track.budget.left()).sum::<u32>(),
                failure: tracks[index].run.failures.last(),
            });
        }
    }
}

/// Where one case stands.
struct Track {
    run: CaseRun,
    /// Length of a sample, as the pilot found it.
    sample_ns: u64,
    /// What starting a worker and setting the case up took in the pilot.
    set_up: Duration,
    /// Launches still to come, and the time for them.
    budget: Budget,
}

impl Track {
    /// One launch that is not recorded: it finds the batch size, and that the case works at all.
    fn pilot(
        case: &Case,
        settings: &Settings,
        rng: &mut fastrand::Rng,
        stop: &AtomicBool,
    ) -> Result<Self, Interrupted> {
        let mut track = Self {
            run: CaseRun::default(),
            sample_ns: 0,
            set_up: Duration::ZERO,
            budget: Budget::nothing(),
        };
        let watch = Stopwatch::start();
        let calibration = Calibration::of(case, settings);
        let visit = Visit::new(case, 0, settings, rng, stop);
        track.set_up = watch.elapsed();
        match visit.and_then(|visit| visit.calibrate(&calibration)) {
            Ok((batch, sample_ns)) => {
                track.run.batch = Some(batch);
                track.sample_ns = sample_ns;
            }
            Err(Trouble::Failed(failure)) => {
                track.run.failures.push(failure);
                return Ok(track);
            }
            Err(Trouble::Interrupted) => return Err(Interrupted),
        }
        let expected = track.expected_cost(settings);
        track.budget = Budget::after_pilot(settings, watch.elapsed(), expected);
        Ok(track)
    }

    fn expected_cost(&self, settings: &Settings) -> Duration {
        const FAREWELL: Duration = Duration::from_millis(1);
        let warm_up = settings.warm_up_ns(self.sample_ns).min(3 * self.sample_ns);
        let samples = u64::from(settings.samples_of(self.sample_ns)) * self.sample_ns;
        self.set_up + Duration::from_nanos(warm_up + samples) + FAREWELL
    }

    fn launch(
        &mut self,
        case: &Case,
        settings: &Settings,
        rng: &mut fastrand::Rng,
        stop: &AtomicBool,
        quietest_ns: &mut u64,
    ) -> Result<(), Interrupted> {
        let watch = Stopwatch::start();
        let number = u32::try_from(self.run.launches.len()).unwrap_or(u32::MAX);
        let order = Order::Sample {
            batch: self.run.batch.unwrap_or(1),
            count: settings.samples_of(self.sample_ns),
            warm_up_ns: settings.warm_up_ns(self.sample_ns),
        };
        match Visit::new(case, number, settings, rng, stop).and_then(|visit| visit.sample(&order)) {
            Ok((launch, throughput)) => {
                *quietest_ns = gauge(&launch).map_or(*quietest_ns, |ns| ns.min(*quietest_ns));
                self.run.launches.push(launch);
                self.run.throughput = throughput;
                let precise = is_precise(&self.run.launches, *quietest_ns);
                self.budget.launched(watch.elapsed(), precise);
            }
            Err(Trouble::Failed(failure)) => {
                self.run.failures.push(failure);
                self.budget.give_up();
            }
            Err(Trouble::Interrupted) => return Err(Interrupted),
        }
        Ok(())
    }
}

/// How a pilot looks for the batch size.
struct Calibration {
    order: Order,
    /// The size that an earlier run settled on.
    earlier: Option<u64>,
}

impl Calibration {
    fn of(case: &Case, settings: &Settings) -> Self {
        let sample_ns = u64::try_from(settings.sample.as_nanos()).unwrap_or(u64::MAX);
        Self {
            order: Order::Calibrate {
                sample_ns,
                // Ten samples' worth: a slow input generator ends the search, not the patience of the user.
                limit_ns: sample_ns.saturating_mul(10),
            },
            earlier: case.batch,
        }
    }
}

impl Calibration {
    /// The batch size and sample length to use, where the pilot found `found`.
    ///
    /// The size of an earlier run is kept, since it is part of what is measured: it decides how much memory a batch holds,
    /// and with it what the allocator and the caches do. Only code that has become several times slower or faster needs
    /// another.
    fn settle(&self, found: (u64, u64)) -> (u64, u64) {
        let Some(fixed) = self.earlier else {
            return found;
        };
        let length = u128::from(found.1) * u128::from(fixed) / u128::from(found.0.max(1));
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        let fits =
            |length: u64, target: u64| length <= target.saturating_mul(4) && length >= target / 4;
        if fits(length, found.1) {
            (fixed, length)
        } else {
            found
        }
    }
}

/// Why a visit gave nothing.
enum Trouble {
    Failed(Failure),
    Interrupted,
}

/// One worker on its way through one case.
struct Visit<'a> {
    worker: Worker,
    timeout: Duration,
    stop: &'a AtomicBool,
}

impl<'a> Visit<'a> {
    /// Starts a worker and leads it into the case.
    fn new(
        case: &Case,
        launch: u32,
        settings: &Settings,
        rng: &mut fastrand::Rng,
        stop: &'a AtomicBool,
    ) -> Result<Self, Trouble> {
        if stop.load(Ordering::Relaxed) {
            return Err(Trouble::Interrupted);
        }
        // Up to a page, in steps of the stack's own alignment: enough to move the frames over all cache lines.
        let padding = 16 * rng.usize(0..256);
        let worker = Worker::start(&case.program, launch, padding).map_err(|error| {
            Trouble::Failed(Failure {
                kind: FailureKind::Exit,
                signal: None,
                launch,
                elapsed_ms: 0,
                message: format!(
                    "{error}: {}",
                    std::error::Error::source(&error).map_or(String::new(), |s| s.to_string())
                ),
            })
        })?;
        let timeout = case
            .description
            .timeout_ms
            .map_or(settings.timeout, Duration::from_millis);
        let mut visit = Self {
            worker,
            timeout,
            stop,
        };
        visit
            .worker
            .greet(timeout, stop)
            .map_err(|answer| visit.trouble(answer))?;
        let order = Order::Prepare {
            case: case.description.name.clone(),
            seed: rng.u64(..),
        };
        match visit.worker.ask(&order, timeout, stop) {
            Answer::Event(Event::Prepared) => Ok(visit),
            other => Err(visit.trouble(other)),
        }
    }

    /// The batch size and the length of a sample of that size.
    fn calibrate(mut self, calibration: &Calibration) -> Result<(u64, u64), Trouble> {
        let found = match self.worker.ask(&calibration.order, self.timeout, self.stop) {
            Answer::Event(Event::Calibrated { batch, sample_ns }) if batch > 0 => {
                (batch, sample_ns)
            }
            other => return Err(self.trouble(other)),
        };
        self.finish()?;
        Ok(calibration.settle(found))
    }

    fn sample(mut self, order: &Order) -> Result<(Launch, Throughput), Trouble> {
        let mut launch = match self.worker.ask(order, self.timeout, self.stop) {
            Answer::Event(Event::Sampled {
                wall_ns,
                cpu_ns,
                gauge_ns,
                ..
            }) if !wall_ns.is_empty()
                && wall_ns.len() == cpu_ns.len()
                && wall_ns.len() == gauge_ns.len() =>
            {
                Launch {
                    wall_ns,
                    cpu_ns,
                    gauge_ns,
                    observed: BTreeMap::new(),
                }
            }
            other => return Err(self.trouble(other)),
        };
        if let Order::Sample { batch, .. } = *order {
            launch.observed = self.observe(batch)?;
        }
        let (throughput, at_the_end) = self.finish()?;
        launch.observed.extend(at_the_end);
        Ok((launch, throughput))
    }

    fn observe(&mut self, batch: u64) -> Result<BTreeMap<MetricName, Observed>, Trouble> {
        let order = Order::Observe { batch };
        match self.worker.ask(&order, self.timeout, self.stop) {
            Answer::Event(Event::Observed { metrics }) => Ok(metrics),
            other => Err(self.trouble(other)),
        }
    }

    fn finish(mut self) -> Result<(Throughput, BTreeMap<MetricName, Observed>), Trouble> {
        match self.worker.ask(&Order::Finish, self.timeout, self.stop) {
            Answer::Event(Event::Finished {
                throughput,
                metrics,
            }) => {
                self.worker.end().map_err(Trouble::Failed)?;
                Ok((throughput, metrics))
            }
            other => Err(self.trouble(other)),
        }
    }

    fn trouble(&mut self, answer: Answer) -> Trouble {
        match answer {
            Answer::Event(event) => match self.worker.unexpected(&event) {
                Answer::Failed(failure) => Trouble::Failed(failure),
                _ => Trouble::Interrupted,
            },
            Answer::Failed(failure) => Trouble::Failed(failure),
            Answer::Interrupted => Trouble::Interrupted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_batch_of_an_earlier_run_is_kept_while_it_fits() {
        let settle = |earlier, found| {
            let order = Order::Finish;
            Calibration { order, earlier }.settle(found)
        };
        assert_eq!(settle(None, (100, 1_000_000)), (100, 1_000_000));
        assert_eq!(settle(Some(110), (100, 1_000_000)), (110, 1_100_000));
        assert_eq!(settle(Some(25), (100, 1_000_000)), (25, 250_000));
        assert_eq!(settle(Some(1000), (100, 1_000_000)), (100, 1_000_000));
        assert_eq!(settle(Some(1), (100, 1_000_000)), (100, 1_000_000));
    }
}

//! The order of play: a pilot launch for each case, then round after round of one launch of every case.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use perf_schema::wire::CaseDescription;
use perf_schema::{Failure, Level, LimitPlan, LimitRecord, MetricName, Observed, Throughput};

use crate::budget::{Budget, Costs};
use crate::calibration::Calibration;
use crate::counting::Count;
use crate::limits::seek;
use crate::observing::{self, Observing};
use crate::precision::{gauge, is_precise};
use crate::settings::{Sampling, Settings};
use crate::stopwatch::Stopwatch;
use crate::visit::{Luck, Trouble, Visit};
use crate::worker::{Program, Watch};

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
    /// Its instructions as Valgrind counts them, for whoever asked for that.
    pub count: Option<Count>,
    /// What the search for its limit found, where it has one.
    pub limit: Option<LimitRecord>,
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
    /// How long the rounds are expected to take. Given once, unless there are no cases but limits.
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
    /// So many limits are searched for, which takes at most about so long.
    Searching(usize, Duration),
    /// A level of a limit was probed.
    Probed {
        /// Index of the case.
        case: usize,
        /// What came of it.
        level: &'a Level,
    },
    /// The search for a limit is over.
    Searched {
        /// Index of the case.
        case: usize,
        /// What it found.
        limit: &'a LimitRecord,
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
        if case.description.limit.is_some() {
            tracks.push(Track::nothing());
            continue;
        }
        let track = Track::pilot(case, settings, &mut rng, stop)?;
        let failure = track.run.failures.first();
        listener.hear(Progress::Piloted {
            case: index,
            failure,
        });
        tracks.push(track);
    }
    if cases.len() > limits(cases).count() {
        listener.hear(Progress::Expected(
            tracks.iter().map(|track| track.budget.expected()).sum(),
        ));
    }
    rounds(cases, &mut tracks, settings, &mut rng, stop, listener)?;
    let mut runs: Vec<CaseRun> = tracks.into_iter().map(|track| track.run).collect();
    search_all(cases, &mut runs, settings, &mut rng, stop, listener)?;
    Ok(runs)
}

/// The cases that are limits.
fn limits(cases: &[Case]) -> impl Iterator<Item = (usize, &Case, &LimitPlan)> {
    cases.iter().enumerate().filter_map(|(index, case)| {
        let plan = case.description.limit.as_ref()?;
        Some((index, case, plan))
    })
}

/// Looks for the limits, one after the other: a level may take all the machine has.
fn search_all(
    cases: &[Case],
    runs: &mut [CaseRun],
    settings: &Settings,
    rng: &mut fastrand::Rng,
    stop: &AtomicBool,
    listener: &mut dyn Listener,
) -> Result<(), Interrupted> {
    let count = limits(cases).count();
    if count > 0 {
        let budgets = limits(cases).map(|(_, _, plan)| Duration::from_millis(plan.budget_ms));
        listener.hear(Progress::Searching(count, budgets.sum()));
    }
    for (index, case, plan) in limits(cases) {
        runs[index] = seek((index, case), plan, settings, rng, stop, listener)?;
    }
    Ok(())
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
    /// What of the time went into looking on.
    observing: Observing,
}

impl Track {
    /// Of a case that is not timed.
    fn nothing() -> Self {
        Self {
            run: CaseRun::default(),
            sample_ns: 0,
            set_up: Duration::ZERO,
            budget: Budget::nothing(),
            observing: Observing::default(),
        }
    }

    /// One launch that is not recorded: it finds the batch size, and that the case works at all.
    fn pilot(
        case: &Case,
        settings: &Settings,
        rng: &mut fastrand::Rng,
        stop: &AtomicBool,
    ) -> Result<Self, Interrupted> {
        let mut track = Self::nothing();
        let watch = Stopwatch::start();
        let calibration = Calibration::to(settings.sample, case.batch);
        let visit = enter(case, 0, settings, rng, stop);
        track.set_up = watch.elapsed();
        let found = visit.and_then(|mut visit| {
            let found = visit.calibrate(&calibration.order)?;
            visit.leave()?;
            visit.end()?;
            Ok(calibration.settle(found))
        });
        match found {
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
        let costs = Costs {
            launch: track.expected_cost(settings),
            looking: track.looking(),
        };
        track.budget = Budget::after_pilot(settings, watch.elapsed(), costs);
        Ok(track)
    }

    fn expected_cost(&self, settings: &Settings) -> Duration {
        const FAREWELL: Duration = Duration::from_millis(1);
        let sampling = settings.sampling(1, self.sample_ns);
        let warm_up = sampling.warm_up_ns.min(3 * self.sample_ns);
        let samples = u64::from(sampling.count) * self.sample_ns;
        self.set_up + Duration::from_nanos(warm_up + samples) + FAREWELL
    }

    /// What looking on is expected to cost, in the launches in which it is done whatever it costs.
    fn looking(&self) -> Duration {
        Duration::from_nanos(self.sample_ns) * observing::LEAST
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
        let sampling = settings.sampling(self.run.batch.unwrap_or(1), self.sample_ns);
        let observes = self
            .observing
            .goes_on(self.run.launches.iter(), self.budget.spent());
        let visit = enter(case, number, settings, rng, stop);
        match visit.and_then(|visit| measure(visit, sampling, observes)) {
            Ok(Visited {
                launch,
                throughput,
                observing,
            }) => {
                *quietest_ns = gauge(&launch).map_or(*quietest_ns, |ns| ns.min(*quietest_ns));
                self.run.launches.push(launch);
                self.run.throughput = throughput;
                if let Some(spent) = observing {
                    self.observing.launches += 1;
                    self.observing.spent += spent;
                }
                let looking = observing.unwrap_or_default();
                let precise = is_precise(&self.run.launches, *quietest_ns);
                self.budget.launched(watch.elapsed(), looking, precise);
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

/// Starts a worker and leads it into the case.
fn enter<'a>(
    case: &Case,
    launch: u32,
    settings: &Settings,
    rng: &mut fastrand::Rng,
    stop: &'a AtomicBool,
) -> Result<Visit<'a>, Trouble> {
    let luck = Luck::draw(launch, rng);
    let mut visit = Visit::start(case, luck, settings.timeout, &Watch::begin(), stop)?;
    visit.enter(case, luck)?;
    Ok(visit)
}

/// What a visit gave.
struct Visited {
    launch: Launch,
    throughput: Throughput,
    /// What looking on took, if it was done.
    observing: Option<Duration>,
}

/// Everything there is to see in one launch.
fn measure(mut visit: Visit<'_>, sampling: Sampling, observes: bool) -> Result<Visited, Trouble> {
    let mut launch = Launch::default();
    visit.sample(sampling, &mut launch)?;
    let mut observing = None;
    if observes {
        let watch = Stopwatch::start();
        visit.observe(sampling.batch, &mut launch)?;
        observing = Some(watch.elapsed());
    }
    let (throughput, at_the_end) = visit.leave()?;
    visit.end()?;
    launch.observed.extend(at_the_end);
    Ok(Visited {
        launch,
        throughput,
        observing,
    })
}

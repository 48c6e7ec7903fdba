//! One worker on its way through one case: started, led into it, asked, and seen off.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use perf_schema::wire::{Event, Order};
use perf_schema::{Failure, FailureKind, MetricName, Observed, Throughput};

use crate::conduct::{Case, Launch};
use crate::settings::Sampling;
use crate::worker::{Answer, Watch, Worker};

/// How long a fault may take to be taken away.
const RECOVERING: Duration = Duration::from_secs(10);

/// Why a visit gave nothing.
pub(crate) enum Trouble {
    Failed(Failure),
    Interrupted,
}

/// What sets a launch apart from the others of its case.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Luck {
    /// Its number.
    pub(crate) launch: u32,
    /// By how much the stack is moved, in bytes.
    pub(crate) padding: usize,
    /// Seed of what is random inside the worker.
    pub(crate) seed: u64,
}

impl Luck {
    /// Draws the luck of launch number `launch`.
    pub(crate) fn draw(launch: u32, rng: &mut fastrand::Rng) -> Self {
        Self {
            launch,
            // Up to a page, in steps of the stack's own alignment: enough to move the frames over all cache lines.
            padding: 16 * rng.usize(0..256),
            seed: rng.u64(..),
        }
    }
}

/// One worker on its way through one case.
pub(crate) struct Visit<'a> {
    worker: Worker,
    timeout: Duration,
    stop: &'a AtomicBool,
}

impl<'a> Visit<'a> {
    /// Starts a worker. It answers within `timeout`, unless the case says otherwise.
    pub(crate) fn start(
        case: &Case,
        luck: Luck,
        timeout: Duration,
        watch: &Watch,
        stop: &'a AtomicBool,
    ) -> Result<Self, Trouble> {
        if stop.load(Ordering::Relaxed) {
            return Err(Trouble::Interrupted);
        }
        let Luck {
            launch, padding, ..
        } = luck;
        let worker = Worker::start(&case.program, launch, padding, watch).map_err(|error| {
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
        let own = case.description.timeout_ms.map(Duration::from_millis);
        Ok(Self {
            worker,
            timeout: own.unwrap_or(timeout),
            stop,
        })
    }

    /// How long the worker's threads have waited for a processor so far, where the system tells.
    pub(crate) fn waited(&self) -> Option<Duration> {
        self.worker.waited()
    }

    /// Leads the worker into the case.
    pub(crate) fn enter(&mut self, case: &Case, luck: Luck) -> Result<(), Trouble> {
        self.worker
            .greet(self.timeout, self.stop)
            .map_err(|answer| self.trouble(answer))?;
        let order = Order::Prepare {
            case: case.description.name.clone(),
            seed: luck.seed,
            level: None,
        };
        match self.ask(&order) {
            Answer::Event(Event::Prepared) => Ok(()),
            other => Err(self.trouble(other)),
        }
    }

    /// The batch size and the length of a sample of that size.
    pub(crate) fn calibrate(&mut self, order: &Order) -> Result<(u64, u64), Trouble> {
        match self.ask(order) {
            Answer::Event(Event::Calibrated { batch, sample_ns }) if batch > 0 => {
                Ok((batch, sample_ns))
            }
            other => Err(self.trouble(other)),
        }
    }

    /// Warms up, and adds samples to `launch`.
    pub(crate) fn sample(
        &mut self,
        sampling: Sampling,
        launch: &mut Launch,
    ) -> Result<(), Trouble> {
        match self.ask(&sampling.order()) {
            Answer::Event(Event::Sampled {
                wall_ns,
                cpu_ns,
                gauge_ns,
                ..
            }) if [&wall_ns, &cpu_ns, &gauge_ns]
                .iter()
                .all(|values| u32::try_from(values.len()) == Ok(sampling.count)) =>
            {
                launch.wall_ns.extend(wall_ns);
                launch.cpu_ns.extend(cpu_ns);
                launch.gauge_ns.extend(gauge_ns);
                Ok(())
            }
            other => Err(self.trouble(other)),
        }
    }

    /// Looks at what a batch does besides taking time.
    pub(crate) fn observe(&mut self, batch: u64, launch: &mut Launch) -> Result<(), Trouble> {
        match self.ask(&Order::Observe { batch }) {
            Answer::Event(Event::Observed { metrics }) => {
                launch.observed.extend(metrics);
                Ok(())
            }
            other => Err(self.trouble(other)),
        }
    }

    /// Has the benchmark inject its fault.
    pub(crate) fn inject(&mut self) -> Result<(), Trouble> {
        match self.ask(&Order::Inject) {
            Answer::Event(Event::Injected) => Ok(()),
            other => Err(self.trouble(other)),
        }
    }

    /// Has it take the fault away, also when the run was interrupted: the fault may lie outside of the process and outlive it. What
    /// the worker was asked before may be answered first.
    pub(crate) fn recover(&mut self) -> Result<(), Trouble> {
        let whatever_happens = AtomicBool::new(false);
        let mut answer = self
            .worker
            .ask(&Order::Recover, RECOVERING, &whatever_happens);
        let of_before =
            |event: &Event| matches!(event, Event::Sampled { .. } | Event::Calibrated { .. });
        if matches!(&answer, Answer::Event(event) if of_before(event)) {
            answer = self.worker.hear(RECOVERING, &whatever_happens);
        }
        match answer {
            Answer::Event(Event::Recovered) => Ok(()),
            other => Err(self.trouble(other)),
        }
    }

    /// What the conductor has found wrong with it.
    pub(crate) fn failed(&self, why: String) -> Trouble {
        Trouble::Failed(self.worker.failure(FailureKind::Misuse, why))
    }

    /// Leaves the case. Waits until the worker is gone.
    pub(crate) fn leave(
        &mut self,
    ) -> Result<(Throughput, BTreeMap<MetricName, Observed>), Trouble> {
        match self.ask(&Order::Finish) {
            Answer::Event(Event::Finished {
                throughput,
                metrics,
            }) => {
                self.worker.wait().map_err(Trouble::Failed)?;
                Ok((throughput, metrics))
            }
            other => Err(self.trouble(other)),
        }
    }

    /// Sees to it that nothing stays of a worker that has left the case.
    pub(crate) fn end(self) -> Result<(), Trouble> {
        self.worker.end().map_err(Trouble::Failed)
    }

    fn ask(&mut self, order: &Order) -> Answer {
        self.worker.ask(order, self.timeout, self.stop)
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

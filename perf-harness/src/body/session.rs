//! Who wants what of a body: one quick run under `cargo test`, or samples on the orders of a conductor.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use perf_schema::metric::names;
use perf_schema::wire::{Event, Order};
use perf_schema::{FailureKind, MetricName, Observed, Throughput, Traffic, Unit};

use rustix::time::ClockId;

use crate::measure::{
    Batch, Clock, Course, Meter, Overhead, Work, calibrate, gauge_ns, traffic, warm_up,
};
use crate::observe;

use super::faults::Faults;
use super::recorded::{Recorded, Statement};

/// Someone who gives orders to a body and hears the answers.
pub(crate) trait Visit {
    /// The next order; `None` when there will be no more.
    fn order(&mut self) -> Option<Order>;
    /// An answer.
    fn tell(&mut self, event: &Event);
}

/// What there is to say of a case when it is left in order.
pub(crate) struct Conclusion {
    /// What one iteration works through.
    pub(crate) throughput: Throughput,
    /// What is known only then.
    pub(crate) metrics: BTreeMap<MetricName, Observed>,
}

/// One entry into one case.
pub(crate) struct Session {
    clock: Clock,
    visit: Option<RefCell<Box<dyn Visit>>>,
    throughput: Cell<Throughput>,
    driven: Cell<bool>,
    /// Of a limit, the level it is at.
    level: u64,
    recorded: Recorded,
    faults: Faults,
    /// Whether a body that runs once is looked at, too, and what was seen then.
    looks: bool,
    seen: RefCell<BTreeMap<MetricName, Observed>>,
    /// Whether single calls are to be looked at.
    #[cfg(feature = "latency")]
    latency: Cell<bool>,
    /// What a panic of the body would amount to.
    fault: Cell<FailureKind>,
    /// What the body has to say at the end.
    own_metrics: RefCell<BTreeMap<MetricName, Observed>>,
    overhead: RefCell<BTreeMap<MetricName, Observed>>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("measured", &self.visit.is_some())
            .finish_non_exhaustive()
    }
}

impl Session {
    /// The body is to run once, to show that it works; with `looks` once more, to be looked at.
    pub(crate) fn smoke(clock: Clock, looks: bool) -> Self {
        Self {
            looks,
            ..Self::new(clock, None)
        }
    }

    /// The body is to be measured on the orders of `visit`.
    pub(crate) fn measured(clock: Clock, visit: Box<dyn Visit>) -> Self {
        Self::new(clock, Some(RefCell::new(visit)))
    }

    fn new(clock: Clock, visit: Option<RefCell<Box<dyn Visit>>>) -> Self {
        Self {
            clock,
            visit,
            throughput: Cell::new(Throughput::default()),
            driven: Cell::new(false),
            level: 1,
            recorded: Recorded::default(),
            faults: Faults::default(),
            looks: false,
            seen: RefCell::default(),
            #[cfg(feature = "latency")]
            latency: Cell::new(false),
            fault: Cell::new(FailureKind::Panic),
            own_metrics: RefCell::default(),
            overhead: RefCell::default(),
        }
    }

    /// The same session at a level of a limit.
    pub(crate) fn at_level(self, level: u64) -> Self {
        Self { level, ..self }
    }

    pub(super) const fn level(&self) -> u64 {
        self.level
    }

    /// The same session of a benchmark that runs under a fault of its own, or does not.
    pub(crate) fn under_fault(self, is_so: bool) -> Self {
        Self {
            faults: Faults::wanted(is_so),
            ..self
        }
    }

    /// Takes down what the body has to say of its fault.
    ///
    /// # Panics
    /// When it runs under none: that is how it is reported.
    #[track_caller]
    pub(super) fn fault(&self, say: impl FnOnce(&Faults) -> Result<(), &'static str>) {
        if let Err(message) = say(&self.faults) {
            self.blame(FailureKind::Misuse);
            panic!("{message}");
        }
    }

    /// Whether a limit may measure now: it does so once.
    pub(super) fn begin_probe(&self) -> bool {
        !self.driven.replace(true)
    }

    /// Runs what a limit measures, when it is wanted.
    pub(super) fn probe<T>(&self, f: impl FnOnce() -> T) -> T {
        self.probe_seeing(f, |_| None)
    }

    /// Runs a level of traffic; `once` instead where it is only to be shown that the operations work.
    ///
    /// # Panics
    /// When it is done twice.
    #[track_caller]
    pub(super) fn serve<S>(&self, course: &Course, work: &Work<'_, S>, once: impl FnOnce()) {
        if !self.begin_probe() {
            self.blame(FailureKind::Misuse);
            panic!("a limit measures once: put all that users do into one `run`");
        }
        if self.visit.is_none() {
            return once();
        }
        self.probe_seeing(
            || traffic(course, self.clock, work),
            |seen| Some(seen.clone()),
        );
    }

    fn probe_seeing<T>(
        &self,
        f: impl FnOnce() -> T,
        traffic: impl FnOnce(&T) -> Option<Traffic>,
    ) -> T {
        let Some(visit) = &self.visit else {
            return f();
        };
        let mut visit = visit.borrow_mut();
        visit.tell(&Event::Prepared);
        let wanted = visit.order() == Some(Order::Probe);
        let running = Meter::of(self.clock).start(ClockId::ProcessCPUTime);
        let value = f();
        let (reading, _) = running.stop();
        // Who wants something else is not told, and the body goes on to its end.
        if wanted {
            visit.tell(&Event::Probed {
                wall_ns: reading.wall_ns,
                cpu_ns: reading.cpu_ns,
                traffic: traffic(&value).map(Box::new),
            });
            // Whatever comes next ends the measuring.
            let _end = visit.order();
        }
        value
    }

    /// Runs `body` for as long as it is wanted.
    pub(crate) fn drive(&self, body: &mut dyn Batch, throughput: Throughput) {
        self.driven.set(true);
        self.throughput.set(throughput);
        let Some(visit) = &self.visit else {
            body.run(1, Meter::of(self.clock));
            if self.looks && !body.is_elsewhere() {
                *self.seen.borrow_mut() = observe::observe(body, self.clock, 1);
            }
            return;
        };
        let mut visit = visit.borrow_mut();
        visit.tell(&Event::Prepared);
        let mut sampled = false;
        while let Some(order) = visit.order() {
            sampled |= matches!(order, Order::Sample { .. });
            let Some(answer) = self.answer(body, &order) else {
                break;
            };
            visit.tell(&answer);
        }
        // In this launch, since a neighbour that slows the body slows the loop too; once and at the end, lest it cool samples.
        if sampled {
            *self.overhead.borrow_mut() = overhead(Overhead::of(body, self.clock));
        }
    }

    /// `None` for an order that ends the measuring.
    fn answer(&self, body: &mut dyn Batch, order: &Order) -> Option<Event> {
        match *order {
            Order::Calibrate {
                sample_ns,
                limit_ns,
            } => {
                let (batch, sample_ns) = calibrate(body, self.clock, sample_ns, limit_ns);
                Some(Event::Calibrated { batch, sample_ns })
            }
            Order::Sample {
                batch,
                count,
                warm_up_ns,
            } => Some(self.sample(body, batch.max(1), count, warm_up_ns)),
            Order::Observe { .. } if body.is_elsewhere() => Some(Event::Observed {
                metrics: BTreeMap::new(),
            }),
            Order::Observe { batch } => Some(Event::Observed {
                metrics: self.observe(body, batch.max(1)),
            }),
            Order::Count { iterations } => Some(Event::Counted {
                iterations: observe::count(body, iterations),
            }),
            Order::Inject | Order::Recover => Some(self.obey(order)),
            Order::Probe
            | Order::Finish
            | Order::Describe
            | Order::Prepare { .. }
            | Order::Stress { .. } => None,
        }
    }

    /// Injects the fault of the body, or takes it away.
    ///
    /// # Panics
    /// When there is none: that is how it is reported.
    fn obey(&self, order: &Order) -> Event {
        match self.faults.obey(order) {
            Ok(event) => event,
            Err(message) => {
                self.blame(FailureKind::Misuse);
                panic!("{message}");
            }
        }
    }

    fn sample(&self, body: &mut dyn Batch, batch: u64, count: u32, warm_up_ns: u64) -> Event {
        let size = usize::try_from(count).unwrap_or(0).min(1 << 20);
        let [mut wall, mut cpu, mut gauge] = [(); 3].map(|()| Vec::with_capacity(size));
        let warm_up_ns = warm_up(body, self.clock, batch, warm_up_ns);
        body.forget();
        for _ in 0..count {
            gauge.push(gauge_ns(self.clock));
            let reading = body.run(batch, Meter::of(self.clock));
            wall.push(reading.wall_ns);
            cpu.push(reading.cpu_ns);
        }
        Event::Sampled {
            wall_ns: wall,
            cpu_ns: cpu,
            gauge_ns: gauge,
            warm_up_ns,
        }
    }

    /// Takes down a metric of the author's own.
    ///
    /// # Panics
    /// When it is none: that is how it is reported.
    #[track_caller]
    pub(super) fn record(&self, statement: Statement<'_>) {
        if let Err(message) = self.recorded.add(statement) {
            self.blame(FailureKind::Misuse);
            panic!("{message}");
        }
    }

    /// What is seen in a pass of its own.
    fn observe(&self, body: &mut dyn Batch, batch: u64) -> BTreeMap<MetricName, Observed> {
        let metrics = observe::observe(body, self.clock, batch);
        #[cfg(feature = "latency")]
        let metrics = if self.latency.get() {
            let latencies = observe::latency::of(body, self.clock);
            metrics.into_iter().chain(latencies).collect()
        } else {
            metrics
        };
        metrics
    }

    /// Has single calls looked at, too.
    #[cfg(feature = "latency")]
    pub(crate) fn want_latency(&self) {
        self.latency.set(true);
    }

    /// Adds what the body itself has seen; it goes before what is seen of this process.
    pub(crate) fn tell_at_the_end(&self, metrics: BTreeMap<MetricName, Observed>) {
        self.own_metrics.borrow_mut().extend(metrics);
    }

    /// Notes what it is that went wrong, which tells the panic that follows from any other.
    pub(crate) fn blame(&self, fault: FailureKind) {
        self.fault.set(fault);
    }

    /// What a panic of this body amounts to.
    pub(crate) fn kind_of_panic(&self) -> FailureKind {
        self.fault.get()
    }

    /// Whether the body, now that it has returned, did what a benchmark must do.
    ///
    /// # Errors
    /// With what is wrong, for the author of the benchmark.
    pub(crate) fn verdict(&self) -> Result<Conclusion, &'static str> {
        if self.driven.get() {
            let mut metrics = self.recorded.all();
            metrics.extend(observe::at_the_end());
            metrics.append(&mut self.overhead.borrow_mut());
            metrics.append(&mut self.seen.borrow_mut());
            metrics.append(&mut self.own_metrics.borrow_mut());
            Ok(Conclusion {
                throughput: self.throughput.get(),
                metrics,
            })
        } else {
            Err(
                "it measures nothing: call one of the `run` methods of its `Bench` or `Load`, or `measure` of its `Probe`",
            )
        }
    }
}

/// What measuring costs, as context of the times.
fn overhead(seen: Option<Overhead>) -> BTreeMap<MetricName, Observed> {
    let observed = |name: &str, ns: Option<f64>| {
        let observed = match ns {
            Some(ns) => Observed::context(Unit::NANOSECONDS, ns),
            None => Observed::Absent {
                reason: "the loop around this body is not the harness's own".to_owned(),
            },
        };
        (name.to_owned(), observed)
    };
    BTreeMap::from([
        observed(names::LOOP, seen.map(|seen| seen.loop_ns)),
        observed(names::CLOCK, seen.map(|seen| seen.clock.wall_ns as f64)),
        observed(names::CPU_CLOCK, seen.map(|seen| seen.clock.cpu_ns as f64)),
    ])
}

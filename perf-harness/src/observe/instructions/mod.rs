//! Instructions of one iteration, by a counter of the processor's own, where the system lets a program have one.
//!
//! What Valgrind counts is not known in here: see [`super::marks`].

mod hardware;

use std::io;
use std::sync::{Mutex, OnceLock, PoisonError};

use perf_schema::{Observed, Unit};
use rustix::time::ClockId;

use crate::measure::{Batch, Clock, Meter, Watch};
use hardware::Hardware;

/// Counts the instructions of this process outside the kernel, those of threads that are started later included.
trait Counter: Send {
    /// Begins, or ends, counting; to be asked outside of what is counted.
    fn enable(&mut self, on: bool) -> io::Result<()>;
    /// How many there were so far. Must not allocate.
    fn read(&mut self) -> io::Result<u64>;
}

static COUNTING: OnceLock<Result<Counting<Hardware>, String>> = OnceLock::new();

/// Opens the counter, which then knows of all threads that the body starts. It counts nothing yet.
pub(crate) fn prepare() {
    opened();
}

fn opened() -> &'static Result<Counting<Hardware>, String> {
    COUNTING.get_or_init(|| Hardware::open().map(Counting::by))
}

/// What the processor counts of one iteration.
pub(super) fn observe(body: &mut dyn Batch, clock: Clock, batch: u64) -> Observed {
    let seen = match opened() {
        Ok(counting) => counting.each(body, clock, batch),
        Err(reason) => Err(reason.clone()),
    };
    match seen {
        // Not exact: the processor counts some of its interrupts as instructions.
        Ok(each) => Observed::noisy(Unit::COUNT, each),
        Err(reason) => Observed::Absent { reason },
    }
}

/// Reads a counter at both ends of a batch.
struct Counting<C>(Mutex<Looks<C>>);

/// What was read: by several threads, when the first of them begins, and when the last one ends.
struct Looks<C> {
    counter: C,
    first: Option<u64>,
    last: Option<u64>,
    fault: Option<io::Error>,
}

impl<C: Counter> Counting<C> {
    const fn by(counter: C) -> Self {
        Self(Mutex::new(Looks {
            counter,
            first: None,
            last: None,
            fault: None,
        }))
    }

    fn each(&'static self, body: &mut dyn Batch, clock: Clock, batch: u64) -> Result<f64, String> {
        let batch = batch.max(1);
        let meter = Meter::watching(clock, self);
        self.with(|looks| looks.counter.enable(true))
            .map_err(|error| hardware::refusal(&error))?;
        // What it takes to look, with nothing to see.
        meter.start(ClockId::ProcessCPUTime).stop();
        let nothing = self.seen();
        body.run(batch, meter);
        let all = self.seen();
        // A counter that goes on costs a little at each change of threads.
        let _goes_on = self.with(|looks| looks.counter.enable(false));
        match all?.checked_sub(nothing?) {
            Some(count @ 1..) => Ok(count as f64 / batch as f64),
            _ => Err("the hardware counter stood still".to_owned()),
        }
    }

    /// Takes what was counted since the last time.
    fn seen(&self) -> Result<u64, String> {
        self.with(|looks| {
            let seen = (looks.first.take(), looks.last.take());
            match (looks.fault.take(), seen) {
                (None, (Some(first), Some(last))) => Ok(last.saturating_sub(first)),
                (Some(fault), _) => Err(hardware::refusal(&fault)),
                (None, _) => Err("the hardware counter was not read".to_owned()),
            }
        })
    }

    fn with<T>(&self, f: impl FnOnce(&mut Looks<C>) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<C: Counter> Watch for Counting<C> {
    fn open(&self) {
        self.with(|looks| match looks.counter.read() {
            Ok(count) => {
                looks.first.get_or_insert(count);
            }
            Err(fault) => looks.fault = Some(fault),
        });
    }

    fn close(&self) {
        self.with(|looks| match looks.counter.read() {
            Ok(count) => looks.last = Some(count),
            Err(fault) => looks.fault = Some(fault),
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

    use super::*;
    use crate::body::Thread;
    use crate::measure::{Plain, Threads};

    /// Counts what the test says was executed, and five for each look.
    #[derive(Default)]
    struct Fake {
        executed: AtomicU64,
        on: AtomicBool,
        fault: AtomicBool,
    }

    impl Counter for &'static Fake {
        fn enable(&mut self, on: bool) -> io::Result<()> {
            self.on.store(on, Ordering::Relaxed);
            Ok(())
        }

        fn read(&mut self) -> io::Result<u64> {
            if self.fault.load(Ordering::Relaxed) {
                return Err(io::ErrorKind::ResourceBusy.into());
            }
            Ok(self.executed.fetch_add(5, Ordering::Relaxed))
        }
    }

    impl Fake {
        fn execute(&self, count: u64) {
            if self.on.load(Ordering::Relaxed) {
                self.executed.fetch_add(count, Ordering::Relaxed);
            }
        }
    }

    fn fake() -> (&'static Fake, &'static Counting<&'static Fake>) {
        let fake: &'static Fake = Box::leak(Box::default());
        (fake, Box::leak(Box::new(Counting::by(fake))))
    }

    #[test]
    fn an_iteration_is_counted_without_what_it_takes_to_look() {
        let (fake, counting) = fake();
        for batch in [1, 1000] {
            let mut body = Plain::new(|| fake.execute(30));
            let each = counting.each(&mut body, Clock::Monotonic, batch);
            assert_eq!(each, Ok(30.0));
        }
        assert!(!fake.on.load(Ordering::Relaxed), "it counts no longer");
    }

    #[test]
    fn threads_are_counted_together() {
        let (fake, counting) = fake();
        let mut body = Threads::new(&(), |(): &(), _: &mut Thread| fake.execute(30), 3, 1);
        let each = counting.each(&mut body, Clock::Monotonic, 100);
        // The looks of the other two threads lie between the first one's beginning and the last one's end.
        assert_eq!(each, Ok((3.0 * 30.0 * 100.0 + 4.0 * 5.0) / 100.0));
    }

    #[test]
    fn what_was_not_counted_is_no_zero() {
        let (fake, counting) = fake();
        let each = |work| {
            let mut body = Plain::new(|| fake.execute(work));
            counting.each(&mut body, Clock::Monotonic, 10)
        };
        assert_eq!(each(0), Err("the hardware counter stood still".to_owned()));
        fake.fault.store(true, Ordering::Relaxed);
        assert_eq!(
            each(7),
            Err("other programs take turns with it at the hardware counters".to_owned())
        );
        fake.fault.store(false, Ordering::Relaxed);
        assert_eq!(each(7), Ok(7.0));
    }
}

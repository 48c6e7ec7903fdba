//! One launch under Valgrind.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use perf_schema::wire::{Event, Order};

use super::dumps::{Dumps, Executed};
use super::stack;
use super::valgrind::Valgrind;
use crate::conduct::Case;
use crate::worker::{Answer, Watch, Worker};

/// How much longer things take under Valgrind, amply.
const SLOWDOWN: u32 = 50;

/// The longest a worker may take for an answer although it did not need long without Valgrind.
const PATIENCE: Duration = Duration::from_mins(10);

/// Seed of what is random in a worker: always the same, as everything should be here.
const SEED: u64 = 0;

/// The sizes of the smaller batch, and the instructions it should not exceed, inputs included: a fraction of a second under
/// Valgrind.
///
/// Far apart, so that a small change of the code seldom takes it to another size: code whose cost depends on how many
/// iterations went before (a vector that grows) counts a little differently in batches of another size.
const SIZES: [u64; 6] = [1, 8, 64, 512, 4096, 32_768];
const INSTRUCTIONS: u64 = 1_000_000;

/// About how long one launch takes.
pub(super) fn expected(iteration: Duration) -> Duration {
    const START: Duration = Duration::from_secs(1);
    // A batch of one iteration twice, and one of two; of short ones there are more, which take no longer than the start.
    START + 4 * SLOWDOWN * iteration
}

/// Why a launch gave no count.
pub(super) enum Trouble {
    Absent(String),
    Interrupted,
}

/// How to count.
pub(super) struct Counting<'a> {
    valgrind: &'a Valgrind,
    timeout: Duration,
    stop: &'a AtomicBool,
}

impl<'a> Counting<'a> {
    pub(super) const fn new(
        valgrind: &'a Valgrind,
        timeout: Duration,
        stop: &'a AtomicBool,
    ) -> Self {
        Self {
            valgrind,
            timeout,
            stop,
        }
    }

    /// The size of the smaller batch, and the instructions of one iteration.
    pub(super) fn launch(
        &self,
        case: &Case,
        launch: u32,
        iterations: Option<u64>,
    ) -> Result<(u64, f64), Trouble> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(Trouble::Interrupted);
        }
        let tool = self.valgrind.command();
        let program = stack::settled(&case.program);
        let padding = stack::padding(&program, std::env::vars_os());
        let worker = Worker::start_under(&tool, &program, launch, padding, &Watch::begin())
            .map_err(|error| Trouble::Absent(error.to_string()))?;
        let own = case.description.timeout_ms.map(Duration::from_millis);
        let mut visit = Visit {
            dumps: Dumps::new(self.valgrind.files_of(worker.id())),
            worker,
            timeout: patience(own.unwrap_or(self.timeout)),
            stop: self.stop,
        };
        visit.enter(&case.description.name)?;
        visit.each(iterations)
    }
}

/// How long to wait for an answer that may take `native` without Valgrind.
fn patience(native: Duration) -> Duration {
    (native * SLOWDOWN).min(PATIENCE).max(native)
}

/// A batch that was counted.
#[derive(Clone, Copy)]
struct Batch {
    iterations: u64,
    executed: Executed,
}

/// One worker under Valgrind. It is killed in the end, since what it would still do, and write, nobody needs.
struct Visit<'a> {
    worker: Worker,
    // After the worker, so that the files of one that is killed are removed too.
    dumps: Dumps,
    timeout: Duration,
    stop: &'a AtomicBool,
}

impl Visit<'_> {
    fn enter(&mut self, case: &str) -> Result<(), Trouble> {
        if let Err(answer) = self.worker.greet(self.timeout, self.stop) {
            return Err(self.trouble(answer));
        }
        let order = Order::Prepare {
            case: case.to_owned(),
            seed: SEED,
            level: None,
        };
        match self.worker.ask(&order, self.timeout, self.stop) {
            Answer::Event(Event::Prepared) => Ok(()),
            other => Err(self.trouble(other)),
        }
    }

    fn each(&mut self, iterations: Option<u64>) -> Result<(u64, f64), Trouble> {
        // The first iteration of a process does what later ones need not.
        self.batch(1)?;
        let (few, many) = (self.batch(1)?, self.batch(2)?);
        let probe = per_iteration(few, many)?;
        let size = iterations.unwrap_or_else(|| fitting(probe.max(altogether(few, many))));
        if size == 1 {
            return Ok((size, probe));
        }
        // As large as the larger one, so that the heap has grown to what both need. It may be refused: inputs and outputs of
        // a batch must not take too much memory.
        let size = self.batch(2 * size)?.iterations / 2;
        let (few, many) = (self.batch(size)?, self.batch(2 * size)?);
        Ok((size, per_iteration(few, many)?))
    }

    fn batch(&mut self, iterations: u64) -> Result<Batch, Trouble> {
        match self
            .worker
            .ask(&Order::Count { iterations }, self.timeout, self.stop)
        {
            Answer::Event(Event::Counted { iterations }) => Ok(Batch {
                iterations,
                executed: self.dumps.take_batch().map_err(Trouble::Absent)?,
            }),
            other => Err(self.trouble(other)),
        }
    }

    fn trouble(&mut self, answer: Answer) -> Trouble {
        match answer {
            Answer::Event(event) => match self.worker.unexpected(&event) {
                Answer::Failed(failure) => failed(&failure.message),
                _ => Trouble::Interrupted,
            },
            Answer::Failed(failure) => failed(&failure.message),
            Answer::Interrupted => Trouble::Interrupted,
        }
    }
}

fn failed(message: &str) -> Trouble {
    Trouble::Absent(format!("under Valgrind it failed: {message}"))
}

/// What an iteration more costs.
fn per_iteration(few: Batch, many: Batch) -> Result<f64, Trouble> {
    let more = many.iterations.checked_sub(few.iterations);
    let instructions = many.executed.within.checked_sub(few.executed.within);
    match (more, instructions) {
        (Some(more @ 1..), Some(instructions @ 1..)) => Ok(instructions as f64 / more as f64),
        _ => Err(Trouble::Absent(
            "more iterations did not take more instructions".to_owned(),
        )),
    }
}

/// What an iteration more costs, its input included: that is not counted, but it takes its time.
fn altogether(few: Batch, many: Batch) -> f64 {
    let (few, many) = (few.executed.altogether, many.executed.altogether);
    many.saturating_sub(few) as f64
}

/// The largest size that stays within the instructions a batch should have.
fn fitting(each: f64) -> u64 {
    let fits = |size: &&u64| **size as f64 * each <= INSTRUCTIONS as f64;
    SIZES.iter().rev().find(fits).copied().unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_follows_from_the_instructions() {
        assert_eq!(fitting(0.0), 32_768);
        assert_eq!(fitting(30.0), 32_768);
        assert_eq!(fitting(31.0), 4096);
        assert_eq!(fitting(1748.0), 512);
        assert_eq!(fitting(1e6), 1);
        assert_eq!(fitting(1e12), 1);
    }

    #[test]
    fn only_what_iterations_add_is_counted() {
        let batch = |iterations, within| Batch {
            iterations,
            executed: Executed {
                within,
                altogether: within + 5000 * iterations,
            },
        };
        let each = |few, many| per_iteration(few, many).ok();
        let with_inputs = altogether(batch(1, 180), batch(2, 190));
        assert!((with_inputs - 5010.0).abs() < f64::EPSILON);
        assert_eq!(each(batch(8, 180), batch(16, 260)), Some(10.0));
        assert_eq!(each(batch(1, 180), batch(2, 180)), None, "no zero");
        assert_eq!(each(batch(1, 180), batch(2, 179)), None);
        assert_eq!(each(batch(2, 180), batch(2, 260)), None);
    }

    #[test]
    fn a_hang_ends_sooner_than_fifty_times_a_long_timeout() {
        assert_eq!(
            patience(Duration::from_millis(500)),
            Duration::from_secs(25)
        );
        assert_eq!(patience(Duration::from_mins(1)), Duration::from_mins(10));
        assert_eq!(patience(Duration::from_mins(30)), Duration::from_mins(30));
    }
}

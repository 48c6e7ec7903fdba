//! Asking a bench binary which cases it has.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use perf_schema::FailureKind;
use perf_schema::wire::{CaseDescription, Event, Order};

use crate::worker::{Answer, Program, StartError, Watch, Worker};

/// How long a binary may take to say what it has. It does no work for it.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a bench binary says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// Its cases, in the order of their declaration.
    pub cases: Vec<CaseDescription>,
    /// Its source of time.
    pub clock: String,
}

/// Why a bench binary could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum DescribeError {
    /// It could not be started.
    #[error(transparent)]
    Start(#[from] StartError),
    /// It is a bench of some other harness: it ended with success and did not answer.
    #[error("it is not a perf-harness target: {0}")]
    Foreign(String),
    /// Something is wrong with it.
    #[error("{0}")]
    Broken(String),
    /// The caller asked to stop.
    #[error("interrupted")]
    Interrupted,
}

/// Asks `program` which cases it has.
///
/// # Errors
/// When it cannot be started, is of another harness, or its suite is not in order (two cases of one name, say).
pub fn describe(program: &Program, stop: &AtomicBool) -> Result<Description, DescribeError> {
    let mut worker = Worker::start(program, 0, 0, &Watch::begin())?;
    let clock = match worker.greet(PATIENCE, stop) {
        Ok(clock) => clock,
        Err(Answer::Failed(failure)) => {
            // Another harness lists its tests and is done. Whatever ends otherwise may be one of ours whose own `main` went
            // wrong before it came to us, which must not be left out in silence.
            let is_foreign = failure.kind == FailureKind::Exit && worker.has_succeeded();
            return Err(if is_foreign {
                DescribeError::Foreign(failure.message)
            } else {
                DescribeError::Broken(failure.message)
            });
        }
        Err(_) => return Err(DescribeError::Interrupted),
    };
    match worker.ask(&Order::Describe, PATIENCE, stop) {
        Answer::Event(Event::Described { cases }) => Ok(Description { cases, clock }),
        Answer::Event(other) => Err(DescribeError::Broken(match worker.unexpected(&other) {
            Answer::Failed(failure) => failure.message,
            _ => String::new(),
        })),
        Answer::Failed(failure) => Err(DescribeError::Broken(failure.message)),
        Answer::Interrupted => Err(DescribeError::Interrupted),
    }
}

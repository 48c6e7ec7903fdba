//! Benchmarks under stress: how much slower a body is beside processes that take what it needs, or with a fault that it injects
//! itself, and how long it takes to be as fast as before once that has ended.
//!
//! A *round* is one launch: quiet samples, samples under stress, and samples after it until they are as quiet as the first. Both
//! sides of a ratio come from one process and lie within a second of each other. [`round`] leads a worker through it, [`stressors`]
//! starts, checks and ends who disturbs it, [`recovery`] knows when it is over.
//!
//! A stressor is a worker of the same binary that was given another order: it has a process group of its own, dies with its
//! conductor, and ends when its channel does.

mod recovery;
mod round;
mod stressors;

use std::sync::atomic::AtomicBool;

use perf_schema::{ChaosPlan, Failure, FailureKind};

use crate::conduct::{Case, Interrupted};
use crate::settings::Settings;
use crate::visit::{Luck, Trouble};
pub use round::{Recovery, Round};
pub use stressors::Effect;

/// Rounds of each benchmark: as many as an interval at the level of 99 % needs.
pub const ROUNDS: u32 = 8;

/// What was seen of one benchmark under stress.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChaosRun {
    /// The rounds that were gone through.
    pub rounds: Vec<Round>,
    /// Why there are no more of them.
    pub failure: Option<Failure>,
}

/// How it goes, told between rounds.
#[derive(Clone, Copy, Debug)]
pub struct RoundOver<'a> {
    /// Index of the case.
    pub case: usize,
    /// What was seen of it so far.
    pub run: &'a ChaosRun,
}

/// Takes each of `cases`, which are under stress all of them, through its rounds. Failures are data, not errors.
///
/// # Errors
/// Only when `stop` was set while it ran. All that was started is gone then.
pub fn conduct_chaos(
    cases: &[Case],
    settings: &Settings,
    stop: &AtomicBool,
    listener: &mut dyn FnMut(RoundOver<'_>),
) -> Result<Vec<ChaosRun>, Interrupted> {
    let mut rng = fastrand::Rng::with_seed(settings.seed);
    let mut runs = Vec::with_capacity(cases.len());
    for (index, case) in cases.iter().enumerate() {
        let mut run = ChaosRun::default();
        let Some(plan) = &case.description.chaos else {
            run.failure = Some(not_under_stress());
            runs.push(run);
            continue;
        };
        for number in 0..ROUNDS {
            let luck = Luck::draw(number, &mut rng);
            one_more(case, plan, settings, luck, stop, &mut run)?;
            listener(RoundOver {
                case: index,
                run: &run,
            });
            if run.failure.is_some() {
                break;
            }
        }
        runs.push(run);
    }
    Ok(runs)
}

fn one_more(
    case: &Case,
    plan: &ChaosPlan,
    settings: &Settings,
    luck: Luck,
    stop: &AtomicBool,
    run: &mut ChaosRun,
) -> Result<(), Interrupted> {
    let case = Case {
        batch: run.rounds.last().map(|round| round.batch),
        ..case.clone()
    };
    match round::round(&case, plan, settings, luck, stop) {
        Ok(round) => {
            run.rounds.push(round);
            Ok(())
        }
        Err(Trouble::Failed(failure)) => {
            run.failure = Some(failure);
            Ok(())
        }
        Err(Trouble::Interrupted) => Err(Interrupted),
    }
}

fn not_under_stress() -> Failure {
    Failure {
        kind: FailureKind::Misuse,
        signal: None,
        launch: 0,
        elapsed_ms: 0,
        message: "it does not say what it is to run under".to_owned(),
    }
}

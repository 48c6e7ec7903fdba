//! The search for one limit, with processes.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use perf_schema::{Failure, Level, LimitKind, LimitPlan, LimitRecord, SearchEnd};

use super::probe::Probing;
use super::search::{Answer, Found, Quest, search};
use crate::conduct::{Case, CaseRun, Interrupted, Listener, Progress};
use crate::settings::Settings;
use crate::stopwatch::Stopwatch;
use crate::visit::Luck;

/// Looks for the limit of a case that has one.
///
/// # Errors
/// Only when it was interrupted.
pub(crate) fn seek(
    (index, case): (usize, &Case),
    plan: &LimitPlan,
    settings: &Settings,
    rng: &mut fastrand::Rng,
    stop: &AtomicBool,
    listener: &mut dyn Listener,
) -> Result<CaseRun, Interrupted> {
    let own = case.description.timeout_ms.map(Duration::from_millis);
    let mut seeker = Seeker {
        probing: Probing {
            case,
            caps: plan.caps,
            timeout: own.unwrap_or(settings.timeout),
            stop,
        },
        plan,
        started: Stopwatch::start(),
        levels: Vec::new(),
        is_timed: true,
        rng,
    };
    let quest = Quest {
        first: plan.first,
        last: plan.last,
        precision: plan.precision(),
        repeats: plan.repeats.max(1),
    };
    let mut found = search(&quest, &mut |n| {
        let answer = seeker.probe(n)?;
        if let Some(level) = seeker.levels.last().filter(|_| answer != Answer::TooLate) {
            listener.hear(Progress::Probed { case: index, level });
        }
        Ok(answer)
    })?;
    seeker.prove_killing(&mut found)?;
    let limit = LimitRecord {
        plan: plan.clone(),
        end: found.end,
        largest_pass: found.largest_pass,
        smallest_fail: found.smallest_fail,
        levels: seeker.levels,
    };
    listener.hear(Progress::Searched {
        case: index,
        limit: &limit,
    });
    Ok(CaseRun {
        failures: limit.levels.iter().filter_map(at_its_level).collect(),
        limit: Some(limit),
        ..CaseRun::default()
    })
}

struct Seeker<'a> {
    probing: Probing<'a>,
    plan: &'a LimitPlan,
    started: Stopwatch,
    levels: Vec<Level>,
    is_timed: bool,
    rng: &'a mut fastrand::Rng,
}

impl Seeker<'_> {
    fn probe(&mut self, n: u64) -> Result<Answer, Interrupted> {
        // Where time is scripted, how long the search really takes depends on the machine, and must decide nothing.
        let budget = Duration::from_millis(self.plan.budget_ms);
        if self.is_timed && !self.levels.is_empty() && self.started.elapsed() >= budget {
            return Ok(Answer::TooLate);
        }
        let number = u32::try_from(self.levels.len()).unwrap_or(u32::MAX);
        let probed = self.probing.probe(n, Luck::draw(number, self.rng))?;
        self.is_timed = probed.is_timed;
        let answer = match &probed.level {
            Level {
                failure: Some(_), ..
            } => Answer::Fault,
            Level { broke: Some(_), .. } => Answer::Broke,
            passed => Answer::Passed(self.load(passed)),
        };
        self.levels.push(probed.level);
        Ok(answer)
    }

    /// The share that a level took of the cap it came nearest to. How much of a stack was used is not known.
    fn load(&self, level: &Level) -> Option<f64> {
        let share = |seen: Option<u64>, most: Option<u64>| {
            seen.zip(most).map(|(seen, most)| seen as f64 / most as f64)
        };
        let caps = &self.plan.caps;
        if caps.stack_bytes.is_some() {
            return None;
        }
        let shares = [
            share(level.wall_ns, caps.wall_ns),
            share(level.memory_bytes, caps.memory_bytes),
        ];
        shares.into_iter().flatten().reduce(f64::max)
    }

    /// Of a timeout it has to be seen that it kills: if every level that was too long came to its own end, a longer one is
    /// probed.
    fn prove_killing(&mut self, found: &mut Found) -> Result<(), Interrupted> {
        let was_seen = self.levels.iter().any(|level| level.late_ns.is_some());
        let Some(fail) = found.smallest_fail else {
            return Ok(());
        };
        let wanted = self.plan.kind == LimitKind::Timeout && found.end == SearchEnd::Found;
        if wanted && !was_seen && self.is_timed {
            let longer = fail.saturating_mul(4).min(self.plan.last);
            if self.probe(longer)? == Answer::Fault {
                found.end = SearchEnd::Failed;
            }
        }
        Ok(())
    }
}

/// The failure of a level, which says where it happened.
fn at_its_level(level: &Level) -> Option<Failure> {
    let failure = level.failure.as_ref()?;
    Some(Failure {
        message: format!("at level {}: {}", level.n, failure.message),
        ..failure.clone()
    })
}

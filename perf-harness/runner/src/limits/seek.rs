//! The search for one limit, with processes.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use perf_schema::{Backstop, Failure, Level, LimitKind, LimitPlan, LimitRecord, SearchEnd};

use super::disturbed::Processor;
use super::probe::{Probed, Probing, whole_ns};
use super::search::{Answer, Found, Quest, search};
use super::service;
use crate::conduct::{Case, CaseRun, Interrupted, Listener, Progress};
use crate::settings::Settings;
use crate::stopwatch::Stopwatch;
use crate::visit::Luck;
use crate::worker::{Groups, cpu_time_grain};

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
            groups: match plan.caps.memory_bytes {
                Some(_) => Groups::own(),
                None => Err("there is no cap on memory".to_owned()),
            },
            timeout: own.unwrap_or(settings.timeout),
            stop,
        },
        plan,
        started: Stopwatch::start(),
        levels: Vec::new(),
        is_timed: true,
        processor: Processor::of(plan),
        backstop: None,
        rng,
        index,
        listener: &mut *listener,
    };
    let quest = Quest {
        first: plan.first,
        last: plan.last,
        precision: plan.precision(),
        repeats: plan.repeats.max(1),
    };
    let mut found = search(&quest, &mut |n| seeker.probe(n))?;
    seeker.prove_killing(&mut found)?;
    let limit = LimitRecord {
        plan: plan.clone(),
        end: found.end,
        largest_pass: found.largest_pass,
        smallest_fail: found.smallest_fail,
        backstop: seeker.backstop,
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
    processor: Processor,
    backstop: Option<Backstop>,
    rng: &'a mut fastrand::Rng,
    index: usize,
    listener: &'a mut dyn Listener,
}

impl Seeker<'_> {
    /// Probes a level, often where others are measured by it.
    fn probe(&mut self, n: u64) -> Result<Answer, Interrupted> {
        if !self.levels.is_empty() && self.is_over() {
            return Ok(Answer::TooLate);
        }
        let is_base = self.levels.is_empty() && service::is_base(self.plan, n);
        let mut answer = self.once(n)?;
        for _ in 1..if is_base { self.plan.repeats } else { 1 } {
            if let Answer::Passed(_) = answer {
                answer = self.once(n)?;
            }
        }
        Ok(answer)
    }

    /// Probes a level, and again while other programs keep it from an answer and there is time.
    fn once(&mut self, n: u64) -> Result<Answer, Interrupted> {
        loop {
            let mut level = self.issued(n)?;
            let again = self.processor.judge(&mut level, whole_ns(cpu_time_grain()));
            let answer = self.answer(&level);
            self.listener.hear(Progress::Probed {
                case: self.index,
                level: &level,
            });
            self.levels.push(level);
            if !again || self.is_over() {
                return Ok(answer);
            }
        }
    }

    /// Probes a level, again where it told nothing.
    fn issued(&mut self, n: u64) -> Result<Level, Interrupted> {
        let mut level = self.attempt(n)?;
        for _ in 1..service::ATTEMPTS {
            if service::is_untold(&level) {
                level = self.attempt(n)?;
            }
        }
        Ok(level)
    }

    /// Whether the search has had its time. Where time is scripted, how long it really takes depends on the machine, and must
    /// decide nothing.
    fn is_over(&self) -> bool {
        let budget = Duration::from_millis(self.plan.budget_ms);
        self.is_timed && self.started.elapsed() >= budget
    }

    fn answer(&self, level: &Level) -> Answer {
        if level.failure.is_some() {
            Answer::Fault
        } else if level.broke.is_some() {
            Answer::Broke
        } else {
            Answer::Passed(self.load(level))
        }
    }

    fn attempt(&mut self, n: u64) -> Result<Level, Interrupted> {
        let number = u32::try_from(self.levels.len()).unwrap_or(u32::MAX);
        let Probed {
            mut level,
            is_timed,
            backstop,
        } = self.probing.probe(n, Luck::draw(number, self.rng))?;
        self.is_timed = is_timed;
        // A group that a single level could not have is none to rely on.
        if !matches!(self.backstop, Some(Backstop::DataLimit { .. })) {
            self.backstop = backstop.or(self.backstop.take());
        }
        if level.passed() {
            service::judge(&mut level, self.plan, &self.levels);
        }
        Ok(level)
    }

    /// The share that a level took of the cap it came nearest to. How much of a stack was used is not known,
    /// and how well users are served hardly changes until it does all at once.
    fn load(&self, level: &Level) -> Option<f64> {
        let share = |seen: Option<u64>, most: Option<u64>| {
            seen.zip(most).map(|(seen, most)| seen as f64 / most as f64)
        };
        let caps = &self.plan.caps;
        if caps.stack_bytes.is_some() || caps.service.is_some() {
            return None;
        }
        let shares = [
            share(level.wall_ns, caps.wall_ns),
            share(level.memory_bytes, caps.memory_bytes),
        ];
        shares.into_iter().flatten().reduce(f64::max)
    }

    /// Of a timeout it should be seen that it kills: if every level that was too long came to its own end, longer ones are
    /// probed.
    fn prove_killing(&mut self, found: &mut Found) -> Result<(), Interrupted> {
        let Some(fail) = found.smallest_fail else {
            return Ok(());
        };
        if self.plan.kind != LimitKind::Timeout || found.end != SearchEnd::Found {
            return Ok(());
        }
        while let Some(n) = to_be_killed(&self.levels, fail, self.plan.last) {
            match self.probe(n)? {
                Answer::Fault => {
                    found.end = SearchEnd::Failed;
                    break;
                }
                Answer::TooLate => break,
                Answer::Broke | Answer::Passed(_) if !self.is_timed => break,
                Answer::Broke | Answer::Passed(_) => {}
            }
        }
        Ok(())
    }
}

/// The next level that should be too long to come to its own end, while none has been killed: four times the smallest that
/// fails, then the last.
fn to_be_killed(levels: &[Level], fail: u64, last: u64) -> Option<u64> {
    if levels.iter().any(|level| level.late_ns.is_some()) {
        return None;
    }
    [fail.saturating_mul(4).min(last), last]
        .into_iter()
        .find(|&n| n > fail && levels.iter().all(|level| level.n != n))
}

/// The failure of a level, which says where it happened.
fn at_its_level(level: &Level) -> Option<Failure> {
    let failure = level.failure.as_ref()?;
    Some(Failure {
        message: format!("at level {}: {}", level.n, failure.message),
        ..failure.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use perf_schema::Cap;

    fn too_long(n: u64, late_ns: Option<u64>) -> Level {
        Level {
            broke: Some(Cap::Wall),
            wall_ns: late_ns.is_none().then_some(n),
            late_ns,
            ..Level::untried(n)
        }
    }

    #[test]
    fn longer_levels_are_probed_until_one_is_killed_or_the_range_is_over() {
        let ended = too_long(10, None);
        let next = |levels: &[Level], last| to_be_killed(levels, 10, last);
        assert_eq!(next(std::slice::from_ref(&ended), 1000), Some(40));
        let longer = [ended.clone(), too_long(40, None)];
        assert_eq!(next(&longer, 1000), Some(1000));
        let all = [longer[0].clone(), longer[1].clone(), too_long(1000, None)];
        assert_eq!(next(&all, 1000), None);
        let killed = [ended.clone(), too_long(40, Some(6_000_000))];
        assert_eq!(next(&killed, 1000), None);
        // What fails is the last of the range already.
        assert_eq!(next(&[ended], 10), None);
    }
}

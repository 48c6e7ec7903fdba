//! Whether a cap on time broke because the body takes so long, or because other programs had the processor.
//!
//! A body that computes has a CPU time that does not depend on its neighbours. What share of the wall time that is, is seen of
//! the levels that passed: about one on one thread, more on several. By that share the CPU time of a level that failed says how
//! long it would have taken alone. Where that is within the deadline, and the level took much longer, the failure says nothing
//! of the body: the level is probed again. A few times, since the machine may stay busy; the record then says so.
//!
//! Of bodies that mostly wait nothing is doubted, nor of limits of kind timeout: there waiting is the matter itself.
//!
//! Users and clients of a rate tell themselves how long they were ready and had no processor, and what others had meanwhile. What they
//! lost to others is neither more than the one nor more than the other. It matters where it is a share of the time that a level
//! lasted, since a single user could have done that much more; and a share of the processor time that it needed, since what the
//! system itself takes of many busy processors changes nothing for any of them. A generator that did not keep up is accused of
//! nothing where it lost as much: its level is judged as any other whose promise broke.

use perf_schema::{Cap, Level, LimitKind, LimitPlan, WHOLE_PPM};

use super::service;

/// Wall time that is longer by less than this ratio than the CPU time explains is left alone: the bracket's own precision is
/// half of it.
const MUCH: f64 = 1.1;

/// A body that computes for less than this share of its time waits.
const COMPUTING: f64 = 0.5;

/// Shorter levels do not tell a body's share: they are those of a process's first calls.
const TELLING_NS: u64 = 1_000_000;

/// Probes of one level that may be repeated one after the other.
const IN_A_ROW: u32 = 2;

/// Probes of a search that may be repeated.
const IN_ALL: u32 = 10;

/// What users lost to others matters from this share of the time that a level lasted.
const LOST_OF_TIME: f64 = 0.05;

/// And from this share of the processor time that they had or lost.
const LOST_OF_NEED: f64 = 0.1;

/// What is known of a body's need for the processor.
#[derive(Clone, Debug)]
pub(super) struct Processor {
    /// The deadline, where one is kept that waiting may break without being the matter.
    deadline_ns: Option<u64>,
    /// The level that others are measured by, where there is one.
    base: Option<u64>,
    /// The largest share of its wall time that the body was seen to compute for.
    share: Option<f64>,
    in_a_row: u32,
    in_all: u32,
}

impl Processor {
    pub(super) fn of(plan: &LimitPlan) -> Self {
        let computes = matches!(
            plan.kind,
            LimitKind::Cpu | LimitKind::Memory | LimitKind::Recursion
        );
        Self {
            deadline_ns: plan.caps.wall_ns.filter(|_| computes),
            base: service::is_base(plan, plan.first).then_some(plan.first),
            share: None,
            in_a_row: 0,
            in_all: 0,
        }
    }

    /// Marks a level that was disturbed. True when it should be probed again.
    pub(super) fn judge(&mut self, level: &mut Level, grain_ns: u64) -> bool {
        if level.passed() {
            self.learn(level);
        }
        level.disturbed = self.was_elsewhere(level, grain_ns) || self.was_starved(level);
        if !level.disturbed {
            self.in_a_row = 0;
            return false;
        }
        if self.in_a_row == IN_A_ROW || self.in_all == IN_ALL {
            self.in_a_row = 0;
            return false;
        }
        self.in_a_row += 1;
        self.in_all += 1;
        true
    }

    fn learn(&mut self, level: &Level) {
        let Some((wall, cpu)) = level.wall_ns.zip(level.cpu_ns) else {
            return;
        };
        if wall >= TELLING_NS {
            let share = cpu as f64 / wall as f64;
            self.share = Some(self.share.map_or(share, |most| most.max(share)));
        }
    }

    /// Whether the deadline broke for want of the processor. `grain_ns` is how much more CPU time a level that was killed may
    /// have had than was seen.
    fn was_elsewhere(&self, level: &Level, grain_ns: u64) -> bool {
        let (Some(deadline), Some(share), Some(cpu)) = (self.deadline_ns, self.share, level.cpu_ns)
        else {
            return false;
        };
        if level.broke != Some(Cap::Wall) || share < COMPUTING {
            return false;
        }
        let unseen = if level.wall_ns.is_none() { grain_ns } else { 0 };
        let alone = cpu.saturating_add(unseen) as f64 / share;
        // One that was killed took the deadline at the least.
        let took = level.wall_ns.unwrap_or(deadline) as f64;
        alone <= deadline as f64 && took >= MUCH * alone
    }

    /// Whether users or clients of a rate lost much to others, and were not served as promised, or are what others are measured by.
    fn was_starved(&self, level: &Level) -> bool {
        let is_base = level.passed() && self.base == Some(level.n);
        (is_base || level.broke.is_some_and(Cap::is_of_service)) && lost_much(level)
    }
}

/// Whether users or clients of a rate lost more to others than can be passed over.
fn lost_much(level: &Level) -> bool {
    lost(level).is_some_and(Lost::is_much)
}

/// Whether it may be others' fault that a generator did not keep up: it lost much to them, and with that it could have done this many
/// times as much, in millionths.
pub(super) fn explains(level: &Level, needed_ppm: u64) -> bool {
    lost(level).is_some_and(|lost| {
        let possible = (lost.cpu_ns + lost.ns) * f64::from(WHOLE_PPM);
        lost.is_much() && possible >= lost.cpu_ns * needed_ppm as f64
    })
}

/// What users or clients of a rate lost to others at a level; `None` where that is not known.
fn lost(level: &Level) -> Option<Lost> {
    let processor = level.traffic.as_ref()?.processor?;
    Some(Lost {
        ns: processor.lost_ns() as f64,
        wall_ns: level.wall_ns? as f64,
        cpu_ns: level.cpu_ns? as f64,
    })
}

/// CPU time that was lost to others, and had; and how long the level lasted. Nanoseconds.
#[derive(Clone, Copy, Debug)]
struct Lost {
    ns: f64,
    wall_ns: f64,
    cpu_ns: f64,
}

impl Lost {
    fn is_much(self) -> bool {
        self.ns > 0.0
            && self.ns >= LOST_OF_TIME * self.wall_ns
            && self.ns >= LOST_OF_NEED * (self.cpu_ns + self.ns)
    }
}

#[cfg(test)]
#[path = "disturbed/tests.rs"]
mod tests;

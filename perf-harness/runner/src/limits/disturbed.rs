//! Whether a deadline broke because the body takes so long, or because other programs had the processor.
//!
//! A body that computes has a CPU time that does not depend on its neighbours. What share of the wall time that is, is seen of
//! the levels that passed: about one on one thread, more on several. By that share the CPU time of a level that failed says how
//! long it would have taken alone. Where that is within the deadline, and the level took much longer, the failure says nothing
//! of the body: the level is probed again. A few times, since the machine may stay busy; the record then says so.
//!
//! Of bodies that mostly wait nothing is doubted, nor of limits of kind timeout: there waiting is the matter itself.

use perf_schema::{Cap, Level, LimitKind, LimitPlan};

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

/// What is known of a body's need for the processor.
#[derive(Clone, Debug)]
pub(super) struct Processor {
    /// The deadline, where one is kept that waiting may break without being the matter.
    deadline_ns: Option<u64>,
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
        level.disturbed = self.was_elsewhere(level, grain_ns);
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::search::{Answer, Found, Quest, search};
    use perf_schema::Caps;

    const DEADLINE: u64 = 100_000_000;
    const GRAIN: u64 = 20_000_000;

    fn plan(kind: LimitKind) -> LimitPlan {
        LimitPlan {
            kind,
            axis: "n".to_owned(),
            first: 1,
            last: 1 << 40,
            caps: Caps {
                wall_ns: Some(DEADLINE),
                ..Caps::default()
            },
            precision_ppm: 50_000,
            repeats: 3,
            budget_ms: 10_000,
            fit: None,
            traffic: None,
        }
    }

    /// A level that came to its own end.
    fn level(n: u64, wall: u64, cpu: u64) -> Level {
        Level {
            broke: (wall > DEADLINE).then_some(Cap::Wall),
            wall_ns: Some(wall),
            cpu_ns: Some(cpu),
            ..Level::untried(n)
        }
    }

    /// One that was killed at the deadline.
    fn killed(cpu: u64) -> Level {
        Level {
            broke: Some(Cap::Wall),
            cpu_ns: Some(cpu),
            late_ns: Some(6_000_000),
            ..Level::untried(1)
        }
    }

    fn after(passes: &[(u64, u64)], kind: LimitKind) -> Processor {
        let mut processor = Processor::of(&plan(kind));
        for &(wall, cpu) in passes {
            assert!(!processor.judge(&mut level(1, wall, cpu), GRAIN));
        }
        processor
    }

    #[test]
    fn only_a_body_that_computes_and_could_not_is_disturbed() {
        let computes = [(50_000_000, 49_900_000)];
        let judged = |passes: &[(u64, u64)], mut level: Level| {
            let again = after(passes, LimitKind::Cpu).judge(&mut level, GRAIN);
            assert_eq!(again, level.disturbed);
            again
        };
        assert!(judged(&computes, level(1, 150_000_000, 80_000_000)));
        assert!(!judged(&computes, level(1, 150_000_000, 149_000_000)));
        assert!(!judged(&computes, level(1, 150_000_000, 101_000_000)));
        assert!(!judged(&computes, level(1, 104_000_000, 97_000_000)));
        assert!(judged(&computes, killed(55_000_000)));
        assert!(!judged(&computes, killed(104_000_000)));
        // What was seen may be short of the truth by a grain.
        assert!(!judged(&computes, killed(75_000_000)));
        // It waits by its nature.
        assert!(!judged(
            &[(50_000_000, 1_000_000)],
            level(1, 110_000_000, 2_000_000)
        ));
        // On two threads the same CPU time is half the time.
        let two = [(40_000_000, 79_000_000)];
        assert!(judged(&two, level(1, 150_000_000, 160_000_000)));
        assert!(!judged(&two, level(1, 110_000_000, 216_000_000)));
        // Nothing is known of it.
        assert!(!judged(&[], level(1, 150_000_000, 80_000_000)));
        assert!(!judged(&[(1000, 10)], level(1, 150_000_000, 80_000_000)));
        let timeout = after(&computes, LimitKind::Timeout).judge(&mut killed(1), GRAIN);
        assert!(!timeout, "waiting is the matter");
        let mut memory = level(1, 50_000_000, 10_000_000);
        memory.broke = Some(Cap::Memory);
        assert!(!judged(&computes, memory));
    }

    /// Searches a body whose level `n` takes a microsecond each, on a machine that is slower by what `busy` says of each probe.
    fn searched(busy: impl Fn(usize) -> f64) -> (Found, Vec<Level>) {
        let mut processor = Processor::of(&plan(LimitKind::Cpu));
        let mut levels: Vec<Level> = Vec::new();
        let quest = Quest {
            first: 1,
            last: 1 << 40,
            precision: 0.05,
            repeats: 3,
        };
        let found = search(&quest, &mut |n| {
            loop {
                let cpu = n * 1000;
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a time"
                )]
                let wall = (cpu as f64 * busy(levels.len())) as u64;
                let mut level = level(n, wall, cpu);
                let again = processor.judge(&mut level, GRAIN);
                let answer = if level.passed() {
                    Answer::Passed(Some(wall as f64 / DEADLINE as f64))
                } else {
                    Answer::Broke
                };
                levels.push(level);
                if !again {
                    return Ok::<_, ()>(answer);
                }
            }
        });
        (found.expect("nothing fails"), levels)
    }

    #[test]
    fn a_machine_that_is_busy_for_a_while_moves_no_limit() {
        let quiet = searched(|_| 1.0);
        assert!(quiet.1.iter().all(|level| !level.disturbed));
        let brackets = |found: &Found| {
            let (pass, fail) = (found.largest_pass.unwrap(), found.smallest_fail.unwrap());
            assert!(pass <= 100_000 && fail > 100_000, "{found:?}");
        };
        brackets(&quiet.0);
        for from in 0..quiet.1.len() {
            let (found, levels) = searched(|probe| {
                if (from..from + 2).contains(&probe) {
                    3.0
                } else {
                    1.0
                }
            });
            brackets(&found);
            assert!(levels.len() <= quiet.1.len() + 12, "{}", levels.len());
        }
    }

    #[test]
    fn on_a_machine_that_stays_busy_the_search_ends_and_says_so() {
        // Quiet for long enough to see that the body computes.
        let (found, levels) = searched(|probe| if probe < 12 { 1.0 } else { 3.0 });
        let fail = found.smallest_fail.unwrap();
        assert!(fail < 100_000, "{found:?}");
        let at = levels.iter().filter(|level| level.n == fail);
        assert!(at.clone().count() > 1 && at.clone().all(|level| level.disturbed));
        let again = levels.iter().filter(|level| level.disturbed).count();
        assert!(again <= 30, "{again}");
    }
}

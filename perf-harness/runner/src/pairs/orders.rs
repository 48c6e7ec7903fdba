//! Two builds side by side, each of them linked in several orders.
//!
//! All binaries of a side have the same code; they differ in where its functions lie. A round is one launch of each of them: the
//! orders of the one side are drawn into pairs with those of the other anew for each round, so that no order meets always the
//! same one, and all orders have as many launches, spread over the same time.

use std::sync::atomic::AtomicBool;

use super::level::level_orders;
use super::track::Track;
use super::{BySide, End, PairSettings, PairedCase, PairedRun};
use crate::conduct::{Interrupted, Listener, Progress};
use crate::worker::Program;

/// The same benchmark of two builds, with the programs that each is linked to.
#[derive(Clone, Debug)]
pub struct OrderedCase {
    /// The case; its own programs find the batch size and are not measured.
    pub case: PairedCase,
    /// The programs that are measured, as many on both sides. Without any the case fails to be measured at all.
    pub programs: BySide<Vec<Program>>,
}

/// What was seen of a case in several link orders.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OrderedRun {
    /// All pairs of launches, whole rounds unless a side failed.
    pub run: PairedRun,
    /// Of each pair in the run which program of either side was launched.
    pub orders: Vec<BySide<usize>>,
}

impl OrderedCase {
    /// How many orders there are of each side.
    fn orders(&self) -> usize {
        let BySide {
            baseline,
            candidate,
        } = &self.programs;
        baseline.len().min(candidate.len())
    }

    fn in_orders(&self, orders: BySide<usize>) -> PairedCase {
        let mut case = self.case.clone();
        case.baseline.program = self.programs.baseline[orders.baseline].clone();
        case.candidate.program = self.programs.candidate[orders.candidate].clone();
        case
    }
}

/// Measures all orders of both sides of `cases`, in whole rounds, until the time is used up: what is seen does not decide when it
/// ends. There are at least as many rounds as make `min_pairs` pairs. Returns what was seen, in the same order.
///
/// # Errors
/// Only when `stop` was set while it ran.
pub fn conduct_orders(
    cases: &[OrderedCase],
    settings: &PairSettings,
    stop: &AtomicBool,
    listener: &mut dyn Listener,
) -> Result<Vec<OrderedRun>, Interrupted> {
    let cases: Vec<OrderedCase> = cases.iter().map(level_orders).collect();
    let mut rng = fastrand::Rng::with_seed(settings.seed);
    let mut schedules = Vec::with_capacity(cases.len());
    for (index, case) in cases.iter().enumerate() {
        let schedule = Schedule::pilot(case, settings, &mut rng, stop)?;
        listener.hear(Progress::Piloted {
            case: index,
            failure: schedule.track.last_failure(),
        });
        schedules.push(schedule);
    }
    let forecasts = schedules.iter().map(|s| s.track.forecast(settings));
    listener.hear(Progress::Expected(forecasts.sum()));
    let mut done = 0;
    loop {
        let mut open: Vec<usize> = (0..cases.len()).collect();
        open.retain(|&index| schedules[index].is_open());
        if open.is_empty() {
            return Ok(schedules.into_iter().map(Schedule::into_run).collect());
        }
        rng.shuffle(&mut open);
        for index in open {
            schedules[index].launch(&cases[index], settings, &mut rng, stop)?;
            done += 1;
            let left = schedules.iter().map(|s| s.pairs_left(settings));
            listener.hear(Progress::Launched {
                case: index,
                done,
                planned: done + left.sum::<u32>(),
                failure: schedules[index].track.last_failure(),
            });
        }
    }
}

/// Where one case stands.
struct Schedule {
    track: Track,
    /// What is left of the round.
    round: Vec<BySide<usize>>,
    orders: Vec<BySide<usize>>,
    /// A side failed, or there is nothing to launch.
    over: bool,
}

impl Schedule {
    fn pilot(
        case: &OrderedCase,
        settings: &PairSettings,
        rng: &mut fastrand::Rng,
        stop: &AtomicBool,
    ) -> Result<Self, Interrupted> {
        let track = Track::pilot(&case.case, settings, rng, stop)?;
        Ok(Self {
            over: !track.is_open() || case.orders() == 0,
            track,
            round: Vec::new(),
            orders: Vec::new(),
        })
    }

    /// A round that was begun is finished.
    fn is_open(&self) -> bool {
        !self.over && (self.track.is_open() || !self.round.is_empty())
    }

    fn launch(
        &mut self,
        case: &OrderedCase,
        settings: &PairSettings,
        rng: &mut fastrand::Rng,
        stop: &AtomicBool,
    ) -> Result<(), Interrupted> {
        if self.round.is_empty() {
            self.round = draw_round(case.orders(), rng);
        }
        let Some(orders) = self.round.pop() else {
            self.over = true;
            return Ok(());
        };
        let paired = case.in_orders(orders);
        self.track.launch(&paired, settings, rng, stop)?;
        if self.track.has_failed() {
            self.over = true;
        } else {
            self.orders.push(orders);
        }
        Ok(())
    }

    fn pairs_left(&self, settings: &PairSettings) -> u32 {
        if !self.is_open() {
            return 0;
        }
        let round = u32::try_from(self.round.len()).unwrap_or(u32::MAX);
        self.track.pairs_left(settings).max(round)
    }

    fn into_run(self) -> OrderedRun {
        let mut run = self.track.into_run();
        if run.end != End::Failed {
            run.end = End::Budget;
        }
        OrderedRun {
            run,
            orders: self.orders,
        }
    }
}

/// Each order of one side with one of the other, in any order.
fn draw_round(orders: usize, rng: &mut fastrand::Rng) -> Vec<BySide<usize>> {
    let mut sides = [(0..orders).collect::<Vec<_>>(), (0..orders).collect()];
    for side in &mut sides {
        rng.shuffle(side);
    }
    let [baseline, candidate] = sides;
    let pairs = baseline.into_iter().zip(candidate);
    pairs
        .map(|(baseline, candidate)| BySide {
            baseline,
            candidate,
        })
        .collect()
}

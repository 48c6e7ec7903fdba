//! From the index of runs to series and trends, without git and without a terminal.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use perf_schema::BenchId;

use crate::compare::rules::Rules;
use crate::series::{Assembly, LeftOut, Order, RunHeader, Seen, Series};
use crate::store::index::{IndexError, RunIndex, RunNumber};
use crate::store::readers;
use crate::trend::{Examined, Trend, TrendRule, examine, settle};

/// What is asked.
pub struct Question<'a> {
    /// Which benchmarks.
    pub takes: &'a dyn Fn(&BenchId) -> bool,
    /// Only this machine class.
    pub machine: Option<&'a str>,
    /// When a change counts.
    pub rule: &'a TrendRule,
    /// How much a change matters.
    pub rules: &'a Rules,
}

/// The trends of all series that were asked for, and the runs that are in none.
///
/// Of each benchmark only what its trend needs is kept.
///
/// # Errors
/// When the index cannot be read.
pub fn survey(
    index: &dyn RunIndex,
    order: &Order,
    runs: Vec<(RunNumber, RunHeader)>,
    question: &Question<'_>,
) -> Result<(Vec<Trend>, LeftOut), IndexError> {
    let runs = RunsOnLine::new(index, order, runs);
    let machine = question.machine;
    let rule = question.rule;
    let examined = runs.each(question.takes, |series| {
        let of_machine = |series: &&Series| machine.is_none_or(|class| class == series.key.class);
        let wanted = series.iter().filter(of_machine);
        wanted
            .filter_map(|series| examine(series, rule))
            .collect::<Vec<Examined>>()
    })?;
    let examined = examined.into_iter().flatten().collect();
    let left_out = runs.assembly.left_out();
    Ok((settle(examined, question.rule, question.rules), left_out))
}

/// The runs of an index at their places on a line of commits.
pub(super) struct RunsOnLine<'a> {
    index: &'a dyn RunIndex,
    places: HashMap<RunNumber, usize>,
    pub(super) assembly: Assembly,
}

/// What every run saw of a benchmark, and which of the benchmarks it is.
type Seens = (usize, Vec<(usize, Seen)>);

impl<'a> RunsOnLine<'a> {
    /// Finds the place of each.
    pub(super) fn new(
        index: &'a dyn RunIndex,
        order: &'a Order,
        runs: Vec<(RunNumber, RunHeader)>,
    ) -> Self {
        let (numbers, headers): (Vec<RunNumber>, Vec<RunHeader>) = runs.into_iter().unzip();
        let numbers = numbers.into_iter().enumerate();
        Self {
            index,
            places: numbers.map(|(at, number)| (number, at)).collect(),
            assembly: Assembly::new(order, headers),
        }
    }

    /// Looks at all series of each benchmark that is taken; the answers stand in the order of the benchmarks' names.
    ///
    /// This thread reads, and one for each processor looks. So that little is held at once, reading waits for looking.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub(super) fn each<T: Send>(
        &self,
        takes: &dyn Fn(&BenchId) -> bool,
        look: impl Fn(Vec<Series>) -> T + Sync,
    ) -> Result<Vec<T>, IndexError> {
        let assembly = &self.assembly;
        let workers = readers();
        let mut looked = thread::scope(|scope| {
            let (send, receive) = sync_channel(workers);
            let receive = Arc::new(Mutex::new(receive));
            let workers: Vec<_> = (0..workers)
                .map(|_| {
                    let (receive, look) = (Arc::clone(&receive), &look);
                    scope.spawn(move || {
                        let next = std::iter::from_fn(|| next(&receive));
                        let look = |(at, seen)| (at, look(assembly.series(seen)));
                        next.map(look).collect::<Vec<(usize, T)>>()
                    })
                })
                .collect();
            // Theirs alone now: were they all gone, sending would fail rather than wait for ever.
            drop(receive);
            let sent = self.send(takes, &send);
            drop(send);
            let mut looked = Vec::new();
            for worker in workers {
                match worker.join() {
                    Ok(some) => looked.extend(some),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            sent.map(|()| looked)
        })?;
        looked.sort_unstable_by_key(|(at, _)| *at);
        Ok(looked.into_iter().map(|(_, one)| one).collect())
    }

    fn send(
        &self,
        takes: &dyn Fn(&BenchId) -> bool,
        to: &SyncSender<Seens>,
    ) -> Result<(), IndexError> {
        let benchmarks = self.index.benchmarks()?.into_iter();
        let taken = benchmarks.filter(|(_, id)| takes(id));
        for (at, (number, _)) in taken.enumerate() {
            let seen = self.index.seen(number)?.into_iter();
            let seen = seen.filter_map(|(run, seen)| Some((*self.places.get(&run)?, seen)));
            if to.send((at, seen.collect())).is_err() {
                // Every thread that looked has panicked; whoever joins them hears of it.
                break;
            }
        }
        Ok(())
    }
}

fn next(from: &Mutex<Receiver<Seens>>) -> Option<Seens> {
    let from = from.lock().unwrap_or_else(PoisonError::into_inner);
    from.recv().ok()
}

//! From the index of runs to series and trends, without git and without a terminal.

use std::collections::HashMap;

use perf_schema::BenchId;

use crate::compare::rules::Rules;
use crate::pipeline::in_order;
use crate::series::{Assembly, LeftOut, Order, RunHeader, Seen, Series};
use crate::store::index::{BenchNumber, IndexError, RunIndex, RunNumber};
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
    /// This thread reads, and one for each processor looks.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub(super) fn each<T: Send>(
        &self,
        takes: &dyn Fn(&BenchId) -> bool,
        look: impl Fn(Vec<Series>) -> T + Sync,
    ) -> Result<Vec<T>, IndexError> {
        let benchmarks = self.index.benchmarks()?.into_iter();
        let taken = benchmarks.filter(|(_, id)| takes(id));
        let seen = taken.map(|(number, _)| self.seen(number));
        let mut looked = Vec::new();
        let assembly = &self.assembly;
        in_order(
            seen,
            |seen| Ok(look(assembly.series(seen?))),
            |found: Result<T, IndexError>| found.map(|found| looked.push(found)),
        )?;
        Ok(looked)
    }

    /// What every run on the line saw of a benchmark.
    fn seen(&self, benchmark: BenchNumber) -> Result<Vec<(usize, Seen)>, IndexError> {
        let seen = self.index.seen(benchmark)?.into_iter();
        let placed = seen.filter_map(|(run, seen)| Some((*self.places.get(&run)?, seen)));
        Ok(placed.collect())
    }
}

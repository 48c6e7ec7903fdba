//! From the index of runs to trends, without git and without a terminal.

use std::collections::HashMap;

use perf_schema::BenchId;

use crate::compare::rules::Rules;
use crate::series::{Assembly, LeftOut, Order, RunHeader};
use crate::store::index::{IndexError, RunIndex, RunNumber};
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
/// Benchmarks are looked at one after the other, and of each only what its trend needs is kept.
///
/// # Errors
/// When the index cannot be read.
pub fn survey(
    index: &dyn RunIndex,
    order: &Order,
    runs: Vec<(RunNumber, RunHeader)>,
    question: &Question<'_>,
) -> Result<(Vec<Trend>, LeftOut), IndexError> {
    let (numbers, headers): (Vec<RunNumber>, Vec<RunHeader>) = runs.into_iter().unzip();
    let places: HashMap<RunNumber, usize> = numbers
        .into_iter()
        .enumerate()
        .map(|(at, number)| (number, at))
        .collect();
    let assembly = Assembly::new(order, headers);
    let mut examined: Vec<Examined> = Vec::new();
    for (number, id) in index.benchmarks()? {
        if !(question.takes)(&id) {
            continue;
        }
        let seen = index.seen(number)?.into_iter();
        let seen = seen.filter_map(|(run, seen)| Some((*places.get(&run)?, seen)));
        let of_machine = |class: &str| question.machine.is_none_or(|machine| machine == class);
        let series = assembly.series(seen).into_iter();
        let wanted = series.filter(|series| of_machine(&series.key.class));
        examined.extend(wanted.filter_map(|series| examine(&series, question.rule)));
    }
    let left_out = assembly.left_out();
    Ok((settle(examined, question.rule, question.rules), left_out))
}

//! Instructions of what was measured, by Valgrind: for whoever asks for them on a machine whose processor does not count
//! them for us. After all that is timed, in launches of their own.

use std::collections::BTreeMap;
use std::time::Duration;

use perf_runner::{Case, CaseRun, Count, Valgrind, count_instructions, expected_counting};
use perf_schema::metric::names;
use perf_schema::{BenchmarkRecord, Kind as CaseKind, Metric, Observed, RunRecord};

use super::pairing;
use crate::cli::{MeasureArgs, OnRequest};
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::run::Reporter;
use crate::store::resolve::Resolution;

/// The ways to count. What one of them counts is never set beside what the other does.
const METRICS: [&str; 2] = [names::INSTRUCTIONS, names::INSTRUCTIONS_VALGRIND];

/// Whether instructions were asked for.
pub(super) fn is_wanted(args: &MeasureArgs) -> bool {
    args.metrics.contains(&OnRequest::Instructions)
}

/// About how long counting will take, before anything is known of the cases.
pub(super) fn expected(cases: &[Case]) -> Duration {
    cases
        .iter()
        .map(|_| expected_counting(Duration::ZERO))
        .sum()
}

/// Counts the instructions of each case that gave samples and whose instructions the processor did not count. Where it
/// cannot be done, the reason takes the place of the count.
///
/// # Errors
/// When it was interrupted, or there is no place for temporary files.
pub(super) fn count(
    cx: &Context,
    timeout: Duration,
    cases: &[Case],
    runs: &mut [CaseRun],
    reporter: &mut Reporter<'_>,
) -> Result<(), Failure> {
    let (elsewhere, here): (Vec<_>, Vec<_>) = cases
        .iter()
        .zip(runs)
        .filter(|(case, run)| {
            let is_timed = case.description.kind != CaseKind::Limit;
            is_timed && run.failures.is_empty() && !is_counted_by_hardware(run)
        })
        .partition(|(case, _)| case.description.kind == CaseKind::Command);
    for (_, run) in elsewhere {
        let reason = "a command does its work in a process of its own, where it is not counted";
        run.count = Some(Count::Absent(reason.to_owned()));
    }
    let mut open: Vec<(&Case, &mut CaseRun)> = here;
    let folder = tempfile::tempdir().map_err(|error| Failure::new(Kind::Setup, error))?;
    let valgrind = match Valgrind::find(folder.path()) {
        Ok(valgrind) => valgrind,
        Err(reason) => {
            for (_, run) in open {
                run.count = Some(Count::Absent(reason.clone()));
            }
            return Ok(());
        }
    };
    let expected = open
        .iter()
        .map(|(_, run)| expected_counting(iteration(run)));
    reporter.begin_counting(open.len(), expected.sum());
    for (case, run) in &mut open {
        let count = count_instructions(case, &valgrind, timeout, &cx.stop)
            .map_err(|error| Failure::new(Kind::Interrupted, error))?;
        run.count = Some(count);
        reporter.counted();
    }
    Ok(())
}

fn is_counted_by_hardware(run: &CaseRun) -> bool {
    run.launches.iter().any(|launch| {
        matches!(
            launch.observed.get(names::INSTRUCTIONS),
            Some(Observed::Value { .. })
        )
    })
}

/// How long one iteration took, at its quickest.
fn iteration(run: &CaseRun) -> Duration {
    let samples = run.launches.iter().flat_map(|launch| &launch.wall_ns);
    let quickest = samples.min().copied().unwrap_or(0);
    Duration::from_nanos(quickest / run.batch.unwrap_or(1).max(1))
}

/// What has to be said of counts that were asked for: those that are missing, and those that do not repeat themselves.
pub(super) fn notes(record: &RunRecord) -> Vec<String> {
    let mut missing: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut unsteady = Vec::new();
    for benchmark in &record.benchmarks {
        match benchmark.metrics.get(names::INSTRUCTIONS_VALGRIND) {
            Some(Metric::Absent { reason }) => missing
                .entry(reason)
                .or_default()
                .push(benchmark.id.in_package()),
            Some(Metric::Measured { exact: false, .. }) => {
                unsteady.push(benchmark.id.in_package());
            }
            _ => {}
        }
    }
    let mut notes: Vec<String> = missing
        .into_iter()
        .map(|(reason, names)| {
            let names = some_of(&names);
            // What the processor said is in the record, and no news to who asks for Valgrind.
            format!("the instructions of {names} were not counted: {reason}")
        })
        .collect();
    if !unsteady.is_empty() {
        notes.push(format!(
            "the instructions of {} differ from launch to launch, so they are not exact: something in there is drawn \
             anew each time, as the keys of a HashMap are, or threads take turns as it happens",
            some_of(&unsteady)
        ));
    }
    notes
}

/// What has to be said of counts that only one side of a comparison has, lest a metric drops out of sight.
pub(super) fn one_sided(resolution: &Resolution, record: &RunRecord) -> Vec<String> {
    METRICS
        .into_iter()
        .flat_map(|metric| {
            let mut sides = [Vec::new(), Vec::new()];
            for benchmark in &record.benchmarks {
                let name = || benchmark.id.in_package();
                match (had(resolution, benchmark, metric), has(benchmark, metric)) {
                    (Some(true), false) => sides[0].push(name()),
                    (Some(false), true) => sides[1].push(name()),
                    _ => {}
                }
            }
            let [then, now] = sides.map(|names| (!names.is_empty()).then(|| some_of(&names)));
            let then = then.map(|names| {
                format!(
                    "the baseline has {metric} of {names}, which were not counted this time: nothing is said of them; \
                     --metric instructions asks for them"
                )
            });
            let now = now.map(|names| {
                format!("the baseline has no {metric} of {names}, so this is compared with nothing")
            });
            [then, now].into_iter().flatten()
        })
        .collect()
}

/// Whether the baseline has a metric of a benchmark; `None` where there is no baseline of it.
fn had(resolution: &Resolution, benchmark: &BenchmarkRecord, metric: &str) -> Option<bool> {
    let choice = resolution.choices.get(&benchmark.id)?;
    let mut found = choice
        .records
        .iter()
        .filter_map(|stored| pairing::benchmark_in(stored, &benchmark.id));
    Some(found.any(|benchmark| has(benchmark, metric)))
}

fn some_of(names: &[String]) -> String {
    const SHOWN: usize = 4;
    let shown = names[..names.len().min(SHOWN)].join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Whether a record answers who asks for the instructions of a benchmark.
pub(super) fn has_counts(benchmark: &BenchmarkRecord) -> bool {
    // Of a limit none are counted.
    benchmark.kind == CaseKind::Limit || METRICS.iter().any(|metric| has(benchmark, metric))
}

fn has(benchmark: &BenchmarkRecord, metric: &str) -> bool {
    matches!(benchmark.metrics.get(metric), Some(Metric::Measured { .. }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_names_are_cut_short() {
        let names: Vec<String> = (0..6).map(|n| format!("f{n}")).collect();
        assert_eq!(some_of(&names[..1]), "f0");
        assert_eq!(some_of(&names[..4]), "f0, f1, f2, f3");
        assert_eq!(some_of(&names), "f0, f1, f2, f3 and 2 more");
    }
}

//! From where to where a metric went: as it was typed, or as the last run of this code is worse than the baseline.

use std::collections::BTreeSet;

use perf_schema::{
    Amount, BenchId, BenchmarkRecord, Better, Meaning, Metric, MetricName, RunRecord,
};

use super::super::measuring::Place;
use super::super::{at_hand, pairing};
use crate::cli::AcceptArgs;
use crate::compare::noise::Noise;
use crate::compare::rules::amount;
use crate::compare::{DecisionRule, MetricVerdict, Verdict, compare};
use crate::config::FILE;
use crate::failure::{Failure, Kind};
use crate::report::printable;
use crate::spelling;
use crate::store::{History, StoredRecord};

/// A step of a metric from one level to another.
pub(super) struct Step {
    pub(super) benchmark: BenchId,
    pub(super) metric: MetricName,
    pub(super) meaning: Meaning,
    /// The machine class, for what is not the same on all.
    pub(super) class: Option<String>,
    /// The machine class of the run.
    pub(super) machine: String,
    pub(super) from: Amount,
    pub(super) to: Amount,
    /// How it was found, unless it was typed.
    pub(super) seen: Option<MetricVerdict>,
}

/// From where to where a metric went.
struct Level {
    metric: MetricName,
    from: Amount,
    to: Amount,
    /// Whether both were seen to be the same each time.
    is_exact: bool,
    /// How they were found, unless they were typed.
    seen: Option<MetricVerdict>,
}

/// The step that was typed, or those that the last run of this code took from the baseline.
pub(super) fn steps(place: &Place, args: &AcceptArgs) -> Result<Vec<Step>, Failure> {
    let (run, id) = last_run(place, args.bench.as_deref().unwrap_or_default())?;
    let mut benchmarks = run.record.benchmarks.iter();
    let benchmark = benchmarks
        .find(|benchmark| benchmark.id == id)
        .ok_or_else(|| no_run(&id.to_string()))?;
    let levels = match (&args.from, &args.to, &args.metric) {
        (Some(from), Some(to), Some(metric)) => {
            let typed =
                |text: &str| amount(metric, text).map_err(|why| Failure::said(Kind::Usage, why));
            // Whether the levels were the same each time nobody knows.
            vec![Level {
                metric: metric.clone(),
                from: typed(from)?,
                to: typed(to)?,
                is_exact: false,
                seen: None,
            }]
        }
        _ => found(place, args, &run, &benchmark.id)?,
    };
    levels
        .into_iter()
        .map(|level| {
            Ok(Step {
                meaning: meaning_in(benchmark, &level.metric)?,
                benchmark: benchmark.id.clone(),
                class: (!level.is_exact).then(|| run.record.machine.class.clone()),
                machine: run.record.machine.class.clone(),
                metric: level.metric,
                from: level.from,
                to: level.to,
                seen: level.seen,
            })
        })
        .collect()
}

fn meaning_in(benchmark: &BenchmarkRecord, metric: &str) -> Result<Meaning, Failure> {
    match benchmark.metrics.get(metric) {
        Some(Metric::Measured {
            unit,
            better,
            exact,
            ..
        }) => Ok(Meaning {
            unit: unit.clone(),
            better: *better,
            exact: *exact,
        }),
        _ => Err(unknown_metric(benchmark.id.to_string(), metric)),
    }
}

fn unknown_metric(benchmark: String, metric: &str) -> Failure {
    Failure::said(
        Kind::Usage,
        format!("the last run of {benchmark} has no `{metric}` that could be accepted"),
    )
    .help("`cargo perf compare --format json` shows the metrics there are")
}

fn is_named(id: &BenchId, wanted: &str) -> bool {
    wanted == id.to_string() || wanted == id.in_package() || wanted == id.name()
}

/// The one benchmark of that name: a whole name is of one, a short one may be of several.
fn one_of(ids: impl Iterator<Item = BenchId>, wanted: &str) -> Result<BenchId, Failure> {
    let all: BTreeSet<BenchId> = ids.collect();
    let named: Vec<&BenchId> = all.iter().filter(|id| is_named(id, wanted)).collect();
    let whole = named.iter().find(|id| id.to_string() == wanted);
    match (whole, named.len()) {
        (Some(&id), _) => Ok(id.clone()),
        (None, 0) => Err(unknown(&all, wanted)),
        (None, 1) => Ok(named[0].clone()),
        (None, several) => {
            let names: Vec<String> = named.iter().map(ToString::to_string).collect();
            Err(Failure::said(
                Kind::Usage,
                format!("{several} benchmarks are called `{}`", printable(wanted)),
            )
            .help(format!("type the whole name: {}", names.join(", "))))
        }
    }
}

/// None of them has that name; one may have been meant.
fn unknown(all: &BTreeSet<BenchId>, wanted: &str) -> Failure {
    let names = all
        .iter()
        .flat_map(|id| [id.in_package(), id.name().to_owned()]);
    let names: Vec<String> = names.collect();
    match spelling::meant(wanted, names.iter().map(String::as_str)) {
        Some(meant) => no_run(wanted).help(format!("did you mean `{}`?", printable(meant))),
        None => no_run(wanted),
    }
}

fn no_run(wanted: &str) -> Failure {
    Failure::said(
        Kind::Usage,
        format!("no run of this code is kept that has `{}`", printable(wanted)),
    )
    .help("`cargo perf run` measures it and shows its name; without a run, say its level before and after with --from and --to")
}

/// The newest kept run of the code that is here with the benchmark of that name, and which one that is. A run of a part of
/// the suite does not make a name clear that is none in the others.
fn last_run(place: &Place, wanted: &str) -> Result<(StoredRecord, BenchId), Failure> {
    let state = at_hand::state(place)?;
    let (entries, _) = History::at(&place.workspace.root).entries();
    let of_this_code = entries.iter().filter(|entry| {
        entry.header().is_ok_and(|header| {
            header.source_tree.as_ref() == state.as_ref().map(|state| &state.source_tree)
        })
    });
    let runs: Vec<StoredRecord> = of_this_code.filter_map(|entry| entry.load().ok()).collect();
    let benchmarks = runs.iter().flat_map(|run| &run.record.benchmarks);
    let id = one_of(benchmarks.map(|benchmark| benchmark.id.clone()), wanted)?;
    let has = |run: &StoredRecord| {
        let mut benchmarks = run.record.benchmarks.iter();
        benchmarks.any(|benchmark| benchmark.id == id)
    };
    let run = runs.into_iter().find(has);
    Ok((run.ok_or_else(|| no_run(wanted))?, id))
}

/// What the run of this code is worse by than the baseline: of the metric that is named, else of each that is regressed.
fn found(
    place: &Place,
    args: &AcceptArgs,
    run: &StoredRecord,
    benchmark: &BenchId,
) -> Result<Vec<Level>, Failure> {
    let baseline = args
        .baseline
        .clone()
        .or_else(|| place.config.config.baseline.clone())
        .ok_or_else(|| {
            Failure::said(Kind::Usage, "what was it before?").help(format!(
                "--baseline main looks it up, --from and --to say it; `baseline = \"main\"` in {FILE} makes it the usual one"
            ))
        })?;
    let metrics = compared(place, run, benchmark, &baseline)?;
    let Some(wanted) = &args.metric else {
        let regressed = metrics.iter().filter(|m| m.verdict == Verdict::Regressed);
        let levels: Vec<_> = regressed.filter_map(level_of).collect();
        return if levels.is_empty() {
            Err(Failure::said(
                Kind::Usage,
                format!("nothing of {benchmark} is regressed in the last run of this code, against {baseline}"),
            )
            .help("--metric with --from and --to accepts what was seen side by side"))
        } else {
            Ok(levels)
        };
    };
    let metric = metrics
        .iter()
        .find(|found| found.metric == *wanted)
        .ok_or_else(|| unknown_metric(benchmark.to_string(), wanted))?;
    level_of(metric).map(|level| vec![level]).ok_or_else(|| {
        Failure::said(
            Kind::Usage,
            format!(
                "{wanted} of {benchmark} is not worse in the last run of this code than in {baseline}: {}",
                metric.reason
            ),
        )
        .help("--from and --to accept what a comparison showed side by side")
    })
}

/// From where to where a metric went, if that is for the worse.
fn level_of(metric: &MetricVerdict) -> Option<Level> {
    let (from, seen) = (metric.baseline?.number(), metric.candidate?.number());
    let is_worse = match metric.better {
        Better::Higher => seen < from,
        Better::Lower | Better::Neither => seen > from,
    };
    // It may have varied though it should not, and is of this machine then.
    let is_exact = metric.effect.is_none_or(|effect| effect.is_exact());
    // What was seen is an estimate: another one of the same step, however sure, differs by what is not spoken of.
    let unspoken = 1.0 + DecisionRule::screen().floor.relative;
    let to = match metric.better {
        _ if is_exact => seen,
        Better::Higher => seen / unspoken,
        Better::Lower | Better::Neither => seen * unspoken,
    };
    let amount = |value: f64| Amount::new(if is_exact { value } else { short(value) });
    let level = Level {
        metric: metric.metric.clone(),
        from: amount(from)?,
        to: amount(to)?,
        is_exact,
        seen: Some(metric.clone()),
    };
    is_worse.then_some(level)
}

/// Without digits that mean nothing: six of them are kept, however small it is.
fn short(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

/// The metrics of the run beside what `baseline` comes to for it.
fn compared(
    place: &Place,
    run: &StoredRecord,
    benchmark: &BenchId,
    baseline: &str,
) -> Result<Vec<MetricVerdict>, Failure> {
    let StoredRecord { id, record } = run;
    let mut record = RunRecord::clone(record);
    record.benchmarks.retain(|found| found.id == *benchmark);
    let state = at_hand::state(place)?;
    let resolution = at_hand::resolve(
        place,
        state.as_ref(),
        &record,
        baseline,
        std::slice::from_ref(id),
    )?;
    let comparison = compare(
        &pairing::pairs(&resolution, &record, &[], |_| Noise::new()),
        &DecisionRule::screen(),
    );
    let judged = comparison.benchmarks.into_iter().next();
    let (reason, metrics) = judged
        .map(|judged| (judged.reason, judged.metrics))
        .unwrap_or_default();
    if metrics.is_empty() {
        return Err(Failure::said(
            Kind::Usage,
            format!("the last run of {benchmark} cannot be held against {baseline}: {reason}"),
        )
        .help("--metric with --from and --to says what it was and is"));
    }
    Ok(metrics)
}

#[cfg(test)]
mod tests;

//! What sessions of this machine differ by although nothing changed, learned from the runs that are kept.
//!
//! Mirrors the screen: the same launches count, reduced in the same way, so what is learned is what is added there. The centres of
//! past runs also contain what their launches scatter by; that is not taken off, so the answer errs on the wide side.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use perf_schema::metric::names;
use perf_schema::{BenchId, BenchmarkRecord, Definition, Metric, MetricName, RunRecord};
use perf_stats::{
    Spread, Summary, adjacent_difference_sd, learned_session_sd, median, pairwise_difference_sd,
    pooled_sd,
};

use super::rule::DecisionRule;
use super::side::{Session, gauges_of};

/// So many degrees of freedom one day can teach, however often something was measured on it: days differ, too.
const PER_DAY: f64 = 4.0;

/// Runs that are asked by which summary launches lie closest together: nearly all of them say the same.
const ENOUGH: usize = 3;

/// Metrics whose noise between sessions is learned.
const LEARNED: [&str; 3] = [names::WALL, names::CPU, names::PEAK_RSS];

/// A run that is kept, and what is known of it.
#[derive(Clone, Debug)]
pub struct PastRun {
    /// What it says.
    pub record: Arc<RunRecord>,
    /// Runs with the same are of equal code. `None` for what stands alone.
    pub code: Option<String>,
    /// The day it is of, however written.
    pub day: String,
    /// Its place in a line of commits, oldest first; `None` for a run that is only of equal code with others.
    pub step: Option<usize>,
    /// How quiet the machine was.
    session: Option<Session>,
}

/// What sessions differ by for one metric of one benchmark.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SessionNoise {
    /// The standard deviation of one session's centre, log scale, and how well it is known.
    pub spread: Spread,
    /// How many runs taught it; none where it is assumed.
    pub runs: usize,
}

/// Of each metric; what is not there is assumed.
pub type Noise = BTreeMap<MetricName, SessionNoise>;

impl SessionNoise {
    /// What the rule assumes of a machine that nothing is known of.
    pub(super) const fn assumed(rule: &DecisionRule) -> Self {
        Self {
            spread: rule.session,
            runs: 0,
        }
    }

    /// In words.
    #[must_use]
    pub fn words(&self) -> String {
        let percent = self.spread.sd.exp_m1() * 100.0;
        match self.runs {
            0 => format!("assumed {percent:.1} %"),
            runs => format!("{percent:.1} % learned from {runs} runs"),
        }
    }
}

/// The centre of one past run.
struct Centre<'a> {
    log: f64,
    /// Equal where code and batch size are.
    code: Option<(String, Option<u64>)>,
    batch: Option<u64>,
    day: &'a str,
    step: Option<usize>,
}

impl PastRun {
    /// A run of the given day and, on a line of commits, step.
    #[must_use]
    pub fn new(record: Arc<RunRecord>, day: String, step: Option<usize>) -> Self {
        let tree = record.source_tree.as_ref().map(ToString::to_string);
        Self {
            code: record.environment.binaries.clone().or(tree),
            session: Session::of(&record),
            day,
            step,
            record,
        }
    }
}

/// What was learned for a benchmark of this definition.
#[must_use]
pub fn learn(
    runs: &[PastRun],
    id: &BenchId,
    definition: &Definition,
    rule: &DecisionRule,
) -> Noise {
    let known: Vec<(&PastRun, &BenchmarkRecord)> = runs
        .iter()
        .filter_map(|run| Some((run, benchmark_in(&run.record, id, definition)?)))
        .collect();
    let mut noise = Noise::new();
    for metric in LEARNED {
        let centres = centres(&known, metric, rule);
        if let Some(learned) = learned(&centres) {
            noise.insert(metric.to_owned(), learned);
        }
    }
    noise
}

fn benchmark_in<'a>(
    record: &'a RunRecord,
    id: &BenchId,
    definition: &Definition,
) -> Option<&'a BenchmarkRecord> {
    // A record that was read is sorted by id.
    let found = record
        .benchmarks
        .binary_search_by(|benchmark| benchmark.id.cmp(id));
    let benchmark = &record.benchmarks[found.ok()?];
    let serves = benchmark.definition == *definition && benchmark.outcome.failed == 0;
    serves.then_some(benchmark)
}

/// The launches of one run that count.
struct Launches<'a> {
    run: &'a PastRun,
    batch: Option<u64>,
    samples: Vec<Vec<f64>>,
}

/// The centre of each run whose machine was as it is for the most part.
fn centres<'a>(
    known: &[(&'a PastRun, &'a BenchmarkRecord)],
    metric: &str,
    rule: &DecisionRule,
) -> Vec<Centre<'a>> {
    let limits = (metric != names::PEAK_RSS)
        .then(|| usual_floor(known))
        .flatten()
        .map(|usual| usual / rule.quiet..=usual * rule.quiet);
    let is_usual = |run: &PastRun| match (&limits, run.session) {
        (Some(limits), Some(session)) => session.floor_ns >= *limits.start(),
        _ => true,
    };
    let limit_ns = limits
        .as_ref()
        .map_or(f64::INFINITY, |limits| *limits.end());
    let fit: Vec<Launches<'a>> = known
        .iter()
        .filter(|(run, _)| is_usual(run))
        .filter_map(|(run, benchmark)| {
            let samples = quiet_samples(benchmark, metric, limit_ns)?;
            (samples.len() >= rule.quiet_launches).then_some(Launches {
                run,
                batch: benchmark.batch,
                samples,
            })
        })
        .collect();
    let Some(summary) = steadiest(&fit[..fit.len().min(ENOUGH)]) else {
        return Vec::new();
    };
    let centre = |launches: &Launches<'a>| {
        let (run, batch) = (launches.run, launches.batch);
        Some(Centre {
            log: median(&logs(summary, &launches.samples)?).ok()?,
            code: run.code.clone().map(|code| (code, batch)),
            batch,
            day: &run.day,
            step: run.step,
        })
    };
    fit.iter().filter_map(centre).collect()
}

/// The gauge of the machine as it is for the most part. A session in another state of it is not compared with one in this.
fn usual_floor(known: &[(&PastRun, &BenchmarkRecord)]) -> Option<f64> {
    let floors: Vec<f64> = known
        .iter()
        .filter_map(|(run, _)| Some(run.session?.floor_ns))
        .collect();
    median(&floors).ok()
}

/// The samples of each launch whose gauge was within the limit.
fn quiet_samples(
    benchmark: &BenchmarkRecord,
    metric: &str,
    limit_ns: f64,
) -> Option<Vec<Vec<f64>>> {
    let Some(Metric::Measured { samples, .. }) = benchmark.metrics.get(metric) else {
        return None;
    };
    let launches = samples.launches();
    let gauges = if limit_ns.is_finite() {
        gauges_of(benchmark)
    } else {
        Vec::new()
    };
    let matched = gauges.len() == launches.len();
    let quiet = |i: usize| !matched || gauges[i] <= limit_ns;
    let taken = launches.into_iter().enumerate().filter(|(i, _)| quiet(*i));
    Some(taken.map(|(_, samples)| samples).collect())
}

/// The summary by which launches lie closest together within their runs.
fn steadiest(runs: &[Launches<'_>]) -> Option<Summary> {
    let spread = |summary: Summary| {
        let within: Vec<f64> = runs
            .iter()
            .filter_map(|run| pairwise_difference_sd(&logs(summary, &run.samples)?).ok())
            .collect();
        median(&within).ok()
    };
    Summary::ALL
        .into_iter()
        .filter_map(|summary| Some((spread(summary)?, summary)))
        .min_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, summary)| summary)
}

/// Each launch by this summary, log scale; `None` if one has no logarithm.
fn logs(summary: Summary, launches: &[Vec<f64>]) -> Option<Vec<f64>> {
    let log = |samples: &Vec<f64>| {
        let value = summary.of(samples).ok()?;
        (value > 0.0).then(|| value.ln())
    };
    launches.iter().map(log).collect()
}

fn learned(centres: &[Centre<'_>]) -> Option<SessionNoise> {
    let mut evidence = Vec::new();
    let mut taught: BTreeSet<usize> = BTreeSet::new();
    if let Some((spread, used)) = of_equal_code(centres) {
        evidence.push(spread);
        taught.extend(used);
    }
    if let Some((spread, used)) = along_commits(centres) {
        evidence.push(spread);
        taught.extend(used);
    }
    // A day is one day, whichever codes were measured on it and however it was heard of.
    let used: Vec<usize> = taught.iter().copied().collect();
    let most = PER_DAY * days(centres, &used);
    let sum: f64 = evidence.iter().map(|piece| piece.degrees_of_freedom).sum();
    for piece in &mut evidence {
        piece.degrees_of_freedom *= (most / sum).min(1.0);
    }
    learned_session_sd(&evidence).map(|spread| SessionNoise {
        spread,
        runs: taught.len(),
    })
}

/// What runs of equal code differ by, in batches of one size.
fn of_equal_code(centres: &[Centre<'_>]) -> Option<(Spread, Vec<usize>)> {
    let mut groups: BTreeMap<&(String, Option<u64>), Vec<usize>> = BTreeMap::new();
    for (i, centre) in centres.iter().enumerate() {
        if let Some(code) = &centre.code {
            groups.entry(code).or_default().push(i);
        }
    }
    groups.retain(|_, group| group.len() > 1);
    let values: Vec<Vec<f64>> = groups
        .values()
        .map(|group| group.iter().map(|&i| centres[i].log).collect())
        .collect();
    let spread = pooled_sd(&values).ok()??;
    Some((spread, groups.into_values().flatten().collect()))
}

/// What neighbours on a line of commits differ by. Those of equal code were heard already.
fn along_commits(centres: &[Centre<'_>]) -> Option<(Spread, Vec<usize>)> {
    let mut line: Vec<usize> = (0..centres.len())
        .filter(|&i| centres[i].step.is_some())
        .collect();
    line.sort_by_key(|&i| centres[i].step);
    // Batches of another size are another thing that is measured: the series begins anew behind the last change of it.
    let last = *line.last()?;
    let begins = line
        .iter()
        .rposition(|&i| centres[i].batch != centres[last].batch);
    let mut line = line.split_off(begins.map_or(0, |at| at + 1));
    line.dedup_by(|b, a| {
        centres[*a].step == centres[*b].step
            || centres[*a].code.is_some() && centres[*a].code == centres[*b].code
    });
    let series: Vec<f64> = line.iter().map(|&i| centres[i].log).collect();
    let spread = adjacent_difference_sd(&series).ok()?;
    Some((spread, line))
}

fn days(centres: &[Centre<'_>], of: &[usize]) -> f64 {
    of.iter()
        .map(|&i| centres[i].day)
        .collect::<BTreeSet<_>>()
        .len() as f64
}

#[cfg(test)]
mod tests;

//! Self-control: a program against itself, in the same session and by the same rule as everything else.
//!
//! It checks the procedure. Coins decide which side comes first, so that the sides of one program are exchangeable whatever the
//! machine does: noise makes them no more likely to differ. If they do, that is chance or a fault of ours, and no time of the session
//! is believed.

use std::time::Duration;

use perf_runner::{Look, PairedLaunch, PairedRun};
use perf_schema::metric::names;
use perf_schema::{BenchId, BenchmarkRecord, Metric, MetricName, Unit};
use perf_stats::{median, pairwise_difference_sd};

use super::super::judge::{overall, percent};
use super::super::verdict::{Comparison, MetricVerdict, Verdict};
use super::judge::judge;
use super::rule::PairedRule;

/// Time on each side after which the control has had enough.
const ENOUGH: Duration = Duration::from_millis(500);

/// By what ratio the gauge may move within a session whose times are believed. It is a choice, far beyond what a machine does that
/// is merely busy for a while.
const WILD: f64 = 1.25;

/// Pairs in a third of a session below which nothing is said of the machine.
const TELLING: usize = 5;

/// A sample that takes longer is a long one.
const LONG_NS: f64 = 4e6;

/// What the control said.
#[derive(Clone, Debug, PartialEq)]
pub struct Control {
    /// What was set against itself.
    pub id: BenchId,
    /// In how many pairs of launches.
    pub pairs: usize,
    /// The time it took on each side.
    pub spent: Duration,
    /// The time that seemed to differ, and by what ratio.
    pub alarm: Option<(MetricName, f64)>,
    /// Whether so few pairs could have raised an alarm at all.
    pub could_tell: bool,
}

/// Whether the control wants more pairs. It ends when anything can be said of it, and never takes long.
#[must_use]
pub fn look(run: &PairedRun, rule: &PairedRule) -> Look {
    if run.spent >= ENOUGH {
        Look::Enough
    } else {
        rule.look(run)
    }
}

/// Why no time of a session is believed during which the machine itself became another: the gauge, which no coin swaps, was in the last
/// third of the launches so much faster or slower than in the first. Noise alone makes no alarm of pairs, but a ratio is that
/// of the machine it was measured on, and there were two.
#[must_use]
pub fn unsteady(runs: &[(BenchId, PairedRun)]) -> Option<String> {
    let whole = runs.iter().map(|(_, run)| run.launches.len()).max()?;
    let third = whole / 3;
    if third < TELLING {
        return None;
    }
    let (mut first, mut last) = (Vec::new(), Vec::new());
    // Pairs of all benchmarks take turns. Those that had enough earlier have no last ones.
    for (_, run) in runs.iter().filter(|(_, run)| run.launches.len() == whole) {
        first.extend(run.launches[..third].iter().filter_map(gauge_of));
        last.extend(run.launches[whole - third..].iter().filter_map(gauge_of));
    }
    let apart = median(&last).ok()? / median(&first).ok()?;
    (apart.max(1.0 / apart) > WILD).then(|| {
        let way = if apart > 1.0 { "slower" } else { "faster" };
        format!(
            "the machine became {} % {way} from the first third of the pairs to the last (a fixed piece of arithmetic says so), so times \
             are of two different machines; measure again when nothing else runs, and see what `cargo perf doctor` says",
            percent(apart.max(1.0 / apart) - 1.0)
        )
    })
}

fn gauge_of(pair: &PairedLaunch) -> Option<f64> {
    let gauges = pair
        .baseline
        .gauge_ns
        .iter()
        .chain(&pair.candidate.gauge_ns);
    let gauges: Vec<f64> = gauges.map(|&gauge| gauge as f64).collect();
    median(&gauges).ok()
}

/// How fit a benchmark is for a control, by an earlier record of it, the least being the fittest: whether its samples are long, and how far its
/// launches lie apart.
#[must_use]
pub fn rank(benchmark: &BenchmarkRecord) -> (bool, f64) {
    let Some(Metric::Measured { samples, .. }) = benchmark.metrics.get(names::WALL) else {
        return (true, f64::INFINITY);
    };
    let least = |launch: &Vec<f64>| launch.iter().copied().fold(f64::INFINITY, f64::min);
    let launches: Vec<f64> = samples.launches().iter().map(least).collect();
    let logs: Vec<f64> = launches.iter().map(|value| value.ln()).collect();
    let (Ok(spread), Ok(typical)) = (pairwise_difference_sd(&logs), median(&launches)) else {
        return (true, f64::INFINITY);
    };
    let sample_ns = typical * benchmark.batch.unwrap_or(1) as f64;
    (sample_ns > LONG_NS, spread)
}

impl Control {
    /// What a run of pairs of the same program says, if it ran at all.
    #[must_use]
    pub fn of(id: &BenchId, run: &PairedRun, rule: &PairedRule) -> Option<Self> {
        let failed = !run.failures.baseline.is_empty() || !run.failures.candidate.is_empty();
        if failed || run.launches.is_empty() {
            return None;
        }
        let comparison = judge(&[(id.clone(), run.clone())], rule);
        let metrics = comparison
            .benchmarks
            .into_iter()
            .flat_map(|judged| judged.metrics);
        let times: Vec<MetricVerdict> = metrics
            .filter(|metric| [names::WALL, names::CPU].contains(&metric.metric.as_str()))
            .collect();
        let called = |metric: &&MetricVerdict| {
            matches!(metric.verdict, Verdict::Regressed | Verdict::Improved)
        };
        let alarm = times.iter().find(called).map(|metric| {
            let ratio = metric.effect.map_or(1.0, |effect| effect.ratio.get());
            (metric.metric.clone(), ratio)
        });
        let least = usize::try_from(rule.settings(0).min_pairs).unwrap_or(usize::MAX);
        Some(Self {
            id: id.clone(),
            pairs: run.launches.len(),
            spent: run.spent,
            alarm,
            could_tell: run.launches.len() >= least,
        })
    }

    /// Why no time of the session is believed, if so.
    #[must_use]
    pub fn doubt(&self) -> Option<String> {
        let (metric, ratio) = self.alarm.as_ref()?;
        let sign = if *ratio > 1.0 { '+' } else { '-' };
        Some(format!(
            "the self-control failed: {} of the same program against itself came out as {sign}{} % ({metric} time), by a chance of one in \
             a thousand at most or by a fault in cargo perf; measure again, and report it if that does not help",
            self.id.in_package(),
            percent((ratio - 1.0).abs())
        ))
    }

    /// What was done and what came of it, for the notes.
    #[must_use]
    pub fn words(&self) -> String {
        let outcome = match (&self.alarm, self.could_tell) {
            (Some(_), _) => "differed, so no time is believed",
            (None, true) => "did not differ",
            (None, false) => "was too slow to tell anything in that time",
        };
        format!(
            "self-control: {} of the baseline against itself, {} pairs of launches, {:.1} s on each side: {outcome}",
            self.id.in_package(),
            self.pairs,
            self.spent.as_secs_f64()
        )
    }
}

/// Whether how fast the machine was has a part in it: a time, or a limit that a deadline ended. One that memory or a stack ended is
/// certain to lie in its interval.
fn depends_on_time(metric: &MetricVerdict) -> bool {
    let is_certain = metric.effect.is_some_and(|effect| effect.confidence >= 1.0);
    metric.unit == Unit::NANOSECONDS || metric.metric == names::LIMIT && !is_certain
}

impl Comparison {
    /// Takes back every verdict that a time has a part in. What is exact, or no time, stays.
    pub fn disbelieve_times(&mut self, why: &str) {
        for judged in &mut self.benchmarks {
            let mut changed = false;
            for metric in &mut judged.metrics {
                let said = matches!(
                    metric.verdict,
                    Verdict::Regressed
                        | Verdict::Improved
                        | Verdict::Unchanged
                        | Verdict::Tolerated
                        | Verdict::Layout
                );
                if said && depends_on_time(metric) {
                    metric.verdict = Verdict::CannotTell;
                    why.clone_into(&mut metric.reason);
                    metric.suspected = false;
                    changed = true;
                }
            }
            if changed {
                (judged.verdict, judged.reason) = overall(&judged.metrics);
            }
        }
    }
}

//! `cargo perf calibrate`: this code against itself, to learn what this machine can tell.

use std::collections::BTreeMap;

use perf_runner::{Case, PairSettings, PairedCase, PairedRun, conduct_pairs};
use perf_schema::metric::names;
use perf_schema::{BenchId, BenchmarkRecord, ExitCode, RunRecord};

use super::known_noise::KnownNoise;
use super::measuring::{self, Place, Ready};
use super::title::title;
use crate::cli::CalibrateArgs;
use crate::compare::noise::PastRun;
use crate::compare::paired::{PairedRule, forecast, judge};
use crate::compare::{Comparison, DecisionRule, Pair, Session, Side, Verdict, compare};
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::report::{Calibrated, Calibration};
use crate::run::{Candidate, Reporter};
use crate::store::{self, Calibrations, day};

/// Measures, keeps the sessions, shows what they say. A difference that is called one is a false alarm, and the exit code says
/// so.
///
/// # Errors
/// When nothing could be measured.
pub fn exec(args: &CalibrateArgs, cx: &Context) -> Result<ExitCode, Failure> {
    let place = Place::find(cx, args.select.manifest_path.as_deref())?;
    let format = place.format(cx, args.format);
    let settings = &place.config.config;
    let args = &CalibrateArgs {
        measure: args
            .measure
            .filled(settings.machine.as_deref(), settings.timeout),
        ..args.clone()
    };
    let mut ready = measuring::prepare(cx, place, &args.select, &args.measure)?;
    let candidates = ready.discovered.cases.clone();
    cx.say("measuring this code beside itself");
    let rule = PairedRule::standard(candidates.len());
    let runs = beside_itself(cx, args, &candidates, &rule)?;
    let sessions = sessions(cx, args, &mut ready, &candidates)?;
    let known = known_noise(cx, &ready, &sessions)?;
    let comparisons: Vec<Comparison> = sessions
        .windows(2)
        .map(|pair| screened(&pair[0], &pair[1], &known))
        .collect();
    let mut notes = known.notes();
    notes.extend(ready.notes());
    notes.extend(keep(cx, &ready, &sessions));
    let calibration = Calibration {
        title: sessions.last().map(title).unwrap_or_default(),
        sessions: sessions.len(),
        benchmarks: calibrated(&runs, &rule, &sessions, &comparisons, &known),
        notes,
    };
    cx.print(&calibration.render(format))?;
    Ok(exit_code(&calibration))
}

fn exit_code(calibration: &Calibration) -> ExitCode {
    let mut benchmarks = calibration.benchmarks.iter();
    if benchmarks
        .clone()
        .any(|benchmark| benchmark.failure.is_some())
    {
        ExitCode::Benchmark
    } else if benchmarks.any(|benchmark| benchmark.alarms > 0) {
        ExitCode::Regression
    } else {
        ExitCode::Fine
    }
}

/// The same build on both sides, by the engine and the rule of `--paired`.
fn beside_itself(
    cx: &Context,
    args: &CalibrateArgs,
    candidates: &[Candidate],
    rule: &PairedRule,
) -> Result<Vec<(BenchId, PairedRun)>, Failure> {
    let cases: Vec<PairedCase> = candidates
        .iter()
        .map(|candidate| Case {
            program: candidate.program.clone(),
            description: candidate.description.clone(),
            batch: None,
        })
        .map(|case| PairedCase {
            baseline: case.clone(),
            candidate: case,
        })
        .collect();
    let settings = PairSettings {
        timeout: args.measure.timeout(),
        ..rule.settings(Ready::settings(&args.measure).seed)
    };
    let mut reporter = Reporter::new(cx, candidates);
    let mut look = |_, run: &PairedRun| rule.look(run);
    let runs = conduct_pairs(&cases, &settings, &cx.stop, &mut reporter, &mut look);
    reporter.finish();
    let runs = runs.map_err(|error| Failure::new(Kind::Interrupted, error))?;
    let ids = candidates.iter().map(|candidate| candidate.id.clone());
    Ok(ids.zip(runs).collect())
}

/// Runs like those of `cargo perf run`, in batches of one size.
fn sessions(
    cx: &Context,
    args: &CalibrateArgs,
    ready: &mut Ready,
    candidates: &[Candidate],
) -> Result<Vec<RunRecord>, Failure> {
    let mut sessions: Vec<RunRecord> = Vec::new();
    for number in 1..=args.sessions {
        cx.say(format!("session {number} of {}", args.sessions));
        let first = sessions.first().cloned();
        let record = ready.measure(cx, &args.measure, candidates, |case| {
            benchmark_in(first.as_ref()?, &case.id)?.batch
        })?;
        sessions.push(record);
    }
    Ok(sessions)
}

/// What is known of this machine with these sessions.
fn known_noise(cx: &Context, ready: &Ready, sessions: &[RunRecord]) -> Result<KnownNoise, Failure> {
    let last = ready.resolve("last", &[])?;
    let today = today(cx);
    let runs = sessions
        .iter()
        .map(|record| PastRun::new(std::sync::Arc::new(record.clone()), today.clone(), None));
    Ok(ready.known_noise(&last).and(runs))
}

fn today(cx: &Context) -> String {
    day(cx.now).unwrap_or_default().replace('-', "")
}

/// One session against the next, by the rule for stored records.
fn screened(before: &RunRecord, after: &RunRecord, known: &KnownNoise) -> Comparison {
    let side = |benchmark, record| Side::pooled([benchmark], Session::of(record));
    let pairs: Vec<Pair> = after
        .benchmarks
        .iter()
        .filter_map(|benchmark| {
            let then = benchmark_in(before, &benchmark.id)?;
            Some(Pair {
                id: benchmark.id.clone(),
                baseline: Ok(side(then, before)),
                candidate: Some(side(benchmark, after)),
                caveat: None,
                noise: known.of(benchmark),
                drift: None,
            })
        })
        .collect();
    compare(&pairs, &DecisionRule::screen())
}

fn keep(cx: &Context, ready: &Ready, sessions: &[RunRecord]) -> Vec<String> {
    let day = today(cx);
    let taken = sessions
        .iter()
        .map(|record| store::Session {
            day: day.clone(),
            record: record.clone(),
        })
        .collect();
    match Calibrations::at(&ready.workspace.root).keep(taken, cx.now) {
        Ok(None) => vec![format!("kept in {}", Calibrations::file())],
        Ok(Some(aside)) => vec![format!(
            "kept in {}; what was there could not be read and is now {aside}",
            Calibrations::file()
        )],
        Err(error) => vec![format!("this calibration is not kept: {error}")],
    }
}

fn calibrated(
    runs: &[(BenchId, PairedRun)],
    rule: &PairedRule,
    sessions: &[RunRecord],
    comparisons: &[Comparison],
    known: &KnownNoise,
) -> Vec<Calibrated> {
    let paired = judge(runs, rule);
    let mut all: BTreeMap<BenchId, Calibrated> = BTreeMap::new();
    for ((id, run), judged) in runs.iter().zip(&paired.benchmarks) {
        let wall = judged
            .metrics
            .iter()
            .find(|metric| metric.metric == names::WALL);
        let effect = wall.and_then(|metric| metric.effect);
        let last = sessions.last().and_then(|record| benchmark_in(record, id));
        all.insert(
            id.clone(),
            Calibrated {
                id: id.clone(),
                failure: failure(run),
                forecast: forecast(run, rule),
                sessions: last.and_then(|benchmark| known.of(benchmark).get(names::WALL).copied()),
                seen_by_screen: None,
                seen_by_pairs: effect.map(|effect| effect.smallest_detectable.get()),
                pairs: run.launches.len(),
                alarms: alarms(&paired, id),
            },
        );
    }
    for comparison in comparisons {
        for judged in &comparison.benchmarks {
            let Some(calibrated) = all.get_mut(&judged.id) else {
                continue;
            };
            calibrated.alarms += alarms(comparison, &judged.id);
            if judged.verdict == Verdict::Failed {
                calibrated
                    .failure
                    .get_or_insert_with(|| judged.reason.clone());
            }
            let wall = judged
                .metrics
                .iter()
                .find(|metric| metric.metric == names::WALL);
            if let Some(metric) = wall {
                calibrated.seen_by_screen =
                    metric.effect.map(|effect| effect.smallest_detectable.get());
                calibrated.sessions = metric.sessions.or(calibrated.sessions);
            }
        }
    }
    all.into_values().collect()
}

/// How a run of pairs failed, on whichever side: both are the same program.
fn failure(run: &PairedRun) -> Option<String> {
    let failures = [&run.failures.baseline, &run.failures.candidate];
    let mut failures = failures.into_iter().flatten();
    failures.next().map(|failure| failure.message.clone())
}

/// Metrics of a benchmark that were called changed, though nothing was.
fn alarms(comparison: &Comparison, id: &BenchId) -> usize {
    let of = comparison
        .benchmarks
        .iter()
        .filter(|judged| judged.id == *id);
    let metrics = of.flat_map(|judged| &judged.metrics);
    let called = |verdict| matches!(verdict, Verdict::Regressed | Verdict::Improved);
    metrics.filter(|metric| called(metric.verdict)).count()
}

fn benchmark_in<'a>(record: &'a RunRecord, id: &BenchId) -> Option<&'a BenchmarkRecord> {
    record
        .benchmarks
        .iter()
        .find(|benchmark| benchmark.id == *id)
}

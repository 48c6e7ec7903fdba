//! `cargo perf calibrate`: this code against itself, to learn what this machine can tell.

use std::collections::BTreeMap;

use perf_runner::{Case, PairSettings, PairedCase, PairedRun, conduct_pairs};
use perf_schema::metric::names;
use perf_schema::{BenchId, BenchmarkRecord, ExitCode, Kind as CaseKind, RunRecord};

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
    let (candidates, limits) = timed(&ready)?;
    cx.say("measuring this code beside itself");
    let rule = PairedRule::standard(candidates.len());
    let runs = beside_itself(cx, args, &candidates, &rule)?;
    let sessions = sessions(cx, args, &mut ready, &candidates)?;
    let before = ready.known_noise(&ready.resolve("last", &[])?);
    let known = known_noise(cx, &ready, &sessions)?;
    let screened = Screened {
        judged: one_after_the_other(&sessions, &before),
        from_now_on: one_after_the_other(&sessions, &known),
    };
    let mut notes = known.notes();
    notes.extend(ready.notes());
    notes.extend(limits);
    notes.extend(keep(cx, &ready, &sessions));
    let calibration = Calibration {
        title: sessions.last().map(title).unwrap_or_default(),
        sessions: sessions.len(),
        benchmarks: calibrated(&runs, &rule, &sessions, &screened, &known),
        notes,
    };
    cx.print(&calibration.render(format, cx.look()))?;
    Ok(exit_code(&calibration))
}

/// What can be measured in pairs of launches, and a note of the limits, which cannot: a limit is searched.
fn timed(ready: &Ready) -> Result<(Vec<Candidate>, Option<String>), Failure> {
    let cases = ready.discovered.cases.iter().cloned();
    let (limits, timed): (Vec<Candidate>, Vec<Candidate>) =
        cases.partition(|case| case.description.kind == CaseKind::Limit);
    if timed.is_empty() {
        return Err(Failure::said(
            Kind::Coverage,
            "there is nothing to calibrate: all of these benchmarks are limits",
        )
        .help("`cargo perf limits --remeasure` shows how far a limit moves by itself"));
    }
    let note = match limits.as_slice() {
        [] => None,
        [one] => Some(format!(
            "{} is a limit, and is not calibrated",
            one.id.in_package()
        )),
        many => Some(format!("{} limits are not calibrated", many.len())),
    };
    Ok((timed, note))
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

/// Each session against the one before.
struct Screened {
    /// By what was known of this machine before: sessions that taught how much sessions differ would excuse themselves.
    judged: Vec<Comparison>,
    /// By what is known with them, as later comparisons will be.
    from_now_on: Vec<Comparison>,
}

fn one_after_the_other(sessions: &[RunRecord], known: &KnownNoise) -> Vec<Comparison> {
    sessions
        .windows(2)
        .map(|pair| screened(&pair[0], &pair[1], known))
        .collect()
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
    screened: &Screened,
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
    for comparison in &screened.judged {
        for judged in &comparison.benchmarks {
            if let Some(calibrated) = all.get_mut(&judged.id) {
                calibrated.alarms += alarms(comparison, &judged.id);
            }
        }
    }
    for comparison in &screened.from_now_on {
        for judged in &comparison.benchmarks {
            let Some(calibrated) = all.get_mut(&judged.id) else {
                continue;
            };
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

#[cfg(test)]
mod tests {
    use perf_schema::{Better, Metric, Samples, Unit};

    use super::*;
    use crate::store::fixture::{Sample, bench};

    /// Sessions of one benchmark around these centres.
    fn around(centres: &[f64]) -> Vec<RunRecord> {
        let mut rng = fastrand::Rng::with_seed(13);
        let mut measured = |centre: f64, scatter: f64| Metric::Measured {
            unit: Unit::NANOSECONDS,
            better: Better::Lower,
            exact: false,
            samples: Samples::quantise(
                &(0..20)
                    .map(|_| vec![centre * (1.0 + scatter * (rng.f64() - 0.5)); 3])
                    .collect::<Vec<_>>(),
            )
            .unwrap(),
        };
        let mut session = |&centre: &f64| {
            let mut record = Sample::new().benches(&["a"]).record();
            record.environment.binaries = Some("the same".to_owned());
            let metrics = &mut record.benchmarks[0].metrics;
            metrics.insert(names::WALL.to_owned(), measured(centre, 0.004));
            metrics.insert(names::GAUGE.to_owned(), measured(1000.0, 0.0));
            record
        };
        centres.iter().map(&mut session).collect()
    }

    fn alarms_of(sessions: &[RunRecord], known: &KnownNoise) -> usize {
        let compared = one_after_the_other(sessions, known);
        compared.iter().map(|one| alarms(one, &bench("a"))).sum()
    }

    #[test]
    fn sessions_do_not_excuse_themselves() {
        let wild = around(&[1000.0, 1300.0, 1000.0, 1300.0, 1000.0, 1300.0]);
        let nothing = || KnownNoise::of_runs(Vec::new());
        assert_eq!(alarms_of(&wild, &nothing()), 5);
        let day = "20260101".to_owned();
        let runs = wild
            .iter()
            .map(|record| PastRun::new(std::sync::Arc::new(record.clone()), day.clone(), None));
        // Whoever knows them already is surprised by nothing.
        assert_eq!(alarms_of(&wild, &nothing().and(runs)), 0);
        assert_eq!(alarms_of(&around(&[1000.0, 1001.0, 999.0]), &nothing()), 0);
    }
}

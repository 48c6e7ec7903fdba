//! The rules on noise that was recorded: launches of real benchmarks on a machine that did other things besides, in many
//! sessions, replayed. Equal code must not be called changed; what is made slower must be found.
//!
//! `recorded/noise.jsonl` holds a line for each benchmark of each session: its samples of wall time and its gauges by launch, as
//! records store them. `recorded/README.md` tells where it is from and how to make it anew. The comparisons share sessions, so they
//! are not independent: that none of so many is an alarm bounds the rate on this machine in those hours, and on no other.

use std::collections::BTreeMap;
use std::time::Duration;

use perf_runner::{End, Launch, PairedLaunch, PairedRun};
use perf_schema::metric::names;
use perf_schema::{BenchId, BenchmarkRecord, Better, Metric, Samples, Unit};
use serde::Deserialize;

use super::noise::Noise;
use super::paired::{PairedRule, judge};
use super::{DecisionRule, Pair, Session, Side, Verdict, compare};
use crate::store::fixture;

const NOISE: &str = include_str!("recorded/noise.jsonl");

#[derive(Deserialize)]
struct Recorded {
    session: usize,
    bench: String,
    batch: u64,
    wall: Samples,
    gauge: Samples,
}

/// By session and benchmark.
fn recorded() -> BTreeMap<usize, BTreeMap<String, Recorded>> {
    let mut sessions: BTreeMap<usize, BTreeMap<String, Recorded>> = BTreeMap::new();
    for line in NOISE.lines() {
        let found: Recorded = serde_json::from_str(line).unwrap();
        let session = sessions.entry(found.session).or_default();
        session.insert(found.bench.clone(), found);
    }
    assert!(sessions.len() >= 20, "{} sessions", sessions.len());
    sessions
}

fn slowed(samples: &Samples, factor: f64) -> Samples {
    let launches: Vec<Vec<f64>> = samples
        .launches()
        .into_iter()
        .map(|launch| launch.into_iter().map(|ns| ns * factor).collect())
        .collect();
    Samples::quantise(&launches).unwrap()
}

fn record_of(found: &Recorded, factor: f64) -> BenchmarkRecord {
    let measured = |samples, better| Metric::Measured {
        unit: Unit::NANOSECONDS,
        better,
        exact: false,
        samples,
    };
    let mut record = fixture::benchmark(&found.bench);
    record.batch = Some(found.batch);
    record.metrics = [
        (
            names::WALL.to_owned(),
            measured(slowed(&found.wall, factor), Better::Lower),
        ),
        (
            names::GAUGE.to_owned(),
            measured(found.gauge.clone(), Better::Neither),
        ),
    ]
    .into();
    record
}

fn session_of(records: &[BenchmarkRecord]) -> Option<Session> {
    let mut run = fixture::Sample::new().record;
    run.benchmarks = records.to_vec();
    Session::of(&run)
}

/// How many of the benchmarks of each pair of sessions, the later one made so many times as slow, came out as this.
fn screened(factor: f64) -> BTreeMap<Verdict, usize> {
    let sessions: Vec<_> = recorded().into_values().collect();
    let side = |session: &BTreeMap<String, Recorded>, factor: f64| -> Vec<BenchmarkRecord> {
        session
            .values()
            .map(|found| record_of(found, factor))
            .collect()
    };
    let mut counts = BTreeMap::new();
    for (at, old) in sessions.iter().enumerate() {
        let then = side(old, 1.0);
        for new in &sessions[at + 1..] {
            let now = side(new, factor);
            let during = (session_of(&then), session_of(&now));
            let pairs: Vec<Pair> = then
                .iter()
                .zip(&now)
                .map(|(then, now)| Pair {
                    id: now.id.clone(),
                    baseline: Ok(Side::pooled([then], during.0)),
                    candidate: Some(Side::pooled([now], during.1)),
                    caveat: None,
                    noise: Noise::new(),
                    drift: None,
                })
                .collect();
            for judged in compare(&pairs, &DecisionRule::screen()).benchmarks {
                *counts.entry(judged.verdict).or_default() += 1;
            }
        }
    }
    counts
}

/// Neighbouring launches of four sessions set beside each other as pairs, which of them is the candidate tossed, and that one made so
/// many times as slow: how often each came out as what. Between them lie a round of other benchmarks and the luck of two processes, so
/// they lie further apart than pairs that take turns.
fn paired(factor: f64) -> BTreeMap<String, BTreeMap<Verdict, usize>> {
    const TOSSES: u64 = 30;
    let sessions: Vec<_> = recorded().into_values().collect();
    let rule = PairedRule::standard(1);
    let mut counts: BTreeMap<String, BTreeMap<Verdict, usize>> = BTreeMap::new();
    for some in sessions.chunks_exact(4) {
        for (bench, first) in &some[0] {
            for toss in 0..TOSSES {
                let mut rng = fastrand::Rng::with_seed(toss);
                let launches = some
                    .iter()
                    .flat_map(|session| pairs(&session[bench], factor, &mut rng));
                let run = PairedRun {
                    batch: Some(first.batch),
                    launches: launches.collect(),
                    spent: Duration::from_secs(4),
                    end: End::Budget,
                    ..PairedRun::default()
                };
                let id = BenchId::new("suite", "cpu", bench).unwrap();
                let judged = judge(&[(id, run)], &rule).benchmarks.remove(0);
                let of = counts.entry(bench.clone()).or_default();
                *of.entry(judged.verdict).or_default() += 1;
            }
        }
    }
    counts
}

fn pairs(found: &Recorded, factor: f64, rng: &mut fastrand::Rng) -> Vec<PairedLaunch> {
    let (wall, gauge) = (found.wall.launches(), found.gauge.launches());
    let all: Vec<(&Vec<f64>, &Vec<f64>)> = wall.iter().zip(&gauge).collect();
    let two = all.chunks_exact(2).map(|two| {
        let is_turned = rng.bool();
        let (one, other) = if is_turned { (1, 0) } else { (0, 1) };
        PairedLaunch {
            baseline: launch(two[one], found.batch, 1.0),
            candidate: launch(two[other], found.batch, factor),
            baseline_first: !is_turned,
        }
    });
    two.collect()
}

fn launch((wall, gauge): (&Vec<f64>, &Vec<f64>), batch: u64, factor: f64) -> Launch {
    // Whole nanoseconds of whole batches, as they were read.
    let whole = |ns: f64| format!("{ns:.0}").parse().unwrap();
    let samples = wall.iter().map(|ns| whole(ns * batch as f64 * factor));
    Launch {
        wall_ns: samples.collect(),
        gauge_ns: gauge.iter().map(|&ns| whole(ns)).collect(),
        ..Launch::default()
    }
}

fn of(counts: &BTreeMap<Verdict, usize>, verdict: Verdict) -> usize {
    counts.get(&verdict).copied().unwrap_or(0)
}

#[test]
fn the_screen_calls_nothing_changed_between_sessions_of_one_code_and_finds_what_is_slower() {
    let [equal, slower, much_slower] = [1.0, 1.1, 1.2].map(screened);
    eprintln!("screen: equal {equal:?}, +10 % {slower:?}, +20 % {much_slower:?}");
    let all: usize = equal.values().sum();
    assert!(all >= 1000, "{all} comparisons");
    let alarms = of(&equal, Verdict::Regressed) + of(&equal, Verdict::Improved);
    assert_eq!(alarms, 0, "{equal:?}");
    for (found, least) in [(slower, 0.8), (much_slower, 0.99)] {
        assert_eq!(of(&found, Verdict::Improved), 0, "{found:?}");
        let share = of(&found, Verdict::Regressed) as f64 / all as f64;
        assert!(share >= least, "{found:?}");
    }
}

#[test]
fn side_by_side_nothing_is_called_changed_and_ten_per_cent_are_found() {
    let (equal, slower) = (paired(1.0), paired(1.1));
    for (bench, equal) in &equal {
        let slower = &slower[bench];
        eprintln!("side by side, {bench}: equal {equal:?}, +10 % {slower:?}");
    }
    let sum = |counts: &BTreeMap<String, BTreeMap<Verdict, usize>>, verdict| {
        let each = counts.values().map(|of_bench| of(of_bench, verdict));
        each.sum::<usize>()
    };
    let all: usize = equal.values().flat_map(BTreeMap::values).sum();
    assert!(all >= 1000, "{all} comparisons");
    let alarms = sum(&equal, Verdict::Regressed) + sum(&equal, Verdict::Improved);
    // 0.1 % is what the rule allows.
    assert!(alarms <= all / 1000, "{alarms} of {all}: {equal:?}");
    assert_eq!(sum(&slower, Verdict::Improved), 0, "{slower:?}");
    let found = sum(&slower, Verdict::Regressed) as f64 / all as f64;
    assert!(found >= 0.9, "{found}: {slower:?}");
}

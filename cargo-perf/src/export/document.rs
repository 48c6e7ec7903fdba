//! JSON: of each benchmark the list of its runs, an entry on each line.
//!
//! An entry has the members that the performance tracking suite documents for its histories, and after them all else that is known.

use std::io::{self, Write};

use perf_schema::{BenchId, Better, Failure, FailureKind, SearchEnd, Unit};
use serde::Serialize;

use super::compat::{MILLISECOND, timestamp};
use super::entry::{committed, measured};
use super::{Entry, Names, Status};
use crate::series::{LeftOut, Seen, build_digest};
use crate::store::index::Probe;

/// Version of the shape. Members are only ever added to it.
const SCHEMA: u32 = 1;

/// What the document is about.
#[derive(Clone, Debug)]
pub struct Head<'a> {
    /// The line of commits, as it was named; nothing where HEAD was meant.
    pub reference: Option<&'a str>,
    /// Its end; absent outside git.
    pub tip: Option<&'a str>,
    /// When it was made: `2026-01-31T12:00:00Z`.
    pub generated: Option<String>,
    /// Runs that are not in it.
    pub left_out: LeftOut,
}

#[derive(Serialize)]
struct HeadWire<'a> {
    schema: u32,
    command: &'static str,
    cargo_perf: &'static str,
    generated: Option<String>,
    reference: Option<String>,
    tip: Option<String>,
    names_hashed: bool,
    left_out: &'a LeftOut,
}

/// A document that is being written.
pub struct Document<'a, W: Write> {
    to: W,
    names: &'a Names,
    open: Option<BenchId>,
}

impl<'a, W: Write> Document<'a, W> {
    /// Writes what it is about.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(mut to: W, head: &Head<'_>, names: &'a Names) -> io::Result<Self> {
        let wire = HeadWire {
            schema: SCHEMA,
            command: "export",
            cargo_perf: env!("CARGO_PKG_VERSION"),
            generated: head.generated.clone(),
            reference: head.reference.map(|name| names.branch(name)),
            tip: head.tip.map(|sha| names.commit(sha)),
            names_hashed: !names.is_plain(),
            left_out: &head.left_out,
        };
        let text = serde_json::to_string(&wire)?;
        // The lists are the last member, and are not there yet.
        let members = text.strip_suffix('}').unwrap_or(&text);
        write!(to, "{members},\n\"tests\":{{")?;
        Ok(Self {
            to,
            names,
            open: None,
        })
    }

    /// Writes an entry. All entries of a benchmark have to come one after the other.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn entry(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        if self.open.as_ref() == Some(entry.benchmark) {
            self.to.write_all(b",\n")?;
        } else {
            let name = self.names.benchmark(&entry.benchmark.to_string());
            let before = if self.open.is_some() { "\n],\n" } else { "\n" };
            writeln!(self.to, "{before}{}:[", serde_json::to_string(&name)?)?;
            self.open = Some(entry.benchmark.clone());
        }
        Ok(serde_json::to_writer(
            &mut self.to,
            &EntryWire::of(entry, self.names),
        )?)
    }

    /// Writes the end.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn end(mut self) -> io::Result<()> {
        let end = if self.open.is_some() {
            "\n]\n}}\n"
        } else {
            "}}\n"
        };
        self.to.write_all(end.as_bytes())?;
        self.to.flush()
    }
}

#[derive(Serialize)]
struct EntryWire<'a> {
    test_name: String,
    timestamp: Option<String>,
    success_count: u32,
    failure_count: u32,
    total_count: u64,
    success_rate: Option<f64>,
    execution_time_mean: Option<f64>,
    execution_time_median: Option<f64>,
    execution_time_max: Option<f64>,
    execution_time_min: Option<f64>,
    execution_time_stdev: Option<f64>,
    response_time_mean: Option<f64>,
    response_time_median: Option<f64>,
    response_time_max: Option<f64>,
    response_time_min: Option<f64>,
    status: Status,
    measured: Option<String>,
    commit: Option<CommitWire<'a>>,
    on_line: bool,
    machine: MachineWire<'a>,
    build: BuildWire<'a>,
    rustc: &'a str,
    definition: Option<String>,
    metrics: Vec<MetricWire<'a>>,
    limit: Option<LimitWire<'a>>,
    errors: Vec<FailureWire<'a>>,
    record: String,
}

#[derive(Serialize)]
struct CommitWire<'a> {
    sha: String,
    branch: Option<String>,
    dirty: bool,
    committed: Option<String>,
    subject: Option<&'a str>,
}

#[derive(Serialize)]
struct MachineWire<'a> {
    class: String,
    cpu: &'a str,
    governor: Option<&'a str>,
    virtualisation: Option<&'a str>,
}

#[derive(Serialize)]
struct BuildWire<'a> {
    digest: String,
    profile: String,
    target: &'a str,
    features: Vec<String>,
    flags: Option<&'a str>,
    clock: &'a str,
}

#[derive(Serialize)]
struct MetricWire<'a> {
    metric: String,
    unit: &'a Unit,
    better: Better,
    exact: bool,
    status: Status,
    value: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    launches: Option<usize>,
    budget: Option<f64>,
    absent: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    samples: Option<Vec<Vec<f64>>>,
}

#[derive(Serialize)]
struct LimitWire<'a> {
    largest_pass: Option<u64>,
    smallest_fail: Option<u64>,
    end: SearchEnd,
    levels: Vec<LevelWire<'a>>,
}

#[derive(Serialize)]
struct LevelWire<'a> {
    n: u64,
    passed: bool,
    broke: Option<&'a str>,
    failure: Option<&'a str>,
    wall_ns: Option<u64>,
    cpu_ns: Option<u64>,
    memory_bytes: Option<u64>,
}

#[derive(Serialize)]
struct FailureWire<'a> {
    kind: FailureKind,
    signal: Option<i32>,
    launch: u32,
    elapsed_ms: u64,
    message: Option<&'a str>,
}

impl<'a> EntryWire<'a> {
    fn of(entry: &'a Entry<'_>, names: &Names) -> Self {
        let (passed, failed) = entry.launches();
        let spread = entry.spread;
        let ms = |ns: Option<f64>| ns.map(|ns| ns / MILLISECOND);
        let called = |metric: &str| {
            let seen = entry.metric(metric)?;
            ms(Some(seen.figure?.value))
        };
        let run = entry.run;
        let commit = run.commit.as_ref();
        Self {
            test_name: names.benchmark(&entry.benchmark.to_string()),
            timestamp: timestamp(entry),
            success_count: passed,
            failure_count: failed,
            total_count: u64::from(passed) + u64::from(failed),
            success_rate: entry.success_rate(),
            execution_time_mean: ms(spread.map(|spread| spread.mean)),
            execution_time_median: ms(spread.map(|spread| spread.median)),
            execution_time_max: ms(spread.map(|spread| spread.max)),
            execution_time_min: ms(spread.map(|spread| spread.min)),
            execution_time_stdev: ms(spread.and_then(|spread| spread.stdev)),
            // Of single calls percentiles are recorded, and no mean nor least.
            response_time_mean: None,
            response_time_median: called(perf_schema::metric::names::LATENCY_P50),
            response_time_max: called(perf_schema::metric::names::LATENCY_MAX),
            response_time_min: None,
            status: entry.status(),
            measured: measured(run),
            commit: commit.map(|commit| CommitWire {
                sha: names.commit(commit.sha.as_str()),
                branch: commit.branch.as_deref().map(|branch| names.branch(branch)),
                dirty: commit.dirty,
                committed: committed(run),
                subject: names.prose(&commit.subject),
            }),
            on_line: entry.on_line,
            machine: MachineWire {
                class: names.machine(&run.class),
                cpu: &run.cpu,
                governor: run.governor.as_deref(),
                virtualisation: run.virtualisation.as_deref(),
            },
            build: BuildWire {
                digest: names.build(&build_digest(&run.build, &run.clock)),
                profile: names.profile(&run.build.profile),
                target: &run.build.target,
                features: run
                    .build
                    .features
                    .iter()
                    .map(|it| names.feature(it))
                    .collect(),
                flags: names.prose(&run.build.flags),
                clock: &run.clock,
            },
            rustc: &run.rustc,
            definition: entry
                .headline()
                .map(|seen| names.definition(seen.definition.as_str())),
            metrics: entry
                .seen
                .iter()
                .map(|seen| MetricWire::of(entry, seen, names))
                .collect(),
            limit: limit(entry, names),
            errors: entry
                .failures
                .iter()
                .map(|failure| FailureWire::of(failure, names))
                .collect(),
            record: names.record(run.record.as_str()),
        }
    }
}

impl<'a> MetricWire<'a> {
    fn of(entry: &'a Entry<'_>, seen: &'a Seen, names: &Names) -> Self {
        let figure = seen.figure;
        let interval = figure.and_then(|figure| figure.interval);
        let samples = entry.samples.get(seen.metric.as_str());
        Self {
            metric: names.metric(&seen.metric),
            unit: &seen.meaning.unit,
            better: seen.meaning.better,
            exact: seen.meaning.exact,
            status: Status::of(seen),
            value: figure.map(|figure| figure.value),
            low: interval.map(|(low, _)| low),
            high: interval.map(|(_, high)| high),
            launches: figure.map(|figure| figure.launches),
            budget: seen.budget,
            absent: seen.absent.as_deref().and_then(|why| names.prose(why)),
            samples: samples.map(perf_schema::Samples::launches),
        }
    }
}

impl<'a> FailureWire<'a> {
    fn of(failure: &'a Failure, names: &Names) -> Self {
        Self {
            kind: failure.kind,
            signal: failure.signal,
            launch: failure.launch,
            elapsed_ms: failure.elapsed_ms,
            message: names.prose(&failure.message),
        }
    }
}

fn limit<'a>(entry: &'a Entry<'_>, names: &Names) -> Option<LimitWire<'a>> {
    let bracket = entry.seen.iter().find_map(|seen| seen.bracket)?;
    let level = |probe: &'a Probe| LevelWire {
        n: probe.n,
        passed: probe.broke.is_none() && probe.failure.is_none(),
        broke: probe.broke.as_deref(),
        failure: probe.failure.as_deref().and_then(|said| names.prose(said)),
        wall_ns: probe.wall_ns,
        cpu_ns: probe.cpu_ns,
        memory_bytes: probe.memory_bytes,
    };
    Some(LimitWire {
        largest_pass: bracket.largest_pass,
        smallest_fail: bracket.smallest_fail,
        end: bracket.end,
        levels: entry.probes.iter().map(level).collect(),
    })
}

//! The columns of our own: a row for each metric of each benchmark of each run.

use perf_schema::Better;

use super::cell::{number, some_text, text};
use super::entry::{committed, measured};
use super::{Entry, Names, Status};
use crate::series::{Seen, build_digest};

/// What each column is called. New ones are added at the end.
pub(super) const COLUMNS: [&str; 28] = [
    "benchmark",
    "metric",
    "status",
    "value",
    "low",
    "high",
    "unit",
    "better",
    "exact",
    "launches",
    "passed",
    "failed",
    "reason",
    "budget",
    "commit",
    "branch",
    "dirty",
    "on_line",
    "committed",
    "measured",
    "subject",
    "machine",
    "cpu",
    "rustc",
    "profile",
    "build",
    "definition",
    "record",
];

/// The cells of a metric, in the order of the columns.
pub(super) fn cells(entry: &Entry<'_>, seen: &Seen, names: &Names) -> [String; COLUMNS.len()] {
    let run = entry.run;
    let commit = run.commit.as_ref();
    let figure = seen.figure;
    let interval = figure.and_then(|figure| figure.interval);
    let prose = |found: Option<&str>| some_text(found.and_then(|text| names.prose(text)));
    let branch = commit.and_then(|commit| commit.branch.as_deref());
    [
        text(&names.benchmark(&entry.benchmark.to_string())),
        text(&names.metric(&seen.metric)),
        Status::of(seen).word().to_owned(),
        number(figure.map(|figure| figure.value)),
        number(interval.map(|(low, _)| low)),
        number(interval.map(|(_, high)| high)),
        text(seen.meaning.unit.as_str()),
        direction(seen.meaning.better).to_owned(),
        seen.meaning.exact.to_string(),
        figure.map_or(String::new(), |figure| figure.launches.to_string()),
        seen.passed.to_string(),
        seen.failed.to_string(),
        prose(reason(seen)),
        number(seen.budget),
        commit.map_or(String::new(), |commit| names.commit(commit.sha.as_str())),
        some_text(branch.map(|branch| names.branch(branch)).as_deref()),
        commit.map_or(String::new(), |commit| commit.dirty.to_string()),
        entry.on_line.to_string(),
        committed(run).unwrap_or_default(),
        measured(run).unwrap_or_default(),
        prose(commit.map(|commit| commit.subject.as_str())),
        text(&names.machine(&run.class)),
        text(&run.cpu),
        text(&run.rustc),
        text(&names.profile(&run.build.profile)),
        names.build(&build_digest(&run.build, &run.clock)),
        names.definition(seen.definition.as_str()),
        names.record(run.record.as_str()),
    ]
}

const fn direction(better: Better) -> &'static str {
    match better {
        Better::Lower => "lower",
        Better::Higher => "higher",
        Better::Neither => "neither",
    }
}

/// Why there is no value, or what went wrong besides.
fn reason(seen: &Seen) -> Option<&str> {
    let failure = seen.failure.as_ref().map(|failed| failed.message.as_str());
    let absent = seen.absent.as_deref();
    match Status::of(seen) {
        Status::Absent => absent.or(failure),
        _ => failure.or(absent),
    }
}

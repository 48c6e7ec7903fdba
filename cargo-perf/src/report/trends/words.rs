//! Cells and sentences that every format has in common.

use perf_schema::{Better, Ratio, Unit};

use super::{TrendReport, View};
use crate::report::quantity::{exact, quantity};
use crate::report::steps::{change, circumstances, in_brackets, percent};
use crate::report::trail::sparkline;
use crate::report::{noted_sentences, percent_change, printable};
use crate::series::LeftOut;
use crate::store::day;
use crate::trend::{Class, Profile, Track, Trend};

/// The most steps that are told of one series; the newest count.
const STEPS: usize = 5;

/// Headings of a view, the first of words.
pub(super) const fn headings(view: View) -> [&'static str; 6] {
    match view {
        View::Trend => ["benchmark", "level", "change", "trend", "runs", "history"],
        View::Latest => ["benchmark", "latest", "at", "of", "success", ""],
        View::Profile => ["benchmark", "median", "p95", "success", "trend", "health"],
    }
}

/// The lines of a machine class and build: cells, and the sentences below.
pub(super) fn lines(report: &TrendReport, group: (&str, &str)) -> Vec<([String; 6], Vec<String>)> {
    let of_group = |class: &str, build: &str| (class, build) == group;
    match report.view {
        View::Profile => report
            .profiles
            .iter()
            .filter(|profile| of_group(&profile.class, &profile.build))
            .map(|profile| (profiled(profile), memory(profile)))
            .collect(),
        view => report
            .trends
            .iter()
            .filter(|trend| of_group(&trend.key.class, &trend.key.build))
            .map(|trend| match view {
                View::Latest => (latest(trend), failing(trend).into_iter().collect()),
                _ => (cells(trend), sentences(trend, report)),
            })
            .collect(),
    }
}

fn name(trend: &Trend) -> String {
    let id = trend.key.id.in_package();
    match trend.key.metric.as_str() {
        "wall" | "limit" => printable(&id),
        metric => printable(&format!("{id} {metric}")),
    }
}

fn shown(value: f64, unit: &Unit, is_exact: bool) -> String {
    if is_exact {
        exact(value, unit)
    } else {
        quantity(value, unit)
    }
}

fn cells(trend: &Trend) -> [String; 6] {
    let level = trend
        .level
        .map(|level| shown(level, &trend.unit, trend.exact));
    let change = trend
        .change
        .map(|change| match change.ratio.and_then(Ratio::new) {
            Some(ratio) => percent_change(ratio),
            None => format!("from {}", shown(change.from, &trend.unit, trend.exact)),
        });
    [
        name(trend),
        level.unwrap_or_else(|| "-".to_owned()),
        change.unwrap_or_default(),
        trend.class.word().to_owned(),
        trend.runs.executions.to_string(),
        sparkline(&trend.values),
    ]
}

fn latest(trend: &Trend) -> [String; 6] {
    let figure = trend.latest.as_ref().map(|latest| latest.figure.value);
    let commit = trend
        .latest
        .as_ref()
        .and_then(|latest| latest.commit.as_ref());
    let runs = trend.runs;
    [
        name(trend),
        figure.map_or_else(
            || "-".to_owned(),
            |value| shown(value, &trend.unit, trend.exact),
        ),
        commit.map_or_else(String::new, |commit| commit.sha.short(7).to_owned()),
        commit
            .and_then(|commit| day(commit.committed))
            .unwrap_or_default(),
        share(runs.passed, runs.passed + runs.failed),
        String::new(),
    ]
}

fn profiled(profile: &Profile) -> [String; 6] {
    let quantity =
        |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |v| quantity(v, &profile.unit));
    let health = profile.health.zip(profile.status);
    let reliable = profile
        .reliability
        .map_or("", |reliability| reliability.word());
    [
        printable(&profile.benchmark.in_package()),
        quantity(profile.median),
        quantity(profile.p95),
        format!(
            "{} {reliable}",
            share(
                profile.runs.passed,
                profile.runs.passed + profile.runs.failed
            )
        )
        .trim_end()
        .to_owned(),
        profile.trend.word().to_owned(),
        health.map_or_else(
            || "-".to_owned(),
            |(health, status)| format!("{:.0} {}", health.get(), status.word()),
        ),
    ]
}

fn share(part: usize, all: usize) -> String {
    format!("{part}/{all}")
}

fn memory(profile: &Profile) -> Vec<String> {
    let memory = profile
        .memory
        .map(|bytes| format!("largest memory {}", quantity(bytes, &Unit::BYTES)));
    memory.into_iter().collect()
}

fn failing(trend: &Trend) -> Option<String> {
    let failed = trend.failing.as_ref()?;
    Some(printable(&format!(
        "the newest run failed: {}",
        failed.message
    )))
}

/// What is to be said of a series besides its cells.
fn sentences(trend: &Trend, report: &TrendReport) -> Vec<String> {
    let mut said: Vec<String> = failing(trend).into_iter().collect();
    if let Some(reason) = &trend.reason {
        said.push(printable(reason));
    }
    if trend.runs.failed > 0 {
        said.push(format!(
            "{} of its runs failed; they are in no figure",
            trend.runs.failed
        ));
    }
    let untold = trend.steps.len().saturating_sub(STEPS);
    if untold > 0 {
        said.push(format!("{untold} earlier changes, in --format json"));
    }
    said.extend(
        trend.steps[untold..]
            .iter()
            .map(|step| format!("{}{}", change(step), circumstances(step))),
    );
    said.extend(trend.slope.filter(|slope| slope.drifts).map(|slope| {
        let per_day = slope
            .per_day
            .map(|track| format!(", {} a day", track_in_words(track)));
        format!(
            "drifts by {} a commit{}, r² {:.2}",
            track_in_words(slope.per_commit),
            per_day.unwrap_or_default(),
            slope.r_squared
        )
    }));
    if let Some(since) = trend.since.filter(|since| since.stands || since.pinned) {
        let from = match (&report.anchor, since.pinned) {
            (Some(anchor), true) => printable(anchor),
            _ => "its oldest comparable runs".to_owned(),
        };
        let interval = since.interval.map(in_brackets).unwrap_or_default();
        said.push(format!("{}{interval} since {from}", percent(since.ratio)));
    }
    if let Some(forecast) = trend.forecast {
        let days = forecast.days.map(|days| format!(", {days:.0} days"));
        let (soonest, latest) = forecast.between;
        let latest = latest.map_or_else(|| "never".to_owned(), |latest| format!("{latest:.0}"));
        let crosses = match trend.better {
            Better::Higher => "falls below",
            Better::Lower | Better::Neither => "goes beyond",
        };
        said.push(format!(
            "{crosses} its budget of {} in about {:.0} commits ({soonest:.0} to {latest}){}, if it goes on so",
            quantity(forecast.budget, &trend.unit),
            forecast.commits,
            days.unwrap_or_default()
        ));
    }
    let parting = trend.begins_with.iter().filter(|mark| mark.kind.parts());
    said.extend(parting.map(|mark| {
        let to = printable(&mark.to);
        format!(
            "runs before a new {} ({to}) are not compared with",
            mark.kind.word()
        )
    }));
    said
}

fn track_in_words(track: Track) -> String {
    let percent = |value: f64| format!("{:+.3} %", value * 100.0);
    let (low, high) = track.interval;
    format!(
        "{} [{}, {}]",
        percent(track.value),
        percent(low),
        percent(high)
    )
}

/// What a suite comes to, in one line.
pub(super) fn summary(report: &TrendReport) -> String {
    let summary = &report.summary;
    let mut parts: Vec<String> = Class::ALL
        .iter()
        .filter_map(|class| Some(format!("{} {}", summary.classes.get(class)?, class.word())))
        .collect();
    if summary.failing > 0 {
        parts.push(format!("{} failing now", summary.failing));
    }
    let plural = if summary.benchmarks == 1 { "" } else { "s" };
    format!(
        "{} benchmark{plural}: {}",
        summary.benchmarks,
        parts.join(", ")
    )
}

/// What else should be known, and what was left out.
pub(super) fn notes(report: &TrendReport) -> Vec<String> {
    let noted = noted_sentences(&report.noted);
    let told = noted.iter().chain(&report.notes);
    let mut notes: Vec<String> = told.map(|note| printable(note)).collect();
    notes.extend(left_out(report.left_out));
    notes
}

/// The runs that are in no series, and why; nothing where all are in one.
#[must_use]
pub fn left_out(left: LeftOut) -> Option<String> {
    let kinds = [
        (left.dirty, "of uncommitted code"),
        (left.elsewhere, "of commits that are not on this line"),
        (left.no_commit, "of no commit"),
    ];
    let kinds: Vec<String> = kinds
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    (!kinds.is_empty()).then(|| format!("runs left out: {}", kinds.join(", ")))
}

/// The heading of a machine class and build.
pub(super) fn group(report: &TrendReport, (class, build): (&str, &str)) -> String {
    let several = report.groups().len() > 1;
    let build = if several {
        format!(", build {build}")
    } else {
        String::new()
    };
    printable(&format!("on {class}{build}"))
}

/// What is looked at.
pub(super) fn title(report: &TrendReport) -> String {
    let tip = report
        .tip
        .as_ref()
        .map(|tip| format!(" at {}", tip.short(7)));
    printable(&format!(
        "{}{}, classes over {} days",
        report.reference,
        tip.unwrap_or_default(),
        report.window_days
    ))
}

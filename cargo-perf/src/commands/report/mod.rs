//! `cargo perf report`: what the records along a line of commits say, as a dashboard or in any other format.

mod ledger;
mod open;
mod period;
mod steps;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use perf_schema::{BenchId, ExitCode, RunRecord, Sha};

use super::measuring::{Place, repository_failure, repository_tip};
use super::pairing::benchmark_of;
use super::showing;
use super::title::title;
use crate::cli::ReportArgs;
use crate::compare::Severity;
use crate::compare::Swept;
use crate::compare::rules::Rules;
use crate::context::Context;
use crate::failure::Failure;
use crate::plan::{Selection, Wanted};
use crate::report::html::{self, Packed};
use crate::report::{About, Command, Report, Row, printable, schema};
use crate::repository::Repository;
use crate::series::{Assembly, RunHeader, Series};
use crate::store::{Listing, day, order};
use ledger::Ledger;
use period::{Period, Whole};
use steps::Steps;

/// Runs of which the page shows the launches.
const LAUNCHES_OF: usize = 5;

/// Points of a trail.
const TRAIL: usize = 60;

/// Reads the records, compares the ends of the period, and shows all that.
///
/// # Errors
/// When the records cannot be read or a report not be written.
pub fn exec(args: &ReportArgs, cx: &Context) -> Result<ExitCode, Failure> {
    if args.schema {
        cx.print(schema())?;
        return Ok(ExitCode::Fine);
    }
    let place = Place::find(cx, args.manifest_path.as_deref())?;
    let rendering = showing::rendering(cx, args.format, &place.config);
    let root = &place.workspace.root;
    let repository = place.repository.as_ref();
    let selection = Selection {
        filters: args.filters.clone(),
        exact: args.exact,
        ignored: true,
        wanted: Wanted::InQuiet,
    };
    let wanted = |id: &BenchId| selection.takes(id, false);
    let tip = repository_tip(repository, args.reference.as_deref())?;
    let listing = Listing::at(root, repository, tip.as_ref()).map_err(repository_failure)?;
    let files = ledger::files(&listing);
    let ledger = ledger::read(root, &files, wanted);
    let headers: Vec<&RunHeader> = ledger.runs.iter().map(|(header, _)| header).collect();
    let (order, said) = order(repository, tip.as_ref(), &headers).map_err(repository_failure)?;
    let read = |run| period::record_of(&ledger, &files, run, repository, wanted);
    let period = Period::find(&order, &ledger, i64::from(args.period), read)
        .filter(|_| ledger.benchmarks().next().is_some());
    let assembly = Assembly::new(&order, headers.into_iter().cloned().collect());
    let mut report = match &period {
        Some(period) => report_of(cx, repository, period, &place.config.config.rules),
        None => nothing(args),
    };
    report
        .notes
        .extend(listing.notes.iter().chain(&said).cloned());
    report.notes.extend(left_out(&assembly));
    let faults = listing.faults.iter().chain(&ledger.faults);
    report
        .notes
        .extend(faults.map(|fault| printable(&format!("left out: {fault}"))));
    let series = pack(&ledger, &assembly, period.as_ref(), &mut report);
    let facts = facts(args, period.as_ref(), &series);
    if let Some(path) = &args.html {
        let file = file_in(cx, path);
        let name = root
            .file_name()
            .map_or("benchmarks".into(), |name| name.to_string_lossy());
        let text = html::render(&report, &format!("{name}: performance"), facts, series);
        showing::write(&file, &text)?;
        cx.say(format!("written to {}", file.display()));
        if args.open {
            open::in_browser(&file)?;
        }
    }
    if args.html.is_none() || args.format.is_some() || !args.output.is_empty() {
        showing::show(cx, &report, rendering, &args.output)?;
    }
    Ok(report.exit_code)
}

/// Where the page goes: what is no HTML file is a folder.
fn file_in(cx: &Context, path: &Path) -> PathBuf {
    let path = cx.directory.join(path);
    let is_page = path
        .extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("html") || end.eq_ignore_ascii_case("htm"));
    if is_page && !path.is_dir() {
        path
    } else {
        path.join("index.html")
    }
}

fn nothing(args: &ReportArgs) -> Report {
    let filtered = !args.filters.is_empty();
    let note = if filtered {
        "no record on this line has a benchmark of that name; `cargo perf report` without one shows those there are"
    } else {
        "no record is of a commit on this line; `cargo perf run` keeps one, `cargo perf run --save` keeps one in git"
    };
    Report {
        command: Command::Report,
        candidate: if filtered {
            "nothing is recorded of that name"
        } else {
            "nothing is recorded"
        }
        .to_owned(),
        baseline: None,
        typed: None,
        rows: Vec::new(),
        sweeps: Vec::new(),
        expectations: Vec::new(),
        notes: vec![note.to_owned()],
        reproduce: None,
        about: About::default(),
        exit_code: ExitCode::Coverage,
    }
}

fn report_of(
    cx: &Context,
    repository: Option<&Repository>,
    period: &Period,
    rules: &Rules,
) -> Report {
    let (record, older) = period.candidate();
    let comparison = period.compare(&record, rules);
    let mut rows = Row::of(&record, comparison.as_ref());
    if let Some(comparison) = &comparison {
        // A report is for looking: nothing in it fails by having changed.
        let rules = Rules {
            asked: Some(Severity::None),
            ..rules.clone()
        };
        let assessment = comparison.assess(&rules);
        rows.iter_mut().for_each(|row| row.assess(&assessment));
    }
    let mut notes = Vec::new();
    if comparison.is_some() {
        notes.push("verdicts are those of stored records beside each other; `cargo perf compare` measures again before it calls anything worse".to_owned());
    }
    if older > 0 {
        let plural = if older == 1 { "" } else { "s" };
        notes.push(format!(
            "{older} benchmark{plural} of runs before the newest, which did not measure them"
        ));
    }
    let first = period.first.as_ref().filter(|_| comparison.is_some());
    let sha = |record: &RunRecord| record.commit.as_ref().map(|commit| commit.sha.clone());
    let mut about = showing::about(cx, &record.machine, &record.environment);
    let from = first.and_then(|first| sha(&first.record));
    about.range = showing::range(repository, from.as_ref(), sha(&record).as_ref());
    Report {
        command: Command::Report,
        candidate: title(&record),
        baseline: first.map(|first| title(&first.record)),
        typed: from.map(|sha| sha.short(12).to_owned()),
        rows,
        sweeps: Swept::all(&record.benchmarks),
        expectations: Vec::new(),
        notes,
        reproduce: None,
        about,
        exit_code: ExitCode::Fine,
    }
}

/// Brings the series together, benchmark by benchmark, and gives each row its trail.
fn pack(
    ledger: &Ledger,
    assembly: &Assembly<'_>,
    period: Option<&Period>,
    report: &mut Report,
) -> Packed {
    let recent = period.map_or(&[][..], |period| &period.recent);
    let class = recent
        .first()
        .map(|whole| whole.record.machine.class.as_str());
    let headlines = headlines(report);
    // The series that a table shows: of the metric that counts most, on the machine that the report is of.
    let is_shown = |series: &Series| {
        let metric = headlines.get(&series.key.id);
        Some(series.key.class.as_str()) == class && Some(&series.key.metric) == metric
    };
    let mut steps = Steps::default();
    let mut trails = HashMap::new();
    for id in ledger.benchmarks() {
        let all = assembly.series(ledger.seen(id));
        for series in all.iter().filter(|series| is_shown(series)) {
            steps.look(series);
            trails.insert(id.clone(), trail(series));
        }
    }
    for row in &mut report.rows {
        row.trail = trails.remove(&row.id).unwrap_or_default();
    }
    let steps = steps.corrected();
    let mut packed = Packed::default();
    for id in ledger.benchmarks() {
        let mut all = assembly.series(ledger.seen(id));
        all.sort_by_key(|series| (!is_shown(series), Some(series.key.class.as_str()) != class));
        for series in &all {
            if is_shown(series) {
                packed.add(series, steps.of(series), &launches(recent, series));
            } else {
                packed.add(series, &[], &[]);
            }
        }
    }
    packed
}

/// The metric of each benchmark that counts most.
fn headlines(report: &Report) -> HashMap<BenchId, String> {
    let rows = report.rows.iter();
    let headline = |row: &Row| Some((row.id.clone(), row.headline()?.metric.clone()));
    rows.filter_map(headline).collect()
}

/// The values of the stretch that ends now.
fn trail(series: &Series) -> Vec<f64> {
    let values = series
        .newest_stretch()
        .iter()
        .filter_map(|point| Some(point.figure?.value));
    let values: Vec<f64> = values.collect();
    values[values.len().saturating_sub(TRAIL)..].to_vec()
}

/// The medians of launches of the latest runs, oldest run first.
fn launches(recent: &[Whole], series: &Series) -> Vec<(Sha, Vec<f64>)> {
    let of = |whole: &Whole| {
        let sha = whole.record.commit.as_ref()?.sha.clone();
        let benchmark = benchmark_of(&whole.record, &series.key.id)?;
        let medians = crate::report::launch_medians(benchmark, &series.key.metric)?;
        Some((sha, medians))
    };
    recent
        .iter()
        .take(LAUNCHES_OF)
        .rev()
        .filter_map(of)
        .collect()
}

fn left_out(assembly: &Assembly<'_>) -> Option<String> {
    let left = assembly.left_out();
    let parts = [
        (left.dirty, "of uncommitted changes"),
        (left.elsewhere, "of commits that are not on this line"),
        (left.no_commit, "of no commit"),
    ];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    (!parts.is_empty()).then(|| format!("runs that are in no series: {}", parts.join(", ")))
}

/// What is told of the period.
fn facts(args: &ReportArgs, period: Option<&Period>, series: &Packed) -> Vec<(String, String)> {
    let Some(period) = period else {
        return Vec::new();
    };
    let mut facts = Vec::new();
    let mut add = |name: &str, value: String| facts.push((name.to_owned(), value));
    if let (Some(first), Some(last)) = period.days
        && let (Some(first), Some(last)) = (day(first), day(last))
    {
        add("records", format!("{first} to {last}"));
    }
    add(
        "period",
        format!(
            "the last {} days before the newest record, {} runs",
            args.period, period.within
        ),
    );
    add("runs", period.runs.to_string());
    add("commits", series.commits().to_string());
    add("benchmarks", series.benchmarks().count().to_string());
    facts
}

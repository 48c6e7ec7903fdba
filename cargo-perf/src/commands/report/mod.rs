//! `cargo perf report`: what the records along a line of commits say, as a dashboard or in any other format.

mod open;
mod pack;
mod period;
mod whole;

use std::path::{Path, PathBuf};

use perf_schema::{BenchId, ExitCode, RunRecord};

use super::accepted::accepted;
use super::indexed::ask_along;
use super::measuring::{Place, repository_tip};
use super::note;
use super::run::fault_notes_of;
use super::showing;
use super::survey::RunsOnLine;
use super::title::title;
use crate::cli::ReportArgs;
use crate::compare::Severity;
use crate::compare::rules::Rules;
use crate::compare::{Ranked, Swept, Verdict};
use crate::context::Context;
use crate::failure::Failure;
use crate::plan::{Selection, Wanted};
use crate::report::html::{self, Besides, Packed};
use crate::report::{About, Command, Report, Row, left_out, noted_sentences, schema};
use crate::repository::Repository;
use crate::series::{RunHeader, noted};
use crate::store::day;
use crate::trend::TrendRule;
use period::Period;

/// Reads the records, compares the ends of the period, and shows all that.
///
/// # Errors
/// When the records cannot be read or a report not be written.
pub fn exec(args: &ReportArgs, cx: &Context) -> Result<ExitCode, Failure> {
    if args.schema {
        cx.print(schema())?;
        return Ok(ExitCode::Fine);
    }
    cx.hush(args.quiet);
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
    let rules = &place.config.config.rules;
    let (notes_on_commits, faults_of_notes) = note::at(&place, tip.as_ref())?;
    let line = place.line(tip.as_ref());
    let (accepted, unread) = accepted(cx, &line, args.reference.is_some())?;
    let rule = TrendRule {
        accepted,
        ..TrendRule::default()
    };
    let (found, notes) = ask_along(cx.now, &line, |indexed| {
        let mut faults = Vec::new();
        let headers: Vec<RunHeader> = indexed.runs.iter().map(|(_, run)| run.clone()).collect();
        let read = |runs: &[usize]| {
            let runs: Vec<&RunHeader> = runs.iter().map(|&run| &headers[run]).collect();
            whole::records(indexed.listing, &runs, repository, wanted, &mut faults)
        };
        let period = Period::find(&indexed.order, &headers, i64::from(args.period), read);
        let mut report = match &period {
            Some(period) => report_of(cx, repository, period, rules),
            None => nothing(args),
        };
        let noted = noted(&indexed.order, &headers, &notes_on_commits);
        let runs = RunsOnLine::new(indexed.index, &indexed.order, indexed.runs);
        let mut series = pack::pack(&runs, &wanted, period.as_ref(), &rule, &mut report)?;
        series.note(&noted);
        if !args.filters.is_empty() && series.benchmarks().next().is_none() {
            report = nothing(args);
        }
        if let Some(least) = args.severity {
            keep_grave(&mut report, least);
        }
        report.notes.extend(noted_sentences(&noted));
        report.notes.extend(fault_notes_of(&faults));
        report.notes.extend(left_out(runs.assembly.left_out()));
        Ok((report, series, period))
    })?;
    let (mut report, series, period) = found;
    report.notes.extend(notes);
    report.notes.extend(fault_notes_of(&faults_of_notes));
    report.notes.extend(unread);
    if let Some(path) = &args.html {
        let file = file_in(cx, path);
        let name = root
            .file_name()
            .map_or("benchmarks".into(), |name| name.to_string_lossy());
        let besides = besides(args, repository, period.as_ref(), &series);
        let text = html::render(&report, &format!("{name}: performance"), besides, series);
        showing::write(&file, &text)?;
        cx.mention(format!("written to {}", file.display()));
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

/// Leaves of the benchmarks those whose change is at least so grave, and what stands against the code whatever changed.
fn keep_grave(report: &mut Report, least: Severity) {
    let is_grave = |row: &Row| {
        row.severity() >= least
            || row.fails
            || matches!(row.verdict, Some(Verdict::Failed | Verdict::Missing))
    };
    let before = report.rows.len();
    report.rows.retain(is_grave);
    let gone = before - report.rows.len();
    if gone > 0 {
        let plural = if gone == 1 { "" } else { "s" };
        report.notes.push(format!(
            "--severity {}: {gone} benchmark{plural} with less left out",
            least.word()
        ));
    }
}

/// What the page tells besides.
fn besides(
    args: &ReportArgs,
    repository: Option<&Repository>,
    period: Option<&Period>,
    series: &Packed,
) -> Besides {
    let newest = period.map(|period| period.candidate().0);
    let names = repository.map(Repository::called);
    Besides {
        facts: facts(args, period, series),
        // A page without names is a page all the same.
        names: names.and_then(Result::ok).unwrap_or_default(),
        rankings: newest
            .as_ref()
            .map_or_else(Vec::new, |newest| Ranked::all(&newest.benchmarks)),
        threads: newest.map(|newest| newest.machine.threads),
    }
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

//! A report on its way out: what surrounds it, the terminal, further files, and what GitHub Actions takes.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use perf_schema::{Environment, Machine, Sha};

use super::measuring::Ready;
use crate::config::Found;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::report::{self, About, Output, Range, Rendering, Report, Source, github};
use crate::repository::Repository;
use crate::store::day;

/// How to show a result: as was asked, else as the file says. Failures are told accordingly.
pub(super) fn rendering(cx: &Context, asked: Option<Rendering>, config: &Found) -> Rendering {
    let of_file = config.config.format.map(Rendering::from);
    let rendering = asked.or(of_file).unwrap_or_default();
    cx.show_errors_as(rendering.errors());
    rendering
}

/// Shows a report in every way that was asked for.
///
/// # Errors
/// When standard output or one of the files cannot be written to.
pub(super) fn show(
    cx: &Context,
    report: &Report,
    rendering: Rendering,
    outputs: &[Output],
) -> Result<(), Failure> {
    show_as(cx, report, rendering, outputs, &|rendering, look| {
        report::render(report, rendering, look)
    })
}

/// The same of what is rendered in its own way.
///
/// # Errors
/// When standard output or one of the files cannot be written to.
pub(super) fn show_as(
    cx: &Context,
    report: &Report,
    rendering: Rendering,
    outputs: &[Output],
    render: &dyn Fn(Rendering, report::Look) -> String,
) -> Result<(), Failure> {
    cx.print(&render(rendering, cx.look()))?;
    for Output { rendering, file } in outputs {
        let text = render(*rendering, report::Look::default());
        write(&cx.directory.join(file), &text)?;
    }
    if rendering == Rendering::Github {
        append(cx.ci.github_summary.as_deref(), &github::summary(report))?;
        append(cx.ci.github_output.as_deref(), &github::outputs(report))?;
    }
    Ok(())
}

/// Writes a file, and the folders above it if need be.
///
/// # Errors
/// When the system refuses.
pub(super) fn write(file: &Path, text: &str) -> Result<(), Failure> {
    let folder = file.parent().map_or(Ok(()), std::fs::create_dir_all);
    folder
        .and_then(|()| std::fs::write(file, text))
        .map_err(|error| refused(file, error))
}

fn append(file: Option<&Path>, text: &str) -> Result<(), Failure> {
    let Some(file) = file else { return Ok(()) };
    let opened = OpenOptions::new().append(true).create(true).open(file);
    opened
        .and_then(|mut opened| opened.write_all(text.as_bytes()))
        .map_err(|error| refused(file, error))
}

fn refused(file: &Path, error: std::io::Error) -> Failure {
    let what = format!("the report could not be written to {}", file.display());
    Failure::new(Kind::Setup, anyhow::Error::new(error).context(what))
}

/// Says of a report where its code was measured, of which commits it is, and where its benchmarks are declared.
pub(super) fn complete(cx: &Context, ready: &Ready, from: Option<&Sha>, report: &mut Report) {
    let commit = ready.state.as_ref().and_then(|state| state.commit.as_ref());
    let to = commit.map(|commit| &commit.sha);
    report.about = about(cx, &ready.machine, &ready.environment);
    report.about.range = range(ready.repository.as_ref(), from, to);
    for row in &mut report.rows {
        let case = ready.discovered.cases.iter().find(|case| case.id == row.id);
        let source = case.map(|case| (&case.description.file, case.description.line));
        row.source = source.and_then(|(file, line)| declared(ready, file, line));
    }
}

pub(super) fn about(cx: &Context, machine: &Machine, environment: &Environment) -> About {
    About {
        generated: day(cx.now),
        ..About::of(machine, environment, cx.ci.system)
    }
}

/// The commits between two, if they are two.
pub(super) fn range(
    repository: Option<&Repository>,
    from: Option<&Sha>,
    to: Option<&Sha>,
) -> Option<Range> {
    let (from, to) = from.zip(to).filter(|(from, to)| from != to)?;
    Some(Range {
        from: from.clone(),
        to: to.clone(),
        link: repository.and_then(|repository| repository.page_of_range(from, to)),
    })
}

/// Where a benchmark is written. What the binary says of it was said by a compiler that cargo started in the workspace's
/// folder; a path that leads elsewhere is of a generated file or of another package, and no line of this repository.
fn declared(ready: &Ready, file: &str, line: u32) -> Option<Source> {
    let root = &ready.workspace.root;
    let path = root.join(file);
    let inside = path.strip_prefix(root).ok()?.to_str()?.replace('\\', "/");
    let plain = !inside.split('/').any(|part| part == "..");
    let known = plain && line > 0 && path.is_file();
    let in_git = |inside: String| match &ready.repository {
        Some(repository) => repository.path_in_git(&inside),
        None => inside,
    };
    known.then(|| Source {
        file: in_git(inside),
        line,
    })
}

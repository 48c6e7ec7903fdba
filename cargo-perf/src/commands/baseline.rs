//! `cargo perf baseline`: the records that are kept in git.

use std::path::Path;

use perf_schema::{ExitCode, RecordHeader, RunRecord};

use super::caution::caution_note;
use super::measuring::{Place, repository_failure};
use super::prune::{self, Of};
use super::run::{NOT_SAVED, saved_note, saving_failed};
use super::showing;
use super::title::title;
use crate::cli::BaselineCommand;
use crate::compare::Swept;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::plan::Workspace;
use crate::report::{self, Command, Format, Listed, Report, Row, printable};
use crate::repository::{Repository, Target};
use crate::store::{
    Baselines, CommittedBaselines, Fault, History, Index, RecordEntry, StoredRecord, day,
};

/// Lists, shows, saves or thins.
///
/// # Errors
/// When the store cannot be read or written, or what was named is not there.
pub fn exec(command: &BaselineCommand, cx: &Context) -> Result<ExitCode, Failure> {
    match command {
        BaselineCommand::Prune(args) => prune::exec(Of::Baselines, args, cx),
        BaselineCommand::Accept(args) => super::accept::exec(args, cx),
        BaselineCommand::List {
            reference,
            manifest_path,
            format,
        } => list(cx, manifest_path.as_deref(), reference.as_deref(), *format),
        BaselineCommand::Show {
            record,
            reference,
            manifest_path,
            format,
        } => show(
            cx,
            manifest_path.as_deref(),
            record,
            reference.as_deref(),
            *format,
        ),
        BaselineCommand::Save {
            allow_dirty,
            manifest_path,
        } => save(cx, manifest_path.as_deref(), *allow_dirty),
    }
}

/// The workspace, its repository, and the records of the working tree or of a commit.
pub(super) struct Shelf {
    workspace: Workspace,
    repository: Option<Repository>,
}

impl Shelf {
    fn open(place: Place) -> Self {
        Self {
            workspace: place.workspace,
            repository: place.repository,
        }
    }

    /// What `--ref` names.
    ///
    /// # Errors
    /// When it names nothing, or there is nothing it could name.
    pub(super) fn look_up<'a>(
        repository: Option<&'a Repository>,
        reference: &str,
    ) -> Result<(&'a Repository, Target), Failure> {
        let Some(repository) = repository else {
            return Err(Failure::said(
                Kind::Setup,
                "--ref names a commit, and there is no git repository here",
            ));
        };
        let target = repository
            .look_up(reference)
            .map_err(|error| Failure::new(Kind::Usage, error))?;
        Ok((repository, target))
    }

    fn index(&self, reference: Option<&str>) -> Result<Index, Failure> {
        let Some(reference) = reference else {
            return Ok(Baselines::at(&self.workspace.root).read_working_tree());
        };
        let (repository, target) = Self::look_up(self.repository.as_ref(), reference)?;
        let committed =
            CommittedBaselines::of(repository, &target.commit).map_err(repository_failure)?;
        Ok(committed.index())
    }
}

fn list(
    cx: &Context,
    manifest: Option<&Path>,
    reference: Option<&str>,
    format: Option<Format>,
) -> Result<ExitCode, Failure> {
    let place = Place::find(cx, manifest)?;
    let format = place.format(cx, format);
    let shelf = Shelf::open(place);
    let Index {
        entries,
        mut faults,
    } = shelf.index(reference)?;
    let mut listed = Vec::new();
    for entry in &entries {
        match entry.header(shelf.repository.as_ref()) {
            Ok(header) => {
                let size = entry.size(shelf.repository.as_ref());
                listed.push(listed_of(entry, &header, size));
            }
            Err(fault) => faults.push(fault),
        }
    }
    cx.print(&report::listing(&listed, format))?;
    report_faults(cx, &faults)
}

fn listed_of(entry: &RecordEntry, header: &RecordHeader, size: Option<u64>) -> Listed {
    let commit = header.commit.as_ref();
    let branch = commit
        .and_then(|c| c.branch.as_deref())
        .unwrap_or("detached HEAD");
    let dirty = if commit.is_some_and(|c| c.dirty) {
        " (dirty)"
    } else {
        ""
    };
    Listed {
        size,
        file: entry.file.clone(),
        record: entry.name.record().to_owned(),
        title: format!("{branch} {}{dirty}", commit.map_or("", |c| c.sha.short(7))),
        committed: commit.and_then(|c| day(c.committed)),
        subject: commit.map(|c| c.subject.clone()),
        machine: header.machine.cpu.clone(),
        rustc: header.environment.rustc.clone(),
        profile: header.environment.build.profile.clone(),
    }
}

/// Files that are no records are named, each; that some are is an error of the store.
pub(super) fn report_faults(cx: &Context, faults: &[Fault]) -> Result<ExitCode, Failure> {
    for fault in faults {
        cx.say(format!("error: {}", printable(&fault.to_string())));
    }
    Ok(if faults.is_empty() {
        ExitCode::Fine
    } else {
        ExitCode::Store
    })
}

fn show(
    cx: &Context,
    manifest: Option<&Path>,
    record: &str,
    reference: Option<&str>,
    format: Option<Format>,
) -> Result<ExitCode, Failure> {
    let place = Place::find(cx, manifest)?;
    let format = place.format(cx, format);
    let shelf = Shelf::open(place);
    let stored = find(&shelf, &shelf.index(reference)?, record)?;
    let StoredRecord { id, record } = stored;
    let mut rows = Row::of(&record, None);
    // Showing a record of a failure is no failure.
    rows.iter_mut().for_each(|row| row.fails = false);
    let report = Report {
        command: Command::Run,
        candidate: format!("record {}: {}", id.short(8), title(&record)),
        baseline: None,
        typed: None,
        rows,
        sweeps: Swept::all(&record.benchmarks),
        expectations: Vec::new(),
        reproduce: None,
        notes: vec![
            printable(&format!(
                "{}, {}",
                record.machine.cpu, record.environment.rustc
            )),
            printable(&format!(
                "built with profile {}",
                record.environment.build.profile
            )),
        ],
        about: showing::about(cx, &record.machine, &record.environment),
        exit_code: ExitCode::Fine,
    };
    cx.print(&report::render(&report, format.into(), cx.look()))?;
    Ok(ExitCode::Fine)
}

/// A record by its path or the beginning of its id: from `index`, else from the local history.
fn find(shelf: &Shelf, index: &Index, wanted: &str) -> Result<StoredRecord, Failure> {
    let is_wanted = |record: &str| {
        !wanted.is_empty() && (record.starts_with(wanted) || wanted.starts_with(record))
    };
    let in_git: Vec<&RecordEntry> = index
        .entries
        .iter()
        .filter(|entry| entry.file == wanted || is_wanted(entry.name.record()))
        .collect();
    match in_git.as_slice() {
        [one] => {
            return one
                .load(shelf.repository.as_ref())
                .map_err(|fault| Failure::new(Kind::Store, fault));
        }
        [] => {}
        several => {
            return Err(Failure::said(
                Kind::Usage,
                format!("{} records begin with `{wanted}`", several.len()),
            )
            .help("type more digits, or the path of the file"));
        }
    }
    let (kept, _) = History::at(&shelf.workspace.root).entries();
    match kept.iter().find(|entry| is_wanted(&entry.record)) {
        Some(entry) => entry
            .load()
            .map_err(|fault| Failure::new(Kind::Store, fault)),
        None => Err(
            Failure::said(Kind::Usage, format!("no record begins with `{wanted}`"))
                .help("`cargo perf baseline list` shows those there are"),
        ),
    }
}

fn save(cx: &Context, manifest: Option<&Path>, allow_dirty: bool) -> Result<ExitCode, Failure> {
    let shelf = Shelf::open(Place::find(cx, manifest)?);
    let Some(repository) = &shelf.repository else {
        return Err(saving_failed(crate::store::SaveError::NoCommit, NOT_SAVED));
    };
    let state = repository.state().map_err(repository_failure)?;
    let whole = |record: &RunRecord| record.plan.filters.is_empty();
    let (entries, _) = History::at(&shelf.workspace.root).entries();
    let of_this_code = entries.iter().filter_map(|entry| {
        let header = entry.header().ok()?;
        (header.source_tree.as_ref() == Some(&state.source_tree))
            .then(|| entry.load().ok())
            .flatten()
    });
    let Some(stored) = of_this_code.map(StoredRecord::into_record).find(whole) else {
        return Err(Failure::said(
            Kind::Usage,
            "there is no kept run of the whole suite of this code",
        )
        .help("`cargo perf run --save` measures it and saves the result"));
    };
    // The run may be older than the commit of what it measured: the commit that holds the code now is what it is of.
    let record = RunRecord {
        commit: state.commit,
        ..stored
    };
    let saved = Baselines::at(&shelf.workspace.root)
        .save(&record, allow_dirty)
        .map_err(|error| saving_failed(error, NOT_SAVED))?;
    cx.print(&format!(
        "{}\n{}\n",
        printable(&how_made(&record)),
        saved_note(&saved)
    ))?;
    if let Some(caution) = caution_note(&record) {
        cx.say(format!("note: {caution}"));
    }
    Ok(ExitCode::Fine)
}

/// How a run was made, so that nobody saves a quick look or another build without seeing it.
fn how_made(record: &RunRecord) -> String {
    let build = &record.environment.build;
    let features = if build.features.is_empty() {
        String::new()
    } else {
        format!(", features {}", build.features.join(" "))
    };
    format!(
        "the run of {}: profile {}{features}, {} launches, clock {}",
        title(record),
        build.profile,
        record.plan.launches,
        record.environment.clock
    )
}

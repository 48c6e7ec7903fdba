//! `cargo perf doctor`: what would make this machine quieter, and what is wrong with the set-up. Changes nothing.

use std::path::Path;
use std::process::Command;

use perf_schema::ExitCode;

use super::measuring::open_repository;
use crate::cli::DoctorArgs;
use crate::config::{self, Config};
use crate::context::Context;
use crate::doctor::{Finding, Records, System, codegen_units, machine, setup};
use crate::environment::{self, toolchain};
use crate::failure::{Failure, Kind};
use crate::plan::Workspace;
use crate::report::Diagnosis;
use crate::repository::{LOCAL, Repository};
use crate::store::{Baselines, History, RecordEntry};

/// Records that are read through to see whether they can be. The newest of the local history, all of most repositories.
const READ: usize = 200;

/// Files that are looked at to tell how large a folder is.
const COUNTED: usize = 200_000;

/// Looks and tells.
///
/// # Errors
/// When the answer cannot be printed.
pub fn exec(args: &DoctorArgs, cx: &Context) -> Result<ExitCode, Failure> {
    let workspace = Workspace::find(cx, args.manifest_path.as_deref());
    let file = workspace
        .as_ref()
        .ok()
        .map(|workspace| config::in_working_tree(&workspace.root));
    let settings = match &file {
        Some(Ok(found)) => found.config.clone(),
        Some(Err(_)) | None => Config::default(),
    };
    let format = args.format.or(settings.format).unwrap_or_default();
    cx.show_errors_as(format);
    let nickname = args.machine.as_deref().or(settings.machine.as_deref());
    let system = System::at(Path::new("/"), &cx.search_path);
    let mut findings = machine(&system, &environment::machine(nickname));
    match &workspace {
        Ok(workspace) => findings.extend(of_workspace(cx, workspace)),
        Err(failure) => findings.push(blocked("workspace", failure)),
    }
    if let Some(Err(error)) = file {
        findings.push(blocked("configuration", &Failure::new(Kind::Usage, error)));
    }
    let diagnosis = Diagnosis { findings };
    cx.print(&diagnosis.render(format, cx.look()))?;
    Ok(diagnosis.exit_code())
}

/// What stops every measurement.
fn blocked(name: &'static str, failure: &Failure) -> Finding {
    Finding::problem(
        name,
        failure.message(),
        "nothing can be measured",
        failure.advice().unwrap_or_default(),
    )
    .blocking()
}

fn of_workspace(cx: &Context, workspace: &Workspace) -> Vec<Finding> {
    let mut findings = vec![match workspace.bench_targets(&[], &[]) {
        Ok(targets) => Finding::ok("bench targets", counted(targets.len(), "bench target")),
        Err(failure) => blocked("bench targets", &failure),
    }];
    findings.extend(compiler(cx, workspace));
    // What cannot be read is told of by cargo, whose finding of the bench targets stands above.
    let manifest = std::fs::read_to_string(workspace.root.join("Cargo.toml"));
    findings.extend(manifest.map(|text| codegen_units(&text)));
    match open_repository(&workspace.root) {
        Ok(repository) => findings.extend(of_repository(workspace, repository.as_ref())),
        Err(failure) => findings.push(blocked("git", &failure)),
    }
    findings
}

fn counted(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}

/// The compiler, and whether a linker comes with it that can shuffle functions. Whether the build uses it is seen when it links.
fn compiler(cx: &Context, workspace: &Workspace) -> Vec<Finding> {
    let found = match toolchain(&cx.rustc, &workspace.root) {
        Ok(found) => found,
        Err(error) => {
            let failure = Failure::new(crate::failure::Kind::Setup, error);
            return vec![blocked("compiler", &failure)];
        }
    };
    let sysroot = Command::new(&cx.rustc)
        .args(["--print", "sysroot"])
        .current_dir(&workspace.root)
        .output();
    let sysroot = sysroot.ok().filter(|output| output.status.success());
    let linker = sysroot.map(|output| {
        let folder = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let tools = Path::new(&folder).join("lib/rustlib").join(&found.host);
        tools.join("bin/rust-lld").is_file()
    });
    let linker = match linker {
        Some(true) => Finding::ok(
            "linker",
            "rust-lld, which can shuffle functions, comes with the compiler; whether this build uses it is seen when it links",
        ),
        Some(false) => Finding::advice(
            "linker",
            "no rust-lld comes with the compiler",
            "whether a change is one of layout is told by linking in other orders, and that takes a linker that can shuffle",
            "use a toolchain of rustup",
        ),
        None => Finding::unknown("linker", "the compiler does not say where it is installed"),
    };
    vec![Finding::ok("compiler", found.version), linker]
}

fn of_repository(workspace: &Workspace, repository: Option<&Repository>) -> Vec<Finding> {
    let mut findings = vec![git(repository)];
    let records = records(workspace, repository);
    let attributes = attributes(workspace, repository);
    let local = size_of(&workspace.root.join(LOCAL), &mut 0);
    findings.extend(setup(&records, local, attributes.as_deref()));
    findings
}

fn git(repository: Option<&Repository>) -> Finding {
    match repository {
        None => Finding::advice(
            "git",
            "no git repository here",
            "baselines are found by commit, and --paired builds commits",
            "git init",
        ),
        Some(repository) if repository.is_shallow() => Finding::advice(
            "git",
            "a shallow clone",
            "where this branch left the other cannot be seen, so a baseline is a guess and decides nothing",
            "git fetch --unshallow (in GitHub Actions: fetch-depth: 0)",
        ),
        Some(_) => Finding::ok("git", "a repository with all of its history"),
    }
}

/// The lines that git heeds, of the workspace and of the repository around it.
fn attributes(workspace: &Workspace, repository: Option<&Repository>) -> Option<String> {
    let mut text = String::new();
    let workdir = repository.map(Repository::workdir);
    for folder in [Some(workspace.root.as_path()), workdir]
        .into_iter()
        .flatten()
    {
        // What is not there or cannot be read has no line.
        text += &std::fs::read_to_string(folder.join(".gitattributes")).unwrap_or_default();
        text.push('\n');
    }
    let nested = repository.map(|repository| repository.path_in_git(crate::repository::BASELINES));
    // A line at the top names the folder by its path from there.
    Some(match nested {
        Some(path) => text.replace(&path, crate::repository::BASELINES),
        None => text,
    })
}

fn records(workspace: &Workspace, repository: Option<&Repository>) -> Records {
    let index = Baselines::at(&workspace.root).read_working_tree();
    let mut records = Records {
        count: index.entries.len(),
        bytes: size_of(&workspace.root.join(crate::repository::BASELINES), &mut 0).unwrap_or(0),
        faults: index.faults,
        span: None,
    };
    for entry in index.entries.iter().take(READ) {
        look_into(entry, repository, &mut records);
    }
    let (runs, faults) = History::at(&workspace.root).entries();
    records.faults.extend(faults);
    for run in runs.iter().take(READ) {
        if let Err(fault) = run.load() {
            records.faults.push(fault);
        }
    }
    if let Err(fault) = crate::store::Calibrations::at(&workspace.root).read() {
        records.faults.push(fault);
    }
    records
}

fn look_into(entry: &RecordEntry, repository: Option<&Repository>, records: &mut Records) {
    match entry.load(repository) {
        Ok(stored) => {
            if let Some(commit) = &stored.record.commit {
                let (from, to) = records.span.unwrap_or((commit.committed, commit.committed));
                records.span = Some((from.min(commit.committed), to.max(commit.committed)));
            }
        }
        Err(fault) => records.faults.push(fault),
    }
}

/// The bytes of all files below a folder, links not followed; `None` where there are too many to look at.
fn size_of(folder: &Path, seen: &mut usize) -> Option<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        *seen += 1;
        if *seen > COUNTED {
            return None;
        }
        let Ok(metadata) = entry.path().symlink_metadata() else {
            continue;
        };
        bytes += match metadata.is_dir() {
            true => size_of(&entry.path(), seen)?,
            false => metadata.len(),
        };
    }
    Some(bytes)
}

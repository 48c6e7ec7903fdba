//! `cargo perf init --ci`: files that let a CI system measure. Those that are there already are left as they are.

use perf_schema::ExitCode;

use super::super::measuring::repository_failure;
use crate::ci::System;
use crate::cli::InitArgs;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::plan::Workspace;
use crate::repository::Repository;
use crate::scaffold::Plan;

/// Plans, writes and tells.
///
/// # Errors
/// When there is no git repository, whose root the files belong to, or they cannot be written.
pub(super) fn exec(args: &InitArgs, systems: &[System], cx: &Context) -> Result<ExitCode, Failure> {
    let workspace = Workspace::find(cx, args.target.manifest_path.as_deref())?;
    let repository = Repository::discover(&workspace.root).map_err(repository_failure)?;
    let repository = repository.ok_or_else(|| {
        Failure::said(
            Kind::Setup,
            "there is no git repository here for a CI system to fetch",
        )
        .help("git init")
    })?;
    let root = repository.workdir();
    let mut plan = Plan::default();
    for file in systems
        .iter()
        .flat_map(|system| system.files(args.tool.as_deref()))
    {
        let path = root.join(file.path);
        match path.symlink_metadata() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                plan.add(&path, file.text, vec![format!("write {}", file.purpose)]);
            }
            Err(error) => return Err(super::unreadable(&path, error)),
            Ok(_) => plan.left.push(format!("{} is there already", file.path)),
        }
    }
    if !plan.changes.is_empty() {
        plan.left.extend(left(args, systems));
        if workspace.root != root {
            let said = "the workspace is not at the root of the repository, where these files call cargo perf";
            plan.left.push(said.to_owned());
        }
    }
    let next: Vec<&str> = systems.iter().map(|system| system.next()).collect();
    super::finish(&plan, root, args.dry_run, &next.join("; "), cx)
}

/// What a job has to be told and is not.
fn left(args: &InitArgs, systems: &[System]) -> Option<String> {
    let installs = systems.iter().any(|system| *system != System::PreCommit);
    (installs && args.tool.is_none()).then(|| {
        "the files do not say where a job gets cargo perf from: --tool, or put it where they say `install: \"\"` (GitHub) or \
         `CARGO_PERF_INSTALL: \"\"` (GitLab)"
            .to_owned()
    })
}

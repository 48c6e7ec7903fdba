//! `cargo perf new`: a bench target to start from.

use perf_schema::ExitCode;

use super::init::{Chosen, edit, finish};
use crate::cli::NewArgs;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::scaffold::{Plan, file_name_fault};

/// Writes it, and declares it in the manifest.
///
/// # Errors
/// When the name cannot be one or is taken, or the package does not depend on perf-harness.
pub fn exec(args: &NewArgs, cx: &Context) -> Result<ExitCode, Failure> {
    let NewArgs {
        name,
        kind,
        target,
        dry_run,
    } = args;
    if let Some(fault) = file_name_fault(name) {
        let said = format!("`{name}` cannot name a bench target: {fault}");
        return Err(Failure::said(Kind::Usage, said));
    }
    let chosen = Chosen::find(
        cx,
        target.manifest_path.as_deref(),
        target.package.as_deref(),
    )?;
    let file = chosen.bench_file(name);
    if chosen.has_bench(name) || file.exists() {
        let said = format!("there is a bench target `{name}` already");
        return Err(
            Failure::said(Kind::Usage, said).help("take another name; nothing is overwritten")
        );
    }
    if !chosen.depends {
        return Err(
            Failure::said(Kind::Usage, "the package does not depend on perf-harness")
                .help("cargo perf init adds it, and what else is needed"),
        );
    }
    let mut plan = Plan::default();
    plan.add(
        &file,
        kind.text().to_owned(),
        vec!["write a benchmark to start from".to_owned()],
    );
    edit(&mut plan, &chosen.manifest, |manifest| {
        manifest.declare_bench(name)
    })?;
    finish(
        &plan,
        &chosen.root,
        *dry_run,
        &format!("cargo perf run --bench {name}"),
        cx,
    )
}

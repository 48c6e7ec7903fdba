//! `cargo perf init`: makes a crate ready to be measured. Does nothing to what is ready, says what it does, and what to type next.

mod ci;
mod package;

use std::path::Path;

use perf_schema::ExitCode;

pub(super) use package::Chosen;

use crate::cli::InitArgs;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::scaffold::{HarnessSource, Manifest, ManifestError, Plan, Template, with_rule};

/// What the first bench target may be called.
const NAMES: [&str; 3] = ["speed", "perf", "perf_speed"];

/// Plans, writes and tells.
///
/// # Errors
/// When there is no package to make ready, or a file cannot be read or written.
pub fn exec(args: &InitArgs, cx: &Context) -> Result<ExitCode, Failure> {
    if !args.ci.is_empty() {
        return ci::exec(args, &args.ci, cx);
    }
    let chosen = Chosen::find(
        cx,
        args.target.manifest_path.as_deref(),
        args.target.package.as_deref(),
    )?;
    let plan = plan(args, cx, &chosen)?;
    let next = if chosen.has_benches {
        "cargo perf run"
    } else {
        "cargo perf run, after putting a function of yours in the place of the one that is measured"
    };
    finish(&plan, &chosen.root, args.dry_run, next, cx)
}

fn plan(args: &InitArgs, cx: &Context, chosen: &Chosen) -> Result<Plan, Failure> {
    let mut plan = Plan::default();
    // The file before the line that names it: a manifest never names what is not there.
    let first = (!chosen.has_benches)
        .then(|| first_bench(chosen))
        .transpose()?;
    if let Some(name) = first {
        plan.add(
            &chosen.bench_file(name),
            Template::Cpu.text().to_owned(),
            vec!["write a first benchmark".to_owned()],
        );
    }
    let source = match chosen.depends {
        true => None,
        false => Some(chosen.source(args.harness.as_deref(), cx)?),
    };
    edit(&mut plan, &chosen.manifest, |manifest| {
        if let Some(source) = &source {
            manifest.depend(source, &chosen.folder)?;
        }
        if let Some(name) = first {
            manifest.declare_bench(name)?;
        }
        if chosen.has_library {
            manifest.spare_library()?;
        }
        if chosen.is_root() {
            manifest.exclude_baselines()?;
        }
        Ok(())
    })?;
    edit(&mut plan, &chosen.root_manifest(), Manifest::steady_profile)?;
    let attributes = chosen.root.join(".gitattributes");
    let text = read(&plan, &attributes)?;
    if let Some(text) = with_rule(&text) {
        let said = "keep git from turning line endings in baselines/".to_owned();
        plan.add(&attributes, text, vec![said]);
    }
    Ok(plan)
}

fn first_bench(chosen: &Chosen) -> Result<&'static str, Failure> {
    let is_free = |name: &&str| !chosen.has_bench(name) && !chosen.bench_file(name).exists();
    NAMES.into_iter().find(is_free).ok_or_else(|| {
        Failure::said(
            Kind::Usage,
            format!(
                "benches/ has {} already, of another harness",
                NAMES.join(", ")
            ),
        )
        .help("cargo perf new NAME --kind cpu, after adding perf-harness to [dev-dependencies]")
    })
}

/// Edits a manifest, after what is planned for it already.
pub(super) fn edit(
    plan: &mut Plan,
    path: &Path,
    change: impl FnOnce(&mut Manifest) -> Result<(), ManifestError>,
) -> Result<(), Failure> {
    let unfit = |error: ManifestError| {
        Failure::new(Kind::Setup, error).while_doing(format!("editing {}", path.display()))
    };
    let mut manifest = Manifest::parse(&read(plan, path)?).map_err(unfit)?;
    change(&mut manifest).map_err(unfit)?;
    let (text, said, left) = manifest.finish();
    plan.add(path, text, said);
    plan.left.extend(left);
    Ok(())
}

fn read(plan: &Plan, path: &Path) -> Result<String, Failure> {
    plan.text(path).map_err(|error| unreadable(path, error))
}

fn unreadable(path: &Path, error: std::io::Error) -> Failure {
    Failure::new(Kind::Setup, error).while_doing(format!("reading {}", path.display()))
}

/// Writes what is planned, unless it is only asked for, and tells of it.
pub(super) fn finish(
    plan: &Plan,
    root: &Path,
    is_dry: bool,
    next: &str,
    cx: &Context,
) -> Result<ExitCode, Failure> {
    if !is_dry {
        plan.write().map_err(|(path, error)| {
            Failure::new(Kind::Setup, error).while_doing(format!("writing {}", path.display()))
        })?;
    }
    let mut text = plan.told(root, is_dry);
    if plan.changes.is_empty() {
        text.push_str("all of it is there\n");
    }
    text.push_str(&format!("next: {next}\n"));
    cx.print(&text)?;
    Ok(ExitCode::Fine)
}

impl Chosen {
    /// Where perf-harness comes from: what was typed, what the workspace says, or the clone that this program was built in.
    fn source(&self, typed: Option<&str>, cx: &Context) -> Result<HarnessSource, Failure> {
        if let Some(text) = typed {
            let source = HarnessSource::typed(text, &cx.directory)
                .map_err(|error| Failure::new(Kind::Usage, error))?;
            return match source {
                HarnessSource::Path(path) => harness_in(&path).ok_or_else(|| {
                    let said = format!("{} is not the folder of perf-harness", path.display());
                    Failure::said(Kind::Usage, said)
                        .help("it is the folder perf-harness of a clone of cargo perf")
                }),
                other => Ok(other),
            };
        }
        let root = read(&Plan::default(), &self.root_manifest())?;
        if Manifest::parse(&root).is_ok_and(|manifest| manifest.provides_harness()) {
            return Ok(HarnessSource::Workspace);
        }
        built_beside().ok_or_else(|| {
            Failure::said(
                Kind::Usage,
                "it is not known where perf-harness is to come from: this program was not built in a clone that is still there",
            )
            .help("--harness PATH of its folder in a clone, --harness ADDRESS of the git repository, or --harness VERSION of a registry that has it")
        })
    }
}

/// The harness of the clone that this program was built in, if that is a clone and still there. What cargo checked out to install
/// from git is cargo's to remove.
fn built_beside() -> Option<HarnessSource> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let is_cargos = here
        .ancestors()
        .any(|folder| folder.ends_with("git/checkouts"));
    if is_cargos {
        return None;
    }
    harness_in(&here.parent()?.join("perf-harness"))
}

fn harness_in(folder: &Path) -> Option<HarnessSource> {
    let folder = folder.canonicalize().ok()?;
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).ok()?;
    let manifest: toml::Table = manifest.parse().ok()?;
    let name = manifest.get("package")?.get("name")?.as_str()?;
    (name == "perf-harness").then_some(HarnessSource::Path(folder))
}

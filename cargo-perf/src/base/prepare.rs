//! From a commit to built bench targets.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use perf_schema::Sha;
use toml_edit::DocumentMut;

use super::manifests::{Manifest, found_workspace, names_a_workspace};
use super::overlay::Overlay;
use super::shelf::{ShelfError, Slot};
use super::{configuration, place, seed, wrapper};
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::hash;
use crate::plan::{BenchTarget, Workspace};
use crate::repository::{ExportError, Repository};
use crate::run::{self, Artefacts, BuildOptions, Unit};
use crate::store::local_folder;

/// Raised when the same commit is written in another way.
const FORMAT: u32 = 1;

/// What to write to the folder's file `notes`, one a line.
const NOTES: &str = "notes";

/// Whose benchmarks measure the base's library.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Harness {
    /// The baseline's own
    #[default]
    Base,
    /// Those of the working tree
    Head,
}

/// What is to be built.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Where the commit is.
    pub repository: &'a Repository,
    /// The commit.
    pub commit: &'a Sha,
    /// The workspace as it is now.
    pub workspace: &'a Workspace,
    /// How it was built.
    pub options: &'a BuildOptions,
    /// What cargo made of it.
    pub units: &'a [Unit],
    /// Whose benchmarks.
    pub harness: Harness,
}

/// A commit, built. As long as it lives nobody removes its files.
#[derive(Debug)]
pub struct Base {
    /// Its source files, as paths in the repository.
    pub sources: HashSet<PathBuf>,
    /// How it was built.
    pub options: BuildOptions,
    /// The bench targets that were asked for, as far as the commit has them, and all that went into them.
    pub made: Artefacts,
    /// What should be known of a comparison with it.
    pub notes: Vec<String>,
    _slot: Slot,
}

/// Builds those bench targets of the commit that `wanted` takes.
///
/// # Errors
/// When the commit is not here, cannot be written down, does not build, or cannot be built as this code was.
pub fn build(
    cx: &Context,
    request: &Request<'_>,
    wanted: impl Fn(&BenchTarget) -> bool,
) -> Result<Base, Failure> {
    let commit = request.commit.short(12);
    let failed = |failure: Failure| failure.while_doing(format!("the baseline {commit}"));
    let prepared = Prepared::take(cx, request).map_err(failed)?;
    let lock = prepared.lock(cx).map_err(failed)?;
    prepared.write(request).map_err(failed)?;
    let mut notes = prepared.notes(cx, request).map_err(failed)?;
    let manifest = prepared.manifest(request).map_err(failed)?;
    notes.extend(
        prepared
            .lend_lock_file(request, &manifest)
            .map_err(failed)?,
    );
    let workdir = request.repository.workdir();
    seed::hand_on(
        request.units,
        &request.workspace.target,
        workdir,
        &prepared.target,
    );
    let workspace = Workspace::find(cx, Some(&manifest)).map_err(failed)?;
    let targets = workspace.all_bench_targets().into_iter();
    let targets: Vec<BenchTarget> = targets
        .filter(|target| request.options.allow(target) && wanted(target))
        .collect();
    cx.mention(format!("building the baseline {commit}"));
    let options = prepared.options(cx, request, manifest);
    let made = run::build(cx, &targets, &options).map_err(|failure| match failure.kind() {
        Kind::Build => does_not_build(commit, request.harness),
        _ => failed(failure),
    })?;
    drop(lock);
    Ok(Base {
        sources: run::sources(&made.units, &workspace.root, &prepared.slot.tree()),
        options,
        made,
        notes,
        _slot: prepared.slot,
    })
}

fn does_not_build(commit: &str, harness: Harness) -> Failure {
    let failure = Failure::said(
        Kind::Build,
        format!("the baseline {commit} does not build; cargo's messages above say why"),
    );
    failure.help(match harness {
        Harness::Base => {
            "name a commit that builds with --baseline, or, if only its benchmarks do not, measure it with those of now: \
             --harness-from head"
        }
        Harness::Head => {
            "its library may lack what the benchmarks of now use: name a nearer commit with --baseline, or leave \
             --harness-from head away"
        }
    })
}

/// A place for the base, and what goes into it.
struct Prepared {
    slot: Slot,
    /// Where cargo puts what it builds.
    target: PathBuf,
    overlay: Option<Overlay>,
}

impl Prepared {
    fn take(cx: &Context, request: &Request<'_>) -> Result<Self, Failure> {
        let setup = |error| Failure::new(Kind::Setup, anyhow::Error::new(error));
        let (repository, root) = (request.repository, &request.workspace.root);
        let source = repository
            .source_tree_of(request.commit)
            .map_err(|error| Failure::new(Kind::Setup, error))?;
        let overlay = match request.harness {
            Harness::Base => None,
            Harness::Head => {
                let packages = request.workspace.bench_packages();
                let read = Overlay::read(repository.workdir(), root, &packages);
                Some(read.map_err(setup)?)
            }
        };
        // All that decides what is written.
        let around = format!(
            "{FORMAT}\n{}\n{}\n{}",
            repository.workdir().display(),
            repository.empty_submodules().join("\n"),
            overlay
                .as_ref()
                .map(Overlay::fingerprint)
                .unwrap_or_default()
        );
        let bases =
            local_folder(root, "bases").map_err(|error| Failure::new(Kind::Setup, error))?;
        let below = Path::new("tree").join(repository.path_in_git(""));
        // Without the slash at the end of a folder's path, which `components` leaves out.
        let below: PathBuf = below.components().collect();
        let around = hash::short(around, 64);
        let key = place::name(&bases, &below, root, source.as_str(), &around);
        let slot = Slot::take(&bases, &key, &cx.stop).map_err(shelf_failure)?;
        let target = place::padded(slot.folder(), "target", &request.workspace.target);
        Ok(Self {
            target: slot.folder().join(target),
            slot,
            overlay,
        })
    }

    fn lock(&self, cx: &Context) -> Result<fs::File, Failure> {
        let waits =
            || cx.mention("waiting for another cargo perf, which is building the same baseline");
        self.slot.prepare(&cx.stop, waits).map_err(shelf_failure)
    }

    fn write(&self, request: &Request<'_>) -> Result<(), Failure> {
        let notes = self.slot.folder().join(NOTES);
        let written = self.slot.fill(|tree| {
            let exported = request.repository.export(request.commit, tree);
            let exported = exported.map_err(export_failure)?;
            let io = |error: std::io::Error| {
                let error = anyhow::Error::new(error);
                Failure::new(
                    Kind::Setup,
                    error.context("its manifests cannot be adapted"),
                )
            };
            if let Some(overlay) = &self.overlay {
                overlay.put(tree, &exported.manifests).map_err(io)?;
            }
            let mut told = exported.left_empty;
            told.extend(adapt(request, tree, &exported.manifests).map_err(io)?);
            fs::write(&notes, told.join("\n")).map_err(io)
        });
        written.map_err(shelf_failure)?
    }

    /// What should be known, or why nothing could be.
    fn notes(&self, cx: &Context, request: &Request<'_>) -> Result<Vec<String>, Failure> {
        let (tree, workdir) = (self.slot.tree(), request.repository.workdir());
        let told = fs::read_to_string(self.slot.folder().join(NOTES)).unwrap_or_default();
        let mut notes: Vec<String> = told.lines().map(str::to_owned).collect();
        let start = cx
            .directory
            .canonicalize()
            .unwrap_or_else(|_| cx.directory.clone());
        let Ok(start) = start.strip_prefix(workdir) else {
            return Ok(notes);
        };
        if let Some(file) = configuration::differing(&tree, workdir, start).first() {
            let file = file.display();
            return Err(Failure::said(
                Kind::Setup,
                format!("{file} is another one there, so the two sides would not be built alike"),
            )
            .help(format!("compare with a commit that has the same {file}")));
        }
        for file in configuration::differing_toolchains(&tree, workdir, start) {
            let file = file.display();
            notes.push(format!(
                "{file} is another one in the baseline; both sides are built by the present compiler"
            ));
        }
        Ok(notes)
    }

    fn manifest(&self, request: &Request<'_>) -> Result<PathBuf, Failure> {
        let inside = request.repository.path_in_git("Cargo.toml");
        let manifest = self.slot.tree().join(&inside);
        if manifest.is_file() {
            return Ok(manifest);
        }
        Err(Failure::said(Kind::Build, format!("it has no {inside}"))
            .help("name a commit that has one with --baseline"))
    }

    /// A lock file that is in no commit is the present one on both sides.
    fn lend_lock_file(
        &self,
        request: &Request<'_>,
        manifest: &Path,
    ) -> Result<Option<String>, Failure> {
        let ours = request.workspace.root.join("Cargo.lock");
        let is_theirs = request.repository.holds(
            request.commit,
            &request.repository.path_in_git("Cargo.lock"),
        );
        if is_theirs || !ours.is_file() {
            return Ok(None);
        }
        let theirs = manifest.with_file_name("Cargo.lock");
        fs::copy(ours, theirs).map_err(|error| Failure::new(Kind::Setup, error))?;
        let note = "Cargo.lock is not in git: both sides are built with the present one";
        Ok(Some(note.to_owned()))
    }

    fn options(&self, cx: &Context, request: &Request<'_>, manifest: PathBuf) -> BuildOptions {
        let tree = self.slot.tree();
        let folders = [
            (tree.as_path(), request.repository.workdir()),
            (self.target.as_path(), request.workspace.target.as_path()),
        ];
        let program = cx.program.as_deref();
        let variables = program
            .map(|program| wrapper::variables(program, cx.rustc_wrapper.as_deref(), &folders));
        BuildOptions {
            manifest: Some(manifest),
            target_dir: Some(self.target.clone()),
            variables: variables.unwrap_or_default(),
            ..request.options.clone()
        }
    }
}

/// Makes the manifests fit for their place. Returns what should be known of that.
fn adapt(
    request: &Request<'_>,
    tree: &Path,
    manifests: &[PathBuf],
) -> std::io::Result<Vec<String>> {
    let mut outside = Vec::new();
    let root = PathBuf::from(request.repository.path_in_git("Cargo.toml"));
    let mut is_in_a_workspace = false;
    let mut root_document = None;
    for path in manifests {
        let text = fs::read_to_string(tree.join(path))?;
        // What is no manifest of this workspace, a file for a test perhaps, need not be one at all.
        let Ok(mut document) = text.parse::<DocumentMut>() else {
            continue;
        };
        let folder = path.parent().unwrap_or(Path::new(""));
        let workdir = request.repository.workdir();
        outside.extend(Manifest { folder, workdir }.reach_outside(&mut document));
        is_in_a_workspace |= root.starts_with(folder) && names_a_workspace(&document);
        let adapted = document.to_string();
        if adapted != text {
            fs::write(tree.join(path), adapted)?;
        }
        if *path == root {
            root_document = Some(document);
        }
    }
    if let Some(mut document) = root_document.filter(|_| !is_in_a_workspace) {
        found_workspace(&mut document, &below(&root, manifests));
        fs::write(tree.join(&root), document.to_string())?;
    }
    outside.sort();
    outside.dedup();
    let note = |path| format!("{path} lies outside the repository: both sides use it as it is now");
    Ok(outside.into_iter().map(note).collect())
}

/// The folders of the manifests below that of `root`, from there.
fn below(root: &Path, manifests: &[PathBuf]) -> Vec<String> {
    let top = root.parent().unwrap_or(Path::new(""));
    manifests
        .iter()
        .filter(|path| *path != root)
        .filter_map(|path| path.parent()?.strip_prefix(top).ok()?.to_str())
        .map(str::to_owned)
        .collect()
}

fn shelf_failure(error: ShelfError) -> Failure {
    let kind = match error {
        ShelfError::Interrupted => Kind::Interrupted,
        ShelfError::Io { .. } => Kind::Setup,
    };
    Failure::new(kind, error)
}

fn export_failure(error: ExportError) -> Failure {
    Failure::new(Kind::Setup, error)
}

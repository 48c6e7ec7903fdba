//! Building the bench targets with cargo, which shows its own progress, warnings and errors.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command};

use cargo_metadata::{Artifact, Message, TargetKind};

use super::cargo::{Called, call, cargo};
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::hash;
use crate::plan::BenchTarget;

/// How to build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildOptions {
    /// `--manifest-path`.
    pub manifest: Option<PathBuf>,
    /// `--features`, `--all-features`, `--no-default-features`, as they will stand in the record.
    pub features: Vec<String>,
    /// All features.
    pub all_features: bool,
    /// No default features.
    pub no_default_features: bool,
    /// Cargo profile other than `bench`.
    pub profile: Option<String>,
    /// Where cargo puts what it builds, if not where it would by itself.
    pub target_dir: Option<PathBuf>,
    /// Environment variables of cargo on top of the inherited ones.
    pub variables: Vec<(OsString, OsString)>,
}

impl BuildOptions {
    /// The features as the record keeps them, sorted.
    #[must_use]
    pub fn recorded_features(&self) -> Vec<String> {
        let mut features: Vec<String> = self
            .features
            .iter()
            .flat_map(|f| f.split([',', ' ']))
            .filter(|f| !f.is_empty())
            .map(str::to_owned)
            .collect();
        features.extend(self.all_features.then(|| "(all)".to_owned()));
        features.extend(self.no_default_features.then(|| "(no default)".to_owned()));
        features.sort();
        features.dedup();
        features
    }

    /// Whether cargo would build a target. One that needs a feature which is not asked for it passes over, unless the target
    /// is named.
    #[must_use]
    pub fn allow(&self, target: &BenchTarget) -> bool {
        let asked = self.recorded_features();
        let by_default = |feature: &String| {
            !self.no_default_features && target.default_features.contains(feature)
        };
        self.all_features
            || target
                .required_features
                .iter()
                .all(|feature| asked.contains(feature) || by_default(feature))
    }

    /// The profile as the record keeps it.
    #[must_use]
    pub fn recorded_profile(&self) -> String {
        self.profile.clone().unwrap_or_else(|| "bench".to_owned())
    }

    /// Tells cargo.
    pub(super) fn hand_to(&self, command: &mut Command) {
        if let Some(manifest) = &self.manifest {
            command.arg("--manifest-path").arg(manifest);
        }
        if let Some(target) = &self.target_dir {
            command.arg("--target-dir").arg(target);
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.args(self.arguments());
    }

    fn arguments(&self) -> Vec<String> {
        let mut arguments = Vec::new();
        for features in &self.features {
            arguments.extend(["--features".to_owned(), features.clone()]);
        }
        arguments.extend(self.all_features.then(|| "--all-features".to_owned()));
        arguments.extend(
            self.no_default_features
                .then(|| "--no-default-features".to_owned()),
        );
        if let Some(profile) = &self.profile {
            arguments.extend(["--profile".to_owned(), profile.clone()]);
        }
        arguments
    }
}

/// A bench target with its binary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// The target.
    pub target: BenchTarget,
    /// Its binary.
    pub executable: PathBuf,
    /// The programs of its package, which it may run and measure.
    pub programs: Vec<PathBuf>,
    /// Where it finds shared libraries: a value of [`LIBRARY_PATH`].
    pub library_path: OsString,
}

/// What cargo made, or found made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Artefacts {
    /// The bench targets.
    pub binaries: Vec<Built>,
    /// All that went into them.
    pub units: Vec<Unit>,
}

/// What cargo compiled of a package at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The package's manifest.
    pub manifest: PathBuf,
    /// What it became.
    pub files: Vec<PathBuf>,
}

/// The variable by which the system's loader is told where to look.
pub const LIBRARY_PATH: &str = if cfg!(target_os = "macos") {
    "DYLD_FALLBACK_LIBRARY_PATH"
} else {
    "LD_LIBRARY_PATH"
};

/// Builds `targets`.
///
/// # Errors
/// When cargo cannot be run, or says that they do not build. Its own message has been shown by then.
pub fn build(
    cx: &Context,
    targets: &[BenchTarget],
    options: &BuildOptions,
) -> Result<Artefacts, Failure> {
    if targets.is_empty() {
        // Told of none, cargo would build them all.
        return Ok(Artefacts::default());
    }
    let mut command = cargo(cx)?;
    command.args([
        "bench",
        "--no-run",
        "--message-format",
        "json-render-diagnostics",
    ]);
    if cx.is_quiet() {
        command.arg("--quiet");
    }
    // Attached with `=`, so that no name can be taken for a flag.
    let mut packages: Vec<&str> = targets.iter().map(|t| t.package.as_str()).collect();
    packages.dedup();
    command.args(
        packages
            .iter()
            .map(|package| format!("--package={package}")),
    );
    command.args(
        targets
            .iter()
            .map(|target| format!("--bench={}", target.name)),
    );
    options.hand_to(&mut command);
    let Called { said, status, .. } = call(cx, command, |stdout| listen(stdout, targets))?;
    let Said {
        mut built,
        linked,
        programs,
        units,
    } = said;
    for binary in &mut built {
        let own = |(package, _): &&(String, PathBuf)| *package == binary.target.package_id;
        binary.programs = programs
            .iter()
            .filter(own)
            .map(|(_, p)| p.clone())
            .collect();
        binary.library_path = library_path(binary, &linked, cx.library_path.as_deref());
    }
    if !status.success() {
        return Err(Failure::said(
            Kind::Build,
            "the benchmarks do not build; cargo's messages above say why",
        ));
    }
    match targets
        .iter()
        .find(|target| !built.iter().any(|b: &Built| b.target == **target))
    {
        None => Ok(Artefacts {
            binaries: built,
            units,
        }),
        Some(missing) => Err(Failure::said(
            Kind::Build,
            format!(
                "cargo built no binary for bench target `{}` of `{}`",
                missing.name, missing.package
            ),
        )
        .help("if it has `required-features`, name them with --features")),
    }
}

/// What cargo said while it built.
#[derive(Default)]
struct Said {
    built: Vec<Built>,
    /// Folders that build scripts link libraries from.
    linked: Vec<PathBuf>,
    /// Programs, by the id of their package.
    programs: Vec<(String, PathBuf)>,
    units: Vec<Unit>,
}

fn listen(stdout: ChildStdout, targets: &[BenchTarget]) -> Said {
    let mut said = Said::default();
    let mut manifests = HashMap::new();
    for message in Message::parse_stream(BufReader::new(stdout)).flatten() {
        match message {
            Message::BuildScriptExecuted(script) => {
                // The script itself was compiled before, so its package is known.
                if let Some(manifest) = manifests.get(&script.package_id) {
                    said.units.push(Unit {
                        manifest: PathBuf::clone(manifest),
                        files: vec![script.out_dir.into_std_path_buf()],
                    });
                }
                let folders = script.linked_paths.into_iter().map(|path| {
                    let path = path.into_string();
                    PathBuf::from(path.split_once('=').map_or(path.as_str(), |(_, path)| path))
                });
                said.linked.extend(folders);
            }
            Message::CompilerArtifact(artifact) => {
                let unit = unit_of(&artifact);
                manifests.insert(artifact.package_id.clone(), unit.manifest.clone());
                said.units.push(unit);
                said.note(artifact, targets);
            }
            _ => {}
        }
    }
    said
}

fn unit_of(artifact: &Artifact) -> Unit {
    let files = artifact.filenames.iter();
    Unit {
        manifest: artifact.manifest_path.clone().into_std_path_buf(),
        files: files.map(|file| file.clone().into_std_path_buf()).collect(),
    }
}

/// The folders of the libraries that were built or linked, before those that were searched anyway.
fn library_path(binary: &Built, linked: &[PathBuf], before: Option<&OsStr>) -> OsString {
    let beside = binary.executable.parent().map(Path::to_owned);
    let earlier: Vec<PathBuf> = before
        .map(|path| std::env::split_paths(path).collect())
        .unwrap_or_default();
    let folders = linked.iter().cloned().chain(beside).chain(earlier);
    // A folder with a colon in its name cannot stand in such a list; the loader then looks where it always does.
    std::env::join_paths(folders).unwrap_or_default()
}

/// Hash of the binaries and of what they may run, or `None` if one cannot be read.
#[must_use]
pub fn hash_of(built: &[Built]) -> Option<String> {
    let mut binaries: Vec<&Built> = built.iter().collect();
    binaries.sort_by_key(|binary| (&binary.target.package, &binary.target.name));
    let mut programs: Vec<&PathBuf> = binaries.iter().flat_map(|b| &b.programs).collect();
    programs.sort();
    programs.dedup();
    // Each by itself first, so that no two files can be mistaken for one another's continuation.
    let hashes: Option<Vec<String>> = binaries
        .iter()
        .map(|binary| &binary.executable)
        .chain(programs)
        .map(|file| Some(hash::short(std::fs::read(file).ok()?, 64)))
        .collect();
    Some(hash::short(hashes?.concat(), 16))
}

impl Said {
    fn note(&mut self, artifact: Artifact, targets: &[BenchTarget]) {
        let Some(executable) = artifact.executable else {
            return;
        };
        let (executable, id) = (executable.into_std_path_buf(), artifact.package_id.repr);
        if artifact.target.kind.contains(&TargetKind::Bin) {
            self.programs.push((id, executable));
            return;
        }
        if !artifact.target.kind.contains(&TargetKind::Bench) {
            return;
        }
        let asked_for = targets
            .iter()
            .find(|t| t.package_id == id && t.name == artifact.target.name);
        self.built.extend(asked_for.map(|target| Built {
            target: target.clone(),
            executable,
            programs: Vec::new(),
            library_path: OsString::new(),
        }));
    }
}

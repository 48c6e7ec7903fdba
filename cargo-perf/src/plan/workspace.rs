//! The cargo workspace and the bench targets that may be ours.

use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand, Package, TargetKind};

use crate::context::Context;
use crate::failure::{Failure, Kind};

/// The package whose dependents have benchmarks of ours.
const HARNESS: &str = "perf-harness";

/// A cargo workspace.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// Its root folder.
    pub root: PathBuf,
    /// Where cargo puts what it builds of it.
    pub target: PathBuf,
    metadata: Metadata,
}

/// The files of a package's benchmarks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BenchPackage {
    /// The package's manifest.
    pub manifest: PathBuf,
    /// The root files of its bench targets.
    pub sources: Vec<PathBuf>,
}

/// A bench target of a package that depends on perf-harness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BenchTarget {
    /// Name of the package.
    pub package: String,
    /// What cargo calls the package, without doubt.
    pub package_id: String,
    /// Name of the target.
    pub name: String,
    /// The package's root folder.
    pub directory: PathBuf,
    /// Features without which cargo does not build it.
    pub required_features: Vec<String>,
    /// Features that the package has on by default, and those that they turn on.
    pub default_features: Vec<String>,
}

impl Workspace {
    /// Finds the workspace around the working directory, or the one of `manifest`.
    ///
    /// # Errors
    /// When there is none, or cargo cannot read it.
    pub fn find(cx: &Context, manifest: Option<&Path>) -> Result<Self, Failure> {
        let mut command = MetadataCommand::new();
        command
            .cargo_path(&cx.cargo)
            .current_dir(&cx.directory)
            .no_deps();
        if let Some(manifest) = manifest {
            command.manifest_path(manifest);
        }
        let metadata = command.exec().map_err(|error| no_workspace(&error))?;
        Ok(Self {
            root: metadata.workspace_root.clone().into_std_path_buf(),
            target: metadata.target_directory.clone().into_std_path_buf(),
            metadata,
        })
    }

    /// The bench targets of the members that depend on perf-harness, narrowed to some packages and targets.
    ///
    /// # Errors
    /// When a name is not one, or nothing is left.
    pub fn bench_targets(
        &self,
        packages: &[String],
        benches: &[String],
    ) -> Result<Vec<BenchTarget>, Failure> {
        let members = self.metadata.workspace_packages();
        check_known("package", packages, members.iter().map(|p| p.name.as_str()))?;
        let chosen: Vec<&&Package> = members
            .iter()
            .filter(|p| packages.is_empty() || packages.iter().any(|name| *name == *p.name))
            .collect();
        let dependents = chosen.iter().filter(|package| is_dependent(package));
        let all: Vec<BenchTarget> = dependents.flat_map(|package| targets_of(package)).collect();
        if all.is_empty() {
            return Err(Failure::said(
                Kind::Coverage,
                format!("no package {}has a bench target and depends on {HARNESS}", if packages.is_empty() { "" } else { "that was named " }),
            )
            .help(format!(
                "add {HARNESS} to [dev-dependencies], and a [[bench]] with `harness = false`; the README of cargo perf \
                 shows both"
            )));
        }
        check_known("bench target", benches, all.iter().map(|t| t.name.as_str()))?;
        Ok(all
            .into_iter()
            .filter(|t| benches.is_empty() || benches.contains(&t.name))
            .collect())
    }
}

impl Workspace {
    /// Every bench target of the members that depend on perf-harness. There may be none.
    #[must_use]
    pub fn all_bench_targets(&self) -> Vec<BenchTarget> {
        self.dependents().flat_map(targets_of).collect()
    }

    /// The files of all benchmarks of the members that depend on perf-harness.
    #[must_use]
    pub fn bench_packages(&self) -> Vec<BenchPackage> {
        self.dependents()
            .map(|package| BenchPackage {
                manifest: package.manifest_path.clone().into_std_path_buf(),
                sources: bench_targets_of(package)
                    .map(|target| target.src_path.clone().into_std_path_buf())
                    .collect(),
            })
            .collect()
    }

    fn dependents(&self) -> impl Iterator<Item = &Package> {
        let members = self.metadata.workspace_packages();
        members.into_iter().filter(|package| is_dependent(package))
    }
}

/// A package of the workspace, as one who writes to it has to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its manifest.
    pub manifest: PathBuf,
    /// Names of its bench targets, of any harness.
    pub benches: Vec<String>,
    /// Whether it depends on perf-harness.
    pub depends: bool,
    /// Whether it has a library.
    pub has_library: bool,
}

impl Workspace {
    /// All packages of the workspace.
    #[must_use]
    pub fn members(&self) -> Vec<Member> {
        let member = |package: &Package| Member {
            name: package.name.to_string(),
            manifest: package.manifest_path.clone().into_std_path_buf(),
            benches: bench_targets_of(package)
                .map(|target| target.name.clone())
                .collect(),
            depends: is_dependent(package),
            has_library: package.targets.iter().any(|target| {
                target.is_lib() || target.is_rlib() || target.is_dylib() || target.is_cdylib()
            }),
        };
        let members = self.metadata.workspace_packages();
        members.into_iter().map(member).collect()
    }
}

fn is_dependent(package: &Package) -> bool {
    package.dependencies.iter().any(|d| d.name == HARNESS)
}

fn bench_targets_of(package: &Package) -> impl Iterator<Item = &cargo_metadata::Target> {
    let targets = package.targets.iter();
    targets.filter(|target| target.kind.contains(&TargetKind::Bench))
}

fn targets_of(package: &Package) -> Vec<BenchTarget> {
    let directory = package
        .manifest_path
        .parent()
        .map(|p| p.as_std_path().to_owned())
        .unwrap_or_default();
    bench_targets_of(package)
        .map(|target| BenchTarget {
            package: package.name.to_string(),
            package_id: package.id.repr.clone(),
            name: target.name.clone(),
            directory: directory.clone(),
            required_features: target.required_features.clone(),
            default_features: turned_on(package, "default"),
        })
        .collect()
}

/// The features of a package that one of them turns on, itself among them.
fn turned_on(package: &Package, feature: &str) -> Vec<String> {
    let mut on = Vec::new();
    let mut next = vec![feature.to_owned()];
    while let Some(feature) = next.pop() {
        if !on.contains(&feature) {
            next.extend(
                package
                    .features
                    .get(&feature)
                    .into_iter()
                    .flatten()
                    .cloned(),
            );
            on.push(feature);
        }
    }
    on
}

fn check_known<'a>(
    what: &str,
    asked: &[String],
    known: impl Iterator<Item = &'a str> + Clone,
) -> Result<(), Failure> {
    match asked
        .iter()
        .find(|name| !known.clone().any(|k| k == name.as_str()))
    {
        None => Ok(()),
        Some(unknown) => {
            let known: Vec<&str> = known.collect();
            Err(
                Failure::said(Kind::Usage, format!("there is no {what} `{unknown}` here"))
                    .help(format!("there is: {}", known.join(", "))),
            )
        }
    }
}

fn no_workspace(error: &cargo_metadata::Error) -> Failure {
    let said = match error {
        cargo_metadata::Error::CargoMetadata { stderr } => {
            stderr.trim().trim_start_matches("error: ").to_owned()
        }
        other => other.to_string(),
    };
    let failure = Failure::said(
        Kind::Setup,
        format!("cargo finds no workspace it can read: {said}"),
    );
    if said.contains("could not find `Cargo.toml`") {
        failure.help("go to the folder of a cargo package, or name one with --manifest-path")
    } else {
        failure
    }
}

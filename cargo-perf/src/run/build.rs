//! Building the bench targets with cargo, which shows its own progress, warnings and errors.

use std::io::BufReader;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;

use cargo_metadata::{Message, TargetKind};

use crate::context::Context;
use crate::failure::{Failure, Kind};
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

    /// The profile as the record keeps it.
    #[must_use]
    pub fn recorded_profile(&self) -> String {
        self.profile.clone().unwrap_or_else(|| "bench".to_owned())
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
}

/// Builds `targets`.
///
/// # Errors
/// When cargo cannot be run, or says that they do not build. Its own message has been shown by then.
pub fn build(
    cx: &Context,
    targets: &[BenchTarget],
    options: &BuildOptions,
) -> Result<Vec<Built>, Failure> {
    let mut command = Command::new(&cx.cargo);
    command.args([
        "bench",
        "--no-run",
        "--message-format",
        "json-render-diagnostics",
    ]);
    if let Some(manifest) = &options.manifest {
        command.arg("--manifest-path").arg(manifest);
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
    command.args(options.arguments());
    command
        .current_dir(&cx.directory)
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let cannot = |error: std::io::Error| {
        Failure::new(
            Kind::Setup,
            anyhow::Error::new(error).context(format!("could not run {}", cx.cargo)),
        )
    };
    let mut child = command.spawn().map_err(cannot)?;
    let mut built = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        for message in Message::parse_stream(BufReader::new(stdout)) {
            built.extend(
                message
                    .ok()
                    .and_then(|message| executable_of(message, targets)),
            );
        }
    }
    let status = child.wait().map_err(cannot)?;
    if cx.stop.load(Ordering::Relaxed) {
        return Err(Failure::said(Kind::Interrupted, "interrupted"));
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
        None => Ok(built),
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

fn executable_of(message: Message, targets: &[BenchTarget]) -> Option<Built> {
    let Message::CompilerArtifact(artifact) = message else {
        return None;
    };
    let executable = artifact.executable?.into_std_path_buf();
    if !artifact.target.kind.contains(&TargetKind::Bench) {
        return None;
    }
    let id = &artifact.package_id.repr;
    let target = targets
        .iter()
        .find(|t| t.package_id == *id && t.name == artifact.target.name)?;
    Some(Built {
        target: target.clone(),
        executable,
    })
}

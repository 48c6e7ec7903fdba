//! What need not be measured, since both sides are the same program.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use perf_schema::{BenchId, Sha};

use super::super::measuring::{Ready, repository_failure};
use super::matching::{Matched, judged};
use crate::base::Base;
use crate::compare::Verdict;
use crate::failure::Failure;
use crate::plan::BenchTarget;
use crate::run::{self, Candidate, same_machine_code};

/// Files that are no data of a benchmark: about the project, or read by cargo, whose work is in the machine code.
const ABOUT: [&str; 9] = [
    "Cargo.toml",
    "Cargo.lock",
    "build.rs",
    "CHANGELOG",
    "CONTRIBUTING",
    "LICENSE",
    "README",
    "rustfmt.toml",
    "clippy.toml",
];

/// Folders of such files, at the top of the repository.
const ABOUT_FOLDERS: [&str; 4] = [".cargo", ".config", ".github", "docs"];

/// Settles the benchmarks of targets that have the same machine code on both sides, and returns them. Files that a benchmark
/// may read while it runs are not in the machine code: if one differs, everything stays to be measured.
///
/// # Errors
/// When git cannot be asked what differs.
pub(super) fn settle(
    ready: &Ready,
    commit: &Sha,
    base: &Base,
    sides: &mut Matched,
    notes: &mut Vec<String>,
) -> Result<Vec<BenchId>, Failure> {
    let same = same_targets(ready, base);
    if same.is_empty() {
        return Ok(Vec::new());
    }
    let data = changed_data(ready, commit, base)?;
    if let Some(first) = data.first() {
        let more = match data.len() - 1 {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        notes.push(format!(
            "{first} changed{more}, which a benchmark may read while it runs: what has the same machine code was measured all \
             the same"
        ));
        return Ok(Vec::new());
    }
    let is_settled = |case: &Candidate| {
        same.iter()
            .any(|target| case.id.package() == target.package && case.id.target() == target.name)
    };
    let (settled, open): (Vec<_>, Vec<_>) = std::mem::take(&mut sides.pairs)
        .into_iter()
        .partition(|(_, now)| is_settled(now));
    sides.pairs = open;
    let reason = "both sides are the same machine code, so it was not measured";
    let verdicts = settled
        .iter()
        .map(|(_, now)| judged(now, Verdict::Unchanged, reason));
    sides.settled.extend(verdicts);
    Ok(settled.into_iter().map(|(_, now)| now.id).collect())
}

fn same_targets<'a>(ready: &'a Ready, base: &Base) -> Vec<&'a BenchTarget> {
    let is_same = |built: &&run::Built| {
        let twin = base.made.binaries.iter().find(|twin| {
            (&twin.target.package, &twin.target.name) == (&built.target.package, &built.target.name)
        });
        twin.is_some_and(|twin| same_machine_code(twin, built))
    };
    let binaries = ready.made.binaries.iter().filter(is_same);
    binaries.map(|built| &built.target).collect()
}

/// The files that differ and went into neither program.
fn changed_data(ready: &Ready, commit: &Sha, base: &Base) -> Result<Vec<String>, Failure> {
    let Some(repository) = &ready.repository else {
        return Ok(Vec::new());
    };
    let changed = repository
        .changed_since(commit)
        .map_err(repository_failure)?;
    let now = run::sources(
        &ready.made.units,
        &ready.workspace.root,
        repository.workdir(),
    );
    let is_compiled = |path: &Path| now.contains(path) || base.sources.contains(path);
    let packages = package_folders(ready, repository.workdir());
    Ok(changed
        .into_iter()
        .filter(|path| !is_compiled(Path::new(path)) && !is_about(path, &packages))
        .collect())
}

/// The folders of the packages that were compiled, as paths in the repository.
fn package_folders(ready: &Ready, workdir: &Path) -> HashSet<PathBuf> {
    let manifests = ready.made.units.iter().map(|unit| unit.manifest.as_path());
    let folders = manifests.filter_map(Path::parent);
    folders
        .filter_map(|folder| folder.strip_prefix(workdir).ok())
        .map(Path::to_owned)
        .collect()
}

/// Whether a file is about the project: where such files stand, at the top of the repository and beside the manifests of
/// packages. Anywhere else a file of such a name may be data.
fn is_about(path: &str, packages: &HashSet<PathBuf>) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let top = folder.split('/').next().unwrap_or_default();
    let stem = name.split(['.', '-']).next().unwrap_or(name);
    let in_place = folder.is_empty() || packages.contains(Path::new(folder));
    let known = ABOUT.contains(&name) || ABOUT.contains(&stem);
    ABOUT_FOLDERS.contains(&top) || known && in_place || name.starts_with(".git")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_about_the_project_is_no_data() {
        let packages = HashSet::from([PathBuf::from("a")]);
        for path in [
            "README.md",
            "a/Cargo.toml",
            "LICENSE-MIT",
            ".gitignore",
            ".github/workflows/ci.yml",
            "docs/a.md",
        ] {
            assert!(is_about(path, &packages), "{path}");
        }
        for path in [
            "data.json",
            "benches/data/Cargo.lock",
            "benches/data/README.md",
            "tests/fixtures/big.rs",
            "a/docs.txt",
            "notes.md",
            ".hidden",
        ] {
            assert!(!is_about(path, &packages), "{path}");
        }
    }
}

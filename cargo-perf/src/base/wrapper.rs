//! Standing in for rustc while a base is built, so that no path tells the two sides apart.
//!
//! Where a path of the folder gets into the program (a panic in code that a build script generated, `file!()` in it) its length
//! moves everything behind it, and where code comes to lie decides some per cent of its time. So the base is compiled as if its
//! files lay where the candidate's do, by `--remap-path-prefix`. Given as a compiler flag, it would make cargo compile every
//! dependency anew; a wrapper is no part of what cargo remembers a package by.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

/// Set for cargo while it builds a base: the folders, each followed by what it is to be called.
const REMAP: &str = "CARGO_PERF_REMAP";

/// The wrapper that would be called without ours.
const INNER: &str = "CARGO_PERF_RUSTC_WRAPPER";

/// Between two paths. No path holds it.
const SEPARATOR: &str = "\u{1f}";

/// The environment of a cargo that calls `program`, this very program, for rustc. `inner` is the wrapper of the user.
pub(super) fn variables(
    program: &Path,
    inner: Option<&OsStr>,
    folders: &[(&Path, &Path)],
) -> Vec<(OsString, OsString)> {
    let mut remap = OsString::new();
    for (folder, name) in folders {
        for path in [folder, name] {
            if !remap.is_empty() {
                remap.push(SEPARATOR);
            }
            remap.push(path);
        }
    }
    let mut variables = vec![
        ("RUSTC_WRAPPER".into(), program.into()),
        (REMAP.into(), remap),
    ];
    if let Some(inner) = inner {
        variables.push((INNER.into(), inner.to_owned()));
    }
    variables
}

/// Calls rustc if that is what this process is for. The first of `arguments` is this program's name, the second the compiler.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "the edge at which a process learns that it is a wrapper"
)]
pub fn stand_in(arguments: &[OsString]) -> Option<ExitCode> {
    let remap = std::env::var_os(REMAP)?;
    let inner = std::env::var_os(INNER).filter(|inner| !inner.is_empty());
    let command = inner.into_iter().chain(arguments.iter().skip(1).cloned());
    let command: Vec<OsString> = command.chain(flags(&remap)).collect();
    let (program, arguments) = command.split_first()?;
    // Only comes back if it cannot be started.
    let error = Command::new(program).args(arguments).exec();
    let _closed = writeln!(
        std::io::stderr(),
        "error: could not run {}: {error}",
        program.display()
    );
    Some(ExitCode::FAILURE)
}

fn flags(remap: &OsStr) -> Vec<OsString> {
    let Some(remap) = remap.to_str() else {
        // Rustc takes no path that is not text either.
        return Vec::new();
    };
    let paths: Vec<&str> = remap.split(SEPARATOR).collect();
    paths
        .chunks_exact(2)
        .map(|pair| format!("--remap-path-prefix={}={}", pair[0], pair[1]).into())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_become_flags() {
        let folders = [
            (Path::new("/repo/.perf/x/tree"), Path::new("/repo")),
            (Path::new("/repo/.perf/x/target"), Path::new("/repo/target")),
        ];
        let variables = variables(
            Path::new("/bin/perf"),
            Some(OsStr::new("sccache")),
            &folders,
        );
        let value = |name: &str| {
            let found = variables.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone())
        };
        assert_eq!(value("RUSTC_WRAPPER"), Some("/bin/perf".into()));
        assert_eq!(value(INNER), Some("sccache".into()));
        assert_eq!(
            flags(&value(REMAP).unwrap()),
            [
                "--remap-path-prefix=/repo/.perf/x/tree=/repo",
                "--remap-path-prefix=/repo/.perf/x/target=/repo/target"
            ]
        );
    }
}

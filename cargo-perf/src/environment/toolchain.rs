//! The compiler and the flags it is given.

use std::io;
use std::path::Path;
use std::process::Command;

/// A compiler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toolchain {
    /// First line of `rustc --version`.
    pub version: String,
    /// Target triple it builds for by itself.
    pub host: String,
}

/// Why the compiler does not say what it is.
#[derive(Debug, thiserror::Error)]
pub enum ToolchainError {
    /// It could not be started.
    #[error("could not run {program}")]
    Start {
        /// What was run.
        program: String,
        /// Why not.
        source: io::Error,
    },
    /// It said something else.
    #[error("{program} -vV did not say its version and host")]
    Answer {
        /// What was run.
        program: String,
    },
}

/// Asks `rustc` what it is, in `directory`, where a toolchain file may choose another one.
///
/// # Errors
/// When it cannot be run or does not answer as rustc does.
pub fn toolchain(rustc: &str, directory: &Path) -> Result<Toolchain, ToolchainError> {
    let program = rustc.to_owned();
    let output = Command::new(rustc)
        .arg("-vV")
        .current_dir(directory)
        .output()
        .map_err(|source| ToolchainError::Start {
            program: program.clone(),
            source,
        })?;
    parse(&String::from_utf8_lossy(&output.stdout)).ok_or(ToolchainError::Answer { program })
}

fn parse(text: &str) -> Option<Toolchain> {
    let version = text
        .lines()
        .next()
        .filter(|line| line.starts_with("rustc "))?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "))?;
    Some(Toolchain {
        version: version.to_owned(),
        host: host.to_owned(),
    })
}

/// The compiler flags of the environment as they may stand in a record: a path below `home` begins with `~`.
#[must_use]
pub fn compiler_flags(variable: impl Fn(&str) -> Option<String>) -> String {
    // The first of the two that is set is the one cargo takes.
    let encoded = variable("CARGO_ENCODED_RUSTFLAGS").map(|flags| flags.replace('\u{1f}', " "));
    let flags = encoded
        .or_else(|| variable("RUSTFLAGS"))
        .unwrap_or_default();
    match variable("HOME").filter(|home| home.len() > 1) {
        Some(home) => flags.replace(&home, "~"),
        None => flags,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rustc_is_understood() {
        let text = "rustc 1.95.0 (59807616e 2026-04-14)\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\nrelease: 1.95.0\n";
        let found = parse(text).unwrap();
        assert_eq!(found.version, "rustc 1.95.0 (59807616e 2026-04-14)");
        assert_eq!(found.host, "x86_64-unknown-linux-gnu");
        assert_eq!(parse("bash: rustc: not found"), None);
    }

    #[test]
    fn flags_do_not_name_the_user() {
        let environment = |name: &str| match name {
            "RUSTFLAGS" => Some("-C linker=/home/ada/ld".to_owned()),
            "HOME" => Some("/home/ada".to_owned()),
            _ => None,
        };
        assert_eq!(compiler_flags(environment), "-C linker=~/ld");
        assert_eq!(compiler_flags(|_| None), "");
    }
}

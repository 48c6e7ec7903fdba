//! The compiler and the flags it is given.

use std::collections::BTreeMap;
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

/// What the environment says of how cargo is to build, as it may stand in a record: the compiler flags, then every variable
/// that overrides a profile, the flags of a target, or the target itself. A path below the home folder begins with `~`.
#[must_use]
pub fn build_settings(variables: impl Iterator<Item = (String, String)>) -> String {
    let variables: BTreeMap<String, String> = variables.collect();
    // The first of the two that is set is the one cargo takes.
    let encoded = variables
        .get("CARGO_ENCODED_RUSTFLAGS")
        .map(|flags| flags.replace('\u{1f}', " "));
    let flags = encoded
        .or_else(|| variables.get("RUSTFLAGS").cloned())
        .unwrap_or_default();
    let overrides = |name: &str| {
        let of_a_target = name.starts_with("CARGO_TARGET_") && name.ends_with("_RUSTFLAGS");
        of_a_target
            || name.starts_with("CARGO_PROFILE_")
            || ["CARGO_BUILD_RUSTFLAGS", "CARGO_BUILD_TARGET"].contains(&name)
    };
    let settings = variables
        .iter()
        .filter(|(name, _)| overrides(name))
        .map(|(name, value)| format!("{name}={value}"));
    let told: Vec<String> = [flags]
        .into_iter()
        .filter(|flags| !flags.is_empty())
        .chain(settings)
        .collect();
    let told = told.join(" ");
    match variables.get("HOME").filter(|home| home.len() > 1) {
        Some(home) => told.replace(home, "~"),
        None => told,
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

    fn settings(variables: &[(&str, &str)]) -> String {
        build_settings(
            variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        )
    }

    #[test]
    fn flags_do_not_name_the_user() {
        let variables = [
            ("RUSTFLAGS", "-C linker=/home/ada/ld"),
            ("HOME", "/home/ada"),
        ];
        assert_eq!(settings(&variables), "-C linker=~/ld");
        assert_eq!(settings(&[]), "");
    }

    #[test]
    fn whatever_changes_the_build_is_told() {
        let variables = [
            ("CARGO_PROFILE_BENCH_LTO", "true"),
            (
                "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS",
                "-Ctarget-cpu=native",
            ),
            ("CARGO_TARGET_DIR", "/elsewhere"),
            ("CARGO_ENCODED_RUSTFLAGS", "-Copt-level=1\u{1f}-g"),
            ("RUSTFLAGS", "passed over"),
        ];
        assert_eq!(
            settings(&variables),
            "-Copt-level=1 -g CARGO_PROFILE_BENCH_LTO=true \
             CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS=-Ctarget-cpu=native"
        );
    }
}

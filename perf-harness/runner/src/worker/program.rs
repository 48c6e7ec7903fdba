//! Which program a worker is, and that it could not be started.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

/// A bench binary and how to start it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Program {
    /// The binary.
    pub path: PathBuf,
    /// Working directory, which cargo promises to be the package's root.
    pub directory: PathBuf,
    /// Environment variables on top of the inherited ones.
    pub variables: Vec<(OsString, OsString)>,
    /// Pass on what the benchmark prints, on standard error.
    pub show_output: bool,
}

impl Program {
    /// How much room its name and variables take at the beginning of its stack. The name is there twice: as what was executed,
    /// and as the first argument.
    pub(crate) fn bytes_on_stack(&self) -> usize {
        let variables = self.variables.iter();
        let variables: usize = variables.map(|(key, value)| key.len() + value.len()).sum();
        2 * self.path.as_os_str().len() + variables
    }
}

/// Why a worker could not be started.
#[derive(Debug, thiserror::Error)]
#[error("could not start {}", path.display())]
pub struct StartError {
    pub(super) path: PathBuf,
    pub(super) source: io::Error,
}

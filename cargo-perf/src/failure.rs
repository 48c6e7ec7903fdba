//! What may go wrong for a user, and the exit code of each.

use std::fmt;

use perf_schema::ExitCode;

use crate::report::{failure, printable, printable_lines};

/// A command that could not do what was asked. The message says what was attempted, what went wrong, and what to type
/// next.
#[derive(Debug)]
pub struct Failure {
    kind: Kind,
    message: String,
    help: Option<String>,
}

/// Who or what is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A wrong flag, configuration or revision.
    Usage,
    /// The surroundings are not fit.
    Setup,
    /// The benchmarks do not build.
    Build,
    /// Nothing was selected.
    Coverage,
    /// The store could not be read or written.
    Store,
    /// The user, or whoever started us, wants us to stop.
    Interrupted,
    /// We are.
    Bug,
}

impl Kind {
    /// The one mapping from faults to exit codes. Interruption has the shell's own code, 128 + SIGINT.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Usage => ExitCode::Usage.code(),
            Self::Setup => ExitCode::Setup.code(),
            Self::Build => ExitCode::Build.code(),
            Self::Coverage => ExitCode::Coverage.code(),
            Self::Store => ExitCode::Store.code(),
            Self::Interrupted => 130,
            Self::Bug => ExitCode::Bug.code(),
        }
    }
}

impl Kind {
    /// The word for it in machine output.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Setup => "setup",
            Self::Build => "build",
            Self::Coverage => "coverage",
            Self::Store => "store",
            Self::Interrupted => "interrupted",
            Self::Bug => "bug",
        }
    }
}

impl Failure {
    /// The failure as a JSON document.
    #[must_use]
    pub fn json(&self) -> String {
        failure(
            self.kind.word(),
            &self.message,
            self.help.as_deref(),
            self.code(),
        )
    }

    /// A failure of a kind, with the whole chain of `error`'s sources as its message, on one line.
    pub fn new(kind: Kind, error: impl Into<anyhow::Error>) -> Self {
        let error: anyhow::Error = error.into();
        let mut message = String::new();
        for cause in error.chain().map(ToString::to_string) {
            // Some errors say what their source says, and have it as their source too.
            if message.is_empty() {
                message = cause;
            } else if !message.contains(&cause) {
                message = format!("{message}: {cause}");
            }
        }
        Self {
            kind,
            message: printable(&message),
            help: None,
        }
    }

    /// A failure of a kind in plain words.
    pub fn said(kind: Kind, message: impl fmt::Display) -> Self {
        Self {
            kind,
            message: message.to_string(),
            help: None,
        }
    }

    /// Adds what to type next.
    #[must_use]
    pub fn help(mut self, help: impl fmt::Display) -> Self {
        self.help = Some(help.to_string());
        self
    }

    /// Puts what was attempted before the message.
    #[must_use]
    pub fn while_doing(mut self, what: impl fmt::Display) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }

    /// Who or what is at fault.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// What went wrong, without what to type next.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to type next, if that is known.
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// The exit code.
    #[must_use]
    pub const fn code(&self) -> u8 {
        self.kind.code()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Both may quote what was typed, or what stands in a file.
        write!(f, "error: {}", printable_lines(&self.message))?;
        match &self.help {
            Some(help) => write!(f, "\nhelp: {}", printable_lines(help)),
            None => Ok(()),
        }
    }
}

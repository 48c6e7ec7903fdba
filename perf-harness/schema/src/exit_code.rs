//! The exit codes of `cargo perf`, in the one place where they are written down.

/// What `cargo perf` tells the shell. The numbers are part of the interface and never change their meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ExitCode {
    /// The command did what was asked and found nothing to object to.
    Fine = 0,
    /// A regression, a breached budget or an alert.
    Regression = 1,
    /// A wrong flag, a wrong configuration, or a revision that does not exist.
    Usage = 2,
    /// A decision was required, and the data could not carry one.
    Undecided = 3,
    /// Nothing was selected, or a benchmark the baseline has is missing.
    Coverage = 4,
    /// The surroundings are not fit: no cargo workspace, no cargo, no git repository where one is needed.
    Setup = 10,
    /// The benchmarks do not build.
    Build = 11,
    /// A benchmark failed: it panicked, died, ran out of time or gave a wrong answer.
    Benchmark = 12,
    /// The store could not be read or written.
    Store = 13,
    /// A bug in `cargo perf` itself.
    Bug = 70,
}

impl ExitCode {
    /// The number handed to the operating system.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code.code())
    }
}

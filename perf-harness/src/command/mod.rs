//! Whole programs: what is run, what surrounds each run, and what counts as success.
//!
//! There is no shell: the program is started as it is named, with its arguments as they are.

mod capture;
pub(crate) mod launcher;
mod run;
mod runs;

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::process::Output;
use std::sync::Arc;

use perf_schema::Throughput;

pub(crate) use runs::Runs;

/// A program to run and measure, with what surrounds it.
///
/// ```no_run
/// # use perf_harness as perf;
/// #[perf::command(lines = [1_000, 100_000])]
/// fn sort(lines: usize) -> perf::Command {
///     // A program of your own package is named by `env!("CARGO_BIN_EXE_name")`.
///     perf::Command::new("sort")
///         .arg("--numeric-sort")
///         .env("LC_ALL", "C")
///         .stdin((0..lines).rev().map(|n| format!("{n}\n")).collect::<String>())
///         .check(|output| output.stdout.starts_with(b"0\n1\n"))
/// }
/// # perf::main!();
/// ```
///
/// The four closures are called where nothing is timed. One that panics fails the benchmark.
#[must_use = "a command is run when the benchmark's function returns it"]
pub struct Command {
    program: OsString,
    arguments: Vec<OsString>,
    variables: Vec<(OsString, Option<OsString>)>,
    inherits_variables: bool,
    directory: Option<PathBuf>,
    stdin: Input,
    code: i32,
    check: Option<Check>,
    set_up: Step,
    prepare: Step,
    conclude: Step,
    cleanup: Step,
    throughput: Throughput,
    scripted_ns: u64,
}

/// What a program reads.
enum Input {
    Nothing,
    Bytes(Arc<[u8]>),
    File(PathBuf),
}

type Check = Box<dyn FnMut(&Output) -> bool>;

/// Something that is done around the runs.
#[derive(Default)]
struct Step(Option<Box<dyn FnMut()>>);

impl Step {
    fn of(step: impl FnMut() + 'static) -> Self {
        Self(Some(Box::new(step)))
    }

    fn take(&mut self) {
        if let Some(step) = &mut self.0 {
            step();
        }
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Command")
            .field("program", &self.program)
            .field("arguments", &self.arguments)
            .finish_non_exhaustive()
    }
}

impl Command {
    /// A run of `program`, which is looked for as the system does: by `PATH` if the name has no slash, otherwise from the
    /// working directory.
    pub fn new(program: impl Into<OsString>) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            variables: Vec::new(),
            inherits_variables: true,
            directory: None,
            stdin: Input::Nothing,
            code: 0,
            check: None,
            set_up: Step::default(),
            prepare: Step::default(),
            conclude: Step::default(),
            cleanup: Step::default(),
            throughput: Throughput::default(),
            scripted_ns: 0,
        }
    }

    /// Adds an argument.
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Adds several arguments.
    pub fn args<A: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Sets an environment variable, on top of those that the benchmark itself has.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.variables.push((name.into(), Some(value.into())));
        self
    }

    /// Takes an environment variable away.
    pub fn env_remove(mut self, name: impl Into<OsString>) -> Self {
        self.variables.push((name.into(), None));
        self
    }

    /// Takes away all environment variables, except those that this command sets, before this call or after it.
    pub const fn env_clear(mut self) -> Self {
        self.inherits_variables = false;
        self
    }

    /// Runs it in this directory; in the package's root if nothing is said.
    pub fn current_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directory = Some(directory.into());
        self
    }

    /// Lets it read these bytes from a pipe, which is closed after them. It reads nothing if nothing is said.
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        let bytes: Vec<u8> = bytes.into();
        self.stdin = Input::Bytes(bytes.into());
        self
    }

    /// Lets it read a file, which is opened anew for each run; `path` is taken from the directory it runs in.
    pub fn stdin_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.stdin = Input::File(path.into());
        self
    }

    /// The exit code that is right; 0 if nothing is said. Any other fails the benchmark, as does a signal.
    pub const fn status(mut self, code: i32) -> Self {
        self.code = code;
        self
    }

    /// Fails the benchmark unless `holds` says that what was printed is right: looked at after each run. Without a check the
    /// output is read and thrown away. A program that prints more than 64 MiB cannot be checked so.
    pub fn check(mut self, holds: impl FnMut(&Output) -> bool + 'static) -> Self {
        self.check = Some(Box::new(holds));
        self
    }

    /// Is called once in each launch, before anything is run.
    pub fn set_up(mut self, step: impl FnMut() + 'static) -> Self {
        self.set_up = Step::of(step);
        self
    }

    /// Is called before each run.
    pub fn prepare(mut self, step: impl FnMut() + 'static) -> Self {
        self.prepare = Step::of(step);
        self
    }

    /// Is called after each run, also one that failed.
    pub fn conclude(mut self, step: impl FnMut() + 'static) -> Self {
        self.conclude = Step::of(step);
        self
    }

    /// Is called once at the end of each launch, also when a run, a check or another step failed. Not after a timeout or an
    /// interruption: then the process that would call it is killed with the program.
    pub fn cleanup(mut self, step: impl FnMut() + 'static) -> Self {
        self.cleanup = Step::of(step);
        self
    }

    /// A run works through this many items; rates are shown in items per second.
    pub const fn items(mut self, count: u64) -> Self {
        self.throughput.items = Some(count);
        self
    }

    /// A run works through this many bytes; rates are shown in bytes per second.
    pub const fn bytes(mut self, count: u64) -> Self {
        self.throughput.bytes = Some(count);
        self
    }

    /// Lets each run take so long on the scripted clock, which no other process can move.
    #[doc(hidden)]
    pub const fn spend(mut self, nanoseconds: u64) -> Self {
        self.scripted_ns = nanoseconds;
        self
    }

    pub(crate) const fn throughput(&self) -> Throughput {
        self.throughput
    }

    pub(crate) fn take_set_up(&mut self) {
        self.set_up.take();
    }

    pub(crate) fn take_cleanup(&mut self) {
        self.cleanup.take();
    }

    /// As it is named in messages.
    fn shown(&self) -> String {
        format!("`{}`", self.program.display())
    }
}

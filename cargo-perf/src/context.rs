//! The edges, read once and handed in: environment, working directory, time of day, terminal.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::environment::Ci;
use crate::failure::{Failure, Kind};
use crate::report::{Format, Look, printable_lines};
use crate::run::LIBRARY_PATH;
use crate::store::day;

/// What a command may know of the world around it.
#[derive(Clone, Debug)]
pub struct Context {
    /// The cargo to call: the one that called us, if one did.
    pub cargo: String,
    /// The compiler that cargo calls.
    pub rustc: String,
    /// The program that cargo calls in the compiler's place, if the environment names one.
    pub rustc_wrapper: Option<OsString>,
    /// This program; `None` where the system does not tell.
    pub program: Option<PathBuf>,
    /// Working directory.
    pub directory: PathBuf,
    /// What the environment says of how to build, fit for a record.
    pub flags: String,
    /// Where the system's loader was told to look for libraries.
    pub library_path: Option<OsString>,
    /// Folders in which programs are looked for.
    pub search_path: OsString,
    /// The user's home folder, which no record may name.
    pub home: Option<String>,
    /// Seconds since 1970 UTC at which the command began.
    pub now: i64,
    /// Whether standard error is a terminal that can be drawn on.
    pub draws: bool,
    /// Whether standard output may be coloured.
    pub colours: bool,
    /// The system of continuous integration that it runs under.
    pub ci: Ci,
    /// Columns of the terminal, if known.
    pub width: Option<usize>,
    /// Set when the user wants to stop.
    pub stop: Arc<AtomicBool>,
    /// How failures are told, once that is known.
    errors: Arc<OnceLock<Format>>,
    /// Whether only what matters is to be said.
    quiet: Arc<AtomicBool>,
}

impl Context {
    /// The day on which the command began, `YYYY-MM-DD` by UTC. A year past 9999 is no date, and after all of them.
    #[must_use]
    pub fn today(&self) -> String {
        day(self.now).unwrap_or_else(|| "9999-12-31".to_owned())
    }

    /// Reads the world.
    ///
    /// # Errors
    /// When there is no working directory, or the signals that end a run cannot be watched.
    #[expect(
        clippy::disallowed_methods,
        reason = "the edge at which environment and time are read"
    )]
    pub fn read() -> Result<Self, Failure> {
        let variable = |name: &str| std::env::var(name).ok();
        let directory =
            std::env::current_dir().map_err(|error| Failure::new(Kind::Setup, error))?;
        let dumb = variable("TERM").is_some_and(|term| term == "dumb");
        let no_colour = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |time| time.as_secs());
        Ok(Self {
            cargo: variable("CARGO").unwrap_or_else(|| "cargo".to_owned()),
            rustc: variable("RUSTC").unwrap_or_else(|| "rustc".to_owned()),
            rustc_wrapper: std::env::var_os("RUSTC_WRAPPER")
                .or_else(|| std::env::var_os("CARGO_BUILD_RUSTC_WRAPPER")),
            program: std::env::current_exe().ok(),
            directory,
            flags: crate::environment::build_settings(readable_variables()),
            library_path: std::env::var_os(LIBRARY_PATH),
            search_path: std::env::var_os("PATH").unwrap_or_default(),
            home: variable("HOME").filter(|home| home.len() > 1),
            now: i64::try_from(now).unwrap_or(i64::MAX),
            draws: io::stderr().is_terminal() && !dumb,
            colours: io::stdout().is_terminal() && !dumb && !no_colour,
            ci: Ci::detect(variable),
            width: variable("COLUMNS")
                .and_then(|columns| columns.parse().ok())
                .or_else(terminal_width),
            stop: perf_runner::stop_flag().map_err(|error| Failure::new(Kind::Setup, error))?,
            errors: Arc::default(),
            quiet: Arc::default(),
        })
    }

    /// What results are seen on.
    #[must_use]
    pub fn look(&self) -> Look {
        Look {
            colours: self.colours,
            width: self.width,
            quiet: self.is_quiet(),
        }
    }

    /// From now on only what matters is said, if that is wished.
    pub fn hush(&self, quiet: bool) {
        self.quiet.store(quiet, Ordering::Relaxed);
    }

    /// Whether only what matters is said.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.quiet.load(Ordering::Relaxed)
    }

    /// From now on failures are told as results are shown.
    pub fn show_errors_as(&self, format: Format) {
        // The first word counts: a command has one format.
        let _settled = self.errors.set(format);
    }

    /// How failures are told, if that is settled.
    #[must_use]
    pub fn errors_as(&self) -> Option<Format> {
        self.errors.get().copied()
    }

    /// Writes to standard output. A reader that has seen enough is no failure.
    ///
    /// # Errors
    /// When standard output cannot be written to for another reason.
    pub fn print(&self, text: &str) -> Result<(), Failure> {
        match io::stdout().lock().write_all(text.as_bytes()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::new(
                Kind::Setup,
                anyhow::Error::new(error).context("could not write to standard output"),
            )),
            _ => Ok(()),
        }
    }

    /// The same of how far things are, which whoever wants it quiet does not want to know.
    pub fn mention(&self, line: impl std::fmt::Display) {
        if !self.is_quiet() {
            self.say(line);
        }
    }

    /// Writes a line for the person at the terminal to standard error.
    pub fn say(&self, line: impl std::fmt::Display) {
        // A closed standard error costs the comments, not the results.
        let _closed = writeln!(io::stderr(), "{}", printable_lines(&line.to_string()));
    }
}

/// Columns of the terminal that standard output is, if it is one.
fn terminal_width() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// The environment. A variable that is not text is shown as far as it is: that it is set must not be passed over.
fn readable_variables() -> impl Iterator<Item = (String, String)> {
    let text = |text: OsString| text.to_string_lossy().into_owned();
    std::env::vars_os().map(move |(name, value)| (text(name), text(value)))
}

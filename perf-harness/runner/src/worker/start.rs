//! How a worker is started.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use perf_schema::wire::{PADDING_VARIABLE, PROTOCOL, WORKER_VARIABLE};
use rustix::process::Pid;

use super::channel::Channel;
use super::orphans::{self, MARK_VARIABLE, Watch};
use super::output::Output;
use super::program::{Program, StartError};
use super::{ARGUMENTS, Worker};
use crate::stopwatch::Stopwatch;

impl Worker {
    /// Starts a worker of `program` whose stack lies `padding` bytes lower than without.
    ///
    /// On Linux a worker asks to be killed when the *thread* that started it ends, so that nothing outlives a conductor
    /// that is killed: start workers on a thread that stays.
    pub(crate) fn start(
        program: &Program,
        launch: u32,
        padding: usize,
        watch: &Watch,
    ) -> Result<Self, StartError> {
        Self::try_start(&[], program, launch, padding, watch).map_err(|source| StartError {
            path: program.path.clone(),
            source,
        })
    }

    /// Starts a worker that `tool`, a program with arguments of its own, runs in its own process.
    pub(crate) fn start_under(
        tool: &[OsString],
        program: &Program,
        launch: u32,
        padding: usize,
        watch: &Watch,
    ) -> Result<Self, StartError> {
        Self::try_start(tool, program, launch, padding, watch).map_err(|source| StartError {
            path: tool
                .first()
                .map_or_else(|| program.path.clone(), PathBuf::from),
            source,
        })
    }

    fn try_start(
        tool: &[OsString],
        program: &Program,
        launch: u32,
        padding: usize,
        watch: &Watch,
    ) -> io::Result<Self> {
        let mark = orphans::new_mark();
        let (channel, theirs) = Channel::pair()?;
        let (output, pipe) = Output::new(program.show_output)?;
        let path = program.path.as_os_str();
        let mut words = tool.iter().map(OsString::as_os_str).chain([path]);
        let mut command = Command::new(words.next().unwrap_or(path));
        command.args(words);
        command
            .args(ARGUMENTS)
            .current_dir(&program.directory)
            .envs(program.variables.iter().map(|(key, value)| (key, value)))
            .env(WORKER_VARIABLE, PROTOCOL.to_string())
            .env(PADDING_VARIABLE, "x".repeat(padding))
            .env(MARK_VARIABLE, &mark)
            .stdin(Stdio::from(theirs))
            .stdout(pipe.try_clone()?)
            .stderr(pipe)
            // A group of its own, so that whatever it starts can be ended with it.
            .process_group(0);
        let child = command.spawn()?;
        Ok(Self {
            orphans: watch.over(Pid::from_child(&child), mark),
            child,
            channel,
            output,
            started: Stopwatch::start(),
            launch,
            status: None,
            memory: None,
            killed: None,
            used: None,
        })
    }
}

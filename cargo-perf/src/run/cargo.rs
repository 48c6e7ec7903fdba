//! Calling cargo, so that it ends with all that it has started when this program does.

use std::io::Read;
use std::process::{ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::keeper::{could_not_start, under_a_keeper};
use crate::context::Context;
use crate::failure::{Failure, Kind};

/// What came of a call.
pub(super) struct Called<T> {
    /// What `listen` made of its standard output.
    pub(super) said: T,
    pub(super) status: ExitStatus,
    /// What it complained, where that was not passed on.
    pub(super) complaints: String,
}

/// A call of cargo for [`call`], to be completed with its arguments.
///
/// # Errors
/// When the system does not tell where this program lies, which has to watch over it.
pub(super) fn cargo(cx: &Context) -> Result<Command, Failure> {
    match &cx.program {
        Some(program) => Ok(under_a_keeper(program, &cx.cargo)),
        None => Err(Failure::said(
            Kind::Setup,
            "the system does not tell where this program lies, which is to watch over cargo",
        )
        .help("on Linux that takes /proc")),
    }
}

/// Runs `command`, a call of [`cargo`], in the working directory and hands its standard output to `listen`.
///
/// # Errors
/// When it cannot be run, or the user wants to stop.
pub(super) fn call<T: Default>(
    cx: &Context,
    mut command: Command,
    listen: impl FnOnce(ChildStdout) -> T,
) -> Result<Called<T>, Failure> {
    command.current_dir(&cx.directory).stdout(Stdio::piped());
    let cannot = |error: std::io::Error| {
        Failure::new(
            Kind::Setup,
            anyhow::Error::new(error).context(format!("could not run {}", cx.cargo)),
        )
    };
    let mut child = command.spawn().map_err(cannot)?;
    let over = AtomicBool::new(false);
    let keeper = child.stdin.take();
    let called = std::thread::scope(|scope| {
        scope.spawn(|| hold_until_stopped(keeper, &cx.stop, &over));
        let complains = child.stderr.take().map(|mut stderr| {
            scope.spawn(move || {
                let mut bytes = Vec::new();
                // What could be read until then is all there is to show.
                let _broken = stderr.read_to_end(&mut bytes);
                String::from_utf8_lossy(&bytes).into_owned()
            })
        });
        let said = child.stdout.take().map(listen).unwrap_or_default();
        let status = child.wait();
        over.store(true, Ordering::Relaxed);
        let complaints = complains.and_then(|thread| thread.join().ok());
        status.map(|status| Called {
            said,
            status,
            complaints: complaints.unwrap_or_default(),
        })
    });
    let called = called.map_err(cannot)?;
    if cx.stop.load(Ordering::Relaxed) {
        return Err(Failure::said(Kind::Interrupted, "interrupted"));
    }
    if could_not_start(called.status) {
        return Err(Failure::said(
            Kind::Setup,
            format!("could not run {}", cx.cargo),
        ));
    }
    Ok(called)
}

/// Holds the pipe whose end tells the keeper to end the build, until that is over or the user wants to stop. It looks a few
/// times a second.
fn hold_until_stopped(keeper: Option<ChildStdin>, stop: &AtomicBool, over: &AtomicBool) {
    while !over.load(Ordering::Relaxed) && !stop.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(50));
    }
    drop(keeper);
}

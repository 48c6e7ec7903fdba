//! Calling cargo, so that it can be ended with all that it has started.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

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

/// Runs `command` in the working directory and hands its standard output to `listen`.
///
/// # Errors
/// When it cannot be run, or the user wants to stop.
pub(super) fn call<T: Default>(
    cx: &Context,
    mut command: Command,
    listen: impl FnOnce(ChildStdout) -> T,
) -> Result<Called<T>, Failure> {
    command
        .current_dir(&cx.directory)
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let cannot = |error: std::io::Error| {
        Failure::new(
            Kind::Setup,
            anyhow::Error::new(error).context(format!("could not run {}", cx.cargo)),
        )
    };
    // A group of its own, so that whatever cargo has started can be ended with it.
    let mut child = command.process_group(0).spawn().map_err(cannot)?;
    let over = AtomicBool::new(false);
    let group = child.id();
    let called = std::thread::scope(|scope| {
        scope.spawn(|| end_when_stopped(group, &cx.stop, &over));
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
    Ok(called)
}

/// Ends the build when the user wants to stop. It looks a few times a second.
fn end_when_stopped(group: u32, stop: &AtomicBool, over: &AtomicBool) {
    while !over.load(Ordering::Relaxed) {
        if stop.load(Ordering::Relaxed)
            && let Some(group) = i32::try_from(group).ok().and_then(Pid::from_raw)
        {
            // Fails only when nobody is left in it.
            let _nobody = kill_process_group(group, Signal::TERM);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

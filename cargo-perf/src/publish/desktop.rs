//! A notice on the desktop.
//!
//! By default it is shown by the program `notify-send` of libnotify. The library for it, notify-rust, brings 32 crates for
//! one message, so it is behind the feature `desktop`.

use std::ffi::OsStr;

/// Shows a notice. Title and text are data all the way and pass through no shell; `search_path` is where programs are looked
/// for.
///
/// # Errors
/// When there is no desktop, or nothing that shows notices on it.
#[cfg(feature = "desktop")]
pub fn show(_search_path: &OsStr, title: &str, text: &str) -> Result<(), String> {
    let shown = notify_rust::Notification::new()
        .appname("cargo perf")
        .summary(title)
        .body(&plain(text))
        .show();
    shown.map(|_| ()).map_err(|error| error.to_string())
}

/// Shows a notice. Title and text are arguments of the program and pass through no shell; `search_path` is where programs are
/// looked for.
///
/// # Errors
/// When there is no such program, or it fails, as where there is no desktop.
#[cfg(not(feature = "desktop"))]
pub fn show(search_path: &OsStr, title: &str, text: &str) -> Result<(), String> {
    use std::process::{Command, Stdio};

    const PROGRAM: &str = "notify-send";
    // What is relative would lead into the code that is measured.
    let mut folders = std::env::split_paths(search_path).filter(|folder| folder.is_absolute());
    let program = folders
        .find_map(|folder| Some(folder.join(PROGRAM)).filter(|path| path.is_file()))
        .ok_or_else(|| format!("{PROGRAM} is not installed"))?;
    let output = Command::new(program)
        .args(["--app-name", "cargo perf", "--", title, &plain(text)])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| format!("{PROGRAM} could not be started: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{PROGRAM} failed: {}", said.trim()))
}

/// The text of a notice may hold marks of HTML, and a name is none.
fn plain(text: &str) -> String {
    let text = text.replace('&', "&amp;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}

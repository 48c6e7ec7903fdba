//! The signals with which a user ends a run, turned into an orderly end.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::flag;

/// A flag that is set by the first SIGINT, SIGTERM, SIGQUIT or SIGHUP. The second time a signal does what it always does.
///
/// Under `nohup` a SIGHUP stays without effect (on Linux, where that can be seen).
///
/// # Errors
/// When the signals cannot be watched.
pub fn stop_flag() -> io::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGQUIT, SIGHUP] {
        // The others are ignored in every background job of a script, which can be interrupted nonetheless.
        if signal == SIGHUP && is_ignored(signal) {
            continue;
        }
        // In this order: the flag is not set yet when the first signal asks for it.
        flag::register_conditional_default(signal, Arc::clone(&stop))?;
        flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(stop)
}

fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    ignored(&status) & (1 << (signal - 1)) != 0
}

/// The set of ignored signals, the first in the lowest bit.
fn ignored(status: &str) -> u64 {
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use rustix::process::{Signal, getpid, kill_process};

    use super::*;

    #[test]
    fn a_hangup_sets_the_flag() {
        // Otherwise the signal would end the test.
        if is_ignored(SIGHUP) {
            return;
        }
        let stop = stop_flag().unwrap();
        assert!(!stop.load(Ordering::Relaxed));
        kill_process(getpid(), Signal::HUP).unwrap();
        // The signal may reach another thread first.
        while !stop.load(Ordering::Relaxed) {
            std::thread::yield_now();
        }
    }

    #[test]
    fn what_is_ignored_is_read_from_the_mask() {
        let status = "SigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\n";
        assert_eq!(ignored(status), 0x1001);
        assert_eq!(ignored(""), 0);
    }
}

//! What helps to explain a run afterwards. What cannot be had is absent.

use std::fs;
use std::path::Path;

use crate::hash;

/// Load average over the last minute, in hundredths.
#[must_use]
pub fn load_percent() -> Option<u32> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    let load: f64 = text.split_whitespace().next()?.parse().ok()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a small positive number, saturating"
    )]
    Some((load * 100.0).round() as u32)
}

/// Hash of the lock file of the workspace at `root`.
#[must_use]
pub fn dependencies(root: &Path) -> Option<String> {
    let lock = fs::read(root.join("Cargo.lock")).ok()?;
    Some(hash::short(lock, 16))
}

/// Main memory in MiB.
#[must_use]
pub fn memory_mib() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kib / 1024)
}

/// Frequency governor of the first core.
#[must_use]
pub fn governor() -> Option<String> {
    let text = fs::read_to_string("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").ok()?;
    Some(text.trim().to_owned())
}

/// `virtual machine` or `container`, where the system says so.
#[must_use]
pub fn virtualisation() -> Option<String> {
    if fs::exists("/.dockerenv").unwrap_or(false)
        || fs::exists("/run/.containerenv").unwrap_or(false)
    {
        return Some("container".to_owned());
    }
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").ok()?;
    let flags = cpuinfo.lines().find(|line| line.starts_with("flags"))?;
    flags
        .split_whitespace()
        .any(|flag| flag == "hypervisor")
        .then(|| "virtual machine".to_owned())
}

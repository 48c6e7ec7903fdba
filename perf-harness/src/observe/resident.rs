//! The largest memory this process ever had resident.

use perf_schema::{Observed, Unit};

/// From the process's own high-water mark. `getrusage` will not do: what it says begins with the memory of the process
/// that started this one.
pub(super) fn peak() -> Observed {
    match high_water_mark() {
        Ok(bytes) => Observed::noisy(Unit::BYTES, bytes as f64),
        Err(reason) => Observed::Absent { reason },
    }
}

#[cfg(target_os = "linux")]
pub(super) fn high_water_mark() -> Result<u64, String> {
    let status = std::fs::read_to_string("/proc/self/status")
        .map_err(|error| format!("/proc/self/status could not be read: {error}"))?;
    of_status(&status).ok_or_else(|| "/proc/self/status has no VmHWM".to_owned())
}

#[cfg(not(target_os = "linux"))]
pub(super) fn high_water_mark() -> Result<u64, String> {
    Err("this system has no high-water mark of a process's own".to_owned())
}

/// `VmHWM:      5204 kB`, in bytes.
#[cfg(any(target_os = "linux", test))]
fn of_status(status: &str) -> Option<u64> {
    let rest = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u32 = rest.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(u64::from(kibibytes) * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_is_read_from_among_the_others() {
        let status =
            "Name:\tworker\nVmPeak:\t  9000 kB\nVmHWM:\t    5204 kB\nVmRSS:\t    4000 kB\n";
        assert_eq!(of_status(status), Some(5204 * 1024));
        for damaged in [
            "",
            "VmHWM:",
            "VmHWM:\t5204",
            "VmHWM:\t-1 kB",
            "VmRSS:\t1 kB",
        ] {
            assert_eq!(of_status(damaged), None, "{damaged}");
        }
    }
}

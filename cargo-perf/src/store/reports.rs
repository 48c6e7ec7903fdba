//! `.perf/reports/`: what each `cargo perf check` found, a file for each. None is ever written over.

use std::path::Path;

use super::atomic::{self, WriteError};
use super::date::stamp;
use super::local::local_folder;
use crate::repository::LOCAL;

const FOLDER: &str = "reports";

/// Reports of one second.
const MOST: u32 = 1000;

/// Why a report cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The clock of this machine is far off.
    #[error(
        "the clock says {0} seconds since 1970, which is in no year from 1970 to 9999; set the clock"
    )]
    Clock(i64),
    /// The system refused.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Keeps the report of a check that began at `now`, in seconds since 1970 UTC, as `check-YYYYMMDD-HHMMSS.json` of the workspace
/// at `root`; a further one of the same second as `check-YYYYMMDD-HHMMSS-2.json`. Returns its path from there, with `/`.
///
/// # Errors
/// When it cannot be written.
pub fn keep_report(root: &Path, now: i64, text: &str) -> Result<String, ReportError> {
    let time = stamp(now).ok_or(ReportError::Clock(now))?;
    let time = time.trim_end_matches('Z').replace('T', "-");
    let folder = local_folder(root, FOLDER)?;
    let mut taken = None;
    for count in 1..=MOST {
        let name = match count {
            1 => format!("check-{time}.json"),
            _ => format!("check-{time}-{count}.json"),
        };
        match atomic::write_new(&folder, &name, text.as_bytes()) {
            Ok(_) => return Ok(format!("{LOCAL}/{FOLDER}/{name}")),
            Err(WriteError::Taken(path)) => taken = Some(WriteError::Taken(path)),
            Err(error) => return Err(error.into()),
        }
    }
    Err(taken.map_or(ReportError::Clock(now), ReportError::Write))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_named_by_its_second_and_never_written_over() {
        let root = tempfile::tempdir().unwrap();
        let keep = |text| keep_report(root.path(), 1_700_000_000, text).unwrap();
        assert_eq!(keep("one"), ".perf/reports/check-20231114-221320.json");
        assert_eq!(keep("two"), ".perf/reports/check-20231114-221320-2.json");
        assert_eq!(keep("three"), ".perf/reports/check-20231114-221320-3.json");
        let read = |name: &str| std::fs::read_to_string(root.path().join(name)).unwrap();
        assert_eq!(read(".perf/reports/check-20231114-221320.json"), "one");
        assert_eq!(read(".perf/reports/check-20231114-221320-2.json"), "two");
        assert!(keep_report(root.path(), i64::MAX, "x").is_err());
    }
}

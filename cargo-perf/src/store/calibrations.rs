//! `.perf/calibrations/sessions.json`: sessions of unchanged code that `cargo perf calibrate` took on this machine.
//!
//! They are kept as records, so that what is learned from them can be learned anew. The file may be deleted at any time; one that
//! cannot be read is told of, and set aside when the next calibration is kept.

use std::path::{Path, PathBuf};

use perf_schema::RunRecord;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::atomic::{self, WriteError};
use super::date::stamp;
use super::entry::read_regular;
use super::local::local_folder;
use super::{Fault, MAX_RECORD, Reason};
use crate::repository::LOCAL;

const FOLDER: &str = "calibrations";
const FILE: &str = "sessions.json";

/// Version of the file.
const VERSION: u32 = 1;

/// Sessions that are kept: the newest of them.
const KEPT: usize = 16;

/// A session of a calibration.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// The day it was taken, as `YYYYMMDD`.
    pub day: String,
    /// What was seen.
    pub record: RunRecord,
}

/// The calibrations of a workspace.
#[derive(Clone, Debug)]
pub struct Calibrations {
    root: PathBuf,
}

/// Why sessions cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    /// They cannot be put into words.
    #[error("the sessions cannot be written down: {0}")]
    Form(String),
    /// The system refused.
    #[error(transparent)]
    Write(#[from] WriteError),
}

#[derive(Serialize, Deserialize)]
struct Wire {
    version: u32,
    sessions: Vec<WireSession>,
}

#[derive(Serialize, Deserialize)]
struct WireSession {
    day: String,
    record: Value,
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

impl Calibrations {
    /// The calibrations of the workspace at `root`. Nothing is read or made.
    #[must_use]
    pub fn at(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    /// The file, as a person types it.
    #[must_use]
    pub fn file() -> String {
        format!("{LOCAL}/{FOLDER}/{FILE}")
    }

    /// The sessions that are kept, oldest first; none if there is no file.
    ///
    /// # Errors
    /// When there is a file that is not one of sessions, or not one for this version of cargo perf.
    pub fn read(&self) -> Result<Vec<Session>, Fault> {
        let path = self.root.join(LOCAL).join(FOLDER).join(FILE);
        let is_link = |folder: &Path| folder.symlink_metadata().is_ok_and(|it| it.is_symlink());
        let local = self.root.join(LOCAL);
        let read = || {
            if is_link(&local) || is_link(&local.join(FOLDER)) {
                return Err(Reason::Link);
            }
            match path.symlink_metadata() {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
                _ => sessions_in(&read_regular(&path)?),
            }
        };
        read().map_err(|reason| Fault {
            file: Self::file(),
            reason,
        })
    }

    /// Keeps more sessions, and of those before as many as there is room for. A file that cannot be read is set aside under another
    /// name, which is returned. Of two calibrations that end in the same moment the later one is kept.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn keep(&self, new: Vec<Session>, now: i64) -> Result<Option<String>, NotKept> {
        let folder = local_folder(&self.root, FOLDER)?;
        let (mut sessions, aside) = match self.read() {
            Ok(sessions) => (sessions, None),
            Err(_) => (Vec::new(), Some(set_aside(&folder, now)?)),
        };
        sessions.extend(new);
        sessions.drain(..sessions.len().saturating_sub(KEPT));
        let mut bytes = bytes_of(&sessions)?;
        // Of a large suite fewer sessions fit into a file that can be read again.
        while bytes.len() > MAX_RECORD && sessions.len() > 1 {
            sessions.remove(0);
            bytes = bytes_of(&sessions)?;
        }
        atomic::replace(&folder, FILE, &bytes)?;
        Ok(aside)
    }
}

fn set_aside(folder: &Path, now: i64) -> Result<String, WriteError> {
    let name = format!("damaged-{}.json", stamp(now).unwrap_or_default());
    let path = folder.join(FILE);
    std::fs::rename(&path, folder.join(&name)).map_err(|source| WriteError::Io { path, source })?;
    Ok(format!("{LOCAL}/{FOLDER}/{name}"))
}

fn sessions_in(bytes: &[u8]) -> Result<Vec<Session>, Reason> {
    let no_json = |error: serde_json::Error| Reason::Calibration(error.to_string());
    // The version first: of a later one nothing else may be assumed.
    let Version { version } = serde_json::from_slice(bytes).map_err(no_json)?;
    if version != VERSION {
        return Err(Reason::Calibration(format!(
            "it is of version {version}, and this cargo perf knows version {VERSION}"
        )));
    }
    let wire: Wire = serde_json::from_slice(bytes).map_err(no_json)?;
    wire.sessions
        .into_iter()
        .map(|session| {
            let bytes = serde_json::to_vec(&session.record).map_err(no_json)?;
            Ok(Session {
                day: session.day,
                record: RunRecord::from_slice(&bytes)?,
            })
        })
        .collect()
}

fn bytes_of(sessions: &[Session]) -> Result<Vec<u8>, NotKept> {
    let sessions = sessions
        .iter()
        .map(|session| {
            let record = session.record.to_value();
            Ok(WireSession {
                day: session.day.clone(),
                record: record.map_err(|error| NotKept::Form(error.to_string()))?,
            })
        })
        .collect::<Result<_, NotKept>>()?;
    let wire = Wire {
        version: VERSION,
        sessions,
    };
    serde_json::to_vec(&wire).map_err(|error| NotKept::Form(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::Sample;

    fn session(day: &str) -> Session {
        Session {
            day: day.to_owned(),
            record: Sample::new().benches(&["a", "b"]).record(),
        }
    }

    fn days(calibrations: &Calibrations) -> Vec<String> {
        let read = calibrations.read().unwrap();
        read.into_iter().map(|session| session.day).collect()
    }

    #[test]
    fn what_is_kept_is_read_and_the_oldest_go_first() {
        let root = tempfile::tempdir().unwrap();
        let calibrations = Calibrations::at(root.path());
        assert_eq!(calibrations.read().unwrap(), Vec::new());
        assert_eq!(
            calibrations.keep(vec![session("20260101")], 0).unwrap(),
            None
        );
        assert_eq!(calibrations.read().unwrap(), vec![session("20260101")]);
        let many = (0..KEPT).map(|i| session(&format!("202602{i:02}")));
        calibrations.keep(many.collect(), 0).unwrap();
        let days = days(&calibrations);
        assert_eq!((days.len(), days[0].as_str()), (KEPT, "20260200"));
    }

    #[test]
    fn a_damaged_file_is_told_of_and_set_aside() {
        let root = tempfile::tempdir().unwrap();
        let calibrations = Calibrations::at(root.path());
        calibrations.keep(vec![session("20260101")], 0).unwrap();
        let path = root.path().join(Calibrations::file());
        let whole = std::fs::read(&path).unwrap();
        let damages: [&[u8]; 5] = [
            b"",
            b"{",
            b"{\"version\":2,\"anything\":[]}",
            b"{\"version\":1,\"sessions\":[{\"day\":\"x\",\"record\":{}}]}",
            &whole[..whole.len() / 2],
        ];
        for (now, damage) in (0_i64..).zip(damages) {
            std::fs::write(&path, damage).unwrap();
            let fault = calibrations.read().unwrap_err();
            assert_eq!(fault.file, Calibrations::file());
            let aside = calibrations.keep(vec![session("20260102")], now).unwrap();
            let aside = aside.expect("set aside");
            assert_eq!(std::fs::read(root.path().join(aside)).unwrap(), damage);
            assert_eq!(days(&calibrations), ["20260102"]);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_followed() {
        let root = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::NamedTempFile::new().unwrap();
        let calibrations = Calibrations::at(root.path());
        calibrations.keep(vec![session("20260101")], 0).unwrap();
        let path = root.path().join(Calibrations::file());
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), &path).unwrap();
        assert!(matches!(
            calibrations.read().unwrap_err().reason,
            Reason::Link
        ));
        calibrations.keep(vec![session("20260102")], 7).unwrap();
        assert_eq!(std::fs::read(elsewhere.path()).unwrap(), b"");
        assert_eq!(days(&calibrations), ["20260102"]);
    }
}

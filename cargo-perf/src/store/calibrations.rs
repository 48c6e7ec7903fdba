//! `.perf/calibrations/sessions.json`: sessions of unchanged code that `cargo perf calibrate` took on this machine.
//!
//! They are kept as records, so that what is learned from them can be learned anew. The file may be deleted at any time; one that
//! cannot be read is told of, and set aside when the next calibration is kept. One of a later version stays where it is.

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

/// Files set aside that are kept: the newest of them.
const ASIDE: usize = 3;

/// What the names of files set aside begin with.
const DAMAGED: &str = "damaged-";

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
    /// One session alone is larger than a file that is read.
    #[error("a session takes {0} bytes, and a file of more than {MAX_RECORD} is not read")]
    TooLarge(usize),
    /// Another cargo perf, whose file this one cannot read, has kept some.
    #[error(
        "the file is of version {0}, of a later cargo perf, and is left as it is; use that one, or move the file away"
    )]
    Later(u32),
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
        let (mut sessions, damaged) = match self.read() {
            Ok(sessions) => (sessions, false),
            Err(_) => (Vec::new(), true),
        };
        if let Some(version) = later_version(&folder).filter(|_| damaged) {
            return Err(NotKept::Later(version));
        }
        sessions.extend(new);
        sessions.drain(..sessions.len().saturating_sub(KEPT));
        let mut bytes = bytes_of(&sessions)?;
        // Of a large suite fewer sessions fit into a file that can be read again.
        while bytes.len() > MAX_RECORD && sessions.len() > 1 {
            sessions.remove(0);
            bytes = bytes_of(&sessions)?;
        }
        if bytes.len() > MAX_RECORD {
            return Err(NotKept::TooLarge(bytes.len()));
        }
        let aside = damaged.then(|| set_aside(&folder, now)).transpose()?;
        atomic::replace(&folder, FILE, &bytes)?;
        Ok(aside)
    }
}

/// The version of the file, if it says that it is a later one than is known here.
fn later_version(folder: &Path) -> Option<u32> {
    let bytes = read_regular(&folder.join(FILE)).ok()?;
    let Version { version } = serde_json::from_slice(&bytes).ok()?;
    (version > VERSION).then_some(version)
}

fn set_aside(folder: &Path, now: i64) -> Result<String, WriteError> {
    let name = format!("{DAMAGED}{}.json", stamp(now).unwrap_or_default());
    let path = folder.join(FILE);
    std::fs::rename(&path, folder.join(&name)).map_err(|source| WriteError::Io { path, source })?;
    forget_the_oldest(folder);
    Ok(format!("{LOCAL}/{FOLDER}/{name}"))
}

/// Their names hold the time they were set aside.
fn forget_the_oldest(folder: &Path) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let is_aside = |name: &String| name.starts_with(DAMAGED) && name.ends_with(".json");
    let mut names: Vec<String> = names.filter(is_aside).collect();
    names.sort();
    for name in names.iter().rev().skip(ASIDE) {
        // What cannot be removed stays: it only takes room.
        let _left = std::fs::remove_file(folder.join(name));
    }
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
            b"{\"version\":0,\"anything\":[]}",
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
        let folder = path.parent().unwrap().read_dir().unwrap();
        assert_eq!(folder.count(), 1 + ASIDE);
    }

    #[test]
    fn a_file_of_a_later_version_is_left_as_it_is() {
        let root = tempfile::tempdir().unwrap();
        let calibrations = Calibrations::at(root.path());
        calibrations.keep(vec![session("20260101")], 0).unwrap();
        let path = root.path().join(Calibrations::file());
        let later = b"{\"version\":2,\"anything\":[]}";
        std::fs::write(&path, later).unwrap();
        let refused = calibrations.keep(vec![session("20260102")], 1).unwrap_err();
        assert!(matches!(refused, NotKept::Later(2)), "{refused}");
        assert!(
            refused.to_string().contains("move the file away"),
            "{refused}"
        );
        assert_eq!(std::fs::read(&path).unwrap(), later);
        assert_eq!(path.parent().unwrap().read_dir().unwrap().count(), 1);
    }

    #[test]
    fn what_could_not_be_read_again_is_not_written() {
        let root = tempfile::tempdir().unwrap();
        let calibrations = Calibrations::at(root.path());
        calibrations.keep(vec![session("20260101")], 0).unwrap();
        let mut large = session("20260102");
        large.record.environment.cargo_perf = "9".repeat(MAX_RECORD);
        let refused = calibrations.keep(vec![large], 1).unwrap_err();
        assert!(matches!(refused, NotKept::TooLarge(_)), "{refused}");
        assert_eq!(days(&calibrations), ["20260101"]);
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

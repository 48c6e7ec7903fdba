//! `baselines/accepts/`: accepted regressions, one small file each, named by its content and never changed.

use perf_schema::{Accept, RecordError, RecordId, canonical_text, file_text};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::shelf::{Item, ItemKind, Shelf, listed};
use super::{Fault, Place, Reason};
use crate::hash::hex;
use crate::repository::BASELINES;

/// The folder, in `baselines/`.
pub(super) const FOLDER: &str = "accepts";

/// The largest file that is read, in bytes.
pub(super) const LARGEST: usize = 64 << 10;

/// How many files are read at most.
pub const MAX_ACCEPTS: usize = 2_000;

/// Digits of the id in a file name.
const DIGITS: usize = 12;

/// An accepted regression whose id was checked against its content.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredAccept {
    /// Path from the workspace root, with `/`.
    pub file: String,
    /// Its id.
    pub id: RecordId,
    /// What it says.
    pub accept: Accept,
}

/// The accepted regressions of one place, by path, and what else was found there.
#[derive(Debug, Default)]
pub struct Accepts {
    /// Those that are in order.
    pub accepts: Vec<StoredAccept>,
    /// Files that are not.
    pub faults: Vec<Fault>,
}

/// One in the form that is written, with its file's name.
pub(super) fn encode(accept: &Accept) -> Result<(RecordId, String, Vec<u8>), RecordError> {
    let custom = |error: &dyn std::fmt::Display| {
        RecordError::Shape(serde::de::Error::custom(error.to_string()))
    };
    accept.check().map_err(|why| custom(&why))?;
    let value = serde_json::to_value(accept)?;
    let canonical = canonical_text(&value).map_err(|error| custom(&error))?;
    let id = id_of(&canonical)?;
    let text = file_text(&value, id.as_str()).map_err(|error| custom(&error))?;
    let name = name_of(&id);
    Ok((id, name, text.into_bytes()))
}

fn name_of(id: &RecordId) -> String {
    format!("{}.json", id.short(DIGITS))
}

fn id_of(text: &str) -> Result<RecordId, RecordError> {
    hex(&Sha256::digest(text))
        .try_into()
        .map_err(|error: perf_schema::InvalidId| {
            RecordError::Shape(serde::de::Error::custom(error))
        })
}

#[derive(Deserialize)]
struct Claimed {
    id: Option<RecordId>,
}

fn decode(name: &str, bytes: &[u8]) -> Result<(RecordId, Accept), Reason> {
    let accept = Accept::from_slice(bytes)?;
    let claimed = serde_json::from_slice::<Claimed>(bytes).map_err(RecordError::from)?;
    // Of the value, so that line ends of another system do no harm.
    let value: serde_json::Value = serde_json::from_slice(bytes).map_err(RecordError::from)?;
    let canonical = canonical_text(&value).map_err(|_| Reason::Id)?;
    let id = id_of(&canonical)?;
    if claimed.id.as_ref() != Some(&id) {
        return Err(Reason::Id);
    }
    if name_of(&id) != name {
        return Err(Reason::Misplaced { what: "name" });
    }
    Ok((id, accept))
}

impl Accepts {
    /// Reads what is in the folder of that name in `baselines`. `bytes` reads a file, no more of it than [`LARGEST`].
    pub(super) fn of<S: Shelf>(
        shelf: &S,
        baselines: &S::Folder,
        bytes: impl Fn(&Place) -> Result<Vec<u8>, Reason>,
    ) -> Self {
        let mut found = Self::default();
        let path = format!("{BASELINES}/{FOLDER}");
        let in_baselines = found.items(shelf, baselines, BASELINES);
        let Some(folder) = in_baselines.into_iter().find(|item| item.name == FOLDER) else {
            return found;
        };
        let folder = match folder.kind {
            ItemKind::Folder(folder) => folder,
            // The list of records names it too.
            ItemKind::Link => return found.with(path, Reason::Link),
            ItemKind::File(_) | ItemKind::Other => return found.with(path, Reason::NotAFile),
        };
        let items = found.items(shelf, &folder, &path);
        if items.len() > MAX_ACCEPTS {
            found.fault(path.clone(), Reason::TooManyAccepts);
        }
        for item in items.into_iter().take(MAX_ACCEPTS) {
            let file = format!("{path}/{}", item.name);
            let read = match &item.kind {
                ItemKind::File(place) if is_name(&item.name) => {
                    bytes(place).and_then(|bytes| decode(&item.name, &bytes))
                }
                ItemKind::File(_) => Err(Reason::Name),
                ItemKind::Link => Err(Reason::Link),
                ItemKind::Folder(_) | ItemKind::Other => Err(Reason::NotAFile),
            };
            match read {
                Ok((id, accept)) => found.accepts.push(StoredAccept { file, id, accept }),
                Err(reason) => found.fault(file, reason),
            }
        }
        found
    }

    fn items<S: Shelf>(
        &mut self,
        shelf: &S,
        folder: &S::Folder,
        path: &str,
    ) -> Vec<Item<S::Folder>> {
        listed(shelf, folder).unwrap_or_else(|reason| {
            self.fault(path.to_owned(), reason);
            Vec::new()
        })
    }

    fn with(mut self, file: String, reason: Reason) -> Self {
        self.fault(file, reason);
        self
    }

    fn fault(&mut self, file: String, reason: Reason) {
        self.faults.push(Fault { file, reason });
    }
}

/// The reason in the words of what is read here.
pub(super) fn too_large(reason: Reason) -> Reason {
    match reason {
        Reason::TooLarge => Reason::TooLargeAccept,
        other => other,
    }
}

fn is_name(name: &str) -> bool {
    let digits = name.strip_suffix(".json").unwrap_or_default();
    digits.len() == DIGITS
        && digits
            .bytes()
            .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::super::{Baselines, CommittedBaselines};
    use super::*;
    use crate::repository::fixture::Project;
    use perf_schema::{ACCEPT_VERSION, Amount, Better, Unit};

    fn accept(reason: &str) -> Accept {
        Accept {
            schema: ACCEPT_VERSION,
            benchmark: crate::store::fixture::bench("sort"),
            metric: "wall".to_owned(),
            unit: Unit::NANOSECONDS,
            better: Better::Lower,
            class: Some("k3v9".to_owned()),
            from: Amount::new(100.0).unwrap(),
            to: Amount::new(110.5).unwrap(),
            reason: reason.to_owned(),
            who: None,
            expires: None,
        }
    }

    fn reasons(found: &Accepts) -> Vec<String> {
        found.faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_written_is_found_in_the_working_tree_and_in_the_commit() {
        let project = Project::new();
        let repository = project.open();
        let baselines = Baselines::at(repository.workdir());
        let saved = baselines.accept(&accept("one")).unwrap();
        assert!(!saved.already_there && baselines.accept(&accept("one")).unwrap().already_there);
        baselines.accept(&accept("two")).unwrap();
        let here = baselines.accepts();
        assert_eq!((here.accepts.len(), here.faults.len()), (2, 0));
        let one = here
            .accepts
            .iter()
            .find(|stored| stored.file == saved.file)
            .unwrap();
        assert_eq!((&one.accept, &one.id), (&accept("one"), &saved.id));
        let commit = project.commit("accept");
        let there = CommittedBaselines::of(&repository, &commit)
            .unwrap()
            .accepts();
        assert_eq!(there.accepts, here.accepts);
        assert!(
            baselines.read_working_tree().faults.is_empty(),
            "it is no record, and has leave to be there"
        );
    }

    #[test]
    fn what_is_none_is_named_and_the_rest_is_read() {
        let project = Project::new();
        let repository = project.open();
        let baselines = Baselines::at(repository.workdir());
        let saved = baselines.accept(&accept("one")).unwrap();
        let text = std::fs::read_to_string(repository.workdir().join(&saved.file)).unwrap();
        let folder = "baselines/accepts";
        project.write(&format!("{folder}/README.md"), "what this is");
        project.write(&format!("{folder}/notes.json"), "{}");
        project.write(&format!("{folder}/000000000000.json"), &text);
        project.write(
            &format!("{folder}/111111111111.json"),
            text.replace("110.5", "300"),
        );
        project.write(&format!("{folder}/222222222222.json"), "{\"schema\":9}");
        project.write(
            &format!("{folder}/333333333333.json"),
            " ".repeat(LARGEST + 1),
        );
        project.write(&format!("{folder}/444444444444.json/x"), "");
        project.write(&format!("{folder}/555555555555.json"), "[[[[");
        let check = |found: &Accepts| {
            assert_eq!(found.accepts.len(), 1);
            let faults = reasons(found);
            assert_eq!(faults.len(), 7, "{faults:?}");
            for (fault, part) in faults.iter().zip([
                "000000000000.json: its name does not match",
                "111111111111.json: its content does not match its id",
                "update cargo perf",
                "64 KiB",
                "not a regular file",
                "not a record",
                "not named like a record",
            ]) {
                assert!(fault.contains(part), "{fault} has not {part}");
            }
        };
        check(&baselines.accepts());
        let commit = project.commit("strange");
        check(
            &CommittedBaselines::of(&repository, &commit)
                .unwrap()
                .accepts(),
        );
    }

    #[test]
    fn none_is_fine_and_a_link_is_not_followed() {
        let project = Project::new();
        let repository = project.open();
        let baselines = Baselines::at(repository.workdir());
        assert_eq!(reasons(&baselines.accepts()), Vec::<String>::new());
        project.write("elsewhere/x", "");
        std::fs::create_dir(repository.workdir().join(BASELINES)).unwrap();
        #[cfg(unix)]
        {
            let link = repository.workdir().join("baselines/accepts");
            std::os::unix::fs::symlink("../elsewhere", link).unwrap();
            assert!(reasons(&baselines.accepts())[0].contains("symbolic link"));
            assert!(baselines.accept(&accept("one")).is_err());
        }
    }

    #[test]
    fn nothing_without_a_reason_is_written() {
        assert!(encode(&accept(" ")).is_err());
        let better = Accept {
            to: Amount::new(90.0).unwrap(),
            ..accept("x")
        };
        assert!(encode(&better).is_err());
    }
}

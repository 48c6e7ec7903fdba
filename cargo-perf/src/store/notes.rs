//! `baselines/notes/`: notes on commits, one small file each, named by its content and never changed.

use perf_schema::{Note, RecordError, RecordId};

use super::Fault;
use super::by_content::{ByContent, Filed, Found};

impl ByContent for Note {
    const FOLDER: &'static str = "notes";
    const ONE: &'static str = "a note";
    const MANY: &'static str = "notes";

    fn from_slice(bytes: &[u8]) -> Result<Self, RecordError> {
        Self::from_slice(bytes)
    }

    fn check(&self) -> Result<(), &'static str> {
        self.check()
    }
}

/// A note whose id was checked against its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredNote {
    /// Path from the workspace root, with `/`.
    pub file: String,
    /// Its id.
    pub id: RecordId,
    /// What it says.
    pub note: Note,
}

/// The notes of one place, by path, and what else was found there.
#[derive(Debug, Default)]
pub struct Notes {
    /// Those that are in order.
    pub notes: Vec<StoredNote>,
    /// Files that are not.
    pub faults: Vec<Fault>,
}

impl From<Found<Note>> for Notes {
    fn from(found: Found<Note>) -> Self {
        let stored = |Filed { file, id, content }| StoredNote {
            file,
            id,
            note: content,
        };
        Self {
            notes: found.filed.into_iter().map(stored).collect(),
            faults: found.faults,
        }
    }
}

#[cfg(test)]
mod tests {
    use perf_schema::NOTE_VERSION;

    use super::*;
    use crate::repository::fixture::Project;
    use crate::store::{Baselines, CommittedBaselines};

    #[test]
    fn what_is_written_is_found_in_the_working_tree_and_in_the_commit() {
        let project = Project::new();
        let repository = project.open();
        let baselines = Baselines::at(repository.workdir());
        let note = |text: &str| Note {
            schema: NOTE_VERSION,
            commit: project.head(),
            source_tree: None,
            text: text.to_owned(),
            who: None,
        };
        let noted = note("arena allocator");
        let saved = baselines.note(&noted).unwrap();
        assert!(!saved.already_there && baselines.note(&noted).unwrap().already_there);
        assert!(baselines.note(&note(" ")).is_err());
        project.write("baselines/notes/222222222222.json", "{\"schema\":9}");
        project.write("baselines/notes/x.json", "{}");
        let here = baselines.notes();
        let faults: Vec<String> = here.faults.iter().map(ToString::to_string).collect();
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(faults[0].contains("update cargo perf"), "{faults:?}");
        assert_eq!((here.notes.len(), &here.notes[0].note), (1, &noted));
        assert_eq!(here.notes[0].file, saved.file);
        assert!(
            baselines.read_working_tree().faults.is_empty(),
            "it is no record, and has leave to be there"
        );
        let commit = project.commit("note");
        let committed = CommittedBaselines::of(&repository, &commit).unwrap();
        assert_eq!(committed.notes().notes, here.notes);
    }
}

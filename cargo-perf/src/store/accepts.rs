//! `baselines/accepts/`: accepted regressions, one small file each, named by its content and never changed.

use perf_schema::{Accept, RecordError, RecordId};

use super::Fault;
use super::by_content::{ByContent, Filed, Found};

impl ByContent for Accept {
    const FOLDER: &'static str = "accepts";
    const ONE: &'static str = "an accepted regression";
    const MANY: &'static str = "accepted regressions";

    fn from_slice(bytes: &[u8]) -> Result<Self, RecordError> {
        Self::from_slice(bytes)
    }

    fn check(&self) -> Result<(), &'static str> {
        self.check()
    }
}

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

impl From<Found<Accept>> for Accepts {
    fn from(found: Found<Accept>) -> Self {
        let stored = |Filed { file, id, content }| StoredAccept {
            file,
            id,
            accept: content,
        };
        Self {
            accepts: found.filed.into_iter().map(stored).collect(),
            faults: found.faults,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::by_content::{LARGEST, encode};
    use super::super::{Baselines, CommittedBaselines};
    use super::*;
    use crate::repository::BASELINES;
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

//! `last`, `record:<id>` and files.

use super::scene::{Asker, ask};
use crate::repository::fixture::{Project, deaf};
use crate::store::fixture::{Sample, bench};
use crate::store::resolve::{Matched, Nothing, ResolveError, Standing};
use crate::store::{Baselines, History};

#[test]
fn the_last_run_dirty_or_not() {
    let project = Project::new();
    let first = project.head();
    project.run(1, |s| s.seed(1).benches(&["a", "b"]));
    project.write("code.rs", "dirty");
    project.run(2, |s| s.seed(2).benches(&["a"]));
    let newest = project.run(3, |s| s.seed(3).profile("release"));
    let mut asker = Asker::at(project.root()).wanting(&["a", "b"]);
    let found = asker.ask("last");
    let choice = found.of("a");
    assert_eq!(
        (choice.seeds(), choice.distance, choice.matched),
        (vec![2], None, Matched::Named)
    );
    assert_eq!((choice.standing, choice.same_code), (Standing::Firm, true));
    assert_eq!(found.of("b").seeds(), [1]);
    assert_eq!(found.of("b").commit, Some(first));
    assert!(found.rejected[0].file.contains(newest.short(8)));
    asker.exclude = vec![found.of("a").records[0].id.clone()];
    assert_eq!(
        asker.ask("last").of("a").seeds(),
        [1],
        "not its own baseline"
    );
}

#[test]
fn the_last_run_without_git() {
    deaf();
    let folder = tempfile::tempdir().unwrap();
    let asker = Asker::at(folder.path());
    let found = asker.ask("last");
    assert_eq!(found.nothing, Some(Nothing::NoRecord));
    assert_eq!(
        found.text(),
        "no comparable baseline for last: there is no record\nmake one: type `cargo perf run`"
    );
    let record = Sample::new().benches(&["a"]).seed(5).record();
    History::at(folder.path())
        .save(&record, 1_700_000_000)
        .unwrap();
    let found = asker.ask("last");
    assert_eq!(
        (found.of("a").seeds(), found.of("a").commit.clone()),
        (vec![5], None)
    );
    assert!(!found.of("a").same_code);
}

#[test]
fn a_record_by_its_id() {
    let project = Project::new();
    let record = project.save_and_commit(|s| s.seed(1));
    let id = crate::store::record_file::encode(&record).unwrap().id;
    project.change("second");
    for digits in [4, 8, 20, 64] {
        let found = ask(&project, &format!("record:{}", id.short(digits)));
        assert_eq!(
            (found.of("a").seeds(), found.of("a").matched),
            (vec![1], Matched::Named)
        );
    }
    // From the tip of another branch, without a checkout.
    project.git().set_head("refs/heads/other").unwrap();
    std::fs::remove_dir_all(project.path("baselines")).unwrap();
    project.commit("unrelated");
    let found = ask(&project, &format!("record:{}", id.short(8)));
    assert_eq!(found.of("a").seeds(), [1]);
    for wrong in ["", "abc", "zzzz", "00000000", "../../x", &"0".repeat(65)] {
        let error = Asker::at(project.root())
            .try_ask(&format!("record:{wrong}"))
            .unwrap_err();
        assert!(
            matches!(error, ResolveError::NoSuchRecord { .. }) && error.is_usage(),
            "{error}"
        );
    }
}

#[test]
fn a_record_by_an_ambiguous_id() {
    let project = Project::new();
    // Two in 65 536 begin alike soon enough.
    let mut seen = std::collections::HashMap::new();
    let baselines = Baselines::at(project.root());
    let sample = Sample::of(&project.state());
    for seed in 0.. {
        let saved = crate::store::record_file::encode(&sample.clone().seed(seed).record()).unwrap();
        if let Some(twin) = seen.insert(saved.id.short(4).to_owned(), seed) {
            for seed in [seed, twin] {
                baselines
                    .save(&sample.clone().seed(seed).record(), false)
                    .unwrap();
            }
            let error = Asker::at(project.root())
                .try_ask(&format!("record:{}", saved.id.short(4)))
                .unwrap_err();
            let ResolveError::AmbiguousRecord { files, .. } = error else {
                panic!("{error}")
            };
            assert_eq!(files.len(), 2);
            return;
        }
    }
}

#[test]
fn a_file() {
    let project = Project::new();
    let record = project.save(|s| s.seed(9));
    let bytes = crate::store::record_file::encode(&record).unwrap().bytes;
    let elsewhere = tempfile::tempdir().unwrap();
    let path = elsewhere.path().join("anything.json");
    std::fs::write(&path, &bytes).unwrap();
    let path = path.to_str().unwrap();
    let found = ask(&project, path);
    assert_eq!(
        (found.of("a").seeds(), found.of("a").matched),
        (vec![9], Matched::Named)
    );
    assert!(found.is_self_check());
    let mut asker = Asker::at(project.root());
    asker.class = "m2".to_owned();
    assert_eq!(asker.ask(path).nothing, Some(Nothing::OtherClass));
    std::fs::write(path, &bytes[..200]).unwrap();
    let error = asker.try_ask(path).unwrap_err();
    assert!(
        error.is_usage() && error.to_string().contains("anything.json"),
        "{error}"
    );
    let text = String::from_utf8(bytes)
        .unwrap()
        .replace("\"batch\":10", "\"batch\":11");
    std::fs::write(path, text).unwrap();
    let error = Asker::at(project.root()).try_ask(path).unwrap_err();
    assert!(
        error.to_string().contains("does not match its id"),
        "{error}"
    );
    for wrong in ["/no/such.json", "/dev/null", "./", "/"] {
        let error = asker.try_ask(wrong).unwrap_err();
        assert!(matches!(error, ResolveError::File(_)), "{wrong}: {error}");
    }
    assert_eq!(found.choices.keys().collect::<Vec<_>>(), [&bench("a")]);
}

//! What is said when nothing was found.

use super::scene::{Asker, ask};
use crate::repository::fixture::{Project, deaf};
use crate::store::resolve::{Nothing, ResolveError};

fn topic() -> Project {
    let project = Project::new();
    project.branch("topic");
    project.change("topic");
    project
}

#[test]
fn no_git() {
    deaf();
    let folder = tempfile::tempdir().unwrap();
    let found = Asker::at(folder.path()).ask("main\u{1b}[31m");
    assert_eq!(found.nothing, Some(Nothing::NoGit));
    assert_eq!(
        found.text(),
        "no comparable baseline for main[31m: there is no git repository here, so there is no branch and no commit\n\
         compare with the last run by `--baseline last`, or type `git init` and commit"
    );
}

#[test]
fn nothing_committed() {
    let project = Project::unborn();
    project.write("code.rs", "0");
    for name in ["main", "nonsense"] {
        let found = ask(&project, name);
        assert_eq!(found.nothing, Some(Nothing::Unborn));
        assert!(
            found.text().contains("nothing is committed yet"),
            "{}",
            found.text()
        );
    }
}

#[test]
fn no_record() {
    let project = topic();
    let base = project.open().look_up("main").unwrap().commit;
    let found = ask(&project, "main");
    assert_eq!(found.nothing, Some(Nothing::NoRecord));
    assert_eq!(
        found.text(),
        format!(
            "no comparable baseline for main (at {0}): there is no record\n\
             anchor {0} (merge base), looked at 1 commit back to 2023-11-14, for machine class k3v9\n\
             make one: on main, on this machine, type `cargo perf run --save` and commit baselines/",
            base.short(12)
        )
    );
}

#[test]
fn another_machine_class_only() {
    let project = Project::new();
    project.save_and_commit(|s| s.class("m2"));
    project.branch("topic");
    project.change("topic");
    let found = ask(&project, "main");
    assert_eq!(found.nothing, Some(Nothing::OtherClass));
    let text = found.text();
    assert!(
        text.contains("there are records, but none of machine class k3v9"),
        "{text}"
    );
    assert!(
        text.contains("1 commit back): measured on machine class m2 (EPYC 7763)"),
        "{text}"
    );
    assert!(text.contains("`cargo perf run --save`"), "{text}");
}

#[test]
fn another_machine_class_in_the_local_history_only() {
    let project = Project::new();
    project.run(1, |s| s.class("m2"));
    project.branch("topic");
    project.change("topic");
    assert_eq!(ask(&project, "main").nothing, Some(Nothing::OtherClass));
}

#[test]
fn another_profile_only() {
    let project = Project::new();
    project.save_and_commit(|s| s.profile("release"));
    project.branch("topic");
    project.change("topic");
    let found = ask(&project, "main");
    assert_eq!(found.nothing, Some(Nothing::OtherBuild));
    let text = found.text();
    assert!(
        text.contains("built differently: profile release ≠ bench"),
        "{text}"
    );
    assert!(
        text.contains("measure with the same profile, features and flags"),
        "{text}"
    );
}

#[test]
fn another_clock_is_never_compared() {
    let project = Project::new();
    project.save_and_commit(|s| s.clock("scripted"));
    project.branch("topic");
    project.change("topic");
    let found = ask(&project, "main");
    assert_eq!(found.nothing, Some(Nothing::Unfit));
    assert!(
        found.text().contains("timed by the clock scripted"),
        "{}",
        found.text()
    );
}

#[test]
fn the_first_commit() {
    let project = Project::new();
    project.save_and_commit(|s| s);
    let found = ask(&project, "main");
    assert_eq!(found.nothing, Some(Nothing::First));
    assert!(
        found.text().contains("nothing comes before HEAD on main"),
        "{}",
        found.text()
    );
}

#[test]
fn an_unknown_name_is_a_wrong_use() {
    let project = topic();
    let error = Asker::at(project.root()).try_ask("mian").unwrap_err();
    assert!(error.is_usage());
    assert!(matches!(error, ResolveError::Lookup(_)));
    assert_eq!(
        error.to_string(),
        "there is no branch, tag or commit \"mian\" in this clone; did you mean main?"
    );
}

//! Records of real repositories, brought into order.

use super::*;
use crate::repository::fixture::Project;
use crate::series::{Assembled, LeftOut, of_runs};
use crate::store::fixture::Sample;

/// Saves a record of what is checked out and commits it.
fn save(project: &Project, seed: u64) {
    let record = Sample::of(&project.state()).seed(seed).record();
    Baselines::at(project.root()).save(&record, false).unwrap();
    project.commit("baseline");
}

fn look(project: &Project, reference: &str) -> (Assembled, Along) {
    let repository = project.open();
    let tip = repository.look_up(reference).unwrap().commit;
    let mut along = along(project.root(), Some(&repository), Some(&tip)).unwrap();
    let runs = std::mem::take(&mut along.runs);
    (of_runs(&along.order, runs), along)
}

fn subjects(found: &Assembled) -> Vec<String> {
    let points = found.series.iter().flat_map(|series| &series.points);
    points
        .filter_map(|point| Some(point.commit.as_ref()?.subject.to_string()))
        .collect()
}

#[test]
fn records_of_a_branch_stand_in_its_order_and_those_of_another_stay_out() {
    let project = Project::new();
    save(&project, 1);
    project.write("code.rs", "1");
    project.commit("second");
    save(&project, 2);
    project.branch("feature");
    project.write("code.rs", "2");
    project.commit("on the branch");
    save(&project, 3);
    let (on_feature, _) = look(&project, "feature");
    assert_eq!(subjects(&on_feature), ["first", "second", "on the branch"]);
    assert_eq!(on_feature.left_out, LeftOut::default());
    // From main, the branch's record is not even among the files; in the local history it is, and stays out.
    project.switch("main");
    let kept = Sample::of(&project.state()).seed(9).record();
    History::at(project.root())
        .save(&kept, 1_800_000_000)
        .unwrap();
    let (on_main, along) = look(&project, "main");
    assert_eq!(subjects(&on_main), ["first", "second", "baseline"]);
    assert!(
        along.faults.is_empty() && along.notes.is_empty(),
        "{along:?}"
    );
    let (elsewhere, _) = look(&project, "main~3");
    assert_eq!(subjects(&elsewhere), ["first"]);
    assert_eq!(elsewhere.left_out.elsewhere, 2);
}

#[test]
fn an_amended_commit_keeps_its_record_and_damage_is_a_fault() {
    let project = Project::new();
    let record = Sample::of(&project.state()).record();
    let saved = Baselines::at(project.root()).save(&record, false).unwrap();
    project.amend("the same, said better");
    let (found, along) = look(&project, "main");
    assert_eq!(subjects(&found), ["the same, said better"]);
    assert!(along.faults.is_empty());
    project.write(&saved.file, "no record");
    project.commit("damage");
    let (found, along) = look(&project, "main");
    assert!(found.series.is_empty());
    assert_eq!(along.faults.len(), 1);
    assert_eq!(along.faults[0].file, saved.file);
}

#[test]
fn without_git_runs_stand_in_order_of_time() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::at(folder.path());
    for (seed, now) in [(1, 1_700_000_100), (2, 1_700_000_000)] {
        let record = Sample::new().benches(&["a"]).seed(seed).record();
        history.save(&record, now).unwrap();
    }
    let along = along(folder.path(), None, None).unwrap();
    assert_eq!(along.notes.len(), 1);
    let found = of_runs(&along.order, along.runs);
    assert_eq!(found.series[0].points.len(), 2);
}

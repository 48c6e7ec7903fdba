//! `cargo perf history prune` and `cargo perf baseline prune`: old runs go, and nothing that is needed.

use crate::support::Project;

fn runs(project: &Project) -> Vec<String> {
    project.files(".perf/runs")
}

/// How many runs the index knows of.
fn known(project: &Project) -> usize {
    let table = project.perf(&["export", "csv", "--all", "parse", "--metric", "wall"]);
    table.code(0).stdout.lines().count() - 1
}

#[test]
fn old_runs_of_the_history_go_and_the_index_with_them() {
    let project = Project::new();
    for _ in 0..4 {
        project.perf(&["run", "--quick", "parse"]).code(0);
        // Files are named by the second they were written in: of two in one nobody could say here which is older.
        std::thread::sleep(std::time::Duration::from_millis(1_010));
    }
    let all = runs(&project);
    assert_eq!((all.len(), known(&project)), (4, 4));
    // Nothing goes that nobody wants to go.
    project
        .perf(&["history", "prune"])
        .code(0)
        .says("everything is kept");
    project
        .perf(&["history", "prune", "--keep", "last=1,all"])
        .code(0)
        .says("everything is kept");
    project
        .perf(&["history", "prune", "--keep", "weekly"])
        .code(2)
        .complains("within=90d");
    project
        .perf(&["history", "prune", "--keep", "within=7d"])
        .code(0)
        .says("0 of 4 runs removed");
    let told = project.perf(&["history", "prune", "--keep", "last=2", "--dry-run"]);
    told.code(0)
        .says("2 of 4 runs would be removed")
        .says(&all[0])
        .does_not_say(&all[3]);
    assert_eq!(runs(&project), all);
    // One that cannot be read is no old run.
    project.write(".perf/runs/20200101T000000Z-00000000.json", "no record");
    project
        .perf(&["history", "prune", "--keep", "last=2"])
        .code(0)
        .says("2 of 5 runs removed");
    assert_eq!(runs(&project).len(), 3);
    assert_eq!(known(&project), 2, "the index lets go of what is gone");
    // Also where somebody else removed it.
    std::fs::remove_file(project.path(&all[2])).expect("it is there");
    assert_eq!(known(&project), 1);
    // A tag keeps what it is on.
    project.git(&["tag", "v1"]);
    project.perf(&["run", "--quick", "parse"]).code(0);
    project
        .perf(&["history", "prune", "--keep", "last=1"])
        .code(0)
        .says("0 of 3 runs removed");
}

#[test]
fn baselines_go_that_git_has_and_no_others() {
    let project = Project::new();
    let mut saved = Vec::new();
    for _ in 0..3 {
        saved.push(project.save_baseline());
    }
    project.perf(&["run", "--quick", "--save"]).code(0);
    let uncommitted: Vec<String> = project
        .files("baselines")
        .into_iter()
        .filter(|file| !saved.contains(file))
        .collect();
    // All are of one content and one time, so that only the newest by name counts; which that is nobody chooses.
    let prune = ["baseline", "prune", "--keep", "last=1"];
    let dry = project.perf(&[&prune[..], &["--dry-run"]].concat());
    dry.code(0).says("of 4 runs would be removed");
    assert_eq!(project.files("baselines").len(), 4);
    let done = project.perf(&prune);
    done.code(0).complains("commit the removal");
    let left = project.files("baselines");
    assert!(
        left.contains(&uncommitted[0]),
        "git does not have it: {left:?}"
    );
    assert!(left.len() < 4, "{left:?}");
    for gone in saved.iter().filter(|file| !left.contains(file)) {
        project.git(&["cat-file", "-e", &format!("HEAD:{gone}")]);
    }
    // What is left is a store as before.
    project.perf(&["baseline", "list"]).code(0);
    project.commit("fewer baselines");
    project.forget_runs();
    project.perf(&["trend"]).code(0);
    // What differs from what git has is kept, too.
    let changed = &left[0];
    project.write(changed, &(project.read(changed) + "\n"));
    project
        .perf(&["baseline", "prune", "--keep", "last=1"])
        .code(0);
    assert!(project.files("baselines").contains(changed));
}

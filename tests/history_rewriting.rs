//! A baseline survives what people do to their history, and where it cannot be found, that is said.

use crate::support::{Output, Project};

const SORT_IS_SLOWER: [(&str, &str); 3] = [
    ("cpu::parse", "unchanged"),
    ("cpu::sort[n=10]", "regressed"),
    ("cpu::sort[n=20]", "regressed"),
];

/// Two commits on a branch, the first of which measured and saved a faster `sort` than `main` has.
fn faster_on_a_branch() -> Project {
    let project = Project::with_baseline();
    project.branch("topic");
    project.times(1000, 1600);
    project.commit("fast sort");
    project.save_baseline();
    project
}

/// Makes `sort` as slow as it was at first, on a new branch.
fn slow_down(project: &Project) {
    project.branch("slow");
    project.times(1000, 2000);
    project.commit("slow again");
    project.forget_runs();
}

/// The code before `slow` is fast, the code on `slow` is not: whatever happened to the commits that were measured, this is
/// a regression of `sort` by 25 % against `main`.
#[track_caller]
fn is_found_on_main(project: &Project) {
    slow_down(project);
    project
        .compare("main", &["--require-baseline"])
        .code(1)
        .gives(&SORT_IS_SLOWER);
}

#[test]
fn a_squash_merge_keeps_the_baseline() {
    let project = faster_on_a_branch();
    project.switch("main");
    project.git(&["merge", "--quiet", "--squash", "topic"]);
    project.commit("fast sort, squashed");
    project.git(&["branch", "--quiet", "-D", "topic"]);
    is_found_on_main(&project);
}

#[test]
fn a_rebase_keeps_the_baseline() {
    let project = faster_on_a_branch();
    project.switch("main");
    project.write("README.md", "Meanwhile.\n");
    project.commit("meanwhile");
    project.switch("topic");
    project.git(&["rebase", "--quiet", "main"]);
    project.switch("main");
    project.git(&["merge", "--quiet", "--ff-only", "topic"]);
    // No commit on main has the content that was measured: the record came with the rebased commits, and says so.
    slow_down(&project);
    let output = project.compare("main", &["--require-baseline"]);
    output.code(1).gives(&SORT_IS_SLOWER).notes_that("adopted");
}

#[test]
fn an_amended_commit_and_a_cherry_pick_keep_the_baseline() {
    let project = Project::with_baseline();
    project.times(1000, 1600);
    project.commit("fast sort");
    project.perf(&["run", "--quick", "--save"]).code(0);
    // Into the very commit that was measured, whose id is another one then.
    project.git(&["add", "--all"]);
    project.git(&[
        "commit",
        "--quiet",
        "--amend",
        "--message",
        "fast sort with its baseline",
    ]);
    project.git(&["branch", "picked", "main~1"]);
    slow_down(&project);
    project
        .compare("main", &["--require-baseline"])
        .code(1)
        .gives(&SORT_IS_SLOWER);

    project.switch("picked");
    project.write("README.md", "Elsewhere.\n");
    project.commit("elsewhere");
    project.git(&["cherry-pick", "main"]);
    project.branch("slow-picked");
    project.times(1000, 2000);
    project.commit("slow again");
    project.forget_runs();
    project
        .compare("picked", &["--require-baseline"])
        .code(1)
        .gives(&SORT_IS_SLOWER);
}

#[test]
fn a_commit_that_only_adds_a_baseline_is_the_same_code() {
    let project = Project::with_baseline();
    project.times(1000, 2400);
    project.commit("slow sort");
    project
        .compare("main", &["--require-baseline"])
        .code(1)
        .gives(&SORT_IS_SLOWER);
    project.forget_runs();
    // The record of the slow code does not become what the slow code is compared with.
    project.save_baseline();
    project
        .compare("main", &["--require-baseline"])
        .code(1)
        .gives(&SORT_IS_SLOWER);
    project.write("README.md", "Only words.\n");
    project.commit("words");
    project.compare("main", &["--require-baseline"]).code(0);
}

#[test]
fn branches_that_both_save_never_conflict() {
    let project = Project::with_baseline();
    for (branch, parse) in [("one", 1100), ("two", 1200)] {
        project.switch("main");
        project.branch(branch);
        project.write("benches/note.txt", "same on both sides\n");
        project.times(parse, 2000);
        project.commit(branch);
        project.save_baseline();
        // Each undoes its change, so that only the baselines could conflict.
        project.times(1000, 2000);
        project.commit("undone");
    }
    project.switch("main");
    project.git(&["merge", "--quiet", "--no-edit", "one"]);
    project.git(&["merge", "--quiet", "--no-edit", "two"]);
    let list = project.perf(&["baseline", "list"]);
    list.code(0)
        .says("baselines/one/")
        .says("baselines/two/")
        .says("baselines/main/");
    assert_eq!(list.stderr, "");
    assert_eq!(project.files("baselines").len(), 3);
}

#[test]
fn a_detached_head_is_compared_and_saved() {
    let project = Project::with_baseline();
    project.branch("slow");
    project.times(1000, 2400);
    project.commit("slow sort");
    project.git(&["checkout", "--quiet", "--detach"]);
    project.forget_runs();
    project
        .compare("main", &["--require-baseline"])
        .code(1)
        .gives(&SORT_IS_SLOWER);
    project
        .perf(&["run", "--quick", "--save"])
        .code(0)
        .says("saved as baselines/detached/");
    project
        .perf(&["baseline", "list"])
        .code(0)
        .says("detached HEAD");
}

#[test]
fn a_test_merge_is_compared_with_the_branch_it_merges_into() {
    let project = Project::with_baseline();
    project.branch("topic");
    project.times(1000, 2400);
    project.commit("slow sort");
    project.switch("main");
    project.edit(
        "benches/cpu.rs",
        "#[perf::bench]\nfn parse()",
        "#[perf::bench]\nfn fresh() -> u64 { demo::parse() }\n\n#[perf::bench]\nfn parse()",
    );
    project.commit("meanwhile");
    project.save_baseline();
    project.forget_runs();
    // What a CI checks out: a merge nobody made by hand, without a branch.
    project.git(&["checkout", "--quiet", "--detach", "main"]);
    project.git(&[
        "merge",
        "--quiet",
        "--no-ff",
        "--message",
        "test merge",
        "topic",
    ]);
    let output = project.compare("main", &["--require-baseline"]);
    // What main has had since is no news of the topic.
    let fresh = ("cpu::fresh", "unchanged");
    output.code(1).gives(&[
        fresh,
        SORT_IS_SLOWER[0],
        SORT_IS_SLOWER[1],
        SORT_IS_SLOWER[2],
    ]);
    output.says("first parent of the test merge");
}

#[test]
fn a_linked_worktree_has_the_baselines_of_its_repository() {
    let project = Project::with_baseline();
    project.git(&["worktree", "add", "--quiet", "-b", "slow", "../linked"]);
    let linked = project.beside("linked");
    linked.times(1000, 2400);
    linked.commit("slow sort");
    linked
        .compare("main", &["--require-baseline"])
        .code(1)
        .gives(&SORT_IS_SLOWER);
    linked
        .perf(&["run", "--quick", "--save"])
        .code(0)
        .says("saved as baselines/slow/");
    assert_eq!(
        project.git(&["status", "--porcelain"]),
        "",
        "the other working tree is left alone"
    );
}

#[test]
fn a_shallow_clone_says_that_it_is_one_and_does_not_decide() {
    let project = Project::with_baseline();
    project.branch("topic");
    project.write("README.md", "Words.\n");
    project.commit("words");
    project.times(1000, 2400);
    project.commit("slow sort");
    let url = format!("file://{}", project.path("").display());
    project.git(&[
        "clone",
        "--quiet",
        "--depth",
        "1",
        "--no-single-branch",
        &url,
        "../shallow",
    ]);
    let shallow = project.beside("shallow");
    shallow.git(&["switch", "--quiet", "topic"]);
    let output = shallow.compare("main", &[]);
    output
        .notes_that("git fetch --unshallow")
        .notes_that("shallow");
    assert_ne!(
        output.code, 1,
        "a guess decides nothing:\n{}",
        output.stdout
    );
    shallow.compare("main", &["--require-baseline"]).code(3);

    shallow.git(&["fetch", "--quiet", "--unshallow"]);
    shallow
        .compare("main", &["--require-baseline"])
        .code(1)
        .gives(&SORT_IS_SLOWER);
}

#[test]
fn before_the_first_commit_there_is_a_run_and_no_baseline() {
    let project = Project::without_git();
    project.git(&["init", "--quiet", "--initial-branch=main"]);
    project.settle();
    project
        .perf(&["run", "--quick"])
        .code(0)
        .says("3 benchmarks measured");
    let save = project.perf(&["run", "--quick", "--save"]);
    save.code(10)
        .complains("the baseline was not saved")
        .complains("make the first commit");
    assert_eq!(project.files("baselines"), [""; 0]);
    project
        .perf(&["baseline", "save"])
        .code(10)
        .complains("make the first commit");
    let output = project.compare("main", &[]);
    output
        .code(0)
        .gives(&[])
        .notes_that("nothing is committed yet");
    project.compare("main", &["--require-baseline"]).code(3);
}

#[test]
fn without_git_there_is_a_run_and_no_baseline() {
    let project = Project::without_git();
    project.settle();
    project
        .perf(&["run", "--quick"])
        .code(0)
        .says("3 benchmarks measured");
    project
        .perf(&["run", "--quick"])
        .code(0)
        .says("compared with the last run")
        .says("3 unchanged");
    for save in [&["run", "--quick", "--save"][..], &["baseline", "save"]] {
        project
            .perf(save)
            .code(10)
            .complains("the baseline was not saved")
            .complains("git init");
    }
    assert_eq!(project.files("baselines"), [""; 0]);
    let output = project.compare("main", &[]);
    output
        .code(0)
        .gives(&[])
        .notes_that("there is no git repository here");
    project.compare("main", &["--require-baseline"]).code(3);
    project
        .perf(&["baseline", "list", "--ref", "main"])
        .code(10)
        .complains("no git repository");
    // What needs no git works without.
    project.times(1000, 2400);
    let output: Output = project.compare("last", &["--require-baseline"]);
    output.code(1).gives(&SORT_IS_SLOWER);
}

#[test]
fn a_branch_is_not_judged_by_the_records_it_brings() {
    let project = Project::with_baseline();
    project.branch("slow");
    project.times(1000, 2400);
    project.commit("slow sort");
    project.save_baseline();
    project.forget_runs();
    let output = project.compare("main", &["--require-baseline"]);
    output
        .code(1)
        .gives(&SORT_IS_SLOWER)
        .notes_that("this branch brings 1 record, used only after the merge");
    project.switch("main");
    project.git(&["merge", "--quiet", "--no-ff", "--no-edit", "slow"]);
    project.branch("next");
    project.times(1000, 2880);
    project.commit("slower still");
    let output = project.compare("main", &["--require-baseline"]);
    output.code(1).gives(&SORT_IS_SLOWER);
    let change = &output.json()["benchmarks"][1]["metrics"][0]["ratio"];
    assert!(
        change
            .as_f64()
            .is_some_and(|ratio| (1.18..1.22).contains(&ratio)),
        "{change}"
    );
}

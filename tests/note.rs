//! `cargo perf note`: what is to be known of a commit.

use crate::support::Project;

#[test]
fn a_note_is_shown_where_its_commit_is_and_follows_a_squash() {
    let project = Project::new();
    project.branch("work");
    project.times(1500, 2000);
    project.commit("slower");
    project.perf(&["run", "--quick", "parse"]).code(0);
    let commit = project.commit_id("HEAD");
    let text = "arena <script>alert(1)</script> | *bold*";
    project
        .perf(&["note", "HEAD", text, "--who", "Ada"])
        .code(0)
        .says(&commit[..12])
        .says("baselines/notes/")
        .says("is new; commit it");
    project
        .perf(&["note", "HEAD", text, "--who", "Ada"])
        .code(0)
        .says("was there already");
    project
        .perf(&["note", "HEAD", " "])
        .code(2)
        .complains("empty");
    project.perf(&["note", "no-such-commit", "x"]).code(2);
    let files = project.files("baselines/notes");
    assert_eq!(files.len(), 1);
    let shown = project.perf(&["trend"]);
    shown
        .code(0)
        .says(&format!("noted at {}", &commit[..7]))
        .says("arena <script>");
    let markdown = project.perf(&["report", "--format", "markdown"]);
    markdown.code(0).says("noted at").does_not_say("<script>");
    project
        .perf(&["report", "--html", "target/page.html"])
        .code(0);
    let page = project.read("target/page.html");
    assert!(page.contains("arena \\u003cscript>") && !page.contains("arena <script>"));
    // A note is no record, and changes nothing that is measured.
    project.perf(&["baseline", "list"]).code(0);
    project.commit("note");
    project
        .perf(&["note", "--list", "--ref", "HEAD"])
        .code(0)
        .says("arena");

    // Squashed onto main its commit is gone, and its content is not.
    project.switch("main");
    project.git(&["merge", "--quiet", "--squash", "work"]);
    project.commit("squashed");
    project.git(&["branch", "--quiet", "-D", "work"]);
    let squashed = project.commit_id("HEAD");
    let found = project.perf(&["trend", "--format", "json"]).code(0).json();
    assert_eq!(found["noted"][0]["sha"], squashed);
    assert_eq!(
        (&found["noted"][0]["text"], &found["noted"][0]["who"]),
        (&text.into(), &"Ada".into())
    );

    let listed = project
        .perf(&["note", "--list", "--format", "json"])
        .code(0)
        .json();
    let id = listed[0]["id"].as_str().expect("an id").to_owned();
    project.perf(&["note", "--remove", "ffff0000"]).code(2);
    project
        .perf(&["note", "--remove", &id[..2]])
        .code(2)
        .complains("at least 4");
    project
        .perf(&["note", "--remove", &id[..8]])
        .code(0)
        .says("is removed");
    assert!(project.files("baselines/notes").is_empty());
    project
        .perf(&["note", "--list"])
        .code(0)
        .says("there are no notes");
}

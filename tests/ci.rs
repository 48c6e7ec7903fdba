//! The workflows that projects get, step by step, with a GitHub of our own; and notices.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::programs::Programs;
use crate::support::workflow::{self, Ended, Job};
use crate::support::{GitHub, Output, Project};

/// Tests have less time than a workflow: records instead of two builds, and no look at link orders.
const SHORT: &str = "--quick --no-relink";

/// A project with a baseline and the files for GitHub on its `main`, which is the `main` of a repository elsewhere.
fn set_up() -> Project {
    let project = Project::new();
    let init = project.perf(&["init", "--ci", "github"]);
    init.code(0)
        .says("write a workflow for pull requests and baselines (.github/workflows/perf.yml)\n")
        .says("left as it is: the files do not say where a job gets cargo perf from");
    project.commit("measured by GitHub");
    project.save_baseline();
    project.git(&["clone", "--quiet", "--bare", ".", "../origin.git"]);
    let origin = project.path("../origin.git");
    let origin = origin.to_str().expect("a path of letters");
    project.git(&["remote", "add", "origin", origin]);
    project.git(&["fetch", "--quiet", "origin"]);
    project
}

/// What is checked out for a pull request: the merge of its branch into the newest main, on no branch.
fn check_out_merge(project: &Project, branch: &str) {
    project.git(&["switch", "--quiet", "--detach", "origin/main"]);
    project.git(&["merge", "--quiet", "--no-ff", "--no-edit", branch]);
    project.forget_runs();
}

fn pull_request(head: &str) -> (&'static str, Value) {
    let pull =
        json!({ "number": 5, "head": { "repo": { "full_name": head } }, "title": "`$(exit 9)`" });
    ("pull_request", json!({ "number": 5, "pull_request": pull }))
}

fn compare(project: &Project, github: &GitHub, head: &str) -> (Ended, Vec<u8>) {
    let mut job = Job::new(project, github, pull_request(head));
    job.variables = vec![("GITHUB_BASE_REF", "main".to_owned())];
    let ended = job.run("perf.yml", "compare", SHORT);
    let json = fs::read(job.temp("cargo-perf/perf.json")).unwrap_or_default();
    (ended, json)
}

#[test]
fn a_pull_request_has_one_comment_and_its_job_the_verdict() {
    let project = set_up();
    let github = GitHub::start();
    github.add_comment("mallory", "<!-- cargo-perf: main -->\nall is well");
    project.branch("slow");
    project.times(1000, 2400);
    project.commit("slow sort");
    check_out_merge(&project, "slow");
    let (ended, _) = compare(&project, &github, "o/r");
    assert_eq!(ended.code, 1, "{}", ended.log);
    assert!(
        ended.log.contains("::error file=benches/cpu.rs,line="),
        "{}",
        ended.log
    );
    assert!(
        ended
            .log
            .contains("comment of pull request 5 made: https://github.example/")
    );
    assert!(ended.summary.contains("2 benchmarks regressed"));
    assert_eq!(ended.artifacts, ["cargo-perf-main"]);
    let comments = github.comments();
    assert_eq!(comments.len(), 2, "{comments:?}");
    let begin = "<!-- cargo-perf: main -->\n### cargo perf: 2 benchmarks regressed\n";
    assert!(comments[1].starts_with(begin), "{}", comments[1]);
    assert!(
        comments[1].contains("| `cpu::sort[n=10]` |"),
        "{}",
        comments[1]
    );

    project.switch("slow");
    project.times(1000, 2000);
    project.commit("as it was");
    check_out_merge(&project, "slow");
    let (ended, _) = compare(&project, &github, "o/r");
    assert_eq!(ended.code, 0, "{}", ended.log);
    let comments = github.comments();
    assert_eq!(
        (comments.len(), comments[0].ends_with("all is well")),
        (2, true)
    );
    assert!(
        comments[1].starts_with("<!-- cargo-perf: main -->\n### cargo perf: no regression"),
        "{}",
        comments[1]
    );

    // Code that does not build has no numbers, and an older comment would be of older code.
    project.write("src/lib.rs", "broken");
    let (ended, _) = compare(&project, &github, "o/r");
    assert_eq!(ended.code, 11, "{}", ended.log);
    assert!(github.comments()[1].contains("no comparison\n\nIt ended with exit code 11"));
}

#[test]
fn what_cannot_be_compared_is_said_and_who_cannot_be_told_changes_nothing() {
    let project = set_up();
    let github = GitHub::start();
    let origin = project.path("../origin.git");
    project.git(&[
        "clone",
        "--quiet",
        "--depth",
        "1",
        &format!("file://{}", origin.display()),
        "../shallow",
    ]);
    let shallow = project.beside("shallow");
    shallow.git(&["rm", "--quiet", "-r", "baselines"]);
    shallow.commit("no baseline");
    shallow.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    shallow.times(1000, 2400);
    shallow.commit("slow sort");
    let mut job = Job::new(&shallow, &github, pull_request("o/r"));
    job.variables = vec![
        ("GITHUB_BASE_REF", "main".to_owned()),
        ("GITHUB_API_URL", "http://127.0.0.1:1".to_owned()),
    ];
    let ended = job.run(
        "perf.yml",
        "compare",
        "--quick --no-relink --require-baseline",
    );
    assert_eq!(ended.code, 3, "{}", ended.log);
    for part in [
        "::warning::this is a shallow clone: give actions/checkout 'fetch-depth: 0'",
        "127.0.0.1 could not be reached",
        "::warning::the comment could not be written",
    ] {
        assert!(ended.log.contains(part), "{part}: {}", ended.log);
    }
    assert!(
        ended.summary.contains("no baseline to compare with"),
        "{}",
        ended.summary
    );
    assert_eq!(ended.artifacts, ["cargo-perf-main"]);

    let job = Job::new(&shallow, &github, ("push", json!({})));
    let ended = job.act(&json!({ "mode": "compare" }));
    assert_eq!(ended.code, 2, "{}", ended.log);
    assert!(
        ended
            .log
            .contains("'baseline' does not say what to compare with")
    );
}

#[test]
fn a_fork_leaves_its_result_to_a_job_that_believes_it_nothing() {
    let project = set_up();
    let github = GitHub::start();
    project.branch("slow");
    project.times(1000, 2400);
    project.commit("slow sort");
    let head = project.commit_id("slow");
    check_out_merge(&project, "slow");
    let (ended, left) = compare(&project, &github, "fork/r");
    assert_eq!(
        (ended.code, ended.artifacts),
        (1, vec!["cargo-perf-untrusted".to_owned()]),
        "{}",
        ended.log
    );
    assert!(github.asked().is_empty(), "{:?}", github.asked());

    project.switch("main");
    let publish = |event: Value, leave: &dyn Fn(&Path)| {
        let job = Job::new(&project, &github, ("workflow_run", event));
        fs::create_dir(job.temp("cargo-perf-untrusted")).expect("a folder");
        leave(&job.temp("cargo-perf-untrusted/perf.json"));
        job.run("perf-publish.yml", "publish", "")
    };
    let event = |sha: &str| {
        json!({ "workflow_run": { "event": "pull_request", "head_sha": sha, "head_branch": "slow",
                                  "head_repository": { "full_name": "fork/r" } } })
    };
    let whole = |path: &Path| fs::write(path, &left).expect("an artifact");
    github.open_pull(5, &head);
    let ended = publish(event(&head), &whole);
    assert_eq!(ended.code, 0, "{}", ended.log);
    let comments = github.comments();
    assert_eq!(comments.len(), 1);
    let begin = format!(
        "<!-- cargo-perf: main -->\n### cargo perf: 2 benchmarks stand against the change\n\ncommit `{}`, measured by a run of the fork's own code",
        &head[..12]
    );
    assert!(comments[0].starts_with(&begin), "{}", comments[0]);
    assert!(
        comments[0].contains("| `cpu::sort[n=20]` | `wall` |"),
        "{}",
        comments[0]
    );

    // What claims another pull request, commit or verdict is not asked for them.
    let mut forged: Value = serde_json::from_slice(&left).expect("a report");
    forged["pull_request"] = json!(1);
    forged["benchmarks"][1]["reason"] = json!("<img src=x> @everyone ![](https://e.example)");
    let ended = publish(event(&head), &|path| {
        fs::write(path, forged.to_string()).expect("an artifact")
    });
    assert_eq!(ended.code, 0, "{}", ended.log);
    assert!(github.comments()[0].contains("`<img src=x> @everyone ![](https://e.example)`"));

    let asked = github.asked().len();
    type Leave<'a> = &'a dyn Fn(&Path);
    let refused: [(Leave<'_>, &str); 3] = [
        (
            &|path| fs::write(path, "{\"version\":1}").expect("an artifact"),
            "it is no report of cargo perf",
        ),
        (
            &|path| std::os::unix::fs::symlink("/etc/hostname", path).expect("a link"),
            "it is not a regular file",
        ),
        (
            &|path| {
                fs::File::create(path)
                    .and_then(|file| file.set_len(9 << 20))
                    .expect("a file")
            },
            "larger than 8 MiB",
        ),
    ];
    for (leave, why) in refused {
        let ended = publish(event(&head), leave);
        assert_eq!(ended.code, 2, "{}", ended.log);
        assert!(ended.log.contains(why), "{}", ended.log);
    }
    assert_eq!(
        github.asked().len(),
        asked,
        "nobody is asked because of what is no report"
    );
    let ended = publish(event(&"0".repeat(40)), &whole);
    assert_eq!(ended.code, 0);
    assert!(
        ended
            .log
            .contains("nothing is published: no open pull request has 000000000000"),
        "{}",
        ended.log
    );
    let ended = publish(event(&head), &|_| ());
    assert!(
        ended.code == 0 && ended.log.contains("the run left nothing behind"),
        "{}",
        ended.log
    );
    assert_eq!(github.comments().len(), 1);
}

#[test]
fn a_baseline_is_pushed_also_where_somebody_was_faster() {
    let project = set_up();
    let github = GitHub::start();
    project.git(&["clone", "--quiet", "../origin.git", "../other"]);
    let other = project.beside("other");
    other.write("NOTES", "meanwhile");
    other.commit("meanwhile");
    other.git(&["push", "--quiet", "origin", "main"]);
    let mut job = Job::new(
        &project,
        &github,
        ("push", json!({ "ref": "refs/heads/main" })),
    );
    job.variables = vec![
        ("GITHUB_REF", "refs/heads/main".to_owned()),
        ("GITHUB_REF_NAME", "main".to_owned()),
        ("GITHUB_REF_TYPE", "branch".to_owned()),
        ("GITHUB_SHA", project.commit_id("HEAD")),
    ];
    let before = project.files("baselines").len();
    let ended = job.run("perf.yml", "baseline", "--quick");
    assert_eq!(ended.code, 0, "{}", ended.log);
    assert!(ended.log.contains("push 1 was refused"), "{}", ended.log);
    project.git(&["fetch", "--quiet", "origin"]);
    let log = project.git(&["log", "--format=%an: %s", "--max-count=2", "origin/main"]);
    let mut lines = log.lines();
    let first = lines.next().expect("a commit");
    assert!(
        first.starts_with("github-actions[bot]: baseline: ") && first.ends_with(" [skip ci]"),
        "{log}"
    );
    assert_eq!(lines.next(), Some("A: meanwhile"));
    let files = project.git(&["ls-tree", "-r", "--name-only", "origin/main", "baselines"]);
    assert_eq!(files.lines().count(), before + 1, "{files}");

    // On a tag there is no branch to push to.
    job.variables[2].1 = "tag".to_owned();
    let ended = job.act(&json!({ "mode": "save", "arguments": "--quick" }));
    assert_eq!(ended.code, 2, "{}", ended.log);
}

#[test]
fn an_issue_is_opened_once_and_the_token_is_that_of_the_environment() {
    let project = Project::without_git();
    let github = GitHub::start();
    project.write("found.md", "### slower\n");
    let publish = |token: Option<&str>, more: &[&str]| {
        let mut command = project.perf_command();
        command
            .args(["publish", "found.md", "--repository", "o/r"])
            .env("GITHUB_API_URL", &github.address)
            .args(more);
        if let Some(token) = token {
            command.env("GITHUB_TOKEN", token);
        }
        Output::of(command.output().expect("it starts"))
    };
    let issue = ["--issue", "Slower", "--name", "daily"];
    let token = Some(crate::support::github::TOKEN);
    publish(token, &issue)
        .code(0)
        .complains("issue made: https://github.example/100");
    publish(token, &issue)
        .code(0)
        .complains("issue left as it is");
    project.write("found.md", "### slower still\n");
    publish(token, &issue).code(0).complains("issue changed");
    assert_eq!(
        github.issues(),
        ["<!-- cargo-perf: daily -->\n### slower still\n"]
    );
    let wrong = publish(Some("s3cret"), &issue);
    wrong
        .code(10)
        .complains("answered 401")
        .complains("Bad credentials");
    assert!(!wrong.stderr.contains("s3cret"), "{}", wrong.stderr);
    publish(None, &issue)
        .code(2)
        .complains("GITHUB_TOKEN is not set");
    publish(None, &["--dry-run"])
        .code(0)
        .says("<!-- cargo-perf: main -->\n### slower still\n");
    publish(token, &[])
        .code(2)
        .complains("--pull-request NUMBER");
    publish(token, &["--api", "http://example.com"])
        .code(2)
        .complains("for this machine only");
}

#[test]
fn notices_go_where_somebody_asked_for_them_and_change_nothing() {
    let project = Project::with_baseline();
    let server = GitHub::start();
    let programs = Programs::with_cargo_perf(project.path("../programs"));
    programs.add(
        "notify-send",
        "#!/bin/sh\nprintf '<%s>' \"$@\" >\"$0.said\"\n",
    );
    let notified = |notify: &[&str]| {
        let mut command = project.perf_command();
        command
            .args([
                "compare",
                "--quick",
                "--no-relink",
                "--no-confirm",
                "--baseline",
                "main",
            ])
            .args(notify)
            .env("CARGO_PERF_WEBHOOK_SECRET", "k3y")
            .env("PATH", programs.path());
        Output::of(command.output().expect("it starts"))
    };
    // A change does not say who is called.
    project.branch("slow");
    project.write(
        ".config/perf.toml",
        &format!(
            "[notify]\nwebhook = \"{}/hook\"\nalways = true\n",
            server.address
        ),
    );
    project.times(1000, 2400);
    project.commit("slow sort");
    let code = notified(&[]).code;
    assert!(server.asked().is_empty(), "{:?}", server.asked());

    let hook = format!("webhook={}/hook", server.address);
    let told = notified(&["--notify", &hook, "--notify", "desktop"]);
    told.code(code);
    let asked = server.asked();
    assert_eq!(asked.len(), 1);
    let document: Value = serde_json::from_str(&asked[0].body).expect("JSON");
    assert_eq!(
        (&document["version"], &document["exit_code"]),
        (&json!(1), &json!(code))
    );
    let named = document["benchmarks"].as_array().expect("a list");
    assert_eq!(json!(named.len()), document["failures"]);
    let signature = asked[0]
        .header("X-Perf-Signature-256")
        .expect("it is signed");
    assert_eq!(signature, signed(&asked[0].body), "{}", asked[0].body);
    let said = programs.left("notify-send.said");
    assert!(
        said.starts_with("<--app-name><cargo perf><--><cargo perf: "),
        "{said}"
    );

    let gone = format!("webhook={}/gone", server.address);
    let refused = notified(&["--notify", &gone, "--notify", &hook]);
    refused
        .code(code)
        .complains("warning: a notice was not delivered: 127.0.0.1 answered 410 to a notice");
    assert_eq!(server.asked().len(), 3, "the next one is told all the same");
    notified(&["--notify", "mail"])
        .code(2)
        .complains("write it as desktop, or webhook=https://…");

    // On the branch that is compared with it counts.
    project.switch("main");
    project.git(&["checkout", "--quiet", "slow", "--", ".config"]);
    project.commit("tell me");
    project.switch("slow");
    notified(&[]).code(code);
    assert_eq!(server.asked().len(), 4);
}

/// The signature as anybody with the key would check it: by another program.
fn signed(body: &str) -> String {
    let script = "import hmac,sys; print('sha256=' + hmac.new(b'k3y', sys.argv[1].encode(), 'sha256').hexdigest())";
    let output = Command::new("python3")
        .args(["-c", script, body])
        .output()
        .expect("python3 starts");
    String::from_utf8(output.stdout)
        .expect("digits")
        .trim()
        .to_owned()
}

#[test]
fn the_hook_stops_a_commit_by_a_regression_and_by_nothing_else() {
    let project = Project::with_baseline();
    let programs = Programs::with_cargo_perf(project.path("../programs"));
    project
        .perf(&["init", "--ci", "pre-commit"])
        .code(0)
        .says("next: git config core.hooksPath .githooks\n");
    project.git(&["config", "core.hooksPath", ".githooks"]);
    let commit = |seconds: &str| {
        project.git(&["add", "--all"]);
        let mut command = project.command("git");
        command
            .args(["commit", "--quiet", "--message", "a change"])
            .env("PATH", programs.path())
            .env("PERF_HARNESS_CLOCK", "scripted")
            .env("CARGO_PERF_HOOK_SECONDS", seconds);
        Output::of(command.output().expect("git starts"))
    };
    let before = project.commit_id("HEAD");
    project.times(1000, 2400);
    commit("600")
        .code(1)
        .complains("2 regressed")
        .complains("git commit --no-verify commits it all the same");
    assert_eq!(project.commit_id("HEAD"), before);
    // In no time at all nothing is told.
    commit("0.001").code(0).complains("not done in time");
    assert_ne!(project.commit_id("HEAD"), before);
    // And of what does not build neither.
    project.write("src/lib.rs", "broken");
    commit("600")
        .code(0)
        .complains("not compared (exit code 11)");
}

/// A cargo that installs by leaving a link to the tool and a line for each time, and else is the machine's own.
const INSTALLER: &str = r#"#!/bin/bash
if [ "$1" = install ]; then
  echo "$*" >>"$0.installed"
  while [ "$1" != --root ]; do shift; done
  mkdir -p "$2/bin"
  ln -s "$TOOL_AT" "$2/bin/cargo-perf"
  exit 0
fi
folder="$(dirname "$0")"
exec env PATH="${PATH//"$folder:"/}" cargo "$@"
"#;

#[test]
fn a_tool_that_is_pinned_is_built_once_and_the_workspace_may_lie_below_the_top() {
    let project = Project::new();
    project.perf(&["init", "--ci", "github"]).code(0);
    // The same package, below the top of the repository.
    let inner = project.path("inner");
    fs::create_dir(&inner).expect("a folder");
    for part in ["Cargo.toml", "Cargo.lock", "src", "benches"] {
        fs::rename(project.path(part), inner.join(part)).expect("it moves");
    }
    project.write("inner/benches/cpu.rs", "use perf_harness as perf;\n#[perf::limit(n in 1..=50, wall = \"10ms\")]\nfn short(p: perf::Probe, n: u64) { p.measure(|| n); }\nperf::main!();\n");
    project.commit("below the top");
    let github = GitHub::start();
    let programs = Programs::none(project.path("../installer"));
    programs.add("cargo", INSTALLER);
    let job = |cache: &[(String, std::path::PathBuf)]| {
        let mut job = Job::new(&project, &github, ("push", json!({})));
        job.programs = Some(programs.clone());
        job.cache = cache.iter().cloned().collect();
        job.variables = vec![("TOOL_AT", env!("CARGO_BIN_EXE_cargo-perf").to_owned())];
        job
    };
    let with =
        |install: &str| json!({ "mode": "limits", "install": install, "directory": "inner" });
    let installed = || programs.left("cargo.installed").lines().count();

    let first = job(&[]);
    let ended = first.act(&with("--git https://x.example --rev 0123 cargo-perf"));
    assert_eq!(ended.code, 0, "{}", ended.log);
    assert!(
        ended
            .summary
            .contains("| `cpu::short` | cpu | 50 | not reached |"),
        "{}",
        ended.summary
    );
    assert_eq!((ended.kept.len(), installed()), (1, 1));
    assert!(ended.kept[0].1.join("bin/cargo-perf").exists());

    let second = job(&ended.kept);
    let again = second.act(&with("--git https://x.example --rev 0123 cargo-perf"));
    assert_eq!((again.code, installed()), (0, 1), "{}", again.log);
    assert!(again.log.contains("cargo perf was kept"), "{}", again.log);
    // Another revision is another tool, and what is not pinned is built each time.
    let other = job(&ended.kept).act(&with("--git https://x.example --rev 4567 cargo-perf"));
    assert_ne!(other.kept[0].0, ended.kept[0].0);
    assert_eq!((other.code, installed()), (0, 2));
    let loose = job(&ended.kept).act(&with("--git https://x.example cargo-perf"));
    assert_eq!((loose.code, loose.kept.len(), installed()), (0, 0, 3));
    let nowhere = job(&[]).act(&with(""));
    assert_eq!(nowhere.code, 10, "{}", nowhere.log);
}

#[test]
fn a_merge_request_at_gitlab_has_one_note() {
    let project = Project::without_git();
    let gitlab = GitHub::start();
    project.write("found.md", "### slower\n");
    let publish = |token: &str, more: &[&str]| {
        let mut command = project.perf_command();
        command
            .args(["publish", "found.md"])
            .env("CI_API_V4_URL", format!("{}/api/v4", gitlab.address))
            .env("CI_MERGE_REQUEST_PROJECT_ID", "7")
            .env("CI_MERGE_REQUEST_IID", "5")
            .env("GITLAB_TOKEN", token)
            .args(more);
        Output::of(command.output().expect("it starts"))
    };
    let token = crate::support::github::TOKEN;
    gitlab.add_note("mallory", "<!-- cargo-perf: main -->\nall is well");
    publish(token, &[])
        .code(0)
        .complains("comment of merge request 5 made");
    publish(token, &[]).code(0).complains("left as it is");
    project.write("found.md", "### slower still\n/merge\n");
    publish(token, &[]).code(0).complains("changed");
    assert_eq!(
        gitlab.notes(),
        [
            "<!-- cargo-perf: main -->\nall is well",
            "<!-- cargo-perf: main -->\n### slower still\n\\/merge\n"
        ]
    );
    let wrong = publish("s3cret", &[]);
    wrong
        .code(10)
        .complains("answered 401")
        .complains("a project access token with the scope `api`");
    assert!(!wrong.stderr.contains("s3cret"), "{}", wrong.stderr);
    publish("", &[])
        .code(2)
        .complains("GITLAB_TOKEN is not set");
}

#[test]
fn the_workflows_are_what_actionlint_takes_for_sound() {
    let project = Project::new();
    let tool = "--git https://x.example --rev \"1\" cargo-perf";
    let init = ["init", "--ci", "github", "--ci", "gitlab", "--tool", tool];
    project.perf(&init).code(0).does_not_say("left as it is");
    let workflows = project.files(".github/workflows");
    for file in &workflows {
        let workflow = workflow::read(&project, file).to_string();
        let install = format!("\"install\":{}", json!(tool));
        assert!(workflow.contains(&install), "{workflow}");
    }
    let gitlab = workflow::read(&project, ".gitlab/perf.yml");
    assert_eq!(gitlab[".perf"]["variables"]["CARGO_PERF_INSTALL"], tool);
    // What is there is not touched.
    project.write(&workflows[0], "name: mine\n");
    let again = project.perf(&init);
    again
        .code(0)
        .says("perf-publish.yml is there already")
        .says("all of it is there");
    assert_eq!(project.read(&workflows[0]), "name: mine\n");
    fs::remove_file(project.path(&workflows[0])).expect("a file");
    project
        .perf(&init)
        .code(0)
        .says("write a workflow for comments");
    let lint = |files: &[String]| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/actionlint.sh");
        Output::of(
            project
                .command("bash")
                .arg(script)
                .args(files)
                .output()
                .expect("bash starts"),
        )
    };
    assert_eq!(workflows.len(), 3);
    lint(&workflows).code(0);
    // It sees what is wrong, too.
    project.edit(
        &workflows[0],
        "runs-on: ubuntu-latest",
        "run-on: ubuntu-latest",
    );
    lint(&workflows).code(1).says("unexpected key \"run-on\"");
}

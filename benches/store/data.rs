//! A repository with many records of many benchmarks, made up, in the shape that `cargo perf run --save` gives them.

use std::fs;
use std::path::Path;

use cargo_perf::repository::Repository;
use cargo_perf::store::Baselines;
use perf_schema::{Commit, RunRecord};

#[path = "records.rs"]
pub mod records;

pub use records::record;

/// Makes the repository at `root` with `commits` commits on `main`, each with a record of `benchmarks` benchmarks, unless
/// it is there already.
pub fn ensure(root: &Path, benchmarks: usize, commits: usize) {
    ensure_changed(root, benchmarks, commits, |_, _| {});
}

/// The same where `change` makes something else of each record; it is told the commit's number.
pub fn ensure_changed(
    root: &Path,
    benchmarks: usize,
    commits: usize,
    change: impl Fn(&mut RunRecord, usize),
) {
    let finished = root.join("finished");
    let sample = sample();
    // What an earlier version of the code made may be of another shape.
    if fs::read_to_string(&finished).is_ok_and(|made_of| made_of == sample) {
        return;
    }
    let begun = root.join("begun");
    if root.exists() {
        // What is removed is what an earlier call began and did not finish, and nothing else.
        assert!(
            begun.exists(),
            "{} is there already, and was not made by this",
            root.display()
        );
        fs::remove_dir_all(root).expect("it can be removed");
    }
    fs::create_dir_all(root).expect("a folder");
    fs::write(begun, "").expect("a file");
    let mut options = git2::RepositoryInitOptions::new();
    options.initial_head("main");
    let git = git2::Repository::init_opts(root, &options).expect("a new repository");
    // Marks beside the repository's own files are no part of the source.
    fs::create_dir_all(root.join(".git/info")).expect("a folder");
    fs::write(
        root.join(".git/info/exclude"),
        "begun\nfinished\nmade\nCargo.lock\n",
    )
    .expect("a file");
    // A package, so that every command works in it.
    let manifest =
        "[package]\nname = \"made-up\"\nedition = \"2024\"\n\n[lib]\npath = \"code.rs\"\n";
    fs::write(root.join("Cargo.toml"), manifest).expect("a file");
    for number in 0..commits {
        fs::write(root.join("code.rs"), format!("// {number}\n")).expect("a file");
        commit(&git, &format!("change {number}"), number);
        let repository = Repository::discover(root)
            .expect("a repository")
            .expect("there is one");
        let state = repository.state().expect("it has a state");
        let mut record = record(
            state.commit.expect("a commit"),
            state.source_tree,
            benchmarks,
            number,
        );
        change(&mut record, number);
        Baselines::at(root)
            .save(&record, false)
            .expect("a saved record");
        commit(&git, &format!("baseline {number}"), number);
    }
    fs::write(finished, sample).expect("a file");
}

/// A record of one benchmark as text: what the others look like.
fn sample() -> String {
    let digits = "0123456789abcdef0123456789abcdef01234567";
    let commit = Commit {
        sha: digits.parse().expect("forty digits"),
        parents: Vec::new(),
        branch: None,
        committed: 0,
        subject: String::new(),
        dirty: false,
    };
    let record = record(commit, digits.parse().expect("forty digits"), 1, 0);
    record.to_value().expect("a JSON value").to_string()
}

fn commit(git: &git2::Repository, subject: &str, number: usize) {
    let mut index = git.index().expect("an index");
    index
        .add_all(["*"], git2::IndexAddOption::DEFAULT, None)
        .expect("added");
    index.write().expect("written");
    let tree = git
        .find_tree(index.write_tree().expect("a tree"))
        .expect("the tree");
    let seconds = 1_760_000_000 + 3600 * i64::try_from(number).expect("a small number");
    let who = git2::Signature::new("A", "a@example.com", &git2::Time::new(seconds, 0))
        .expect("a signature");
    let parents: Vec<git2::Commit<'_>> = git
        .head()
        .and_then(|head| head.peel_to_commit())
        .into_iter()
        .collect();
    git.commit(
        Some("HEAD"),
        &who,
        &who,
        subject,
        &tree,
        &parents.iter().collect::<Vec<_>>(),
    )
    .expect("a commit");
}

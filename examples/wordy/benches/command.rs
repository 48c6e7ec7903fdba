//! Whole programs. One of your own crate is `Command::new(env!("CARGO_BIN_EXE_name"))`.

use perf_harness as perf;

// There is no shell: the program gets its arguments as they stand here.
#[perf::command(words = [100, 10_000])]
fn sort(words: usize) -> perf::Command {
    let text = wordy::sample(words).replace(' ', "\n");
    perf::Command::new("sort")
        .arg("--unique")
        .env("LC_ALL", "C")
        .items(words as u64)
        .stdin(text)
        .check(|output| !output.stdout.is_empty())
}

// What comes before and after a run is not timed.
#[perf::command]
fn copy() -> perf::Command {
    let [from, to] = ["from", "to"].map(|end| format!("wordy-{}-{end}", std::process::id()));
    let folder = std::env::temp_dir();
    let [from, to] = [from, to].map(|name| folder.join(name));
    let (source, copied, left) = (from.clone(), to.clone(), from.clone());
    perf::Command::new("cp")
        .args([from, to])
        .set_up(move || std::fs::write(&source, wordy::sample(10_000)).expect("a text to copy"))
        .conclude(move || std::fs::remove_file(&copied).expect("the copy that `cp` made"))
        .cleanup(move || std::fs::remove_file(&left).expect("the text that was copied"))
}

perf::main!();

//! The command that asks the same again, with the same random choices.

use crate::base::Harness;
use crate::cli::{CompareArgs, MeasureArgs, OnRequest, RunArgs, SelectArgs};
use crate::store::resolve::Resolution;

/// `cargo perf run` once more.
pub(super) fn again(args: &RunArgs, seed: u64) -> String {
    let mut words = vec!["run".to_owned()];
    words.extend(measuring(&args.measure, seed));
    words.extend(selecting(&args.select));
    line(&words)
}

/// `cargo perf compare` once more, with the very commit or record that it came to.
pub(super) fn again_with(args: &CompareArgs, resolution: &Resolution, seed: u64) -> String {
    let mut words = vec![
        "compare".to_owned(),
        "--baseline".to_owned(),
        named(resolution),
    ];
    words.extend(args.paired.then(|| "--paired".to_owned()));
    if args.paired && args.harness_from == Harness::Head {
        words.push("--harness-from=head".to_owned());
    }
    words.extend(args.no_confirm.then(|| "--no-confirm".to_owned()));
    // A kept run would be shown again, and nothing measured.
    words.extend((!args.paired).then(|| "--remeasure".to_owned()));
    words.extend(measuring(&args.measure, seed));
    words.extend(selecting(&args.select));
    line(&words)
}

/// A branch moves on, the commit that it came to does not.
fn named(resolution: &Resolution) -> String {
    if let Some(anchor) = &resolution.anchor {
        return anchor.commit.short(12).to_owned();
    }
    let records = resolution
        .choices
        .values()
        .flat_map(|choice| &choice.records);
    let mut ids = records.map(|stored| stored.id.short(8));
    match ids.next() {
        Some(id) if resolution.typed == "last" => format!("record:{id}"),
        _ => resolution.typed.clone(),
    }
}

fn measuring(args: &MeasureArgs, seed: u64) -> Vec<String> {
    let mut words = vec!["--seed".to_owned(), seed.to_string()];
    words.extend(args.quick.then(|| "--quick".to_owned()));
    if args.metrics.contains(&OnRequest::Instructions) {
        words.push("--metric=instructions".to_owned());
    }
    words
}

fn selecting(args: &SelectArgs) -> Vec<String> {
    let mut words = Vec::new();
    let mut flag = |is_set: bool, word: &str| words.extend(is_set.then(|| word.to_owned()));
    flag(args.exact, "--exact");
    flag(args.include_ignored, "--include-ignored");
    flag(args.all_features, "--all-features");
    flag(args.no_default_features, "--no-default-features");
    let each = |name: &str, values: &[String]| -> Vec<String> {
        values
            .iter()
            .map(|value| format!("--{name}={value}"))
            .collect()
    };
    words.extend(each("package", &args.packages));
    words.extend(each("bench", &args.benches));
    words.extend(each("features", &args.features));
    words.extend(
        args.profile
            .iter()
            .map(|profile| format!("--profile={profile}")),
    );
    let manifest = args.manifest_path.iter();
    words.extend(manifest.map(|path| format!("--manifest-path={}", path.display())));
    words.extend(args.filters.iter().cloned());
    words
}

fn line(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    format!("cargo perf {}", quoted.join(" "))
}

/// A word as a shell takes it for one.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};
    use clap::Parser;

    fn run_of(words: &[&str]) -> RunArgs {
        let all = ["cargo-perf", "run"].iter().chain(words);
        match Cli::try_parse_from(all).unwrap().command {
            Command::Run(args) => args,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_was_asked_is_asked_again() {
        let words = [
            "--quick",
            "--exact",
            "-p",
            "demo",
            "-F",
            "a b",
            "--metric",
            "instructions",
            "sort[n=10]",
            "it's",
        ];
        let text = again(&run_of(&words), 7);
        assert_eq!(
            text,
            "cargo perf run --seed 7 --quick --metric=instructions --exact --package=demo '--features=a b' 'sort[n=10]' 'it'\\''s'"
        );
    }
}

//! The command that asks the same again, with the same random choices.

use crate::base::Harness;
use crate::cli::{CompareArgs, MeasureArgs, OnRequest, RunArgs, SelectArgs};
use crate::report::quoted;

/// `cargo perf run` once more.
pub(super) fn again(args: &RunArgs, seed: u64) -> String {
    let mut words = vec!["run".to_owned()];
    words.extend(measuring(&args.measure, seed));
    words.extend(selecting(&args.select));
    line(&words)
}

/// `cargo perf compare` once more. The baseline is named as it was: the rules that count are those of what is named, and
/// which commit that came to stands in the title.
pub(super) fn again_with(args: &CompareArgs, seed: u64) -> String {
    let mut words = vec!["compare".to_owned()];
    let baseline = args.baseline.iter();
    words.extend(baseline.map(|name| format!("--baseline={name}")));
    let mut flag = |is_set: bool, word: &str| words.extend(is_set.then(|| word.to_owned()));
    flag(args.paired, "--paired");
    flag(
        args.paired && args.harness_from == Harness::Head,
        "--harness-from=head",
    );
    flag(args.no_confirm, "--no-confirm");
    flag(args.no_relink, "--no-relink");
    // A kept run would be shown again, and nothing measured.
    flag(!args.paired, "--remeasure");
    let mut value = |name: &str, value: Option<String>| {
        words.extend(value.map(|value| format!("--{name}={value}")));
    };
    value("relink", args.relink.map(|orders| orders.to_string()));
    for expected in &args.expect {
        value("expect", Some(expected.to_string()));
    }
    value("fail-on", args.fail_on.map(|least| least.word().to_owned()));
    value("preset", args.preset.map(|preset| preset.word().to_owned()));
    let given = |given: Option<bool>| given.map(|given| given.to_string());
    value("require-baseline", given(args.require_baseline));
    value("allow-missing", given(args.allow_missing));
    words.extend(measuring(&args.measure, seed));
    words.extend(selecting(&args.select));
    line(&words)
}

fn measuring(args: &MeasureArgs, seed: u64) -> Vec<String> {
    let mut words = vec!["--seed".to_owned(), seed.to_string()];
    words.extend(args.quick.then(|| "--quick".to_owned()));
    let timeout = args.timeout.iter();
    words.extend(timeout.map(|time| format!("--timeout={}ms", time.as_millis())));
    if args.metrics.contains(&OnRequest::Instructions) {
        words.push("--metric=instructions".to_owned());
    }
    words.extend(args.nocapture.then(|| "--nocapture".to_owned()));
    let machine = args.machine.iter();
    words.extend(machine.map(|name| format!("--machine={name}")));
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
    // What follows is no flag, whatever it looks like.
    words.extend(
        args.filters
            .iter()
            .any(|filter| filter.starts_with('-'))
            .then(|| "--".to_owned()),
    );
    words.extend(args.filters.iter().cloned());
    words
}

fn line(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    format!("cargo perf {}", quoted.join(" "))
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

    fn compare_of<'a>(words: impl IntoIterator<Item = &'a str>) -> CompareArgs {
        let all = ["cargo-perf", "compare"].into_iter().chain(words);
        match Cli::try_parse_from(all).unwrap().command {
            Command::Compare(args) => args,
            other => panic!("{other:?}"),
        }
    }

    /// Words of a line in which nothing is quoted but by single quotes.
    fn words(line: &str) -> Vec<String> {
        let (mut words, mut word, mut inside) = (Vec::new(), String::new(), false);
        let mut rest = line.chars();
        while let Some(c) = rest.next() {
            match c {
                '\'' => inside = !inside,
                '\\' if !inside => word.extend(rest.next()),
                ' ' if !inside => words.push(std::mem::take(&mut word)),
                c => word.push(c),
            }
        }
        words.push(word);
        words
    }

    #[test]
    fn everything_that_a_comparison_was_asked_by_is_asked_again() {
        let records = [
            "--baseline",
            "main branch",
            "--no-confirm",
            "--no-relink",
            "--remeasure",
            "--expect",
            "sort[n=10]=faster:12.5%",
            "--expect",
            "unchanged",
            "--fail-on=high",
            "--preset=pyodide",
            "--require-baseline",
            "--allow-missing=false",
            "--seed=7",
            "--quick",
            "--timeout=1500ms",
            "--metric=instructions",
            "--nocapture",
            "--machine=ci $1",
            "--include-ignored",
            "--package=demo",
            "--bench=cpu",
            "-F",
            "a b",
            "--profile=release",
            "--manifest-path=a/Cargo.toml",
            "--",
            "--exact",
            "it's",
        ];
        let paired = [
            "--baseline=v1.0",
            "--paired",
            "--harness-from=head",
            "--relink=8",
            "--fail-on=none",
            "--preset=detector",
            "--require-baseline=false",
            "--seed=7",
            "--exact",
            "sort",
        ];
        for asked in [&records[..], &paired[..]] {
            let asked = compare_of(asked.iter().copied());
            let line = again_with(&asked, 7);
            let words = words(&line);
            assert_eq!(words[..3], ["cargo", "perf", "compare"], "{line}");
            let again = compare_of(words[3..].iter().map(String::as_str));
            assert_eq!(format!("{again:?}"), format!("{asked:?}"), "{line}");
        }
    }
}

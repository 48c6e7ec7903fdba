//! The flags of a libtest binary, those that cargo and nextest add included.
//!
//! Parsed by hand: libtest takes several filters, `--bench` together with `--test`, and `--no-capture`, none of which the
//! parser of libtest-mimic knows. `cargo bench` puts `--bench` last, so no flag here has an optional value.

use libtest_mimic::{ColorSetting, FormatSetting};

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Name the benchmarks.
    List,
    /// Run each once, to show that it works.
    Smoke,
    /// Measure.
    Measure,
}

/// What the command line asked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Arguments {
    pub(crate) mode: Mode,
    pub(crate) help: bool,
    pub(crate) filters: Vec<String>,
    pub(crate) skip: Vec<String>,
    pub(crate) exact: bool,
    pub(crate) ignored: bool,
    pub(crate) include_ignored: bool,
    /// Only what runs under stress, and under it.
    pub(crate) chaos: bool,
    pub(crate) show_output: bool,
    pub(crate) quiet: bool,
    pub(crate) format: Option<FormatSetting>,
    pub(crate) color: Option<ColorSetting>,
    pub(crate) logfile: Option<String>,
    pub(crate) test_threads: Option<usize>,
    pub(crate) shuffle: bool,
    pub(crate) shuffle_seed: Option<u64>,
}

/// A command line that is none.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ArgumentError {
    #[error("unknown option `{0}`; `--help` lists those there are")]
    Unknown(String),
    #[error("option `{0}` needs a value")]
    MissingValue(&'static str),
    #[error("option `{0}` takes no value")]
    NeedlessValue(String),
    #[error("`{value}` is no value for `{option}`: {expected}")]
    BadValue {
        option: &'static str,
        value: String,
        expected: &'static str,
    },
    #[error("the options `--ignored` and `--include-ignored` exclude each other")]
    Exclusive,
}

/// Flags of libtest that change nothing here, with the reason.
const WITHOUT_EFFECT: &[&str] = &[
    // Times are always measured by the conductor.
    "--report-time",
    "--ensure-time",
    // A smoke run always goes through all benchmarks.
    "--fail-fast",
    // A smoke run is always in this process.
    "--force-run-in-process",
    // There is no benchmark that should panic.
    "--exclude-should-panic",
];

impl Arguments {
    /// Reads the command line; `variable` reads the environment.
    pub(crate) fn parse(
        arguments: impl Iterator<Item = String>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ArgumentError> {
        let mut parser = Parser {
            arguments,
            parsed: Self::none(),
            list: false,
            bench: false,
            test: false,
        };
        parser.environment(variable)?;
        while let Some(argument) = parser.arguments.next() {
            if argument == "--" {
                let rest: Vec<String> = parser.arguments.by_ref().collect();
                parser.parsed.filters.extend(rest);
            } else {
                parser.take(&argument)?;
            }
        }
        if parser.parsed.ignored && parser.parsed.include_ignored {
            return Err(ArgumentError::Exclusive);
        }
        Ok(parser.finish())
    }

    const fn none() -> Self {
        Self {
            mode: Mode::Smoke,
            help: false,
            filters: Vec::new(),
            skip: Vec::new(),
            exact: false,
            ignored: false,
            include_ignored: false,
            chaos: false,
            show_output: false,
            quiet: false,
            format: None,
            color: None,
            logfile: None,
            test_threads: None,
            shuffle: false,
            shuffle_seed: None,
        }
    }
}

struct Parser<A> {
    arguments: A,
    parsed: Arguments,
    list: bool,
    bench: bool,
    test: bool,
}

impl<A: Iterator<Item = String>> Parser<A> {
    fn environment(
        &mut self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<(), ArgumentError> {
        let on = |name: &str| variable(name).is_some_and(|value| value != "0");
        self.parsed.show_output = on("RUST_TEST_NOCAPTURE");
        self.parsed.shuffle = on("RUST_TEST_SHUFFLE");
        if let Some(value) = variable("RUST_TEST_THREADS") {
            self.parsed.test_threads = Some(threads("RUST_TEST_THREADS", value)?);
        }
        Ok(())
    }

    fn take(&mut self, argument: &str) -> Result<(), ArgumentError> {
        let (flag, attached) = match argument.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => (flag, Some(value.to_owned())),
            _ => (argument, None),
        };
        if self.take_valued(flag, attached.clone())? {
            return Ok(());
        }
        let known = self.take_switch(flag);
        match attached {
            Some(_) if known => Err(ArgumentError::NeedlessValue(flag.to_owned())),
            _ if known || self.take_letters(argument) => Ok(()),
            _ if argument.len() > 1 && argument.starts_with('-') => {
                Err(ArgumentError::Unknown(argument.to_owned()))
            }
            _ => {
                self.parsed.filters.push(argument.to_owned());
                Ok(())
            }
        }
    }

    fn take_switch(&mut self, flag: &str) -> bool {
        let parsed = &mut self.parsed;
        match flag {
            "--list" => self.list = true,
            "--bench" => self.bench = true,
            "--test" => self.test = true,
            "--exact" => parsed.exact = true,
            "--ignored" => parsed.ignored = true,
            "--include-ignored" => parsed.include_ignored = true,
            "--chaos" => parsed.chaos = true,
            "--nocapture" | "--no-capture" | "--show-output" => parsed.show_output = true,
            "-q" | "--quiet" => parsed.quiet = true,
            "--shuffle" => parsed.shuffle = true,
            "-h" | "--help" => parsed.help = true,
            flag => return WITHOUT_EFFECT.contains(&flag),
        }
        true
    }

    /// Switches of one letter in one word: `-qh`.
    fn take_letters(&mut self, argument: &str) -> bool {
        match argument.strip_prefix('-') {
            Some(letters) if letters.len() > 1 && letters.chars().all(|c| "qh".contains(c)) => {
                letters.chars().all(|c| self.take_switch(&format!("-{c}")))
            }
            _ => false,
        }
    }

    fn take_valued(&mut self, flag: &str, attached: Option<String>) -> Result<bool, ArgumentError> {
        const VALUED: &[&str] = &[
            "--skip",
            "--test-threads",
            "--shuffle-seed",
            "--format",
            "--color",
            "--logfile",
            "-Z",
        ];
        // `-Zunstable-options` in one word.
        let (flag, attached) = match flag.strip_prefix("-Z") {
            Some(value) if !value.is_empty() => ("-Z", Some(value.to_owned())),
            _ => (flag, attached),
        };
        let Some(&option) = VALUED.iter().find(|known| **known == flag) else {
            return Ok(false);
        };
        let value = attached
            .or_else(|| self.arguments.next())
            .ok_or(ArgumentError::MissingValue(option))?;
        let bad = |expected| ArgumentError::BadValue {
            option,
            value: value.clone(),
            expected,
        };
        let parsed = &mut self.parsed;
        match option {
            "--skip" => parsed.skip.push(value),
            "--test-threads" => parsed.test_threads = Some(threads(option, value)?),
            "--shuffle-seed" => {
                parsed.shuffle_seed =
                    Some(value.parse().map_err(|_| bad("a number from 0 to 2^64"))?);
            }
            "--format" => {
                parsed.format = Some(match value.as_str() {
                    "pretty" => FormatSetting::Pretty,
                    "terse" => FormatSetting::Terse,
                    "json" => FormatSetting::Json,
                    _ => return Err(bad("pretty, terse or json")),
                });
            }
            "--color" => {
                parsed.color = Some(match value.as_str() {
                    "auto" => ColorSetting::Auto,
                    "always" => ColorSetting::Always,
                    "never" => ColorSetting::Never,
                    _ => return Err(bad("auto, always or never")),
                });
            }
            "--logfile" => parsed.logfile = Some(value),
            // Everything that needs `-Z unstable-options` is there without it.
            _ if value == "unstable-options" => {}
            _ => return Err(bad("unstable-options")),
        }
        Ok(true)
    }

    fn finish(self) -> Arguments {
        let mode = match self {
            Self { list: true, .. } => Mode::List,
            // `cargo bench -- --test` gives both, and means a quick check.
            Self {
                bench: true,
                test: false,
                ..
            } => Mode::Measure,
            _ => Mode::Smoke,
        };
        Arguments {
            mode,
            ..self.parsed
        }
    }
}

fn threads(option: &'static str, value: String) -> Result<usize, ArgumentError> {
    match value.parse() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err(ArgumentError::BadValue {
            option,
            value,
            expected: "a number above 0",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, ArgumentError> {
        Arguments::parse(line.split_whitespace().map(str::to_owned), |_| None)
    }

    fn mode(line: &str) -> Mode {
        parse(line).unwrap().mode
    }

    #[test]
    fn cargo_and_nextest_are_understood() {
        assert_eq!(mode(""), Mode::Smoke);
        assert_eq!(mode("--bench"), Mode::Measure);
        assert_eq!(mode("--test --bench"), Mode::Smoke);
        assert_eq!(mode("--list --format terse"), Mode::List);
        assert_eq!(mode("--list --format terse --ignored"), Mode::List);
        assert_eq!(
            mode("--format=json -Z unstable-options --show-output"),
            Mode::Smoke
        );
        assert_eq!(mode("-Zunstable-options --report-time"), Mode::Smoke);
        let one = parse("--exact sort[n=1] --nocapture --bench").unwrap();
        assert!(one.exact && one.show_output && one.mode == Mode::Measure);
        assert_eq!(one.filters, ["sort[n=1]"]);
        assert!(parse("--bench --chaos").unwrap().chaos);
        let letters = parse("-qh").unwrap();
        assert!(letters.quiet && letters.help);
    }

    #[test]
    fn filters_and_skips_add_up() {
        let arguments = parse("a --skip b c --skip=d -- --e").unwrap();
        assert_eq!(arguments.filters, ["a", "c", "--e"]);
        assert_eq!(arguments.skip, ["b", "d"]);
    }

    #[test]
    fn the_last_number_of_threads_wins() {
        assert_eq!(
            parse("--test-threads 1 --test-threads=4")
                .unwrap()
                .test_threads,
            Some(4)
        );
        let env = |name: &str| (name == "RUST_TEST_THREADS").then(|| "3".to_owned());
        assert_eq!(
            Arguments::parse(std::iter::empty(), env)
                .unwrap()
                .test_threads,
            Some(3)
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (line, part) in [
            ("--unheard-of", "unknown option `--unheard-of`"),
            ("-x", "unknown option `-x`"),
            ("--skip", "`--skip` needs a value"),
            ("--test-threads 0", "above 0"),
            ("--format xml", "pretty, terse or json"),
            ("--bench=yes", "takes no value"),
            ("-Z nonsense", "`nonsense` is no value for `-Z`"),
            ("-Znonsense", "`nonsense` is no value for `-Z`"),
            ("-qx", "unknown option `-qx`"),
            ("--ignored --include-ignored", "exclude each other"),
        ] {
            let error = parse(line).unwrap_err().to_string();
            assert!(error.contains(part), "{line}: {error}");
        }
    }
}

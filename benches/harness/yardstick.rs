//! Running the three, round after round.

use std::process::{Command, ExitCode, Output};
use std::time::{Duration, Instant};

use crate::answer::{self, Answer};
use crate::bodies::LINES;
use crate::table::{Round, table};
use crate::{in_criterion, in_divan, truth};

/// The argument that asks for the comparison; the number of rounds follows it.
pub const FLAG: &str = "--yardstick";

/// A tool that answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    Ours,
    Criterion,
    Divan,
}

impl Tool {
    pub const ALL: [Self; 3] = [Self::Ours, Self::Criterion, Self::Divan];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Ours => "perf-harness",
            Self::Criterion => "criterion",
            Self::Divan => "divan",
        }
    }
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a program")]
pub fn main(rounds: &str) -> ExitCode {
    let Ok(count @ 1..) = rounds.parse::<u32>() else {
        eprintln!("error: {FLAG} takes the number of rounds, which `{rounds}` is not");
        return ExitCode::FAILURE;
    };
    let mut rounds = Vec::new();
    for number in 1..=count {
        let mut order = Tool::ALL;
        fastrand::shuffle(&mut order);
        for tool in order {
            eprintln!("round {number} of {count}: {}", tool.name());
            match round(tool) {
                Ok(round) => rounds.push(round),
                Err(error) => {
                    eprintln!("error: {}: {error}", tool.name());
                    return ExitCode::FAILURE;
                }
            }
        }
    }
    println!("{}", table(&rounds));
    ExitCode::SUCCESS
}

/// One tool on all bodies, with the truth measured before and after, when the machine is as it is for the tool.
#[expect(
    clippy::disallowed_methods,
    reason = "how long a tool takes, from outside"
)]
fn round(tool: Tool) -> Result<Round, String> {
    let before = truth::step_ns();
    let start = Instant::now();
    let answers = answers(tool)?;
    let took = start.elapsed();
    let after = truth::step_ns();
    Ok(Round {
        tool,
        answers,
        step_ns: before.min(after),
        drift: before.max(after) / before.min(after) - 1.0,
        took: took / u32::try_from(LINES.len()).unwrap_or(1),
    })
}

fn answers(tool: Tool) -> Result<Vec<Answer>, String> {
    match tool {
        Tool::Ours => ours(&String::from_utf8_lossy(&run(&["--bench"])?.stderr)),
        Tool::Divan => {
            let output = run(&[in_divan::FLAG])?;
            in_divan::answers(&String::from_utf8_lossy(&output.stdout))
        }
        Tool::Criterion => {
            let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
            run(&[in_criterion::FLAG, &folder.path().to_string_lossy()])?;
            in_criterion::answers(folder.path())
        }
    }
}

/// Runs this very program with other arguments.
fn run(arguments: &[&str]) -> Result<Output, String> {
    let this = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new(this)
        .args(arguments)
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(output)
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        Err(format!("it ended with {}: {said}", output.status))
    }
}

/// What the table under `cargo bench` says of each line, and the hint where it gives a bound.
fn ours(printed: &str) -> Result<Vec<Answer>, String> {
    let after = |begin: &str| printed.lines().find_map(|line| line.strip_prefix(begin));
    let rest_of = |name: &str| {
        let (_, rest) = after(&format!("hint: `{name}` takes "))?.split_once(" and ")?;
        answer::time(rest)
    };
    let find = |name: &str| {
        let value = after(&format!("{name} ")).map(str::trim);
        let answer = value.and_then(|value| match value.strip_prefix("< ") {
            Some(bound) => Some(Answer::Below {
                bound: answer::time(bound)?,
                rest: rest_of(name)?,
            }),
            None => Answer::read(value),
        });
        answer.ok_or_else(|| format!("our table says nothing of {name}:\n{printed}"))
    };
    LINES.iter().map(|(name, _)| find(name)).collect()
}

/// The time of one body, of all rounds of a tool.
pub fn typical(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

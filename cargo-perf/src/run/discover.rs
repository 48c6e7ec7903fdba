//! Asking the binaries which benchmarks they have, and choosing among them.

use std::ffi::OsString;

use perf_runner::{DescribeError, Program, describe};
use perf_schema::wire::CaseDescription;
use perf_schema::{BenchId, Definition};

use super::build::{Built, LIBRARY_PATH};
use super::definition::definition;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::plan::{Selection, Wanted};

/// A case that was selected.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Which one.
    pub id: BenchId,
    /// Hash of its definition.
    pub definition: Definition,
    /// What its target says of it.
    pub description: CaseDescription,
    /// How to start its workers.
    pub program: Program,
}

/// All that was selected.
#[derive(Clone, Debug, PartialEq)]
pub struct Discovered {
    /// The cases, in the order of their declaration, target by target.
    pub cases: Vec<Candidate>,
    /// Every case there is, selected or not.
    pub known: Vec<BenchId>,
    /// Source of time of the workers.
    pub clock: String,
    /// What was left out, and why.
    pub notes: Vec<String>,
}

/// All that the binaries have.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Asked {
    /// Their cases, in the order of their declaration, target by target.
    pub cases: Vec<Candidate>,
    /// Source of time of the workers; `None` when no binary is one of ours.
    pub clock: Option<String>,
    /// What was left out, and why.
    pub notes: Vec<String>,
}

/// Asks each binary for its cases. Targets of other harnesses are named and left out.
///
/// # Errors
/// When a suite is not in order.
pub fn ask(cx: &Context, built: &[Built], show_output: bool) -> Result<Asked, Failure> {
    let mut asked = Asked::default();
    for binary in built {
        let program = program_of(binary, show_output);
        match describe(&program, &cx.stop) {
            Ok(description) => {
                for case in description.cases {
                    asked.cases.push(candidate(binary, &program, case)?);
                }
                asked.clock = Some(description.clock);
            }
            Err(DescribeError::Foreign(why)) => {
                asked.notes.push(format!(
                    "bench target `{}` is left out, as it is not one of perf-harness ({why})",
                    binary.target.name
                ));
            }
            Err(DescribeError::Interrupted) => {
                return Err(Failure::said(Kind::Interrupted, "interrupted"));
            }
            Err(error @ (DescribeError::Broken(_) | DescribeError::Start(_))) => {
                let context = format!("bench target `{}`", binary.target.name);
                return Err(
                    Failure::new(Kind::Usage, anyhow::Error::new(error).context(context))
                        .help("mend it, or name the bench targets to take with --bench"),
                );
            }
        }
    }
    Ok(asked)
}

/// Asks each binary and keeps what `selection` takes.
///
/// # Errors
/// When a suite is not in order, or nothing is left to measure.
pub fn discover(
    cx: &Context,
    built: &[Built],
    selection: &Selection,
    show_output: bool,
) -> Result<Discovered, Failure> {
    let Asked {
        cases: all,
        clock,
        mut notes,
    } = ask(cx, built, show_output)?;
    let foreign = !notes.is_empty();
    let known = all.len();
    notes.extend(all.iter().filter_map(|c| why_ignored(c, selection)));
    let cases: Vec<Candidate> = all
        .iter()
        .filter(|c| selection.takes_case(&c.id, &c.description))
        .cloned()
        .collect();
    match clock {
        Some(clock) if !cases.is_empty() => Ok(Discovered {
            cases,
            known: all.into_iter().map(|case| case.id).collect(),
            clock,
            notes,
        }),
        _ => {
            notes
                .iter()
                .for_each(|note| cx.say(format!("note: {note}")));
            Err(nothing_selected(selection, known, foreign, &all))
        }
    }
}

/// What its author says of a benchmark that would have been selected, were it not ignored.
fn why_ignored(case: &Candidate, selection: &Selection) -> Option<String> {
    let description = &case.description;
    let left_out =
        selection.takes(&case.id, false) && !selection.takes(&case.id, description.ignored);
    let why = description.ignored_because.as_ref().filter(|_| left_out)?;
    Some(format!("{} is ignored: {why}", case.id.in_package()))
}

fn candidate(
    binary: &Built,
    program: &Program,
    case: CaseDescription,
) -> Result<Candidate, Failure> {
    let fault = |error| {
        Failure::new(
            Kind::Usage,
            anyhow::Error::new(error).context("a benchmark has a name that cannot be one"),
        )
    };
    Ok(Candidate {
        id: BenchId::new(&binary.target.package, &binary.target.name, &case.name).map_err(fault)?,
        definition: definition(&case).map_err(fault)?,
        description: case,
        program: program.clone(),
    })
}

/// Workers start in the package's root and find the libraries that were built for them, as under `cargo bench`. What
/// `[env]` of a cargo configuration sets, they do not see.
fn program_of(binary: &Built, show_output: bool) -> Program {
    let directory = binary.target.directory.clone();
    let variables = [
        ("CARGO_MANIFEST_DIR", directory.clone().into_os_string()),
        (LIBRARY_PATH, binary.library_path.clone()),
    ];
    Program {
        path: binary.executable.clone(),
        variables: variables
            .map(|(name, value)| (OsString::from(name), value))
            .into(),
        directory,
        show_output,
    }
}

fn nothing_selected(
    selection: &Selection,
    known: usize,
    foreign: bool,
    all: &[Candidate],
) -> Failure {
    if known == 0 && foreign {
        return Failure::said(Kind::Coverage, "none of the bench targets is one of perf-harness")
            .help("add `harness = false` to its [[bench]] in Cargo.toml, and end its file with perf::main!();");
    }
    if known == 0 {
        return Failure::said(Kind::Coverage, "the bench targets have no benchmark")
            .help("mark a function with #[perf::bench], and end the file with perf::main!();");
    }
    let of_sort = |case: &&Candidate| {
        case.description.chaos.is_some() == (selection.wanted == Wanted::UnderStress)
    };
    let count = all.iter().filter(of_sort).count();
    if count == 0 {
        return match selection.wanted {
            Wanted::InQuiet => Failure::said(Kind::Coverage, "every benchmark is one under stress")
                .help("`cargo perf chaos` measures those"),
            Wanted::UnderStress => Failure::said(Kind::Coverage, "no benchmark runs under stress")
                .help("one that does is written #[perf::bench(under = [cpu(2), io])]; see docs/CHAOS.md"),
        };
    }
    let named = all.iter().filter(of_sort).take(8);
    let names: Vec<String> = named.map(|case| case.id.in_package()).collect();
    let more = if count > names.len() {
        format!(", and {} more", count - names.len())
    } else {
        String::new()
    };
    let filters = selection.filters.join("`, `");
    let what = if selection.filters.is_empty() {
        "every benchmark is marked as ignored".to_owned()
    } else {
        format!("no benchmark matches `{filters}`")
    };
    Failure::said(Kind::Coverage, what).help(format!("there are: {}{more}", names.join(", ")))
}

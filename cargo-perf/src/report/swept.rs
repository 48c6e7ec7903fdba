//! Growth over an axis of benchmarks, as a section of its own: it is of several rows of the table.

use serde::Serialize;

use super::growth::{self, GrowthFigures, PromiseFigures};
use super::markdown::{code, escape};
use super::printable::printable;
use super::table::wrapped;
use crate::compare::Swept;

/// For a person: a heading, and a line for each; nothing where there are none.
pub(super) fn human(sweeps: &[Swept], width: Option<usize>) -> String {
    let mut text = String::new();
    if !sweeps.is_empty() {
        text.push_str("growth\n");
    }
    for swept in sweeps {
        let line = format!("{}: {}", of_what(swept), growth::remark(&swept.grown));
        text.push_str(&wrapped(&printable(&line), "  ", width));
    }
    text
}

/// For a comment: so many of them at most, those that broke a promise first.
pub(super) fn markdown(sweeps: &[Swept], lines: usize) -> String {
    let mut sweeps: Vec<&Swept> = sweeps.iter().collect();
    sweeps.sort_by_key(|swept| !swept.grown.is_broken());
    let shown = sweeps.iter().take(lines).map(|swept| {
        let name = code(&of_what(swept));
        format!("- {name}: {}\n", escape(&growth::remark(&swept.grown)))
    });
    let mut text: String = shown.collect();
    if sweeps.len() > lines {
        text.push_str(&format!("- and {} more\n", sweeps.len() - lines));
    }
    text
}

/// `cpu::sort[algo=Merge] over n`.
fn of_what(swept: &Swept) -> String {
    format!("{} over {}", swept.id.in_package(), swept.axis)
}

/// A sweep for programs.
#[derive(Serialize)]
pub(super) struct SweptFigures<'a> {
    /// The benchmark, with the values of its other axes.
    benchmark: String,
    axis: &'a str,
    levels: usize,
    from: f64,
    to: f64,
    growth: Option<GrowthFigures>,
    /// Why there is no growth, where there is none.
    reason: Option<&'a str>,
    fit: Option<PromiseFigures<'a>>,
}

/// The sweeps for programs.
pub(super) fn figures(sweeps: &[Swept]) -> Vec<SweptFigures<'_>> {
    fn one(swept: &Swept) -> SweptFigures<'_> {
        let Swept {
            id,
            axis,
            cases,
            grown,
        } = swept;
        let (from, to) = swept.range();
        SweptFigures {
            benchmark: id.to_string(),
            axis: axis.as_str(),
            levels: cases.len(),
            from,
            to,
            growth: growth::figures(grown),
            reason: grown.growth.as_ref().err().map(String::as_str),
            fit: growth::promised(grown),
        }
    }
    sweeps.iter().map(one).collect()
}

//! What people and programs are shown: one model, rendered in several ways with the same numbers in each.
//!
//! Nothing here judges or measures: everything shown stands in a record or in a comparison of records.

mod accepts;
mod advice;
mod budget;
mod calibration;
mod chaos;
mod diagnosis;
mod growth;
mod json;
pub mod limits;
mod listing;
mod markdown;
mod model;
mod order;
mod printable;
mod quantity;
mod ranking;
mod shell;
mod swept;
mod table;
mod terminal;
mod traffic;

pub use accepts::{Accepted, accepted, accepts};
pub use calibration::{Calibrated, Calibration};
pub use chaos::{ChaosReport, ChaosRow};
pub use diagnosis::Diagnosis;
pub use growth::law as growth_in_words;
pub use json::failure;
pub use limits::{LimitRow, LimitsReport, limits};
pub use listing::{Listed, listing};
pub use model::{Command, Examined, Figure, Method, Report, Row};
pub use printable::{printable, printable_lines};
pub use quantity::{amount, percent_change, quantity, rate};
pub use shell::quoted;

use clap::ValueEnum;
use serde::Deserialize;

/// How a report is rendered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// A table for a terminal.
    #[default]
    Human,
    /// JSON for programs.
    Json,
    /// Markdown, for a comment in a pull request.
    Markdown,
}

/// What a person sees it on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Whether there may be colours.
    pub colours: bool,
    /// Columns, where that is known: then sentences are wrapped, too.
    pub width: Option<usize>,
}

/// Renders a report. `look` matters to [`Format::Human`] only.
#[must_use]
pub fn render(report: &Report, format: Format, look: Look) -> String {
    match format {
        Format::Human => terminal::render(report, look),
        Format::Json => json::render(report),
        Format::Markdown => markdown::render(report),
    }
}

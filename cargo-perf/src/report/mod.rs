//! What people and programs are shown: one model, rendered in several ways with the same numbers in each.
//!
//! Nothing here judges or measures: everything shown stands in a record or in a comparison of records.

mod budget;
mod json;
pub mod limits;
mod listing;
mod markdown;
mod model;
mod order;
mod printable;
mod quantity;
mod terminal;

pub use limits::{LimitRow, LimitsReport, limits};
pub use listing::{Listed, listing};
pub use model::{Command, Figure, Method, Report, Row};
pub use printable::{printable, printable_lines};
pub use quantity::{amount, percent_change, quantity, rate};

use clap::ValueEnum;

/// How a report is rendered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table for a terminal.
    #[default]
    Human,
    /// JSON for programs.
    Json,
    /// Markdown, for a comment in a pull request.
    Markdown,
}

/// Renders a report. `colours` matters to [`Format::Human`] only.
#[must_use]
pub fn render(report: &Report, format: Format, colours: bool) -> String {
    match format {
        Format::Human => terminal::render(report, colours),
        Format::Json => json::render(report),
        Format::Markdown => markdown::render(report),
    }
}

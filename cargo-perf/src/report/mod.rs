//! What people and programs are shown: one model, rendered in several ways with the same numbers in each.
//!
//! Nothing here judges or measures: everything shown stands in a record or in a comparison of records.

mod about;
mod accepts;
mod advice;
mod budget;
mod calibration;
mod chaos;
mod check;
mod diagnosis;
#[cfg(test)]
pub(crate) mod fixture;
pub(crate) mod github;
mod growth;
mod headline;
pub mod html;

mod json;
mod junit;
pub mod limits;
mod listing;
mod markdown;
mod method;
mod model;
mod noted;
mod openmetrics;
mod order;
mod printable;
mod quantity;
mod ranking;
mod rendering;
mod scaling;
mod shell;
mod steps;
mod swept;
mod table;
mod terminal;
#[cfg(test)]
mod tests;
mod threaded;
mod trace;
mod traffic;
mod trail;
mod trends;

pub use about::{About, Range, Source};
pub use accepts::{Accepted, accepted, accepts};
pub use calibration::{Calibrated, Calibration};
pub use chaos::{ChaosReport, ChaosRow};
pub use check::{CheckReport, SystemHealth};
pub use diagnosis::Diagnosis;
pub use growth::law as growth_in_words;
pub(crate) use headline::headline;
pub use json::failure;
pub use limits::{LimitRow, LimitsReport, limits};
pub use listing::{Listed, listing};
pub(crate) use markdown::code;
pub use method::{Examined, Method};
pub use model::{Command, Figure, Report, Row, launch_medians};
pub use noted::{ListedNote, noted_sentences, notes_listing};
pub use printable::{printable, printable_lines};
pub use quantity::{amount, percent_change, quantity, rate};
pub use rendering::{Output, Rendering, render};
pub use shell::quoted;
pub use trends::{TrendReport, View, left_out};

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
    /// Columns, where that is known: then sentences are wrapped, and names shortened, too.
    pub width: Option<usize>,
    /// Whether only what matters is told: what changed or stands against a change, and the verdict.
    pub quiet: bool,
}

/// The JSON Schema of what [`Rendering::Json`] gives.
#[must_use]
pub const fn schema() -> &'static str {
    include_str!("schema.json")
}

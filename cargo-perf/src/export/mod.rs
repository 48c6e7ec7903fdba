//! What is known of runs, for other programs: as CSV and as JSON, one benchmark after the other.
//!
//! ```text
//!  index ──▶ Entry: a benchmark in a run ──Names──▶ ──▶ Table (CSV) or Document (JSON) ──▶ any writer
//! ```
//!
//! An entry says what was seen and nothing that is thought of it. What is not known is an empty cell or `null`, never a zero. Entries
//! are written as they come, so that no history is too long. Nothing here reads a file or prints.

mod cell;
mod compat;
mod document;
mod entry;
#[cfg(test)]
mod fixture;
mod names;
mod rows;
mod spread;
mod table;
#[cfg(test)]
mod tests;

pub use document::{Document, Head};
pub use entry::{Entry, Status};
pub use names::Names;
pub use spread::Spread;
pub use table::{Columns, Table};

/// The JSON Schema of what `cargo perf export json` gives.
#[must_use]
pub const fn schema() -> &'static str {
    include_str!("schema.json")
}

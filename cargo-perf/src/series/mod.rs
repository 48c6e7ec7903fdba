//! Series: what one metric of one benchmark came to along a line of commits.
//!
//! ```text
//!  records ──Run::of──▶ runs ──Line::place──▶ where each belongs ──Assembly──▶ Series of Points, cut into stretches by Marks
//! ```
//!
//! A series is of one benchmark, metric, machine class and build; what differs in one of them is another series. Within it
//! a change of the definition or the compiler is a [`Mark`], and no level, slope or change point goes across one. Points
//! stand in the order of git, along first parents: what is of another branch is counted and left out, never mixed in.
//! Nothing here reads a file or git, and nothing is judged.

mod assemble;
#[cfg(test)]
pub(crate) mod fixture;
mod line;
mod model;
mod noted;
mod run;
mod text;

pub use assemble::{Assembled, Assembly, of_runs};
pub use line::{Line, LineCommit, Nowhere, Order, Place, Placing};
pub use model::{
    Bracket, Failed, Figure, LeftOut, Mark, MarkKind, Point, PointCommit, Series, SeriesKey,
};
pub use noted::{Noted, noted};
pub use run::{LEVEL, Run, RunHeader, Seen, build_digest};
pub use text::Text;

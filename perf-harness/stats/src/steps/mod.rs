//! Where a series of runs changes its level: change points, with how sure, how large, and where they can be.
//!
//! ```text
//!  series ──intervals──▶ dyadic intervals, half overlapping ──scores──▶ the best split of each, and its p-value
//!         ──change_points──▶ the narrowest significant first ──▶ moved to the best place between neighbours ──▶ tested again there
//! ```
//!
//! Only ranks decide, so two speeds, wild values and any other noise that comes in no order do not make a change point more
//! often than the level says.

mod find;
mod judge;
mod rule;
mod scores;

pub use find::change_points;
pub use rule::{ChangePoint, ChangeRule, Steps};

//! Which runs are kept when old ones are thinned: what a rule says, and what is never given up. Pure.
//!
//! Runs are thinned benchmark by benchmark, among those that may be set beside each other: of one machine class, build and branch.
//! A run goes only if no benchmark needs it; so a run of a part of the suite takes no point from the rest.

mod rule;
mod thin;

pub use rule::{Keep, KeepError, Many, Rule};
pub use thin::{NEIGHBOURS, nearest, neighbours, thinned};

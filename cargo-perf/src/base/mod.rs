//! The base: the baseline's commit, built here and now, to be measured beside this code.
//!
//! Its files are written to `.perf/bases/<key>/`, not to a git worktree, for a worktree is registered in `.git` and stays so
//! when the process that made it is killed. They are kept by their content, with what cargo built of them, so asking again
//! costs no more than cargo takes to see that nothing changed. Both sides are built by the same cargo call but for the
//! manifest and the target folder; what else could tell them apart is seen to here:
//!
//! - [`manifests`]: workspaces and paths, which change their meaning with the place;
//! - [`configuration`]: `.cargo/config.toml`, which cargo looks for around where it is called;
//! - [`wrapper`] and [`place`]: absolute paths, which get into the program;
//! - [`seed`]: dependencies, which are compiled once for both.
//!
//! Nothing here measures or judges.

mod configuration;
mod manifests;
mod overlay;
mod place;
mod prepare;
mod seed;
mod shelf;
mod wrapper;

pub use prepare::{Base, Harness, Request, build};
pub use wrapper::stand_in;

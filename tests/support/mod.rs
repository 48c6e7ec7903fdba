//! What the tests stand on: a real cargo package in a real git repository, and the real binary.

pub mod browser;
pub mod github;
pub mod made_up;
mod output;
pub mod process;
pub mod programs;
mod project;
pub mod record;
mod target;
pub mod workflow;

pub use github::GitHub;
pub use output::Output;
pub use project::{CALM, Project, SORT_IS_SLOWER};
pub use target::Target;

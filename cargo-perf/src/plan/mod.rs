//! From what was asked to what will be measured: the workspace, its bench targets, and the cases selected from them.

mod selection;
mod workspace;

pub use selection::{Selection, Wanted};
pub use workspace::{BenchPackage, BenchTarget, Member, Workspace};

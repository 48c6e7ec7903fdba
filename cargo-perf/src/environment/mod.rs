//! Where a run takes place: read once, a value from then on.

mod ci;
mod machine;
mod system;
mod toolchain;

pub use ci::Ci;
pub use machine::machine;
pub use system::{dependencies, governor, load_percent, memory_mib, virtualisation};
pub use toolchain::{Toolchain, ToolchainError, build_settings, toolchain};

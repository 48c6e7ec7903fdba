//! From the plan to the record: cargo builds, workers measure, what they saw is written down.

mod build;
mod cargo;
mod definition;
mod discover;
mod keeper;
mod link_order;
mod machine_code;
mod progress;
mod record;
mod relink;
mod sources;

pub use build::{Artefacts, BuildOptions, Built, LIBRARY_PATH, Unit, build, hash_of};
pub use discover::{Asked, Candidate, Discovered, ask, discover};
pub use keeper::keep_watch;
pub use machine_code::same_machine_code;
pub use progress::Reporter;
pub use record::{Surroundings, record};
pub use relink::{NoOrders, Relinking, Way, discard_heavy};
pub use sources::sources;

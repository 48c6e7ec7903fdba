//! From the plan to the record: cargo builds, workers measure, what they saw is written down.

mod build;
mod definition;
mod discover;
mod machine_code;
mod progress;
mod record;
mod sources;

pub use build::{Artefacts, BuildOptions, Built, LIBRARY_PATH, Unit, build, hash_of};
pub use discover::{Asked, Candidate, Discovered, ask, discover};
pub use machine_code::same_machine_code;
pub use progress::Reporter;
pub use record::{Surroundings, record};
pub use sources::sources;

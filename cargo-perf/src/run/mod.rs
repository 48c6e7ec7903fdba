//! From the plan to the record: cargo builds, workers measure, what they saw is written down.

mod build;
mod definition;
mod discover;
mod progress;
mod record;

pub use build::{BuildOptions, Built, LIBRARY_PATH, build, hash_of};
pub use discover::{Candidate, Discovered, discover};
pub use progress::Reporter;
pub use record::{Surroundings, record};

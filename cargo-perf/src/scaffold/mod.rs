//! What makes a crate ready to be measured: lines of manifests and of `.gitattributes`, and benchmarks to start from.
//!
//! Texts in, texts out: nothing here reads or writes a file. What is there already is left as it is, so that doing it again does
//! nothing.

mod attributes;
mod harness;
mod manifest;
mod plan;
mod templates;

pub use attributes::{RULE, keeps_records, with_rule};
pub use harness::{HarnessSource, NotASource};
pub use manifest::{Manifest, ManifestError};
pub use plan::{Change, Plan};
pub use templates::{Template, file_name_fault};

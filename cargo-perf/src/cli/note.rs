//! Notes on commits.

use std::path::PathBuf;

use clap::Args;

use crate::report::Format;

/// `note`.
#[derive(Clone, Debug, Args)]
pub struct NoteArgs {
    /// The commit: its id, or a branch, a tag, HEAD~3
    #[arg(value_name = "COMMIT", required_unless_present_any = ["list", "remove"])]
    pub commit: Option<String>,
    /// What is to be known of it
    #[arg(value_name = "TEXT", required_unless_present_any = ["list", "remove"])]
    pub text: Option<String>,
    /// Who writes it; nobody is named without
    #[arg(long, value_name = "NAME", conflicts_with_all = ["list", "remove"])]
    pub who: Option<String>,
    /// List the notes
    #[arg(long, conflicts_with_all = ["commit", "text", "remove"])]
    pub list: bool,
    /// With --list: those of a branch, tag or commit instead of the working tree
    #[arg(long = "ref", value_name = "REF", requires = "list")]
    pub reference: Option<String>,
    /// Remove the note whose id begins with these digits
    #[arg(long, value_name = "ID", conflicts_with_all = ["commit", "text"])]
    pub remove: Option<String>,
    /// The Cargo.toml to start from
    #[arg(long, value_name = "PATH")]
    pub manifest_path: Option<PathBuf>,
    /// How to show the list [default: human]
    #[arg(long, value_enum, env = "CARGO_PERF_FORMAT")]
    pub format: Option<Format>,
}

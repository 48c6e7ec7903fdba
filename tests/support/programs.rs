//! A folder of programs that are found before all others.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

#[derive(Clone)]
pub struct Programs(PathBuf);

impl Programs {
    /// In this folder, and none as yet.
    pub fn none(folder: PathBuf) -> Self {
        fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    /// In this folder, with `cargo perf` as if it were installed.
    pub fn with_cargo_perf(folder: PathBuf) -> Self {
        fs::create_dir_all(&folder).expect("a folder");
        let tool = folder.join("cargo-perf");
        if !tool.exists() {
            symlink(env!("CARGO_BIN_EXE_cargo-perf"), tool).expect("a link");
        }
        Self(folder)
    }

    /// Adds a script.
    pub fn add(&self, name: &str, script: &str) {
        let file = self.0.join(name);
        fs::write(&file, script).expect("a script");
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).expect("it can be changed");
    }

    /// What a program that was called left in a file beside itself.
    pub fn left(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The search path with them in front.
    #[expect(
        clippy::disallowed_methods,
        reason = "the rest of the path is the machine's: git, cargo and bash are found there"
    )]
    pub fn path(&self) -> String {
        let path = std::env::var("PATH").expect("there is a PATH");
        format!("{}:{path}", self.0.display())
    }
}
